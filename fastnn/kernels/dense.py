"""Products of a block of examples with a layer's weights: the three matrix products of backprop.

Every element of a result is one chain of fused multiply-adds in the order of the index summed over;
in the first layer there are two chains (see `first_layer`). The shapes of blocks do not matter for
that, so they may be tuned without changing a bit. What a step adds to a hidden or output weight is
such a chain too, added to the weight at its end.

x and d are `panels.Rows` of shape (examples, rows) and (examples, columns), w is `panels.Panels` of
shape (rows, columns).
"""

from __future__ import annotations

from collections import namedtuple

from .compiling import FALSE, TRUE, ZERO, helper, inlined, smaller
from .panels import NARROW, WIDE, Rows, on_panel
from .simd import (
    item_size,
    lanes_of,
    load,
    offset,
    rows_at_once,
    splat,
    store,
    sum_products,
    tile_of,
    zeros,
)


# Number k of row r is at[r * across + k * along].
Numbers = namedtuple("Numbers", "at across along")

# `rows` vectors of sums, vector r at at[r * stride]. A sum begins with `share` times what is there;
# if `apart`, what is there is added at the end, too.
Sums = namedtuple("Sums", "at stride rows share apart")

# What to bring near meanwhile: a cache line with each product, from at + b * step on for block b of
# rows, as far as `blocks`.
Ahead = namedtuple("Ahead", "at step blocks")

# How many rows of weights are updated by all errors of a panel before those of the next: so many
# columns of the inputs stay in the second cache. A multiple of the rows that registers hold.
_ROWS_NEAR = 240

# How many rows of a panel are multiplied with all examples before the next ones: so many stay near.
_SUMMED_NEAR = 512


@inlined
def product(x, w, out, examples):
    """out[e, :] = sum_i x[e, i] w[i, :], with the weights or, backward (BP2), their transpose."""
    product_of_rows(x, w, ZERO, w.rows, out, examples, FALSE)


@helper
def product_of_rows(x, w, begin, end, out, examples, adding):
    """The product over i from `begin` to before `end`; out[e, :] + that, if `adding`."""
    for column in range(0, w.stride, WIDE):
        on_panel(_product_panel, w, column, (x, begin, end, out, examples, adding))


@helper
def _product_panel(panel, x, begin, end, out, examples, adding):
    """The product with one panel, five examples at a time: each weight is loaded for five uses."""
    lanes = lanes_of(panel.zero)
    count = end - begin
    numbers = Numbers(offset(x.at, begin), x.stride, 1)
    sums = Sums(offset(out.at, panel.column), out.stride, examples, 0.0, adding)
    lines = lanes * item_size(panel.at) // 64
    ahead = Ahead(offset(panel.at, (panel.rows + begin) * lanes), count * lanes // lines, lines - 1)
    _sum_panel(
        panel.zero, numbers, Rows(offset(panel.at, begin * lanes), lanes), count, sums, ahead
    )


@helper
def _sum_panel(zero, numbers, vectors, count, sums, ahead):
    """`simd.sum_products`, a tile of columns at a time."""
    tile = tile_of(zero, 5)
    for part in range(0, lanes_of(zero), lanes_of(tile)):
        right = Rows(offset(vectors.at, part), vectors.stride)
        into = Sums(offset(sums.at, part), sums.stride, sums.rows, sums.share, sums.apart)
        sum_products(tile, numbers, right, count, into, ahead)


@inlined
def add_outer(x, d, w, examples):
    """w[i, :] += sum_e x[e, i] d[e, :] (BP4), in chains that begin with w."""
    _outer(x, d, w, examples, 1.0, FALSE)


@inlined
def update(x, d, w, examples, decay):
    """w[i, :] = decay w[i, :] + sum_e x[e, i] d[e, :]: the step, if d = -eta/m delta.

    The sum is complete before it is added to w. In float32 a single example often adds too little
    to change w, and what is lost that way does not cancel. It begins with (decay - 1) w, which has
    the digits that a decay next to 1 would lose in float32.
    """
    _outer(x, d, w, examples, decay - 1.0, TRUE)


@helper
def _outer(x, d, w, examples, share, apart):
    for row in range(0, w.rows, _ROWS_NEAR):
        for column in range(0, w.stride, WIDE):
            on_panel(_outer_panel, w, column, (x, d, row, examples, share, apart))


@helper
def _outer_panel(panel, x, d, row, examples, share, apart):
    """Some rows of a panel, a few of which stay in registers over all examples."""
    lanes = lanes_of(panel.zero)
    numbers = Numbers(offset(x.at, row), 1, x.stride)
    at, rows = offset(panel.at, row * lanes), smaller(_ROWS_NEAR, panel.rows - row)
    sums = Sums(at, lanes, rows, share, apart)
    step = rows_at_once(tile_of(panel.zero, 5)) * lanes
    ahead = Ahead(offset(at, step), step, rows)
    _sum_panel(
        panel.zero, numbers, Rows(offset(d.at, panel.column), d.stride), examples, sums, ahead
    )


@inlined
def put_sum(total, target, place, adding):
    """Store a vector; if `adding`, what was there plus that vector."""
    if adding:
        total = load(total, target, place) + total
    store(target, place, total)


@helper
def add_rows(d, columns, b, examples):
    """b[:columns] += sum_e d[e, :columns]: the gradient of the biases (BP3)."""
    for column in range(0, columns, NARROW):
        total = zeros(b, 16)
        for e in range(examples):
            total = total + load(total, d.at, e * d.stride + column)
        store(b, column, load(total, b, column) + total)


@helper
def scale(values, count, factor):
    """values[:count] *= factor, for a count that is a multiple of 16."""
    for k in range(0, count, NARROW):
        vector = load(zeros(values, 16), values, k)
        store(values, k, vector * splat(vector, factor))


@helper
def fill_zero(values, count):
    """values[:count] = 0, whatever they were, for a count that is a multiple of 16."""
    for k in range(0, count, NARROW):
        store(values, k, zeros(values, 16))


@helper
def scale_rows(d, columns, examples, factor):
    """d[:, :columns] *= factor."""
    for e in range(examples):
        scale(offset(d.at, e * d.stride), columns, factor)
