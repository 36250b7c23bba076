"""The parts of the report's page: rows of a table, figures, moving pictures and sections."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fastnn.chapter5.claims import Average, Claim, Floats, Summary, Verdict, summarise
from fastnn.common.numerals import written
from fastnn.plots.rendering import Drawing
from fastnn.plots.style import SIZE

__all__ = ["Figure", "Motion", "Row", "Section", "measured"]

_MOST_FRAMES = 501


@dataclass(frozen=True)
class Row:
    """One line of a table: what was measured, and what the chapter claims of it.

    Attributes
    ----------
    quantity : str
        What it is, with its unit.
    summary : Summary
    claim : Claim or None
    conclusive : bool
        Whether the settings are the chapter's. If not, only mathematics is judged.
    possible : tuple of float
        Between which the quantity lies whatever happens.
    """

    quantity: str
    summary: Summary
    claim: Claim | None = None
    conclusive: bool = True
    possible: tuple[float, float] = (-math.inf, math.inf)

    @property
    def verdict(self) -> Verdict | None:
        """Whether claim and measurement agree; None if nothing is claimed."""
        if self.claim is None:
            return None
        if not self.conclusive and not self.claim.rule.mathematics:
            return "cannot be told"
        return self.claim.rule.judge(self.summary)

    @property
    def measured(self) -> str:
        """The average, with as many digits as its interval justifies."""
        return _middle(self.summary)

    @property
    def interval(self) -> str:
        """The average's 95 % interval; an empty string if there is none."""
        if not self.summary.has_interval:
            return ""
        return self._range(self.ends)

    @property
    def single_runs(self) -> str:
        """The interval of 95 in 100 single runs, where the claim is judged by it."""
        if not (self.claim and self.claim.rule.of_single_runs and self.summary.has_interval):
            return ""
        return self._range(self.single_ends)

    @property
    def ends(self) -> tuple[float, float]:
        """The ends of the average's interval, as far as they are possible; NaN without one."""
        return self._within(self.summary.low, self.summary.high)

    @property
    def single_ends(self) -> tuple[float, float]:
        """The ends of the interval of single runs, as far as they are possible, or NaN."""
        return self._within(self.summary.single_low, self.summary.single_high)

    def _within(self, low: float, high: float) -> tuple[float, float]:
        if math.isnan(low):
            return low, high
        return max(low, self.possible[0]), min(high, self.possible[1])

    def _range(self, ends: tuple[float, float]) -> str:
        digits = _digits(self.summary)
        return " to ".join(written(end, digits) for end in ends)

    @property
    def average(self) -> str:
        """What the measured number is: "mean of 10 seeds"; an empty string if it is exact."""
        seeds = len(self.summary.values)
        if self.summary.average == "exact":
            return ""
        return "1 seed" if seeds == 1 else f"{self.summary.average} of {seeds} seeds"


@dataclass(frozen=True)
class Figure:
    """A figure of the page, also written as SVG and PNG.

    Attributes
    ----------
    stem : str
        The files' name, and the prefix of ids: small letters, digits and hyphens, different for
        each figure of a page.
    caption : str
    alt : str
        What the figure shows, for readers who cannot see it.
    draw : callable
        Called with ``ax=``; for example ``functools.partial(plots.layer_speeds, history)``.
    size : tuple of float
        Width and height in inches.
    """

    stem: str
    caption: str
    alt: str
    draw: Drawing
    size: tuple[float, float] = SIZE


@dataclass(frozen=True)
class Motion:
    """Bars of neurons that change from epoch to epoch, for a player within the page.

    Attributes
    ----------
    stem : str
        The prefix of ids, as of a `Figure`.
    caption : str
    bars : ndarray, shape (epochs, layers, neurons)
        Lengths, at least 0; the same scale holds for all epochs.
    """

    stem: str
    caption: str
    bars: Floats

    @property
    def frames(self) -> list[list[list[float]]]:
        """The bars relative to the longest one, in thousandths, of at most 501 epochs."""
        longest = max(float(self.bars.max()), np.finfo(float).tiny)
        relative = 1000 * self.bars[self.epochs] / longest
        frames: list[list[list[float]]] = relative.round(1).tolist()
        return frames

    @property
    def epochs(self) -> list[int]:
        """The epochs shown: all, or so many evenly spaced ones that the page stays small."""
        last = len(self.bars) - 1
        places = np.linspace(0, last, min(last + 1, _MOST_FRAMES)).round().astype(int)
        epochs: list[int] = places.tolist()
        return epochs

    @property
    def longest(self) -> str:
        """The length of the longest bar."""
        return written(float(self.bars.max()))


@dataclass(frozen=True)
class Section:
    """One experiment on the page.

    Attributes
    ----------
    name : str
        The name on the command line, and the address within the page.
    title, question : str
    finding : str
        The answer in one sentence; the contents show it too.
    paragraphs : sequence of str
        Plain text.
    figures : sequence of Figure
    rows : sequence of Row
    code : str
        The lines that reproduce it.
    setup : str, optional
        How it was measured, and what its symbols mean.
    motion : Motion, optional
    """

    name: str
    title: str
    question: str
    finding: str
    paragraphs: Sequence[str]
    figures: Sequence[Figure]
    rows: Sequence[Row]
    code: str
    setup: str = ""
    motion: Motion | None = None


def measured(values: Floats, average: Average = "mean") -> str:
    """Write the average of all seeds as the table does, so that prose and table agree."""
    return _middle(summarise(values, average))


def _middle(summary: Summary) -> str:
    return written(summary.middle, _digits(summary))


def _digits(summary: Summary) -> int | None:
    """Decimal places that show two digits of half the interval."""
    if not summary.has_interval or summary.low == summary.high:
        return None
    return max(0, 1 - math.floor(math.log10((summary.high - summary.low) / 2)))
