"""What an experiment of the chapter consists of, and what it may ask for."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from fastnn.chapter5.report import Figure

Floats = npt.NDArray[np.float64]

Task = TypeVar("Task")
Outcome = TypeVar("Outcome")


class Mapper(Protocol):
    """The built-in `map`, or what does the same elsewhere, as `concurrent.futures.Executor.map`."""

    def __call__(
        self, function: Callable[[Task], Outcome], tasks: Iterable[Task], /
    ) -> Iterable[Outcome]:
        """Apply the function to every task; give the outcomes in the order of the tasks."""


@dataclass(frozen=True)
class Measurement:
    """A quantity that the chapter speaks of, as it says and as it was measured.

    Attributes
    ----------
    quantity : str
        What it is, with its unit.
    published : str or None
        The chapter's number as it is printed there, or its words; None where it says nothing.
    values : ndarray, shape (seeds,)
        What was measured, for every seed; a single value where nothing is left to chance.
    summary : {"mean", "geometric mean", "largest"}
        Which one number stands for them. Ratios have a geometric mean; the largest of differences
        that should be none says the most.
    """

    quantity: str
    published: str | None
    values: Floats
    summary: Literal["mean", "geometric mean", "largest"] = "mean"


@dataclass(frozen=True)
class Experiment:
    """One system of the chapter that anyone can run, plot and check.

    Attributes
    ----------
    title, question : str
        What it is about, and what it asks.
    run : callable
        ``run(seeds, **settings)`` returns its result, a dataclass of arrays.
    measurements : callable
        ``measurements(result)``: the table of published and measured numbers.
    findings : callable
        ``findings(result)``: what the numbers say. The first is the answer in one sentence.
    figures : callable
        ``figures(result)``: the figures.
    code : str
        The two lines that reproduce it.
    takes : tuple of str
        Which of the settings ``dtype`` and ``mapper`` `run` has.
    quick : mapping
        Settings of `run` for a smoke test.
    default_seeds : int
        How many seeds make a report.
    """

    title: str
    question: str
    run: Callable[..., Any]
    measurements: Callable[[Any], list[Measurement]]
    findings: Callable[[Any], list[str]]
    figures: Callable[[Any], list[Figure]]
    code: str
    takes: tuple[str, ...] = ()
    quick: Mapping[str, Any] = field(default_factory=dict)
    default_seeds: int = 10


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Seed both global generators as a script does, and put them back afterwards."""
    states = random.getstate(), np.random.get_state()
    random.seed(seed)
    np.random.seed(seed)
    try:
        yield
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])


def largest_relative_difference(values: npt.ArrayLike, wanted: npt.ArrayLike) -> float:
    """The largest difference of two arrays, relative to the larger number of each pair."""
    values, wanted = np.asarray(values), np.asarray(wanted)
    scale = np.maximum(np.abs(values), np.abs(wanted))
    return float(np.max(np.abs(values - wanted) / np.where(scale > 0, scale, 1.0)))
