"""The rows and moving pictures of the page: how numbers are written, and which frames are kept."""

import numpy as np
import pytest

from fastnn.chapter5.claims import Claim, at_least, identity, printed, summarise
from fastnn.chapter5.page import Motion, Row


def row(values, average="mean", **options):
    return Row("speed", summarise(np.array(values, float), average), **options)


def test_digits_follow_from_the_width_of_the_interval():
    wide = row([96.5, 96.7, 96.6, 96.4, 96.8])
    assert wide.measured == "96.60"
    assert wide.interval == "96.40 to 96.80"
    assert row([0.012, 0.013, 0.0125]).measured == "0.0125"


@pytest.mark.parametrize(
    ("values", "low", "high"),
    [([1e-2, 1.0, 1.1, 0.4], "0.00761", "8.7"), ([1, 2, 3, 900.0], "0.0584", "1,259")],
)
def test_a_geometric_mean_is_above_0_and_so_is_the_lower_end_of_its_interval(values, low, high):
    assert row(values, "geometric mean").interval == f"{low} to {high}"


def test_intervals_end_where_what_is_possible_ends():
    accuracies, claim = [9.0, 76.0], Claim("50 %", "Text", printed("50"))
    free, bounded = (
        row(accuracies, claim=claim, possible=possible)
        for possible in ((-np.inf, np.inf), (0.0, 100.0))
    )
    assert free.interval == "−383 to 468"
    assert bounded.interval == "0 to 100"
    assert bounded.measured == free.measured
    shown = row([99.0, 99.5, 100, 100, 98], claim=claim, possible=(0.0, 100.0))
    assert shown.single_runs.endswith(" to 100.0")
    assert row([1.0], possible=(0.0, 1.0)).interval == ""


def test_a_row_says_which_average_it_shows():
    assert row([1, 2, 3]).average == "mean of 3 seeds"
    assert row([1, 2, 3], "geometric mean").average == "geometric mean of 3 seeds"
    assert row([1, 2, 3], "largest").average == "largest of 3 seeds"
    assert row([1]).average == "1 seed"


def test_a_number_judged_by_single_runs_stands_beside_their_interval():
    of_one_run = Claim("1.1", "Eq. 5", printed("1.1"))
    values = [0.9, 0.95, 1.0, 1.05, 1.1]
    assert row(values, claim=of_one_run).single_runs == "0.760 to 1.240"
    assert row(values, claim=Claim("much", "Eq. 5", at_least(2))).single_runs == ""


def test_exact_values_claim_no_seeds_and_no_interval():
    exact = row([25, 25, 25], "exact")
    assert (exact.measured, exact.interval, exact.average) == ("25", "", "")


def test_settings_that_are_not_the_chapters_decide_nothing_but_mathematics():
    values = [3.0, 3.1, 2.9, 3.0, 3.0]
    words = Claim("much", "Eq. 5", at_least(2))
    number = Claim("3", "Eq. 5", identity("3"))
    assert row(values, claim=words).verdict == "agrees"
    assert row(values, claim=words, conclusive=False).verdict == "cannot be told"
    assert row([3.0], "exact", claim=number, conclusive=False).verdict == "agrees"
    assert row(values).verdict is None


def test_frames_are_relative_to_the_longest_bar_of_all_epochs():
    bars = np.array([[[0.2, 0.1]], [[0.05, 0.4]]])
    moving = Motion("bars", "Bars.", bars)
    assert moving.frames == [[[500.0, 250.0]], [[125.0, 1000.0]]]
    assert moving.longest == "0.4"
    assert moving.epochs == [0, 1]


def test_a_long_training_shows_evenly_spaced_epochs_with_the_first_and_the_last():
    moving = Motion("bars", "Bars.", np.ones((3001, 1, 1)))
    assert len(moving.frames) == len(moving.epochs) == 501
    assert (moving.epochs[0], moving.epochs[1], moving.epochs[-1]) == (0, 6, 3000)
