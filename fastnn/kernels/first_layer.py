"""The first layer, on inputs as they are stored: products with its weights, and its update.

In a sparse form an example costs one fused multiply-add of a row of weights per non-zero input,
forward and in the update. Zeros contribute exact zeros, so sparse and dense forms give the same
bits.

The sum over the inputs is that over their first half plus that over the rest. So two threads can
have a half each, and one alone can work on weights that stay in the nearest cache.

Each operation has a form for sparse and one for dense inputs, with the same arguments, and
`first_add_outer` one more for inputs that are listed both ways (see `pairs`). Of these arguments,
`inputs` are stored inputs with pointers for arrays, `block` says which examples (see `arguments`),
`x` is room for their inputs in the dense form, of shape (examples, inputs), w is `panels.Panels` of
shape (inputs, columns), and `halves` says which of the inputs are this thread's to work on.
"""

from __future__ import annotations

from collections import namedtuple

from .compiling import FALSE, TRUE, ZERO, helper, implements, inlined, smaller
from .dense import (
    UPDATED_NEAR,
    Listed,
    There,
    add_outer,
    outer_of_part,
    part_of,
    product_of_rows,
    put_sum,
)
from .inputs import (
    CodedInputs,
    DenseInputs,
    Halves,
    SparseInputs,
    TwoWayInputs,
    class_of,
    copy_values,
    half_begin,
    is_dense,
    is_near,
    next_row,
    prefetch_dense,
    prefetch_sparse,
    range_of,
    splat_of,
)
from .pairs import add_outer_of_pairs
from .panels import WIDE, Panels, Rows, on_panel
from .simd import (
    element,
    fma,
    item_size,
    lanes_of,
    load,
    offset,
    opaque,
    put_address,
    store,
)


def _sparse_product(inputs, block, x, w, halves, out):
    for column in range(0, w.stride, WIDE):
        for half in range(halves.begin, halves.end):
            ahead = halves if column == 0 and half == halves.begin else Halves(0, 0)
            arguments = (inputs, block, half, out, half > halves.begin, ahead)
            on_panel(_sparse_product_panel, w, column, arguments)


@helper
def _sparse_product_panel(panel, inputs, block, half, out, adding, ahead):
    """The sum over one half; two examples side by side hide the latency of each other's additions.

    Of the next block, the halves `ahead` are asked for meanwhile, if there are any.
    """
    zero, at = panel.zero, panel.at
    lanes, target = lanes_of(zero), offset(out.at, panel.column)
    begin = offset(at, half_begin(panel.rows, half) * lanes)
    this = Halves(half, half + 1)
    order, first, examples = block.order, block.first, block.examples
    for e in range(0, examples, 2):
        paired = e + 1 < examples
        if ahead.end > 0:
            prefetch_sparse(inputs, order, first + examples + e, examples, ahead)
            if paired:
                prefetch_sparse(inputs, order, first + examples + e + 1, examples, ahead)
        k0, end0 = range_of(inputs, element(order.at, first + e), this)
        k1 = end1 = k0
        if paired:
            k1, end1 = range_of(inputs, element(order.at, first + e + 1), this)
        sum0 = sum1 = zero
        row0 = row1 = begin
        apart = k1 - k0
        shorter = smaller(end0, end1 - apart)
        while k0 < shorter:
            row0 = next_row(inputs, k0, at, row0, lanes)
            row1 = next_row(inputs, k0 + apart, at, row1, lanes)
            sum0 = _add_weighted_row(sum0, inputs, k0, row0)
            sum1 = _add_weighted_row(sum1, inputs, k0 + apart, row1)
            k0 = opaque(k0 + 1)
        k1 = k0 + apart
        while k0 < end0:
            row0 = next_row(inputs, k0, at, row0, lanes)
            sum0 = _add_weighted_row(sum0, inputs, k0, row0)
            k0 = opaque(k0 + 1)
        while k1 < end1:
            row1 = next_row(inputs, k1, at, row1, lanes)
            sum1 = _add_weighted_row(sum1, inputs, k1, row1)
            k1 = opaque(k1 + 1)
        put_sum(sum0, target, e * out.stride, adding)
        if paired:
            put_sum(sum1, target, (e + 1) * out.stride, adding)


@inlined
def _add_weighted_row(total, inputs, k, row):
    """total + x_i w[i, :], where x_i is number k of a sparse form and w[i, :] at `row`."""
    return fma(splat_of(total, inputs, k), load(total, row, 0), total)


@helper
def _gather(inputs, block, x, begin, end):
    """x[e, begin:end] = these inputs of each example of a block."""
    for e in range(block.examples):
        example = element(block.order.at, block.first + e)
        source = offset(inputs.values, example * inputs.width + begin)
        copy_values(source, inputs.table, end - begin, offset(x.at, e * x.stride + begin))


def _dense_product(inputs, block, x, w, halves, out):
    order, first, examples = block.order, block.first, block.examples
    own, own_end = half_begin(w.rows, halves.begin), half_begin(w.rows, halves.end)
    _gather(inputs, block, x, own, own_end)
    # The next block is asked for bit by bit: the cache waits for few lines at a time.
    coming = ZERO
    products = (halves.end - halves.begin) * ((w.stride + WIDE - 1) // WIDE)
    each = 0
    if products > 0 and is_near(inputs, examples * (own_end - own)):
        each = (examples + products - 1) // products
    for half in range(halves.begin, halves.end):
        begin, end = half_begin(w.rows, half), half_begin(w.rows, half + 1)
        for column in range(0, w.stride, WIDE):
            for e in range(coming, smaller(coming + each, examples)):
                prefetch_dense(inputs, order, first + examples + e, own, own_end)
            coming += each
            lanes = smaller(WIDE, w.stride - column)
            panel = Panels(offset(w.at, column * w.rows), w.rows, lanes, w.room)
            into = Rows(offset(out.at, column), out.stride)
            product_of_rows(x, panel, begin, end, into, examples, half > halves.begin)


def _two_way_product(inputs, block, x, w, halves, out):
    first_product(inputs.by_example, block, x, w, halves, out)


def first_product(inputs, block, x, w, halves, out):
    """out[e, :] = sum_i x[e, i] w[i, :] for a block of stored examples, summed half by half.

    `out` is `panels.Rows` of shape (examples, columns).
    """
    form = _FORMS[class_of(inputs)].product
    return form(inputs, block, x, w, halves, out)


@implements(first_product)
def _first_product_overload(inputs, block, x, w, halves, out):
    return _FORMS[class_of(inputs)].product


def _sparse_add_outer(inputs, block, x, d, w, halves):
    for column in range(0, w.stride, WIDE):
        for half in range(halves.begin, halves.end):
            on_panel(_sparse_add_outer_panel, w, column, (inputs, block, d, half))


@helper
def _sparse_add_outer_panel(panel, inputs, block, d, half):
    """The rows of one half only, so that those that examples share stay near."""
    zero, at = panel.zero, panel.at
    lanes = lanes_of(zero)
    begin = offset(at, half_begin(panel.rows, half) * lanes)
    this = Halves(half, half + 1)
    order, first = block.order, block.first
    for e in range(block.examples):
        delta = load(zero, d.at, e * d.stride + panel.column)
        k, end = range_of(inputs, element(order.at, first + e), this)
        row = begin
        while k < end:
            row = next_row(inputs, k, at, row, lanes)
            store(row, 0, fma(splat_of(zero, inputs, k), delta, load(zero, row, 0)))
            k = opaque(k + 1)


def _dense_add_outer(inputs, block, x, d, w, halves):
    begin, end = half_begin(w.rows, halves.begin), half_begin(w.rows, halves.end)
    add_outer(x, d, w, begin, end, block.examples)


def _two_way_add_outer(inputs, block, x, d, w, halves):
    add_outer_of_pairs(inputs, block.first, d, w, halves)


def first_add_outer(inputs, block, x, d, w, halves):
    """w[i, :] += sum_e x[e, i] d[e, :] (BP4), after `first_product` of the same block.

    d is `panels.Rows` of shape (examples, columns).
    """
    form = _FORMS[class_of(inputs)].add_outer
    return form(inputs, block, x, d, w, halves)


@implements(first_add_outer)
def _first_add_outer_overload(inputs, block, x, d, w, halves):
    return _FORMS[class_of(inputs)].add_outer


_Form = namedtuple("_Form", "product add_outer")
_FORMS = {
    SparseInputs: _Form(_sparse_product, _sparse_add_outer),
    CodedInputs: _Form(_sparse_product, _sparse_add_outer),
    DenseInputs: _Form(_dense_product, _dense_add_outer),
    TwoWayInputs: _Form(_two_way_product, _two_way_add_outer),
}


# An update of the first layer's weights and the product that comes after it: `block` is what the
# weights are updated by, `following` the block whose sums are taken then. Either may have no
# examples. Whether to go through the weights `backwards` is at choice.
Turn = namedtuple("Turn", "block following backwards")


def _sparse_turn(inputs, turn, x, d, w, halves, out, room):
    """One panel of one half after the other: what was updated is still near in the product."""
    begin, each = halves.begin, halves.end - halves.begin
    visits = (w.stride + WIDE - 1) // WIDE * each
    for visit in range(visits):
        place = visits - 1 - visit if turn.backwards else visit
        column, half = place // each * WIDE, begin + place % each
        on_panel(_sparse_add_outer_panel, w, column, (inputs, turn.block, d, half))
        ahead = halves if visit == 0 else Halves(0, 0)
        arguments = (inputs, turn.following, half, out, visit % each > 0, ahead)
        on_panel(_sparse_product_panel, w, column, arguments)


def _dense_turn(inputs, turn, x, d, w, halves, out, room):
    """One half after the other; inputs of the block that follows take the place of those used."""
    each = halves.end - halves.begin
    for visit in range(each):
        half = halves.begin + (each - 1 - visit if turn.backwards else visit)
        begin, end = half_begin(w.rows, half), half_begin(w.rows, half + 1)
        for row in range(begin, end, UPDATED_NEAR):
            if turn.block.examples > 0:
                _dense_add_outer_part(inputs, turn, x, d, w, row, end, room)
            _gather(inputs, turn.following, x, row, smaller(row + UPDATED_NEAR, end))
        product_of_rows(x, w, begin, end, out, turn.following.examples, visit > 0)


@helper
def _dense_add_outer_part(inputs, turn, x, d, w, row, end, room):
    """w[i, :] += sum_e x[e, i] d[e, :] for a part of the rows.

    Meanwhile it asks for the same inputs of the following examples, some of them with each panel:
    all at once they would have to queue.
    """
    examples, size = turn.block.examples, item_size(inputs.values)
    asking = w.stride // WIDE
    there = There(TRUE, 1.0, FALSE)
    for column in range(0, w.stride, WIDE):
        part = part_of(w, row, end, column)
        given = turn.following.examples > 0 and part.lanes == WIDE
        if given:
            _list_following(inputs, turn.following, column // WIDE, asking, examples, room)
        listed = Listed(given, room, row, size)
        outer_of_part(x, d, w, part, examples, there, part.at, listed)


@helper
def _list_following(inputs, block, panel, panels, count, room):
    """Put `count` addresses into `room`, each example of this panel's share as often as panels."""
    e, turns = panel * count // panels, panel * count % panels
    for k in range(count):
        example = element(block.order.at, block.first + smaller(e, block.examples - 1))
        put_address(room, k, offset(inputs.values, example * inputs.width))
        turns += 1
        if turns == panels:
            e, turns = e + 1, ZERO


def first_turn(inputs, turn, x, d, w, halves, out, room):
    """`first_add_outer` of a block, then `first_product` of the one that follows.

    To go through the weights forwards and backwards in turn begins with those that are still near.
    The bits are the same. `room` is for the addresses of dense examples.
    """
    form = _dense_turn if is_dense(inputs) else _sparse_turn
    return form(inputs, turn, x, d, w, halves, out, room)


@implements(first_turn)
def _first_turn_overload(inputs, turn, x, d, w, halves, out, room):
    return _dense_turn if is_dense(inputs) else _sparse_turn
