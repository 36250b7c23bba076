"""Products of a block of examples with a layer's weights: the three matrix products of backprop.

Every element of a result is one chain of fused multiply-adds in the order of the index summed over,
in the first layer two (see `first_layer`), whatever the block shapes: they may be tuned without
changing a bit. What a step changes hidden and output weights by is such a chain too, added to them
at its end.
"""

from __future__ import annotations

from collections import namedtuple

from .compiling import helper, merged
from .simd import fma, lanes_of, load, offset, splat, splat_at, store, tile_of, zeros

# Columns lie in panels of 32, the rest in one of 16; so all strides are multiples of 16. Panels are
# worked on in tiles of as many columns as the registers of the CPU have room for (see `tile_of`).
WIDE = 32
NARROW = 16

# A block of examples, row-major: element (e, j) is at[e * stride + j].
Rows = namedtuple("Rows", "at stride")

# A matrix of weights, `rows` by `stride`, stored as panels of 32 columns, the last one of 16 where
# that is enough: panel p holds columns 32 p and following of every row, row after row.
Panels = namedtuple("Panels", "at rows stride")


@merged
def product(x, w, out, examples):
    """out[e, :] = sum_i x[e, i] w[i, :], with the weights or, backward (BP2), their transpose."""
    product_of_rows(x, w, 0, w.rows, out, examples, False)


@merged
def product_of_rows(x, w, begin, end, out, examples, adding):
    """The product over i from `begin` to `end`; out[e, :] + that, if `adding`."""
    for column in range(0, w.stride, WIDE):
        if w.stride - column >= WIDE:
            wide, tile = zeros(w.at, 32), tile_of(w.at, 32)
            _product_panel(wide, tile, x, w, begin, end, column, out, examples, adding)
        else:
            wide, tile = zeros(w.at, 16), tile_of(w.at, 16)
            _product_panel(wide, tile, x, w, begin, end, column, out, examples, adding)


@helper
def _product_panel(wide, tile, x, w, begin, end, column, out, examples, adding):
    """Five examples at a time, so that each weight is loaded once for five uses.

    `wide` is a vector as wide as the panel, and `tile` one as wide as a tile, both of zeros.
    """
    lanes = lanes_of(wide)
    e = 0
    while e + 5 <= examples:
        for part in range(0, lanes, lanes_of(tile)):
            panel = offset(w.at, column * w.rows + part)
            x0 = offset(x.at, e * x.stride)
            x1 = offset(x0, x.stride)
            x2 = offset(x1, x.stride)
            x3 = offset(x2, x.stride)
            x4 = offset(x3, x.stride)
            sum0 = sum1 = sum2 = sum3 = sum4 = tile
            for i in range(begin, end):
                row = load(tile, panel, i * lanes)
                sum0 = fma(splat_at(tile, x0, i), row, sum0)
                sum1 = fma(splat_at(tile, x1, i), row, sum1)
                sum2 = fma(splat_at(tile, x2, i), row, sum2)
                sum3 = fma(splat_at(tile, x3, i), row, sum3)
                sum4 = fma(splat_at(tile, x4, i), row, sum4)
            target = offset(out.at, e * out.stride + column + part)
            if adding:
                sum0 = load(tile, target, 0) + sum0
                sum1 = load(tile, target, out.stride) + sum1
                sum2 = load(tile, target, 2 * out.stride) + sum2
                sum3 = load(tile, target, 3 * out.stride) + sum3
                sum4 = load(tile, target, 4 * out.stride) + sum4
            store(target, 0, sum0)
            store(target, out.stride, sum1)
            store(target, 2 * out.stride, sum2)
            store(target, 3 * out.stride, sum3)
            store(target, 4 * out.stride, sum4)
        e += 5
    panel = offset(w.at, column * w.rows)
    while e < examples:
        x0 = offset(x.at, e * x.stride)
        sum0 = wide
        for i in range(begin, end):
            row = load(wide, panel, i * lanes)
            sum0 = fma(splat_at(wide, x0, i), row, sum0)
        target = offset(out.at, e * out.stride + column)
        if adding:
            sum0 = load(wide, target, 0) + sum0
        store(target, 0, sum0)
        e += 1


@merged
def add_outer(x, d, w, examples):
    """w[i, :] += sum_e x[e, i] d[e, :] (BP4), in chains that begin with w."""
    _outer(x, d, w, examples, 1.0, False)


@merged
def update(x, d, w, examples, decay):
    """w[i, :] = decay w[i, :] + sum_e x[e, i] d[e, :]: the step, if d = -eta/m delta.

    The sum is complete before it meets w: in float32, what single examples add is often too little
    beside w to change it, and the signs of what is lost are not balanced.
    """
    _outer(x, d, w, examples, decay, True)


@merged
def _outer(x, d, w, examples, decay, apart):
    for column in range(0, w.stride, WIDE):
        if w.stride - column >= WIDE:
            wide, tile = zeros(w.at, 32), tile_of(w.at, 32)
            _outer_panel(wide, tile, x, d, w, column, examples, decay, apart)
        else:
            wide, tile = zeros(w.at, 16), tile_of(w.at, 16)
            _outer_panel(wide, tile, x, d, w, column, examples, decay, apart)


@helper
def _outer_panel(wide, tile, x, d, w, column, examples, decay, apart):
    """Four rows of w at a time stay in registers over all examples, a tile at a time.

    If the sum is taken `apart`, it begins with (decay - 1) w, which has the digits that a decay
    next to 1 would lose in float32; else with w.
    """
    lanes = lanes_of(wide)
    panel = offset(w.at, column * w.rows)
    begins_with_w = decay != 1.0 or not apart
    share = decay - 1.0 if apart else 1.0
    i = 0
    while i + 4 <= w.rows:
        for part in range(0, lanes, lanes_of(tile)):
            target = offset(panel, i * lanes + part)
            sum0 = sum1 = sum2 = sum3 = tile
            if begins_with_w:
                shares = splat(tile, share)
                sum0 = load(tile, target, 0) * shares
                sum1 = load(tile, target, lanes) * shares
                sum2 = load(tile, target, 2 * lanes) * shares
                sum3 = load(tile, target, 3 * lanes) * shares
            for e in range(examples):
                row = load(tile, d.at, e * d.stride + column + part)
                source = offset(x.at, e * x.stride + i)
                sum0 = fma(splat_at(tile, source, 0), row, sum0)
                sum1 = fma(splat_at(tile, source, 1), row, sum1)
                sum2 = fma(splat_at(tile, source, 2), row, sum2)
                sum3 = fma(splat_at(tile, source, 3), row, sum3)
            if apart:
                sum0 = load(tile, target, 0) + sum0
                sum1 = load(tile, target, lanes) + sum1
                sum2 = load(tile, target, 2 * lanes) + sum2
                sum3 = load(tile, target, 3 * lanes) + sum3
            store(target, 0, sum0)
            store(target, lanes, sum1)
            store(target, 2 * lanes, sum2)
            store(target, 3 * lanes, sum3)
        i += 4
    while i < w.rows:
        target = offset(panel, i * lanes)
        sum0 = wide
        if begins_with_w:
            sum0 = load(wide, target, 0) * splat(wide, share)
        for e in range(examples):
            row = load(wide, d.at, e * d.stride + column)
            sum0 = fma(splat_at(wide, x.at, e * x.stride + i), row, sum0)
        if apart:
            sum0 = load(wide, target, 0) + sum0
        store(target, 0, sum0)
        i += 1


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
