"""Products of a block of examples with a layer's weights: the three matrix products of backprop.

Every element of a result is one chain of fused multiply-adds in the order of the index summed over;
in the first layer there are two chains (see `first_layer`). The shapes of blocks do not matter for
that, so they may be tuned without changing a bit. What a step adds to a hidden or output weight is
such a chain too, added to the weight at its end; for a decay near 0 it begins with what is left of
the weight.

x and d are `panels.Rows` of shape (examples, rows) and (examples, columns), w is `panels.Panels` of
shape (rows, columns).
"""

from __future__ import annotations

from .compiling import FALSE, ZERO, helper, inlined
from .panels import NARROW, WIDE, on_panel
from .simd import fma, lanes_of, load, offset, splat, splat_at, store, tile_of, zeros


@inlined
def product(x, w, out, examples):
    """out[e, :] = sum_i x[e, i] w[i, :], with the weights or, backward (BP2), their transpose."""
    product_of_rows(x, w, ZERO, w.rows, out, examples, FALSE)


@inlined
def product_of_rows(x, w, begin, end, out, examples, adding):
    """The product over i from `begin` to before `end`; out[e, :] + that, if `adding`."""
    for column in range(0, w.stride, WIDE):
        on_panel(_product_panel, w, column, (x, begin, end, out, examples, adding))


@helper
def _product_panel(panel, x, begin, end, out, examples, adding):
    """The product with one panel, five examples at a time: each weight is loaded for five uses."""
    wide, tile, at = panel.zero, tile_of(panel.zero, 5), panel.at
    lanes = lanes_of(wide)
    e = 0
    while e + 5 <= examples:
        for part in range(0, lanes, lanes_of(tile)):
            w = offset(at, part)
            x0 = offset(x.at, e * x.stride)
            x1 = offset(x0, x.stride)
            x2 = offset(x1, x.stride)
            x3 = offset(x2, x.stride)
            x4 = offset(x3, x.stride)
            sum0 = sum1 = sum2 = sum3 = sum4 = tile
            for i in range(begin, end):
                row = load(tile, w, i * lanes)
                sum0 = fma(splat_at(tile, x0, i), row, sum0)
                sum1 = fma(splat_at(tile, x1, i), row, sum1)
                sum2 = fma(splat_at(tile, x2, i), row, sum2)
                sum3 = fma(splat_at(tile, x3, i), row, sum3)
                sum4 = fma(splat_at(tile, x4, i), row, sum4)
            place = e * out.stride + panel.column + part
            put_sum(sum0, out.at, place, adding)
            put_sum(sum1, out.at, place + out.stride, adding)
            put_sum(sum2, out.at, place + 2 * out.stride, adding)
            put_sum(sum3, out.at, place + 3 * out.stride, adding)
            put_sum(sum4, out.at, place + 4 * out.stride, adding)
        e += 5
    while e < examples:
        x0 = offset(x.at, e * x.stride)
        sum0 = wide
        for i in range(begin, end):
            row = load(wide, at, i * lanes)
            sum0 = fma(splat_at(wide, x0, i), row, sum0)
        put_sum(sum0, out.at, e * out.stride + panel.column, adding)
        e += 1


@inlined
def put_sum(total, target, place, adding):
    """Store a vector; if `adding`, what was there plus that vector."""
    if adding:
        total = load(total, target, place) + total
    store(target, place, total)


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

    With a decay next to 0 most of (decay - 1) w would cancel with w, and the digits of what is
    left with it. Then the sum begins with decay w, and nothing is added to it.
    """
    apart = not is_next_to_0(decay)
    _outer(x, d, w, examples, decay - 1.0 if apart else decay, apart)


@inlined
def is_next_to_0(decay):
    """Whether most of (decay - 1) w would cancel with w."""
    return -0.5 < decay < 0.5


@inlined
def _outer(x, d, w, examples, share, apart):
    for column in range(0, w.stride, WIDE):
        on_panel(_outer_panel, w, column, (x, d, examples, share, apart))


@helper
def _outer_panel(panel, x, d, examples, share, apart):
    """Four rows of a panel at a time stay in registers over all examples, a tile at a time.

    The sum begins with `share` times w. If it is taken `apart`, it is added to w at its end, else
    it takes the place of w.
    """
    wide, tile, at = panel.zero, tile_of(panel.zero, 5), panel.at
    lanes = lanes_of(wide)
    i = 0
    while i + 4 <= panel.rows:
        for part in range(0, lanes, lanes_of(tile)):
            place = i * lanes + part
            sum0 = _share_of(tile, at, place, share, apart)
            sum1 = _share_of(tile, at, place + lanes, share, apart)
            sum2 = _share_of(tile, at, place + 2 * lanes, share, apart)
            sum3 = _share_of(tile, at, place + 3 * lanes, share, apart)
            for e in range(examples):
                row = load(tile, d.at, e * d.stride + panel.column + part)
                source = offset(x.at, e * x.stride + i)
                sum0 = fma(splat_at(tile, source, 0), row, sum0)
                sum1 = fma(splat_at(tile, source, 1), row, sum1)
                sum2 = fma(splat_at(tile, source, 2), row, sum2)
                sum3 = fma(splat_at(tile, source, 3), row, sum3)
            put_sum(sum0, at, place, apart)
            put_sum(sum1, at, place + lanes, apart)
            put_sum(sum2, at, place + 2 * lanes, apart)
            put_sum(sum3, at, place + 3 * lanes, apart)
        i += 4
    while i < panel.rows:
        sum0 = _share_of(wide, at, i * lanes, share, apart)
        for e in range(examples):
            row = load(wide, d.at, e * d.stride + panel.column)
            sum0 = fma(splat_at(wide, x.at, e * x.stride + i), row, sum0)
        put_sum(sum0, at, i * lanes, apart)
        i += 1


@inlined
def _share_of(zero, source, place, share, apart):
    """`share` times the numbers there; no decay begins with exactly zero, even at infinities."""
    nothing = apart and share == 0.0
    return zero if nothing else load(zero, source, place) * splat(zero, share)


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
