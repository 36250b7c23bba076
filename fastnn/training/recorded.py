"""What a run has recorded so far, which a callback or another function of a user's may change.

A run goes on by its history: it tells the next epoch, the best one and the end. So what no run
could have recorded is refused as soon as the function has returned, and in a checkpoint.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from fastnn.common.checks import describe
from fastnn.model.history import History, is_figure
from fastnn.training.options import Options


def check_recorded(history: History, options: Options, epochs: int) -> None:
    """Raise ValueError unless all that a run records of each epoch is there of so many epochs.

    Lists that nothing monitors may hold anything.
    """
    names = [name for name in history._fields if getattr(options, f"monitor_{name}")]
    if options.monitor_layer_speeds:
        names.append("layer_speeds")
    for name in ("epoch_seconds", *names):
        _check_length(name, getattr(history, name), epochs)


def check_kept(history: History, options: Options, layers: int) -> None:
    """Raise ValueError unless a checkpoint can hold a history that `check_recorded` has passed.

    A list that nothing monitors may hold figures of a callback's, one of each epoch.

    Parameters
    ----------
    history : History
        To be kept, or as it has been kept.
    options : Options
        Of its run.
    layers : int
        How many layers the network has after the inputs.
    """
    epochs = len(history.epoch_seconds)
    for name in (*history._fields, "layer_speeds"):
        _check_length(name, getattr(history, name), epochs, or_empty=True)
    for name in (*history._fields, "epoch_seconds"):
        _check_numbers(name, getattr(history, name))
    for epoch, speeds in enumerate(history.layer_speeds):
        is_array = isinstance(speeds, np.ndarray) and speeds.dtype.kind in "fiu"
        if not is_array or speeds.shape != (layers,):
            raise ValueError(
                f"history.layer_speeds must hold an array of {layers} numbers of each epoch, got "
                f"{describe(speeds)} of epoch {epoch}"
            )
    for name, seconds in history.seconds.items():
        _check_numbers(f"seconds[{name!r}]", [seconds])
    stops_early = options.early_stopping_n is not None and epochs > 0
    best = history.best_epoch
    if (type(best) is not int or not 0 <= best < epochs) if stops_early else best is not None:
        wanted = f"one of {epochs} epochs" if stops_early else "None without early_stopping_n"
        raise ValueError(f"history.best_epoch must be {wanted}, got {describe(best)}")


def _check_length(name: str, figures: Any, epochs: int, *, or_empty: bool = False) -> None:
    lengths = (epochs, 0) if or_empty else (epochs,)
    if not isinstance(figures, list) or len(figures) not in lengths:
        got = f"a list of {len(figures)}" if isinstance(figures, list) else describe(figures)
        otherwise = ", or empty for a checkpoint" if or_empty else ""
        raise ValueError(
            f"history.{name} must be a list of one entry for each epoch, {epochs} by now"
            f"{otherwise}, got {got}"
        )


def _check_numbers(name: str, figures: list[Any]) -> None:
    if not {*map(type, figures)} <= {int, float}:
        for figure in figures:
            if not is_figure(figure):
                raise ValueError(
                    f"history.{name} must hold numbers where a checkpoint is kept, got "
                    f"{describe(figure)}"
                )
