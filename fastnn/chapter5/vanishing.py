"""Why gradients vanish: the factors w sigma'(z) of chains with weights from N(0, 1)."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fastnn import plots
from fastnn.chapter5.experiment import Experiment, Floats, Measurement
from fastnn.chapter5.report import Figure
from fastnn.chapter5.single_neurons import factors, forward
from fastnn.common.checks import check_seeds

LAYERS = 4
"""Three hidden neurons and the output."""


@dataclass(frozen=True)
class Vanishing:
    """The factors w_(j+1) sigma'(z_j), j = 1, 2, 3, in many chains."""

    seeds: list[int]
    factors: Floats  # (seeds, chains, 3)

    @property
    def shrinkage(self) -> Floats:
        """|dC/db3| / |dC/db1|, from the two factors that only dC/db1 has, (seeds, chains)."""
        shrinkage: Floats = 1 / np.abs(self.factors[:, :, :2]).prod(axis=2)
        return shrinkage


def run(seeds: Sequence[int], *, chains: int = 10_000) -> Vanishing:
    """Draw chains of single neurons and look at the factors of dC/db1 (eq. 122).

    dC/db1 has two factors more than dC/db3. Weights and biases are drawn from N(0, 1), as in the
    chapter's standard initialisation, and inputs evenly from 0 to 1.

    Parameters
    ----------
    seeds : sequence of int
        Each seed draws chains of its own.
    chains : int, optional
        How many chains to draw from each seed.

    Returns
    -------
    Vanishing
    """
    seeds = check_seeds(seeds)
    return Vanishing(seeds, np.array([_factors(seed, chains) for seed in seeds]))


def _factors(seed: int, chains: int) -> Floats:
    rng = np.random.default_rng(seed)
    w, b = rng.standard_normal((2, chains, LAYERS))
    return factors(w, forward(w, b, rng.random(chains)).z)


def measurements(result: Vanishing) -> list[Measurement]:
    """How often factors are small, and how much smaller dC/db1 is than dC/db3."""
    small = np.abs(result.factors) < 0.25
    return [
        Measurement("Factors with |w σ′(z)| < 1/4, %", "usually", 100 * small.mean(axis=(1, 2))),
        Measurement("Chains in which all three are, %", None, 100 * small.all(axis=2).mean(axis=1)),
        Measurement(
            "Chains with |∂C/∂b₁| at most 1/16 of |∂C/∂b₃|, %",
            "usually",
            100 * np.mean(result.shrinkage >= 16, axis=1),
        ),
        Measurement(
            "|∂C/∂b₃| over |∂C/∂b₁|, median over chains",
            "16 or more",
            np.median(result.shrinkage, axis=1),
            "geometric mean",
        ),
    ]


def findings(result: Vanishing) -> list[str]:
    """Say how often “usually” is."""
    small = 100 * np.mean(np.abs(result.factors) < 0.25)
    much = 100 * np.mean(result.shrinkage >= 16)
    larger = int(np.sum(result.shrinkage < 1))
    return [
        f"“Usually” means {small:.0f} % of the factors and, for the ratio of 16, {much:.0f} % of "
        f"the chains; ∂C/∂b₁ is larger than ∂C/∂b₃ in {larger} of {result.shrinkage.size:,} chains."
    ]


def figures(result: Vanishing) -> list[Figure]:
    """Draw a histogram of the sizes of the factors."""
    sizes = np.abs(result.factors).ravel()
    return [
        Figure(
            "vanishing",
            "Sizes of the factors |w σ′(z)| that each layer puts into the gradient, with weights "
            "and biases from N(0, 1).",
            f"Histogram of the factors; {100 * np.mean(sizes < 0.25):.0f} % lie below 1/4.",
            functools.partial(plots.factor_histogram, sizes),
        )
    ]


EXPERIMENT = Experiment(
    title="Why the gradient vanishes",
    question="How small are the factors that each layer puts into the gradient?",
    run=run,
    measurements=measurements,
    findings=findings,
    figures=figures,
    code="from fastnn.chapter5 import vanishing\n"
    "print((abs(vanishing.run(seeds=range(10)).factors) < 0.25).mean())",
    quick={"chains": 1000},
)
