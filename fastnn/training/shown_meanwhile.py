"""What a cost that runs in Python may look at within an epoch: the network and the data."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from operator import is_
from typing import Any

import numpy as np

from fastnn.engine.single_calls import SingleCalls
from fastnn.model.costs import named_in_messages
from fastnn.model.description import Arrays
from fastnn.training.callers_data import Order
from fastnn.training.run_data import RunData


class ShownMeanwhile:
    """Gives a network the parameters that it has come to, and sees what a cost does to them.

    The caller's data get the order of the epoch, which network2 puts them into before it begins.

    Parameters
    ----------
    network : SingleCalls
        What is trained.
    data : RunData
        On what.

    Attributes
    ----------
    network : SingleCalls
        The same, which a run that is put away lets go of.
    """

    def __init__(self, network: SingleCalls, data: RunData) -> None:
        self.network, self._cost = network, network.cost
        self._data = data
        self._arrays: list[Any] = []
        self._is_order_shown = False

    def begin(self) -> None:
        """Begin an epoch."""
        self._is_order_shown = False

    def show(self, order: Order, weights: Arrays, biases: Arrays) -> None:
        """Give the network these parameters, which nobody can write into, and the data this order.

        They are copies: what is written would be lost.

        Raises
        ------
        ValueError
            As `end`.
        """
        self.end()
        if not self._is_order_shown:
            self._data.reorder_callers(order)
            self._is_order_shown = True
        self._arrays = [*weights, *biases]
        for array in self._arrays:
            array.flags.writeable = False
        self.network.weights, self.network.biases = weights, biases

    def end(self) -> None:
        """Raise ValueError if a cost that was shown parameters has put others in their place."""
        if not self._arrays:
            return
        shown, self._arrays = self._arrays, []
        present = self._present()
        same = len(present) == len(shown) and all(map(is_, present, shown))
        if self.network.cost is not self._cost or not same:
            raise ValueError(
                f"{named_in_messages(self._cost)} changes the network that is trained with it: "
                "that is for update_mini_batch, or for a callback"
            )

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Have a cost measure the network, into whose arrays nobody can write meanwhile.

        `end` then says whether others have been put in their place.
        """
        self._arrays = self._present()
        own = [array for array in self._arrays if isinstance(array, np.ndarray)]
        writable = [array for array in own if array.flags.writeable]
        for array in writable:
            array.flags.writeable = False
        try:
            yield
        finally:
            # A view can be written into only if what it shows can.
            for array in sorted(writable, key=lambda array: array.base is not None):
                array.flags.writeable = True

    def _present(self) -> list[Any]:
        """Return the arrays of the network, or what else it has in their place."""
        parts = self.network.weights, self.network.biases
        lists = [part if isinstance(part, (list, tuple)) else [part] for part in parts]
        return [array for arrays in lists for array in arrays]
