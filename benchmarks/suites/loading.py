"""How long loading takes, from files on the disk to training data."""

from __future__ import annotations

import gzip
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np

from fastnn import mnist_loader, reference

_BOOKS_FILE = "mnist.pkl.gz"


class Loading:
    """All 70,000 examples.

    The reference reads the book's file as the book's `mnist_loader` does; fastnn reads its own
    file, and the book's.
    """

    params = ("reference, book's file", "fastnn", "fastnn, book's file")
    param_names = ("implementation",)
    number = 1
    warmup_time = 0.0

    def setup_cache(self) -> None:
        """Write a file like the book's into the folder where asv runs the benchmark."""
        with gzip.open(_BOOKS_FILE, "wb", compresslevel=1) as file:
            pickle.dump(mnist_loader.load_data(), file)

    def setup(self, implementation: str) -> None:
        """Choose what to call."""
        self.load: Callable[[], Any] = {
            "reference, book's file": _load_as_the_book_does,
            "fastnn": mnist_loader.load_data_wrapper,
            "fastnn, book's file": lambda: mnist_loader.load_data_wrapper(_BOOKS_FILE),
        }[implementation]

    def time_load_data(self, implementation: str) -> None:
        """Training, validation and test data."""
        self.load()


def _load_as_the_book_does() -> tuple[list[Any], list[Any], list[Any]]:
    with gzip.open(_BOOKS_FILE, "rb") as file:
        training, validation, test = pickle.load(file)
    columns = [[np.reshape(x, (784, 1)) for x in part[0]] for part in (training, validation, test)]
    results = [reference.vectorized_result(label) for label in training[1]]
    return (
        list(zip(columns[0], results, strict=True)),
        list(zip(columns[1], validation[1], strict=True)),
        list(zip(columns[2], test[1], strict=True)),
    )
