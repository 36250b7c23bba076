"""The record of a training run, which `SGD` returns."""

from __future__ import annotations

from typing import Any, NamedTuple

from .activations import Array


class _Monitors(NamedTuple):
    evaluation_cost: list[float]
    evaluation_accuracy: list[int]
    training_cost: list[float]
    training_accuracy: list[int]


class History(_Monitors):
    """network2's four lists, with one entry per epoch; a list that was not monitored is empty.

    Attributes
    ----------
    layer_speeds : list of ndarray, shape (num_layers - 1,)
        What `fastnn.reference.layer_speeds` returned before each epoch, if that was monitored.
    """

    layer_speeds: list[Array]

    def __new__(cls, *lists: Any) -> History:
        """Start empty; copies of a history start with its four lists."""
        history = super().__new__(cls, *(lists or ([], [], [], [])))
        history.layer_speeds = []
        return history
