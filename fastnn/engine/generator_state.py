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

_Memory = ctypes.c_char * _STATE.size


class GeneratorState:
    """The state of Python's generator as an array that the compiled shuffle advances.

    `getstate` makes an object of every word, which takes longer than an epoch on a few examples,
    and so does `setstate`. So the words are copied from the generator's memory and back, where they
    are known to lie. Only `give_back` changes a generator.

    Parameters
    ----------
    generator : module or random.Random
        Python's global generator, or one like it.
    """

    def __init__(self, generator: Any) -> None:
        self._generator, self._memory = generator, None
        owner: Any = getattr(generator.getstate, "__self__", None)
        self._owner = owner
        is_known = type(owner) is random.Random and _lies_as_expected()
        if is_known:
            self._version, self._gauss = owner.VERSION, owner.gauss_next
            self._memory = _memory_of(owner)
            self._copied = self._memory.raw
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

    def give_back(self) -> None:
        """Put the generator into the present state."""
        if self._memory is None:
            self._generator.setstate(self.as_python_has_it())
        else:
            last = len(self._bytes) - _WORD
            self._owner.gauss_next = self._gauss
            self._memory.raw = self._bytes[last:] + self._bytes[:last]


def _memory_of(generator: random.Random) -> Any:
    """The state in CPython's object: after its head the place, then the words.

    No other thread runs while its bytes are copied out of it or into it.
    """
    return _Memory.from_address(id(generator) + object.__basicsize__)


@functools.cache
def _lies_as_expected() -> bool:
    """Say whether this Python has the state where `_memory_of` says, to be read and written."""
    if random.Random.__basicsize__ < object.__basicsize__ + _STATE.size:
        return False
    generator, other = random.Random(1), random.Random(2)
    generator.random()  # which makes new words, and goes on to the next place
    *words, place = generator.getstate()[1]
    memory = _memory_of(generator)
    if memory.raw != _STATE.pack(place, *words):
        return False
    _memory_of(other).raw = memory.raw
    return other.getstate() == generator.getstate() and other.random() == generator.random()
