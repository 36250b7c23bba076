"""The sigmoid and its slope, which is at most 1/4."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fastnn import plots
from fastnn.chapter5.claims import Claim, identity
from fastnn.chapter5.experiment import Experiment, Floats, Measurement
from fastnn.chapter5.page import Figure
from fastnn.common.checks import check_seeds, integer
from fastnn.network2 import sigmoid, sigmoid_prime


@dataclass(frozen=True)
class SigmoidPrime:
    """Both curves, as arrays of shape (points,)."""

    z: Floats
    sigma: Floats
    slope: Floats


def run(seeds: Sequence[int] = (0,), *, points: int = 4001) -> SigmoidPrime:
    """Tabulate sigma (eq. 3) and sigma' = sigma (1 - sigma) from z = -8 to 8.

    Parameters
    ----------
    seeds : sequence of int, optional
        Not used, because nothing here is random.
    points : int, optional
        How many values of z: an odd number, so that z = 0 is one of them.

    Returns
    -------
    SigmoidPrime
    """
    check_seeds(seeds)
    points = integer("points", points, smallest=3)
    if points % 2 == 0:
        raise ValueError(f"points must be odd, so that z = 0 is one of them, got {points}")
    z = np.linspace(-8, 8, points)
    return SigmoidPrime(z, sigmoid(z), sigmoid_prime(z))


def measurements(result: SigmoidPrime) -> list[Measurement]:
    """The maximum and where it is."""
    top = int(np.argmax(result.slope))
    return [
        Measurement(
            "Maximum of σ′",
            Claim("The maximum is 1/4", "Why it vanishes, graph of σ′", identity("0.25")),
            result.slope[top : top + 1],
            "exact",
        ),
        Measurement(
            "z at the maximum",
            Claim("It is at z = 0", "Why it vanishes, graph of σ′", identity("0")),
            result.z[top : top + 1],
            "exact",
        ),
    ]


def findings(result: SigmoidPrime) -> list[str]:
    """Say how soon the slope falls off."""
    wide = result.z[result.slope >= 0.125].max()
    return [
        f"The slope is at most 1/4, and less than half of that beyond |z| = {wide:.2f}: every "
        "sigmoid neuron divides what passes back through it by four or more."
    ]


def figures(result: SigmoidPrime) -> list[Figure]:
    """Draw sigma and its slope."""
    return [
        Figure(
            "sigmoid-prime",
            "The sigmoid σ and its slope σ′. The slope is greatest at z = 0, where it is 1/4.",
            "Two curves against z: sigma rises from 0 to 1; its slope is a bell with the height "
            "1/4 at z = 0.",
            functools.partial(plots.activation_curve, "sigmoid"),
        )
    ]


EXPERIMENT = Experiment(
    title="The slope of the sigmoid",
    question="How steep is a sigmoid neuron?",
    run=run,
    measurements=measurements,
    findings=findings,
    figures=figures,
    setup="σ(z) = 1 / (1 + exp(−z)) is the output of a sigmoid neuron with the weighted input "
    "z; its slope is σ′ = σ (1 − σ).",
    code="from fastnn.chapter5 import sigmoid_prime\nprint(sigmoid_prime.run().slope.max())",
    default_seeds=1,
)
