"""Activations of a network's layers: checks, and how kernels get those that users write."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

import numba
import numpy as np

from fastnn.common.checks import describe
from fastnn.kernels.activations import ACTIVATIONS, CODES, CUSTOM, sigmoid, sigmoid_prime
from fastnn.model.own_code import compile_own

__all__ = ["sigmoid", "sigmoid_prime"]


class Activation(Protocol):
    """What an activation written by a user offers: two static methods on one number."""

    @staticmethod
    def fn(z: float) -> float:
        """The output a = f(z) of a neuron with the weighted input z."""

    @staticmethod
    def prime(z: float) -> float:
        """The slope f'(z)."""


HIDDEN = tuple(name for name, entry in ACTIVATIONS.items() if entry.hidden)
"""The names that a hidden layer may have."""

OUTPUT = tuple(name for name, entry in ACTIVATIONS.items() if entry.output)
"""The names that the output layer may have."""


def hidden_activations(activation: Any, hidden_layers: int) -> list[Any]:
    """Return the activation of every hidden layer: one for all, or a list with one each."""
    if not isinstance(activation, (list, tuple)):
        return [_checked_hidden(activation)] * hidden_layers
    if len(activation) != hidden_layers:
        raise ValueError(
            f"activation must name one activation for each of {hidden_layers} hidden layers, "
            f"got {len(activation)}"
        )
    return [_checked_hidden(entry) for entry in activation]


def _is_class(activation: Any) -> bool:
    return all(callable(getattr(activation, name, None)) for name in ("fn", "prime"))


def _checked_hidden(activation: Any) -> Any:
    fine = activation in HIDDEN if isinstance(activation, str) else _is_class(activation)
    if not fine:
        raise (ValueError if isinstance(activation, str) else TypeError)(
            f"activation must be one of {', '.join(HIDDEN)} or a class with static methods fn(z) "
            f"and prime(z), got {describe(activation)}"
        )
    return activation


def output_activation(output: Any) -> str:
    """Return `output` if it is the name of an activation for the output layer."""
    if not isinstance(output, str) or output not in OUTPUT:
        raise (ValueError if isinstance(output, str) else TypeError)(
            f"output must be one of {', '.join(OUTPUT)}, got {describe(output)}"
        )
    return output


def activation_name(activation: Any) -> str:
    """Return the name of an activation, or of a user's class."""
    if isinstance(activation, str):
        return activation
    return str(getattr(activation, "__name__", type(activation).__name__))


def functions_of(activation: Any) -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
    """Return f and f' on arrays."""
    if isinstance(activation, str):
        return ACTIVATIONS[activation].fn, ACTIVATIONS[activation].prime
    return (
        np.vectorize(activation.fn, otypes=[float]),
        np.vectorize(activation.prime, otypes=[float]),
    )


# The activations of which a warning has said that they run in Python: their classes and names.
_SAID: set[tuple[type[Any], str]] = set()


def only_python(activations: Sequence[Any]) -> list[str]:
    """Name those activations that Numba cannot compile, or that must not be frozen as it does.

    Warns
    -----
    RuntimeWarning
        Once for each.
    """
    found = []
    for activation in activations:
        try:
            if _is_class(activation):
                _compiled([activation])
        except TypeError as problem:
            name = activation_name(activation)
            found.append(name)
            said = (activation if isinstance(activation, type) else type(activation), name)
            if said not in _SAID:
                _SAID.add(said)
                warnings.warn(
                    f"{problem}. It runs in Python, at NumPy speed, and so does training with it",
                    RuntimeWarning,
                    stacklevel=4,
                )
    return found


class KernelActivations(NamedTuple):
    """Activations as kernels take them: codes, and a function for those that users wrote."""

    codes: tuple[int, ...]  # one for each layer after the inputs
    custom: Any  # custom(code, z) -> (f(z), f'(z)); None where every activation has a name


def kernel_activations(activations: Sequence[Any]) -> KernelActivations:
    """Turn the activations of a network's layers into what the kernels take.

    Raises TypeError if Numba cannot compile one that a user wrote.
    """
    own = list(dict.fromkeys(a for a in activations if not isinstance(a, str)))
    codes = tuple(CODES[a] if isinstance(a, str) else CUSTOM + own.index(a) for a in activations)
    return KernelActivations(codes, _compiled(own) if own else None)


def _compiled(own: Sequence[Any]) -> Callable[[int, float], tuple[float, float]]:
    """Compile users' activations into one function that chooses among them by code."""
    functions = tuple((_compile(a, a.fn), _compile(a, a.prime)) for a in own)
    return _chosen(functions)


@functools.lru_cache(maxsize=64)
def _chosen(functions: tuple[tuple[Any, Any], ...]) -> Callable[[int, float], tuple[float, float]]:
    chosen: Any = None
    for place, (fn, prime) in reversed(list(enumerate(functions))):
        chosen = numba.njit(_choice(CUSTOM + place, fn, prime, chosen))
    compiled: Callable[[int, float], tuple[float, float]] = chosen
    return compiled


def _choice(own_code: int, fn: Any, prime: Any, otherwise: Any) -> Callable[..., Any]:
    """Return a function for `own_code` that leaves other codes to `otherwise`, if there is one."""

    def last(code: int, z: float) -> tuple[float, float]:
        return float(fn(z)), float(prime(z))

    def choose(code: int, z: float) -> tuple[float, float]:
        if code == own_code:
            return float(fn(z)), float(prime(z))
        both: tuple[float, float] = otherwise(code, z)
        return both

    return last if otherwise is None else choose


def _compile(activation: Any, function: Callable[..., Any]) -> Any:
    try:
        return compile_own(function, (numba.float64,))
    except Exception as problem:  # Numba raises many kinds, and each means the same here
        reason = str(problem).strip().splitlines()
        raise TypeError(
            f"activation {activation_name(activation)} cannot be compiled by Numba: fn and prime "
            f"must work on one number ({reason[0] if reason else type(problem).__name__})"
        ) from None
