"""The examples that the networks of `whole_runs` learn from."""

from __future__ import annotations

import pytest
from builders import digits, labelled


@pytest.fixture
def data():
    return digits(150, 20, 5, seed=10)


@pytest.fixture
def held_out():
    return labelled(digits(140, 20, 5, seed=11))
