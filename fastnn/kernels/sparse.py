"""The sparse form of an array of inputs."""

from __future__ import annotations

from .compiling import ZERO, helper, inlined, kernel
from .inputs import CODE_BITS, LARGEST_GAP, half_begin
from .simd import element, offset, pointer, put

# Slots in which to look for a number's byte; eight times as many as there can be numbers.
SLOTS = 2048


@kernel
def pack_numbers(rows, starts, indices, values):
    """Write column and value of every non-zero element, row after row.

    Half h of row e has its own from starts[2 e + h] on. Returns how many there are, or -1 where the
    arrays cannot take a row more.
    """
    width = rows.shape[1]
    places, into = pointer(indices), pointer(values)
    k = ZERO
    for e in range(rows.shape[0]):
        if k + width > indices.size:
            return -1
        row = offset(pointer(rows), e * width)
        begin = k
        for half in range(2):
            k = _list_columns(row, half_begin(width, half), half_begin(width, half + 1), places, k)
            starts[2 * e + half + 1] = k
        for j in range(begin, k):
            put(into, j, element(row, element(places, j)))
    return k


@kernel
def pack_bytes(rows, starts, entries, columns):
    """The same for bytes, each in an entry (see `inputs.CodedInputs`); returns their number.

    `columns` is room for the columns of a row, int64. It is not made here, because Numba frees an
    array at once if only a pointer to it is used.
    """
    width = rows.shape[1]
    listed, into = pointer(columns), pointer(entries)
    k = ZERO
    for e in range(rows.shape[0]):
        if k + width > entries.size:
            return -1
        row = offset(pointer(rows), e * width)
        for half in range(2):
            last = half_begin(width, half)
            for j in range(_list_columns(row, last, half_begin(width, half + 1), listed, ZERO)):
                column = element(listed, j)
                k = _put_entry(into, k, column - last, element(row, column))
                last = column
            starts[2 * e + half + 1] = k
    return k


@kernel
def pack_codes(rows, bits, starts, entries, columns, table, keys, codes_of_keys):
    """The same for numbers that table[code] is written for; -1 also if codes are too few to do so.

    `bits` are the elements of `rows` as integers of their size, `keys` and `codes_of_keys` SLOTS
    zeros of that type and of bytes. Code 0 stands for zero. Also returns the table's length.
    """
    width = rows.shape[1]
    listed, into = pointer(columns), pointer(entries)
    in_slots, codes_in_slots = pointer(keys), pointer(codes_of_keys)
    shift = 44 if bits.itemsize == 8 else 15  # to the highest bits of the fraction
    table[0] = 0.0
    known = 1
    k = ZERO
    for e in range(rows.shape[0]):
        if k + width > entries.size:
            return -1, known
        row, row_bits = offset(pointer(rows), e * width), offset(pointer(bits), e * width)
        for half in range(2):
            last = half_begin(width, half)
            for j in range(_list_columns(row, last, half_begin(width, half + 1), listed, ZERO)):
                column = element(listed, j)
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
                k = _put_entry(into, k, column - last, element(codes_in_slots, slot))
                last = column
            starts[2 * e + half + 1] = k
    return k, known


@helper
def _list_columns(row, begin, end, places, k):
    """Write the columns of non-zero elements, from begin to before end, to k and following.

    Return where they end. There is no branch on the element: each column is written, and only
    non-zero elements move the place forward.
    """
    for i in range(begin, end):
        put(places, k, i)
        k += element(row, i) != 0
    return k


@inlined
def _put_entry(into, k, gap, code):
    """Write an entry to k, after those that bridge a large gap; return where it ends."""
    while gap > LARGEST_GAP:
        put(into, k, LARGEST_GAP << CODE_BITS)
        gap -= LARGEST_GAP
        k += 1
    put(into, k, gap << CODE_BITS | code)
    return k + 1


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
