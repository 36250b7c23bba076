"""What an epoch draws from Python's generator: the order of its examples, and dropout's keys."""

from __future__ import annotations

import hashlib
import struct
from typing import Any

import numpy as np
import numpy.typing as npt

from fastnn.engine.generator_state import GeneratorState
from fastnn.kernels.shuffle import shuffle

# Python shuffles a list of at most this length in less time than the generator's state is read in.
_FEW = 50


def shuffle_order(order: npt.NDArray[np.integer[Any]], generator: Any) -> None:
    """Shuffle an order as `generator.shuffle` would a list of it.

    Parameters
    ----------
    order : ndarray of integers
        It is changed in place.
    generator : module or random.Random
        Python's global generator, or one like it.
    """
    if len(order) <= _FEW:
        places = order.tolist()
        generator.shuffle(places)
        order[:] = places
    else:
        state = GeneratorState(generator)
        shuffle(order, state.words)
        state.give_back()


def dropout_keys(generator: Any, epoch: int) -> tuple[int, int]:
    """Make the keys of an epoch's dropout from the generator's state, which stays the same.

    Parameters
    ----------
    generator : module or random.Random
        Python's global generator, or one like it.
    epoch : int
        Its number: the state is the same in each where nothing is shuffled.

    Returns
    -------
    tuple of two int
        Of 32 bits each.
    """
    words = generator.getstate()[1]
    content = struct.pack(f"<{len(words)}I", *words) + struct.pack("<Q", epoch)
    first, second = struct.unpack("<2I", hashlib.sha256(content).digest()[:8])
    return first, second
