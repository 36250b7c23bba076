"""Products of a block of examples with a layer's weights: the three matrix products of backprop.

Every element of a result is one chain of fused multiply-adds in the order of the index summed over,
whatever the block shapes: they may be tuned without changing a bit.
"""

from __future__ import annotations

from collections import namedtuple

from .compiling import helper
from .simd import fma, lanes_of, load, splat, splat_at, store, zeros

# Columns are handled in vectors of 32, and of 16 for the rest; so all strides are multiples of 16.
WIDE = 32
NARROW = 16

# A block of examples, row-major: element (e, j) is values[start + e * stride + j].
Rows = namedtuple("Rows", "values start stride")

# A matrix of weights with `rows` rows and `stride` columns in panels of 32 columns, the last one of
# 16 where that is enough: panel p holds columns 32 p and following of every row, row after row.
Panels = namedtuple("Panels", "values start rows stride")


@helper
def product(x, w, out, examples):
    """out[e, :] = sum_i x[e, i] w[i, :], with the weights or, backward (BP2), their transpose."""
    for column in range(0, w.stride, WIDE):
        if w.stride - column >= WIDE:
            _product_panel(zeros(w.values, 32), x, w, column, out, examples)
        else:
            _product_panel(zeros(w.values, 16), x, w, column, out, examples)


@helper
def _product_panel(zero, x, w, column, out, examples):
    """Five examples at a time, so that each weight is loaded once for five uses."""
    lanes = lanes_of(zero)
    panel = w.start + column * w.rows
    e = 0
    while e + 5 <= examples:
        x0 = x.start + e * x.stride
        x1 = x0 + x.stride
        x2 = x1 + x.stride
        x3 = x2 + x.stride
        x4 = x3 + x.stride
        sum0 = sum1 = sum2 = sum3 = sum4 = zero
        for i in range(w.rows):
            row = load(zero, w.values, panel + i * lanes)
            sum0 = fma(splat_at(zero, x.values, x0 + i), row, sum0)
            sum1 = fma(splat_at(zero, x.values, x1 + i), row, sum1)
            sum2 = fma(splat_at(zero, x.values, x2 + i), row, sum2)
            sum3 = fma(splat_at(zero, x.values, x3 + i), row, sum3)
            sum4 = fma(splat_at(zero, x.values, x4 + i), row, sum4)
        target = out.start + e * out.stride + column
        store(out.values, target, sum0)
        store(out.values, target + out.stride, sum1)
        store(out.values, target + 2 * out.stride, sum2)
        store(out.values, target + 3 * out.stride, sum3)
        store(out.values, target + 4 * out.stride, sum4)
        e += 5
    while e < examples:
        x0 = x.start + e * x.stride
        sum0 = zero
        for i in range(w.rows):
            row = load(zero, w.values, panel + i * lanes)
            sum0 = fma(splat_at(zero, x.values, x0 + i), row, sum0)
        store(out.values, out.start + e * out.stride + column, sum0)
        e += 1


@helper
def add_outer(x, d, w, examples, decay):
    """w[i, :] = decay w[i, :] + sum_e x[e, i] d[e, :]: BP4, or the step if d = -eta/m delta."""
    for column in range(0, w.stride, WIDE):
        if w.stride - column >= WIDE:
            _add_outer_panel(zeros(w.values, 32), x, d, w, column, examples, decay)
        else:
            _add_outer_panel(zeros(w.values, 16), x, d, w, column, examples, decay)


@helper
def _add_outer_panel(zero, x, d, w, column, examples, decay):
    """Four rows of w at a time stay in registers over all examples."""
    lanes = lanes_of(zero)
    panel = w.start + column * w.rows
    factor = splat(zero, decay)
    i = 0
    while i + 4 <= w.rows:
        target = panel + i * lanes
        sum0 = load(zero, w.values, target)
        sum1 = load(zero, w.values, target + lanes)
        sum2 = load(zero, w.values, target + 2 * lanes)
        sum3 = load(zero, w.values, target + 3 * lanes)
        if decay != 1.0:
            sum0 = sum0 * factor
            sum1 = sum1 * factor
            sum2 = sum2 * factor
            sum3 = sum3 * factor
        for e in range(examples):
            row = load(zero, d.values, d.start + e * d.stride + column)
            source = x.start + e * x.stride + i
            sum0 = fma(splat_at(zero, x.values, source), row, sum0)
            sum1 = fma(splat_at(zero, x.values, source + 1), row, sum1)
            sum2 = fma(splat_at(zero, x.values, source + 2), row, sum2)
            sum3 = fma(splat_at(zero, x.values, source + 3), row, sum3)
        store(w.values, target, sum0)
        store(w.values, target + lanes, sum1)
        store(w.values, target + 2 * lanes, sum2)
        store(w.values, target + 3 * lanes, sum3)
        i += 4
    while i < w.rows:
        target = panel + i * lanes
        sum0 = load(zero, w.values, target)
        if decay != 1.0:
            sum0 = sum0 * factor
        for e in range(examples):
            row = load(zero, d.values, d.start + e * d.stride + column)
            sum0 = fma(splat_at(zero, x.values, x.start + e * x.stride + i), row, sum0)
        store(w.values, target, sum0)
        i += 1


@helper
def add_rows(d, factor, b, b_start, examples):
    """b[:] += factor sum_e d[e, :]: the gradient of the biases (BP3), or with -eta/m the step."""
    for column in range(0, d.stride, NARROW):
        total = zeros(b, 16)
        for e in range(examples):
            total = total + load(total, d.values, d.start + e * d.stride + column)
        bias = load(total, b, b_start + column)
        store(b, b_start + column, fma(total, splat(total, factor), bias))


@helper
def scale(values, start, count, factor):
    """values[start : start + count] *= factor, for a count that is a multiple of 16."""
    for k in range(start, start + count, NARROW):
        vector = load(zeros(values, 16), values, k)
        store(values, k, vector * splat(vector, factor))
