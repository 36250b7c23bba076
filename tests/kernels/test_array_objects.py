"""Kernels read from NumPy's objects what an array is at this moment."""

from __future__ import annotations

import numpy as np
import pytest

from fastnn.kernels import array_objects
from fastnn.kernels.array_objects import is_matrix_at, lie_as_expected
from fastnn.kernels.compiling import kernel

pytestmark = pytest.mark.compiled


@kernel
def is_matrix(like, array, numbers, rows, columns, kind, size):
    return is_matrix_at(like, array, numbers, rows, columns, (kind, size))


def is_noted(array, shape, dtype=np.float64, numbers=None):
    numbers = array.ctypes.data if numbers is None else numbers
    kind = np.dtype(dtype)
    like = np.zeros(1, np.int64)
    return is_matrix(like, id(array), numbers, *shape, id(kind), kind.itemsize)


def test_this_numpy_has_its_fields_where_they_are_read():
    assert lie_as_expected()


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("shape", [(3, 4), (4, 1), (1, 4), (1, 1)], ids=str)
def test_a_matrix_is_told_from_those_of_other_shapes_types_and_memory(shape, dtype):
    array, (rows, columns) = np.zeros(shape, dtype), shape
    assert is_noted(array, shape, dtype)
    assert is_noted(np.zeros((9, 9), dtype).ravel()[: array.size].reshape(shape), shape, dtype)
    assert not is_noted(array, (rows + 1, columns), dtype)
    assert not is_noted(array, (rows, columns + 1), dtype)
    assert not is_noted(array, shape, np.int64 if dtype == np.float64 else np.int32)
    assert not is_noted(array, shape, dtype, numbers=array.ctypes.data + 8)
    assert not is_noted(array[None], shape, dtype)
    assert not is_noted(array.ravel(), shape, dtype)
    assert not is_noted(array.astype(">f8"), shape, dtype)


def test_numbers_in_another_order_or_apart_are_no_matrix():
    memory = np.zeros((8, 8))
    assert not is_noted(memory.T, (8, 8))
    assert not is_noted(memory[::2], (4, 8))
    assert not is_noted(memory[:, :4], (8, 4))
    assert not is_noted(memory[:, ::2], (8, 4))
    assert not is_noted(memory[::-1], (8, 8))
    assert is_noted(memory[2:], (6, 8))


@pytest.mark.parametrize("field", ["_NUMBERS", "_DIMENSIONS", "_TYPE"])
def test_a_numpy_with_other_fields_is_found_out(field, monkeypatch):
    monkeypatch.setattr(array_objects, field, 6)
    assert not lie_as_expected()


def test_a_numpy_with_smaller_objects_is_found_out(monkeypatch):
    monkeypatch.setattr(array_objects, "_FIELDS", 100)
    assert not lie_as_expected()
