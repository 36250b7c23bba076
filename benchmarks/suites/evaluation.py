"""How long accuracy and cost of many examples take."""

from __future__ import annotations

from fastnn import Dataset

from .shared import (
    DTYPES,
    IMPLEMENTATIONS,
    LMBDA,
    SIZES,
    AllDigits,
    FewDigits,
    best_seconds,
    examples_for,
    network,
    train,
)

Digits = tuple[Dataset, Dataset]


class Evaluation(FewDigits):
    """2,000 validation examples in both implementations; networks stay as they are."""

    params = (IMPLEMENTATIONS, SIZES)
    param_names = ("implementation", "sizes")

    def setup(self, digits: Digits, implementation: str, sizes: str) -> None:
        """Compile both."""
        self.data = examples_for(implementation, digits[1])
        self.network = network(implementation, sizes)
        self.network.accuracy(self.data)
        self.network.total_cost(self.data, LMBDA, convert=True)

    def time_evaluation(self, digits: Digits, implementation: str, sizes: str) -> None:
        """Accuracy."""
        self.network.accuracy(self.data)

    def time_total_cost(self, digits: Digits, implementation: str, sizes: str) -> None:
        """Cost."""
        self.network.total_cost(self.data, LMBDA, convert=True)


class EvaluationShare(AllDigits):
    """What evaluating after every epoch adds to it, fastnn only."""

    params = (SIZES, DTYPES)
    param_names = ("sizes", "dtype")

    def track_accuracy_share(self, digits: Digits, sizes: str, dtype: str) -> float:
        """Time for the accuracy on 10,000 examples in per cent of an epoch of 50,000."""
        training, validation = digits
        net = network("fastnn", sizes, dtype)
        evaluating = best_seconds(lambda: net.accuracy(validation))
        return round(100 * evaluating / best_seconds(lambda: train(net, training)), 2)

    track_accuracy_share.unit = "% of an epoch"
