"""The state of Python's generator in the form that the compiled shuffle takes."""

from __future__ import annotations

import ctypes
import functools
import random
import struct
from typing import Any

import numpy as np

# 624 words and a place in them. Packed into bytes, they become an array three times as fast as when
# NumPy converts them.
_STATE = struct.Struct("=625I")
_WORD = 4


class GeneratorState:
    """The state of Python's generator as an array that the compiled shuffle advances.

    `getstate` makes an object of every word, which takes longer than an epoch on a few examples. So
    the words are copied from the generator's memory, where they are known to lie. Only `setstate`
    changes a generator.

    Parameters
    ----------
    generator : module or random.Random
        Python's global generator, or one like it.
    """

    def __init__(self, generator: Any) -> None:
        owner = getattr(generator.getstate, "__self__", None)
        if type(owner) is random.Random and _lies_as_expected():
            attributes: Any = owner
            self._version, self._gauss = attributes.VERSION, attributes.gauss_next
            self._copied = _memory_of(owner)
        else:
            self._version, words, self._gauss = generator.getstate()
            self._copied = _STATE.pack(words[-1], *words[:-1])

    @functools.cached_property
    def _bytes(self) -> bytearray:
        return bytearray(self._copied[_WORD:] + self._copied[:_WORD])

    @functools.cached_property
    def words(self) -> Any:
        """The words and the place in them: uint32 of shape (625,), which may be changed."""
        return np.frombuffer(self._bytes, np.uint32)

    def as_python_has_it(self, words: bytes | None = None) -> Any:
        """Return the present state, or that of a copy of `words`, as `random.setstate` takes it."""
        return self._version, _STATE.unpack(words or self._bytes), self._gauss


def _memory_of(generator: random.Random) -> bytes:
    """Copy the state out of CPython's object: after its head the place, then the words."""
    return ctypes.string_at(id(generator) + object.__basicsize__, _STATE.size)


@functools.cache
def _lies_as_expected() -> bool:
    """Say whether this Python has the state where `_memory_of` reads it."""
    if random.Random.__basicsize__ < object.__basicsize__ + _STATE.size:
        return False
    generator = random.Random(1)
    generator.random()  # which makes new words, and goes on to the next place
    *words, place = generator.getstate()[1]
    return _memory_of(generator) == _STATE.pack(place, *words)
