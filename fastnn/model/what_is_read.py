"""What a function that a user wrote reads besides its arguments, and whether Numba may compile it.

Numba compiles the values of globals and closures in, as they are at that moment. A function is
therefore compiled anew whenever one of them has changed. What Numba would freeze or imitate, such
as arrays, objects and random numbers, is left to Python.
"""

from __future__ import annotations

import builtins
import sys
import types
from collections import namedtuple
from collections.abc import Callable
from typing import Any, NamedTuple, cast

import numpy as np
from numba.extending import is_jitted

from fastnn.kernels.compiling import overloads_of
from fastnn.model.bytecode import names_read, obstacles

# Values that are part of what is compiled: equal ones give the same code. Of these types only: a
# class derived from one may print and compute what it likes.
_PLAIN = (bool, int, float, complex, str, type(None))

# What there is in every class of named tuples.
FIELD_OF_NAMED_TUPLE = type(vars(namedtuple("_Named", "field"))["field"])
_MADE_WITH_THE_CLASS = ("__new__", "__annotate__", "__annotate_func__")


class OnlyPythonError(Exception):
    """A function reads something that must not be compiled in; the message says what."""


class Reading(NamedTuple):
    """What a function reads, and what else Numba may have compiled with values of before."""

    read: tuple[Any, ...]  # equal ones may share code
    jitted: list[tuple[Any, Any]]  # functions of `numba.jit`, innermost first, and what they read
    overloaded: list[Any]  # functions in whose place Numba compiles others
    lasts: bool  # whether another process can tell that it reads the same


def reading_of(function: Callable[..., Any]) -> Reading:
    """Describe a function by its code and by all values that it reads.

    Raises
    ------
    OnlyPythonError
        If only Python can give it the present values: it is no plain function, it draws random
        numbers, or it reads something else than numbers, texts, NumPy's and `math`'s functions.
    """
    reader = _Reader()
    read = reader.function(function)
    return Reading(read, reader.jitted, reader.overloaded, reader.lasts)


class _Reader:
    """Follows what a function reads, through the functions that it calls."""

    def __init__(self) -> None:
        self.jitted: list[tuple[Any, Any]] = []
        self.overloaded: list[Any] = []
        self.lasts = True
        self._within: list[Any] = []  # the functions that are being described
        self._in_overload = False
        self._in_jitted = False

    def function(self, function: Any) -> tuple[Any, ...]:
        """Describe a function."""
        if function in self._within:  # it calls itself
            return "again", self._within.index(function)
        self._within.append(function)
        try:
            return self._jitted(function) if is_jitted(function) else self._plain(function)
        finally:
            self._within.pop()

    def _jitted(self, function: Any) -> tuple[Any, ...]:
        before, self._in_jitted = self._in_jitted, True
        try:
            of_python = self._plain(function.py_func)
        finally:
            self._in_jitted = before
        read = (
            *of_python,
            in_print(function.targetoptions),
            in_print(function.locals),
            # Of these its user says that there are no others.
            () if function._can_compile else tuple(map(str, function.nopython_signatures)),
        )
        self.jitted.append((function, read))
        return read

    def _plain(self, function: Any) -> tuple[Any, ...]:
        if not isinstance(function, types.FunctionType):
            raise OnlyPythonError(
                f"{type(function).__name__} {name_of(function)} is not a plain function"
            )
        defaults = (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values())
        read = [self._described("a default", value) for value in defaults]
        cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
        assigned, has_try = obstacles(function.__code__)
        if assigned is not None:
            raise OnlyPythonError(f"it imports or assigns {assigned}")
        # What Numba has compiled for its user does the same when Python calls it.
        if has_try and not (self._in_jitted or self._in_overload):
            raise OnlyPythonError("it has try, and some exceptions of Python never come in Numba")
        for from_cell, name, attributes in names_read(function.__code__):
            if from_cell and name in cells:
                value = _content_of(name, cells[name])
            elif from_cell:
                continue  # a variable of the function itself, which one within it reads
            else:
                value = function.__globals__.get(name, getattr(builtins, name, OnlyPythonError))
            read.append(self._described(name, value, attributes))
        return (function.__code__, *read)

    def _described(self, name: str, value: Any, attributes: tuple[str, ...] = ()) -> Any:
        """What a value that is read adds to the description of the function that reads it."""
        try:
            return self._described_in_full(name, value, attributes)
        except OnlyPythonError:
            if not self._in_overload:
                raise
            self.lasts = False
            return name, attributes, _Itself(value)

    def _described_in_full(self, name: str, value: Any, attributes: tuple[str, ...]) -> Any:
        if value is OnlyPythonError:
            raise OnlyPythonError(f"{name} is not defined")
        if isinstance(value, types.ModuleType):
            return self._of_module(name, value, attributes)
        if type(value) in _PLAIN or _is_number_of_numpy(value):
            return name, type(value), repr(value)
        if type(value) is tuple or _is_named_tuple(value):
            entries = tuple(self._described(name, entry) for entry in value)
            return name, type(value), getattr(value, "_fields", ()), entries
        if is_jitted(value):
            return name, self.function(value)
        if _is_pythons_or_numpys(value):
            return name, _identity(value), self._overloads(value)
        if isinstance(value, types.FunctionType):
            return name, self.function(value), self._overloads(value)
        raise OnlyPythonError(f"it reads {name}, {type(value).__name__}")

    def _of_module(self, name: str, module: types.ModuleType, attributes: tuple[str, ...]) -> Any:
        """Describe what is read of a module: it must be named at once, or anything may be."""
        written, value = ".".join((name, *attributes)), cast(Any, module)
        if module.__name__ in ("numpy", "math"):
            for attribute in attributes:
                value = getattr(value, attribute, OnlyPythonError)
                if not isinstance(value, types.ModuleType) or not _is_numpy(value.__name__):
                    break
        elif module.__name__.startswith("fastnn.") and attributes:
            value = getattr(module, attributes[0], module)
            if not isinstance(value, types.FunctionType):
                raise OnlyPythonError(f"it reads {written}")
        if isinstance(value, types.ModuleType):
            raise OnlyPythonError(f"it reads {written}")
        return self._described_in_full(written, value, ())

    def _overloads(self, function: Any) -> tuple[Any, ...]:
        """Describe what Numba compiles in the place of a function that is plain in Python."""
        overloads = overloads_of(function)
        if not overloads:
            return ()
        if function not in self.overloaded:
            self.overloaded.append(function)
        before, self._in_overload = self._in_overload, True
        try:
            return tuple(
                (in_print(options), other is function or self.function(other))
                for other, options in overloads
            )
        finally:
            self._in_overload = before


class _Itself:
    """A value of which nothing is known but whether it is the same."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Itself) and self._value is other._value

    def __hash__(self) -> int:
        return id(self._value)

    def __repr__(self) -> str:
        return "itself"


def steady(value: Any) -> Any:
    """What a text says of a value, or of the code of a function, in the same way in every process.

    It says all that compiled code depends on, and nothing else.
    """
    if isinstance(value, types.CodeType):
        flags = value.co_argcount, value.co_kwonlyargcount, value.co_flags
        names = value.co_names, value.co_varnames, value.co_freevars, value.co_cellvars
        handlers = getattr(value, "co_exceptiontable", b"")  # from Python 3.11 on
        return *flags, *names, value.co_code, handlers, steady(value.co_consts)
    if isinstance(value, tuple):
        return tuple(steady(entry) for entry in value)
    if isinstance(value, frozenset):
        return sorted(map(repr, value))
    if callable(value):
        return value.__module__, name_of(value)
    return repr(value)


def in_print(value: Any) -> str:
    """Print options of Numba in the same way in every process: sets have no order."""
    if isinstance(value, dict):
        return repr(sorted((str(key), in_print(entry)) for key, entry in value.items()))
    return repr(sorted(map(repr, value)) if isinstance(value, (set, frozenset)) else value)


def _content_of(name: str, cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        raise OnlyPythonError(f"{name} has no value yet") from None


def _is_number_of_numpy(value: Any) -> bool:
    return isinstance(value, (np.number, np.bool_)) and type(value).__module__ == "numpy"


def _is_named_tuple(value: Any) -> bool:
    """Say whether this is a named tuple without methods of its own, which Numba would not see."""
    kind = type(value)
    return (
        kind.__bases__ == (tuple,)
        and hasattr(kind, "_fields")
        and all(
            isinstance(member, FIELD_OF_NAMED_TUPLE)
            or getattr(member, "__module__", None) == "collections"
            or name in _MADE_WITH_THE_CLASS
            for name, member in vars(kind).items()
            if hasattr(member, "__get__")
        )
    )


def _is_pythons_or_numpys(value: Any) -> bool:
    """Say whether this is a function or a type of Python, of `math` or of NumPy.

    What a user has made may say so too: a function that `functools.wraps` has adorned, for example.
    """
    if isinstance(value, np.ufunc):
        return getattr(np, value.__name__, None) is value
    if isinstance(value, types.FunctionType):
        return _is_numpy(str(value.__globals__.get("__name__")))
    module = getattr(value, "__module__", None) or ""
    if not (module in ("builtins", "math") or _is_numpy(module)):
        return False
    if isinstance(value, type):
        return getattr(sys.modules.get(module), value.__qualname__, None) is value
    bound = getattr(value, "__self__", None)
    return callable(value) and (bound is None or isinstance(bound, types.ModuleType))


def _is_numpy(module: str) -> bool:
    """Say whether a module is one of NumPy's, other than those of random numbers."""
    first, *rest = module.split(".")
    return first == "numpy" and "random" not in rest


def _identity(value: Any) -> tuple[str, ...]:
    return str(getattr(value, "__module__", "numpy")), name_of(value), type(value).__name__


def name_of(value: Any) -> str:
    """Return the name of a function or a class, for messages and digests."""
    return str(getattr(value, "__qualname__", getattr(value, "__name__", "without a name")))
