"""Means of a few runs and their intervals."""

import math

import numpy as np
import pytest
from refusals import assert_refused

from fastnn.common.intervals import mean_interval, single_run_interval, student_t

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
