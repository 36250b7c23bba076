"""Copies of objects, and of functions that remember, so that each network has its own."""

from __future__ import annotations

import contextvars
import gc
import io
import queue
import threading
import types
from collections.abc import Iterator
from copy import deepcopy
from functools import partial, update_wrapper
from typing import Any

from fastnn.datasets.dataset import Dataset
from fastnn.model.memory import Memory, kept_by

# What copies share, as it cannot be copied, is there to be shared, or is large.
_SHARED = (
    *(type(threading.Lock()), type(threading.RLock()), threading.local, contextvars.ContextVar),
    *(threading.Event, threading.Condition, threading.Semaphore, threading.Barrier),
    *(queue.Queue, queue.SimpleQueue, io.IOBase, types.ModuleType, Dataset),
)
_OF_ALL = (type, types.FunctionType, types.BuiltinFunctionType, types.CodeType)


def copy_of(value: Any, memo: dict[int, Any] | None = None) -> Any:
    """Copy an object, or a function that remembers what it was called with.

    Other functions are shared, and so is what cannot be copied.

    Parameters
    ----------
    value : object
    memo : dict, optional
        The copies so far, as of `deepcopy`: what two values hold is one thing in their copies, too.
    """
    memo = {} if memo is None else memo
    if isinstance(value, partial):
        function, *arguments = (copy_of(part, memo) for part in (value.func, *value.args))
        named = {name: copy_of(part, memo) for name, part in value.keywords.items()}
        return partial(function, *arguments, **named)
    if isinstance(value, types.FunctionType) and not _remembers(value, memo):
        return value
    return _copied(value, memo)


def _remembers(function: types.FunctionType, memo: dict[int, Any]) -> bool:
    """Say whether calls change what a function keeps, or what functions that it keeps do.

    Or whether it keeps what others have copies of, who may change it.
    """
    memory, seen, rest = Memory(), [], [function]
    while rest:
        one = rest.pop()
        if isinstance(one, types.FunctionType) and one not in seen:
            seen.append(one)
            memory.note(one, True)
            rest += kept_by(one)
        elif hasattr(type(one), "__next__") or _holds_any(one, memo):
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
    before = dict(memo)
    for shared in (dict, partial(_shared, value)):  # there are locks or streams, if the first fails
        memo.update(shared())
        try:
            return deepcopy(value, memo)
        except Exception:  # some object's class does not let itself be copied at all
            memo.clear()
            memo.update(before)
    return value


def _shared(value: Any) -> dict[int, Any]:
    """Find what copies share, as the memo of `deepcopy`."""
    return {id(one): one for one in _reached_from(value) if isinstance(one, _SHARED)}


def _holds_any(value: Any, memo: dict[int, Any]) -> bool:
    return bool(memo) and any(id(one) in memo for one in _reached_from(value))


def _reached_from(value: Any) -> Iterator[Any]:
    """Find what a value holds, and what that holds in turn."""
    seen, rest = set(), [value]
    while rest:
        one = rest.pop()
        if id(one) in seen or isinstance(one, _OF_ALL):
            continue
        seen.add(id(one))
        yield one
        if not isinstance(one, _SHARED):
            rest += gc.get_referents(one)
