"""The sparse form of an array of inputs."""

from __future__ import annotations

import numpy as np

from .compiling import helper, kernel
from .inputs import CODE_BITS, half_begin
from .simd import element, offset, pointer, put

# Slots in which to look for a number's byte; eight times as many as there can be numbers.
SLOTS = 2048


@kernel
def pack_numbers(rows, starts, indices, values):
    """Write column and value of every non-zero element, row after row.

    Half h of row e has its own from starts[2 e + h] on. Returns how many there are, or -1 where the
    arrays cannot take a row more.
    """
    at, places, into = pointer(starts), pointer(indices), pointer(values)
    k = np.intp(0)  # 0 would be a type of its own
    for e in range(rows.shape[0]):
        if k + rows.shape[1] > indices.size:
            return -1
        row = offset(pointer(rows), e * rows.shape[1])
        begin, k = k, _list_columns(row, rows.shape[1], e, at, places, k)
        for j in range(begin, k):
            put(into, j, element(row, element(places, j)))
    return k


@kernel
def pack_bytes(rows, starts, entries):
    """The same for bytes, each with its column in an entry (see `inputs.CodedInputs`)."""
    at, into = pointer(starts), pointer(entries)
    k = np.intp(0)  # 0 would be a type of its own
    for e in range(rows.shape[0]):
        if k + rows.shape[1] > entries.size:
            return -1
        row = offset(pointer(rows), e * rows.shape[1])
        begin, k = k, _list_columns(row, rows.shape[1], e, at, into, k)
        for j in range(begin, k):
            column = element(into, j)
            put(into, j, column << CODE_BITS | element(row, column))
    return k


@kernel
def pack_codes(rows, bits, starts, entries, table, keys, codes_of_keys):
    """The same for numbers that table[code] is written for; -1 also if codes are too few to do so.

    `bits` are the elements of `rows` as integers of their size, `keys` and `codes_of_keys` SLOTS
    zeros of that type and of bytes: they are not made here, as Numba would give an array of which
    only a pointer is used back at once. Also returns the table's length.
    """
    at, into = pointer(starts), pointer(entries)
    in_slots, codes_in_slots = pointer(keys), pointer(codes_of_keys)
    shift = 44 if bits.itemsize == 8 else 15  # to the highest bits of the fraction
    known = 0
    k = np.intp(0)  # 0 would be a type of its own
    for e in range(rows.shape[0]):
        if k + rows.shape[1] > entries.size:
            return -1, known
        row = offset(pointer(rows), e * rows.shape[1])
        row_bits = offset(pointer(bits), e * rows.shape[1])
        begin, k = k, _list_columns(row, rows.shape[1], e, at, into, k)
        for j in range(begin, k):
            column = element(into, j)
            key = element(row_bits, column)
            slot = (key ^ (key >> shift // 2) ^ (key >> shift)) & (SLOTS - 1)
            while element(in_slots, slot) != key:
                if element(in_slots, slot) == 0:
                    if known == table.size:
                        return -1, known
                    put(in_slots, slot, key)
                    put(codes_in_slots, slot, known)
                    table[known] = element(row, column)
                    known += 1
                else:
                    slot = (slot + 1) & (SLOTS - 1)
            put(into, j, column << CODE_BITS | element(codes_in_slots, slot))
    return k, known


@helper
def _list_columns(row, width, e, starts, places, k):
    """Write the columns of a row's non-zero elements to k and following; where they end.

    Without a branch on the element: each is written, and only non-zero ones move the place forward.
    """
    for half in range(2):
        for i in range(half_begin(width, half), half_begin(width, half + 1)):
            put(places, k, i)
            k += element(row, i) != 0
        put(starts, 2 * e + half + 1, k)
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
