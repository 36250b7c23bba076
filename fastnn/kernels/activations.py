"""What neurons make of their weighted inputs z, a = f(z), and the slope f'(z).

All activations with a name are rows of `ACTIVATIONS`. A row is enough for one more: the kernels
know it by its place in the table, and names, files, exchange and the command line follow.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba.extending import overload

from .choice import choice_of
from .compiling import inlined
from .simd import functions, select_greater, splat

Array = npt.NDArray[Any]


# On vector registers ---------------------------------------------------------------------------
#
# f gets z and returns a, lane by lane; the slope gets a and returns f'(z).


@inlined
def _itself(z):
    """F of the identity, and of what is not a function of single neurons."""
    return z


@inlined
def _one(a):
    """The slope of the identity."""
    return splat(a, 1.0)


@inlined
def _exponential_slope(a):
    """The exponential is its own slope."""
    return a


@inlined
def _sigmoid_slope(a):
    """Sigmoid and softmax: a (1 - a)."""
    return a * (splat(a, 1.0) - a)


@inlined
def _tanh_slope(a):
    """1 - a^2."""
    return splat(a, 1.0) - a * a


@inlined
def _relu_of_lanes(z):
    """max(z, 0)."""
    zero = splat(z, 0.0)
    return select_greater(zero, z, zero, z)


@inlined
def _relu_slope(a):
    """1 where z > 0, else 0."""
    zero = splat(a, 0.0)
    return select_greater(a, zero, splat(a, 1.0), zero)


# On arrays -------------------------------------------------------------------------------------


def sigmoid(z: Any) -> Any:
    """The sigmoid 1 / (1 + exp(-z)) (the book's eq. 3).

    Parameters
    ----------
    z : float or ndarray of any shape
        Weighted inputs.

    Returns
    -------
    float or ndarray
        Values between 0 and 1, shaped like `z`.
    """
    return 1.0 / (1.0 + np.exp(-z))


def sigmoid_prime(z: Any) -> Any:
    """The slope of the sigmoid, sigmoid(z) (1 - sigmoid(z)); at most 1/4, at z = 0.

    Parameters
    ----------
    z : float or ndarray of any shape
        Weighted inputs.

    Returns
    -------
    float or ndarray
        Shaped like `z`.
    """
    a = sigmoid(z)
    return a * (1.0 - a)


# A cost written by a user may call either; these let Numba compile it all the same.


@overload(sigmoid)
def _sigmoid_overload(z: Any) -> Any:
    def compiled(z: Any) -> Any:
        return 1.0 / (1.0 + np.exp(-z))

    return compiled


@overload(sigmoid_prime)
def _sigmoid_prime_overload(z: Any) -> Any:
    def compiled(z: Any) -> Any:
        a = sigmoid(z)
        return a * (1.0 - a)

    return compiled


def _tanh_prime(z: Array) -> Any:
    return 1.0 - np.tanh(z) ** 2


def _relu(z: Array) -> Any:
    return np.maximum(z, 0.0)


def _relu_prime(z: Array) -> Any:
    return np.where(z > 0.0, 1.0, 0.0)


def _softmax(z: Array) -> Any:
    powers = np.exp(z - np.max(z, axis=0))
    return powers / np.sum(powers, axis=0)


def _softmax_prime(z: Array) -> Any:
    """How each output depends on its own z; it depends on the others too."""
    a = _softmax(z)
    return a * (1.0 - a)


def _identity(z: Array) -> Any:
    return z


# The table -------------------------------------------------------------------------------------


class NamedActivation(NamedTuple):
    """An activation that has a name; a row of `ACTIVATIONS`."""

    lanes: Any  # f(z) on a vector
    slope: Any  # f'(z) on a vector, from a
    fn: Callable[[Any], Any]  # f(z) on arrays; softmax goes down the columns
    prime: Callable[[Any], Any]  # f'(z) on arrays
    hidden: bool  # whether hidden layers may have it
    output: bool  # whether the output layer may
    torch: str | None  # the class in torch.nn, if it has one
    onnx: str  # the operator
    numbers: bool = False  # whether outputs are numbers to predict, and not votes for classes


ACTIVATIONS = {
    "sigmoid": NamedActivation(
        *(functions.sigmoid, _sigmoid_slope, sigmoid, sigmoid_prime),
        hidden=True,
        output=True,
        torch="Sigmoid",
        onnx="Sigmoid",
    ),
    "tanh": NamedActivation(
        *(functions.tanh, _tanh_slope, np.tanh, _tanh_prime),
        hidden=True,
        output=False,
        torch="Tanh",
        onnx="Tanh",
    ),
    "relu": NamedActivation(
        *(_relu_of_lanes, _relu_slope, _relu, _relu_prime),
        hidden=True,
        output=False,
        torch="ReLU",
        onnx="Relu",
    ),
    # Each output depends on all z of its layer (see `step`).
    "softmax": NamedActivation(
        *(_itself, _sigmoid_slope, _softmax, _softmax_prime),
        hidden=False,
        output=True,
        torch="Softmax",
        onnx="Softmax",
    ),
    "identity": NamedActivation(
        *(_itself, _one, _identity, np.ones_like),
        hidden=False,
        output=True,
        torch="Identity",
        onnx="Identity",
        numbers=True,
    ),
    "exponential": NamedActivation(
        *(functions.exp, _exponential_slope, np.exp, np.exp),
        hidden=False,
        output=True,
        torch=None,
        onnx="Exp",
        numbers=True,
    ),
}

# What the kernels know an activation by: its place in the table. A user's own have the codes from
# CUSTOM on.
CODES = {name: place for place, name in enumerate(ACTIVATIONS)}
SOFTMAX, IDENTITY, EXPONENTIAL = CODES["softmax"], CODES["identity"], CODES["exponential"]
CUSTOM = len(ACTIVATIONS)

# activation(code, z) is a = f(z), lane by lane: z itself where f is not a function of single
# neurons, or a user's own.
activation = choice_of([row.lanes for row in ACTIVATIONS.values()], _itself)

# slope(code, a) is f'(z), lane by lane, from a = f(z); of softmax how each output depends on its
# own z.
slope = choice_of([row.slope for row in ACTIVATIONS.values()], _one)
