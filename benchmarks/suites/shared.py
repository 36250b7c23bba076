"""What the suites share: data, networks, and how to take a time.

All suites keep these rules. Data come from `setup_cache`, which asv runs once. `setup` compiles for
the types that are timed. A benchmark that changes its network runs once on a fresh one (`number =
1`).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from fastnn import Dataset, mnist_loader, network2, reference

IMPLEMENTATIONS = ("reference", "fastnn")
SIZES = ("784,30,10", "784,30,30,30,30,10", "784,100,10")
DTYPES = ("float64", "float32")

MINI_BATCH, ETA, LMBDA = 10, 0.1, 5.0

# Enough examples for benchmarks of both implementations: the reference takes a second and more for
# MNIST's 50,000.
EXAMPLES = 2000


class FewDigits:
    """A base for benchmarks of both implementations: the first examples of MNIST."""

    number = 1
    warmup_time = 0.0

    def setup_cache(self) -> tuple[Dataset, Dataset]:
        """Training and validation data."""
        training, validation, _ = mnist_loader.load_data_wrapper()
        return first_of(training, EXAMPLES), first_of(validation, EXAMPLES)


class AllDigits:
    """A base for benchmarks of fastnn alone: all of MNIST."""

    number = 1
    warmup_time = 0.0

    def setup_cache(self) -> tuple[Dataset, Dataset]:
        """Training and validation data."""
        training, validation, _ = mnist_loader.load_data_wrapper()
        return training, validation


def first_of(data: Dataset, count: int) -> Dataset:
    """A new data set of the first examples, not a view."""
    store = data.store
    return Dataset(
        store.inputs[:count], store.targets[:count], classes=store.classes, scale=1 / 256
    )


def network(
    implementation: str, sizes: str, dtype: npt.DTypeLike = np.float64, **options: Any
) -> Any:
    """A network of either implementation, always with the same initial values."""
    np.random.seed(1)
    layers = [int(size) for size in sizes.split(",")]
    if implementation == "reference":
        return reference.Network(layers, **options)
    return network2.Network(layers, dtype=dtype, **options)


def examples_for(implementation: str, data: Dataset) -> Any:
    """What `SGD` is given: a list of pairs, as the book's loader makes it, or fastnn's data set."""
    return list(data) if implementation == "reference" else data


def train(
    net: Any,
    data: Any,
    mini_batch: int = MINI_BATCH,
    epochs: int = 1,
    eta: float = ETA,
    **options: Any,
) -> None:
    """Train as chapter 5 does, silently; `SGD` gets the `options`."""
    net.SGD(data, epochs, mini_batch, eta, LMBDA, verbose=False, **options)


def best_seconds(call: Callable[[], Any], repeats: int = 3) -> float:
    """The shortest of several times. A first call, which may compile, does not count."""
    call()
    seconds = []
    for _ in range(repeats):
        started = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - started)
    return min(seconds)
