"""What the core can do at most: all threads begin at once, and their rates are added."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.support import ceilings

pytestmark = [pytest.mark.thorough, pytest.mark.compiled]


@pytest.mark.parametrize("threads", [1, 3])
def test_the_peak_of_all_is_the_sum_of_the_threads(threads, monkeypatch):
    monkeypatch.setattr(ceilings, "_LANES", (16, 32))
    monkeypatch.setattr(ceilings, "_TURNS", 100)

    def seconds_of(call):
        call()
        return 0.5

    monkeypatch.setattr(ceilings, "seconds_of", seconds_of)
    # 2 chains of 16 lanes take as many turns more as they are shorter: the same operations.
    operations = 2 * 2 * 16 * (100 * 2560 // 16)
    assert ceilings.fma_peak_of_all(np.float32, threads) == threads * operations / 0.5
