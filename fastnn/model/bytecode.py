"""What the bytecode of a function tells: the names it reads, imports and assigns, and its `try`."""

from __future__ import annotations

import dis
import functools
import types
from collections.abc import Iterator
from itertools import pairwise

_GLOBAL = ("LOAD_GLOBAL", "LOAD_NAME")
_FREE = ("LOAD_DEREF", "LOAD_CLASSDEREF", "LOAD_FROM_DICT_OR_DEREF")
_ATTRIBUTE = ("LOAD_ATTR", "LOAD_METHOD")
_FOREIGN = ("IMPORT_NAME", "STORE_GLOBAL", "DELETE_GLOBAL")
_FOREIGN_IF_FREE = ("STORE_DEREF", "DELETE_DEREF")
_NO_STEP = ("CACHE", "EXTENDED_ARG")
_HANDLER = ("SETUP_FINALLY", "PUSH_EXC_INFO")  # before Python 3.11, and from then on


@functools.lru_cache(maxsize=256)
def names_read(code: types.CodeType) -> tuple[tuple[bool, str, tuple[str, ...]], ...]:
    """The names that a function reads: whether from a closure, which, and what attributes of it."""
    names = []
    for part in _codes_of(code):
        steps = _steps_of(part)
        for place, step in enumerate(steps):
            if step.opname in (*_GLOBAL, *_FREE):
                attributes = []
                for following in steps[place + 1 :]:
                    if following.opname not in _ATTRIBUTE:
                        break
                    attributes.append(following.argval)
                names.append((step.opname in _FREE, step.argval, tuple(attributes)))
    return tuple(names)


@functools.lru_cache(maxsize=256)
def imports(code: types.CodeType) -> tuple[tuple[str, int, frozenset[str]], ...]:
    """The modules that a function imports itself: their names, levels, and what it may read there.

    That is every name in its code, as it may give a module any name.
    """
    parts = list(_codes_of(code))
    names = frozenset(name for part in parts for name in part.co_names)
    found = []
    for part in parts:
        steps = _steps_of(part)
        for place, step in enumerate(steps):
            if step.opname == "IMPORT_NAME":  # after its level and what it takes of the module
                found.append((step.argval, steps[place - 2].argval, names))
    return tuple(found)


@functools.lru_cache(maxsize=256)
def obstacles(code: types.CodeType) -> tuple[str | None, bool]:
    """What a function imports or assigns where others see it, or None; whether it has `try`."""
    assigned, has_try = None, False
    for part in _codes_of(code):
        steps = _steps_of(part)
        for step in steps:
            is_free = step.opname in _FOREIGN_IF_FREE and step.argval in part.co_freevars
            if assigned is None and (step.opname in _FOREIGN or is_free):
                assigned = str(step.argval)
        has_try |= any(
            step.opname in _HANDLER and following.opname != "WITH_EXCEPT_START"
            for step, following in pairwise(steps)
        )
    return assigned, has_try


def _steps_of(code: types.CodeType) -> list[dis.Instruction]:
    return [step for step in dis.get_instructions(code) if step.opname not in _NO_STEP]


def _codes_of(code: types.CodeType) -> Iterator[types.CodeType]:
    """The code of a function, and of the functions and comprehensions within it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _codes_of(constant)
