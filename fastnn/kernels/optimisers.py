"""Rules that turn the gradient of a mini-batch into a step, weight by weight on vector registers.

A rule is a named tuple of its numbers. Its row in `RULES` has the functions that read and write the
vectors of 16 weights from index k on, in `Places`:

- `start` leaves in the room for the gradient what the gradient is to be added to,
- `finish` takes the step.

In between, the gradient is added up there: its sum over the mini-batch times `sum_factor`. One
sweep over the weights finishes a mini-batch and starts the next.

In the equations g is the mean gradient of the mini-batch plus lmbda/n w + l1/n sgn(w); for biases
without these two.
"""

from __future__ import annotations

from collections import namedtuple
from typing import Any, NamedTuple

from .choice import choice_of
from .compiling import helper, inlined
from .dense import is_next_to_0
from .simd import (
    fma,
    load,
    select_greater,
    splat,
    store,
    zeros,
)
from .simd.functions import root

# Learning rate, lmbda / n and l1 / n; by what plain gradient descent multiplies weights where that
# is next to 0, or else 1; how many mini-batches came before this call of SGD's epoch.
Rates = namedtuple("Rates", "eta l2 l1 decay batches_before")

# The rates, and how many mini-batches of the epoch came before this one.
Step = namedtuple("Step", "rates batch")

# Room for the gradient and for two things that a rule remembers, laid out as the parameters are; a
# rule that needs less gets the same again. In compiled code they are bare networks, each with
# one of these in place of its parameters.
Room = namedtuple("Room", "gradient m1 m2")

# Where a layer's weights or biases are, and what belongs to them: their gradient, and the two
# things that a rule remembers.
Places = namedtuple("Places", "w g m1 m2")

# What a step does to one kind of parameters: biases have neither l2 nor l1, and do not decay (see
# `sweep`).
Numbers = namedtuple("Numbers", "eta l2 l1 decay")


# Momentum --------------------------------------------------------------------------------------


class Momentum(NamedTuple):
    """Momentum: v = mu v - eta g; w = w + v (the book's eq. 107, 108).

    The gradient is added up in v itself, which saves an array. With mu = 0 this is plain gradient
    descent. If w then decays to almost nothing, v begins with what is left of it and takes its
    place, as most digits of that would cancel in w + v.
    """

    mu: float


def _start_momentum(rule, numbers, at, k):
    weights, velocity = load(zeros(at.w, 16), at.w, k), load(zeros(at.g, 16), at.g, k)
    velocity = velocity * splat(velocity, rule.mu)
    eta, l2 = splat(velocity, numbers.eta), numbers.l2
    if is_next_to_0(numbers.decay):
        velocity, l2 = weights * splat(weights, numbers.decay), 0.0
    store(at.g, k, velocity - eta * _penalty_slope(l2, numbers.l1, weights))


def _finish_momentum(rule, numbers, at, k):
    weights, velocity = load(zeros(at.w, 16), at.w, k), load(zeros(at.g, 16), at.g, k)
    store(at.w, k, velocity if is_next_to_0(numbers.decay) else weights + velocity)


def _sum_factor_momentum(rule, eta, weight):
    return -eta / weight


class Nesterov(NamedTuple):
    """Nesterov's momentum: u = -eta g; v = mu v + u; w = w + mu v + u (Sutskever et al. 2013).

    w is the point looked ahead to; m1 is v.
    """

    mu: float


def _start_empty(rule, numbers, at, k):
    store(at.g, k, zeros(at.g, 16))


def _finish_nesterov(rule, numbers, at, k):
    weights = load(zeros(at.w, 16), at.w, k)
    gradient = load(weights, at.g, k) + _penalty_slope(numbers.l2, numbers.l1, weights)
    mu, change = splat(weights, rule.mu), gradient * splat(weights, -numbers.eta)
    velocity = fma(mu, load(weights, at.m1, k), change)
    store(at.m1, k, velocity)
    store(at.w, k, weights + fma(mu, velocity, change))


def _sum_factor_mean(rule, eta, weight):
    return 1.0 / weight


# Adam ------------------------------------------------------------------------------------------


class Adam(NamedTuple):
    """Adam: steps scaled by running means of gradient and squared gradient (Kingma and Ba 2015).

    The form at the end of the paper's section 2, as in scikit-learn: with g the mean gradient of
    the mini-batch, m1 = b1 m1 + (1 - b1) g, m2 = b2 m2 + (1 - b2) g^2, and in step t a weight
    changes by -eta sqrt(1 - b2^t) / (1 - b1^t) m1 / (sqrt(m2) + epsilon).

    Parameters
    ----------
    beta1, beta2 : float, optional
        b1 and b2, from 0 to below 1.
    epsilon : float, optional
        Above 0.
    """

    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8


def _finish_adam(rule, numbers, at, k):
    weights = load(zeros(at.w, 16), at.w, k)
    gradient = load(weights, at.g, k) + _penalty_slope(numbers.l2, numbers.l1, weights)
    mean = load(weights, at.m1, k) * splat(weights, rule.beta1)
    mean = fma(gradient, splat(weights, 1.0 - rule.beta1), mean)
    square = load(weights, at.m2, k) * splat(weights, rule.beta2)
    square = fma(gradient * gradient, splat(weights, 1.0 - rule.beta2), square)
    store(at.m1, k, mean)
    store(at.m2, k, square)
    change = mean / (root(square) + splat(weights, rule.epsilon))
    store(at.w, k, fma(change, splat(weights, -numbers.eta), weights))


def _adam_eta(rule, step):
    t = step.rates.batches_before + step.batch + 1
    return step.rates.eta * (1.0 - _power(rule.beta2, t)) ** 0.5 / (1.0 - _power(rule.beta1, t))


def _plain_eta(rule, step):
    return step.rates.eta


@helper
def _power(base, exponent):
    """base**exponent for a natural exponent, by products alone: the same bits everywhere."""
    result = 1.0
    while exponent > 0:
        if exponent & 1:
            result *= base
        base *= base
        exponent >>= 1
    return result


@inlined
def _penalty_slope(l2, l1, w):
    """l2 w + l1 sgn(w): the slope of the penalties on large weights (the book's eq. 88, 96)."""
    slope = w * splat(w, l2)
    if l1 != 0.0:
        zero, one = splat(w, 0.0), splat(w, 1.0)
        sign = select_greater(w, zero, one, select_greater(zero, w, zero - one, zero))
        slope = fma(sign, splat(w, l1), slope)
    return slope


# The table -------------------------------------------------------------------------------------


class Rule(NamedTuple):
    """What there is to know about a rule; a row of `RULES`."""

    start: Any  # start(rule, numbers, at, k)
    finish: Any  # finish(rule, numbers, at, k)
    sum_factor: Any  # sum_factor(rule, eta, weight)
    effective_eta: Any  # effective_eta(rule, step)
    remembers: int  # how many arrays it needs besides the room for the gradient
    ranges: tuple[str, ...]  # of each number: "fraction", from 0 to below 1, or "positive"
    name: str | None  # what `optimizer` calls it; None where `momentum` and `nesterov` ask for it


RULES: dict[type[Any], Rule] = {
    Momentum: Rule(
        *(_start_momentum, _finish_momentum, _sum_factor_momentum, _plain_eta),
        remembers=0,
        ranges=("fraction",),
        name=None,
    ),
    Nesterov: Rule(
        *(_start_empty, _finish_nesterov, _sum_factor_mean, _plain_eta),
        remembers=1,
        ranges=("fraction",),
        name=None,
    ),
    Adam: Rule(
        *(_start_empty, _finish_adam, _sum_factor_mean, _adam_eta),
        remembers=2,
        ranges=("fraction", "fraction", "positive"),
        name="adam",
    ),
}


# A rule as kernels take it, so that they are the same for all rules: the place of its row in the
# table, and its numbers, with zeros behind them.
Coded = namedtuple("Coded", "code numbers")

_MOST_NUMBERS = max(len(kind._fields) for kind in RULES)


def coded(rule):
    """Return a rule as kernels take it."""
    numbers = [float(number) for number in rule]
    numbers += [0.0] * (_MOST_NUMBERS - len(numbers))
    return Coded(list(RULES).index(type(rule)), tuple(numbers))


def for_each_rule(make):
    """A function of (code, *arguments) that chooses among make(kind of rule, its row)."""
    functions = [make(kind, row) for kind, row in RULES.items()]
    return choice_of(functions, functions[0])


def _sum_factor_of(kind, row):
    count, compute = len(kind._fields), helper(row.sum_factor)

    @helper
    def factor(numbers, eta, weight):
        return compute(kind(*numbers[:count]), eta, weight)

    return factor


def _effective_eta_of(kind, row):
    count, compute = len(kind._fields), helper(row.effective_eta)

    @helper
    def effective(numbers, step):
        return compute(kind(*numbers[:count]), step)

    return effective


_factor = for_each_rule(_sum_factor_of)
_effective_eta = for_each_rule(_effective_eta_of)
_START_EMPTY = tuple(row.start is _start_empty for row in RULES.values())


@inlined
def sum_factor(rule, eta, weight):
    """What the sum of a mini-batch's gradients is multiplied by; `weight` is its examples'."""
    return _factor(rule.code, rule.numbers, eta, weight)


@inlined
def effective_eta(rule, step):
    """The learning rate that `finish` uses in this step."""
    return _effective_eta(rule.code, rule.numbers, step)


@inlined
def starts_empty(rule):
    """Whether what the gradient is added to is zero."""
    return _START_EMPTY[rule.code]
