"""Vector registers for compiled code: a Numba type whose values are LLVM vectors (see `simd`)."""

from __future__ import annotations

import operator

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.errors import TypingError
from numba.core.registry import cpu_target
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import intrinsic, lower_builtin, models, register_model


class Vector(types.Type):
    """The Numba type of a vector of `lanes` numbers of type `dtype` (float32 or float64)."""

    def __init__(self, dtype: types.Float, lanes: int) -> None:
        self.dtype = dtype
        self.lanes = lanes
        super().__init__(name=f"Vector({dtype}, {lanes})")


@register_model(Vector)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, dmm, fe_type):
        element = dmm.lookup(fe_type.dtype).get_data_type()
        super().__init__(dmm, fe_type, ir.VectorType(element, fe_type.lanes))


def lane_numbers(numbers):
    """The lanes that a shuffle takes, as an LLVM constant."""
    number = ir.IntType(32)
    return ir.Constant(
        ir.VectorType(number, len(numbers)), [ir.Constant(number, n) for n in numbers]
    )


def splat_scalar(builder, scalar, vector_type):
    """The LLVM vector with a scalar in every lane."""
    lane0 = builder.insert_element(
        ir.Constant(vector_type, ir.Undefined), scalar, ir.Constant(ir.IntType(32), 0)
    )
    mask = ir.Constant(ir.VectorType(ir.IntType(32), vector_type.count), None)
    return builder.shuffle_vector(lane0, lane0, mask)


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
def item_size(typingctx, memory):
    """Bytes of an element."""

    def codegen(context, builder, sig, args):
        return context.get_constant(types.intp, _item_size(memory))

    return types.intp(memory), codegen


def _zeros(vector, *arguments):
    """Signature and code of an intrinsic that takes `arguments` and gives a vector of zeros."""

    def codegen(context, builder, sig, args):
        return ir.Constant(context.get_value_type(vector), None)

    return vector(*arguments), codegen


@intrinsic(prefer_literal=True)
def zeros(typingctx, memory, lanes):
    """A vector of `lanes` (a literal) zeros of the type that `memory` holds."""
    if not isinstance(lanes, types.IntegerLiteral):
        return None
    return _zeros(Vector(memory.dtype, lanes.literal_value), memory, lanes)


def _tile_lanes(dtype, held: int) -> int:
    """The longest vectors of which the registers hold `held`: 32 lanes, or 64 or 128 bytes.

    Of sixteen registers of 32 bytes, two stay free for a number in every lane. Numba keeps the code
    for each CPU and its features apart.
    """
    features = cpu_target.target_context.codegen().magic_tuple()[2].split(",")
    together = 4 if 4 * held <= 14 else 2
    return 32 if "+avx512f" in features else together * 32 // (dtype.bitwidth // 8)


@intrinsic(prefer_literal=True)
def tile_of(typingctx, vector, held):
    """Zeros of the type of `vector`, fewer where the CPU lacks registers for `held` such vectors.

    `held` is a literal from two to five.
    """
    if not isinstance(held, types.IntegerLiteral):
        return None
    fitting = min(vector.lanes, _tile_lanes(vector.dtype, held.literal_value))
    return _zeros(Vector(vector.dtype, fitting), vector, held)


@intrinsic
def lanes_of(typingctx, vector):
    """How many lanes `vector` has."""

    def codegen(context, builder, sig, args):
        return context.get_constant(types.intp, vector.lanes)

    return types.intp(vector), codegen


@intrinsic
def splat(typingctx, like, value):
    """A vector like `like` with `value`, converted to its type, in every lane."""

    def codegen(context, builder, sig, args):
        scalar = context.cast(builder, args[1], value, like.dtype)
        return splat_scalar(builder, scalar, context.get_value_type(like))

    return like(like, value), codegen


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


def first_lanes(context, builder, vector, count_type, count):
    """The mask that is true in the first `count` lanes of a vector."""
    integer = ir.IntType(vector.dtype.bitwidth)
    lanes_type = ir.VectorType(integer, vector.lanes)
    lane = ir.Constant(lanes_type, [ir.Constant(integer, i) for i in range(vector.lanes)])
    limit = context.cast(builder, count, count_type, types.Integer(f"int{integer.width}"))
    return builder.icmp_signed("<", lane, splat_scalar(builder, limit, lanes_type))


@intrinsic
def load_first(typingctx, like, memory, index, count):
    """The first `count` elements from `memory[index]` on, zero in the other lanes.

    Memory beyond them is not touched.
    """
    if memory.dtype != like.dtype:
        return None

    def codegen(context, builder, sig, args):
        vector_type = context.get_value_type(like)
        at = vector_pointer(context, builder, memory, args[1], args[2], vector_type)
        mask = first_lanes(context, builder, like, types.intp, args[3])
        function = cgutils.get_or_insert_function(
            builder.module,
            ir.FunctionType(vector_type, [at.type, ir.IntType(32), mask.type, vector_type]),
            f"llvm.masked.load.v{like.lanes}f{like.dtype.bitwidth}.p0",
        )
        align = ir.Constant(ir.IntType(32), _item_size(memory))
        return builder.call(function, [at, align, mask, ir.Constant(vector_type, None)])

    return like(like, memory, types.intp, types.intp), codegen


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


@intrinsic
def fma(typingctx, a, b, c):
    """`a * b + c`, rounded once."""

    def codegen(context, builder, sig, args):
        vector_type = context.get_value_type(a)
        function = cgutils.get_or_insert_function(
            builder.module,
            ir.FunctionType(vector_type, [vector_type] * 3),
            f"llvm.fma.v{a.lanes}f{a.dtype.bitwidth}",
        )
        return builder.call(function, args)

    return a(a, a, a), codegen


@intrinsic
def sqrt(typingctx, a):
    """The square root, correctly rounded."""

    def codegen(context, builder, sig, args):
        vector_type = context.get_value_type(a)
        function = cgutils.get_or_insert_function(
            builder.module,
            ir.FunctionType(vector_type, [vector_type]),
            f"llvm.sqrt.v{a.lanes}f{a.dtype.bitwidth}",
        )
        return builder.call(function, args)

    return a(a), codegen


@intrinsic
def select_greater(typingctx, a, b, if_greater, otherwise):
    """Lane by lane: `if_greater` where `a > b`, `otherwise` elsewhere, also beside a NaN."""

    def codegen(context, builder, sig, args):
        return builder.select(builder.fcmp_ordered(">", args[0], args[1]), args[2], args[3])

    return a(a, a, a, a), codegen


@intrinsic
def widen(typingctx, vector):
    """The same numbers as float64."""
    wide = Vector(types.float64, vector.lanes)

    def codegen(context, builder, sig, args):
        if vector.dtype == types.float64:
            return args[0]
        return builder.fpext(args[0], context.get_value_type(wide))

    return wide(vector), codegen


class _Elementwise(AbstractTemplate):
    def generic(self, args, kws):
        if len(args) == 2 and isinstance(args[0], Vector) and args[0] == args[1]:
            return signature(args[0], *args)
        return None


def _register_operator(function, instruction: str) -> None:
    infer_global(function)(type(f"_Vector_{function.__name__}", (_Elementwise,), {}))

    @lower_builtin(function, Vector, Vector)
    def lower(context, builder, sig, args):
        return getattr(builder, instruction)(*args)


for _function, _instruction in (
    (operator.add, "fadd"),
    (operator.sub, "fsub"),
    (operator.mul, "fmul"),
    (operator.truediv, "fdiv"),
):
    _register_operator(_function, _instruction)
