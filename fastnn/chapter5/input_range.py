"""The inputs for which a gradient can pass a sigmoid neuron without shrinking."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fastnn import plots
from fastnn.chapter5.claims import Claim, at_most, equal, identity
from fastnn.chapter5.experiment import PER_CENT, Experiment, Floats, Measurement
from fastnn.chapter5.page import Figure, measured
from fastnn.common.checks import check_seeds, describe, numbers
from fastnn.network2 import sigmoid_prime

WEIGHTS = np.linspace(3.0, 30.0, 2701)
"""Sizes |w|, in steps of 0.01."""
ALONE = (1.0, 10.0, 100.0)
"""Sizes |w| for the question whether large weights alone help."""
_EXERCISE = "Unstable gradient, exercise"
_DRAWN = 10_000  # inputs and biases for that question


@dataclass(frozen=True)
class InputRange:
    """Widths of the intervals of inputs a with |w sigma'(wa + b)| >= 1."""

    seeds: list[int]
    weights: Floats  # (weights,)
    closed_form: Floats  # (weights,); 0 where there is no such input
    numeric: Floats  # (seeds, weights), found by search, with another bias for each seed
    smallest: Floats  # the smallest |w| for which there is such an input, (seeds,)
    alone: Floats  # the share of inputs with such a factor, biases from N(0, 1), (seeds, sizes)

    @property
    def widest(self) -> Floats:
        """The width of the widest interval found numerically, (seeds,)."""
        widest: Floats = self.numeric.max(axis=1)
        return widest

    @property
    def at(self) -> Floats:
        """The size |w| at which the interval is widest, (seeds,)."""
        at: Floats = self.weights[self.numeric.argmax(axis=1)]
        return at


def run(seeds: Sequence[int], *, weights: npt.ArrayLike = WEIGHTS) -> InputRange:
    """Find the interval of inputs a with |w sigma'(wa + b)| >= 1: the chapter's exercise.

    sigma' is at most 1/4, so |w| must be at least 4. Then sigma'(z) >= 1/|w| where |z| <= z*. From
    sigma'(z*) = 1/|w| follows z* = ln((1 + r)/(1 - r)) with r = sqrt(1 - 4/|w|). So the interval of
    a = (z - b)/w is 2 z*/|w| wide, whatever the bias.

    Parameters
    ----------
    seeds : sequence of int
        One bias from N(0, 1), and one sign for all weights, for each seed.
    weights : array_like, shape (weights,), optional
        Sizes |w| to try, one above 4 at least; in steps of 0.01 by default.

    Returns
    -------
    InputRange
    """
    seeds = check_seeds(seeds)
    weights = _checked(weights)
    found = [_search(seed, weights) for seed in seeds]
    return InputRange(
        seeds,
        weights,
        _closed_form(weights),
        np.array([widths for widths, _ in found]),
        np.array([smallest for _, smallest in found]),
        np.array([_share_that_helps(seed) for seed in seeds]),
    )


def _checked(weights: npt.ArrayLike) -> Floats:
    array = np.asarray(numbers("weights", weights, "(weights,)"), np.float64)
    if array.ndim != 1 or not np.isfinite(array).all() or not (array > 0).all():
        raise ValueError(
            f"weights must be sizes above 0, an array of shape (weights,), got {describe(weights)}"
        )
    if not (array > 4).any():
        raise ValueError(f"weights must have one above 4 at least, got {describe(weights)}")
    return array


def _share_that_helps(seed: int) -> Floats:
    """For each size in ALONE, the share of random inputs and biases with a factor of 1 or more."""
    rng = np.random.default_rng(seed)
    a, b = rng.random(_DRAWN), rng.standard_normal(_DRAWN)
    w = np.array(ALONE)[:, None] * rng.choice([-1, 1], _DRAWN)
    share: Floats = np.mean(np.abs(w * sigmoid_prime(w * a + b)) >= 1, axis=1)
    return share


def _closed_form(weights: Floats) -> Floats:
    root = np.sqrt(np.maximum(1 - 4 / weights, 0))
    width: Floats = 2 / weights * np.log((1 + root) / (1 - root))
    return width


def _search(seed: int, weights: Floats) -> tuple[Floats, float]:
    """Find the widths by bisection on both sides of the steepest input, and the smallest |w|."""
    rng = np.random.default_rng(seed)
    b, w = rng.standard_normal(), weights * rng.choice([-1, 1])
    middle = -b / w
    possible = np.abs(w * sigmoid_prime(w * middle + b)) >= 1
    ends = []
    for direction in (-1, 1):
        inside, outside = middle.copy(), middle + direction * 10.0
        for _ in range(60):
            a = (inside + outside) / 2
            holds = np.abs(w * sigmoid_prime(w * a + b)) >= 1
            inside, outside = np.where(holds, a, inside), np.where(holds, outside, a)
        ends.append(inside)
    return np.where(possible, ends[1] - ends[0], 0.0), float(weights[possible].min())


def measurements(result: InputRange) -> list[Measurement]:
    """The smallest weight that has such inputs, and the widest interval."""
    difference = np.abs(result.numeric - result.closed_form).max(axis=1)
    return [
        Measurement(
            "Smallest |w| with such inputs",
            Claim("|w σ′(wa + b)| ≥ 1 only if |w| ≥ 4", _EXERCISE, identity("4")),
            result.smallest,
            "exact",
        ),
        # The search finds eight digits; those that follow have nothing to do with the seeds.
        Measurement(
            "Width of the widest interval of inputs",
            Claim("It is about 0.45 at most", _EXERCISE, identity("0.45")),
            result.widest.round(6),
            "exact",
        ),
        Measurement(
            "|w| at the widest interval",
            Claim("It is widest near |w| = 6.9", _EXERCISE, identity("6.9")),
            result.at,
            "exact",
        ),
        Measurement(
            "Difference between closed form and search",
            Claim("The closed form of the width", _EXERCISE, equal(1e-7)),
            difference,
            "largest",
        ),
        *(
            Measurement(
                f"Inputs from 0 to 1 with |w σ′(wa + b)| ≥ 1, %, for |w| = {size:g}",
                Claim(
                    "Large w alone does not help: wa + b becomes large, too",
                    "Unstable gradient, large weights",
                    at_most(10, "does not help: ", " %"),
                )
                if size == ALONE[-1]
                else None,
                shares,
                possible=PER_CENT,
            )
            for size, shares in zip(ALONE, 100 * result.alone.T, strict=True)
        ),
    ]


def findings(result: InputRange) -> list[str]:
    """Say where the interval is widest."""
    top = int(result.closed_form.argmax())
    return [
        f"The interval is at most {result.closed_form[top]:.4f} wide, at |w| = "
        f"{result.weights[top]:.2f}, whatever the bias; the input, another neuron's output, can "
        "lie anywhere between 0 and 1.",
        "With random inputs and biases the gradient passes undiminished for "
        + ", ".join(
            f"{measured(shares)} % of inputs with |w| = {size:g}"
            for size, shares in zip(ALONE, 100 * result.alone.T, strict=True)
        )
        + ": weights that are larger still do not help, for they carry wa + b to the flat "
        "ends of σ.",
    ]


def figures(result: InputRange) -> list[Figure]:
    """Draw the factor against weight and input, and the width against the weight."""
    inside = result.weights >= 4
    return [
        Figure(
            "range-map",
            "The factor |w σ′(wa + b)|, by the size of the weight and the input's distance from "
            "the steepest point. Within the white border it is 1 or more.",
            "Heat map with a closed white border that opens at |w| = 4 and is widest near 6.9.",
            plots.factor_map,
        ),
        Figure(
            "range",
            "Width of the interval of inputs that let the gradient pass undiminished.",
            "A curve that rises steeply from 0 at |w| = 4 to 0.45 near 6.9 and falls slowly.",
            functools.partial(
                plots.interval_width,
                result.weights[inside],
                result.closed_form[inside],
                numeric=result.numeric[0, inside],
            ),
        ),
    ]


EXPERIMENT = Experiment(
    title="Large weights",
    question="For which inputs is |w σ′(wa + b)| at least 1?",
    run=run,
    measurements=measurements,
    findings=findings,
    figures=figures,
    setup="A neuron with weight w, bias b and input a passes the gradient back times |w σ′(wa + "
    "b)|. The interval of inputs that let it pass undiminished is found by a formula and by a "
    "search.",
    code="from fastnn.chapter5 import input_range\nprint(input_range.run(seeds=[0]).widest)",
)
