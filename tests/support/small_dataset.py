"""The size of a small data set, a comparison of its pairs, and a network trained on it."""

from __future__ import annotations

import random

import numpy as np
from builders import seeded_network

from fastnn import network2

N, INPUTS, CLASSES = 40, 12, 3


def assert_same_pairs(got, wanted):
    """Compare two sequences of (column, column or label), types and shapes too."""
    assert len(got) == len(wanted)
    for mine, theirs in zip(got, wanted, strict=True):
        for part, other in zip(mine, theirs, strict=True):
            assert type(part) is type(other)
            if isinstance(part, np.ndarray):
                assert (part.dtype, part.shape) == (other.dtype, other.shape)
            assert np.array_equal(part, other)


def trained(data, epochs=2):
    """A network after training on data, with seeds of its own."""
    net = seeded_network(network2, [INPUTS, 5, CLASSES], seed=2)
    random.seed(3)
    net.SGD(data, epochs, 7, 0.5, lmbda=0.1, verbose=False)
    return net
