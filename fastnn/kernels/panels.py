"""How matrices lie in memory; the one place that tells panels of 32 and of 16 columns apart."""

from __future__ import annotations

from collections import namedtuple

from llvmlite import ir
from numba import config, types
from numba.extending import intrinsic

from .simd import zeros
from .simd.llvm import Vector

# Columns lie in panels of 32, the rest in one of 16; so all strides are multiples of 16. Panels are
# worked on in tiles of as many columns as the registers of the CPU have room for (see
# `simd.tile_of`).
WIDE = 32
NARROW = 16

# A block of examples, row-major: element (e, j) is at[e * stride + j].
Rows = namedtuple("Rows", "at stride")

# A matrix of weights, `rows` by `stride`, stored as panels of 32 columns, the last one of 16 where
# that is enough: panel p holds columns 32 p and following of every row, row after row. In `room` a
# part of a panel can be copied.
Panels = namedtuple("Panels", "at rows stride room")

# A panel of such a matrix: where it is, how many rows it has, and which column of the matrix is its
# first; `zero` is a vector of zeros as wide as it is.
Panel = namedtuple("Panel", "zero at rows column")


def _on_panel(work, w, column, arguments):
    """Call work(panel, *arguments) for the panel of w that begins with that column.

    `work` is a helper that returns nothing. It is compiled for panels of 32 columns and for those
    of 16.
    """
    lanes = NARROW if w.stride - column < WIDE else WIDE
    panel = Panel(zeros(w.at, lanes), w.at[column * w.rows :], w.rows, column)
    work(panel, *arguments)


@intrinsic
def _on_panel_compiled(typingctx, work, w, column, arguments):
    # As a helper this would be compiled anew for each `work`, at 30 ms each.
    at = w.types[0]
    kinds = [
        types.NamedTuple((Vector(at.dtype, lanes), at, types.intp, types.intp), Panel)
        for lanes in (WIDE, NARROW)
    ]
    calls = [typingctx.resolve_function_type(work, (kind, *arguments.types), {}) for kind in kinds]

    def codegen(context, builder, sig, values):
        at, rows, stride = (builder.extract_value(values[1], place) for place in range(3))
        first = builder.gep(at, [builder.mul(values[2], rows)])
        rest = [builder.extract_value(values[3], k) for k in range(len(arguments.types))]
        width = ir.Constant(stride.type, WIDE)
        wide = builder.icmp_signed(">=", builder.sub(stride, values[2]), width)
        with builder.if_else(wide) as branches:
            for branch, kind, call in zip(branches, kinds, calls, strict=True):
                with branch:
                    zero = ir.Constant(context.get_value_type(kind.types[0]), None)
                    panel = context.make_tuple(builder, kind, [zero, first, rows, values[2]])
                    context.get_function(work, call)(builder, [panel, *rest])
        return context.get_dummy_value()

    return types.none(work, w, types.intp, arguments), codegen


on_panel = _on_panel if config.DISABLE_JIT else _on_panel_compiled
