"""How the learning rate changes from epoch to epoch, and when training has gone on long enough."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from fastnn.common.checks import describe, fraction, integer, real


class Halving(NamedTuple):
    """Halve the learning rate when validation accuracy stops improving (the book's chapter 3).

    Parameters
    ----------
    n : int, optional
        Halve after so many epochs since the accuracy was last better than ever before, or since
        the last halving.
    smallest : float, optional
        End training once the rate has come down to this part of what it was.
    """

    n: int = 10
    smallest: float = 1 / 128

    def factor(self, accuracies: Sequence[float]) -> float:
        """What the learning rate is multiplied by after epochs with these accuracies."""
        factor, best, waited = 1.0, float("-inf"), 0
        for accuracy in accuracies:
            waited = 0 if accuracy > best else waited + 1
            best = max(best, accuracy)
            if waited == self.n:
                factor, waited = factor / 2, 0
        return factor


Schedule = Halving | Callable[[int], float]


def check_schedule(schedule: Any) -> Any:
    """Return `schedule` if it is a function of the epoch, a Halving or None."""
    if isinstance(schedule, Halving):
        integer("schedule.n", schedule.n, smallest=1)
        fraction("schedule.smallest", schedule.smallest)
    elif schedule is not None and not callable(schedule):
        raise TypeError(
            "schedule must be a function of the epoch that returns a factor for eta, or a "
            f"Halving, got {describe(schedule)}"
        )
    return schedule


def factor_for(schedule: Any, epoch: int, accuracies: Sequence[float]) -> float:
    """What eta is multiplied by in an epoch, after epochs with these evaluation accuracies."""
    if schedule is None:
        return 1.0
    if isinstance(schedule, Halving):
        return schedule.factor(accuracies)
    return real(f"schedule({epoch})", schedule(epoch))


def best_epoch(figures: Sequence[float], larger_is_better: bool) -> int:
    """The first epoch with the best figure; -1 if there is none yet."""
    best = -1
    for epoch, figure in enumerate(figures):
        better = figure > figures[best] if larger_is_better else figure < figures[best]
        if best < 0 or better:
            best = epoch
    return best
