"""The unstable gradient of many neurons per layer: a product of matrices."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from fastnn import plots
from fastnn.chapter5.claims import Claim, at_least, at_most, equal
from fastnn.chapter5.experiment import (
    NOT_NEGATIVE,
    PER_CENT,
    Experiment,
    Floats,
    Measurement,
)
from fastnn.chapter5.page import Figure, measured
from fastnn.common.checks import check_seeds, integer
from fastnn.common.numerals import written
from fastnn.network2 import Network, QuadraticCost, sigmoid, sigmoid_prime

WIDTH = 30


class Case(NamedTuple):
    """How to change the weights and biases that `Network` draws."""

    scale: float  # what to multiply the weights by
    steep: bool  # whether to set the biases so that every z is 0


CASES = {
    "N(0, 1)/√fan-in": Case(1.0, steep=False),
    "16 times that": Case(16.0, steep=False),
    "16 times that, z = 0": Case(16.0, steep=True),
}


@dataclass(frozen=True)
class Unstable:
    """Errors in networks of growing depth, by the kind of their weights."""

    seeds: list[int]
    depths: list[int]  # numbers of layers after the inputs
    first: dict[str, Floats]  # ||delta of the first layer||, (depths, seeds)
    last: dict[str, Floats]  # ||delta of the last layer||, (depths, seeds)
    factors: dict[str, Floats]  # mean norm of the factors of the deepest network, (seeds,)
    disagreement: dict[str, Floats]  # largest relative difference from backprop, (seeds,)

    def growth(self, name: str) -> Floats:
        """The factor by which each layer multiplies ||delta||, fitted over depth, (seeds,)."""
        slopes = np.polyfit(self.depths, np.log(self.first[name] / self.last[name]), 1)[0]
        growth: Floats = np.exp(slopes)
        return growth

    def fit(self, name: str) -> Floats:
        """The share of the logarithm's variance over depth that `growth` explains, (seeds,)."""
        logs = np.log(self.first[name] / self.last[name])
        line = np.polynomial.polynomial.polyfit(self.depths, logs, 1)
        rest = logs - np.polynomial.polynomial.polyval(self.depths, line).T
        fit: Floats = 1 - rest.var(axis=0) / logs.var(axis=0)
        return fit


class _Errors(NamedTuple):
    first: float
    last: float
    factor: float
    disagreement: float


def run(seeds: Sequence[int], *, deepest: int = 20) -> Unstable:
    """Multiply delta^l out and compare it with backprop, for 2 layers, 3, and so on.

    delta^l = S'(z^l) (w^(l+1))^T S'(z^(l+1)) (w^(l+2))^T ... S'(z^L) grad_a C, the chapter's
    equation for many neurons; S'(z) is the diagonal matrix of the slopes sigma'(z). All layers have
    30 neurons, inputs and desired outputs are drawn evenly from 0 to 1, and the cost is quadratic.
    Weights are standard, large, or large with biases that keep every z at 0, as in the chapter's
    example of a gradient that explodes.

    Parameters
    ----------
    seeds : sequence of int
        One network of each depth, with each kind of weights, for each seed.
    deepest : int, optional
        How many layers the deepest network has after the inputs, three at least.

    Returns
    -------
    Unstable
    """
    seeds = check_seeds(seeds)
    deepest = integer("deepest", deepest, smallest=3)  # through two depths there is a line
    depths = list(range(2, deepest + 1))
    errors = {
        name: [[_errors(seed, depth, case) for seed in seeds] for depth in depths]
        for name, case in CASES.items()
    }
    arrays = {name: np.array(table) for name, table in errors.items()}  # (depths, seeds, fields)
    return Unstable(
        seeds,
        depths,
        {name: array[:, :, 0] for name, array in arrays.items()},
        {name: array[:, :, 1] for name, array in arrays.items()},
        {name: array[-1, :, 2] for name, array in arrays.items()},
        {name: array[:, :, 3].max(axis=0) for name, array in arrays.items()},
    )


def _errors(seed: int, depth: int, case: Case) -> _Errors:
    net = Network([WIDTH] * (depth + 1), cost=QuadraticCost, seed=seed)
    net.weights = [case.scale * w for w in net.weights]
    x, y = np.random.default_rng(seed).random((2, WIDTH, 1))
    zs, a = [], x
    for layer, w in enumerate(net.weights):
        if case.steep:
            net.biases[layer] = -np.dot(w, a)
        zs.append(np.dot(w, a) + net.biases[layer])
        a = sigmoid(zs[-1])
    slopes = [np.diag(sigmoid_prime(z[:, 0])) for z in zs]
    factors = [slope @ w.T for slope, w in zip(slopes, net.weights[1:], strict=False)]
    deltas = [slopes[-1] @ (a - y)]
    for factor in reversed(factors):
        deltas.insert(0, factor @ deltas[0])
    nabla_b, _ = net.backprop(x, y)
    return _Errors(
        float(np.linalg.norm(deltas[0])),
        float(np.linalg.norm(deltas[-1])),
        float(np.mean([np.linalg.norm(factor, 2) for factor in factors])),
        max(
            float(np.linalg.norm(delta - b) / np.linalg.norm(b))
            for delta, b in zip(deltas, nabla_b, strict=True)
        ),
    )


def measurements(result: Unstable) -> list[Measurement]:
    """Agreement with backprop, norms of the factors, growth with depth."""
    where = "Unstable gradient, many neurons"
    product = Claim("δˡ = Σ′(zˡ)(wˡ⁺¹)ᵀ Σ′(zˡ⁺¹) … Σ′(zᴸ)∇ₐC", where, equal(1e-9))
    # With large weights it is rounding that differs, as `setup` says: that is no claim's fault.
    table = [
        Measurement(
            f"Relative difference of the product from backprop: {name}",
            None if place else product,
            disagreement,
            "largest",
        )
        for place, (name, disagreement) in enumerate(result.disagreement.items())
    ]
    for place, name in enumerate(result.first):
        shrinks = Claim(
            "Unless weights are too large, each term makes the gradient smaller",
            where,
            at_most(1),
        )
        exponential = Claim(
            "In sigmoid networks gradients usually vanish exponentially",
            where,
            at_least(90, "exponentially: a straight line explains the logarithm; ", " %"),
        )
        table += [
            Measurement(
                f"Each layer back multiplies ‖δ‖ by: {name}",
                None if place else shrinks,
                result.growth(name),
                "geometric mean",
            ),
            Measurement(
                f"Variance of log ‖δ‖ that depth explains, %: {name}",
                None if place else exponential,
                100 * result.fit(name),
                possible=PER_CENT,
            ),
            Measurement(
                f"Norm of a factor Σ′wᵀ: {name}", None, result.factors[name], possible=NOT_NEGATIVE
            ),
        ]
    return table


def findings(result: Unstable) -> list[str]:
    """Say how much the gradient shrinks or grows with each layer, and how evenly."""
    standard, large, steep = (measured(result.growth(name), "geometric mean") for name in CASES)
    explained = " %, ".join(measured(100 * result.fit(name)) for name in CASES)
    apart = [
        float(deepest.max() / deepest.min())
        for deepest in (result.first[name][-1] / result.last[name][-1] for name in CASES)
    ]
    return [
        f"Each layer further back multiplies the norm of the error by {standard} with the "
        f"standard weights, by {large} with weights 16 times as large, and by {steep} if "
        "biases also keep all neurons at their steepest (geometric means).",
        "Below 1 it vanishes, above 1 it explodes: exponentially, as far as depth explains the "
        f"variance of its logarithm. That is, in the same order, {explained} %."
        + (
            f" Networks of {result.depths[-1]} layers differ in it by factors of up to "
            f"{', '.join(map(written, apart))}."
            if len(result.seeds) > 1
            else ""
        ),
    ]


def figures(result: Unstable) -> list[Figure]:
    """Draw the first layer's error against depth."""
    relative = {name: result.first[name] / result.last[name] for name in result.first}
    growth = ", ".join(measured(result.growth(name), "geometric mean") for name in CASES)
    return [
        Figure(
            "unstable",
            "The first layer's ‖δ‖ over the last layer's, against the number of layers, for three "
            "kinds of weights: straight lines on a logarithmic axis are exponentials.",
            f"Three bundles of lines on a logarithmic axis; a layer multiplies by {growth}.",
            functools.partial(
                plots.norms_against_depth,
                result.depths,
                relative,
                ylabel="‖δ‖ of the first layer over the last",
            ),
        )
    ]


EXPERIMENT = Experiment(
    title="Many neurons in each layer",
    question="Does the same happen with many neurons in each layer?",
    run=run,
    measurements=measurements,
    findings=findings,
    figures=figures,
    setup="Networks of 2 to 20 layers of 30 sigmoid neurons, with the quadratic cost. δˡ is "
    "∂C/∂b of layer l, Σ′ the diagonal matrix of the slopes σ′(z), wᵀ a transposed matrix of "
    "weights. Standard weights come from N(0, 1), divided by the root of the number of inputs "
    "(fan-in). Product and backprop are equal but for rounding, which large weights make large: "
    "1 − a keeps few digits where neurons saturate, and where gradients explode, so does what was "
    "rounded on the way forward, whoever computes it.",
    code="from fastnn.chapter5 import unstable\n"
    "print(unstable.run(seeds=range(10)).growth('N(0, 1)/√fan-in'))",
)
