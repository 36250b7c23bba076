"""The figure of a run's history: which curves, in which units, and what it refuses."""

from __future__ import annotations

import re

import numpy as np
import pytest

from fastnn import plots
from fastnn.common.intervals import mean_interval
from fastnn.model.history import History

pytest.importorskip("matplotlib")
from matplotlib.figure import Figure


def history_of(**figures):
    names = ("evaluation_cost", "evaluation_accuracy", "training_cost", "training_accuracy")
    return History(*(figures.get(name, []) for name in names))


def test_a_run_is_drawn_as_a_curve_for_each_set_of_data(ax):
    run = history_of(evaluation_accuracy=[5, 8, 9], training_accuracy=[40, 90, 95])
    plots.history(run, n_training=100, n_evaluation=10, ax=ax)
    assert [line.get_label() for line in ax.get_lines()] == ["training data", "evaluation data"]
    np.testing.assert_allclose(ax.get_lines()[0].get_ydata(), [40, 90, 95])
    np.testing.assert_allclose(ax.get_lines()[1].get_ydata(), [50, 80, 90])
    assert ax.get_ylabel() == "accuracy, %"


def test_without_sizes_accuracies_are_numbers_of_examples(ax):
    plots.history(history_of(evaluation_accuracy=[5, 8]), ax=ax)
    np.testing.assert_allclose(ax.get_lines()[0].get_ydata(), [5, 8])
    assert ax.get_ylabel() == "right answers"


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ({"n_evaluation": 10}, "n_training must be given, too"),
        ({"n_training": 100}, "n_evaluation must be given, too"),
        (
            {"n_training": 100, "n_evaluation": 8},
            "n_evaluation must be the number of examples, got 8: a run has 9 right answers",
        ),
        ({"n_training": 100, "n_evaluation": 0}, "n_evaluation must be an integer of at least 1"),
    ],
)
def test_per_cent_and_numbers_of_examples_are_not_drawn_on_one_axis(ax, sizes, message):
    run = history_of(evaluation_accuracy=[5, 9], training_accuracy=[40, 90])
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        plots.history(run, ax=ax, **sizes)
    assert not ax.get_lines()


def test_the_size_of_a_set_that_is_not_drawn_does_not_matter(ax):
    plots.history(history_of(evaluation_accuracy=[5]), n_training=1, n_evaluation=10, ax=ax)
    assert ax.get_ylabel() == "accuracy, %"


def test_costs_are_drawn_where_they_are_all_there_is_or_asked_for(ax):
    run = history_of(evaluation_accuracy=[5], training_cost=[0.5])
    plots.history(run, "cost", ax=ax)
    np.testing.assert_allclose(ax.get_lines()[0].get_ydata(), [0.5])
    assert ax.get_ylabel() == "cost"
    other = Figure().add_subplot()
    assert plots.history(history_of(training_cost=[0.5, 0.4]), ax=other).get_ylabel() == "cost"


def test_several_runs_are_their_mean_with_its_interval_as_long_as_two_go_on(ax):
    runs = [history_of(evaluation_cost=costs) for costs in ([3.0, 2.0, 1.0], [4.0, 3.0])]
    plots.history(runs, ax=ax)
    np.testing.assert_allclose(ax.get_lines()[0].get_ydata(), [3.5, 2.5, 1.0])
    edges = ax.collections[0].get_paths()[0].get_extents()
    assert edges.x1 == 1
    assert edges.y1 == pytest.approx(mean_interval([3.0, 4.0]).high)


def test_the_interval_of_an_accuracy_stays_within_0_and_100_per_cent(ax):
    runs = [history_of(evaluation_accuracy=[count]) for count in (10, 9, 10)]
    runs = [history_of(evaluation_accuracy=[*run.evaluation_accuracy] * 2) for run in runs]
    plots.history(runs, n_evaluation=10, ax=ax)
    assert ax.collections[0].get_paths()[0].get_extents().y1 == 100


@pytest.mark.parametrize(
    ("runs", "what", "message"),
    [
        (history_of(training_cost=[1.0]), "accuracy", "train with monitor_training_accuracy=True"),
        (history_of(), None, "runs must have monitored the cost"),
        (
            history_of(training_cost=[1.0]),
            "loss",
            'what must be "accuracy" or "cost", got \'loss\'',
        ),
        ([], None, r"runs must be what SGD returned, or a list of that, got \[\]"),
        ([history_of(training_cost=[1.0]), 3], None, r"runs\[1\] must be what SGD returned, got 3"),
    ],
)
def test_wrong_runs_are_refused_by_what_is_missing(runs, what, message, ax):
    with pytest.raises((TypeError, ValueError), match=message):
        plots.history(runs, what, ax=ax)


def test_speeds_that_were_not_monitored_are_asked_for_by_name(ax):
    with pytest.raises(ValueError, match=re.escape("monitor_layer_speeds=True")):
        plots.layer_speeds(history_of(training_cost=[1.0]), ax=ax)
