"""Costs of a network: checks, their outputs, and how kernels get those that users write."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple, cast

import numba
import numpy as np
import numpy.typing as npt

from fastnn.common.checks import describe
from fastnn.kernels.costs import (
    CODES,
    Column,
    Cost,
    CrossEntropyCost,
    LogLikelihoodCost,
    QuadraticCost,
)
from fastnn.kernels.costs import COSTS as BUILT_IN
from fastnn.model.activations import functions_of

__all__ = ["Column", "Cost", "CrossEntropyCost", "LogLikelihoodCost", "QuadraticCost"]


COSTS: dict[str, type[Cost]] = {name: row.cost for name, row in BUILT_IN.items()}
"""The costs by the names that network2's files use."""


class KernelCost(NamedTuple):
    """A cost as the kernels take it.

    `delta` and `fn` are codes of built-in costs, or compiled functions. They are None where Numba
    cannot compile what the user wrote, and Python has to call it.
    """

    delta: Any
    fn: Any


def check_cost(cost: Any) -> type[Cost]:
    """Return `cost` if it has the two methods of a cost, else raise TypeError."""
    if not (callable(getattr(cost, "fn", None)) and callable(getattr(cost, "delta", None))):
        raise TypeError(
            f"cost must be one of {', '.join(BUILT_IN)} or a class with static methods "
            f"fn(a, y) and delta(z, a, y), got {describe(cost)}"
        )
    return cast(type[Cost], cost)


def usual_output(cost: Any) -> str:
    """Return the activation of the output layer where the user asks for none."""
    return BUILT_IN[cost_name(cost)].outputs[0] if _is_built_in(cost) else "sigmoid"


def usual_cost(output: str) -> type[Cost]:
    """Return the built-in cost to train with, by the activation of the output layer.

    Of several that go with it, the first in the table.
    """
    return next(row.cost for row in BUILT_IN.values() if output in row.outputs)


def check_output(cost: Any, output: str) -> None:
    """Raise ValueError if a built-in cost does not go with this activation of the output layer.

    The delta of a user's cost is dC/dz with any activation.
    """
    for name, row in BUILT_IN.items():
        own = cost.delta is row.cost.delta or cost.fn is row.cost.fn
        if own and output not in row.outputs:
            raise ValueError(
                f"cost {name} goes with output {' or '.join(row.outputs)}, got {output!r}"
            )


def output_error(cost: Any, output: str, z: Column, a: Column, y: Column) -> Column:
    """Compute the error dC/dz of the output layer (BP1) for any pair of cost and activation."""
    if cost.delta is QuadraticCost.delta:
        error: Column = (a - y) * functions_of(output)[1](z)
    else:
        error = cost.delta(z, a, y)
    return error


def _is_built_in(cost: Any) -> bool:
    return any(cost is row.cost for row in BUILT_IN.values())


def cost_name(cost: Any) -> str:
    """Return the name of a cost, as network2's files have it."""
    return getattr(cost, "__name__", type(cost).__name__)


def kernel_cost(cost: Any, dtype: npt.DTypeLike) -> KernelCost:
    """Turn a cost into what the kernels take; methods that a user wrote are compiled."""
    return _kernel_functions(cost, cost.delta, cost.fn, np.dtype(dtype))


@functools.cache
def _kernel_functions(cost: Any, delta: Any, fn: Any, dtype: np.dtype[Any]) -> KernelCost:
    column = numba.from_dtype(dtype)[:, ::1]
    for name, row in BUILT_IN.items():
        delta = CODES[name] if delta is row.cost.delta else delta
        fn = CODES[name] if fn is row.cost.fn else fn
    try:
        if callable(delta):
            delta = _compile(delta, (column, column, column))
        if callable(fn):
            fn = _compile(fn, (column, column))
    except Exception as problem:  # Numba raises many kinds, and each means the same here
        reason = str(problem).strip().splitlines()
        warnings.warn(
            f"cost {cost_name(cost)} cannot be compiled by Numba and runs at NumPy speed "
            f"({type(problem).__name__}: {reason[0] if reason else ''})",
            RuntimeWarning,
            stacklevel=2,
        )
        return KernelCost(None, None)
    return KernelCost(delta, fn)


def _compile(function: Callable[..., Any], signature: tuple[Any, ...]) -> Callable[..., Any]:
    compiled: Any = numba.njit(error_model="numpy")(function)
    if compiled is not function:  # they are the same with NUMBA_DISABLE_JIT=1
        compiled.compile(signature)
    return cast(Callable[..., Any], compiled)
