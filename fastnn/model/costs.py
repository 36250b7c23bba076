"""The costs of the book, and what becomes of a cost that a user writes."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol, cast

import numba
import numpy as np
import numpy.typing as npt

from fastnn.common.checks import describe
from fastnn.kernels.outputs import CROSS_ENTROPY, LOG_LIKELIHOOD, QUADRATIC
from fastnn.model.activations import functions_of, sigmoid_prime

Column = npt.NDArray[np.floating[Any]]


class Cost(Protocol):
    """What a cost offers: two static methods on columns of shape (outputs, 1)."""

    @staticmethod
    def fn(a: Column, y: Column) -> float:
        """The cost of output activations `a` where `y` is desired."""

    @staticmethod
    def delta(z: Column, a: Column, y: Column) -> Column:
        """The error dC/dz of the output layer (BP1), shape (outputs, 1)."""


class QuadraticCost:
    """The quadratic cost ||a - y||^2 / 2 (the book's eq. 6 for one example)."""

    @staticmethod
    def fn(a: Column, y: Column) -> float:
        """The cost of output activations `a` where `y` is desired, both (outputs, 1)."""
        return float(0.5 * np.sum((a - y) ** 2))

    @staticmethod
    def delta(z: Column, a: Column, y: Column) -> Column:
        """The error (a - y) sigmoid'(z) of the output layer (BP1), shape (outputs, 1)."""
        error: Column = (a - y) * sigmoid_prime(z)
        return error


class CrossEntropyCost:
    """The cross-entropy -sum(y ln a + (1 - y) ln(1 - a)) (the book's eq. 63 for one example)."""

    @staticmethod
    def fn(a: Column, y: Column) -> float:
        """The cost of output activations `a` where `y` is desired, both (outputs, 1).

        A neuron that is exactly right adds 0, one that is exactly wrong the largest float.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            terms = -y * np.log(a) - (1 - y) * np.log(1 - a)
        return float(np.sum(np.nan_to_num(terms)))

    @staticmethod
    def delta(z: Column, a: Column, y: Column) -> Column:
        """The error a - y of the output layer (BP1), shape (outputs, 1)."""
        return a - y


class LogLikelihoodCost:
    """The log-likelihood cost -sum(y ln a) for softmax outputs (the book's eq. 80)."""

    @staticmethod
    def fn(a: Column, y: Column) -> float:
        """The cost of output activations `a` where `y` is desired, both (outputs, 1).

        A neuron that has nothing to say (y = 0) adds 0, one that is exactly wrong the largest
        float. Training and monitoring work from z, and no term of theirs is infinite.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            terms = -y * np.log(a)
        return float(np.sum(np.nan_to_num(terms)))

    @staticmethod
    def delta(z: Column, a: Column, y: Column) -> Column:
        """The error a - y of a softmax output layer (the book's eq. 81), shape (outputs, 1)."""
        return a - y


class _Entry(NamedTuple):
    cost: type[Cost]
    code: int  # what the kernels know it by
    outputs: tuple[str, ...]  # the activations of the output layer that it goes with


# Every cost that a saved network may name. A new one needs a code in kernels/outputs.py, its terms
# in kernels/evaluate.py and a row here. The first of its outputs is the usual one.
_TABLE = {
    "CrossEntropyCost": _Entry(CrossEntropyCost, CROSS_ENTROPY, ("sigmoid",)),
    "QuadraticCost": _Entry(QuadraticCost, QUADRATIC, ("sigmoid", "identity")),
    "LogLikelihoodCost": _Entry(LogLikelihoodCost, LOG_LIKELIHOOD, ("softmax",)),
}

COSTS: dict[str, type[Cost]] = {name: entry.cost for name, entry in _TABLE.items()}
"""The costs by the names that network2's files use."""


class KernelCost(NamedTuple):
    """A cost as the kernels take it.

    `delta` and `fn` are the code of a built-in cost or compiled functions; None where Numba cannot
    compile what the user wrote, so that Python has to call it.
    """

    delta: Any
    fn: Any


def check_cost(cost: Any) -> type[Cost]:
    """Return `cost` if it has the two methods of a cost, else raise TypeError."""
    if not (callable(getattr(cost, "fn", None)) and callable(getattr(cost, "delta", None))):
        raise TypeError(
            f"cost must be one of {', '.join(_TABLE)} or a class with static methods "
            f"fn(a, y) and delta(z, a, y), got {describe(cost)}"
        )
    return cast(type[Cost], cost)


def usual_output(cost: Any) -> str:
    """The activation of the output layer where nothing else is asked for."""
    return _TABLE[cost_name(cost)].outputs[0] if _is_built_in(cost) else "sigmoid"


def check_output(cost: Any, output: str) -> None:
    """Raise ValueError if a built-in cost does not go with this activation of the output layer.

    What a user's own cost calls delta is dC/dz, whatever the activation.
    """
    for name, entry in _TABLE.items():
        own = cost.delta is entry.cost.delta or cost.fn is entry.cost.fn
        if own and output not in entry.outputs:
            raise ValueError(
                f"cost {name} goes with output {' or '.join(entry.outputs)}, got {output!r}"
            )


def output_error(cost: Any, output: str, z: Column, a: Column, y: Column) -> Column:
    """The error dC/dz of the output layer (BP1) for any pair of cost and activation."""
    if cost.delta is QuadraticCost.delta:
        error: Column = (a - y) * functions_of(output)[1](z)
    else:
        error = cost.delta(z, a, y)
    return error


def _is_built_in(cost: Any) -> bool:
    return any(cost is entry.cost for entry in _TABLE.values())


def cost_name(cost: Any) -> str:
    """The name of a cost, as network2's files have it."""
    return getattr(cost, "__name__", type(cost).__name__)


def kernel_cost(cost: Any, dtype: npt.DTypeLike) -> KernelCost:
    """Turn a cost class into what the kernels take, compiling what in it is a user's own."""
    return _kernel_functions(cost, cost.delta, cost.fn, np.dtype(dtype))


@functools.cache
def _kernel_functions(cost: Any, delta: Any, fn: Any, dtype: np.dtype[Any]) -> KernelCost:
    column = numba.from_dtype(dtype)[:, ::1]
    for entry in _TABLE.values():
        delta = entry.code if delta is entry.cost.delta else delta
        fn = entry.code if fn is entry.cost.fn else fn
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
    if compiled is not function:  # it is with NUMBA_DISABLE_JIT=1
        compiled.compile(signature)
    return cast(Callable[..., Any], compiled)
