"""Schedules by themselves: factors, reasons to stop, checks, and what checkpoints hold of them."""

from __future__ import annotations

import json
import random
from math import inf, nan

import pytest

from fastnn import reference, schedules
from fastnn.model.history import History
from fastnn.reference.stopping import HalvedRate
from fastnn.schedules import SCHEDULES, Halving


def falling(epoch):
    return 0.5**epoch


def test_halving_waits_for_n_epochs_since_the_best_or_the_last_halving():
    halving = Halving(n=2)
    accuracies = [5, 7, 7, 6, 6, 6, 8, 8, 8]
    factors = [halving.factor(accuracies[:epochs]) for epochs in range(len(accuracies) + 1)]
    assert factors == [1, 1, 1, 1, 1 / 2, 1 / 2, 1 / 4, 1 / 4, 1 / 4, 1 / 8]


@pytest.mark.parametrize("n", [1, 2, 3, 10])
@pytest.mark.parametrize("seed", range(5))
def test_halving_goes_on_and_stops_as_the_reference(n, seed):
    drawn = random.Random(seed)
    accuracies = [drawn.randrange(20) for _ in range(80)]
    rate = HalvedRate(reference.Halving(n=n, smallest=1 / 8))
    halving = Halving(n=n, smallest=1 / 8)
    for epoch, accuracy in enumerate(accuracies):
        factor = schedules.factor_for(halving, epoch, accuracies[:epoch])
        assert factor == rate(epoch)
        going = rate.keep_going(accuracy)
        reason = schedules.reason_to_stop(halving, accuracies[: epoch + 1])
        assert going == (reason is None)
        if not going:
            assert reason == "the learning rate has come down to 0.125 of what it was"
            return
    assert n == 10  # the others have stopped


def test_halving_is_by_default_the_books():
    assert Halving() == Halving(n=10, smallest=1 / 128)


def test_a_function_goes_by_the_epoch_and_never_stops():
    assert schedules.figure_of(falling) is None
    assert [schedules.factor_for(falling, epoch, ()) for epoch in range(3)] == [1.0, 0.5, 0.25]
    assert schedules.reason_to_stop(falling, ()) is None


def test_no_schedule_leaves_the_rate_alone():
    assert schedules.factor_for(None, 3, ()) == 1.0
    assert schedules.reason_to_stop(None, ()) is None


@pytest.mark.parametrize("factor", [float("nan"), float("inf"), None, "1", True])
def test_a_function_must_return_a_finite_number(factor):
    with pytest.raises((TypeError, ValueError), match=r"^schedule\(2\) must be a finite number"):
        schedules.factor_for(lambda epoch: factor, 2, ())


@pytest.mark.parametrize("wrong", [0.5, "halving", [1, 2], (10, 0.5)])
def test_what_is_no_schedule_is_refused(wrong):
    with pytest.raises(TypeError, match=r"^schedule must be a function .* or a Halving.*, got "):
        schedules.check_schedule("schedule", wrong)


@pytest.mark.parametrize("kind", SCHEDULES)
def test_each_schedule_checks_itself_and_goes_by_a_figure_of_the_history(kind):
    assert schedules.check_schedule("schedule", kind()) == kind()
    assert schedules.figure_of(kind()) in History._fields
    assert kind().factor([]) == 1.0
    assert kind().reason_to_stop([]) is None
    with pytest.raises((TypeError, ValueError), match=r"^schedule\."):
        schedules.check_schedule("schedule", kind(*["x"] * len(kind._fields)))


@pytest.mark.parametrize("schedule", [None, *(kind(3) for kind in SCHEDULES)])
def test_a_schedule_comes_back_from_json(schedule):
    stored = json.loads(json.dumps(schedules.stored_schedule(schedule)))
    back = schedules.read_schedule(stored)
    assert back == schedule
    assert type(back) is type(schedule)


def test_a_function_is_known_to_have_been_one():
    stored = schedules.stored_schedule(falling)
    assert stored == "function"
    assert schedules.read_schedule(stored) is None


def test_earlier_checkpoints_hold_the_numbers_of_a_halving_without_its_name():
    assert schedules.read_schedule([3, 0.25]) == Halving(3, 0.25)


def test_a_schedule_of_another_name_is_refused():
    with pytest.raises(ValueError, match=r"^its schedule must be one of .*Halving.* 'Cosine'$"):
        schedules.read_schedule(["Cosine", [3]])


def test_stalls_are_counted_for_figures_of_which_the_smallest_is_best():
    costs = [3.0, 2.0, 2.0, 2.5, 1.0, 1.0, 1.0, 1.0]
    stalls = [
        schedules.count_stalls(costs[:epochs], 2, larger_is_better=False)
        for epochs in range(len(costs) + 1)
    ]
    assert stalls == [0, 0, 0, 0, 1, 1, 1, 2, 2]


@pytest.mark.parametrize(
    ("figures", "larger_is_better", "best"),
    [([], True, -1), ([2, 5, 5, 1], True, 1), ([2.0, 0.5, 0.5], False, 1), ([1], False, 0)],
)
def test_the_best_epoch_is_the_first_of_equals(figures, larger_is_better, best):
    assert schedules.best_epoch(figures, larger_is_better) == best


@pytest.mark.parametrize(
    ("figures", "larger_is_better", "best"),
    [
        ([nan, 3.0, 2.0, nan], False, 2),
        ([nan, 3.0, 2.0, nan], True, 1),
        ([nan, nan, inf], False, 2),
        ([1.0, nan, 0.5], False, 2),
        ([nan, nan], False, 0),
    ],
    ids=str,
)
def test_any_number_is_better_than_nan(figures, larger_is_better, best):
    assert schedules.best_epoch(figures, larger_is_better) == best


def test_nan_is_an_epoch_without_a_new_best_accuracy_for_stalls():
    assert schedules.count_stalls([nan, 5, nan, 5], 2, larger_is_better=True) == 1
    assert schedules.count_stalls([nan, 5, 6, 7], 2, larger_is_better=True) == 0
