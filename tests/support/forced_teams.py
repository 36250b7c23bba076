"""Make teams of threads train networks that are too small for them."""

from __future__ import annotations

import random

import numpy as np
from builders import digits, seeded_network

from fastnn import network2
from fastnn.engine import teams
from fastnn.engine.faster_way import Choice

SIZES = [40, 90, 70, 5]


class Together(Choice):
    """Always choose the team."""

    def next(self):
        return 1


class ByTurns(Choice):
    """Choose one thread and the team in turn."""

    def next(self):
        self._calls += 1
        return self._calls % 2


def go_by(monkeypatch, choice):
    """Decide about threads as a `Choice` of this class does."""
    monkeypatch.setattr(teams, "choice_for", lambda *work: choice())


def trained(
    threads, build=digits, mini_batch_size=7, dtype=np.float64, sizes=SIZES, n=300, **options
):
    net = seeded_network(network2, sizes, dtype=dtype)
    random.seed(3)
    how = {"eta": 0.5, "lmbda": 1.0, "threads": threads, "verbose": False, **options}
    data = build(n, sizes[0], sizes[-1], seed=1, dtype=np.float32)
    net.SGD(data, 2, mini_batch_size, **how)
    return net
