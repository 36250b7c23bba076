"""Numbers that compiled code reads from memory, because they change again and again."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

import llvmlite.ir as llvm_ir
from numba.core import ir, types
from numba.core.compiler_machinery import FunctionPass, register_pass
from numba.core.ir_utils import build_definitions, mk_unique_var
from numba.extending import intrinsic

# The addresses of numbers by the names that code has for them, while it is compiled.
_ADDRESSES: dict[str, int] = {}


@contextlib.contextmanager
def read_from(addresses: Mapping[str, int]) -> Iterator[None]:
    """Let what is compiled meanwhile read these numbers from memory; nobody else may compile."""
    _ADDRESSES.update(addresses)
    try:
        yield
    finally:
        _ADDRESSES.clear()


@intrinsic
def number_at(typingctx, address):
    """The float at an address."""

    def codegen(context, builder, sig, args):
        pointer = builder.inttoptr(args[0], llvm_ir.DoubleType().as_pointer())
        return builder.load(pointer)

    return types.float64(types.int64), codegen


@register_pass(mutates_CFG=False, analysis_only=False)
class ReadChanging(FunctionPass):
    """Put a read from memory in the place of each global or closure that changes."""

    _name = "fastnn_read_changing"

    def __init__(self):
        super().__init__()

    def run_pass(self, state):
        """Say whether anything was put in the place of something else."""
        blocks = state.func_ir.blocks
        changed = [_read_in(block) for block in blocks.values()] if _ADDRESSES else []
        if any(changed):
            state.func_ir._definitions = build_definitions(blocks)
        return any(changed)


def _read_in(block: Any) -> bool:
    body: list[Any] = []
    for statement in block.body:
        value: Any = getattr(statement, "value", None)
        changes = isinstance(statement, ir.Assign) and isinstance(value, (ir.Global, ir.FreeVar))
        if changes and value.name in _ADDRESSES and type(value.value) is float:
            loc = statement.loc
            read, at = (ir.Var(block.scope, mk_unique_var(n), loc) for n in ("$read", "$at"))
            body.append(ir.Assign(ir.Global("number_at", number_at, loc), read, loc))
            body.append(ir.Assign(ir.Const(_ADDRESSES[value.name], loc), at, loc))
            call = ir.Expr.call(read, (at,), (), loc)
            statement = ir.Assign(call, statement.target, loc)
        body.append(statement)
    changed = len(body) > len(block.body)
    block.body = body
    return changed
