"""What a network is trained to make small, and the error of the output layer that follows."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from .activations import Array, log_softmax, sigmoid_prime


def vectorized_result(j: int, size: int = 10) -> Array:
    """Return the desired output for label `j`: zeros, shape (size, 1), with a one in row `j`.

    Raises IndexError if there is no such row.
    """
    column = np.zeros((size, 1))
    column[j] = 1.0
    return column


class Cost(Protocol):
    """What a cost class offers: two static methods, called on the class.

    `a`, `y` and `z` are the output activations, the desired output and the weighted inputs of the
    output layer for one example, all of shape (outputs, 1).
    """

    @staticmethod
    def fn(a: Array, y: Array) -> float:
        """Return the cost C of output `a` where `y` is desired."""

    @staticmethod
    def delta(z: Array, a: Array, y: Array) -> Array:
        """Return the output error dC/dz (BP1), shape (outputs, 1)."""


class QuadraticCost:
    """Half the squared distance between output and desired output (eq. 6 for one example)."""

    @staticmethod
    def fn(a: Array, y: Array) -> float:
        """Return ``0.5 * ||a - y||^2``; shapes as in `Cost`."""
        return float(0.5 * np.linalg.norm(a - y) ** 2)

    @staticmethod
    def delta(z: Array, a: Array, y: Array) -> Array:
        """Return the error ``(a - y) * sigmoid_prime(z)`` of sigmoid outputs (BP1)."""
        error: Array = (a - y) * sigmoid_prime(z)
        return error


class CrossEntropyCost:
    """Cross-entropy between output and desired output (eq. 63 for one example)."""

    @staticmethod
    def fn(a: Array, y: Array) -> float:
        """Return ``-sum(y ln a + (1 - y) ln(1 - a))``; shapes as in `Cost`.

        A neuron that is exactly right (``0 * ln 0``) adds 0, one that is exactly wrong the largest
        finite float.
        """
        return float(np.sum(np.nan_to_num(-y * np.log(a) - (1.0 - y) * np.log(1.0 - a))))

    @staticmethod
    def delta(z: Array, a: Array, y: Array) -> Array:
        """Return the output error ``a - y`` (BP1: sigmoid' cancels); shapes as in `Cost`."""
        return a - y


class LogLikelihoodCost:
    """Log-likelihood cost of softmax outputs (eq. 80, for any desired distribution)."""

    @staticmethod
    def fn(a: Array, y: Array) -> float:
        """Return ``-sum(y ln a)``; shapes as in `Cost`.

        An output of 0 adds 0 where 0 is desired, else the largest finite float; `total_cost`
        knows z, and what the cost really is.
        """
        return float(np.sum(np.nan_to_num(-y * np.log(a))))

    @staticmethod
    def delta(z: Array, a: Array, y: Array) -> Array:
        """Return the output error ``a - y`` (eq. 84), where the desired outputs add up to 1."""
        return a - y


COSTS: dict[str, type[Cost]] = {c.__name__: c for c in (QuadraticCost, CrossEntropyCost)}
"""The costs that network2's files name."""

_OUTPUTS: dict[Any, tuple[str, ...]] = {
    QuadraticCost: ("sigmoid", "identity"),
    CrossEntropyCost: ("sigmoid",),
    LogLikelihoodCost: ("softmax",),
}


def check_output(cost: type[Cost], output: str) -> None:
    """Raise ValueError unless `cost` goes with the activation `output` of the output layer."""
    known = _OUTPUTS.get(cost, ("sigmoid", "softmax", "identity"))
    if output not in known:
        raise ValueError(f"output of {cost.__name__} must be {' or '.join(known)}, got {output!r}")


def output_error(cost: type[Cost], output: Any, z: Array, a: Array, y: Array) -> Array:
    """Return dC/dz of the output layer (BP1), shape (outputs, 1).

    A cost's own `delta` cannot know the output's activation: network2's quadratic cost takes it
    for the sigmoid. The slope of the identity is 1.
    """
    if cost is QuadraticCost and output == "identity":
        return a - y
    return cost.delta(z, a, y)


def output_cost(cost: type[Cost], z: Array, a: Array, y: Array) -> float:
    """Return the cost of one example.

    The log-likelihood is taken from z, so that an output too small for a float has its cost.
    """
    if cost is LogLikelihoodCost:
        return float(-np.sum(y * log_softmax(z)))
    return cost.fn(a, y)
