"""Inputs as they are stored: sparse rows, or dense rows of any number type.

The pixels of MNIST are exactly zero in 81 % of the cases. Sparse forms list the others, first those
in the first half of an example's inputs and then the rest, so that either half can be worked on
alone (see `first_layer`).

Bytes stand for numbers through a table of 256 entries: a quarter of the memory of float32.
"""

from __future__ import annotations

from collections import namedtuple

import numpy as np
from numba import types

from .compiling import helper, implements, inlined
from .simd import element, item_size, offset, opaque, pointer, prefetch, put, splat_at

# Example e has its non-zero inputs at starts[2 e] : starts[2 e + 2] of `indices` (which input,
# ascending) and `values` (how large, floating-point), those of the second half from
# starts[2 e + 1] on.
SparseInputs = namedtuple("SparseInputs", "starts indices values width")

# The same in one array of 16 bits for each: entry = gap << CODE_BITS | code says how many inputs
# after the one before it an input is (the first one of a half: after the half's beginning), and
# that it is table[code]. A larger gap is bridged by entries of code 0, which stands for zero. There
# is a load less for each number, and loads are what limits the products with weights in L1.
CodedInputs = namedtuple("CodedInputs", "starts entries width table")
CODE_BITS = 8
CODES = 1 << CODE_BITS
LARGEST_GAP = 255

# `by_example` is one of the sparse forms above. The rest lists the same inputs a second time, for
# blocks of `block_size` examples of an order, by pairs of inputs side by side in one half. Number k
# of the list of a pair says, in `members`, which example of the block has at least one of the two
# inputs not zero; values[2 k] and values[2 k + 1] are both inputs, or bytes that stand for
# table[value]. With P pairs in all, pair p of block b has numbers starts[b P + p] to
# starts[b P + p + 1].
TwoWayInputs = namedtuple("TwoWayInputs", "by_example starts members values table block_size")

# So many bytes of examples stay in the second cache while others are worked on.
MOST_NEAR = 1 << 19

# Which halves of the inputs, from `begin` to before `end`: 0:2, 0:1 or 1:2.
Halves = namedtuple("Halves", "begin end")

# Example e is values[e * width : (e + 1) * width], floating-point numbers, or bytes that stand for
# table[value].
DenseInputs = namedtuple("DenseInputs", "values width table")


def class_of(inputs):
    """Which of the forms above inputs, or their Numba type, have."""
    return getattr(inputs, "instance_class", type(inputs))


def is_dense(inputs):
    """Whether inputs, or their Numba type, are dense."""
    return class_of(inputs) is DenseInputs


def _is_coded(inputs):
    return class_of(inputs) is CodedInputs


def _row_behind(inputs, k, panel, row, lanes):
    # If LLVM saw through this, every load and store would add the gap once more.
    return opaque(offset(row, (element(inputs.entries, k) >> CODE_BITS) * lanes))


def _row_listed(inputs, k, panel, row, lanes):
    return offset(panel, element(inputs.indices, k) * lanes)


def next_row(inputs, k, panel, row, lanes):
    """The address, in a panel of weights, of the row for number k of a sparse form.

    `row` is the address for number k - 1. Where k is the first of a half, it is that of the row for
    the half's first input.
    """
    return (_row_behind if _is_coded(inputs) else _row_listed)(inputs, k, panel, row, lanes)


@implements(next_row, forceinline=True)
def _next_row_overload(inputs, k, panel, row, lanes):
    return _row_behind if _is_coded(inputs) else _row_listed


def _splat_coded(like, inputs, k):
    return splat_at(like, inputs.table, element(inputs.entries, k) & (CODES - 1))


def _splat_number(like, inputs, k):
    return splat_at(like, inputs.values, k)


def splat_of(like, inputs, k):
    """A vector like `like` with the number k of a sparse form in every lane."""
    return (_splat_coded if _is_coded(inputs) else _splat_number)(like, inputs, k)


@implements(splat_of, forceinline=True)
def _splat_of_overload(like, inputs, k):
    return _splat_coded if _is_coded(inputs) else _splat_number


def _copy_bytes(source, table, count, into):
    for i in range(count):
        put(into, i, element(table, element(source, i)))


def _copy_numbers(source, table, count, into):
    for i in range(count):
        put(into, i, element(source, i))


def copy_values(source, table, count, into):
    """into[:count] = the first stored values at `source` of a dense form."""
    form = _copy_bytes if source.dtype == np.uint8 else _copy_numbers
    form(source, table, count, into)


@implements(copy_values)
def _copy_values_overload(source, table, count, into):
    return _copy_bytes if source.dtype == types.uint8 else _copy_numbers


def _bare_sparse(inputs):
    at = pointer(inputs.starts), pointer(inputs.indices), pointer(inputs.values)
    return SparseInputs(at[0], at[1], at[2], inputs.width)


def _bare_coded(inputs):
    starts, entries, table = inputs.starts, inputs.entries, inputs.table
    return CodedInputs(pointer(starts), pointer(entries), inputs.width, pointer(table))


def _bare_dense(inputs):
    return DenseInputs(pointer(inputs.values), inputs.width, pointer(inputs.table))


def _bare_two_way(inputs):
    starts, members, values = inputs.starts, inputs.members, inputs.values
    at = pointer(starts), pointer(members), pointer(values), pointer(inputs.table)
    listed = bare_inputs(inputs.by_example)
    return TwoWayInputs(listed, at[0], at[1], at[2], at[3], inputs.block_size)


_BARE = {
    SparseInputs: _bare_sparse,
    CodedInputs: _bare_coded,
    DenseInputs: _bare_dense,
    TwoWayInputs: _bare_two_way,
}


def bare_inputs(inputs):
    """The same inputs with pointers for arrays."""
    return _BARE[class_of(inputs)](inputs)


@implements(bare_inputs)
def _bare_inputs_overload(inputs):
    return _BARE[class_of(inputs)]


@inlined
def half_begin(inputs, half):
    """Where half 0 or 1 of this many inputs begins; for 2, where they all end."""
    return inputs if half == 2 else half * (inputs // 2)


@inlined
def range_of(inputs, example, halves):
    """Where a sparse form lists the inputs in these halves of an example."""
    begin = element(inputs.starts, 2 * example + halves.begin)
    end = element(inputs.starts, 2 * example + halves.end)
    return np.intp(begin), np.intp(end)  # whatever type the starts have


@helper
def _prefetch_range(array, start, end):
    for k in range(start, end, 64 // item_size(array)):
        prefetch(array, k)


def _prefetch_coded(inputs, start, end):
    _prefetch_range(inputs.entries, start, end)


def _prefetch_both(inputs, start, end):
    _prefetch_range(inputs.indices, start, end)
    _prefetch_range(inputs.values, start, end)


def _prefetch_listed(inputs, start, end):
    (_prefetch_coded if _is_coded(inputs) else _prefetch_both)(inputs, start, end)


@implements(_prefetch_listed)
def _prefetch_listed_overload(inputs, start, end):
    return _prefetch_coded if _is_coded(inputs) else _prefetch_both


@helper
def prefetch_sparse(inputs, order, place, examples, halves):
    """Ask for the cache lines of the example at a place of the order, if there is one.

    The next mini-batch's lines are asked for one by one while this one is worked on; all at once
    they would have to queue. The starts, on which a loop's end depends, are asked for a block
    earlier still.
    """
    if place + examples < order.size:
        prefetch(inputs.starts, 2 * element(order.at, place + examples))
    if place < order.size:
        start, end = range_of(inputs, element(order.at, place), halves)
        _prefetch_listed(inputs, start, end)


@inlined
def is_near(inputs, count):
    """Whether so many dense inputs stay in the second cache until their turn comes."""
    return count * item_size(inputs.values) <= MOST_NEAR


@helper
def prefetch_dense(inputs, order, place, begin, end):
    """The same for a dense example, its inputs from `begin` to before `end`."""
    if place < order.size:
        start = element(order.at, place) * inputs.width
        _prefetch_range(inputs.values, start + begin, start + end)
