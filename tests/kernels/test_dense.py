"""Products and updates of matrices: chains of fused additions, bit for bit."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numba
import numpy as np
import pytest

from fastnn.kernels import layout
from fastnn.kernels.dense import (
    ROOM_ROWS,
    TRANSPOSED_ROWS,
    add_outer,
    product,
    product_with_transposed,
    update,
)
from fastnn.kernels.panels import WIDE, Panels, Rows
from fastnn.kernels.simd import pointer

only_compiled = pytest.mark.skipif(
    bool(numba.config.DISABLE_JIT), reason="without the JIT an fma rounds twice"
)


def fused(a, b, c):
    """a * b + c, rounded once."""
    return float(Fraction(a) * Fraction(b) + Fraction(c))


def panels(matrix):
    rows, columns = matrix.shape
    flat = np.empty(rows * layout.padded(columns))
    layout.pack_panels(matrix, flat)
    return flat


def room_for(matrix):
    """Room for tiles side by side, with nothing in it that could pass for a result."""
    return np.full(ROOM_ROWS * WIDE, np.nan, matrix.dtype)


@only_compiled
@pytest.mark.parametrize("examples", [1, 4, 7, 11, 14, 27, 49])
@pytest.mark.parametrize("columns", [1, 17, 33, 64])
def test_products_are_chains_of_fused_additions_in_order_bit_for_bit(columns, examples):
    rng = np.random.default_rng(5)
    x, w = rng.standard_normal((examples, 9)), rng.standard_normal((9, columns))
    out = np.zeros((examples, layout.padded(columns)))
    _product(x.reshape(-1), 9, panels(w), 9, out.reshape(-1), out.shape[1], examples, room_for(x))
    for e, j in np.ndindex(examples, columns):
        total = 0.0
        for i in range(9):
            total = fused(x[e, i], w[i, j], total)
        assert out[e, j] == total
    assert not out[:, columns:].any()


@only_compiled
def test_long_sums_that_go_on_after_a_pause_are_the_same_chains():
    # 600 inputs and 300 examples are more than products take at a time, 50 rows too.
    rng = np.random.default_rng(8)
    x, w = rng.standard_normal((50, 600)), rng.standard_normal((600, 32))
    out = np.full((50, 32), np.nan)
    _product(x.reshape(-1), 600, panels(w), 600, out.reshape(-1), 32, 50, room_for(x))
    for e, j in itertools.product(range(0, 50, 7), range(0, 32, 9)):
        total = 0.0
        for i in range(600):
            total = fused(x[e, i], w[i, j], total)
        assert out[e, j] == total

    x, d = rng.standard_normal((300, 45)), rng.standard_normal((300, 32))
    before = rng.standard_normal((45, 32))
    flat, after = panels(before), np.empty((45, 32))
    _add_outer(x.reshape(-1), 45, d.reshape(-1), 32, flat, 45, 0, 45, 300, room_for(x))
    layout.unpack_panels(flat, after)
    for i, j in itertools.product(range(0, 45, 8), range(0, 32, 9)):
        total = before[i, j]
        for e in range(300):
            total = fused(x[e, i], d[e, j], total)
        assert after[i, j] == total


@only_compiled
@pytest.mark.parametrize("examples", [1, 13])
@pytest.mark.parametrize(("rows", "width"), [(1, 1), (33, 7), (50, 40), (16, 300)])
def test_errors_go_back_in_chains_of_fused_additions_in_order_bit_for_bit(rows, width, examples):
    rng = np.random.default_rng(7)
    d, w = rng.standard_normal((examples, width)), rng.standard_normal((rows, width))
    room = np.full(TRANSPOSED_ROWS * WIDE, np.nan)
    out = np.zeros((examples, layout.padded(rows)))
    flat = d.reshape(-1), width, panels(w), rows, layout.padded(width)
    _errors_before(*flat, out.reshape(-1), out.shape[1], examples, room, room_for(w))
    for e, i in np.ndindex(examples, rows):
        total = 0.0
        for j in range(width):
            total = fused(d[e, j], w[i, j], total)
        assert out[e, i] == total
    assert not out[:, rows:].any()


@only_compiled
def test_a_product_over_nothing_is_zero():
    out = np.full(16 * 3, np.nan)
    _product(np.ones(3), 1, np.ones(16), 0, out, 16, 3, room_for(out))
    np.testing.assert_array_equal(out, 0.0)


@only_compiled
@pytest.mark.parametrize("decay", [1.0, 0.9, 0.5, -0.5, 0.49, 1e-9, 0.0, None])
@pytest.mark.parametrize("columns", [1, 33])
@pytest.mark.parametrize("rows", [1, 4, 6, 15, 251])
def test_updates_are_chains_of_fused_additions_in_order_bit_for_bit(rows, columns, decay):
    begin, end = rows // 7, rows - rows // 5  # the rows of one thread
    rng = np.random.default_rng(6)
    w, x = rng.standard_normal((rows, columns)), rng.standard_normal((5, rows))
    d = np.zeros((5, layout.padded(columns)))
    d[:, :columns] = rng.standard_normal((5, columns))
    flat, after = panels(w), np.empty((rows, columns))
    arrays = x.reshape(-1), rows, d.reshape(-1), d.shape[1], flat, rows, begin, end, 5
    if decay is None:  # a gradient is added
        _add_outer(*arrays, room_for(w))
    else:
        _update(*arrays, decay, room_for(w))
    layout.unpack_panels(flat, after)
    np.testing.assert_array_equal(after[:begin], w[:begin])
    np.testing.assert_array_equal(after[end:], w[end:])
    for i, j in itertools.product(range(begin, end), range(columns)):
        apart = decay is not None and abs(decay) >= 0.5
        total = w[i, j] * (decay - 1.0 if apart else 1.0 if decay is None else decay)
        for e in range(5):
            total = fused(x[e, i], d[e, j], total)
        assert after[i, j] == (w[i, j] + total if apart else total)


@pytest.mark.parametrize("rows", [1, 4, 6])
def test_what_many_examples_add_counts_even_where_that_of_one_is_too_little(rows):
    w, one = np.ones(16 * rows, np.float32), np.ones(10 * rows, np.float32)
    little = np.full(160, 2e-8, np.float32)
    _update(one, rows, little, 16, w, rows, 0, rows, 10, 1.0, room_for(w))
    np.testing.assert_array_equal(w, np.float32(1 + 2e-7))


def test_a_sum_over_very_many_examples_is_whole_before_it_is_added_to_a_weight():
    w, one, little = (np.full(16 * 300, value, np.float32) for value in (1.0, 1.0, 2e-8))
    _update(one, 1, little, 16, w, 1, 0, 1, 300, 1.0, room_for(w))
    np.testing.assert_allclose(w[:16], 1 + 300 * 2e-8, rtol=6e-8)  # half of the last digit


def test_a_decay_next_to_one_keeps_its_digits_in_float32():
    rows = 43
    w = np.linspace(-3, 3, 16 * rows, dtype=np.float32)
    before, nothing = w.astype(float), np.zeros(rows, np.float32)
    for _ in range(1000):
        _update(nothing, rows, nothing, 16, w, rows, 0, rows, 1, 1 - 1e-5, room_for(w))
    # The mean, in which roundings cancel; with 1 - 1e-5 rounded it would be 1.4e-5 too small.
    assert np.mean(w / before) == pytest.approx((1 - 1e-5) ** 1000, rel=3e-6)


@numba.njit
def _errors_before(d, width, w, rows, stride, out, columns, examples, room, near):
    weights, target = Panels(pointer(w), rows, stride, pointer(near)), Rows(pointer(out), columns)
    errors, transposed = Rows(pointer(d), width), pointer(room)
    product_with_transposed(errors, weights, width, 0, target, columns, examples, transposed)


@numba.njit
def _product(x, x_stride, w, rows, out, stride, examples, near):
    factors = Panels(pointer(w), rows, stride, pointer(near))
    product(Rows(pointer(x), x_stride), factors, Rows(pointer(out), stride), examples)


@numba.njit
def _add_outer(x, x_stride, d, stride, w, rows, begin, end, examples, near):
    sums = Panels(pointer(w), rows, stride, pointer(near))
    add_outer(Rows(pointer(x), x_stride), Rows(pointer(d), stride), sums, begin, end, examples)


@numba.njit
def _update(x, x_stride, d, stride, w, rows, begin, end, examples, decay, near):
    weights, errors = Panels(pointer(w), rows, stride, pointer(near)), Rows(pointer(d), stride)
    update(Rows(pointer(x), x_stride), errors, weights, begin, end, examples, decay)
