"""What compiled code asks of the machine besides arithmetic: caches, threads, rounding modes."""

from __future__ import annotations

import os

from llvmlite import ir
from llvmlite.binding import address_of_symbol, load_library_permanently
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from .memory import pointer_to

_INT32, _INT64, _BYTES = ir.IntType(32), ir.IntType(64), ir.PointerType(ir.IntType(8))

# The bits that make numbers below the smallest normal one zero: "flush to zero" and "denormals are
# zero" of MXCSR on x86-64, one bit of FPCR on 64-bit ARM.
_FLUSH_X86, _FLUSH_ARM = 1 << 15 | 1 << 6, 1 << 24


def _call(builder, name, result, *arguments):
    """Call an intrinsic function of LLVM."""
    kind = ir.FunctionType(result, [argument.type for argument in arguments])
    function = cgutils.get_or_insert_function(builder.module, kind, f"llvm.{name}")
    return builder.call(function, arguments)


@intrinsic
def prefetch(typingctx, memory, index):
    """Ask for the cache line of `memory[index]`. An address outside the array does no harm."""

    def codegen(context, builder, sig, args):
        pointer = pointer_to(context, builder, memory, args[0], args[1])
        read, keep_near, data_cache = (ir.Constant(_INT32, value) for value in (0, 3, 1))
        at = builder.bitcast(pointer, _BYTES)
        _call(builder, "prefetch.p0", ir.VoidType(), at, read, keep_near, data_cache)
        return context.get_dummy_value()

    return types.void(memory, types.intp), codegen


@intrinsic
def atomic_add(typingctx, memory, index, value):
    """Add to an int64 that threads share; a thread that reads it sees all earlier writes."""

    def codegen(context, builder, sig, args):
        target = pointer_to(context, builder, memory, args[0], args[1])
        return builder.atomic_rmw("add", target, args[2], "seq_cst")

    return types.int64(memory, types.intp, types.int64), codegen


@intrinsic
def atomic_element(typingctx, memory, index):
    """Read an int64 that other threads may be changing."""

    def codegen(context, builder, sig, args):
        return builder.load_atomic(
            pointer_to(context, builder, memory, args[0], args[1]), "acquire", 8
        )

    return types.int64(memory, types.intp), codegen


@intrinsic
def opaque(typingctx, value):
    """Hide an integer or a pointer from LLVM: the result is `value`, but LLVM cannot know that.

    LLVM then leaves a loop that counts with it as it is written, and an epoch takes 2 to 3 % less.
    """

    def codegen(context, builder, sig, args):
        kind = args[0].type
        return builder.asm(ir.FunctionType(kind, [kind]), "", "=r,0", args, side_effect=False)

    return value(value), codegen


def _name_of_yield():
    """The system's call that lets another thread run; both take nothing and return an int."""
    if os.name == "nt":
        load_library_permanently("kernel32.dll")
    names = "sched_yield", "SwitchToThread"
    return next((name for name in names if address_of_symbol(name) is not None), None)


@intrinsic
def give_way(typingctx):
    """Let another thread run on this processor, where the system has a call for it."""

    def codegen(context, builder, sig, args):
        name = _name_of_yield()
        if name is not None:
            kind = ir.FunctionType(ir.IntType(32), [])
            builder.call(cgutils.get_or_insert_function(builder.module, kind, name), [])
        return context.get_dummy_value()

    return types.void(), codegen


def _read_control(builder):
    """The register that controls floating-point arithmetic, as int64, and the bits that flush."""
    if _is_x86(builder):
        at = cgutils.alloca_once(builder, _INT32)
        _call(builder, "x86.sse.stmxcsr", ir.VoidType(), builder.bitcast(at, _BYTES))
        return builder.zext(builder.load(at), _INT64), _FLUSH_X86
    if _is_arm(builder):
        return _call(builder, "aarch64.get.fpcr", _INT64), _FLUSH_ARM
    return ir.Constant(_INT64, 0), 0


def _write_control(builder, value):
    if _is_x86(builder):
        at = cgutils.alloca_once(builder, _INT32)
        builder.store(builder.trunc(value, _INT32), at)
        _call(builder, "x86.sse.ldmxcsr", ir.VoidType(), builder.bitcast(at, _BYTES))
    elif _is_arm(builder):
        _call(builder, "aarch64.set.fpcr", ir.VoidType(), value)


def _is_x86(builder) -> bool:
    return builder.module.triple.startswith("x86_64")


def _is_arm(builder) -> bool:
    return builder.module.triple.startswith(("aarch64", "arm64"))


@intrinsic
def start_flushing(typingctx):
    """Treat numbers below the smallest normal one as zero in this thread, where the CPU can.

    Many CPUs take a hundred cycles for an operation on such a number. Returns what `stop_flushing`
    needs; call that before anything returns to Python.
    """

    def codegen(context, builder, sig, args):
        before, flush = _read_control(builder)
        _write_control(builder, builder.or_(before, ir.Constant(_INT64, flush)))
        return before

    return types.int64(), codegen


@intrinsic
def stop_flushing(typingctx, before):
    """Go back to the mode from before `start_flushing`."""

    def codegen(context, builder, sig, args):
        _write_control(builder, args[0])
        return context.get_dummy_value()

    return types.void(types.int64), codegen
