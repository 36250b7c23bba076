"""The examples that the networks of `whole_runs` learn from, and which short calls were taken."""

from __future__ import annotations

import pytest
from builders import digits, labelled

from fastnn.engine.short_epoch import ShortEpoch


@pytest.fixture
def data():
    return digits(150, 20, 5, seed=10)


@pytest.fixture
def held_out():
    return labelled(digits(140, 20, 5, seed=11))


@pytest.fixture
def taken(monkeypatch):
    """Note of each call whether pairs and parameters were taken."""
    seen = []
    take = ShortEpoch.take

    def noted(self, *arguments):
        seen.append(take(self, *arguments))
        return seen[-1]

    monkeypatch.setattr(ShortEpoch, "take", noted)
    return seen
