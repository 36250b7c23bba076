"""How long the calls take that a script makes for one example or for ten."""

from __future__ import annotations

import numpy as np

from fastnn import Dataset

from .shared import (
    ETA,
    IMPLEMENTATIONS,
    LMBDA,
    MINI_BATCH,
    SIZES,
    FewDigits,
    network,
)

Digits = tuple[Dataset, Dataset]


class SingleCalls(FewDigits):
    """Calls so short that what surrounds the work counts, on plain lists of pairs."""

    params = (IMPLEMENTATIONS, SIZES)
    param_names = ("implementation", "sizes")
    # asv finds out how many calls make one sample. Steps change the network, but not how long the
    # next one takes.
    number = 0
    repeat = (5, 50, 2.0)

    def setup(self, digits: Digits, implementation: str, sizes: str) -> None:
        """Take the first examples, and call everything once."""
        self.n = len(digits[0])
        self.mini_batch = list(digits[0][:MINI_BATCH])
        self.labelled = [(x, int(np.argmax(y))) for x, y in self.mini_batch]
        self.one = self.labelled[:1]
        self.x, self.y = self.mini_batch[0]
        self.network = network(implementation, sizes)
        for call in (
            self.time_feedforward,
            self.time_backprop,
            self.time_update_mini_batch,
            self.time_accuracy_of_one,
            self.time_total_cost_of_one,
        ):
            call(digits, implementation, sizes)

    def time_feedforward(self, digits: Digits, implementation: str, sizes: str) -> None:
        """The output for one example."""
        self.network.feedforward(self.x)

    def time_backprop(self, digits: Digits, implementation: str, sizes: str) -> None:
        """The gradient of one example."""
        self.network.backprop(self.x, self.y)

    def time_update_mini_batch(self, digits: Digits, implementation: str, sizes: str) -> None:
        """One step with ten examples."""
        self.network.update_mini_batch(self.mini_batch, ETA, LMBDA, self.n)

    def time_accuracy_of_one(self, digits: Digits, implementation: str, sizes: str) -> None:
        """Accuracy on one example."""
        self.network.accuracy(self.one)

    def time_accuracy_of_ten(self, digits: Digits, implementation: str, sizes: str) -> None:
        """Accuracy on ten examples."""
        self.network.accuracy(self.labelled)

    def time_total_cost_of_one(self, digits: Digits, implementation: str, sizes: str) -> None:
        """Cost of one example."""
        self.network.total_cost(self.one, LMBDA, convert=True)

    def time_total_cost_of_ten(self, digits: Digits, implementation: str, sizes: str) -> None:
        """Cost of ten examples."""
        self.network.total_cost(self.labelled, LMBDA, convert=True)
