"""Descriptions of code, without what its calls change, and what calls of it leave to later ones."""

from __future__ import annotations

import types
from collections.abc import Iterable, Iterator
from inspect import getattr_static
from typing import Any

import numpy as np

from fastnn.model.bytecode import names_read
from fastnn.model.describer import OF_A_MOMENT, Describer
from fastnn.model.libraries import is_of_library
from fastnn.model.memory import Memory

# What is called of a cost, an activation or a schedule, and what is called before that.
_CALLED = "fn", "delta", "prime", "__call__"
_BEFORE_CALLS = {"__new__", "__init__", "__post_init__", "__setstate__"}


class CodeDescriber(Describer):
    """Describes code, and of what it reads only what calls leave as it is.

    Attributes
    ----------
    memory : Memory
        What the code changes and reads, and whether copies of it share that.
    steps : dict
        The iterators that copies of it share, by the names that it has for them.
    """

    def __init__(self) -> None:
        super().__init__()
        self.memory = Memory()
        self.steps: dict[str, None] = {}

    def _described(self, value: Any) -> Any:
        if type(value) in (list, dict, types.MappingProxyType, set):
            return type(value).__name__
        if type(value) is np.ndarray and value.dtype.hasobject:
            return value.dtype.str, value.shape
        return super()._described(value)

    def _attributes(self, function: types.FunctionType) -> Any:
        return ()

    def _of_function(self, function: types.FunctionType) -> Any:
        if _is_own(function):
            self.memory.note(function, self._shared > 0)
            for from_cell, name, attributes in names_read(function.__code__):
                if not from_cell and name in function.__globals__:
                    self._note_methods(function.__globals__[name], (*attributes, "__call__")[0])
        return super()._of_function(function)

    def _note_methods(self, value: Any, called: str) -> None:
        """Note what a method of an object does to that object, and what methods it names do."""
        for member, function in _methods_called(type(value), [called]):
            if member is function:
                self.memory.note(function, True, value)

    def _of_class(self, kind: type) -> Any:
        for member, function in _methods_called(kind, _CALLED):
            if isinstance(member, classmethod):
                self.memory.note_method(function, kind, [""])
        return super()._of_class(kind)

    def _owner(self, method: Any) -> Any:
        owner, function = (getattr(method, name, None) for name in ("__self__", "__func__"))
        if isinstance(owner, type) and function is not None and _is_own(function):
            self.memory.note_method(function, owner, [""])
        return super()._owner(method)

    def _of_object(self, value: Any) -> Any:
        for base in type(value).__mro__:
            for name, member in vars(base).items():
                if name not in _BEFORE_CALLS and _is_own(member):
                    self.memory.note_method(member, type(value), getattr(value, "__dict__", ()))
        self._own(value)  # for generators that the code shares
        is_own = isinstance(getattr_static(type(value), "__next__", None), types.FunctionType)
        if hasattr(type(value), "__next__") and not (is_own or isinstance(value, OF_A_MOMENT)):
            self._note_steps(value)
        return self.describe(type(value))

    def _note_steps(self, iterator: Any) -> None:
        try:
            parts = iterator.__reduce_ex__(4)
        except TypeError:  # it cannot be copied
            parts = None
        if parts is None or self._shared:
            self.steps[self._names[-1] if self._names else type(iterator).__name__] = None
        elif isinstance(parts, tuple):
            self._each(parts)  # it may go on with others


def _methods_called(kind: type, names: Iterable[str]) -> Iterator[tuple[Any, types.FunctionType]]:
    """Yield a class's own methods by these names, and those that they name in turn.

    First as the class has it, then the function that is called.
    """
    found, rest = set(), [*names]
    while rest:
        member = getattr_static(kind, rest.pop(), None)
        function = getattr(member, "__func__", member)  # of class methods and static ones
        if _is_own(function) and function not in found:
            found.add(function)
            rest += function.__code__.co_names
            yield member, function


def _is_own(value: Any) -> bool:
    """Say whether a value is somebody's own function, and not of a library."""
    if not isinstance(value, types.FunctionType):
        return False
    module = str(value.__globals__.get("__name__"))
    return not is_of_library(module, value.__code__.co_filename)
