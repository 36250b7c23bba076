"""The compiled shuffle is Python's `random.shuffle`, and leaves the generator in the same state."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest

from fastnn.kernels.shuffle import shuffle

NUMBERS_DRAWN_BEFORE = [0, 1, 311, 312, 400]  # of 312 in each block of the generator's state


@pytest.mark.parametrize(
    ("n", "drawn_before"),
    [
        *itertools.product([1, 2, 3, 10, 255, 256, 257, 1000], NUMBERS_DRAWN_BEFORE),
        (70_000, 0),
        (70_000, 311),
    ],
)
@pytest.mark.parametrize("dtype", [np.int32, np.int64])
def test_shuffle_is_that_of_python_and_leaves_the_same_state(n, drawn_before, dtype):
    random.seed(n)
    for _ in range(drawn_before):
        random.random()
    order, state = np.arange(n, dtype=dtype), np.array(random.getstate()[1], np.int64)
    shuffle(order, state)
    expected = list(range(n))
    random.shuffle(expected)
    assert order.tolist() == expected
    assert tuple(state.tolist()) == random.getstate()[1]
