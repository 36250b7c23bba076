"""Descriptions of classes, functions and objects, the same text in every process for the same."""

from __future__ import annotations

import builtins
import contextvars
import copyreg
import functools
import hashlib
import importlib.util
import io
import os
import queue
import random
import re
import sys
import threading
import types
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
from numba.extending import is_jitted

from fastnn.kernels.numba_parts import vectorized_from
from fastnn.model.bytecode import codes_of, imports, names_read, own_attributes_set
from fastnn.model.class_members import annotations_in_text, own_members
from fastnn.model.libraries import is_installed, is_named, is_of_library
from fastnn.model.of_context import in_a_new_thread, in_this_context
from fastnn.model.what_is_read import in_print, name_of, steady

_PRINTED = (bool, int, float, complex, str, bytes, type(None), type(...), range, slice)

# Functions and methods written in C, which have a name and nothing else but what they belong to.
_IN_C = (
    types.BuiltinFunctionType,
    types.MethodWrapperType,
    types.WrapperDescriptorType,
    types.MethodDescriptorType,
    types.ClassMethodDescriptorType,
    types.GetSetDescriptorType,
    types.MemberDescriptorType,
)

# Locks hold nothing that numbers depend on, the others what belongs to a moment. What comes from
# outside of Python is not looked at: files, the environment and streams.
OF_A_MOMENT = (
    *(type(threading.Lock()), type(threading.RLock())),
    *(io.IOBase, queue.Queue, queue.SimpleQueue),
)

# Through these a function reaches what its code does not name.
_BLIND = (globals, eval, exec, __import__, importlib.import_module)

# By these code asks what a class says of the types of its attributes.
_OF_ANNOTATIONS = {"__annotations__", "get_type_hints", "get_annotations"}

_GENERATORS = (random.Random, np.random.RandomState, np.random.Generator, np.random.BitGenerator)
_GLOBAL = [getattr(draw, "__self__", None) for draw in (random.random, np.random.rand)]


def digest_of_text(description: Any) -> str:
    """Digest the text of a description: 32 hexadecimal digits."""
    return hashlib.sha256(repr(description).encode()).hexdigest()[:32]


class Describer:
    """Describes values so that the text of it is the same in every process.

    Attributes
    ----------
    unseen, draws : dict
        What no description can say, and the generators of random numbers that code shares with
        other code; the keys are the names that code has for them.
    """

    def __init__(self) -> None:
        self.unseen: dict[str, None] = {}
        self.draws: dict[str, None] = {}
        self._within: list[int] = []  # the identities of what is being described
        self._digests: dict[int, str] = {}  # by the identities of what has been
        self._kept: list[Any] = []  # the same, so that no identity is given again
        self._names: list[str] = []  # by which code reads what is being described
        self._held = 0  # how many objects of libraries hold it
        self._shared = 0  # how many globals and classes lead to it, which are not copied

    def describe(self, value: Any) -> Any:
        """Describe a value in print, or by a digest."""
        if type(value) in _PRINTED or issubclass(type(value), (np.generic, np.dtype)):
            return type(value).__name__, repr(value)
        # A library's object may well hold the global generator without drawing from it.
        if _is_generator(value) and not (self._held and any(value is one for one in _GLOBAL)):
            self._note_draws()
        if id(value) in self._within:  # it refers to itself
            return "again", self._within.index(id(value))
        if id(value) not in self._digests:
            self._within.append(id(value))
            try:
                description = self._described(value)
            except Exception:  # objects may answer with any error, and be nested too deeply
                description = self._not_seen(value)
            finally:
                self._within.pop()
            self._digests[id(value)] = digest_of_text(description)
            self._kept.append(value)
        return self._digests[id(value)]

    @contextmanager
    def _read_as(self, *name: str, shared: bool = False) -> Iterator[None]:
        self._names.append(".".join(name))
        self._shared += shared
        try:
            yield
        finally:
            self._names.pop()
            self._shared -= shared

    def _note_draws(self) -> None:
        if self._names:  # else an object keeps it for itself
            self.draws[self._names[-1]] = None
            # Code that names a generator is refused by its draws; what only holds one may draw.
            self.unseen[self._names[-1]] = None

    def _not_seen(self, value: Any) -> Any:
        """Note that nothing is known of a value but its type."""
        kind = type(value).__name__
        self.unseen[f"{self._names[-1]} ({kind})" if self._names else kind] = None
        return "unseen", kind

    def _described(self, value: Any) -> Any:
        if type(value) is np.ndarray:
            content = value.tolist() if value.dtype.hasobject else hashlib.sha256(value.tobytes())
            described = self.describe(content) if isinstance(content, list) else content.hexdigest()
            return value.dtype.str, value.shape, described
        if type(value) in (list, tuple):
            return type(value).__name__, self._each(value)
        if type(value) in (dict, types.MappingProxyType):
            return "dict", tuple((self.describe(k), self.describe(v)) for k, v in value.items())
        if isinstance(value, (set, frozenset)):
            return "set", tuple(sorted(map(repr, map(self.describe, value)))), self._own(value)
        if isinstance(value, (staticmethod, classmethod)):
            return type(value).__name__, self.describe(value.__func__)
        if isinstance(value, property):
            return "property", self._each((value.fget, value.fset))
        if isinstance(value, types.MethodType):
            return self.describe(value.__func__), self._owner(value)
        if is_jitted(value):
            return in_print(value.targetoptions), self.describe(value.py_func)
        if (vectorized := vectorized_from(value)) is not None:
            return "vectorized", self.describe(vectorized)
        if isinstance(value, types.FunctionType):
            return self._of_function(value)
        if isinstance(value, type):
            return self._of_class(value)
        if isinstance(value, functools._lru_cache_wrapper):
            with self._read_as(name_of(value), shared=True):
                return "cache", self.describe(value.__wrapped__)
        if isinstance(value, functools.partial):
            arguments = self._each(value.args), self._by_name(value.keywords)
            return "partial", self.describe(value.func), *arguments, self._own(value)
        if isinstance(value, weakref.ref):
            return "reference", self.describe(value())
        if any(value is generator for generator in _GLOBAL):
            return "global", name_of(type(value))  # its state is that of a moment
        if isinstance(value, types.ModuleType):
            # Of a library, the code that reads it says the rest; of the user's, anything may be.
            return value.__name__ if is_of_library(value.__name__) else self._not_seen(value)
        if isinstance(value, _IN_C):
            return str(getattr(value, "__module__", "")), name_of(value), self._owner(value)
        if isinstance(value, np.ufunc) and is_named(value, "numpy", "scipy.special"):
            return "ufunc", name_of(value)
        if type(value) is contextvars.ContextVar:
            return "context", self.describe(in_this_context(value))
        return self._of_object(value)

    def _each(self, values: Any) -> tuple[Any, ...]:
        return tuple(map(self.describe, values))

    def _by_name(self, values: Mapping[str, Any]) -> Any:
        return tuple((name, self.describe(values[name])) for name in sorted(values))

    def _owner(self, method: Any) -> Any:
        """Describe the object that a method belongs to; a module says nothing more."""
        owner = getattr(method, "__self__", None)
        if _is_generator(owner):
            self._note_draws()
        return None if isinstance(owner, types.ModuleType) else self.describe(owner)

    def _of_function(self, function: types.FunctionType) -> Any:
        module, code = str(function.__globals__.get("__name__")), function.__code__
        cells = dict(zip(code.co_freevars, function.__closure__ or (), strict=True))
        state = (
            self._each(function.__defaults__ or ()),
            self._by_name(function.__kwdefaults__ or {}),
            self._attributes(function),
        )
        if is_of_library(module, code.co_filename):
            if is_named(function, module):
                return module, name_of(function)
            # One that a library has made, such as what its decorator returns.
            return module, name_of(function), state, self._of_cells(cells)
        read: list[Any] = [state]
        for from_cell, name, attributes in names_read(code):
            if not from_cell:
                value = function.__globals__.get(name)  # names of Python itself say enough
                if value is None and getattr(builtins, name, None) in _BLIND:
                    self.unseen[f"{name}()"] = None
                with self._read_as(name, *attributes, shared=True):
                    read.append((name, attributes, self._of_attribute(value, attributes)))
                if isinstance(value, type) and _asks_for_annotations(code):
                    read.append(annotations_in_text(value))
            elif name in cells:
                with self._read_as(name, *attributes):
                    read.append((name, attributes, self._of_cell(cells[name], attributes)))
        for name, level, attributes in imports(code):
            read.append((name, attributes, self._of_import(function, name, level, attributes)))
        return steady(code), tuple(read)

    def _attributes(self, function: types.FunctionType) -> Any:
        """Describe the attributes of a function, other than those that it sets itself."""
        changed = own_attributes_set(function.__code__, function.__name__)
        return self._by_name({k: v for k, v in function.__dict__.items() if k not in changed})

    def _of_attribute(self, value: Any, attributes: tuple[str, ...]) -> Any:
        """Describe what is read of a module; other values in full."""
        rest = list(attributes)
        while rest and isinstance(value, types.ModuleType):
            value = getattr(value, rest.pop(0), None)
        if type(value) is contextvars.ContextVar and rest[:1] in (["set"], ["reset"]):
            return name_of(type(value))  # whatever it was before
        if any(value is blind for blind in _BLIND):
            return self._not_seen(value)
        return self.describe(value)

    def _of_cell(self, cell: Any, attributes: tuple[str, ...] = ()) -> Any:
        try:
            return self._of_attribute(cell.cell_contents, attributes)
        except ValueError:  # it has no value yet
            return "empty"

    def _of_cells(self, cells: dict[str, Any]) -> Any:
        described = []
        for name, cell in cells.items():
            with self._read_as(name):
                described.append((name, self._of_cell(cell)))
        return tuple(described)

    def _of_import(
        self, function: types.FunctionType, name: str, level: int, attributes: tuple[str, ...]
    ) -> Any:
        """Describe what a function reads of a module that it imports itself."""
        try:
            package = str(function.__globals__.get("__package__") or "")
            name = importlib.util.resolve_name("." * level + name, package)
            if not (is_library := is_installed(name)):
                importlib.import_module(name)
        except (Exception, SystemExit):  # the function will not succeed either
            return "not there"
        value: Any = sys.modules.get(name)
        for attribute in attributes:
            if value is not None and not isinstance(value, types.ModuleType):
                break
            within = getattr(value, "__name__", name)
            value = getattr(value, attribute, sys.modules.get(f"{within}.{attribute}"))
        with self._read_as(name, *attributes, shared=True):
            if not is_library:
                return self.describe(value)
            # Its name says enough. To import it may take its time, and is not to change the digest.
            if _is_generator(value) or _is_generator(getattr(value, "__self__", None)):
                self._note_draws()
        return name

    def _of_class(self, kind: type) -> Any:
        if is_of_library(kind.__module__) and is_named(kind, kind.__module__):
            return kind.__module__, name_of(kind)
        bases = tuple(map(self.describe, (type(kind), *kind.__bases__)))
        members = []
        for name, member in own_members(kind):
            with self._read_as(kind.__name__, name, shared=True):
                members.append((name, self.describe(member)))
        codes = [getattr(member, "__code__", None) for _, member in own_members(kind)]
        if any(map(_asks_for_annotations, filter(None, codes))):
            members.append(("__annotations__", annotations_in_text(kind)))
        # Not where it was made: some who send it to another process forget that.
        return kind.__name__, bases, tuple(members)

    def _of_object(self, value: Any) -> Any:
        kind = type(value)
        outside = os.environ, sys.stdin, sys.stdout, sys.stderr
        if isinstance(value, OF_A_MOMENT) or any(value is one for one in outside):
            return self.describe(kind)
        if isinstance(value, threading.local):
            attributes = in_a_new_thread(value)
            plain = self.describe(kind)
            return (plain, self._by_name(attributes)) if attributes else plain
        if isinstance(value, re.Match):
            return self.describe(value.re), self.describe(value.string), value.regs
        if isinstance(value, memoryview):
            return value.format, value.shape, hashlib.sha256(value.tobytes()).hexdigest()
        module = str(getattr(value, "__module__", None))
        if is_of_library(module) and is_named(value, module):  # a function of Cython, say
            return module, name_of(value)
        described = self.describe(kind), self._own(value)
        if any(is_of_library(base.__module__) for base in kind.__mro__[:-1]):
            return *described, self._in_parts(value)
        return described

    def _own(self, value: Any) -> Any:
        """Describe the attributes of an object whose class is somebody's own."""
        kind = type(value)
        if is_of_library(kind.__module__):
            return ()
        state = dict(getattr(value, "__dict__", {}))
        for base in kind.__mro__:
            for name, member in vars(base).items():
                if isinstance(member, types.MemberDescriptorType):
                    state[name] = getattr(value, name, None)
        return self._by_name(state)

    def _in_parts(self, value: Any) -> Any:
        """Describe what an object would be pickled as."""
        reduce = copyreg.dispatch_table.get(type(value))
        parts = value.__reduce_ex__(4) if reduce is None else reduce(value)
        if isinstance(parts, str):  # the name of what does not change
            if not is_named(value, str(getattr(value, "__module__", None)), name=parts):
                return self._not_seen(value)
            return str(value.__module__), parts
        make, arguments, state, *entries = (*parts, None, None, None)[:5]
        content = [None if part is None else list(part) for part in entries]
        self._held += 1
        try:
            return tuple(map(self.describe, (make, arguments, state, content)))
        finally:
            self._held -= 1


def _asks_for_annotations(code: types.CodeType) -> bool:
    return any(not _OF_ANNOTATIONS.isdisjoint(part.co_names) for part in codes_of(code))


def _is_generator(value: Any) -> bool:
    """Say whether this is a generator of random numbers."""
    return issubclass(type(value), _GENERATORS)
