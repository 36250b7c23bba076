"""Digests of what classes and functions of somebody's own do, so that a change of them is seen."""

from __future__ import annotations

import functools
import hashlib
import os
import sys
import sysconfig
import types
from typing import Any

import numpy as np
from numba.extending import is_jitted

from fastnn.model.what_is_read import in_print, name_of, names_read, steady

# What comes with Python and from installed packages counts by name.
_FOLDERS = map(sysconfig.get_path, ("stdlib", "platstdlib", "purelib", "platlib"))
_LIBRARIES = tuple(os.path.join(folder, "") for folder in _FOLDERS if folder)

_PRINTED = (bool, int, float, complex, str, bytes, type(None), type(...), range, slice, np.dtype)


def digest_of_definition(value: Any) -> str:
    """Digest what a class or a function does: the same in every process for the same code.

    What it reads counts, too: numbers, texts, arrays and containers by their content, functions and
    classes by their code and by what they read in turn, and objects by their class and attributes.
    Only what comes with Python, with fastnn or from an installed package counts by its name.

    Parameters
    ----------
    value : class or function
        A method of an object counts with that object.

    Returns
    -------
    str
        32 hexadecimal digits.
    """
    return _digest(_Describer().describe(value))


def _digest(description: Any) -> str:
    return hashlib.sha256(repr(description).encode()).hexdigest()[:32]


class _Describer:
    """Describes values so that the text of it is the same in every process."""

    def __init__(self) -> None:
        self._within: list[int] = []  # the identities of what is being described
        self._digests: dict[int, str] = {}  # by the identities of what has been
        self._kept: list[Any] = []  # the same, so that no identity is given again

    def describe(self, value: Any) -> Any:
        """Describe a value in print, or by a digest."""
        if isinstance(value, (*_PRINTED, np.generic)):
            return type(value).__name__, repr(value)
        if id(value) in self._within:  # it refers to itself
            return "again", self._within.index(id(value))
        if id(value) not in self._digests:
            self._within.append(id(value))
            description = self._described(value)
            self._within.pop()
            self._digests[id(value)] = _digest(description)
            self._kept.append(value)
        return self._digests[id(value)]

    def _described(self, value: Any) -> Any:
        if isinstance(value, np.ndarray):
            content = value.tolist() if value.dtype.hasobject else value.tobytes()
            return value.dtype.str, value.shape, self.describe(content)
        if isinstance(value, (list, tuple)):
            return name_of(type(value)), tuple(map(self.describe, value))
        if isinstance(value, (dict, types.MappingProxyType)):
            entries = sorted(value.items(), key=lambda entry: repr(entry[0]))
            return "dict", tuple((repr(key), self.describe(entry)) for key, entry in entries)
        if isinstance(value, (set, frozenset)):
            return "set", tuple(map(self.describe, sorted(value, key=repr)))
        if isinstance(value, (staticmethod, classmethod)):
            return type(value).__name__, self.describe(value.__func__)
        if isinstance(value, property):
            return "property", tuple(map(self.describe, (value.fget, value.fset)))
        if isinstance(value, types.MethodType):
            return self.describe(value.__func__), self.describe(value.__self__)
        if isinstance(value, functools.partial):
            return self.describe((value.func, value.args, value.keywords))
        if is_jitted(value):
            return in_print(value.targetoptions), self.describe(value.py_func)
        if isinstance(value, types.FunctionType):
            return self._of_function(value)
        if isinstance(value, type):
            return self._of_class(value)
        if hasattr(value, "__wrapped__"):  # as by `functools.cache`
            return name_of(type(value)), self.describe(value.__wrapped__)
        if hasattr(value, "__qualname__") or isinstance(value, (types.ModuleType, np.ufunc)):
            return str(getattr(value, "__module__", "")), name_of(value)
        return self._of_object(value)

    def _of_function(self, function: types.FunctionType) -> Any:
        if _is_installed(function.__module__, function.__code__.co_filename):
            return function.__module__, name_of(function)
        cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
        read = [self.describe((function.__defaults__, function.__kwdefaults__))]
        for from_cell, name, attributes in names_read(function.__code__):
            if not from_cell:
                value = function.__globals__.get(name)  # names of Python itself say enough
                read.append((name, attributes, self._of_attribute(value, attributes)))
            elif name in cells:
                read.append((name, self._of_cell(cells[name])))
        return steady(function.__code__), tuple(read)

    def _of_attribute(self, value: Any, attributes: tuple[str, ...]) -> Any:
        """Describe what is read of a module; other values in full."""
        for attribute in attributes:
            if not isinstance(value, types.ModuleType):
                break
            value = getattr(value, attribute, None)
        return self.describe(value)

    def _of_cell(self, cell: Any) -> Any:
        try:
            return self.describe(cell.cell_contents)
        except ValueError:  # it has no value yet
            return "empty"

    def _of_class(self, kind: type) -> Any:
        if _is_installed(kind.__module__):
            return kind.__module__, name_of(kind)
        bases = tuple(map(self.describe, kind.__bases__))
        members = [
            (name, self.describe(member))
            for name, member in sorted(vars(kind).items())
            if not name.startswith("__") or isinstance(member, types.FunctionType)
            if not isinstance(member, (types.GetSetDescriptorType, types.MemberDescriptorType))
            if name != "_abc_impl"
        ]
        return name_of(kind), bases, tuple(members)

    def _of_object(self, value: Any) -> Any:
        kind = type(value)
        slots = [name for base in kind.__mro__ for name in getattr(base, "__slots__", ())]
        state = {name: getattr(value, name) for name in slots if hasattr(value, name)}
        if _is_installed(kind.__module__):
            state = {}
        else:
            state |= getattr(value, "__dict__", {})
        return self.describe(kind), self.describe(state)


def _is_installed(module: str | None, filename: str | None = None) -> bool:
    """Say whether a module comes with Python, with fastnn or from an installed package."""
    module = module or ""
    if module.partition(".")[0] in ("builtins", "fastnn"):
        return True
    if filename is None:
        filename = getattr(sys.modules.get(module), "__file__", None) or ""
    return filename.startswith(_LIBRARIES)
