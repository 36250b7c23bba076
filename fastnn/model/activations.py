"""Activations of a network's layers: checks, and how kernels get those that users write."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

import numba
import numpy as np
import numpy.typing as npt

from fastnn.common.checks import wrong_choice
from fastnn.kernels.activations import ACTIVATIONS, CODES, CUSTOM, sigmoid, sigmoid_prime
from fastnn.kernels.own import row_of
from fastnn.model.own_code import own_address, warn_once
from fastnn.model.slope_check import warn_of_wrong_slope
from fastnn.model.what_is_read import OnlyPythonError

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
        raise wrong_choice(
            activation,
            f"activation must be one of {', '.join(HIDDEN)} or a class with static methods fn(z) "
            "and prime(z)",
        )
    return activation


def output_activation(output: Any) -> str:
    """Return `output` if it is the name of an activation for the output layer."""
    if not isinstance(output, str) or output not in OUTPUT:
        raise wrong_choice(output, f"output must be one of {', '.join(OUTPUT)}")
    return output


def tells_numbers(activation: Any) -> bool:
    """Say whether outputs with this activation are numbers to predict, and no votes for classes."""
    return isinstance(activation, str) and ACTIVATIONS[activation].numbers


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


def activation_codes(activations: Sequence[Any]) -> tuple[int, ...]:
    """Return what the kernels know the activations of a network's layers by."""
    own = _own(activations)
    return tuple(CODES[a] if isinstance(a, str) else CUSTOM + own.index(a) for a in activations)


def only_python(activations: Sequence[Any], dtype: npt.DTypeLike) -> list[str]:
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
                _compiled(activation, dtype)
        except TypeError as problem:
            name = activation_name(activation)
            found.append(name)
            message = f"{problem}. It runs in Python, at NumPy speed, and so does training with it"
            warn_once(activation, f"activation {name}", message)
    return found


class OwnActivations(NamedTuple):
    """The activations that users wrote, as kernels take them."""

    custom: Any  # the address of `table`, or 0; with the JIT off the functions themselves
    table: Any  # the address of each; it must live as long as `custom` is in use


def own_activations(activations: Sequence[Any], dtype: npt.DTypeLike) -> OwnActivations:
    """Compile what users wrote of the activations of a network's layers.

    Raises TypeError if Numba cannot compile it.
    """
    for activation in _own(activations):
        warn_of_wrong_slope(activation)
    functions = tuple(_compiled(activation, dtype) for activation in _own(activations))
    if any(map(callable, functions)):  # the JIT is off
        return OwnActivations(functions, functions)
    table = np.array(functions, np.int64)
    return OwnActivations(table.ctypes.data if functions else 0, table)


def _own(activations: Sequence[Any]) -> list[Any]:
    return list(dict.fromkeys(a for a in activations if not isinstance(a, str)))


def _compiled(activation: Any, dtype: npt.DTypeLike) -> Any:
    number = (numba.float64,)
    try:
        return own_address(row_of, dtype, (activation.fn, number), (activation.prime, number))
    except OnlyPythonError as problem:
        raise TypeError(
            f"activation {activation_name(activation)} cannot be compiled by Numba for one number "
            f"z ({problem})"
        ) from None
