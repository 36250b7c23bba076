"""Copies of objects and functions with all that they hold, so that each remembers for itself."""

from __future__ import annotations

import contextvars
import io
import pickle
import threading
import types
import weakref
from copy import deepcopy
from typing import Any

from numba.extending import is_jitted

from fastnn.model.libraries import is_named, is_of_library

# What copies share: what does not change, and what cannot be copied, on which no numbers depend.
_SHARED = (
    *(type, types.BuiltinFunctionType, types.CodeType, types.ModuleType, weakref.ref),
    *(type(threading.Lock()), type(threading.RLock()), threading.local, contextvars.ContextVar),
    io.IOBase,
)


def copy_with_functions(value: Any) -> Any:
    """Copy an object, and the functions that it is or holds, with their closures and defaults.

    `copy.deepcopy` takes functions as they are. What has no copies is shared.
    """
    try:
        return _copied(value)
    except Exception:  # some object's class does not let itself be pickled
        try:
            return deepcopy(value)
        except Exception:
            return value


def _copied(value: Any) -> Any:
    written = io.BytesIO()
    copier = _Copier(written, pickle.HIGHEST_PROTOCOL)
    copier.dump(value)
    written.seek(0)
    return _Reader(written, copier.given).load()


class _Given:
    """What makes something when it is called."""

    def __init__(self, make: Any) -> None:
        self.make = make

    def __call__(self, *arguments: Any) -> Any:
        return self.make(*arguments)


class _Copier(pickle.Pickler):
    """Pickles for this process: what copies share is handed on as it is."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.given: list[Any] = []

    def persistent_id(self, value: Any) -> Any:
        if not (isinstance(value, (_Given, *_SHARED)) or _has_no_state(value)):
            return None
        self.given.append(value)
        return len(self.given) - 1

    def reducer_override(self, value: Any) -> Any:
        if isinstance(value, types.FunctionType):
            state = value.__defaults__, value.__kwdefaults__, value.__dict__
            make = _Given(lambda *cells: _function_like(value, cells))
            return make, value.__closure__ or (), state, None, None, _set_state
        if isinstance(value, types.CellType):
            try:
                return types.CellType, (), value.cell_contents, None, None, _fill
            except ValueError:  # it has no value yet
                return types.CellType, ()
        if isinstance(value, types.MethodType):
            return types.MethodType, (value.__func__, value.__self__)
        if hasattr(value, "__deepcopy__"):
            copy = deepcopy(value)
            return _Given(lambda: copy), ()
        return NotImplemented


class _Reader(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, given: list[Any]) -> None:
        super().__init__(file)
        self._given = given

    def persistent_load(self, place: Any) -> Any:
        return self._given[place]


def _has_no_state(value: Any) -> bool:
    if is_jitted(value):
        return True
    if not isinstance(value, types.FunctionType):
        return False
    module = value.__module__
    held = value.__closure__ or value.__defaults__ or value.__kwdefaults__ or value.__dict__
    return not held or (is_of_library(module) and is_named(value, module))


def _function_like(function: types.FunctionType, cells: tuple[Any, ...]) -> types.FunctionType:
    code, names = function.__code__, function.__globals__
    made = types.FunctionType(code, names, function.__name__, None, cells or None)
    made.__qualname__, made.__module__ = function.__qualname__, function.__module__
    made.__doc__ = function.__doc__
    return made


def _set_state(function: Any, state: Any) -> None:
    function.__defaults__, function.__kwdefaults__, attributes = state
    function.__dict__.update(attributes)


def _fill(cell: Any, content: Any) -> None:
    cell.cell_contents = content
