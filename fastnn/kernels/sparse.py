"""The sparse form of an array of inputs."""

from __future__ import annotations

from .compiling import kernel
from .inputs import half_begin


@kernel
def count_non_zeros(rows, starts):
    """starts[2 e + h + 1] = the non-zero elements before the end of half h of row e."""
    total = 0
    width = rows.shape[1]
    for e in range(rows.shape[0]):
        for half in range(2):
            count = 0
            for i in range(half_begin(width, half), half_begin(width, half + 1)):
                count += rows[e, i] != 0
            total += count
            starts[2 * e + half + 1] = total


@kernel
def find_halves(starts, indices, width, halves):
    """The starts of rows and, between them, of their second halves, where indices ascend."""
    middle = half_begin(width, 1)
    for e in range(starts.size - 1):
        low, high = starts[e], starts[e + 1]
        while low < high:
            k = (low + high) // 2
            if indices[k] < middle:
                low = k + 1
            else:
                high = k
        halves[2 * e] = starts[e]
        halves[2 * e + 1] = low
    halves[-1] = starts[-1]


@kernel
def fill_non_zeros(rows, starts, indices, values):
    """Write column and value of every non-zero element, row after row, to where `starts` says.

    Without a branch on the element: each is written, and only non-zero ones move the place forward;
    the arrays have one element to spare.
    """
    for e in range(rows.shape[0]):
        k = starts[2 * e]
        for i in range(rows.shape[1]):
            indices[k] = i
            values[k] = rows[e, i]
            k += rows[e, i] != 0
