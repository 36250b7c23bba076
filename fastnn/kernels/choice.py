"""One of several compiled functions, chosen by a number that is known only at run time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from llvmlite import ir
from numba import config, types
from numba.extending import intrinsic


def choice_of(functions: Sequence[Any], otherwise: Any) -> Callable[..., Any]:
    """Make a function of (code, *arguments) that calls functions[code](*arguments).

    Parameters
    ----------
    functions : sequence of helpers
        They take one, two or three arguments, and all give the same type for the same arguments.
    otherwise : helper
        What is called for any other code. It may be one of `functions` too.

    Returns
    -------
    function
        For kernels to call. It costs a jump; what it calls is compiled into the caller.
    """
    if config.DISABLE_JIT:

        def choose(code: int, *arguments: Any) -> Any:
            function = functions[code] if 0 <= code < len(functions) else otherwise
            return function(*arguments)

        return choose

    def typed(typingctx: Any, code: Any, *arguments: Any) -> Any:
        others = [function for function in functions if function is not otherwise]
        codes = [place for place, function in enumerate(functions) if function is not otherwise]
        calls = [_Call(typingctx, function, arguments) for function in (otherwise, *others)]

        def codegen(context: Any, builder: Any, sig: Any, values: Any) -> Any:
            blocks = [builder.append_basic_block("choice") for _ in calls]
            end = builder.append_basic_block("chosen")
            switch = builder.switch(values[0], blocks[0])
            for place, block in zip(codes, blocks[1:], strict=True):
                switch.add_case(place, block)
            results = []
            for call, block in zip(calls, blocks, strict=True):
                builder.position_at_end(block)
                result = call.emit(context, builder, values[1:])
                results.append((result, builder.block))
                builder.branch(end)
            builder.position_at_end(end)
            chosen = builder.phi(context.get_value_type(sig.return_type))
            for result in results:
                chosen.add_incoming(*result)
            return chosen

        return calls[0].signature.return_type(code, *arguments), codegen

    # Numba's intrinsics take a fixed number of arguments.

    @intrinsic
    def of_one(typingctx, code, x):
        return typed(typingctx, code, x)

    @intrinsic
    def of_two(typingctx, code, x, y):
        return typed(typingctx, code, x, y)

    @intrinsic
    def of_three(typingctx, code, x, y, z):
        return typed(typingctx, code, x, y, z)

    by_count: dict[int, Any] = {1: of_one, 2: of_two, 3: of_three}
    return by_count[otherwise.py_func.__code__.co_argcount]


class _Call:
    """A call of a compiled function with arguments of known types."""

    def __init__(self, typingctx: Any, function: Any, arguments: tuple[Any, ...]) -> None:
        self._kind = types.Dispatcher(function)
        self.signature = typingctx.resolve_function_type(self._kind, arguments, {})

    def emit(self, context: Any, builder: ir.IRBuilder, values: Sequence[Any]) -> Any:
        """Write the call where `builder` stands."""
        return context.get_function(self._kind, self.signature)(builder, values)
