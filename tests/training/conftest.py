"""The examples that the networks of `training_runs` learn from, and a look at repeated calls."""

from __future__ import annotations

import pytest
from builders import digits, labelled
from training_runs import SIZES, N

from fastnn.training import repeats


@pytest.fixture
def data():
    return digits(N, SIZES[0], SIZES[-1], seed=1)


@pytest.fixture
def held_out():
    return labelled(digits(40, SIZES[0], SIZES[-1], seed=2))


@pytest.fixture
def again(monkeypatch):
    """Note of each call of `SGD` whether it used what was kept of the one before."""
    seen, run_again = [], repeats.run_again

    def noted(*arguments):
        history = run_again(*arguments)
        seen.append(history is not None)
        return history

    monkeypatch.setattr(repeats, "run_again", noted)
    return seen
