"""The figures of a training run, which `SGD` returns."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt


class _Monitors(NamedTuple):
    evaluation_cost: list[float]
    evaluation_accuracy: list[int]
    training_cost: list[float]
    training_accuracy: list[int]


class History(_Monitors):
    """The monitored figures of a training run: network2's tuple of four lists, with names.

    Attributes
    ----------
    evaluation_cost, training_cost : list of float
        One entry an epoch; empty where not monitored.
    evaluation_accuracy, training_accuracy : list of int
        Numbers of examples, one entry an epoch; empty where not monitored.
    layer_speeds : list of ndarray
        With `monitor_layer_speeds`, one array an epoch: the norm of the averaged dC/db of every
        layer after the inputs, before that epoch.
    epoch_seconds : list of float
        How long the training of each epoch took.
    stopped_because : str or None
        Why training ended: "all epochs are done", or what stopped it earlier; None before that.
    best_epoch : int or None
        With `early_stopping_n`, the epoch whose weights the network got at the end.
    seconds : dict of str to float
        Where the time went: "preparing" (arrays for the kernels), "compiling", "training" and
        "evaluating".
    """

    layer_speeds: list[npt.NDArray[np.float64]]
    epoch_seconds: list[float]
    stopped_because: str | None
    best_epoch: int | None
    seconds: dict[str, float]

    def __new__(cls, *lists: Any) -> History:
        """Start with nothing recorded, or with four lists, as pickle does."""
        history = super().__new__(cls, *(lists or ([], [], [], [])))
        history.layer_speeds = []
        history.epoch_seconds = []
        history.stopped_because = None
        history.best_epoch = None
        history.seconds = dict.fromkeys(("preparing", "compiling", "training", "evaluating"), 0.0)
        return history

    def to_dict(self) -> dict[str, Any]:
        """Return everything by its name, in lists and numbers that JSON can hold."""
        return {
            **{name: list(getattr(self, name)) for name in self._fields},
            "layer_speeds": [speeds.tolist() for speeds in self.layer_speeds],
            "epoch_seconds": list(self.epoch_seconds),
            "stopped_because": self.stopped_because,
            "best_epoch": self.best_epoch,
            "seconds": dict(self.seconds),
        }

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> History:
        """Make the history that `to_dict` described.

        Raises
        ------
        KeyError, TypeError, ValueError
            If `content` is something else.
        """
        kinds = {name: int if "accuracy" in name else float for name in cls._fields}
        history = cls(*([kind(figure) for figure in content[name]] for name, kind in kinds.items()))
        history.layer_speeds = [np.array(speeds, float) for speeds in content["layer_speeds"]]
        history.epoch_seconds = [float(seconds) for seconds in content["epoch_seconds"]]
        epochs = len(history.epoch_seconds)
        if not {len(figures) for figures in (*history, history.layer_speeds)} <= {0, epochs}:
            raise ValueError(f"a history of {epochs} epochs must have a figure of each, or none")
        history.stopped_because = content["stopped_because"]
        history.best_epoch = content["best_epoch"]
        history.seconds = {name: float(content["seconds"][name]) for name in history.seconds}
        return history

    @contextmanager
    def timed(self, what: str) -> Iterator[None]:
        """Add the time that the block takes to `seconds[what]`."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[what] += time.perf_counter() - started
