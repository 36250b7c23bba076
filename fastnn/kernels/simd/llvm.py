"""Vector registers for compiled code: a Numba type whose values are LLVM vectors (see `simd`)."""

from __future__ import annotations

import operator

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, lower_builtin, models, register_model, type_callable

from ..numba_parts import has_avx512


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


def splat_scalar(builder, scalar, vector_type):
    """The LLVM vector with a scalar in every lane."""
    lane0 = builder.insert_element(
        ir.Constant(vector_type, ir.Undefined), scalar, ir.Constant(ir.IntType(32), 0)
    )
    mask = ir.Constant(ir.VectorType(ir.IntType(32), vector_type.count), None)
    return builder.shuffle_vector(lane0, lane0, mask)


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
    together = 4 if 4 * held <= 14 else 2
    return 32 if has_avx512() else together * 32 // (dtype.bitwidth // 8)


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


def first_lanes(context, builder, vector, count_type, count):
    """The mask that is true in the first `count` lanes of a vector."""
    integer = ir.IntType(vector.dtype.bitwidth)
    lanes_type = ir.VectorType(integer, vector.lanes)
    lane = ir.Constant(lanes_type, [ir.Constant(integer, i) for i in range(vector.lanes)])
    limit = context.cast(builder, count, count_type, types.Integer(f"int{integer.width}"))
    return builder.icmp_signed("<", lane, splat_scalar(builder, limit, lanes_type))


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


def _register_operator(function, instruction: str) -> None:
    @type_callable(function)
    def lane_by_lane(context):
        return lambda a, b: a if isinstance(a, Vector) and a == b else None

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
