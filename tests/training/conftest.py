"""The examples that the networks of `training_runs` learn from."""

from __future__ import annotations

import pytest
from builders import digits, labelled
from training_runs import SIZES, N


@pytest.fixture
def data():
    return digits(N, SIZES[0], SIZES[-1], seed=1)


@pytest.fixture
def held_out():
    return labelled(digits(40, SIZES[0], SIZES[-1], seed=2))
