"""Many rows and products go by packed tiles; the bits are those of a few rows at a time."""

from __future__ import annotations

import numba
import numpy as np
import pytest

from fastnn.kernels import layout
from fastnn.kernels.dense import product_of_rows, product_with_transposed, update
from fastnn.kernels.panels import Panels, Rows
from fastnn.kernels.simd import pointer

FEW = 40  # rows: never packed


def drawn(seed, *shape):
    return np.random.default_rng(seed).standard_normal(shape)


@pytest.mark.parametrize("adding", [False, True])
@pytest.mark.parametrize(("examples", "inputs"), [(96, 96), (131, 256), (128, 257), (256, 700)])
@pytest.mark.parametrize("columns", [16, 48, 64])
def test_a_product_of_many_examples_has_the_bits_of_few(columns, examples, inputs, adding):
    x, w = drawn(1, examples, inputs), drawn(2, inputs * columns)
    whole, parts = np.repeat(drawn(3, 1, examples, columns), 2, axis=0)
    _product(x, w, whole, 0, examples, adding)
    for begin in range(0, examples, FEW):
        _product(x, w, parts, begin, min(FEW, examples - begin), adding)
    np.testing.assert_array_equal(whole, parts)


@pytest.mark.parametrize("decay", [1.0, 1 - 1e-3, 0.25])
@pytest.mark.parametrize("examples", [96, 128, 300])
def test_an_update_of_many_rows_has_the_bits_of_few(examples, decay):
    rows, columns = 250, 48
    x, d, w = drawn(4, examples, rows), drawn(5, examples, columns), drawn(6, rows * columns)
    whole, parts = w.copy(), w.copy()
    _update(x, d, whole, 0, rows, decay)
    for begin in range(0, rows, FEW):
        _update(x, d, parts, begin, min(begin + FEW, rows), decay)
    np.testing.assert_array_equal(whole, parts)


@pytest.mark.parametrize(("rows", "width"), [(33, 7), (100, 61), (64, 600)])
def test_errors_of_many_examples_have_the_bits_of_one(rows, width):
    examples, columns = 128, layout.padded(rows)
    d, w = drawn(7, examples, layout.padded(width)), drawn(8, rows * layout.padded(width))
    room = np.zeros(40_000)
    whole, single = np.zeros((2, examples, columns))
    _errors_before(d, w, rows, width, whole, 0, examples, room)
    for e in range(examples):
        _errors_before(d, w, rows, width, single, e, 1, room)
    np.testing.assert_array_equal(whole, single)


@numba.njit
def _product(x, w, out, first, examples, adding):
    inputs, columns = x.shape[1], out.shape[1]
    rows, sums = Rows(pointer(x[first:]), inputs), Rows(pointer(out[first:]), columns)
    product_of_rows(rows, Panels(pointer(w), inputs, columns), 0, inputs, sums, examples, adding)


@numba.njit
def _update(x, d, w, begin, end, decay):
    weights = Panels(pointer(w), x.shape[1], d.shape[1])
    inputs, errors = Rows(pointer(x), x.shape[1]), Rows(pointer(d), d.shape[1])
    update(inputs, errors, weights, begin, end, x.shape[0], decay)


@numba.njit
def _errors_before(d, w, rows, width, out, first, examples, room):
    weights, errors = Panels(pointer(w), rows, d.shape[1]), Rows(pointer(d[first:]), d.shape[1])
    target, columns = Rows(pointer(out[first:]), out.shape[1]), out.shape[1]
    near = pointer(room)
    product_with_transposed(errors, weights, width, 0, target, columns, examples, near)
