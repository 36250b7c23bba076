"""Registers and memory: bare pointers, and what is read and written through them."""

from __future__ import annotations

from llvmlite import ir
from numba import TypingError, types
from numba.core import cgutils
from numba.extending import intrinsic

from .llvm import first_lanes, splat_scalar


def pointer_to(context, builder, memory_type, memory, index):
    """The address of element `index` behind a pointer, or of a contiguous array."""
    if isinstance(memory_type, types.CPointer):
        return builder.gep(memory, [index])
    if not isinstance(memory_type, types.Array) or memory_type.layout != "C":
        raise TypingError(f"expected a pointer or a contiguous array, not {memory_type}")
    data = context.make_array(memory_type)(context, builder, memory).data
    return builder.gep(data, [index])


def vector_pointer(context, builder, memory_type, memory, index, vector_type):
    """The same as the address of a vector."""
    pointer = pointer_to(context, builder, memory_type, memory, index)
    return builder.bitcast(pointer, ir.PointerType(vector_type))


def _item_size(memory_type) -> int:
    return memory_type.dtype.bitwidth // 8


@intrinsic
def pointer(typingctx, array):
    """A bare pointer to the first element of a contiguous array, which it does not keep alive."""

    def codegen(context, builder, sig, args):
        return pointer_to(context, builder, array, args[0], ir.Constant(ir.IntType(64), 0))

    return types.CPointer(array.dtype)(array), codegen


@intrinsic
def offset(typingctx, memory, count):
    """A pointer to `memory[count]`."""

    def codegen(context, builder, sig, args):
        return pointer_to(context, builder, memory, args[0], args[1])

    return types.CPointer(memory.dtype)(memory, types.intp), codegen


@intrinsic
def address_of(typingctx, memory):
    """The address that a pointer points to, an int64."""

    def codegen(context, builder, sig, args):
        return builder.ptrtoint(args[0], ir.IntType(64))

    return types.int64(memory), codegen


@intrinsic
def item_size(typingctx, memory):
    """Bytes of an element."""

    def codegen(context, builder, sig, args):
        return context.get_constant(types.intp, _item_size(memory))

    return types.intp(memory), codegen


@intrinsic
def element(typingctx, memory, index):
    """`memory[index]` as a scalar, without the test for a negative index."""

    def codegen(context, builder, sig, args):
        return builder.load(pointer_to(context, builder, memory, args[0], args[1]))

    return memory.dtype(memory, types.intp), codegen


@intrinsic
def put(typingctx, memory, index, value):
    """`memory[index] = value`, converted to its type."""

    def codegen(context, builder, sig, args):
        target = pointer_to(context, builder, memory, args[0], args[1])
        builder.store(context.cast(builder, args[2], value, memory.dtype), target)
        return context.get_dummy_value()

    return types.void(memory, types.intp, value), codegen


@intrinsic
def splat_at(typingctx, like, memory, index):
    """A vector like `like` with `memory[index]`, converted to its type, in every lane."""

    def codegen(context, builder, sig, args):
        pointer = pointer_to(context, builder, memory, args[1], args[2])
        scalar = context.cast(builder, builder.load(pointer), memory.dtype, like.dtype)
        return splat_scalar(builder, scalar, context.get_value_type(like))

    return like(like, memory, types.intp), codegen


@intrinsic
def load(typingctx, like, memory, index):
    """The elements from `memory[index]` on, as many as `like` has lanes."""
    if memory.dtype != like.dtype:
        return None

    def codegen(context, builder, sig, args):
        vector_type = context.get_value_type(like)
        pointer = vector_pointer(context, builder, memory, args[1], args[2], vector_type)
        return builder.load(pointer, align=_item_size(memory))

    return like(like, memory, types.intp), codegen


@intrinsic
def store(typingctx, memory, index, vector):
    """Write the lanes of `vector` to `memory[index]` and the elements after it."""
    if memory.dtype != vector.dtype:
        return None

    def codegen(context, builder, sig, args):
        vector_type = context.get_value_type(vector)
        pointer = vector_pointer(context, builder, memory, args[0], args[1], vector_type)
        builder.store(args[2], pointer, align=_item_size(memory))
        return context.get_dummy_value()

    return types.void(memory, types.intp, vector), codegen


@intrinsic
def pointer_at(typingctx, like, address):
    """The pointer to memory at an address, an int64, that holds numbers of the type of `like`."""

    def codegen(context, builder, sig, args):
        return builder.inttoptr(args[1], context.get_value_type(sig.return_type))

    return types.CPointer(like.dtype)(like, types.int64), codegen


@intrinsic
def put_address(typingctx, room, index, memory):
    """Write the address of `memory` into eight bytes of `room`, the eight with this number."""

    def codegen(context, builder, sig, args):
        number = ir.IntType(64)
        target = builder.bitcast(args[0], ir.PointerType(number))
        builder.store(builder.ptrtoint(args[2], number), builder.gep(target, [args[1]]))
        return context.get_dummy_value()

    return types.void(room, types.intp, memory), codegen


@intrinsic
def load_first(typingctx, like, memory, index, count):
    """The first `count` elements from `memory[index]` on, zero in the other lanes.

    Memory beyond them is not touched.
    """
    if memory.dtype != like.dtype:
        return None

    def codegen(context, builder, sig, args):
        mask = first_lanes(context, builder, like, types.intp, args[3])
        return _masked_load(context, builder, like, memory, args, mask)

    return like(like, memory, types.intp, types.intp), codegen


@intrinsic
def load_from(typingctx, like, memory, index, lane):
    """The elements from `memory[index]` on, but zero in the lanes before `lane`.

    Memory before `memory[index + lane]` is not touched.
    """
    if memory.dtype != like.dtype:
        return None

    def codegen(context, builder, sig, args):
        mask = builder.not_(first_lanes(context, builder, like, types.intp, args[3]))
        return _masked_load(context, builder, like, memory, args, mask)

    return like(like, memory, types.intp, types.intp), codegen


def _masked_load(context, builder, like, memory, args, mask):
    vector_type = context.get_value_type(like)
    at = vector_pointer(context, builder, memory, args[1], args[2], vector_type)
    function = cgutils.get_or_insert_function(
        builder.module,
        ir.FunctionType(vector_type, [at.type, ir.IntType(32), mask.type, vector_type]),
        f"llvm.masked.load.v{like.lanes}f{like.dtype.bitwidth}.p0",
    )
    align = ir.Constant(ir.IntType(32), _item_size(memory))
    return builder.call(function, [at, align, mask, ir.Constant(vector_type, None)])


@intrinsic
def store_first(typingctx, memory, index, vector, count):
    """Write the first `count` lanes of `vector` to `memory[index]` and the elements after it."""
    if memory.dtype != vector.dtype:
        return None

    def codegen(context, builder, sig, args):
        vector_type = context.get_value_type(vector)
        at = vector_pointer(context, builder, memory, args[0], args[1], vector_type)
        mask = first_lanes(context, builder, vector, types.intp, args[3])
        function = cgutils.get_or_insert_function(
            builder.module,
            ir.FunctionType(ir.VoidType(), [vector_type, at.type, ir.IntType(32), mask.type]),
            f"llvm.masked.store.v{vector.lanes}f{vector.dtype.bitwidth}.p0",
        )
        align = ir.Constant(ir.IntType(32), _item_size(memory))
        builder.call(function, [args[2], at, align, mask])
        return context.get_dummy_value()

    return types.void(memory, types.intp, vector, types.intp), codegen
