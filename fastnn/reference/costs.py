"""Costs, which training makes small, and the output error that follows from each."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from .activations import Array, log_softmax, slope


def vectorized_result(j: int, size: int = 10) -> Array:
    """Return the desired output for label `j`: zeros, shape (size, 1), with a one in row `j`.

    Raises IndexError if there is no such row.
    """
    column = np.zeros((size, 1))
    column[j] = 1.0
    return column


class Cost(Protocol):
    """The two static methods of a cost, called on the class.

    `a`, `y` and `z` are the output activations, the desired output and the weighted inputs of the
    output layer for one example, all of shape (outputs, 1).
    """

    @staticmethod
    def fn(a: Array, y: Array) -> float:
        """Return the cost C of the output `a` for the desired output `y`."""

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
        with np.errstate(over="ignore"):
            return (a - y) * slope("sigmoid", z)


class CrossEntropyCost:
    """Cross-entropy between output and desired output (eq. 63 for one example)."""

    @staticmethod
    def fn(a: Array, y: Array) -> float:
        """Return ``-sum(y ln a + (1 - y) ln(1 - a))``; shapes as in `Cost`.

        A neuron that is exactly right (``0 * ln 0``) adds 0; one that is exactly wrong adds the
        largest finite float.
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

        An output of 0 adds 0 if 0 is desired, and else the largest finite float. `total_cost`
        computes the true cost from z instead.
        """
        return float(np.sum(np.nan_to_num(-y * np.log(a))))

    @staticmethod
    def delta(z: Array, a: Array, y: Array) -> Array:
        """Return the output error ``a - y`` (eq. 84), if the desired outputs add up to 1."""
        return a - y


class PoissonCost:
    """Half the Poisson deviance, for counts and exponential outputs (McCullagh and Nelder 1989)."""

    @staticmethod
    def fn(a: Array, y: Array) -> float:
        """Return ``sum(y ln(y/a) - y + a)``, where 0 ln 0 = 0; shapes as in `Cost`.

        A negative count, which has no likelihood, makes it NaN.
        """
        with np.errstate(invalid="ignore"):
            logs = np.log(np.where(y == 0.0, 1.0, y)) - np.log(a)
        return float(np.sum(y * logs - y + a))

    @staticmethod
    def delta(z: Array, a: Array, y: Array) -> Array:
        """Return the output error ``a - y`` (BP1: the slope cancels); shapes as in `Cost`."""
        return a - y


# As they are at import: a script may put functions of its own in their place.
_QUADRATIC_DELTA = QuadraticCost.delta
_LOG_LIKELIHOOD_FN = LogLikelihoodCost.fn

COSTS: dict[str, type[Cost]] = {c.__name__: c for c in (QuadraticCost, CrossEntropyCost)}
"""The costs in network2's files, by name."""

_OUTPUTS: list[tuple[type[Cost], tuple[str, ...]]] = [
    (QuadraticCost, ("sigmoid", "identity")),
    (CrossEntropyCost, ("sigmoid",)),
    (LogLikelihoodCost, ("softmax",)),
    (PoissonCost, ("exponential",)),
]


def _outputs_of(cost: Any, usual: tuple[str, ...]) -> tuple[str, ...]:
    """Return the outputs that go with a cost; an object may be one that has no hash."""
    return next((outputs for known, outputs in _OUTPUTS if known is cost), usual)


def usual_output(cost: Any) -> str:
    """Return the output activation of a network that names none: sigmoid where that may be."""
    return _outputs_of(cost, ("sigmoid",))[0]


def check_output(cost: type[Cost], output: str) -> None:
    """Raise ValueError unless `cost` can follow the output activation `output`."""
    known = _outputs_of(cost, ("sigmoid", "softmax", "identity", "exponential"))
    if output not in known:
        raise ValueError(f"output of {cost.__name__} must be {' or '.join(known)}, got {output!r}")


def output_error(cost: type[Cost], output: Any, z: Array, a: Array, y: Array) -> Array:
    """Return dC/dz of the output layer (BP1), shape (outputs, 1).

    A cost's `delta` is not told the output's activation, and network2's quadratic cost assumes the
    sigmoid. For the identity, whose slope is 1, the error is computed here.
    """
    if cost.delta is _QUADRATIC_DELTA and output == "identity":
        return a - y
    return cost.delta(z, a, y)


def is_log_likelihood(cost: type[Cost]) -> bool:
    """Return whether the cost is `log_likelihood`, and no function of a script's."""
    return cost.fn is _LOG_LIKELIHOOD_FN


def log_likelihood(z: Array, y: Array) -> float:
    """Return the log-likelihood cost of one example, from the weighted inputs of the outputs.

    An output that is too small for a float still counts, which it cannot in
    `LogLikelihoodCost.fn`.
    """
    return float(-np.sum(y * log_softmax(z)))
