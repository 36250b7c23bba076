"""The gradient of a chain of single neurons, step by step: eq. 114 to 122."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fastnn import plots
from fastnn.chapter5.claims import Claim, equal
from fastnn.chapter5.experiment import (
    Experiment,
    Floats,
    Measurement,
    largest_relative_difference,
)
from fastnn.chapter5.page import Figure
from fastnn.chapter5.single_neurons import Pass, chain_network, factors, forward
from fastnn.common.checks import check_seeds
from fastnn.common.numerals import written
from fastnn.network2 import QuadraticCost, sigmoid_prime

LAYERS = 4
"""Three hidden neurons and the output."""

STAGES = ("a₁", "z₂", "a₂", "z₃", "a₃", "z₄", "a₄", "C")
"""What a change of b₁ changes in turn."""

_STEP = 3e-3


@dataclass(frozen=True)
class Chain:
    """How much each stage changes with b1: by formula, by differences and by backprop."""

    seeds: list[int]
    weights: Floats  # (seeds, layers)
    passes: Pass  # (seeds, layers)
    cost_slopes: Floats  # dC/da4, (seeds,)
    formula: Floats  # (seeds, stages); the last is dC/db1, eq. 122
    differences: Floats  # the same by central differences, (seeds, stages)
    backprop: Floats  # dC/db1 by Network.backprop, (seeds,)


def run(seeds: Sequence[int]) -> Chain:
    """Compare eq. 122, and the steps that lead to it, with central differences and backprop.

    dC/db1 = sigma'(z1) w2 sigma'(z2) w3 sigma'(z3) w4 sigma'(z4) dC/da4. On the way, da1/db1 =
    sigma'(z1) (eq. 116), dz2/db1 = sigma'(z1) w2 (eq. 119) and so on. Weights and biases are
    drawn from N(0, 1), inputs and desired outputs evenly from 0 to 1. The cost is quadratic.

    Parameters
    ----------
    seeds : sequence of int
        One chain for each seed.

    Returns
    -------
    Chain
    """
    seeds = check_seeds(seeds)
    w, b, a0, y = (np.array(part) for part in zip(*map(_draw, seeds), strict=True))
    passes = forward(w, b, a0)
    slopes = sigmoid_prime(passes.z)
    cost_slopes: Floats = passes.a[:, -1] - y
    # sigma'(z1), w2, sigma'(z2), w3, sigma'(z3), w4, sigma'(z4), dC/da4: eq. 122 from left to right
    terms = np.empty((len(seeds), 2 * LAYERS))
    terms[:, 0::2], terms[:, 1:-1:2], terms[:, -1] = slopes, w[:, 1:], cost_slopes
    backprop = [
        chain_network(w[i], b[i]).backprop([[a0[i]]], [[y[i]]])[0][0].item()
        for i in range(len(seeds))
    ]
    return Chain(
        seeds,
        w,
        passes,
        cost_slopes,
        np.cumprod(terms, axis=1, dtype=np.float64),
        _central_differences(w, b, a0, y),
        np.array(backprop),
    )


def _draw(seed: int) -> tuple[Floats, Floats, float, float]:
    rng = np.random.default_rng(seed)
    w, b = rng.standard_normal((2, LAYERS))
    a0, y = rng.random(2)
    return w, b, a0, y


def _central_differences(w: Floats, b: Floats, a0: Floats, y: Floats) -> Floats:
    """Differentiate the stages by b1 with five points; the error is of order _STEP ** 4."""

    def stages(step: float) -> Floats:
        shifted = b.copy()
        shifted[:, 0] += step
        z, a = forward(w, shifted, a0)
        cost = [
            QuadraticCost.fn(output, wanted) for output, wanted in zip(a[:, -1], y, strict=True)
        ]
        between = np.stack([a[:, 1:-1], z[:, 1:]], axis=-1).reshape(len(w), -1)
        return np.column_stack([between, a[:, -1], cost])

    near = stages(_STEP) - stages(-_STEP)
    far = stages(2 * _STEP) - stages(-2 * _STEP)
    result: Floats = (8 * near - far) / (12 * _STEP)
    return result


def measurements(result: Chain) -> list[Measurement]:
    """How far the formula, central differences and backprop differ."""
    pairs = list(zip(result.formula, result.differences, result.backprop, strict=True))
    return [
        Measurement(
            "Relative difference between eq. 122 and backprop",
            Claim("∂C/∂b₁ = σ′(z₁) w₂ σ′(z₂) w₃ σ′(z₃) w₄ σ′(z₄) ∂C/∂a₄", "Eq. 122", equal(1e-9)),
            np.array([largest_relative_difference(f[-1], b) for f, _, b in pairs]),
            "largest",
        ),
        Measurement(
            "Relative difference between eq. 122 and the central difference",
            Claim("∂C/∂b₁ ≈ ΔC/Δb₁", "Eq. 114", equal(1e-6)),
            np.array([largest_relative_difference(f[-1], d[-1]) for f, d, _ in pairs]),
            "largest",
        ),
        Measurement(
            "The same for the steps before it",
            Claim("Δz₂ ≈ σ′(z₁) w₂ Δb₁, and so on to C", "Eq. 115 to 121", equal(1e-6)),
            np.array([largest_relative_difference(f[:-1], d[:-1]) for f, d, _ in pairs]),
            "largest",
        ),
        Measurement("|∂C/∂b₁|", None, np.abs(result.formula[:, -1]), "geometric mean"),
    ]


def findings(result: Chain) -> list[str]:
    """Say that all three agree, and show the steps of the first chain."""
    steps = ", ".join(
        f"∂{stage}/∂b₁ = {written(value)}"
        for stage, value in zip(STAGES, result.formula[0], strict=True)
    )
    return [
        "The formula, backprop and central differences agree as far as rounding allows.",
        f"What a change of b₁ does step by step, seed {result.seeds[0]}: {steps}.",
    ]


def figures(result: Chain) -> list[Figure]:
    """Draw the first chain, with each factor above its neuron or weight."""
    slopes = sigmoid_prime(result.passes.z[0])
    weights = result.weights[0, 1:]
    largest = np.abs(factors(result.weights[0], result.passes.z[0])).max()
    return [
        Figure(
            "chain",
            f"Three hidden neurons and an output (seed {result.seeds[0]}): the factors of "
            "equation 122, each at the neuron or weight it comes from.",
            f"A chain of four neurons with the factors of its gradient; no pair w σ′ is larger "
            f"than {written(largest)}, and dC/db1 is {written(result.formula[0, -1])}.",
            functools.partial(plots.chain, slopes, weights, result.cost_slopes[0]),
            (3.9, 1.5),
        )
    ]


EXPERIMENT = Experiment(
    title="The gradient is a product",
    question="What is ∂C/∂b₁ made of in a network with one neuron in each layer?",
    run=run,
    measurements=measurements,
    findings=findings,
    figures=figures,
    setup="Each seed draws one chain: weights w and biases b from N(0, 1), the input and the "
    "desired output evenly from 0 to 1. z is a neuron's weighted input, a = σ(z) its output, σ′ "
    "the slope of the sigmoid, and C the quadratic cost. Backprop is Network.backprop; a "
    "central difference changes b₁ a little to both sides.",
    code="from fastnn.chapter5 import chain\n"
    "print(chain.run(seeds=range(10)).formula[:, -1])  # dC/db1",
)
