"""Make teams of threads train networks that are too small for them."""

from __future__ import annotations

import random

import numpy as np
from builders import digits, seeded_network

from fastnn import network2
from fastnn.engine import short_calls, teams
from fastnn.engine.faster_way import Choice, choice_for
from fastnn.training import option_checks

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


def form_small_teams(monkeypatch, threads):
    """Form teams on any machine, for the smallest work, and in many short calls.

    Forget what other tests have measured.
    """
    monkeypatch.setattr(option_checks, "threads_available", lambda: threads)
    monkeypatch.setattr(teams, "_WORTH_SPLITTING", 1)
    monkeypatch.setattr(short_calls, "_LONGEST_CALL", 0.0)
    choice_for.cache_clear()


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
