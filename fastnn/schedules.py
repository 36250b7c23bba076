"""How the learning rate changes from epoch to epoch, and when training has gone on long enough."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from numbers import Integral
from typing import Any, NamedTuple, Protocol

from fastnn.common.checks import describe, fraction, integer, real

__all__ = ["FigureSchedule", "Halving"]


class FigureSchedule(Protocol):
    """A schedule that goes by a monitored figure. In training it is a named tuple of numbers."""

    def check(self) -> None:
        """Raise TypeError or ValueError if a number is wrong."""

    def factor(self, figures: Sequence[float], /) -> float:
        """Return the factor on eta after epochs with these figures."""

    def reason_to_stop(self, figures: Sequence[float], /) -> str | None:
        """Say why training ends after epochs with these figures; None if it goes on."""


class Halving(NamedTuple):
    """Halve the learning rate when validation accuracy stops improving (the book's chapter 3).

    Parameters
    ----------
    n : int, optional
        Halve after this many epochs since the accuracy was last better than ever before, or since
        the last halving.
    smallest : float, optional
        End training once the rate has come down to this part of what it was.
    """

    n: int = 10
    smallest: float = 1 / 128

    def check(self) -> None:
        """Raise TypeError or ValueError if a number is wrong."""
        integer("schedule.n", self.n, smallest=1)
        fraction("schedule.smallest", self.smallest)

    def factor(self, accuracies: Sequence[float]) -> float:
        """Return the factor on eta after epochs with these accuracies."""
        return 0.5 ** count_stalls(accuracies, self.n, larger_is_better=True)

    def reason_to_stop(self, accuracies: Sequence[float]) -> str | None:
        """Say why training ends after epochs with these accuracies; None if it goes on."""
        factor = self.factor(accuracies)
        if factor > self.smallest:
            return None
        return f"the learning rate has come down to {factor:g} of what it was"


class _Entry(NamedTuple):
    figure: str  # what the schedule goes by, as `History` and, after "monitor_", `SGD` call it
    flag: str  # of the command line, which gives it the first number of the schedule, an integer N
    help: str


# Every schedule that goes by a figure. Checks, training, checkpoints and the command line follow
# from this table.
SCHEDULES: dict[type[Any], _Entry] = {
    Halving: _Entry(
        "evaluation_accuracy",
        "--halve-after",
        "halve the learning rate when accuracy has not improved for N epochs, and stop at 1/128 "
        "of it",
    ),
}

Schedule = FigureSchedule | Callable[[int], float]


def check_schedule(name: str, schedule: Any) -> Any:
    """Return a function of the epoch, one of `SCHEDULES` with plain numbers, or None."""
    if figure_of(schedule) is not None:
        schedule.check()
        if type(schedule) in SCHEDULES:  # NumPy's numbers, for one, are not for files
            usual = type(schedule)._field_defaults
            plain = (
                int(n)
                if isinstance(n, Integral) and type(usual.get(name)) is not float
                else float(n)
                for name, n in schedule._asdict().items()
            )
            return type(schedule)(*plain)
    elif schedule is not None and not callable(schedule):
        names = " or a ".join(kind.__name__ for kind in SCHEDULES)
        raise TypeError(
            f"{name} must be a function of the epoch that returns a factor for eta, or a "
            f"{names}, got {describe(schedule)}"
        )
    return schedule


def figure_of(schedule: Any) -> str | None:
    """Return the name of the figure that a schedule goes by; None for all others."""
    for kind, entry in SCHEDULES.items():
        if isinstance(schedule, kind):
            return entry.figure
    return None


def factor_for(schedule: Any, epoch: int, figures: Sequence[float]) -> float:
    """Return the factor on eta in an epoch, after epochs with the figures that it goes by."""
    if schedule is None:
        return 1.0
    if figure_of(schedule) is not None:
        return float(schedule.factor(figures))
    return real(f"schedule({epoch})", schedule(epoch))


def reason_to_stop(schedule: Any, figures: Sequence[float]) -> str | None:
    """Say why a schedule ends training after epochs with these figures; None if it goes on."""
    if figure_of(schedule) is None:
        return None
    reason: str | None = schedule.reason_to_stop(figures)
    return reason


def stored_schedule(schedule: Any) -> Any:
    """Return what JSON holds of a schedule: name and numbers, or that it is a function.

    A subclass of one of `SCHEDULES` counts as a function: what it does is in its own code.
    """
    if schedule is None:
        return None
    if type(schedule) in SCHEDULES:
        return [type(schedule).__name__, list(schedule)]
    return "function"


def read_schedule(stored: Any) -> Any:
    """Return the schedule that `stored_schedule` described; None for a function.

    Raises ValueError if there is no such schedule.
    """
    if not isinstance(stored, list):
        return None
    # Earlier checkpoints hold no name: their numbers are those of a `Halving`.
    name, numbers = stored if stored and isinstance(stored[0], str) else ("Halving", stored)
    kinds = {kind.__name__: kind for kind in SCHEDULES}
    if name not in kinds:
        raise ValueError(f"its schedule must be one of {', '.join(kinds)}, got {describe(name)}")
    return kinds[name](*numbers)


def count_stalls(figures: Sequence[float], n: int, larger_is_better: bool) -> int:
    """Count how often `n` epochs have passed since the best figure or the last such stall."""
    stalls, waited, best = 0, 0, -math.inf
    for figure in figures:
        score = figure if larger_is_better else -figure
        waited = 0 if score > best else waited + 1
        best = max(best, score)
        if waited == n:
            stalls, waited = stalls + 1, 0
    return stalls


def best_epoch(figures: Sequence[float], larger_is_better: bool) -> int:
    """Return the first epoch with the best figure; -1 if there is none yet.

    Any number is better than nan. Where all are nan, it is the first epoch.
    """
    best = -1
    for epoch, figure in enumerate(figures):
        if best < 0 or _is_better(figure, figures[best], larger_is_better):
            best = epoch
    return best


def _is_better(figure: Any, best: Any, larger_is_better: bool) -> bool:
    if best != best and figure == figure:  # whatever a user's method returns
        return True
    return bool(figure > best if larger_is_better else figure < best)
