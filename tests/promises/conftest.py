"""What networks with methods of a user's own are trained on and measured with."""

from __future__ import annotations

import pytest
from builders import digits, labelled


@pytest.fixture
def data():
    return digits(31, 12, 4, seed=1)


@pytest.fixture
def held_out():
    return labelled(digits(17, 12, 4, seed=2))
