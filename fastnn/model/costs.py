"""Costs of a network: checks, their outputs, and how kernels get those that users write."""

from __future__ import annotations

import functools
import inspect
import itertools
import types
from collections.abc import Callable
from typing import Any, NamedTuple, cast

import numba
import numpy as np
import numpy.typing as npt
from numba.extending import is_jitted

from fastnn.common.checks import describe
from fastnn.kernels.costs import (
    CODES,
    Column,
    Cost,
    CrossEntropyCost,
    LogLikelihoodCost,
    PoissonCost,
    QuadraticCost,
)
from fastnn.kernels.costs import COSTS as BUILT_IN
from fastnn.kernels.own import cost_of_columns, errors_of
from fastnn.kernels.own_results import error_of
from fastnn.model.own_code import own_address, warn_once
from fastnn.model.what_is_read import FIELD_OF_NAMED_TUPLE, OnlyPythonError

__all__ = [
    "Column",
    "Cost",
    "CrossEntropyCost",
    "LogLikelihoodCost",
    "PoissonCost",
    "QuadraticCost",
]


COSTS: dict[str, type[Cost]] = {name: row.cost for name, row in BUILT_IN.items()}
"""The costs by the names that network2's files use."""


# The functions of the built-in costs as they are here: a script may put others in their place.
_FUNCTIONS = {name: (row.cost.delta, row.cost.fn) for name, row in BUILT_IN.items()}


# Each with these functions, whatever a script puts into the classes that network2 has.
_UNPATCHED = {
    name: type(name, (), {"delta": staticmethod(delta), "fn": staticmethod(fn)})
    for name, (delta, fn) in _FUNCTIONS.items()
}


class KernelCost(NamedTuple):
    """A cost as the kernels take it.

    `delta` and `fn` are codes of built-in costs, or addresses of functions (see `kernels/own.py`).
    Either is None where Python has to call what the user wrote, or where the cost has none.
    """

    delta: Any
    fn: Any


# What gives the same function whenever it is looked at, until somebody assigns another one.
_STEADY = (
    *(types.FunctionType, types.MethodType, staticmethod, classmethod),
    functools.cached_property,  # which puts its function into the object at the first look
)
_FIELDS = (types.MemberDescriptorType, FIELD_OF_NAMED_TUPLE)


def steady_parts(cost: Any) -> tuple[Any, Any]:
    """Return `delta` and `fn` of a cost.

    In place of a part that may be another one at each look, as a property may, stands None. Such a
    part is looked up for each example, as in network2, and at no other time. None also stands for a
    part that is missing: see `check_cost`.
    """
    if _is_built_in(cost):
        return cost.delta, cost.fn
    return _steady_part(cost, "delta"), _steady_part(cost, "fn")


def _steady_part(cost: Any, name: str) -> Any:
    part = None if _changes_by_itself(cost, name) else getattr(cost, name, None)
    return part if callable(part) else None


def has_own(cost: Any, name: str) -> bool:
    """Say whether a cost has a "delta" or "fn" of a user's own that is the same at each look."""
    part = _steady_part(cost, name)
    built_in = itertools.chain.from_iterable(_FUNCTIONS.values())
    return part is not None and all(part is not function for function in built_in)


def _changes_by_itself(cost: Any, name: str) -> bool:
    kind = type(cost)
    if kind is type:  # a plain class, as nearly all costs are: the fast path
        found = next((base.__dict__[name] for base in cost.__mro__ if name in base.__dict__), None)
        if type(found) in _STEADY:
            return False
    elif isinstance(kind.__getattribute__, types.FunctionType):  # one of a user's own
        return True
    else:
        found = inspect.getattr_static(cost, name, None)
    if found is None:
        return hasattr(kind, "__getattr__")
    steady = isinstance(found, (*_STEADY, *_FIELDS)) or is_jitted(found)
    return not steady and hasattr(type(found), "__get__")


def unpatched(cost: type[Cost]) -> type[Cost]:
    """Return a built-in cost as it is here, for programs that have no name for it.

    A script that puts functions into ``network2.QuadraticCost`` means network2, not the network of
    chapter 1 or an estimator.
    """
    return _UNPATCHED[cost_name(cost)]


def check_cost(cost: Any, *called: str) -> type[Cost]:
    """Return `cost` if it has one of the two methods of a cost, else raise TypeError.

    `called` are those that are about to be called, "delta" or "fn": it must have them. A script
    that never trains with fastnn's `backprop`, or measures no cost, may do without one.
    """
    lacking = [name for name in called if not _has(cost, name)]
    if lacking or not is_cost(cost):
        raise TypeError(
            f"cost must be one of {', '.join(BUILT_IN)} or a class with static methods "
            f"fn(a, y) and delta(z, a, y), got {describe(cost)}"
            + (f", which has no {lacking[0]}" if lacking else "")
        )
    return cast(type[Cost], cost)


def is_cost(value: Any) -> bool:
    """Say whether a value has one of the two methods of a cost."""
    return _has(value, "delta") or _has(value, "fn")


def _has(cost: Any, name: str) -> bool:
    part = getattr(cost, name) if _is_built_in(cost) else _steady_part(cost, name)
    return callable(part) or _changes_by_itself(cost, name)


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

    The delta of a user's cost is dC/dz with any activation. A built-in fn is refused beside it,
    too: from softmax outputs kernels make terms of ln a.
    """
    own_delta, own_fn = steady_parts(cost)
    for name, row in BUILT_IN.items():
        delta, fn = _FUNCTIONS[name]
        if (own_delta is delta or own_fn is fn) and output not in row.outputs:
            reason = f"{name} goes with output {' or '.join(row.outputs)}, got {output!r}"
            if _is_built_in(cost):
                raise ValueError(f"cost {reason}")
            taken = (own_delta is delta) * ["delta"] + (own_fn is fn) * ["fn"]
            raise ValueError(
                f"cost {cost_name(cost)} has the {' and '.join(taken)} of {name}, and {reason}; a "
                "cost with a delta and an fn of its own goes with any"
            )


def output_error(cost: Any, prime: Callable[[Any], Any], z: Column, a: Column, y: Column) -> Column:
    """Compute the error dC/dz of the output layer (BP1) for any pair of cost and activation.

    `prime` is the slope of the activation, for the quadratic cost, which depends on it.
    """
    if has_quadratic_delta(cost):
        error: Column = (a - y) * prime(z)
        return error
    return error_of(cost.delta(z, a, y), len(a), a.shape[1])


def has_quadratic_delta(cost: Any) -> bool:
    """Say whether the error of a cost is that of `QuadraticCost`, for whatever activation."""
    return steady_parts(cost)[0] is _FUNCTIONS["QuadraticCost"][0]


def patched_parts(cost: Any) -> list[str]:
    """Name what a script has put in the place of functions of a built-in cost, or of its bases."""
    bases = (cost if isinstance(cost, type) else type(cost)).__mro__
    return [
        f"{name}.{part}"
        for name, built_in in COSTS.items()
        if built_in in bases
        for part, function in zip(("delta", "fn"), _FUNCTIONS[name], strict=True)
        if getattr(built_in, part) is not function
    ]


def has_cross_entropy(cost: Any) -> bool:
    """Say whether the cost is the cross-entropy, which may well be infinite."""
    return steady_parts(cost)[1] is _FUNCTIONS["CrossEntropyCost"][1]


def _is_built_in(cost: Any) -> bool:
    return any(cost is row.cost for row in BUILT_IN.values())


def cost_name(cost: Any) -> str:
    """Return the name of a cost, as network2's files have it."""
    return getattr(cost, "__name__", type(cost).__name__)


def named_in_messages(cost: Any, part: str = "") -> str:
    """Return what a message calls a cost, or its "delta" or "fn".

    A network of chapter 1 has a method in the place of both, say ``Network.cost_derivative``.
    """
    name = cost_name(cost)
    if "." in name:
        return name
    return f"{part} of the cost {name}" if part else f"cost {name}"


def built_in_code(cost: Any) -> int | None:
    """Return the code of a built-in cost, or None for any whose functions are others."""
    parts = steady_parts(cost)
    return next((CODES[name] for name, own in _FUNCTIONS.items() if parts == own), None)


def kernel_cost(cost: Any, dtype: npt.DTypeLike) -> KernelCost:
    """Turn a cost into what the kernels take; functions that a user wrote are compiled.

    They are compiled anew if what they read has changed since. What Numba cannot compile, or what
    must not be frozen as it does, is left to Python, with one warning.
    """
    column = numba.from_dtype(np.dtype(dtype))[:, ::1]
    delta, fn = steady_parts(cost)
    changing = [name for name in ("fn", "delta") if _changes_by_itself(cost, name)]
    if changing:
        _warn_of_python(cost, f"its {changing[0]} may be another at each look")
    for name, (own_delta, own_fn) in _FUNCTIONS.items():
        delta = CODES[name] if delta is own_delta else delta
        fn = CODES[name] if fn is own_fn else fn
    if callable(delta):
        delta = _address_or_none(cost, errors_of, dtype, delta, (column, column, column))
    if callable(fn):
        fn = _address_or_none(cost, cost_of_columns, dtype, fn, (column, column))
    return KernelCost(delta, fn)


def _address_or_none(
    cost: Any, make: Any, dtype: Any, function: Callable[..., Any], kinds: tuple[Any, ...]
) -> Any:
    """Compile a function; None if Python has to call it, which a warning then says once."""
    try:
        return own_address(make, dtype, (function, kinds))
    except OnlyPythonError as problem:
        _warn_of_python(cost, str(problem))
        return None


def _warn_of_python(cost: Any, reason: str) -> None:
    what = f"cost {cost_name(cost)}"
    message = f"{what} cannot be compiled by Numba and runs at NumPy speed ({reason})"
    warn_once(cost, what, message)
