"""The number that sums up the values of all seeds, and its intervals."""

import numpy as np
import pytest

from fastnn.chapter5.experiment import Measurement
from fastnn.chapter5.results import single_runs, summary


def test_ratios_are_summed_up_by_their_geometric_mean():
    measurement = Measurement("factor", None, np.array([1.0, 4.0, 16.0]), "geometric mean")
    mean, low, high = summary(measurement)
    assert mean == pytest.approx(4.0)
    assert low * high == pytest.approx(16.0)
    assert single_runs(measurement)[0] < low


def test_differences_are_summed_up_by_the_largest():
    measurement = Measurement("difference", "equal", np.array([1e-12, 3e-12]), "largest")
    assert summary(measurement).mean == 3e-12
    assert single_runs(measurement) == (None, None)
