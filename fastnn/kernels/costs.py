"""The costs of the book: on columns, as users call them, and on vector registers.

All built-in costs are rows of `COSTS`. A row is enough for one more: the kernels know it by its
place in the table, and names, files and the command line follow.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from . import activations
from .activations import slope
from .choice import choice_of
from .compiling import inlined
from .simd import (
    select_greater,
    splat,
)
from .simd.functions import log

Column = npt.NDArray[np.floating[Any]]

_LARGEST = 1.7976931348623157e308

# Whose `sigmoid_prime` the quadratic cost calls in Python, as network2's does: network2 puts itself
# here, as a script may rebind the name there.
book: Any = activations


# On columns ------------------------------------------------------------------------------------


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
        error: Column = (a - y) * book.sigmoid_prime(z)
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
        """The error a - y of a softmax output layer (the book's eq. 84), shape (outputs, 1)."""
        return a - y


class PoissonCost:
    """Half the Poisson deviance sum(y ln(y/a) - y + a), for counts and exponential outputs.

    Minus the logarithm of the likelihood of counts `y` that follow Poisson's distribution with the
    means `a`, but for what does not depend on `a` (McCullagh and Nelder 1989, section 2.3).
    """

    @staticmethod
    def fn(a: Column, y: Column) -> float:
        """The cost of output activations `a` where `y` is desired, both (outputs, 1).

        A negative count, which has no likelihood, makes it NaN.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            logs = np.log(np.where(y == 0.0, 1.0, y)) - np.log(a)
        return float(np.sum(y * logs - y + a))

    @staticmethod
    def delta(z: Column, a: Column, y: Column) -> Column:
        """The error a - y of an exponential output layer (BP1), shape (outputs, 1)."""
        return a - y


# On vector registers ---------------------------------------------------------------------------
#
# delta gets the code of the output layer's activation, a and y, and returns the error dC/dz (BP1).
# The terms get a and y in float64 and return what the cost is the sum of, neuron by neuron; for
# softmax outputs they get ln a in place of a, which does not underflow.


@inlined
def _error(code, a, y):
    """Where the slope of the output's activation cancels: a - y."""
    return a - y


@inlined
def _quadratic_delta(code, a, y):
    """(a - y) f'(z)."""
    return (a - y) * slope(code, a)


@inlined
def _quadratic_terms(a, y):
    """(a - y)^2 / 2."""
    error = a - y
    return splat(a, 0.5) * error * error


@inlined
def _cross_entropy_terms(a, y):
    """-y ln a - (1 - y) ln(1 - a)."""
    one = splat(a, 1.0)
    rest = (one - y) * log(one - a)
    return splat(a, 0.0) - y * log(a) - rest


@inlined
def _log_likelihood_terms(log_a, y):
    """-y ln a."""
    return y * (splat(y, 0.0) - log_a)


@inlined
def _poisson_terms(a, y):
    """Y ln y - y ln a - y + a, where 0 ln 0 = 0; NaN for a negative y."""
    zero = splat(y, 0.0)
    logs = log(select_greater(y, zero, y, splat(y, 1.0))) - log(a)
    return select_greater(zero, y, splat(y, np.nan), y * logs - y + a)


@inlined
def _as_they_are(terms):
    return terms


@inlined
def _finite(terms):
    """0 for a term that is not a number, the largest float for an infinite one, with its sign."""
    largest, zero = splat(terms, _LARGEST), splat(terms, 0.0)
    least = zero - largest
    kept = select_greater(terms, largest, largest, select_greater(least, terms, least, terms))
    return select_greater(kept, zero, kept, select_greater(zero, kept, kept, zero))


# The table -------------------------------------------------------------------------------------


class BuiltInCost(NamedTuple):
    """A cost that a saved network may name; a row of `COSTS`."""

    cost: type[Cost]
    delta: Any  # on vectors
    terms: Any  # on vectors
    outputs: tuple[str, ...]  # the activations it goes with; the first one is the usual one
    finite: bool = False  # whether infinite terms count as the largest float, as in network2


COSTS = {
    row.cost.__name__: row
    for row in (
        BuiltInCost(CrossEntropyCost, _error, _cross_entropy_terms, ("sigmoid",), finite=True),
        BuiltInCost(QuadraticCost, _quadratic_delta, _quadratic_terms, ("sigmoid", "identity")),
        BuiltInCost(LogLikelihoodCost, _error, _log_likelihood_terms, ("softmax",)),
        BuiltInCost(PoissonCost, _error, _poisson_terms, ("exponential",)),
    )
}

# What the kernels know a cost by: its place in the table.
CODES = {name: place for place, name in enumerate(COSTS)}

# cost_delta(cost, code, a, y) is the error delta^L (BP1), lane by lane; `code` is that of the
# output layer's activation.
cost_delta = choice_of([row.delta for row in COSTS.values()], _error)

# cost_terms(cost, a, y) is what the cost of one example is the sum of, lane by lane, from float64
# a; of softmax from ln a.
cost_terms = choice_of([row.terms for row in COSTS.values()], _quadratic_terms)

# counted(cost, terms) are the terms as network2 adds them up: those of some costs are made finite.
counted = choice_of(
    [_finite if row.finite else _as_they_are for row in COSTS.values()], _as_they_are
)
