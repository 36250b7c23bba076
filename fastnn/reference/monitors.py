"""The costs and accuracies that `SGD` computes, prints and records after each epoch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from .examples import Pair
from .history import History


class HasCostAndAccuracy(Protocol):
    """The part of a network that this module uses."""

    def accuracy(self, data: Sequence[Pair], convert: bool = False) -> int:
        """Return how many examples the network gets right."""

    def total_cost(self, data: Sequence[Pair], lmbda: float, convert: bool = False) -> float:
        """Return the regularised cost of all examples."""


class Monitors(NamedTuple):
    """What to compute after each epoch, and whether to print it."""

    evaluation_cost: bool
    evaluation_accuracy: bool
    training_cost: bool
    training_accuracy: bool
    verbose: bool

    def record(
        self,
        net: HasCostAndAccuracy,
        epoch: int,
        history: History,
        training_data: Sequence[Pair],
        evaluation_data: Sequence[Pair],
        lmbda: float,
    ) -> None:
        """Append what is monitored to `history`, in network2's order and with its words."""
        self._say(f"Epoch {epoch} training complete")
        if self.training_cost:
            history.training_cost.append(net.total_cost(training_data, lmbda))
            self._say(f"Cost on training data: {history.training_cost[-1]}")
        if self.training_accuracy:
            history.training_accuracy.append(net.accuracy(training_data, convert=True))
            correct = history.training_accuracy[-1]
            self._say(f"Accuracy on training data: {correct} / {len(training_data)}")
        if self.evaluation_cost:
            history.evaluation_cost.append(net.total_cost(evaluation_data, lmbda, convert=True))
            self._say(f"Cost on evaluation data: {history.evaluation_cost[-1]}")
        if self.evaluation_accuracy:
            history.evaluation_accuracy.append(net.accuracy(evaluation_data))
            correct = history.evaluation_accuracy[-1]
            self._say(f"Accuracy on evaluation data: {correct} / {len(evaluation_data)}")
        self._say("")

    def _say(self, line: str) -> None:
        if self.verbose:
            print(line)
