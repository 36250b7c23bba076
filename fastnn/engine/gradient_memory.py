"""Memory for the gradients of single examples, used again once nobody has them.

To make four arrays and to find out where they are takes a quarter of a call of `backprop`. So those
of the last two gradients are kept, and a call hands out new views of them if nothing refers to
their memory but what is kept here. Two, because a script still has a gradient while it asks for the
next one. Each array has memory of its own, so who keeps one layer's gradient keeps no other's.
"""

from __future__ import annotations

from collections import deque
from sys import getrefcount

import numpy as np

from fastnn.engine.single_work import Work, tell_places
from fastnn.kernels.layout import aligned_zeros
from fastnn.kernels.single_layers import PLACES
from fastnn.model.description import Arrays

MOST = 1 << 20
"""The most bytes that are kept of one gradient. For more, a call takes long in any case."""

_PATIENCE = 100  # so often may memory that others have be passed over before there is new one

_view = np.ndarray.view


class GradientMemory:
    """Arrays for the gradient of networks of one shape and type.

    Parameters
    ----------
    work : Work
        Of one of these networks.

    Attributes
    ----------
    places : ndarray of int64
        Where the arrays are, as the kernels ask.
    """

    # Counts of references tell who has the arrays, so nothing but `_owners` may hold them.
    __slots__ = (
        "_biases",
        "_counts",
        "_dtype",
        "_owners",
        "_passed",
        "_shapes",
        "_weights",
        "places",
    )

    def __init__(self, work: Work) -> None:
        self._shapes, self._dtype, self._passed = work.all_shapes, work.dtype, 0
        arrays = [
            aligned_zeros(rows * columns, work.dtype).reshape(rows, columns)
            for rows, columns in work.all_shapes
        ]
        layers = len(work.shapes)
        self._weights, self._biases = arrays[:layers], arrays[layers:]
        # A view of an array that is a view itself refers to the array whose memory it is.
        self._owners = [array.base for array in arrays]
        self.places = np.zeros((layers, PLACES), np.int64)
        tell_places(self.places, self._weights, self._biases)
        self._counts = [*map(getrefcount, self._owners)]

    def is_for(self, work: Work) -> bool:
        """Say whether the arrays are as a network needs them, and nobody has any of them."""
        return (
            (self._shapes is work.all_shapes or self._shapes == work.all_shapes)
            and self._dtype is work.dtype
            and [*map(getrefcount, self._owners)] == self._counts
        )

    def is_passed_over(self) -> bool:
        """Note that others have the arrays, or need others; say whether that is so for long."""
        self._passed += 1
        return self._passed > _PATIENCE

    def views(self) -> tuple[Arrays, Arrays]:
        """Return new views of the arrays, dC/db and dC/dw, as a caller may have them."""
        return [*map(_view, self._biases)], [*map(_view, self._weights)]


# A call takes one out and puts it back, so that calls in several threads never share one.
_KEPT: deque[GradientMemory | None] = deque([None, None], maxlen=2)


def memory_for(work: Work) -> GradientMemory | None:
    """Take out memory for a gradient, or None where it is better made for this call alone."""
    try:
        memory = _KEPT.popleft()
    except IndexError:  # other threads have both
        return None
    if memory is not None and memory.is_for(work):
        return memory
    if work.gradient_bytes <= MOST and (memory is None or memory.is_passed_over()):
        return GradientMemory(work)
    _KEPT.append(memory)
    return None


def put_back(memory: GradientMemory) -> None:
    """Keep what `memory_for` took out, or other memory in its place."""
    _KEPT.append(memory)
