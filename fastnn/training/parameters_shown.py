"""Show a network its parameters within an epoch, for a cost in Python that looks at them."""

from __future__ import annotations

from operator import is_
from typing import Any

from fastnn.engine.single_calls import SingleCalls
from fastnn.model.costs import cost_name
from fastnn.model.description import Arrays


class ParametersShown:
    """Gives a network the parameters that it has come to, and sees what a cost does to them.

    Parameters
    ----------
    network : SingleCalls
        What is trained.

    Attributes
    ----------
    network : SingleCalls
        The same, which a run that is put away lets go of.
    """

    def __init__(self, network: SingleCalls) -> None:
        self.network, self._cost = network, network.cost
        self._arrays: list[Any] = []

    def show(self, weights: Arrays, biases: Arrays) -> None:
        """Give the network these parameters, which nobody can write into.

        They are copies: what is written would be lost.

        Raises
        ------
        ValueError
            As `end`.
        """
        self.end()
        self._arrays = [*weights, *biases]
        for array in self._arrays:
            array.flags.writeable = False
        self.network.weights, self.network.biases = weights, biases

    def end(self) -> None:
        """Raise ValueError if a cost that was shown parameters has put others in their place."""
        if not self._arrays:
            return
        shown, self._arrays = self._arrays, []
        present = [*self.network.weights, *self.network.biases]
        if self.network.cost is not self._cost or not all(map(is_, present, shown)):
            raise ValueError(
                f"cost {cost_name(self._cost)} changes the network that is trained with it: that "
                "is for update_mini_batch, or for a callback"
            )
