"""When a run is over, told from its options and its history."""

import pytest

from fastnn.model.history import History
from fastnn.schedules import Halving
from fastnn.training.checked_options import check_options
from fastnn.training.stopping import FINISHED, best_so_far, reason_to_stop, schedule_figures


def options(**given):
    usual = {"epochs": 9, "mini_batch_size": 5, "eta": 0.1, "monitor_evaluation_accuracy": True}
    return check_options({**usual, **given}, hidden_layers=1, has_evaluation_data=True)


def after(accuracies, costs=()):
    history = History(list(costs), list(accuracies), [], [])
    history.epoch_seconds = [0.1] * max(len(accuracies), len(costs))
    return history


def test_a_run_is_over_when_its_epochs_are_done():
    assert reason_to_stop(options(epochs=2), after([1])) is None
    assert reason_to_stop(options(epochs=2), after([1, 2])) == FINISHED
    assert reason_to_stop(options(epochs=0), after([])) == FINISHED


@pytest.mark.parametrize(
    ("accuracies", "best"), [([5, 3, 4], 0), ([5, 5, 5], 0), ([3, 5, 4], 1)], ids=str
)
def test_early_stopping_counts_from_the_first_of_the_best_epochs(accuracies, best):
    patient = options(early_stopping_n=2)
    history = after(accuracies)
    assert best_so_far(patient, history) == best
    reason = reason_to_stop(patient, history)
    if best == 0:
        assert (
            reason == "the accuracy on evaluation data has not improved in 2 epochs since epoch 0"
        )
    else:
        assert reason is None


def test_without_accuracies_early_stopping_goes_by_the_smallest_cost():
    by_cost = options(
        early_stopping_n=1, monitor_evaluation_accuracy=False, monitor_evaluation_cost=True
    )
    assert best_so_far(by_cost, after([], [0.3, 0.1, 0.2])) == 1
    assert reason_to_stop(by_cost, after([], [0.3, 0.1])) is None
    assert "the cost on evaluation data" in reason_to_stop(by_cost, after([], [0.3, 0.1, 0.2]))


def test_a_schedule_that_goes_by_accuracies_gets_them():
    history = after([7, 8])
    assert schedule_figures(options(schedule=Halving(5)), history) == [7, 8]
    assert schedule_figures(options(schedule=lambda epoch: 1.0), history) == ()
