"""Vector operations that work on the bits of numbers (see `simd`)."""

from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from .llvm import first_lanes, splat_scalar

# The bits of an IEEE number: integer type of the same width, width of the fraction, exponent bias.
_FORMATS = {
    types.float32: (ir.IntType(32), 23, 127),
    types.float64: (ir.IntType(64), 52, 1023),
}


def _constant(vector_type, value):
    """The LLVM vector constant that holds `value` in every lane."""
    return ir.Constant(vector_type, [ir.Constant(vector_type.element, value)] * vector_type.count)


@intrinsic
def keep_first(typingctx, vector, count):
    """The first `count` lanes as they are, zero in the others."""

    def codegen(context, builder, sig, args):
        kept = first_lanes(context, builder, vector, types.intp, args[1])
        zero = ir.Constant(context.get_value_type(vector), None)
        return builder.select(kept, args[0], zero)

    return vector(vector, types.intp), codegen


@intrinsic
def power_of_two(typingctx, shifted):
    """2**n for the integer n in the lowest bits of `shifted` (see `functions.exp`)."""

    def codegen(context, builder, sig, args):
        integer, fraction, bias = _FORMATS[shifted.dtype]
        bits_type = ir.VectorType(integer, shifted.lanes)
        bits = builder.bitcast(args[0], bits_type)
        exponent = builder.add(bits, _constant(bits_type, bias))
        power = builder.shl(exponent, _constant(bits_type, fraction))
        return builder.bitcast(power, context.get_value_type(shifted))

    return shifted(shifted), codegen


@intrinsic
def split_exponent(typingctx, x):
    """`(e, m)` with x = m * 2**e and 1 <= m < 2, for positive normal x."""

    def codegen(context, builder, sig, args):
        integer, fraction, bias = _FORMATS[x.dtype]
        bits_type = ir.VectorType(integer, x.lanes)
        vector_type = context.get_value_type(x)
        bits = builder.bitcast(args[0], bits_type)
        exponent = builder.sub(
            builder.lshr(bits, _constant(bits_type, fraction)), _constant(bits_type, bias)
        )
        low = builder.and_(bits, _constant(bits_type, (1 << fraction) - 1))
        mantissa = builder.or_(low, _constant(bits_type, bias << fraction))
        return context.make_tuple(
            builder,
            sig.return_type,
            [builder.sitofp(exponent, vector_type), builder.bitcast(mantissa, vector_type)],
        )

    return types.UniTuple(x, 2)(x), codegen


@intrinsic
def less_half_the_bits(typingctx, start, x):
    """The float64 whose bits, as an integer, are `start` less half those of `x`."""

    def codegen(context, builder, sig, args):
        bits_type = ir.VectorType(_FORMATS[x.dtype][0], x.lanes)
        half = builder.lshr(builder.bitcast(args[1], bits_type), _constant(bits_type, 1))
        bits = builder.sub(splat_scalar(builder, args[0], bits_type), half)
        return builder.bitcast(bits, context.get_value_type(x))

    return x(types.int64, x), codegen
