"""Why gradients vanish: the factors w sigma'(z) of chains with weights from N(0, 1)."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fastnn import plots
from fastnn.chapter5.claims import Claim, at_least, at_most
from fastnn.chapter5.experiment import PER_CENT, Experiment, Floats, Measurement
from fastnn.chapter5.page import Figure
from fastnn.chapter5.single_neurons import factors, forward
from fastnn.common.checks import check_seeds, integer

LAYERS = 4
"""Three hidden neurons and the output."""
_WHERE = "Why it vanishes"


@dataclass(frozen=True)
class Vanishing:
    """The factors w_(j+1) sigma'(z_j), j = 1, 2, 3, in many chains."""

    seeds: list[int]
    factors: Floats  # (seeds, chains, 3)
    weights: Floats  # (seeds, chains, layers)

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
    chains = integer("chains", chains, smallest=1)
    drawn = [_draw(seed, chains) for seed in seeds]
    return Vanishing(
        seeds, np.array([found for found, _ in drawn]), np.array([weights for _, weights in drawn])
    )


def _draw(seed: int, chains: int) -> tuple[Floats, Floats]:
    """Return the factors and the weights of chains."""
    rng = np.random.default_rng(seed)
    w, b = rng.standard_normal((2, chains, LAYERS))
    return factors(w, forward(w, b, rng.random(chains)).z), w


def measurements(result: Vanishing) -> list[Measurement]:
    """How often factors are small, and how much smaller dC/db1 is than dC/db3."""
    small = np.abs(result.factors) < 0.25
    usually = at_least(50, "usually: ", " %")
    return [
        Measurement(
            "Weights with |w| < 1, %",
            Claim("Weights from N(0, 1) usually satisfy |w| < 1", _WHERE, usually),
            100 * np.mean(np.abs(result.weights) < 1, axis=(1, 2)),
            possible=PER_CENT,
        ),
        Measurement(
            "Factors with |w σ′(z)| < 1/4, %",
            Claim("|w σ′(z)| is usually below 1/4", _WHERE, usually),
            100 * small.mean(axis=(1, 2)),
            possible=PER_CENT,
        ),
        Measurement(
            "Size of a factor |w σ′(z)|",
            Claim(
                "A product of many such terms falls exponentially",
                _WHERE,
                at_most(0.5, "exponentially: each term divides by 2 or more; "),
            ),
            np.exp(np.log(np.abs(result.factors)).mean(axis=(1, 2))),
            "geometric mean",
        ),
        Measurement(
            "Chains in which all three are, %",
            None,
            100 * small.all(axis=2).mean(axis=1),
            possible=PER_CENT,
        ),
        Measurement(
            "Chains with |∂C/∂b₁| at most 1/16 of |∂C/∂b₃|, %",
            Claim("∂C/∂b₁ is usually 16 times smaller than ∂C/∂b₃, or more", _WHERE, usually),
            100 * np.mean(result.shrinkage >= 16, axis=1),
            possible=PER_CENT,
        ),
        Measurement(
            "|∂C/∂b₃| over |∂C/∂b₁|, median over chains",
            None,
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
        f"“Usually” means {small:.1f} % of the factors and, for the ratio of 16, {much:.1f} % of "
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
    setup="Each seed draws 10,000 chains of one neuron per layer. Weights and biases come from "
    "the normal distribution N(0, 1), with mean 0 and standard deviation 1; inputs lie evenly "
    "from 0 to 1. ∂C/∂b₁ has two factors w σ′(z) more than ∂C/∂b₃.",
    code="from fastnn.chapter5 import vanishing\n"
    "print((abs(vanishing.run(seeds=range(10)).factors) < 0.25).mean())",
    quick={"chains": 1000},
)
