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

_PATIENCE = 100  # so often memory that others have is passed over before new memory takes its place

_view = np.ndarray.view


class GradientMemory:
    """Arrays for the gradient of networks of one shape and type.

    Parameters
    ----------
    work : Work
        Of one of these networks.

    Attributes
    ----------
    shapes, dtype
        Those of weights, then biases, and their type.
    owners, counts : list
        The arrays whose memory it is, and how many references to each are from here.
    places : ndarray of int64
        Where weights and biases are, as the kernels ask.
    passed_over : int
        How often a call could not use it.
    """

    def __init__(self, work: Work) -> None:
        self.shapes, self.dtype, self.passed_over = work.all_shapes, work.dtype, 0
        arrays = [
            aligned_zeros(rows * columns, work.dtype).reshape(rows, columns)
            for rows, columns in work.all_shapes
        ]
        layers = len(work.shapes)
        self._weights, self._biases = arrays[:layers], arrays[layers:]
        # A view of an array that is a view itself refers to the array whose memory it is.
        self.owners = [array.base for array in arrays]
        self.places = np.zeros((layers, PLACES), np.int64)
        tell_places(self.places, self._weights, self._biases)
        self.counts = [*map(getrefcount, self.owners)]

    def hand_out(self) -> tuple[Arrays, Arrays]:
        """Return new views of the arrays, dC/db and dC/dw, and keep the memory."""
        gradient = [*map(_view, self._biases)], [*map(_view, self._weights)]
        _KEPT.append(self)
        return gradient


# A call takes one out and `hand_out` puts it back, so calls in several threads never share one.
_KEPT: deque[GradientMemory | None] = deque([None, None], maxlen=2)


def memory_for(work: Work) -> GradientMemory | None:
    """Take out memory for a gradient, or None where it is better made for this call alone."""
    try:
        memory = _KEPT.popleft()
    except IndexError:  # other threads have both, or a call ended in an error
        memory = None
    if (
        memory is not None
        and [*map(getrefcount, memory.owners)] == memory.counts
        and memory.dtype is work.dtype
        and (memory.shapes is work.all_shapes or memory.shapes == work.all_shapes)
    ):
        return memory
    if work.gradient_bytes <= MOST and (memory is None or memory.passed_over >= _PATIENCE):
        return GradientMemory(work)
    if memory is not None:
        memory.passed_over += 1
    _KEPT.append(memory)
    return None
