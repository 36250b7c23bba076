"""Weights and biases as arrays of numbers that compute as NumPy's do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from fastnn.common.checks import check_mapped, describe, numbers

_PLAIN = (np.ndarray, np.memmap)
# What a program in NumPy does to weights and biases, and a class of arrays may do in its own way.
_ARITHMETIC = (
    *("__array_ufunc__", "__array_function__", "__array_wrap__", "transpose"),
    *("__add__", "__radd__", "__sub__", "__rsub__", "__mul__", "__rmul__"),
)


def parameter_arrays(
    name: str, arrays: Sequence[Any], shapes: Sequence[tuple[int, int]]
) -> list[npt.NDArray[Any]]:
    """Return weights or biases as arrays of numbers.

    Parameters
    ----------
    name : str
        What messages call them: "weights" or "biases".
    arrays : sequence of array_like
        An array for each layer after the inputs.
    shapes : sequence of tuple
        The shapes that they must have.

    Returns
    -------
    list of ndarray
        Those that are given, where they are plain arrays of floats.

    Raises
    ------
    TypeError, ValueError
        If an array is missing, or none of real numbers of its shape; the message names it.
    """
    try:
        entries = list(arrays)
    except TypeError:
        raise TypeError(f"{name} must be a list of arrays, got {describe(arrays)}") from None
    if len(entries) != len(shapes):
        raise ValueError(
            f"{name} must hold {len(shapes)} arrays, one for each layer after the inputs, "
            f"got {len(entries)}"
        )
    checked = []
    for layer, (entry, shape) in enumerate(zip(entries, shapes, strict=True)):
        if type(entry) in _PLAIN and entry.shape == shape and entry.dtype.kind == "f":
            check_mapped(f"{name}[{layer}]", entry)
            checked.append(entry)
            continue
        array = numbers(f"{name}[{layer}]", entry, str(shape))
        _check_arithmetic(f"{name}[{layer}]", entry)
        if array.shape != shape:
            raise ValueError(
                f"{name}[{layer}] must be an array of numbers of shape {shape}, "
                f"got shape {array.shape} (a network of other sizes needs these in its sizes, too)"
            )
        checked.append(array)
    return checked


def _check_arithmetic(name: str, array: Any) -> None:
    """Raise TypeError if an array is of a class that computes in its own way, as matrices do.

    Kernels see only its numbers.
    """
    kind = type(array)
    if not isinstance(array, np.ndarray) or kind in _PLAIN or isinstance(array, np.ma.MaskedArray):
        return
    if any(getattr(kind, way) is not getattr(np.ndarray, way) for way in _ARITHMETIC):
        raise TypeError(
            f"{name} must be an array that computes as NumPy's do, got a {kind.__name__}: give "
            "numpy.array(it)"
        )
