"""The parts of an experiment, and what experiments share."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from fastnn.chapter5.claims import Average, Claim, Floats, Summary, summarise
from fastnn.chapter5.page import Figure, Motion

__all__ = [
    "NOT_NEGATIVE",
    "PER_CENT",
    "Experiment",
    "Floats",
    "Mapper",
    "Measurement",
    "largest_relative_difference",
]

PER_CENT = (0.0, 100.0)
"""Between which a share of all lies."""
NOT_NEGATIVE = (0.0, math.inf)

Task = TypeVar("Task")
Outcome = TypeVar("Outcome")


class Mapper(Protocol):
    """The built-in `map`, or one that works elsewhere, such as an executor's."""

    def __call__(
        self, function: Callable[[Task], Outcome], tasks: Iterable[Task], /
    ) -> Iterable[Outcome]:
        """Apply the function to every task; return the outcomes in the order of the tasks."""


@dataclass(frozen=True)
class Measurement:
    """A quantity: what the chapter claims of it, and what was measured.

    Attributes
    ----------
    quantity : str
        What it is, with its unit.
    claim : Claim or None
        What the chapter says of it, and by what rule that is judged; None if it says nothing.
    values : ndarray, shape (seeds,)
        The measured value for each seed; a single value if nothing is random.
    average : {"mean", "geometric mean", "largest", "exact"}
        Which number sums the values up; see `fastnn.chapter5.claims.summarise`.
    possible : tuple of float, optional
        Between which the quantity lies whatever happens; intervals are cut off there.
    """

    quantity: str
    claim: Claim | None
    values: Floats
    average: Average = "mean"
    possible: tuple[float, float] = (-math.inf, math.inf)

    @property
    def summary(self) -> Summary:
        """The values of all seeds in one number, with its intervals."""
        return summarise(self.values, self.average)


@dataclass(frozen=True)
class Experiment:
    """A question of the chapter that anyone can run, plot and check.

    Attributes
    ----------
    title, question : str
        What it is about, without its outcome, and what it asks.
    run : callable
        ``run(seeds, **settings)`` returns its result, a dataclass of arrays.
    measurements : callable
        ``measurements(result)``: the lines of the table, each claim beside what was measured.
    findings : callable
        ``findings(result)``: what the numbers say. The first is the answer in one sentence.
    figures : callable
        ``figures(result)``: the figures.
    code : str
        The two lines that reproduce it.
    setup : str
        How it was measured, and what its symbols mean; one paragraph.
    motion : callable or None
        ``motion(result)``: what the page plays, if anything.
    takes : tuple of str
        Which of the settings ``dtype`` and ``mapper`` `run` accepts.
    quick : mapping
        Settings of `run` for a smoke test.
    default_seeds : int
        How many seeds a full report uses.
    """

    title: str
    question: str
    run: Callable[..., Any]
    measurements: Callable[[Any], list[Measurement]]
    findings: Callable[[Any], list[str]]
    figures: Callable[[Any], list[Figure]]
    code: str
    setup: str = ""
    motion: Callable[[Any], Motion] | None = None
    takes: tuple[str, ...] = ()
    quick: Mapping[str, Any] = field(default_factory=dict)
    default_seeds: int = 10


def largest_relative_difference(values: npt.ArrayLike, wanted: npt.ArrayLike) -> float:
    """The largest difference between two arrays, relative to the larger number of each pair."""
    values, wanted = np.asarray(values), np.asarray(wanted)
    scale = np.maximum(np.abs(values), np.abs(wanted))
    return float(np.max(np.abs(values - wanted) / np.where(scale > 0, scale, 1.0)))
