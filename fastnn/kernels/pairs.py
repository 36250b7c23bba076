"""Sparse inputs listed two by two: which examples of a block have either, and the sum over them.

This is for gradients that are added up over many examples. Two rows of the gradient stay in
registers over all examples of a block, the errors stay in the nearest cache, and each error that is
loaded serves both rows. Listed by example, every non-zero input has a row loaded and stored.
"""

from __future__ import annotations

import numpy as np
from numba import types

from .compiling import helper, implements, inlined, kernel
from .inputs import (
    CODE_BITS,
    CODES,
    CodedInputs,
    Halves,
    bare_inputs,
    class_of,
    half_begin,
    range_of,
)
from .panels import WIDE, on_panel
from .simd import (
    element,
    fma,
    lanes_of,
    load,
    offset,
    opaque,
    pointer,
    put,
    splat_at,
    store,
    tile_of,
)


@inlined
def _pairs_before(inputs, half):
    """How many pairs come before half 0 or 1 of this many inputs; for 2, how many there are.

    The last input of a half with an odd number of inputs stands alone.
    """
    middle = half_begin(inputs, 1)
    in_first, in_second = (middle + 1) // 2, (inputs - middle + 1) // 2
    return 0 if half == 0 else in_first if half == 1 else in_first + in_second


@kernel
def visit_pairs(inputs, order, block_size, places, members, values, writing):
    """Go through sparse inputs in this order of examples and in blocks of `block_size`.

    `places` is int64 of shape (blocks, pairs, 2). For each number that pair p of block b gets, one
    is added to places[b, p, 0]; if `writing`, places[b, p, 0] says where to write it in `members`
    and `values` (see `inputs.TwoWayInputs`), which are zeros before. places[b, p, 1] is zero to
    begin with, and then one more than the last example was.
    """
    listed, width = bare_inputs(inputs), inputs.width
    all_places, into, values_into = pointer(places), pointer(members), pointer(values)
    for place in range(order.size):
        b, e = place // block_size, place % block_size
        for half in range(2):
            begin = half_begin(width, half)
            lists = b * _pairs_before(width, 2) + _pairs_before(width, half)
            k, end = range_of(listed, order[place], Halves(half, half + 1))
            i = begin
            while k < end:
                i, value = _input_and_value(listed, k, i)
                own = offset(all_places, 2 * (lists + (i - begin) // 2))
                if element(own, 1) != e + 1:
                    if writing:
                        put(into, element(own, 0), e)
                    put(own, 0, element(own, 0) + 1)
                    put(own, 1, e + 1)
                if writing:
                    put(values_into, 2 * (element(own, 0) - 1) + (i - begin) % 2, value)
                k += 1


def _behind(inputs, k, before):
    entry = np.intp(element(inputs.entries, k))
    return before + (entry >> CODE_BITS), entry & (CODES - 1)


def _listed(inputs, k, before):
    return np.intp(element(inputs.indices, k)), element(inputs.values, k)


def _input_and_value(inputs, k, before):
    """Which input number k of a sparse form is, and its value; k - 1 is the input `before`."""
    form = _behind if class_of(inputs) is CodedInputs else _listed
    return form(inputs, k, before)


@implements(_input_and_value)
def _input_and_value_overload(inputs, k, before):
    return _behind if class_of(inputs) is CodedInputs else _listed


@inlined
def add_outer_of_pairs(inputs, first, d, w, halves):
    """w[i, :] += sum_e x[e, i] d[e, :] (BP4) for the block of the order that begins at `first`."""
    pairs = _pairs_before(w.rows, 2)
    for column in range(0, w.stride, WIDE):
        for half in range(halves.begin, halves.end):
            begin, end = half_begin(w.rows, half), half_begin(w.rows, half + 1)
            lists = first // inputs.block_size * pairs + _pairs_before(w.rows, half)
            on_panel(_add_outer_panel, w, column, (inputs, lists, d, begin, end))


@helper
def _add_outer_panel(panel, inputs, lists, d, begin, end):
    """Rows `begin` to before `end`, two at a time, whose pairs have lists from `lists` on."""
    lanes, tile = lanes_of(panel.zero), tile_of(panel.zero, 3)
    values, table = inputs.values, inputs.table
    for part in range(0, lanes, lanes_of(tile)):
        w, errors = offset(panel.at, part), offset(d.at, panel.column + part)
        for i in range(begin, end, 2):
            starts = offset(inputs.starts, lists + (i - begin) // 2)
            k, behind = np.intp(element(starts, 0)), np.intp(element(starts, 1))
            if k < behind:
                paired = i + 1 < end
                place0 = i * lanes
                place1 = place0 + lanes if paired else place0
                sum0, sum1 = load(tile, w, place0), load(tile, w, place1)
                while k < behind:
                    delta = load(tile, errors, element(inputs.members, k) * d.stride)
                    sum0 = fma(_splat_of(tile, values, table, 2 * k), delta, sum0)
                    sum1 = fma(_splat_of(tile, values, table, 2 * k + 1), delta, sum1)
                    k = opaque(k + 1)
                store(w, place0, sum0)
                if paired:
                    store(w, place1, sum1)


def _splat_byte(like, values, table, k):
    return splat_at(like, table, element(values, k))


def _splat_number(like, values, table, k):
    return splat_at(like, values, k)


def _splat_of(like, values, table, k):
    """Number k of `values`, or what that byte stands for, in every lane of a vector like `like`."""
    form = _splat_byte if values.dtype == np.uint8 else _splat_number
    return form(like, values, table, k)


@implements(_splat_of, forceinline=True)
def _splat_of_overload(like, values, table, k):
    return _splat_byte if values.dtype == types.uint8 else _splat_number
