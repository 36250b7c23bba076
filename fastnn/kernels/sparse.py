"""The sparse form of an array of inputs."""

from __future__ import annotations

from .compiling import kernel


@kernel
def count_non_zeros(rows, starts):
    """starts[e + 1] = the non-zero elements in rows 0 to e."""
    total = 0
    for e in range(rows.shape[0]):
        count = 0
        for i in range(rows.shape[1]):
            count += rows[e, i] != 0
        total += count
        starts[e + 1] = total


@kernel
def fill_non_zeros(rows, starts, indices, values):
    """Write column and value of every non-zero element, row after row, to where `starts` says.

    Without a branch on the element: each is written, and only non-zero ones move the place forward;
    the arrays have one element to spare.
    """
    for e in range(rows.shape[0]):
        k = starts[e]
        for i in range(rows.shape[1]):
            indices[k] = i
            values[k] = rows[e, i]
            k += rows[e, i] != 0
