"""Sums in a fixed order: right to the last digits, and the same however memory lies."""

from __future__ import annotations

import math

import numpy as np
import pytest

from fastnn.kernels.sums import norm, sum_of_squares


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("count", [0, 1, 15, 16, 17, 31, 32, 33, 64, 1000])
def test_squares_are_summed_in_float64(count, dtype):
    values = np.random.default_rng(count).standard_normal(count).astype(dtype)
    wanted = math.fsum(float(value) ** 2 for value in values)
    assert sum_of_squares(values, np.zeros(16)) == pytest.approx(wanted, rel=1e-14)


def test_the_norm_of_a_matrix_does_not_depend_on_how_it_lies_in_memory():
    matrix = np.random.default_rng(1).standard_normal((37, 23))
    wanted = norm(matrix)
    assert norm(np.asfortranarray(matrix)) == wanted
    assert norm(np.repeat(matrix, 2, axis=1)[:, ::2]) == wanted
    assert wanted == pytest.approx(np.linalg.norm(matrix), rel=1e-14)


def test_the_norm_of_numbers_beyond_float64s_squares_is_infinite():
    assert norm(np.array([1e200])) == math.inf
