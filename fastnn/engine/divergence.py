"""Training that has diverged: its parameters or costs are no longer finite."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt


class DivergedError(ArithmeticError):
    """Training was stopped because weights, biases or a cost are no longer finite.

    Attributes
    ----------
    epoch : int
        The epoch in which that happened, from 0.
    what : str
        What is not finite: "the weights or biases", or which cost.
    layer : int
        The first layer that is not finite, as an index into ``weights``. If only a cost is not
        finite, the layer with the largest value.
    largest : float
        The largest magnitude among the weights and biases of that layer. Infinity counts; nan
        counts only if there is nothing else.
    """

    def __init__(self, epoch: int, what: str, layer: int, largest: float) -> None:
        super().__init__(epoch, what, layer, largest)
        self.epoch, self.what, self.layer, self.largest = epoch, what, layer, largest

    def __str__(self) -> str:
        """One sentence for the person who chose the learning rate."""
        return (
            f"training diverged in epoch {self.epoch}: {self.what} stopped being finite; the "
            f"largest value is {self.largest:.3g}, in layer {self.layer} (weights[{self.layer}] or "
            f"biases[{self.layer}]). The network is as before that epoch; a smaller eta may help"
        )


def check_start(weights: Sequence[npt.NDArray[Any]], biases: Sequence[npt.NDArray[Any]]) -> None:
    """Raise ValueError for the first weight or bias that is not finite before training."""
    for name, arrays in (("weights", weights), ("biases", biases)):
        for layer, array in enumerate(arrays):
            places = np.argwhere(~np.isfinite(array))
            if len(places):
                place = tuple(places[0].tolist())
                raise ValueError(
                    f"{name}[{layer}][{place[0]}, {place[1]}] must be finite for training to "
                    f"begin, got {array[place]}"
                )


def check_parameters(
    epoch: int, weights: Sequence[npt.NDArray[Any]], biases: Sequence[npt.NDArray[Any]]
) -> None:
    """Raise DivergedError unless weights and biases are finite."""
    for layer, arrays in enumerate(zip(weights, biases, strict=True)):
        if not all(np.isfinite(array).all() for array in arrays):
            raise DivergedError(epoch, "the weights or biases", layer, _largest(*arrays))


def check_monitored_cost(
    epoch: int,
    what: str,
    cost: float,
    weights: Sequence[npt.NDArray[Any]],
    biases: Sequence[npt.NDArray[Any]],
) -> None:
    """Raise DivergedError unless a cost is finite; weights and biases must be."""
    if not math.isfinite(cost):
        largest = [_largest(w, b) for w, b in zip(weights, biases, strict=True)]
        layer = int(np.argmax(largest))
        raise DivergedError(epoch, what, layer, largest[layer])


def _largest(*arrays: npt.NDArray[Any]) -> float:
    """The largest magnitude; nan only if there is nothing else."""
    return float(np.fmax.reduce([np.fmax.reduce(np.abs(array), axis=None) for array in arrays]))
