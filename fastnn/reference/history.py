"""What `SGD` returns."""

from __future__ import annotations

from typing import Any, NamedTuple

from .activations import Array


class _Monitors(NamedTuple):
    evaluation_cost: list[float]
    evaluation_accuracy: list[int]
    training_cost: list[float]
    training_accuracy: list[int]


class History(_Monitors):
    """network2's four lists, one entry per epoch, empty where not monitored.

    Attributes
    ----------
    layer_speeds : list of ndarray, shape (num_layers - 1,)
        What `fastnn.reference.layer_speeds` returned before every epoch, if that was monitored.
    """

    layer_speeds: list[Array]

    def __new__(cls, *lists: Any) -> History:
        """Start with nothing recorded, or as copies do with the four lists."""
        history = super().__new__(cls, *(lists or ([], [], [], [])))
        history.layer_speeds = []
        return history
