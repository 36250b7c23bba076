"""Squares transposed in registers, compiled and as the twin in NumPy has them."""

from __future__ import annotations

import numba
import numpy as np
import pytest

from fastnn.kernels.simd import (
    lanes_of,
    offset,
    pointer,
    square_of,
    store,
    transpose_square,
    zeros,
)

every_dtype = pytest.mark.parametrize("dtype", [np.float64, np.float32])


def numbers(dtype, rows, columns, seed):
    return np.random.default_rng(seed).uniform(-9, 9, (rows, columns)).astype(dtype)


@every_dtype
@pytest.mark.parametrize("there", [0, 1, 7, 15, 16, 99])
@pytest.mark.parametrize("lanes", [2, 4, 8, 16])
def test_squares_are_transposed_and_nothing_beside_them_is_written(dtype, lanes, there):
    @numba.njit
    def transposed(source, rows, target):
        whence, whither = offset(pointer(source), 3), offset(pointer(target), 5)
        like = zeros(whence, lanes)
        transpose_square(like, whence, source.shape[1], rows, whither, target.shape[1])

    source = numbers(dtype, lanes + 1, lanes + 4, seed=1)
    target = numbers(dtype, lanes + 2, lanes + 7, seed=2)
    expected = target.copy()
    expected[:lanes, 5 : 5 + lanes] = source[:lanes, 3 : 3 + lanes].T
    expected[:lanes, 5 + there : 5 + lanes] = 0
    transposed(source, there, target)
    np.testing.assert_array_equal(target, expected)


@every_dtype
def test_rows_that_are_not_there_are_not_read(dtype):
    @numba.njit
    def transposed(source, rows, target):
        transpose_square(zeros(pointer(source), 8), pointer(source), 8, rows, pointer(target), 8)

    source, target = np.full((8, 8), np.nan, dtype), np.full((8, 8), np.nan, dtype)
    source[:3] = numbers(dtype, 3, 8, seed=3)
    transposed(source[:3].copy(), 3, target)
    np.testing.assert_array_equal(target[:, :3], source[:3].T)
    assert not target[:, 3:].any()


@every_dtype
def test_a_square_is_zeros_and_divides_a_panel(dtype):
    @numba.njit
    def store_square(memory):
        square = square_of(pointer(memory))
        store(pointer(memory), 0, square)
        return lanes_of(square)

    memory = np.ones(40, dtype)
    side = store_square(memory)
    assert side in {4, 8, 16}
    assert memory.tolist() == [0] * side + [1] * (40 - side)
