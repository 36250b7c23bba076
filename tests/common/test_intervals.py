"""Means of a few runs and their intervals."""

import math

import numpy as np
import pytest
from refusals import assert_refused

from fastnn.common.intervals import (
    chance_beyond,
    mean_interval,
    proportion_interval,
    single_run_interval,
    student_t,
)

# Two-sided 95 % quantiles from printed tables of Student's distribution.
TABLE = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 9: 2.262, 19: 2.093, 30: 2.042}


@pytest.mark.parametrize("freedom", TABLE)
def test_student_t_is_that_of_the_tables(freedom):
    assert student_t(freedom) == pytest.approx(TABLE[freedom], abs=5e-4)


def test_student_t_approaches_that_of_the_normal_distribution():
    assert student_t(100_000) == pytest.approx(1.959964, abs=5e-5)


def test_an_interval_worked_by_hand():
    mean, low, high = mean_interval([1.0, 2.0, 3.0, 4.0])
    half = TABLE[3] * math.sqrt(5 / 3) / 2
    assert mean == 2.5
    assert (low, high) == pytest.approx((2.5 - half, 2.5 + half), abs=1e-3)


def test_about_95_in_100_intervals_hold_the_true_mean():
    rng = np.random.default_rng(1)
    held = [
        low < 7 < high for _, low, high in (mean_interval(rng.normal(7, 2, 5)) for _ in range(2000))
    ]
    assert 0.935 < np.mean(held) < 0.965


def test_about_95_in_100_single_runs_lie_within_their_interval():
    rng = np.random.default_rng(1)
    held = []
    for _ in range(2000):
        _, low, high = single_run_interval(rng.normal(7, 2, 5))
        held.append(low < rng.normal(7, 2) < high)
    assert 0.935 < np.mean(held) < 0.965


def test_one_run_has_a_mean_and_no_interval():
    mean, low, high = mean_interval([3.0])
    assert mean == 3
    assert math.isnan(low)
    assert math.isnan(high)


@pytest.mark.parametrize("values", [[], [1.0, math.nan], [[1.0], [2.0]]], ids=str)
def test_what_is_no_list_of_finite_numbers_is_refused(values):
    assert_refused(lambda: mean_interval(values), ValueError, "values", "(runs,)")


def test_intervals_of_proportions_stay_within_0_and_1():
    for values in ([0.99, 1.0, 1.0, 0.95], [0.0, 0.001, 0.2], [0.5, 0.5, 0.4999]):
        mean, low, high = proportion_interval(values)
        assert mean == mean_interval(values).mean
        assert 0.0 <= low < mean < high <= 1.0
    assert proportion_interval([1.0, 1.0, 1.0]) == (1.0, 1.0, 1.0)
    assert proportion_interval([0.25, 0.25]) == (0.25, 0.25, 0.25)
    assert math.isnan(proportion_interval([0.25]).low)
    near, wide = proportion_interval([0.5, 0.501, 0.499]), mean_interval([0.5, 0.501, 0.499])
    np.testing.assert_allclose(near, wide, rtol=1e-5)


@pytest.mark.parametrize("values", [[0.5, 1.1], [-0.1, 0.2]])
def test_proportions_beyond_0_and_1_are_refused(values):
    assert_refused(lambda: proportion_interval(values), ValueError, "values", "from 0 to 1")


def test_intervals_of_proportions_hold_the_true_one_as_often_as_they_say():
    rng = np.random.default_rng(1)
    drawn = rng.beta(97, 3, (4000, 10))
    held = [low <= 0.97 <= high for _, low, high in map(proportion_interval, drawn)]
    assert 0.93 < np.mean(held) < 0.97


@pytest.mark.parametrize("freedom", [1, 2, 5, 30])
def test_p_values_are_those_of_student(freedom):
    stats = pytest.importorskip("scipy.stats")
    for t in (0.0, 0.3, -2.0, 7.0):
        wanted = 2 * stats.t.sf(abs(t), freedom)
        assert chance_beyond(t, freedom) == pytest.approx(wanted, rel=1e-9, abs=1e-14)
    assert chance_beyond(student_t(freedom), freedom) == pytest.approx(0.05)
    assert chance_beyond(math.inf, freedom) == pytest.approx(0.0, abs=1e-12)
