"""Functions that users write, called by their address.

Kernels are the same whatever a user has written: they get an address, as a number, and call what is
there with pointers. So only the user's own few lines are compiled, once for each mini-batch's part
that they work on: a row of neurons, or a block of output errors.

With NUMBA_DISABLE_JIT=1 the functions themselves take the place of their addresses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from llvmlite import ir
from numba import carray, config, from_dtype, types
from numba.core import cgutils
from numba.extending import intrinsic

from .compiling import compiled_address, implements, kept_address, own_part
from .own_results import assign, put_cost, put_error
from .simd import element, offset, put

# Numbers from here on are addresses, smaller ones codes of what is built in; none below 0.
_FIRST_ADDRESS = 4096
NONE = -1

_JIT_IS_OFF = config.DISABLE_JIT  # a script that changes it later changes nothing here

if _JIT_IS_OFF:

    def is_own(cost: Any) -> bool:
        """Say whether this is an own function, and not the code of what is built in."""
        return callable(cost)

    def own_at(table: Any, place: int) -> Any:
        """Return an entry of a table of own functions."""
        return table[place]

    def call_own(function: Any, arguments: tuple[Any, ...]) -> None:
        """Call an own function, which returns nothing."""
        function(*arguments)

else:

    def is_own(cost: Any) -> bool:
        """Say whether this is the address of an own function, and not a code."""
        return cost >= _FIRST_ADDRESS

    @implements(is_own, forceinline=True)
    def _is_own_overload(cost):
        return lambda cost: cost >= _FIRST_ADDRESS

    @intrinsic
    def own_at(typingctx, table, place):
        """Read an entry of a table of addresses; `table` is the address of the table."""

        def codegen(context, builder, sig, args):
            integer = ir.IntType(64)
            at = builder.inttoptr(args[0], integer.as_pointer())
            return builder.load(builder.gep(at, [args[1]]))

        return types.int64(types.int64, types.intp), codegen

    @intrinsic
    def call_own(typingctx, address, arguments):
        """Call what is at an address with a tuple of arguments; pass on what it raises."""
        kinds = list(arguments.types)

        def codegen(context, builder, sig, args):
            kind = context.call_conv.get_function_type(types.none, kinds)
            function = builder.inttoptr(args[0], kind.as_pointer())
            values = cgutils.unpack_tuple(builder, args[1])
            status, _ = context.call_conv.call_function(
                builder, function, types.none, kinds, values
            )
            with cgutils.if_unlikely(builder, status.is_error):
                context.call_conv.return_status_propagate(builder, status)
            return context.get_dummy_value()

        return types.void(types.int64, arguments), codegen


def column_at(memory, start, rows):
    """memory[start : start + rows] as a column, for functions that users write."""
    return memory[start : start + rows].reshape(rows, 1)


@implements(column_at)
def _column_at_overload(memory, start, rows):
    return lambda memory, start, rows: carray(offset(memory, start), (rows, 1))


_WRITTEN = (
    "delta or fn of the cost writes into y, the desired output, which is read-only: begin with "
    "y = y.copy()"
)


def refuse_changes(column, before):
    """Raise ValueError if a column is not as before."""
    for j in range(len(before)):
        now, then = column[j, 0], before[j, 0]
        if now != then and (now == now or then == then):
            raise ValueError(_WRITTEN)


@implements(refuse_changes)
def _refuse_changes_overload(column, before):
    return refuse_changes


# What is compiled of a user's functions -------------------------------------------------------
#
# Each of these returns a function, and the types of its arguments for a Numba type of numbers.

_Form = tuple[Callable[..., None], Callable[[Any], tuple[Any, ...]]]


def row_of(fn: Any, prime: Any) -> _Form:
    """An activation on a row of neurons: a = f(z) and the slopes f'(z)."""

    def own_row(z, a, slopes, count):
        for k in range(count):
            weighted = element(z, k)
            put(a, k, float(fn(weighted)))
            put(slopes, k, float(prime(weighted)))

    return own_row, lambda number: (types.CPointer(number),) * 3 + (types.intp,)


def errors_of(delta: Any) -> _Form:
    """The error delta^L of a cost for a block of examples, in place of z, zero in the padding."""

    def own_errors(z, a, y, stride, width, examples):
        given = column_at(y, 0, width).copy()  # what a user writes into it does not count
        room = given.copy()
        for e in range(examples):
            start = e * stride
            column, desired = column_at(z, start, width), column_at(y, start, width)
            assign(given, desired)
            error = delta(column, column_at(a, start, width), given)
            refuse_changes(given, desired)
            put_error(column, room, error)
            for j in range(width, stride):
                put(z, start + j, 0)

    return own_errors, lambda number: (types.CPointer(number),) * 3 + (types.intp,) * 3


def cost_of_columns(fn: Any) -> _Form:
    """The cost of one example, which goes to `out`."""

    def own_cost(a, y, width, out):
        desired = column_at(y, 0, width)
        given = desired.copy()
        put_cost(out, fn(column_at(a, 0, width), given))
        refuse_changes(given, desired)

    def arguments(number):
        column = types.CPointer(number)
        return column, column, types.intp, types.CPointer(types.float64)

    return own_cost, arguments


def compiled_part(function: Any, types: tuple[Any, ...], addresses: Mapping[str, int]) -> Any:
    """Compile a function that a user wrote for arguments of these types, to be part of a form.

    At `addresses` are floats that it reads anew in each call, by the names that it has for them.
    """
    return function if _JIT_IS_OFF else own_part(function, types, addresses)


def kept(digest: str) -> int | None:
    """Return the address of what `compiled` has made of the same, in any process, or None."""
    return None if _JIT_IS_OFF else kept_address(digest)


def compiled(form: _Form, dtype: Any, digest: str, lasts: bool) -> Any:
    """Compile one of these forms; return its address, or with the JIT off the function.

    `digest` stands for what the user's functions are, and for `dtype`; in other processes too, if
    it `lasts`.
    """
    function, arguments = form
    if _JIT_IS_OFF:
        return function
    function.__name__ = function.__qualname__ = f"own_{digest}"
    return compiled_address(function, arguments(from_dtype(np.dtype(dtype))), digest, lasts)
