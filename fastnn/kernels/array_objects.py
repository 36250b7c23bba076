"""NumPy's array objects as they lie in memory: what an array is at this moment, without Python.

A script may change an array in place: its shape, strides, type and memory. To ask four arrays for
the first three takes Python an eighth of a call of `backprop`; a kernel reads all of it from the
objects for next to nothing. NumPy keeps the fields where they are, for programs in C that were
compiled with other versions of it, and `lie_as_expected` looks whether it has.
"""

from __future__ import annotations

import ctypes

import numpy as np

from .compiling import helper
from .simd import element, pointer_at

# The fields, of eight bytes each: the address of the numbers; how many dimensions, of which only
# four bytes count; the addresses of the shape, of the strides and of the type.
_NUMBERS, _DIMENSIONS, _SHAPE, _STRIDES, _TYPE = 2, 3, 4, 5, 7
_FIELDS, _COUNTS = 8, 0xFFFFFFFF


@helper
def type_at(like, array):
    """The address of the type of the array at address `array`; `like` is an array of int64."""
    return element(pointer_at(like, array), _TYPE)


@helper
def is_matrix_at(like, array, numbers, rows, columns, kind):
    """Whether the object at address `array` is a matrix (rows, columns) in C order.

    Its numbers have to be at address `numbers`, and `kind` are the address of its type and the
    bytes of a number. `like` is an array of int64.
    """
    field, (number_type, size) = pointer_at(like, array), kind
    if element(field, _NUMBERS) != numbers or element(field, _DIMENSIONS) & _COUNTS != 2:
        return False
    shape = pointer_at(like, element(field, _SHAPE))
    strides = pointer_at(like, element(field, _STRIDES))
    return (
        element(field, _TYPE) == number_type
        and element(shape, 0) == rows
        and element(shape, 1) == columns
        and (rows == 1 or element(strides, 0) == columns * size)
        and (columns == 1 or element(strides, 1) == size)
    )


def lie_as_expected() -> bool:
    """Say whether this NumPy has the fields of an array where the kernels read them."""
    transposed, reversed_half = np.zeros((3, 4), np.float32).T, np.zeros(5, np.int16)[::-2]
    return all(_lies_as_expected(array) for array in (transposed, reversed_half))


def _lies_as_expected(array: np.ndarray) -> bool:
    if object.__basicsize__ != 16 or np.ndarray.__basicsize__ < 8 * _FIELDS:
        return False
    fields = (ctypes.c_int64 * _FIELDS).from_address(id(array))
    known = {_NUMBERS: array.__array_interface__["data"][0], _TYPE: id(array.dtype)}
    if fields[_DIMENSIONS] & _COUNTS != array.ndim or any(fields[k] != known[k] for k in known):
        return False
    several = ctypes.c_int64 * array.ndim
    shape, strides = (tuple(several.from_address(fields[k])) for k in (_SHAPE, _STRIDES))
    return shape == array.shape and strides == array.strides
