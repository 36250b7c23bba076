"""The speed-up over the reference, and the accuracy."""

from __future__ import annotations

import random

from fastnn import Dataset

from .shared import DTYPES, SIZES, AllDigits, best_seconds, first_of, network, train

Digits = tuple[Dataset, Dataset]

# The reference's time for an example does not depend on how many there are.
_FOR_THE_REFERENCE = 1000


class Speedup(AllDigits):
    """Time for each example: fastnn on all 50,000 against the reference on the first 1,000."""

    params = (SIZES, DTYPES)
    param_names = ("sizes", "dtype")

    def track_speedup(self, digits: Digits, sizes: str, dtype: str) -> float:
        """How many times faster fastnn is; the reference always computes in float64."""
        training, _ = digits
        pairs = list(first_of(training, _FOR_THE_REFERENCE))
        slow, fast = network("reference", sizes), network("fastnn", sizes, dtype)
        slow_seconds = best_seconds(lambda: train(slow, pairs)) / len(pairs)
        fast_seconds = best_seconds(lambda: train(fast, training)) / len(training)
        return round(slow_seconds / fast_seconds, 1)

    track_speedup.unit = "x"


class Accuracy(AllDigits):
    """Three epochs of [784, 30, 10] from fixed seeds; changes only if the arithmetic does."""

    params = DTYPES
    param_names = ("dtype",)

    def track_accuracy(self, digits: Digits, dtype: str) -> float:
        """Validation accuracy."""
        training, validation = digits
        net = network("fastnn", SIZES[0], dtype)
        random.seed(1)
        train(net, training, epochs=3)
        return 100 * net.accuracy(validation) / len(validation)

    track_accuracy.unit = "%"
