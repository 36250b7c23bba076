"""When a run stops by itself, and which of its epochs was the best."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from fastnn import schedules
from fastnn.model.history import History
from fastnn.training.options import Options

FINISHED = "all epochs are done"


def reason_to_stop(options: Options, history: History) -> str | None:
    """Say why a run with this history is over; None if it goes on."""
    epochs_done = len(history.epoch_seconds)
    if options.early_stopping_n is not None and epochs_done > 0:
        name, figures, _ = _watched(options, history)
        best = best_so_far(options, history)
        if len(figures) - 1 - best >= options.early_stopping_n:
            return (
                f"the {name} on evaluation data has not improved in "
                f"{options.early_stopping_n} epochs since epoch {best}"
            )
    reason = schedules.reason_to_stop(options.schedule, schedule_figures(options, history))
    if reason is None and epochs_done >= options.epochs:
        reason = FINISHED
    return reason


def ask_callbacks(options: Options, epoch: int, network: Any, history: History) -> str | None:
    """Call the callbacks, all of them; say why the run is over if one has returned True.

    Other values mean nothing: many functions return one without a thought of this.
    """
    answers = [call(epoch, network, history) for call in options.callback]
    if any(isinstance(answer, (bool, np.bool_)) and answer for answer in answers):
        return f"the callback asked for it after epoch {epoch}"
    return None


def best_so_far(options: Options, history: History) -> int:
    """Return the epoch that early stopping takes for the best, the first of equals."""
    _, figures, larger_is_better = _watched(options, history)
    return schedules.best_epoch(figures, larger_is_better)


def schedule_figures(options: Options, history: History) -> Sequence[float]:
    """Return the figure that the schedule goes by, of each epoch; empty if it has none."""
    name = schedules.figure_of(options.schedule)
    return () if name is None else getattr(history, name)


def _watched(options: Options, history: History) -> tuple[str, list[Any], bool]:
    """Return name and figures that early stopping goes by, and whether larger is better."""
    if options.monitor_evaluation_accuracy:
        return "accuracy", history.evaluation_accuracy, True
    return "cost", history.evaluation_cost, False
