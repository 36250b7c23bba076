"""Sums of products: every number of rows, beginning and end, as the twin in NumPy has them."""

from __future__ import annotations

import numba
import numpy as np
import pytest

from fastnn.kernels.dense import Ahead, Listed, Numbers, Sums, There
from fastnn.kernels.panels import Rows
from fastnn.kernels.simd import pointer, put_address, sum_products, uncompiled, zeros


@numba.njit
def _summed(numbers, across, along, vectors, count, sums, rows, begun, share, apart):
    like = zeros(pointer(sums), 16)
    left, right = Numbers(pointer(numbers), across, along), Rows(pointer(vectors), 16)
    into = Sums(pointer(sums), 16, rows, There(begun, share, apart))
    nothing = Listed(False, pointer(sums), 0, 0)
    sum_products(like, left, right, count, into, Ahead(pointer(vectors), 16, 2, nothing))


@numba.njit
def _summed_with_a_list(numbers, across, vectors, count, sums, rows, memory, room):
    for k in range(count):
        put_address(pointer(room), k, pointer(memory))
    like = zeros(pointer(sums), 32)
    left, right = Numbers(pointer(numbers), across, 1), Rows(pointer(vectors), 32)
    into = Sums(pointer(sums), 32, rows, There(False, 0.0, False))
    listed = Listed(True, pointer(room), 3, 8)
    sum_products(like, left, right, count, into, Ahead(pointer(vectors), 32, 0, listed))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("apart", [False, True])
@pytest.mark.parametrize("share", [None, 0.0, 1.0, -0.25])
@pytest.mark.parametrize("rows", [0, 1, 5, 8, 9, 11, 12, 31])
def test_sums_are_those_of_the_twin_for_any_number_of_rows(rows, share, apart, dtype):
    rng = np.random.default_rng(3)
    # Small whole numbers: no operation rounds, so the twin's fma, which rounds twice, is exact.
    numbers, vectors = (rng.integers(-8, 9, size).astype(dtype) for size in ((40, 7), (7, 16)))
    before = rng.integers(-8, 9, (40, 16)).astype(dtype)
    for across, along in ((7, 1), (1, 40)):
        stored = numbers if along == 1 else np.ascontiguousarray(numbers.T)
        sums, expected = before.copy(), before.copy()
        flat = stored.reshape(-1), across, along, vectors.reshape(-1), 7
        there = There(share is not None, share or 0.0, apart)
        _summed(*flat, sums.reshape(-1), rows, *there)
        uncompiled.sum_products(
            np.zeros(16, dtype),
            Numbers(stored.reshape(-1), across, along),
            Rows(vectors.reshape(-1), 16),
            7,
            Sums(expected.reshape(-1), 16, rows, there),
            Ahead(vectors.reshape(-1), 16, 2, Listed(False, vectors.reshape(-1), 0, 0)),
        )
        wanted = there.share * before[:rows] + numbers[:rows] @ vectors + apart * before[:rows]
        np.testing.assert_array_equal(expected[:rows], wanted)
        np.testing.assert_array_equal(sums, expected)


@pytest.mark.parametrize(("begun", "outcome"), [(False, 1.0), (True, np.nan)])
def test_only_sums_that_begin_with_nothing_are_free_of_infinities_that_were_there(begun, outcome):
    sums = np.full(16, np.inf)
    with np.errstate(invalid="ignore"):  # as kernels are called without the JIT
        _summed(np.ones(1), 1, 1, np.ones(16), 1, sums, 1, begun, 0.0, False)
    np.testing.assert_array_equal(sums, np.full(16, outcome))


@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="without the JIT nothing is asked for")
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_memory_that_is_asked_for_by_a_list_changes_no_sum(dtype):
    rng = np.random.default_rng(4)
    numbers, vectors = (rng.integers(-8, 9, size).astype(dtype) for size in ((31, 7), (7, 32)))
    sums = np.full((31, 32), np.nan, dtype)
    room, asked = np.zeros(7, np.int64), np.full(8, 255, np.uint8)
    flat = vectors.reshape(-1), 7, sums.reshape(-1), 31
    _summed_with_a_list(numbers.reshape(-1), 7, *flat, asked, room)
    np.testing.assert_array_equal(sums, numbers @ vectors)
    assert room.tolist() == [asked.ctypes.data] * 7
    assert asked.tolist() == [255] * 8  # nothing is written there
