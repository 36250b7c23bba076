"""What the chapter claims, and the rules by which a measurement agrees with a claim or does not.

A rule looks at the values of all seeds, summed up. Its words stand on the page, so that readers can
judge the judgement.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

import numpy as np
import numpy.typing as npt

from fastnn.common.intervals import mean_interval, single_run_interval
from fastnn.common.numerals import superscript

Floats = npt.NDArray[np.float64]
Average = Literal["mean", "geometric mean", "largest", "exact"]
Verdict = Literal["agrees", "does not", "cannot be told"]

AGREES: Verdict = "agrees"
DOES_NOT: Verdict = "does not"
UNTOLD: Verdict = "cannot be told"

FEWEST_SEEDS = 5
"""With fewer runs, the interval of single runs is so wide that any number would lie in it."""


@dataclass(frozen=True)
class Summary:
    """The values of all seeds in one number, with two 95 % intervals.

    Attributes
    ----------
    values : ndarray, shape (seeds,)
    average : {"mean", "geometric mean", "largest", "exact"}
        What `middle` is. Exact values depend on no seed.
    middle : float
    low, high : float
        The ends of the average's interval; NaN if there is none.
    single_low, single_high : float
        The ends between which 95 of 100 single runs would lie; NaN if no spread is known.
    """

    values: Floats
    average: Average
    middle: float
    low: float = math.nan
    high: float = math.nan
    single_low: float = math.nan
    single_high: float = math.nan

    @property
    def has_interval(self) -> bool:
        """Whether the average has an interval."""
        return math.isfinite(self.low) and math.isfinite(self.high)


def summarise(values: Floats, average: Average = "mean") -> Summary:
    """Sum up the values of all seeds.

    Parameters
    ----------
    values : ndarray, shape (seeds,)
    average : {"mean", "geometric mean", "largest", "exact"}, optional
        Ratios have a geometric mean. Of errors, which should be 0, the largest says the most. Exact
        values have neither seeds nor intervals; the first one stands for all.
    """
    if average == "largest":
        return Summary(values, average, float(values.max()))
    if average == "exact":
        return Summary(values, average, float(values[0]))
    if average == "geometric mean":
        logs = np.log(values)
        ends = (*mean_interval(logs), *single_run_interval(logs)[1:])
        return Summary(values, average, *(math.exp(end) for end in ends))
    return Summary(values, average, *mean_interval(values), *single_run_interval(values)[1:])


@dataclass(frozen=True)
class Rule:
    """When a measurement agrees with a claim.

    Attributes
    ----------
    text : str
        The rule in words, for the page.
    judge : callable
        ``judge(summary)`` returns the verdict.
    mathematics : bool
        Whether the claim is an identity, which needs no sample: it is counted apart.
    of_single_runs : bool
        Whether it looks at the interval of single runs, not at that of the average.
    """

    text: str
    judge: Callable[[Summary], Verdict]
    mathematics: bool = False
    of_single_runs: bool = False


@dataclass(frozen=True)
class Claim:
    """What the chapter says of a quantity.

    Attributes
    ----------
    says : str
        Its number as printed, or its words.
    where : str
        The equation, or the section and what the sentence is about.
    rule : Rule
    """

    says: str
    where: str
    rule: Rule


def printed(number: str) -> Rule:
    """Judge a number that the chapter prints for a single run."""
    value, rounding = _read(number)

    def judge(summary: Summary) -> Verdict:
        if len(summary.values) < FEWEST_SEEDS or not math.isfinite(summary.single_low):
            return UNTOLD
        inside = summary.single_low - rounding <= value <= summary.single_high + rounding
        return AGREES if inside else DOES_NOT

    text = "the number lies within the interval of single runs"
    return Rule(text, judge, of_single_runs=True)


def identity(number: str) -> Rule:
    """Judge a number that follows from mathematics, as far as it is printed."""
    value, rounding = _read(number)

    def judge(summary: Summary) -> Verdict:
        return AGREES if np.all(np.abs(summary.values - value) <= rounding) else DOES_NOT

    return Rule("every value is the printed number, as far as it is printed", judge, True)


def equal(within: float) -> Rule:
    """Judge a difference that only rounding may cause."""

    def judge(summary: Summary) -> Verdict:
        return AGREES if np.all(summary.values <= within) else DOES_NOT

    return Rule(f"no difference is larger than {_power(within)}", judge, True)


def always(text: str, holds: Callable[[Floats], bool]) -> Rule:
    """Judge exact values by what must hold for all of them."""
    return Rule(text, lambda summary: AGREES if holds(summary.values) else DOES_NOT, True)


def at_least(bound: float, words: str = "", unit: str = "") -> Rule:
    """Judge words that mean at least so much; `words` says which words mean that."""
    return _beyond(f"{words}the average is at least {bound:g}{unit}", bound, math.inf)


def at_most(bound: float, words: str = "", unit: str = "") -> Rule:
    """Judge words that mean so much or less."""
    return _beyond(f"{words}the average is at most {bound:g}{unit}", -math.inf, bound)


def between(low: float, high: float, words: str = "") -> Rule:
    """Judge words that mean a range."""
    text = f"{words}the average lies between {low:g} and {high:g}".replace("-", "−")
    return _beyond(text, low, high)


def chance() -> Rule:
    """Judge whether a difference between two single runs may be chance alone."""

    def judge(summary: Summary) -> Verdict:
        if len(summary.values) < FEWEST_SEEDS:
            return UNTOLD
        return AGREES if summary.single_low <= 0 <= summary.single_high else DOES_NOT

    text = "chance: 0 lies within the interval of single runs"
    return Rule(text, judge, of_single_runs=True)


def _beyond(text: str, low: float, high: float) -> Rule:
    """Agree if the interval lies within the range, and disagree if it lies outside it."""

    def judge(summary: Summary) -> Verdict:
        if not summary.has_interval:
            return UNTOLD
        if low <= summary.low and summary.high <= high:
            return AGREES
        return DOES_NOT if summary.high < low or summary.low > high else UNTOLD

    return Rule(text, judge)


def _read(number: str) -> tuple[float, float]:
    """Read a printed number, and half a unit of its last digit, for it may have been rounded."""
    exponent = Decimal(number).as_tuple().exponent
    assert isinstance(exponent, int)
    # A little more, because floats do not hold decimal fractions exactly.
    return float(number), 0.5 * 10.0**exponent * (1 + 1e-9)


def _power(number: float) -> str:
    return f"10{superscript(round(math.log10(number)))}"
