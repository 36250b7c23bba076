"""The sparse form of an array of inputs."""

from __future__ import annotations

import numpy as np

from .compiling import helper, kernel
from .inputs import half_begin

# Slots in which to look for a number's byte; four times as many as there can be numbers.
_SLOTS = 1024


@kernel
def pack_non_zeros(rows, starts, indices, values):
    """Write column and value of every non-zero element, row after row.

    Half h of row e has its own from starts[2 e + h] on. Returns how many there are, or -1 where the
    arrays cannot take a row more.
    """
    k = 0
    for e in range(rows.shape[0]):
        if k + rows.shape[1] > indices.size:
            return -1
        k = _list_columns(rows, e, starts, indices, k)
        for j in range(starts[2 * e], k):
            values[j] = rows[e, indices[j]]
    return k


@kernel
def pack_bytes(rows, bits, starts, indices, codes, table):
    """The same with bytes, which stand for table[byte]; -1 also if they are too few to do so.

    `bits` are the elements of `rows` as integers of their size.
    """
    keys = np.zeros(_SLOTS, bits.dtype)
    codes_of_keys = np.zeros(_SLOTS, np.uint8)
    shift = 44 if bits.itemsize == 8 else 15  # to the highest bits of the fraction
    known = 0
    k = 0
    for e in range(rows.shape[0]):
        if k + rows.shape[1] > indices.size:
            return -1
        k = _list_columns(rows, e, starts, indices, k)
        for j in range(starts[2 * e], k):
            key = bits[e, indices[j]]
            slot = (key ^ (key >> shift // 2) ^ (key >> shift)) & (_SLOTS - 1)
            while keys[slot] != key:
                if keys[slot] == 0:
                    if known == table.size:
                        return -1
                    keys[slot] = key
                    codes_of_keys[slot] = known
                    table[known] = rows[e, indices[j]]
                    known += 1
                else:
                    slot = (slot + 1) & (_SLOTS - 1)
            codes[j] = codes_of_keys[slot]
    return k


@helper
def _list_columns(rows, e, starts, indices, k):
    """Write the columns of a row's non-zero elements to k and following; where they end.

    Without a branch on the element: each is written, and only non-zero ones move the place forward.
    """
    for half in range(2):
        for i in range(half_begin(rows.shape[1], half), half_begin(rows.shape[1], half + 1)):
            indices[k] = i
            k += rows[e, i] != 0
        starts[2 * e + half + 1] = k
    return k


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
