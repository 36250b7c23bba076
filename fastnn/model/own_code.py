"""What a function that a user wrote reads besides its arguments, and whether Numba may compile it.

Numba compiles the values of globals and closures in, as they are at that moment. A function is
therefore compiled anew whenever one of them has changed. What Numba would freeze or imitate, such
as arrays, objects and random numbers, is left to Python.
"""

from __future__ import annotations

import builtins
import dis
import functools
import hashlib
import types
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
from numba.extending import is_jitted

from fastnn.kernels import own

# Values that are part of what is compiled: equal ones give the same code.
_PLAIN = (bool, int, float, complex, str, type(None), np.generic)

_GLOBAL = ("LOAD_GLOBAL", "LOAD_NAME")
_FREE = ("LOAD_DEREF", "LOAD_CLASSDEREF", "LOAD_FROM_DICT_OR_DEREF")
_ATTRIBUTE = ("LOAD_ATTR", "LOAD_METHOD")
_FOREIGN = ("IMPORT_NAME", "STORE_GLOBAL", "DELETE_GLOBAL")


# What has been compiled, or why it could not be, by the form, what is read and the type of numbers.
_COMPILED: dict[Any, Any] = {}


class OnlyPythonError(Exception):
    """A function reads something that must not be compiled in; the message says what."""


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
        If a function must not be compiled; and whatever Numba raises if one cannot be.
    """
    read = tuple(what_it_reads(function) for function, _ in functions)
    key = make, np.dtype(dtype), read
    if key not in _COMPILED:
        try:
            _COMPILED[key] = _compiled(make, np.dtype(dtype), read, functions)
        except Exception as problem:
            _COMPILED[key] = problem
    if isinstance(_COMPILED[key], Exception):
        raise _COMPILED[key]
    return _COMPILED[key]


def _compiled(make: Any, dtype: np.dtype[Any], read: Any, functions: Any) -> Any:
    digest = digest_of((make.__name__, dtype.str, read))
    address = own.kept(digest)
    if address is None:
        parts = [own.compiled_part(*function) for function in functions]
        address = own.compiled(make(*parts), dtype, digest)
    return address


def digest_of(read: Any) -> str:
    """Digest what `what_it_reads` has returned: the same in every process for the same code."""
    return hashlib.sha256(repr(_stable(read)).encode()).hexdigest()[:32]


def _stable(value: Any) -> Any:
    """A value whose text says all that compiled code depends on, and nothing else."""
    if isinstance(value, types.CodeType):
        flags = value.co_argcount, value.co_kwonlyargcount, value.co_flags
        names = value.co_names, value.co_varnames, value.co_freevars, value.co_cellvars
        return *flags, *names, value.co_code, _stable(value.co_consts)
    if isinstance(value, tuple):
        return tuple(_stable(entry) for entry in value)
    if isinstance(value, frozenset):
        return sorted(map(repr, value))
    if callable(value):
        return value.__module__, _name(value)
    return repr(value)


def digest_of_definition(value: Any) -> str:
    """Digest what a class or a function of somebody's own does, so that a change of it is seen.

    Of functions that read what only Python can describe, such as arrays, the code alone counts.
    """
    if not isinstance(value, type):
        return digest_of(_definition(value))
    members: list[tuple[str, Any]] = []
    for base in value.__mro__[:-1]:
        for name, member in sorted(vars(base).items()):
            member = getattr(member, "__func__", member)  # of static and class methods
            if isinstance(member, types.FunctionType) or is_jitted(member):
                members.append((name, _definition(member)))
            elif isinstance(member, _PLAIN) and not name.startswith("__"):
                members.append((name, repr(member)))
    return digest_of(tuple(members))


def _definition(function: Any) -> tuple[Any, ...]:
    try:
        return what_it_reads(function)
    except OnlyPythonError:
        code = getattr(function, "py_func", function)
        return (getattr(code, "__code__", _name(function)),)


def what_it_reads(function: Callable[..., Any]) -> tuple[Any, ...]:
    """Describe a function by its code and by all values that it reads; equal ones may share code.

    Raises
    ------
    OnlyPythonError
        If only Python can give it the present values: it is no plain function, it draws random
        numbers, or it reads something else than numbers, texts, NumPy's and `math`'s functions.
    """
    if is_jitted(function):
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
    if isinstance(value, types.FunctionType) or is_jitted(value):
        if getattr(value, "__module__", "").startswith("numpy"):
            return name, value
        return name, what_it_reads(value), repr(getattr(value, "targetoptions", None))
    of_library = getattr(value, "__module__", None) in ("builtins", "math", "numpy")
    if isinstance(value, np.ufunc) or (of_library and _is_function_or_type(value)):
        return name, _name(value)
    raise OnlyPythonError(f"it reads {name}, {type(value).__name__}")


def _is_function_or_type(value: Any) -> bool:
    bound = getattr(value, "__self__", None)
    return callable(value) and (bound is None or isinstance(bound, types.ModuleType))


def _name(value: Any) -> str:
    return str(getattr(value, "__qualname__", getattr(value, "__name__", "without a name")))
