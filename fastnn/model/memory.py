"""What code changes outside of its calls, and reads again: it remembers it for all who call it."""

from __future__ import annotations

import dis
import functools
import types
from collections import deque
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from inspect import getattr_static
from operator import eq
from typing import Any, NamedTuple

from fastnn.model.bytecode import NAMES_LOADED, attributes_read, codes_of, steps_of

_CONTAINERS = (list, dict, set, bytearray, deque)
_CHANGE = {
    *("append", "appendleft", "extend", "extendleft", "insert", "add", "update", "clear"),
    *("remove", "discard", "sort", "reverse", "rotate", "difference_update"),
    *("intersection_update", "symmetric_difference_update"),
}
_CHANGE_AND_TELL = {"pop", "popleft", "popitem"}
_STORES = ("STORE_GLOBAL", "DELETE_GLOBAL", "STORE_DEREF", "DELETE_DEREF")
_OF_ATTRIBUTE = ("STORE_ATTR", "DELETE_ATTR")
_OF_ENTRY = {"STORE_SUBSCR": 2, "DELETE_SUBSCR": 2, "STORE_SLICE": 3}  # how far down it is
_CONSTANT = ("LOAD_CONST", "LOAD_SMALL_INT")
_CALLS = ("CALL", "CALL_FUNCTION", "PRECALL")  # the last comes before one, in Python 3.11
_AGAIN = {"DUP_TOP": 1, "DUP_TOP_TWO": 2, "COPY": 0}  # for `x.y += 1` and `x[y] += 1`


class _Use(NamedTuple):
    """What code does with something that it has a name for."""

    kind: str  # of the name: GLOBAL, DEREF or FAST
    name: str
    path: tuple[str, ...]  # the attributes of it
    changes: str  # "it", "its content", "a key" or ""
    reads: bool


@dataclass
class Memory:
    """What functions change and what they read, by the names that they have for it.

    Attributes
    ----------
    changed : dict
        By where it is: its name, and whether copies of the code share it.
    read : dict
        By where it is: whether copies of the code share it.
    """

    changed: dict[tuple[Any, ...], tuple[str, bool]] = field(default_factory=dict)
    read: dict[tuple[Any, ...], bool] = field(default_factory=dict)

    def note(self, function: types.FunctionType, is_shared: bool, owner: Any = None) -> None:
        """Take in a function.

        Parameters
        ----------
        function : function
        is_shared : bool
            Whether all who call it have the same closure and defaults, and not only globals.
        owner : object, optional
            What all of them have as the first argument, if it is a method.
        """
        kept, own = _kept(function), None
        if owner is not None and function.__code__.co_argcount:
            own = function.__code__.co_varnames[0]
            kept["FAST", own] = id(owner), owner
        for kind, name, path, changes, reads in _uses(function.__code__):
            if kind == "GLOBAL":
                root, value = id(function.__globals__), function.__globals__.get(name)
                known_as = name
            elif (kind, name) in kept:
                root, value = kept[kind, name]
                known_as = type(owner).__name__ if kind == "FAST" and name == own else name
            else:
                continue
            if path[:1] == ("__class__",) and path[1:]:
                value, path = type(value), path[1:]
            where, shared = (root, known_as, *path), is_shared or kind == "GLOBAL"
            if isinstance(value, type) and path:  # classes are not copied
                where, shared = _of_class(value, path), True
            self._note_use(where, _at(value, path), changes, reads, shared)

    def note_method(self, method: types.FunctionType, kind: type, own: Collection[str]) -> None:
        """Take in what a method does to its class by its first argument.

        Parameters
        ----------
        method : function
        kind : type
        own : collection of str
            The attributes that the first argument has for itself, if it is an object; "" stands for
            the class itself.
        """
        first = method.__code__.co_varnames[:1] if method.__code__.co_argcount else ()
        for _, name, path, changes, reads in _uses(method.__code__):
            names_class = path[:1] == ("__class__",)
            path = path[names_class:]
            if (name,) != first or not path:
                continue
            if not (names_class or "" in own):
                held = getattr_static(kind, path[0], None)
                if path[0] in own or held is None or hasattr(type(held), "__get__"):
                    continue
                if changes == "it" and len(path) == 1:
                    continue  # from then on the object has it for itself
            self._note_use(_of_class(kind, path), _at(kind, path), changes, reads, bool(changes))

    def _note_use(
        self, where: tuple[Any, ...], kept_at: Any, changes: str, reads: bool, is_shared: bool
    ) -> None:
        if (
            changes == "it"
            or (changes == "its content" and isinstance(kept_at, _CONTAINERS))
            # What code looks up by what it is called with is the same whoever has put it there.
            or (changes == "a key" and not isinstance(kept_at, dict))
        ):
            _, before = self.changed.get(where, ("", False))
            self.changed[where] = ".".join(where[1:]), before or is_shared
        if reads:
            self.read[where] = is_shared or self.read.get(where, False)

    def remembered(self, *others: Memory) -> tuple[str, ...]:
        """Return the names of what is changed, and read too, so that calls depend on calls.

        It is changed or read here or by `others`, and copies of one of the two share it.
        """
        read = [item for memory in (self, *others) for item in memory.read.items()]
        return tuple(
            written
            for memory in (self, *others)
            for changed, (written, is_shared) in memory.changed.items()
            if any(
                (is_shared or read_by_all) and all(map(eq, changed, there))  # one is a part
                for there, read_by_all in read
            )
        )


def _kept(function: types.FunctionType) -> dict[tuple[str, str], tuple[int, Any]]:
    """Return where a function keeps values between calls, and the values, by kinds and names."""
    code, kept = function.__code__, {}
    for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=True):
        try:
            kept["DEREF", name] = id(cell), cell.cell_contents
        except ValueError:  # it has no value yet
            kept["DEREF", name] = id(cell), None
    defaults = function.__defaults__ or ()
    named = code.co_varnames[code.co_argcount - len(defaults) : code.co_argcount]
    given = dict(zip(named, defaults, strict=True)) | (function.__kwdefaults__ or {})
    for name, value in given.items():
        kept["FAST", name] = id(function), value
    return kept


def kept_by(function: types.FunctionType) -> list[Any]:
    """Return what a function keeps between calls: in its closure, defaults and attributes."""
    return [*(value for _, value in _kept(function).values()), *vars(function).values()]


def _of_class(kind: type, path: tuple[str, ...]) -> tuple[Any, ...]:
    """Say where an attribute of a class is, by the class that has it."""
    has_it = next((one for one in kind.__mro__ if path[0] in vars(one)), kind)
    return id(has_it), has_it.__name__, *path


def _at(value: Any, path: tuple[str, ...]) -> Any:
    for attribute in path:
        value = getattr(value, attribute, None)
    return value


@functools.lru_cache(maxsize=256)
def _uses(code: types.CodeType) -> tuple[_Use, ...]:
    return tuple(use for part in codes_of(code) for use in _uses_in(part, part is code))


def _uses_in(part: types.CodeType, is_outermost: bool) -> Iterator[_Use]:
    steps = steps_of(part)
    for place, step in enumerate(steps):
        names = step.argval if isinstance(step.argval, tuple) else (step.argval,)
        kind = _kind(step.opname)
        if kind == "FAST" and not is_outermost:
            continue  # of a function within, which each call makes anew
        if step.opname in _STORES:
            yield _Use(kind, names[0], (), "it", False)
        elif step.opname.endswith(NAMES_LOADED):
            for name in names[:-1]:
                yield _Use(kind, name, (), "", True)
            yield _Use(kind, names[-1], *_done_with(steps[place + 1 :], steps[place - 1]))


def _kind(opname: str) -> str:
    return next((kind for kind in ("FAST", "DEREF") if kind in opname), "GLOBAL")


def _done_with(
    following: list[dis.Instruction], before: dis.Instruction
) -> tuple[tuple[str, ...], str, bool]:
    """Return what is done with a value that was loaded: to which attributes of it, and what."""
    if before.argval == "type" and following[0].opname in _CALLS:  # type(x) is x.__class__
        called = 2 if following[0].opname == "PRECALL" else 1
        path, changes, reads = _done_with(following[called:], following[0])
        return ("__class__", *path), changes, reads
    path = attributes_read(following)
    there = following[len(path)]
    if there.opname in _OF_ATTRIBUTE:
        return (*path, there.argval), "it", False
    if there.opname in _AGAIN and following[len(path) + 1].opname.startswith("LOAD_ATTR"):
        return (*path, following[len(path) + 1].argval), "it", False
    if path and path[-1] in _CHANGE:
        return path[:-1], "its content", False
    if path and path[-1] in _CHANGE_AND_TELL:
        return path[:-1], "its content", True
    changes = _entry_changed(following[len(path) :])
    return path, changes, not changes


def _entry_changed(following: list[dis.Instruction]) -> str:
    """Say whether an entry of the value on the stack is replaced, by how the stack changes."""
    on_stack, before = 1, ""
    for step in following:
        if on_stack == _OF_ENTRY.get(step.opname):
            is_key = step.opname == "STORE_SUBSCR" and before not in _CONSTANT
            return "a key" if is_key else "it"
        copied = step.arg if step.opname == "COPY" else _AGAIN.get(step.opname)
        if on_stack > 1 and on_stack == copied:
            return "it"
        on_stack += dis.stack_effect(step.opcode, step.arg, jump=False)
        if on_stack < 1 or step.opname.startswith("RETURN"):
            break
        before = step.opname
    return ""
