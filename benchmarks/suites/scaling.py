"""How the time for one example grows with the work; no curve should have a cliff.

Each point is the time of an epoch of fastnn in float64, in microseconds for each example. The best
of three epochs counts, which keeps noise out: a step in a curve then has a cause.
"""

from __future__ import annotations

import numpy as np

from fastnn import Dataset, mnist_loader

from .shared import MINI_BATCH, best_seconds, first_of, network, train

_UNIT = "us/example"
# Enough for a steady time, few enough for the widest network.
_FEW, _MANY = 2000, 20_000


def _microseconds(sizes: str, data: Dataset, mini_batch: int = MINI_BATCH) -> float:
    net = network("fastnn", sizes)
    return round(best_seconds(lambda: train(net, data, mini_batch)) / len(data) * 1e6, 3)


class _Curve:
    timeout = 300.0

    def setup_cache(self) -> Dataset:
        """MNIST's training data."""
        return mnist_loader.load_data_wrapper()[0]


class Width(_Curve):
    """One hidden layer."""

    # Powers of two and their neighbours: a step between them comes from strides.
    params = (10, 30, 100, 128, 300, 500, 512, 1000, 1024, 2000, 2048)
    param_names = ("width",)

    def track_time_per_example(self, digits: Dataset, width: int) -> float:
        """An epoch of [784, width, 10]."""
        return _microseconds(f"784,{width},10", first_of(digits, _FEW))

    track_time_per_example.unit = _UNIT


class Depth(_Curve):
    """Hidden layers of 30 neurons."""

    params = (1, 2, 5, 10, 20)
    param_names = ("hidden layers",)

    def track_time_per_example(self, digits: Dataset, depth: int) -> float:
        """An epoch of [784, 30, ..., 30, 10]."""
        return _microseconds("784," + "30," * depth + "10", first_of(digits, _MANY))

    track_time_per_example.unit = _UNIT


class MiniBatch(_Curve):
    """[784, 30, 10]."""

    params = (1, 3, 10, 30, 100, 300, 1000)
    param_names = ("mini-batch",)

    def track_time_per_example(self, digits: Dataset, mini_batch: int) -> float:
        """An epoch with mini-batches of this size."""
        return _microseconds("784,30,10", first_of(digits, _MANY), mini_batch)

    track_time_per_example.unit = _UNIT


class Examples(_Curve):
    """[784, 30, 10] on images drawn from MNIST's with replacement, which are as sparse as MNIST."""

    params = (1000, 10_000, 100_000, 1_000_000)
    param_names = ("examples",)

    def track_time_per_example(self, digits: Dataset, examples: int) -> float:
        """An epoch of this many examples."""
        rows = np.random.default_rng(1).integers(len(digits), size=examples)
        store = digits.store
        drawn = Dataset(store.inputs[rows], store.targets[rows], classes=10, scale=1 / 256)
        return _microseconds("784,30,10", drawn)

    track_time_per_example.unit = _UNIT
