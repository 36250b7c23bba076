"""What a function that a user wrote reads besides its arguments, and whether Numba may compile it.

Numba compiles the values of globals and closures in, as they are at that moment. A function is
therefore compiled anew whenever one of them has changed. What Numba would freeze or imitate, such
as arrays, objects and random numbers, is left to Python.
"""

from __future__ import annotations

import builtins
import dis
import functools
import types
from collections.abc import Callable, Iterator
from typing import Any

import numba
import numpy as np

# Values that are part of what is compiled: equal ones give the same code.
_PLAIN = (bool, int, float, complex, str, type(None), np.generic)

_GLOBAL = ("LOAD_GLOBAL", "LOAD_NAME")
_FREE = ("LOAD_DEREF", "LOAD_CLASSDEREF", "LOAD_FROM_DICT_OR_DEREF")
_ATTRIBUTE = ("LOAD_ATTR", "LOAD_METHOD")
_FOREIGN = ("IMPORT_NAME", "STORE_GLOBAL", "DELETE_GLOBAL")


# What has been compiled, or why it could not be, by what is read and the arguments' types.
_COMPILED: dict[Any, Any] = {}


class OnlyPythonError(Exception):
    """A function reads something that must not be compiled in; the message says what."""


def compile_own(function: Callable[..., Any], signature: tuple[Any, ...]) -> Any:
    """Compile a user's function for arguments of these types, with the values it now reads.

    Raises OnlyPythonError if it must not be compiled, and whatever Numba raises if it cannot be.
    """
    key = (what_it_reads(function), signature)
    if key not in _COMPILED:
        compiled: Any = numba.njit(error_model="numpy")(function)
        try:
            if compiled is not function:  # they are the same with NUMBA_DISABLE_JIT=1
                compiled.compile(signature)
        except Exception as problem:
            compiled = problem
        _COMPILED[key] = compiled
    if isinstance(_COMPILED[key], Exception):
        raise _COMPILED[key]
    return _COMPILED[key]


def what_it_reads(function: Callable[..., Any]) -> tuple[Any, ...]:
    """Describe a function by its code and by all values that it reads; equal ones may share code.

    Raises
    ------
    OnlyPythonError
        If only Python can give it the present values: it is no plain function, it draws random
        numbers, or it reads something else than numbers, texts, NumPy's and `math`'s functions.
    """
    if isinstance(function, numba.core.dispatcher.Dispatcher):
        function = function.py_func
    if not isinstance(function, types.FunctionType):
        raise OnlyPythonError(
            f"{type(function).__name__} {_name(function)} is not a plain function"
        )
    defaults = (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values())
    read = [_described("a default", value) for value in defaults]
    cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
    for from_cell, name, attribute in _names_read(function.__code__):
        if from_cell and name in cells:
            value = _content_of(name, cells[name])
        elif from_cell:
            continue  # a variable of the function itself, which one within it reads
        else:
            value = function.__globals__.get(name, getattr(builtins, name, OnlyPythonError))
        read.append(_described(name, value, attribute))
    return (function.__code__, *read)


@functools.lru_cache(maxsize=256)
def _names_read(code: types.CodeType) -> tuple[tuple[bool, str, str], ...]:
    """The names that a function reads: whether from a closure, which, and what attribute of it."""
    names = []
    for part in _codes_of(code):
        steps = [step for step in dis.get_instructions(part) if step.opname != "CACHE"]
        for step, following in zip(steps, [*steps[1:], None], strict=True):
            if step.opname in _FOREIGN:
                raise OnlyPythonError(f"it imports or assigns {step.argval}")
            if step.opname in (*_GLOBAL, *_FREE):
                attribute = ""
                if following is not None and following.opname in _ATTRIBUTE:
                    attribute = following.argval
                names.append((step.opname in _FREE, step.argval, attribute))
    return tuple(names)


def _codes_of(code: types.CodeType) -> Iterator[types.CodeType]:
    """The code of a function, and of the functions and comprehensions within it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _codes_of(constant)


def _content_of(name: str, cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        raise OnlyPythonError(f"{name} has no value yet") from None


def _described(name: str, value: Any, attribute: str = "") -> Any:
    """What a value that is read adds to the description of the function that reads it."""
    if value is OnlyPythonError:
        raise OnlyPythonError(f"{name} is not defined")
    if isinstance(value, _PLAIN):
        return name, type(value), repr(value)
    if isinstance(value, tuple):
        return name, tuple(_described(name, entry) for entry in value)
    if isinstance(value, types.ModuleType):
        if value.__name__ in ("numpy", "math") and attribute != "random":
            return name, value.__name__
        target = getattr(value, attribute, None)
        if value.__name__.startswith("fastnn.") and isinstance(target, types.FunctionType):
            return name, attribute, what_it_reads(target)
        raise OnlyPythonError(f"it reads {name}{'.' if attribute else ''}{attribute}")
    if isinstance(value, (numba.core.dispatcher.Dispatcher, types.FunctionType)):
        if getattr(value, "__module__", "").startswith("numpy"):
            return name, value
        return name, what_it_reads(value)
    of_library = getattr(value, "__module__", None) in ("builtins", "math", "numpy")
    if isinstance(value, np.ufunc) or (of_library and _is_function_or_type(value)):
        return name, _name(value)
    raise OnlyPythonError(f"it reads {name}, {type(value).__name__}")


def _is_function_or_type(value: Any) -> bool:
    bound = getattr(value, "__self__", None)
    return callable(value) and (bound is None or isinstance(bound, types.ModuleType))


def _name(value: Any) -> str:
    return str(getattr(value, "__qualname__", getattr(value, "__name__", "without a name")))
