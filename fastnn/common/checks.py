"""Checks of arguments: each returns the value in its plain form or raises one clear error."""

from __future__ import annotations

import math
import mmap
import operator
import os
from collections.abc import Iterator
from numbers import Real
from typing import Any

import numpy as np
import numpy.typing as npt

_LONGEST = 60  # characters of a value in an error message
_LARGEST_BITS = 200  # of an integer that is written out: those of 60 digits


def counted(count: int, what: str) -> str:
    """Return a number of things in words: 1 class, 2 classes."""
    if count == 1:
        return f"1 {what}"
    many = {"category": "categories", "class": "classes"}.get(what, f"{what}s")
    return f"{count} {many}"


def describe(value: Any) -> str:
    """Describe a value in one short line that a terminal can print, for an error message.

    However large, deep or odd the value is, this takes no time: values come from files too.
    """
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape} and type {shortened(value.dtype)}"
    text, pieces = "", _pieces(value)
    while len(text) <= _LONGEST and (piece := next(pieces, None)) is not None:
        text += piece
    return shortened(text)


def shortened(value: Any, longest: int = _LONGEST) -> str:
    """Return a text as `printable` does, its end cut off if it is too long."""
    text = str(value)
    shown = printable(text[: longest + 1])
    return shown if len(shown) <= longest else f"{shown[: longest - 3]}..."


def printable(value: Any) -> str:
    """Return a text, or the name of a file, with an escape for all that a terminal would obey.

    A line break becomes a backslash and an n, and so on; what can be printed stays as it is.
    """
    text = os.fsdecode(value) if isinstance(value, (bytes, os.PathLike)) else str(value)
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _escaped(char) for char in text)


def _escaped(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")


def _pieces(value: Any) -> Iterator[str]:
    """Yield the text of `repr` bit by bit, so that no more of it is made than is used."""
    kind = type(value)
    if kind in (str, bytes) or (isinstance(value, (str, bytes)) and len(value) > _LONGEST):
        yield repr(value[: _LONGEST + 1])
    elif kind is int and value.bit_length() > _LARGEST_BITS:
        yield f"an integer of {value.bit_length()} bits"
    elif kind is dict:
        yield "{"
        for place, (key, entry) in enumerate(value.items()):
            yield ", " if place else ""
            yield from _pieces(key)
            yield ": "
            yield from _pieces(entry)
        yield "}"
    elif kind in (list, tuple):
        yield "[" if kind is list else "("
        for place, entry in enumerate(value):
            yield ", " if place else ""
            yield from _pieces(entry)
        yield "]" if kind is list else ",)" if len(value) == 1 else ")"
    elif isinstance(value, np.ndarray) and (value.dtype.hasobject or value.size > _LONGEST):
        yield describe(value)
    else:
        try:
            yield repr(value)
        except Exception:  # a class of somebody else's may raise anything
            yield f"an object of type {kind.__name__}"


def integer(name: str, value: Any, *, smallest: int) -> int:
    """Return `value` as an int of at least `smallest`."""
    if type(value) is int and value >= smallest:  # fast path: single calls check many sizes
        return value
    expected = f"{name} must be an integer of at least {smallest}, got {describe(value)}"
    if isinstance(value, (bool, np.bool_)):
        raise TypeError(expected)
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(expected) from None
    if number < smallest:
        raise ValueError(expected)
    return number


def integer_within(name: str, value: Any, smallest: int, largest: int) -> int:
    """Return `value` as an int from `smallest` to `largest`."""
    number = integer(name, value, smallest=smallest)
    if number > largest:
        raise ValueError(f"{name} must be at most {largest}, got {describe(value)}")
    return number


def flag(name: str, value: Any) -> bool:
    """Return `value`, True or False, as a bool."""
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name} must be True or False, got {describe(value)}")
    return bool(value)


def real(name: str, value: Any) -> float:
    """Return `value` as a finite float."""
    if type(value) is float and math.isfinite(value):  # fast path, as in `integer`
        return value
    expected = f"{name} must be a finite number, got {describe(value)}"
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value[()]
    if not isinstance(value, Real) or isinstance(value, (bool, np.bool_)):
        raise TypeError(expected)
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ValueError(expected)
    return number


def fraction(name: str, value: Any) -> float:
    """Return `value` as a float from 0 to below 1."""
    number = real(name, value)
    if not 0.0 <= number < 1.0:
        raise ValueError(f"{name} must be at least 0 and below 1, got {describe(value)}")
    return number


def positive(name: str, value: Any) -> float:
    """Return `value` as a finite float above 0."""
    number = real(name, value)
    if number <= 0.0:
        raise ValueError(f"{name} must be above 0, got {describe(value)}")
    return number


def not_negative(name: str, value: Any) -> float:
    """Return `value` as a finite float of at least 0."""
    number = real(name, value)
    if number < 0.0:
        raise ValueError(f"{name} must be at least 0, got {describe(value)}")
    return number


def wrong_choice(value: Any, expected: str) -> TypeError | ValueError:
    """Return the error for a value that is none of a few names.

    Parameters
    ----------
    value : object
        What came in place of a name: a ValueError if it is another name, else a TypeError.
    expected : str
        The message up to what came.
    """
    kind = ValueError if isinstance(value, str) else TypeError
    return kind(f"{expected}, got {describe(value)}")


def layer_sizes(sizes: Any) -> list[int]:
    """Return the numbers of neurons per layer as a list of positive ints, two layers at least."""
    if not isinstance(sizes, (list, tuple, range, np.ndarray)):
        raise TypeError(
            f"sizes must be a sequence of integers such as [784, 30, 10], got {describe(sizes)}"
        )
    entries = list(sizes)
    if len(entries) < 2:
        raise ValueError(
            f"sizes must name at least two layers, inputs and outputs, got {describe(sizes)}"
        )
    return [integer(f"sizes[{i}]", size, smallest=1) for i, size in enumerate(entries)]


def float_type(dtype: npt.DTypeLike) -> np.dtype[Any]:
    """Return `dtype` as numpy.float64 or numpy.float32."""
    try:
        result = np.dtype(dtype)
    except Exception:  # NumPy parses strings, and some end in a SyntaxError
        result = np.dtype(object)
    if result.type not in (np.float64, np.float32) or not result.isnative:
        raise ValueError(f"dtype must be float64 or float32, got {describe(dtype)}")
    return result


def check_seed(name: str, seed: Any) -> int:
    """Return `seed` as an int that both NumPy's and Python's generators take."""
    checked = integer(name, seed, smallest=0)
    if checked >= 2**32:
        raise ValueError(f"{name} must be an integer below 2**32, got {describe(seed)}")
    return checked


def check_seeds(seeds: Any) -> list[int]:
    """Return `seeds` as a list of different ints that both NumPy's and Python's generators take."""
    if isinstance(seeds, range) and seeds and max(seeds[0], seeds[-1]) >= 2**32:
        raise _wrong_seeds(seeds)  # before there is no memory left for a list of them
    try:
        entries = list(seeds)
    except TypeError:
        raise TypeError(
            f"seeds must be integers such as range(20), got {describe(seeds)}"
        ) from None
    checked = [integer(f"seeds[{i}]", seed, smallest=0) for i, seed in enumerate(entries)]
    if not checked or max(checked) >= 2**32 or len(set(checked)) < len(checked):
        raise _wrong_seeds(checked)
    return checked


def _wrong_seeds(seeds: Any) -> ValueError:
    return ValueError(
        f"seeds must be different integers below 2**32, one at least, got {describe(seeds)}"
    )


def numbers(name: str, values: npt.ArrayLike, shape: str) -> npt.NDArray[Any]:
    """Return `values` as an array of real numbers; error messages ask for `shape`."""
    expected = f"{name} must be an array of numbers of shape {shape}"
    check_mapped(name, values)
    check_unmasked(name, values)
    try:
        array = np.asarray(values)
    except ValueError:
        raise ValueError(f"{expected}, got a ragged list") from None
    if array.dtype.kind not in "fiub":
        if hasattr(values, "iloc") and array.ndim == 2:
            return _numbers_of_frame(expected, values)
        raise TypeError(f"{expected}, got {describe(array if array.ndim else values)}")
    return array


def _numbers_of_frame(expected: str, frame: Any) -> npt.NDArray[Any]:
    """Return a DataFrame of several types of numbers, some of them pandas' own, as one array."""
    for name, dtype in frame.dtypes.items():
        if getattr(dtype, "kind", "O") not in "fiub":
            kind = printable(str(dtype))
            raise TypeError(f"{expected}, got the column {shortened(name)} of type {kind}")
    array: npt.NDArray[Any] = frame.to_numpy(np.float64, na_value=np.nan)
    return array


def check_unmasked(name: str, values: Any) -> None:
    """Raise ValueError if values are masked, in an array or in one of a list.

    NumPy would take what is below the mask.
    """
    arrays = values if isinstance(values, (list, tuple)) else (values,)
    if set(map(type, arrays)) == {np.ndarray}:  # as mostly, and soon told for many of them
        return
    for array in arrays:
        # Only of a subclass is this asked: numpy.ma is slow to import.
        if not isinstance(array, np.ndarray) or type(array) is np.ndarray:
            continue
        if np.ma.is_masked(array):
            raise ValueError(
                f"{name} must have no masked values, got {np.ma.getmask(array).sum()}; fill them, "
                "such as by filled(), or leave them out"
            )


def permutation(name: str, order: npt.NDArray[Any], n: int) -> npt.NDArray[np.int64]:
    """Return `order`, of shape (n,), as int64 if it has each number from 0 to n - 1 once."""
    expected = f"{name} must have each number from 0 to {n - 1} once, got {describe(order)}"
    if order.dtype.kind not in "iu" or order.shape != (n,):
        raise ValueError(expected)
    ordered = np.sort(order)
    if (ordered != np.arange(n)).any():
        raise ValueError(f"{expected} from {ordered[0]} to {ordered[-1]}")
    return order.astype(np.int64)


def check_mapped(name: str, values: Any) -> None:
    """Raise ValueError if a memory map is longer than its file, which may have been cut since.

    Reading beyond the end of the file would kill the process. Of pandas' tables each column is
    looked at: the numbers themselves are not.
    """
    for array in _arrays_of(values):
        while isinstance(array, np.ndarray) and not isinstance(array.base, mmap.mmap):
            array = array.base
        if not isinstance(array, np.memmap):
            continue
        # A map begins at the page where the array does; views of it know its offset and length.
        begin = array.offset - array.offset % mmap.ALLOCATIONGRANULARITY
        mapped = array.base
        assert isinstance(mapped, mmap.mmap)
        needed, found = begin + len(mapped), mapped.size()
        if found < needed:
            raise ValueError(
                f"{name} must lie in a file of {needed} bytes, as when it was mapped into memory, "
                f"got one of {found}"
            )


def _arrays_of(values: Any) -> Iterator[Any]:
    """Yield an array itself, or of a DataFrame or Series the arrays that it is made of."""
    if not hasattr(values, "iloc"):
        yield values
        return
    columns = [values] if values.ndim == 1 else (column for _, column in values.items())
    for column in columns:
        if isinstance(column.dtype, np.dtype):  # pandas' own types are in memory of its own
            yield column.to_numpy()
