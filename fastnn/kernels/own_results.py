"""What functions of a user's cost must return: checked alike in Python and compiled."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import types

from .compiling import helper, implements
from .simd import put

# What NumPy calls types of real numbers: truth values, integers with a sign and without, floats.
_REAL = "biuf"

_ONE_NUMBER = "fn must return one number, got shape {}"
_COLUMN = "delta must return a column of shape ({}, 1), got shape {}"
_COLUMNS = "delta must return columns of shape ({}, {}), got shape {}"


class WrongShapeError(ValueError):
    """A function returned an array of another shape than it must.

    Compiled code gives it the numbers alone; the message is put together in Python.
    """

    def __str__(self) -> str:
        words, *numbers = self.args
        return str(words).format(*numbers)


def cost_of(value: Any) -> float:
    """Return what `fn` returned as a number.

    Raises
    ------
    TypeError, ValueError
        If it is no real number, nor an array of one.
    """
    array = np.asarray(value)
    if array.dtype.kind not in (*_REAL, "O"):
        raise TypeError(f"fn must return one number, got {_kind_of(value)}")
    if array.size != 1:
        raise WrongShapeError(_ONE_NUMBER, array.shape)
    try:
        return float(array.reshape(())[()])
    except (TypeError, ValueError):
        raise TypeError(f"fn must return one number, got {_kind_of(value)}") from None


def error_of(values: Any, rows: int, columns: int = 1) -> npt.NDArray[Any]:
    """Return what `delta` returned as a column with this number of rows, or as several.

    Raises
    ------
    TypeError, ValueError
        If it is no column of real numbers. For a single row, one number will do.
    """
    array = np.asarray(values)
    if array.dtype.kind not in _REAL:
        raise TypeError(f"delta must return a column of real numbers, got {_kind_of(values)}")
    if columns > 1 and array.shape != (rows, columns):
        raise WrongShapeError(_COLUMNS, rows, columns, array.shape)
    if columns == 1 and array.shape != (rows, 1) and not rows == array.size == 1:
        raise WrongShapeError(_COLUMN, rows, array.shape)
    return array.reshape(rows, columns)


def _kind_of(value: Any) -> str:
    return str(value.dtype) if isinstance(value, np.ndarray) else type(value).__name__


def put_cost(out, value):
    """out[0] = what `fn` returned."""
    put(out, 0, cost_of(value))


def put_error(column, room, values):
    """Write what `delta` returned into `column`, which it may be a part of, in another order.

    `room` is another column of the same length.
    """
    column[:, :] = error_of(values, len(column)).copy()


@helper
def assign(column, values):
    """column[:, :] = values, for columns that have no memory in common."""
    # Numba takes two seconds to compile column[:, :] = values
    for j in range(len(column)):
        column[j, 0] = values[j, 0]


def _put_number(out, value):
    put(out, 0, value)


def _put_only_of_row(out, value):
    if value.size != 1:
        raise WrongShapeError(_ONE_NUMBER, value.shape)
    put(out, 0, value[0])


def _put_only_of_table(out, value):
    if value.size != 1:
        raise WrongShapeError(_ONE_NUMBER, value.shape)
    put(out, 0, value[0, 0])


@implements(put_cost)
def _put_cost_overload(out, value):
    of_dimensions = [
        lambda out, value: put(out, 0, value[()]),
        _put_only_of_row,
        _put_only_of_table,
    ]
    return _form_for(value, _put_number, of_dimensions)


def _put_number_as_error(column, room, values):
    if len(column) != 1:
        raise WrongShapeError(_COLUMN, len(column), ())
    column[0, 0] = values


def _put_scalar_as_error(column, room, values):
    if len(column) != 1:
        raise WrongShapeError(_COLUMN, len(column), values.shape)
    column[0, 0] = values[()]


def _put_row_as_error(column, room, values):
    if len(column) != 1 or values.size != 1:
        raise WrongShapeError(_COLUMN, len(column), values.shape)
    column[0, 0] = values[0]


def _put_column(column, room, values):
    if values.shape != column.shape:
        raise WrongShapeError(_COLUMN, len(column), values.shape)
    assign(room, values)
    assign(column, room)


@implements(put_error)
def _put_error_overload(column, room, values):
    forms = [_put_scalar_as_error, _put_row_as_error, _put_column]
    return _form_for(values, _put_number_as_error, forms)


def _form_for(kind, of_number, of_dimensions):
    """Choose what is compiled for a type of result; None where only Python can check it."""
    real = (types.Boolean, types.Integer, types.Float)
    if isinstance(kind, real):
        return of_number
    if not isinstance(kind, types.Array) or not isinstance(kind.dtype, real):
        return None
    return of_dimensions[kind.ndim] if kind.ndim < len(of_dimensions) else None
