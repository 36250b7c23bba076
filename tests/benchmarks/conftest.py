"""Tasks and programs for tests of the race and of the commands that print it."""

import pytest

from benchmarks.programs.numpy_matrix import NumpyMatrix
from benchmarks.support import race


@pytest.fixture(scope="session")
def tasks():
    """495 examples, so that the last mini-batch is short."""
    return race.make_tasks([784, 12, 10], ("float64", "float32"), 10, threads=1, examples=495)


class TooEager(NumpyMatrix):
    """Does not decay."""

    name = "too eager"

    def _step(self, x, y):
        super()._step(x, y)
        for w in self._weights:
            w /= self._task.decay


@pytest.fixture
def too_eager():
    """A program that trains differently from all others."""
    return TooEager
