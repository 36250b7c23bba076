"""A gradient that explodes: weights of 100, biases that keep every z at 0."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fastnn import plots
from fastnn.chapter5.claims import Claim, identity
from fastnn.chapter5.experiment import Experiment, Floats, Measurement
from fastnn.chapter5.page import Figure
from fastnn.chapter5.single_neurons import chain_network
from fastnn.common.checks import check_seeds, integer
from fastnn.common.numerals import written

WEIGHT = 100.0


@dataclass(frozen=True)
class Exploding:
    """dC/db of every neuron in the chains, by backprop."""

    seeds: list[int]
    nabla_b: Floats  # (seeds, layers)

    @property
    def factors(self) -> Floats:
        """dC/db_j / dC/db_(j+1), shape (seeds, layers - 1)."""
        return self.nabla_b[:, :-1] / self.nabla_b[:, 1:]


def run(seeds: Sequence[int], *, layers: int = 4) -> Exploding:
    """Set w = 100 and b_l = -100 a_(l-1), and propagate the gradient back.

    Then z_l = 0, sigma'(z_l) = 1/4, and every factor w sigma'(z) of eq. 122 is 100/4 = 25.

    Parameters
    ----------
    seeds : sequence of int
        One input between 0 and 1 for each seed; the desired output is 0.
    layers : int, optional
        How many neurons follow the input; the chapter has three hidden ones and the output.

    Returns
    -------
    Exploding
    """
    seeds = check_seeds(seeds)
    layers = integer("layers", layers, smallest=2)
    nabla_b = []
    for seed in seeds:
        a0 = np.random.default_rng(seed).random()
        inputs = [a0] + [0.5] * (layers - 1)  # sigma(0) = 1/2
        net = chain_network([WEIGHT] * layers, [-WEIGHT * a for a in inputs])
        nabla_b.append(np.ravel(net.backprop([[a0]], [[0.0]])[0]))
    return Exploding(seeds, np.array(nabla_b))


def measurements(result: Exploding) -> list[Measurement]:
    """Every factor, and their product."""
    together = result.nabla_b[:, 0] / result.nabla_b[:, -1]
    return [
        Measurement(
            "Every factor w σ′(z), by backprop",
            Claim("All terms w σ′(z) are 100 × 1/4 = 25", "Exploding gradient", identity("25")),
            result.factors.ravel(),
            "exact",
        ),
        Measurement("∂C/∂b₁ over the output's ∂C/∂b", None, together, "exact"),
    ]


def findings(result: Exploding) -> list[str]:
    """Say whether the factors are exact."""
    exact = "exactly" if np.all(result.factors == 25.0) else "not exactly"
    return [
        f"Every factor is {exact} 25, whatever the input: three layers back, the gradient is "
        f"{result.nabla_b[0, 0] / result.nabla_b[0, -1]:,.0f} times as large as at the output."
    ]


def figures(result: Exploding) -> list[Figure]:
    """Draw the chain with its factors."""
    layers = result.nabla_b.shape[1]
    slopes = [0.25] * layers
    cost_slope = result.nabla_b[0, -1] / slopes[-1]
    return [
        Figure(
            "exploding",
            "A chain with weights of 100 and biases that keep every z at 0: each weight times a "
            "slope is 25.",
            "A chain of neurons with slopes of 0.25 and weights of 100 between them; the gradient "
            f"of the first bias is {written(result.nabla_b[0, 0])}.",
            functools.partial(plots.chain, slopes, [WEIGHT] * (layers - 1), cost_slope),
            (3.9, 1.5),
        )
    ]


EXPERIMENT = Experiment(
    title="The exploding gradient",
    question="What do large weights do if the biases keep every neuron at its steepest?",
    run=run,
    measurements=measurements,
    findings=findings,
    figures=figures,
    setup="Chains of one neuron per layer with all weights w = 100 and biases b = −100 a, where "
    "a is the neuron's input, so that its weighted input z is 0.",
    code="from fastnn.chapter5 import exploding\nprint(exploding.run(seeds=range(10)).factors)",
)
