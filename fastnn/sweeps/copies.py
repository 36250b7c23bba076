"""Copies of objects, and of functions that remember, so that each network has its own."""

from __future__ import annotations

import contextvars
import gc
import io
import queue
import threading
import types
from copy import deepcopy
from functools import partial, update_wrapper
from typing import Any

from fastnn.datasets.dataset import Dataset
from fastnn.model.memory import Memory, kept_by

# What copies share, as it cannot be copied, or is there to be shared, and numbers do not depend on
# it; or as it is large.
_SHARED = (
    *(type(threading.Lock()), type(threading.RLock()), threading.local, contextvars.ContextVar),
    *(threading.Event, threading.Condition, threading.Semaphore, threading.Barrier),
    *(queue.Queue, queue.SimpleQueue, io.IOBase, types.ModuleType, Dataset),
)
_OF_ALL = (type, types.FunctionType, types.BuiltinFunctionType, types.CodeType)


def copy_of(value: Any) -> Any:
    """Copy an object, or a function that remembers what it was called with.

    Other functions are shared, and so is what cannot be copied.
    """
    if isinstance(value, partial):
        named = {name: copy_of(kept) for name, kept in value.keywords.items()}
        return partial(copy_of(value.func), *map(copy_of, value.args), **named)
    if not isinstance(value, types.FunctionType):
        return _copied(value, {})
    return _function_like(value, {}) if _remembers(value) else value


def _remembers(function: types.FunctionType) -> bool:
    """Say whether calls change what a function keeps, or what functions that it keeps do."""
    memory, seen, rest = Memory(), [], [function]
    while rest:
        one = rest.pop()
        if isinstance(one, types.FunctionType) and one not in seen:
            seen.append(one)
            memory.note(one, True)
            rest += kept_by(one)
        elif hasattr(type(one), "__next__"):
            return True
    return bool(memory.remembered())


def _function_like(function: types.FunctionType, memo: dict[int, Any]) -> types.FunctionType:
    """Copy a function with its closure, defaults and attributes; `memo` is that of `deepcopy`."""
    cells = function.__closure__ or ()
    own = [memo.setdefault(id(cell), types.CellType()) for cell in cells]
    made = types.FunctionType(
        function.__code__, function.__globals__, function.__name__, None, tuple(own) or None
    )
    memo[id(function)] = made
    for cell, mine in zip(cells, own, strict=True):
        try:
            mine.cell_contents = _copied(cell.cell_contents, memo)
        except ValueError:  # it has no value yet
            continue
    update_wrapper(made, function, updated=())
    made.__defaults__ = _copied(function.__defaults__, memo)
    made.__kwdefaults__ = _copied(function.__kwdefaults__, memo)
    for name, value in vars(function).items():
        setattr(made, name, _copied(value, memo))
    return made


def _copied(value: Any, memo: dict[int, Any]) -> Any:
    if isinstance(value, tuple):
        return tuple(_copied(part, memo) for part in value) if type(value) is tuple else value
    if id(value) in memo:
        return memo[id(value)]
    if isinstance(value, types.FunctionType):
        return _function_like(value, memo) if kept_by(value) else value
    if type(value) is object or isinstance(value, _SHARED):  # a mark, which is told by identity
        return value
    for shared in (dict, partial(_shared, value)):  # there are locks or streams, if the first fails
        tried = memo | shared()
        try:
            copied = deepcopy(value, tried)
        except Exception:  # some object's class does not let itself be copied at all
            continue
        memo.update(tried)
        return copied
    return value


def _shared(value: Any) -> dict[int, Any]:
    """Find what copies share, as the memo of `deepcopy`."""
    memo, seen, rest = {}, set(), [value]
    while rest:
        one = rest.pop()
        if id(one) in seen or isinstance(one, _OF_ALL):
            continue
        seen.add(id(one))
        if isinstance(one, _SHARED):
            memo[id(one)] = one
        else:
            rest += gc.get_referents(one)
    return memo
