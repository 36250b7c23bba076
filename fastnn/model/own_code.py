"""Functions that users write, compiled with the values that they read at present."""

from __future__ import annotations

import hashlib
import inspect
import re
import sys
import uuid
import warnings
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
from numba import NumbaError, types
from numba.extending import is_jitted

from fastnn.kernels import own
from fastnn.kernels.compiling import OtherMeaningError, compile_anew, forget_overloads
from fastnn.kernels.interrupts import interrupts_later
from fastnn.model.changing_values import ChangingValues
from fastnn.model.what_is_read import OnlyPythonError, Reading, reading_of, steady

# By what Numba says that it cannot compile, where it meets what it does not know, beside its own
# errors. A signal's handler, or a full memory, may raise anything else.
_CANNOT = (
    *(NumbaError, OtherMeaningError, AssertionError, AttributeError, LookupError),
    *(RuntimeError, TypeError, ValueError),
)

# How it says that it does not know a function of Python's, which a user's calls.
_UNTYPED = re.compile(r"Untyped global name '(\w+)'.*<class 'function'>")

# What has been compiled, or why it could not be, by the form, what is read and the type of numbers.
_COMPILED: dict[Any, Any] = {}

# The values that functions have had, by the first of them, then by the form and all functions.
_CHANGING: WeakKeyDictionary[Any, dict[Any, ChangingValues]] = WeakKeyDictionary()

# What users' functions of `numba.jit` read when we last compiled with them, and their code then.
_FRESH: WeakKeyDictionary[Any, tuple[Any, list[Any]]] = WeakKeyDictionary()


def own_address(
    make: Callable[..., Any], dtype: npt.DTypeLike, *functions: tuple[Callable[..., Any], Any]
) -> Any:
    """Compile a form of users' functions, with the values they now read, for kernels to call.

    Parameters
    ----------
    make : function
        One of `kernels/own.py`, which takes the functions.
    dtype : numpy dtype
        Of the network.
    functions : pairs
        Each function, and the types of arguments that it has to be compiled for.

    Returns
    -------
    int or function
        What kernels take: an address, or with the JIT off a function. It stays the same until
        something that is read changes.

    Raises
    ------
    OnlyPythonError
        If a function cannot be compiled, or must not be.
    """
    readings = [reading_of(function) for function, _ in functions]
    form = make, np.dtype(dtype)
    key: tuple[Any, ...] = (*form, tuple(reading.read for reading in readings))
    compiled = _COMPILED
    addresses: list[dict[str, int]] = [{} for _ in functions]
    if key not in compiled and not any(is_jitted(function) for function, _ in functions):
        values = _values_of(form, functions)
        if values.are_many():
            key = values.take(readings)
            compiled, addresses = values.compiled, values.addresses()
    if key not in compiled:
        with interrupts_later():
            try:
                compiled[key] = _compiled(*form, readings, functions, addresses)
            except Exception as problem:
                if not _is_numbas(problem):
                    raise
                compiled[key] = OnlyPythonError(_reason(problem, functions))
    if isinstance(compiled[key], OnlyPythonError):
        raise OnlyPythonError(*compiled[key].args)
    return compiled[key]


def _is_numbas(problem: Exception) -> bool:
    """Say whether Numba cannot compile something: not all errors of its own are NumbaErrors."""
    return isinstance(problem, _CANNOT) or type(problem).__module__ == NumbaError.__module__


def _values_of(form: Any, functions: tuple[Any, ...]) -> ChangingValues:
    known = _CHANGING.setdefault(functions[0][0], {})
    # By identities: to hold the functions here would keep them, and all that they read, for ever.
    key = (*form, *((id(function), types) for function, types in functions))
    return known.setdefault(key, ChangingValues(len(functions)))


def _reason(problem: Exception, functions: tuple[Any, ...]) -> str:
    """Say in one line what Numba cannot compile, and in which line of the user's."""
    lines = [line.strip() for line in str(problem).splitlines()]
    lines = [line for line in lines if line and not line.startswith("Failed in nopython")]
    if not lines:
        return f"Numba cannot compile it, and says only {type(problem).__name__}"
    text = lines[0]
    call = next((line.removeprefix(">>> ") for line in lines if line.startswith(">>> ")), None)
    if call is not None and text.startswith("No implementation"):
        text = f"no implementation of {call}"
    helper = _UNTYPED.match(text)
    if helper is not None:
        text = f"it calls {helper[1]}, which is not compiled: decorate it with numba.njit"
    place: Any = getattr(problem, "loc", None)
    codes = [getattr(function, "py_func", function).__code__ for function, _ in functions]
    is_users = getattr(place, "filename", None) in [code.co_filename for code in codes]
    # Other lines are of Numba or of fastnn, and say nothing to the user.
    return f"line {place.line}: {text}" if is_users else text


def _results(make: Any, parts: list[Any]) -> str:
    """Say what each of the functions that are given to a form returns."""
    kinds = [part.nopython_signatures[-1].return_type for part in parts]
    each = zip(inspect.signature(make).parameters, kinds, strict=True)
    return ", ".join(f"{name} returns {_kind_name(kind)}" for name, kind in each)


def _kind_name(kind: Any) -> str:
    return f"a {kind.ndim}-d array of {kind.dtype}" if isinstance(kind, types.Array) else str(kind)


def _compiled(
    make: Any,
    dtype: np.dtype[Any],
    readings: list[Reading],
    functions: tuple[Any, ...],
    addresses: list[dict[str, int]],
) -> Any:
    lasts = all(reading.lasts for reading in readings) and not any(addresses)
    read = tuple(reading.read for reading in readings)
    digest = digest_of((make.__name__, dtype.str, read)) if lasts else uuid.uuid4().hex
    address = own.kept(digest)
    if address is None:
        _renew(readings)
        each = zip(functions, addresses, strict=True)
        parts = [own.compiled_part(function, kinds, at) for (function, kinds), at in each]
        try:
            address = own.compiled(make(*parts), dtype, digest, lasts)
        except NumbaError:
            raise TypeError(_results(make, parts)) from None
        for jitted, reads in (entry for reading in readings for entry in reading.jitted):
            _FRESH[jitted] = reads, list(jitted.overloads.values())
    return address


def _renew(readings: list[Reading]) -> None:
    """Compile again what Numba has compiled, or kept in files, with values of before.

    Numba goes by the types of arguments alone. What is linked in from it would be kept as if it
    had the present values.
    """
    for reading in readings:
        for function in reading.overloaded:
            forget_overloads(function)
        for jitted, reads in reading.jitted:
            known, codes = _FRESH.get(jitted, (None, []))
            now = list(jitted.overloads.values())
            same = len(now) == len(codes) and all(map(_is, now, codes))
            if known != reads or not same:
                compile_anew(jitted)
                _FRESH[jitted] = reads, list(jitted.overloads.values())


def _is(one: Any, other: Any) -> bool:
    return one is other


# What warnings have said that runs in Python: what it is called, by its class.
_SAID: WeakKeyDictionary[type[Any], set[str]] = WeakKeyDictionary()


def warn_once(written: Any, what: str, message: str) -> None:
    """Warn that something of a user's runs in Python, once for each class by each name.

    Parameters
    ----------
    written : object
        A class, or an object of one.
    what : str
        What it is called, such as "cost Huber".
    message : str
        What the warning says. It belongs to the line that has called fastnn.

    Warns
    -----
    RuntimeWarning
    """
    said = _SAID.setdefault(written if isinstance(written, type) else type(written), set())
    if what not in said:
        warnings.warn(message, RuntimeWarning, stacklevel=_level_of_caller())
        said.add(what)  # now, as a warning may be raised as an error


def _level_of_caller() -> int:
    """How many frames up, from the function that asks, fastnn was called."""
    level, frame = 1, sys._getframe(1)
    while frame.f_back is not None and _is_fastnns(frame.f_globals.get("__name__")):
        level, frame = level + 1, frame.f_back
    return level


def _is_fastnns(module: Any) -> bool:
    return str(module).partition(".")[0] == "fastnn"


def digest_of(read: Any) -> str:
    """Digest what a `Reading` has read: the same in every process for the same code."""
    return hashlib.sha256(repr(steady(read)).encode()).hexdigest()[:32]
