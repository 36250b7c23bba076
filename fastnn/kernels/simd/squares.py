"""Squares of numbers, transposed in registers."""

from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from ..numba_parts import has_avx512
from .llvm import Vector
from .memory import vector_pointer

# Bits of the parts of a register that shuffles with a fixed pattern keep apart.
_PART = 128


@intrinsic
def square_of(typingctx, memory):
    """Zeros, as many as `transpose_square` takes best: those of a register of the CPU."""
    bits = 512 if has_avx512() else 256
    vector = Vector(memory.dtype, bits // memory.dtype.bitwidth)

    def codegen(context, builder, sig, args):
        return ir.Constant(context.get_value_type(vector), None)

    return vector(memory), codegen


@intrinsic
def transpose_square(typingctx, like, source, pitch, rows, target, into):
    """`target[j * into + i] = source[i * pitch + j]` for i and j below the lanes of `like`.

    The number of lanes is a power of two. Only the first `rows` rows of the source are read, the
    others are taken as zeros.
    """
    if source.dtype != like.dtype or target.dtype != like.dtype:
        return None
    lanes, item = like.lanes, like.dtype.bitwidth // 8

    def codegen(context, builder, sig, args):
        vector_type = context.get_value_type(like)
        number = args[2].type
        nothing = cgutils.alloca_once_value(builder, ir.Constant(vector_type, None))

        def at(memory_type, memory, distance, line):
            index = builder.mul(distance, ir.Constant(number, line))
            return vector_pointer(context, builder, memory_type, memory, index, vector_type)

        lines = []
        for i in range(lanes):
            is_there = builder.icmp_signed("<", ir.Constant(number, i), args[3])
            line = builder.select(is_there, at(source, args[1], args[2], i), nothing)
            lines.append(builder.load(line, align=item))
        for j, line in enumerate(_transposed(builder, lines, lanes, like.dtype.bitwidth)):
            builder.store(line, at(target, args[4], args[5], j), align=item)
        return context.get_dummy_value()

    return types.void(like, source, types.intp, types.intp, target, types.intp), codegen


def _transposed(builder, lines, lanes, bits):
    """The columns of a square that is given as lines: first within parts, then whole parts."""
    within = min(_PART // bits, lanes)
    groups = [
        _columns(builder, lines[first : first + within], lanes, 1)
        for first in range(0, lanes, within)
    ]
    columns = [None] * lanes
    for place, group in enumerate(zip(*groups, strict=True)):
        columns[place::within] = _columns(builder, list(group), lanes, within)
    return columns


def _columns(builder, lines, lanes, size):
    """The columns of each square of len(lines) pieces, of `size` numbers each, side by side.

    Each round brings the pieces at even places of two lines together, and those at odd places.
    """
    count = len(lines)
    for _ in range(count.bit_length() - 1):
        pairs = list(zip(lines[::2], lines[1::2], strict=True))
        lines = []
        for odd in range(2):
            mask = []
            for lane in range(lanes):
                square, place = divmod(lane, size * count)
                piece, number = divmod(place, size)
                second, pair = divmod(piece, count // 2)
                piece = 2 * pair + odd
                mask.append(second * lanes + (square * count + piece) * size + number)
            lines += [builder.shuffle_vector(*pair, _lane_numbers(mask)) for pair in pairs]
    return lines


def _lane_numbers(numbers):
    """The lanes that a shuffle takes, as an LLVM constant."""
    number = ir.IntType(32)
    return ir.Constant(
        ir.VectorType(number, len(numbers)), [ir.Constant(number, n) for n in numbers]
    )
