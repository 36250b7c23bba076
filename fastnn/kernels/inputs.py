"""The first layer, on inputs as they are stored: sparse rows, or dense rows of any number type.

The inputs of MNIST are exactly zero in 81 % of the pixels. In the sparse form an example costs one
fused multiply-add of a row of weights per non-zero input, forward and in the update. Zeros
contribute exact zeros, so sparse and dense forms give the same bits.

The sum over the inputs is that over their first half plus that over the rest. So two threads can
have a half each, and one alone has two chains of additions that it can work on side by side.

Bytes stand for numbers through a table of 256 entries: a quarter of the memory of float32.
"""

from __future__ import annotations

from collections import namedtuple

import numpy as np
from numba import types
from numba.extending import overload

from .compiling import helper, inlined
from .dense import WIDE, Panels, Rows, add_outer, product_of_rows
from .simd import (
    element,
    fma,
    item_size,
    lanes_of,
    load,
    offset,
    pointer,
    prefetch,
    put,
    splat_at,
    store,
    zeros,
)

# Example e has its non-zero inputs at starts[2 e] : starts[2 e + 2] of `indices` (which input,
# ascending) and `values` (how large), those of the second half from starts[2 e + 1] on. `values`
# are bytes that stand for table[value], or floating-point numbers.
SparseInputs = namedtuple("SparseInputs", "starts indices values width table")

# Which halves of the inputs, from `begin` to before `end`: 0:2, 0:1 or 1:2.
Halves = namedtuple("Halves", "begin end")

# Which examples there are, in what order: an array, or in compiled code a pointer, and its size.
Order = namedtuple("Order", "at size")

# Example e is values[e * width : (e + 1) * width], bytes or floating-point numbers as above.
DenseInputs = namedtuple("DenseInputs", "values width table")


def _splat_byte(like, values, k, table):
    return splat_at(like, table, element(values, k))


def _splat_number(like, values, k, table):
    return splat_at(like, values, k)


def _splat_value(like, values, k, table):
    """A vector with stored value k in every lane."""
    form = _splat_byte if values.dtype == np.uint8 else _splat_number
    return form(like, values, k, table)


@overload(_splat_value, jit_options={"forceinline": True})
def _splat_value_overload(like, values, k, table):
    return _splat_byte if values.dtype == types.uint8 else _splat_number


def _copy_bytes(source, table, count, into):
    for i in range(count):
        put(into, i, element(table, element(source, i)))


def _copy_numbers(source, table, count, into):
    for i in range(count):
        put(into, i, element(source, i))


def _copy_values(source, table, count, into):
    """into[:count] = the first stored values at `source`."""
    form = _copy_bytes if source.dtype == np.uint8 else _copy_numbers
    form(source, table, count, into)


@overload(_copy_values)
def _copy_values_overload(source, table, count, into):
    return _copy_bytes if source.dtype == types.uint8 else _copy_numbers


def _is_sparse(inputs):
    """Whether inputs, or their Numba type, are sparse."""
    return getattr(inputs, "instance_class", type(inputs)) is SparseInputs


def _bare_sparse(inputs):
    return SparseInputs(
        pointer(inputs.starts),
        pointer(inputs.indices),
        pointer(inputs.values),
        inputs.width,
        pointer(inputs.table),
    )


def _bare_dense(inputs):
    return DenseInputs(pointer(inputs.values), inputs.width, pointer(inputs.table))


def bare_inputs(inputs):
    """The same inputs with pointers for arrays."""
    return (_bare_sparse if _is_sparse(inputs) else _bare_dense)(inputs)


@overload(bare_inputs)
def _bare_inputs_overload(inputs):
    return _bare_sparse if _is_sparse(inputs) else _bare_dense


@inlined
def half_begin(inputs, half):
    """Where half 0 or 1 of so many inputs begins, and where 2 would: the end of them all."""
    return inputs if half == 2 else half * (inputs // 2)


@inlined
def _range_of(inputs, example, halves):
    """Where the non-zero inputs of an example are that belong to these halves."""
    begin = element(inputs.starts, 2 * example + halves.begin)
    return begin, element(inputs.starts, 2 * example + halves.end)


@inlined
def bare_order(order):
    """The same order with a pointer for the array."""
    return Order(pointer(order), order.size)


@helper
def _prefetch_sparse(inputs, order, place, examples, halves):
    """Ask for the cache lines of the example at a place of the order, if there is one.

    Those of a mini-batch are asked for one by one while the one before is worked on: all at once
    they would have to queue. Where those of the next block's example are, which a loop's end
    depends on, is asked for still earlier.
    """
    if place + examples < order.size:
        prefetch(inputs.starts, 2 * element(order.at, place + examples))
    if place < order.size:
        example = element(order.at, place)
        start, end = _range_of(inputs, example, halves)
        for k in range(start, end, 64 // item_size(inputs.indices)):
            prefetch(inputs.indices, k)
        for k in range(start, end, 64 // item_size(inputs.values)):
            prefetch(inputs.values, k)


@helper
def _prefetch_dense(inputs, order, place):
    """The same for a dense example."""
    if place < order.size:
        start = element(order.at, place) * inputs.width
        for k in range(start, start + inputs.width, 64 // item_size(inputs.values)):
            prefetch(inputs.values, k)


# Both operations below have a sparse and a dense form with the same arguments: the examples of the
# block are those at places first : first + examples of the order, `x` is room for their inputs in
# the dense form, and `halves` says which of the inputs are this thread's to work on.


def _sparse_product(inputs, order, first, examples, x, w, halves, out):
    for column in range(0, w.stride, WIDE):
        for half in range(halves.begin, halves.end):
            ahead = halves if column == 0 and half == halves.begin else Halves(0, 0)
            adding = half > halves.begin
            block = (inputs, order, first, examples)
            if w.stride - column >= WIDE:
                zero = zeros(w.at, 32)
                _sparse_product_panel(zero, *block, w, half, column, out, adding, ahead)
            else:
                zero = zeros(w.at, 16)
                _sparse_product_panel(zero, *block, w, half, column, out, adding, ahead)


@helper
def _sparse_product_panel(
    zero, inputs, order, first, examples, w, half, column, out, adding, ahead
):
    """The sum over one half; two examples side by side hide the latency of each other's additions.

    Of the next block, the halves `ahead` are asked for meanwhile, if there are any.
    """
    lanes = lanes_of(zero)
    indices, values, table = inputs.indices, inputs.values, inputs.table
    panel = offset(w.at, column * w.rows)
    target = offset(out.at, column)
    this = Halves(half, half + 1)
    e = 0
    while e + 2 <= examples:
        if ahead.end > 0:
            _prefetch_sparse(inputs, order, first + examples + e, examples, ahead)
            _prefetch_sparse(inputs, order, first + examples + e + 1, examples, ahead)
        k0, end0 = _range_of(inputs, element(order.at, first + e), this)
        k1, end1 = _range_of(inputs, element(order.at, first + e + 1), this)
        sum0 = sum1 = zero
        for _ in range(min(end0 - k0, end1 - k1)):
            row0 = load(zero, panel, element(indices, k0) * lanes)
            row1 = load(zero, panel, element(indices, k1) * lanes)
            sum0 = fma(_splat_value(zero, values, k0, table), row0, sum0)
            sum1 = fma(_splat_value(zero, values, k1, table), row1, sum1)
            k0 += 1
            k1 += 1
        for k in range(k0, end0):
            row0 = load(zero, panel, element(indices, k) * lanes)
            sum0 = fma(_splat_value(zero, values, k, table), row0, sum0)
        for k in range(k1, end1):
            row1 = load(zero, panel, element(indices, k) * lanes)
            sum1 = fma(_splat_value(zero, values, k, table), row1, sum1)
        if adding:
            sum0 = load(zero, target, e * out.stride) + sum0
            sum1 = load(zero, target, (e + 1) * out.stride) + sum1
        store(target, e * out.stride, sum0)
        store(target, (e + 1) * out.stride, sum1)
        e += 2
    if e < examples:
        if ahead.end > 0:
            _prefetch_sparse(inputs, order, first + examples + e, examples, ahead)
        k0, end0 = _range_of(inputs, element(order.at, first + e), this)
        sum0 = zero
        for k in range(k0, end0):
            row0 = load(zero, panel, element(indices, k) * lanes)
            sum0 = fma(_splat_value(zero, values, k, table), row0, sum0)
        if adding:
            sum0 = load(zero, target, e * out.stride) + sum0
        store(target, e * out.stride, sum0)


def _dense_product(inputs, order, first, examples, x, w, halves, out):
    begin, end = half_begin(w.rows, halves.begin), half_begin(w.rows, halves.end)
    for e in range(examples):
        _prefetch_dense(inputs, order, first + examples + e)
        source = offset(inputs.values, element(order.at, first + e) * inputs.width + begin)
        _copy_values(source, inputs.table, end - begin, offset(x.at, e * x.stride + begin))
    for half in range(halves.begin, halves.end):
        begin, end = half_begin(w.rows, half), half_begin(w.rows, half + 1)
        product_of_rows(x, w, begin, end, out, examples, half > halves.begin)


def first_product(inputs, order, first, examples, x, w, halves, out):
    """out[e, :] = sum_i x[e, i] w[i, :] for a block of stored examples, summed half by half."""
    form = _sparse_product if _is_sparse(inputs) else _dense_product
    return form(inputs, order, first, examples, x, w, halves, out)


@overload(first_product, inline="always")
def _first_product_overload(inputs, order, first, examples, x, w, halves, out):
    return _sparse_product if _is_sparse(inputs) else _dense_product


def _sparse_add_outer(inputs, order, first, examples, x, d, w, halves):
    # Backwards through panels and halves, from those that the product ended with to those that the
    # next one begins with: they are still in the nearer cache.
    for column in range((w.stride - 1) // WIDE * WIDE, -1, -WIDE):
        for half in range(halves.end - 1, halves.begin - 1, -1):
            block = (inputs, order, first, examples)
            if w.stride - column >= WIDE:
                _sparse_add_outer_panel(zeros(w.at, 32), *block, d, w, half, column)
            else:
                _sparse_add_outer_panel(zeros(w.at, 16), *block, d, w, half, column)


@helper
def _sparse_add_outer_panel(zero, inputs, order, first, examples, d, w, half, column):
    """The rows of one half only, so that those that examples share stay near."""
    lanes = lanes_of(zero)
    indices, values, table = inputs.indices, inputs.values, inputs.table
    panel = offset(w.at, column * w.rows)
    this = Halves(half, half + 1)
    for e in range(examples):
        delta = load(zero, d.at, e * d.stride + column)
        begin, end = _range_of(inputs, element(order.at, first + e), this)
        for k in range(begin, end):
            place = element(indices, k) * lanes
            row = load(zero, panel, place)
            store(panel, place, fma(_splat_value(zero, values, k, table), delta, row))


def _dense_add_outer(inputs, order, first, examples, x, d, w, halves):
    begin, end = half_begin(w.rows, halves.begin), half_begin(w.rows, halves.end)
    # A thread with one half has all columns, in one panel (see `teams`).
    own = Panels(offset(w.at, begin * w.stride), end - begin, w.stride)
    add_outer(Rows(offset(x.at, begin), x.stride), d, own, examples, 1.0)


def first_add_outer(inputs, order, first, examples, x, d, w, halves):
    """w[i, :] += sum_e x[e, i] d[e, :], after `first_product` of the same block."""
    form = _sparse_add_outer if _is_sparse(inputs) else _dense_add_outer
    return form(inputs, order, first, examples, x, d, w, halves)


@overload(first_add_outer, inline="always")
def _first_add_outer_overload(inputs, order, first, examples, x, d, w, halves):
    return _sparse_add_outer if _is_sparse(inputs) else _dense_add_outer
