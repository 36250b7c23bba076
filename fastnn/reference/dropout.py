"""Which hidden neurons a training step leaves out (the book's chapter 3; Srivastava et al. 2014).

A hash of a neuron's place and of the state of `random` at the start of the epoch decides whether
the neuron is kept. No random number is drawn, so masks depend neither on the order in which neurons
are computed nor on the number of threads.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence
from typing import Any

import numpy as np

from .activations import Array

Key = tuple[int, int]

_WORD = 2**32
_GOLDEN = 0x9E3779B9  # 2^32 / the golden ratio: keeps the layers' keys apart


class Dropout:
    """The masks of one training run.

    Parameters
    ----------
    dropout : float or sequence of float
        The fraction of neurons to drop, one number for all hidden layers or one for each.
    widths : sequence of int
        Neurons of each hidden layer.

    Raises
    ------
    ValueError
        Unless each hidden layer has a number of at least 0 and less than 1.
    """

    def __init__(self, dropout: float | Sequence[float], widths: Sequence[int]) -> None:
        self.widths = widths
        self.rates = list(dropout) if isinstance(dropout, Sequence) else [dropout] * len(widths)
        self.drops = any(self.rates)
        self.key: Key = (0, 0)
        if len(self.rates) != len(widths) or not all(0.0 <= p < 1.0 for p in self.rates):
            raise ValueError(
                "dropout must be one number for each hidden layer, at least 0 and less than 1, "
                f"got {dropout!r}"
            )

    def begin_epoch(self, state: tuple[Any, ...], epoch: int) -> None:
        """Set the key of the coming epoch's masks; parameters as in `epoch_key`."""
        if self.drops:
            self.key = epoch_key(state, epoch)

    def masks(self, position: int) -> list[Array] | None:
        """Return the masks of an example, or None if nothing is dropped; see `masks` below."""
        return masks(self.key, position, self.widths, self.rates) if self.drops else None


def epoch_key(state: tuple[Any, ...], epoch: int) -> Key:
    """Return the two 32-bit words from which all masks of an epoch are made.

    Parameters
    ----------
    state : tuple
        `random.getstate()` from before the epoch's shuffle.
    epoch : int
        The epoch's number in the run, from 0. It tells epochs apart if nothing shuffles, since the
        state then stays the same.
    """
    words = struct.pack("<625I", *state[1]) + struct.pack("<Q", epoch)
    k0, k1 = struct.unpack("<2I", hashlib.sha256(words).digest()[:8])
    return k0, k1


def masks(key: Key, position: int, widths: Sequence[int], rates: Sequence[float]) -> list[Array]:
    """Return the factors on the outputs of the hidden layers for one example.

    Parameters
    ----------
    key : Key
        The key of the epoch.
    position : int
        The place of the example in the epoch's order, from 0.
    widths : sequence of int
        Neurons of each hidden layer.
    rates : sequence of float
        The fraction of them to drop, layer by layer.

    Returns
    -------
    list of ndarray, shapes (width, 1)
        0 for a dropped neuron, and 1 / (1 - rate) for one that is kept, so that on average sums
        are as large as without dropout.
    """
    factors = []
    for layer, (width, p) in enumerate(zip(widths, rates, strict=True)):
        neurons = np.arange(width, dtype=np.uint64).reshape(-1, 1)
        factors.append(kept(key, layer, position, neurons, width, p) / (1.0 - p))
    return factors


def kept(key: Key, layer: int, position: int, j: Any, width: int, rate: float) -> Any:
    """Return whether neuron `j` of hidden layer `layer`, both counted from 0, is kept.

    For an array of neurons, of uint64, an array says so of each.
    """
    k0, k1 = key
    counter = (position * width + j) % _WORD
    h = mix(counter ^ k0)
    h = mix((h + k1 + layer * _GOLDEN) % _WORD)
    return h >= round(rate * _WORD)


def mix(h: Any) -> Any:
    """Return 32 bits that depend on all 32 bits of `h`: the finaliser of MurmurHash3."""
    h = (h ^ h >> 16) * 0x85EBCA6B % _WORD
    h = (h ^ h >> 13) * 0xC2B2AE35 % _WORD
    return h ^ h >> 16
