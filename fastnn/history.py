"""What `SGD` returns."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple


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
        One entry an epoch, none where not monitored.
    evaluation_accuracy, training_accuracy : list of int
        Numbers of examples, one entry an epoch, none where not monitored.
    seconds : dict of str to float
        Where the time went: "preparing" (arrays for the kernels), "compiling", "training" and
        "evaluating".
    """

    seconds: dict[str, float]

    def __new__(cls, *lists: Any) -> History:
        """Start with nothing recorded, or as pickle does with the four lists."""
        history = super().__new__(cls, *(lists or ([], [], [], [])))
        history.seconds = dict.fromkeys(("preparing", "compiling", "training", "evaluating"), 0.0)
        return history

    @contextmanager
    def timed(self, what: str) -> Iterator[None]:
        """Add the time that the block takes to `seconds[what]`."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[what] += time.perf_counter() - started
