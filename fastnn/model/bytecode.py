"""What the bytecode of a function tells: the names it reads, imports and assigns, and its `try`."""

from __future__ import annotations

import dis
import functools
import types
from collections.abc import Iterator
from itertools import pairwise, takewhile

_GLOBAL = ("LOAD_GLOBAL", "LOAD_NAME")
_FREE = ("LOAD_DEREF", "LOAD_CLASSDEREF", "LOAD_FROM_DICT_OR_DEREF")
_ATTRIBUTE = ("LOAD_ATTR", "LOAD_METHOD")
NAMES_LOADED = (*_GLOBAL, *_FREE, "LOAD_FAST", "LOAD_FAST_CHECK", "LOAD_FAST_BORROW")
_FOREIGN = ("IMPORT_NAME", "STORE_GLOBAL", "DELETE_GLOBAL")
_FOREIGN_IF_FREE = ("STORE_DEREF", "DELETE_DEREF")
_NO_STEP = ("CACHE", "EXTENDED_ARG")
_HANDLER = ("SETUP_FINALLY", "PUSH_EXC_INFO")  # before Python 3.11, and from then on


@functools.lru_cache(maxsize=256)
def names_read(code: types.CodeType) -> tuple[tuple[bool, str, tuple[str, ...]], ...]:
    """The names that a function reads: whether from a closure, which, and what attributes of it."""
    names = []
    for part in codes_of(code):
        steps = steps_of(part)
        for place, step in enumerate(steps):
            if step.opname in (*_GLOBAL, *_FREE):
                attributes = attributes_read(steps[place + 1 :])
                names.append((step.opname in _FREE, step.argval, attributes))
    return tuple(names)


@functools.lru_cache(maxsize=256)
def imports(code: types.CodeType) -> tuple[tuple[str, int, tuple[str, ...]], ...]:
    """What a function reads of modules that it imports itself: names, levels, and attributes."""
    parts = [(part, steps_of(part)) for part in codes_of(code)]
    found = []
    for _, steps in parts:
        for place, step in enumerate(steps):
            if step.opname == "IMPORT_NAME":  # after its level and what it takes of the module
                level, taken = steps[place - 2].argval, steps[place - 1].argval
                for module, path, known_as in _bound(step.argval, taken, steps[place + 1 :]):
                    found += [
                        (module, level, (*path, *attributes))
                        for attributes in _of_module_read(parts, known_as)
                    ]
    return tuple(dict.fromkeys(found))


def _bound(
    module: str, taken: tuple[str, ...] | None, steps: list[dis.Instruction]
) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """The modules, the path there, and the names that an import binds, from the steps after it."""
    if taken is None:
        is_renamed = steps[0].opname == "IMPORT_FROM"  # import a.b as c
        yield (module if is_renamed else module.partition(".")[0]), (), _first_stored(steps)
        return
    for place, step in enumerate(steps):
        if step.opname == "POP_TOP":
            break
        if step.opname == "IMPORT_FROM":
            yield module, (step.argval,), _first_stored(steps[place:])


def _first_stored(steps: list[dis.Instruction]) -> str:
    stored = next(step.argval for step in steps if step.opname.startswith("STORE_"))
    return str(stored[0] if isinstance(stored, tuple) else stored)


def _of_module_read(
    parts: list[tuple[types.CodeType, list[dis.Instruction]]], name: str
) -> Iterator[tuple[str, ...]]:
    """The attributes that code reads of what it calls by a name, wherever it reads it."""
    for code, steps in parts:
        in_cell = name in (*code.co_cellvars, *code.co_freevars)
        for place, step in enumerate(steps):
            argument = step.argval
            if in_cell and step.opname not in _FREE:
                continue  # Python 3.13 hands the cell itself on in this way
            if step.opname.endswith(NAMES_LOADED) and name == (
                argument[-1] if isinstance(argument, tuple) else argument
            ):
                yield attributes_read(steps[place + 1 :])


def attributes_read(steps: list[dis.Instruction]) -> tuple[str, ...]:
    """The attributes of attributes that are read at once."""
    return tuple(step.argval for step in takewhile(lambda s: s.opname in _ATTRIBUTE, steps))


@functools.lru_cache(maxsize=256)
def own_attributes_set(code: types.CodeType, name: str) -> frozenset[str]:
    """The attributes that code sets of what it reads by a name, as a function its own."""
    changed = set()
    for part in codes_of(code):
        steps = steps_of(part)
        for step, *following in zip(steps, steps[1:], steps[2:], strict=False):
            if step.opname in (*_GLOBAL, *_FREE) and step.argval == name:
                is_added_to = following[0].opname in ("COPY", "DUP_TOP")  # as in f.calls += 1
                there = following[is_added_to]
                if there.opname == "STORE_ATTR" or (is_added_to and there.opname in _ATTRIBUTE):
                    changed.add(there.argval)
    return frozenset(changed)


@functools.lru_cache(maxsize=256)
def obstacles(code: types.CodeType) -> tuple[str | None, bool]:
    """What a function imports or assigns where others see it, or None; whether it has `try`."""
    assigned, has_try = None, False
    for part in codes_of(code):
        steps = steps_of(part)
        for step in steps:
            is_free = step.opname in _FOREIGN_IF_FREE and step.argval in part.co_freevars
            if assigned is None and (step.opname in _FOREIGN or is_free):
                assigned = str(step.argval)
        has_try |= any(
            step.opname in _HANDLER and following.opname != "WITH_EXCEPT_START"
            for step, following in pairwise(steps)
        )
    return assigned, has_try


def steps_of(code: types.CodeType) -> list[dis.Instruction]:
    """The instructions of a code, without those that do nothing."""
    return [step for step in dis.get_instructions(code) if step.opname not in _NO_STEP]


def codes_of(code: types.CodeType) -> Iterator[types.CodeType]:
    """The code of a function, and of the functions and comprehensions within it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from codes_of(constant)
