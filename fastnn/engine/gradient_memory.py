"""Memory for the gradients of single calls, which is used again once nobody has its arrays.

To make arrays and to tell a kernel of each takes a quarter of what one example takes. So the
weights' gradients of a network lie in one piece of memory, and the caller gets views of it. Every
view, and whatever is made of one without a copy, holds a reference to the piece. If only we hold
any, the next gradient may lie there. Scripts often keep the biases' gradients for longer; these are
new in each call.

A view keeps its whole piece. So there are two for each network; who keeps more gradients than that
gets copies.

What holds no reference cannot be seen: a bare address, or a weak reference to an array that has
been dropped. NumPy's own arrays promise nothing for these either.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate, pairwise
from operator import itemgetter
from sys import getrefcount
from typing import Any

import numpy as np
import numpy.typing as npt

from fastnn.kernels.layout import aligned_zeros
from fastnn.kernels.single_layers import LINE
from fastnn.model.description import Arrays

# A loop that assigns each gradient to the same name still has the last one while it asks for the
# next: so two pieces go in turn.
_PIECES = 2

# More than so many bytes are not kept with a network. To copy them would take as long as the rest;
# so only layers are copied that are much smaller than the average.
_MOST_BYTES, _MUCH_SMALLER = 4 << 20, 4

_view_of = itemgetter(...)


class Piece:
    """Memory for the gradients of all weights, those of each layer from a cache line on.

    Parameters
    ----------
    shapes : sequence of (int, int)
        Those of the weights, (fan_out, fan_in).
    dtype : numpy dtype
        The type of the numbers.
    copied : sequence of bool
        Which layers `arrays` copies.
    """

    def __init__(
        self, shapes: Sequence[tuple[int, int]], dtype: np.dtype[Any], copied: Sequence[bool]
    ) -> None:
        per_line = LINE // dtype.itemsize
        lengths = [-(-math.prod(shape) // per_line) * per_line for shape in shapes]
        self._numbers = aligned_zeros(sum(lengths), dtype)
        self.address = int(self._numbers.ctypes.data)
        self._layers = [
            self._numbers[start : start + math.prod(shape)].reshape(shape)
            for start, shape in zip(accumulate(lengths, initial=0), shapes, strict=False)
        ]
        self._copied = copied if any(copied) else None
        self.memory = self._numbers.base
        self.ours = getrefcount(self.memory)

    def arrays(self) -> Arrays:
        """Return what the kernel has written, an array for each layer."""
        if self._copied is None:
            return [*map(_view_of, self._layers)]
        pairs = zip(self._layers, self._copied, strict=True)
        return [layer.copy() if copied else layer for layer, copied in pairs]


class GradientMemory:
    """Memory for the gradients of a network.

    Parameters
    ----------
    shapes : sequence of (int, int)
        Those of its weights, (fan_out, fan_in).
    dtype : numpy dtype
        The type of its numbers.
    """

    def __init__(self, shapes: Sequence[tuple[int, int]], dtype: np.dtype[Any]) -> None:
        self._shapes, self._dtype = shapes, dtype
        self._pieces: list[Piece] = []
        self._copied: Piece | None = None
        ends = [*accumulate((out for out, _ in shapes), initial=0)]
        self._bias_shape = ends[-1], 1
        # With an empty part behind them, without which one layer's part would come in no tuple.
        self.biases_of = itemgetter(*(slice(*part) for part in pairwise([*ends, ends[-1]])))

    def take(self) -> tuple[Piece, npt.NDArray[Any]]:
        """Return memory for the gradients of all weights, and of all biases."""
        biases = np.empty(self._bias_shape, self._dtype)
        for piece in self._pieces:
            if getrefcount(piece.memory) == piece.ours:
                return piece, biases
        return self._another(), biases

    def _another(self) -> Piece:
        sizes = [math.prod(shape) for shape in self._shapes]
        average = sum(sizes) / len(sizes)
        if sum(sizes) * self._dtype.itemsize > _MOST_BYTES:
            return self._new([_MUCH_SMALLER * size < average for size in sizes])
        if len(self._pieces) < _PIECES:
            self._pieces.append(self._new([False] * len(sizes)))
            return self._pieces[-1]
        if self._copied is None:
            self._copied = self._new([True] * len(sizes))
        return self._copied

    def _new(self, copied: Sequence[bool]) -> Piece:
        return Piece(self._shapes, self._dtype, copied)
