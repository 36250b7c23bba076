"""What the neurons of a layer make of their weighted inputs: a = f(z), slopes, dropout and softmax.

All of it works on an area of a block of examples (see `layout`), in scratch: z, a and slopes of
shape (examples, fan_out). `net` is a bare network.
"""

from __future__ import annotations

from .activations import CUSTOM, activation, slope
from .compiling import helper, smaller
from .dropout import draw
from .layout import CODE, FAN_OUT, SLOPES
from .own import call_own, own_at
from .places import (
    activations_of,
    biases_of,
    deltas_of,
    entry,
    slopes_of,
    within,
)
from .simd import element, fma, keep_first, load, offset, put, splat, store, zeros
from .simd.functions import exp


@helper
def activate(net, layer, area, sums, factor):
    """z = factor times the sums + b, then a = f(z), zero in the padding.

    `sums` begin with those of the area.
    """
    z, a = within(area, deltas_of(net, layer)), within(area, activations_of(net, layer))
    b = offset(biases_of(net, layer), area.column)
    code = entry(net, layer, CODE)
    for column in range(0, area.columns, 16):
        bias = load(zeros(b, 16), b, column)
        scale_of_products = splat(bias, factor)
        used = entry(net, layer, FAN_OUT) - area.column - column
        for e in range(area.examples):
            place = e * z.stride + column
            weighted = fma(load(bias, sums.at, place), scale_of_products, bias)
            store(z.at, place, weighted)
            store(a.at, place, keep_first(activation(code, weighted), used))


@helper
def keep_slopes(net, custom, layer, area, block):
    """f'(z) of a layer with dropout, or f'(z) and a = f(z) of a user's own activation.

    Both are zero for dropped neurons and scaled up for the others, so that their mean stays.
    """
    z, a = deltas_of(net, layer), activations_of(net, layer)
    slopes = slopes_of(net, layer)
    code, width = entry(net, layer, CODE), entry(net, layer, FAN_OUT)
    begin = area.column
    first, last = area.first, area.first + area.examples
    for e in range(first, last):
        for k in range(begin, begin + area.columns, 16):
            place = e * a.stride + k
            store(slopes.at, place, slope(code, load(zeros(a.at, 16), a.at, place)))
    end = smaller(width, begin + area.columns)
    if code >= CUSTOM:
        function = own_at(custom, code - CUSTOM)
        for e in range(first, last):
            place = e * a.stride + begin
            row_z, row_a = offset(z.at, place), offset(a.at, place)
            call_own(function, (row_z, row_a, offset(slopes.at, place), end - begin))
    rate = element(net.dropout.rates, layer)
    if rate > 0.0:
        threshold = int(rate * 4294967296.0 + 0.5)
        kept = 1.0 / (1.0 - rate)
        key0, key1 = element(net.dropout.keys, 0), element(net.dropout.keys, 1)
        for e in range(first, last):
            for j in range(begin, end):
                place = e * a.stride + j
                drawn = draw(key0, key1, layer, (block.first + e) * width + j)
                factor = kept if drawn >= threshold else 0.0
                put(a.at, place, element(a.at, place) * factor)
                put(slopes.at, place, element(slopes.at, place) * factor)


@helper
def softmax(net, area):
    """a_j = exp(z_j - max z) / sum_k exp(z_k - max z) of the output layer; no exp overflows."""
    last = net.plan.layers - 1
    z, a = within(area, deltas_of(net, last)), within(area, activations_of(net, last))
    width = entry(net, last, FAN_OUT)
    for e in range(area.examples):
        softmax_row(offset(z.at, e * z.stride), offset(a.at, e * a.stride), width)


@helper
def softmax_row(row, out, width):
    """The outputs of one example from its z; both have `width` numbers, padded to 16."""
    largest = largest_of(row, width)
    for column in range(0, width, 16):
        weighted = load(zeros(row, 16), row, column)
        power = exp(weighted - splat(weighted, largest))
        store(out, column, keep_first(power, width - column))
    total = 0.0
    for j in range(width):
        total += element(out, j)
    for column in range(0, width, 16):
        power = load(zeros(out, 16), out, column)
        store(out, column, power / splat(power, total))


@helper
def largest_of(values, count):
    """The largest of values[:count]."""
    largest = element(values, 0)
    for j in range(1, count):
        value = element(values, j)
        largest = value if value > largest else largest
    return largest


@helper
def times_slope(net, layer, area):
    """delta *= f'(z)."""
    d, a = within(area, deltas_of(net, layer)), within(area, activations_of(net, layer))
    code = entry(net, layer, CODE)
    kept = entry(net, layer, SLOPES) > 0
    slopes = within(area, slopes_of(net, layer))
    for column in range(0, area.columns, 16):
        for e in range(area.examples):
            place = e * d.stride + column
            if kept:
                rise = load(zeros(d.at, 16), slopes.at, place)
            else:
                rise = slope(code, load(zeros(d.at, 16), a.at, place))
            store(d.at, place, load(rise, d.at, place) * rise)
