"""Histories: network2's four lists with names, and their way through files."""

from __future__ import annotations

import json
import pickle

import numpy as np
import pytest

from fastnn.model.history import History


def history_of_two_epochs():
    history = History([0.5, 0.25], [3, 4], [], [5, 6])
    history.layer_speeds = [np.array([0.1, 0.2]), np.array([0.3, 1 / 3])]
    history.epoch_seconds = [0.125, 0.5]
    history.stopped_because = "all epochs are done"
    history.best_epoch = 1
    history.seconds["training"] = 0.625
    return history


@pytest.mark.parametrize(("best_epoch", "final"), [(None, 3), (1, 9)], ids=["last", "best"])
def test_the_final_accuracy_is_that_of_the_weights_that_the_network_has(best_epoch, final):
    history = History([], [5, 9, 3], [], [])
    history.best_epoch = best_epoch
    assert history.final_evaluation_accuracy == final
    assert History().final_evaluation_accuracy is None


def test_a_history_is_network2s_tuple_of_lists():
    evaluation_cost, evaluation_accuracy, training_cost, training_accuracy = history_of_two_epochs()
    assert (evaluation_cost, evaluation_accuracy) == ([0.5, 0.25], [3, 4])
    assert (training_cost, training_accuracy) == ([], [5, 6])
    assert History() == ([], [], [], [])


def through_json(history):
    return History.from_dict(json.loads(json.dumps(history.to_dict())))


def through_pickle(history):
    return pickle.loads(pickle.dumps(history))


@pytest.mark.parametrize("kept", [through_json, through_pickle])
def test_a_history_comes_back_as_it_was(kept):
    history = history_of_two_epochs()
    again = kept(history)
    assert again == history
    assert again.to_dict() == history.to_dict()
    assert [speeds.dtype for speeds in again.layer_speeds] == [np.float64] * 2
    assert kept(History()).to_dict() == History().to_dict()


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"training_cost": [0.5]}, ValueError, "training_cost of .* 2 epochs .* or none, got 1"),
        ({"layer_speeds": [[0.1, 0.2]]}, ValueError, "layer_speeds of .* 2 epochs .* got 1"),
        ({"epoch_seconds": [0.125]}, ValueError, "evaluation_cost of .* 1 epochs .* got 2"),
        ({"evaluation_accuracy": ["many", "few"]}, ValueError, "'many'"),
        ({"seconds": {}}, ValueError, "lacks"),
        ({"seconds": None}, TypeError, "got None"),
        ({"training_cost": None}, TypeError, "None"),
    ],
    ids=str,
)
def test_what_is_no_history_is_refused(changes, error, words):
    with pytest.raises(error, match=words):
        History.from_dict({**history_of_two_epochs().to_dict(), **changes})


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ([], r"content must be a dict, as `to_dict` makes it, got \[\]"),
        (None, "content must be a dict, .* got None"),
        ({}, r"content must have the keys .* lacks \['evaluation_cost', "),
        ({**History().to_dict(), "seconds": {}}, r'content\["seconds"\] .* lacks \[.preparing'),
    ],
)
def test_a_refusal_names_the_keys(content, words):
    with pytest.raises((TypeError, ValueError), match=words):
        History.from_dict(content)


def test_json_can_hold_a_history_with_numpys_numbers_and_gives_back_equal_ones():
    history = history_of_two_epochs()
    history.evaluation_cost[:] = np.float32(0.5), np.array(0.25)
    history.evaluation_accuracy[:] = np.int64(3), 0.4
    history.epoch_seconds[0] = np.float32(0.125)
    history.seconds["training"] = np.float16(0.625)
    again = through_json(history)
    assert again == history
    assert [*map(type, again.evaluation_accuracy)] == [int, float]
    assert again.to_dict() == history.to_dict()


def test_keys_of_others_beside_those_of_a_history_are_passed_over():
    history = history_of_two_epochs()
    assert History.from_dict({**history.to_dict(), "name": "the first"}) == history


def test_time_is_added_where_it_was_spent_even_if_that_fails():
    history = History()
    with pytest.raises(KeyboardInterrupt), history.timed("training"):
        raise KeyboardInterrupt
    first = history.seconds["training"]
    with history.timed("training"):
        pass
    assert history.seconds["training"] > first > 0.0
    assert history.seconds["evaluating"] == 0.0


def test_the_repr_says_how_long_how_well_and_why_it_ended():
    assert repr(history_of_two_epochs()) == (
        "History(2 epochs, evaluation_cost 0.25, evaluation_accuracy 4, training_accuracy 6, "
        "stopped because all epochs are done)"
    )
    history = History([0.25, 0.5], [], [], [])
    history.epoch_seconds = [0.1, 0.1]
    assert repr(history) == "History(2 epochs, evaluation_cost 0.5 (best 0.25))"
    history.evaluation_cost[0] = np.nan
    assert repr(history) == "History(2 epochs, evaluation_cost 0.5)"


def test_a_notebook_sees_a_curve_of_each_figure_and_of_the_speed_of_each_layer():
    shown = history_of_two_epochs()._repr_html_()
    assert shown.count("<svg") == 3 + 2
    assert "last 0.25, best 0.25" in shown
    assert "speed of layer 2 (log)" in shown


def test_the_table_has_a_row_an_epoch_and_the_figures_that_were_monitored():
    pandas = pytest.importorskip("pandas")
    table = history_of_two_epochs().to_pandas()
    assert isinstance(table, pandas.DataFrame)
    assert table.to_dict("list") == {
        "evaluation_cost": [0.5, 0.25],
        "evaluation_accuracy": [3, 4],
        "training_accuracy": [5, 6],
        "layer_speed_1": [0.1, 0.3],
        "layer_speed_2": [0.2, 1 / 3],
        "epoch_seconds": [0.125, 0.5],
    }
    assert table.index.name == "epoch"
    assert len(History().to_pandas()) == 0


def test_a_history_with_other_lists_knows_all_else():
    history = history_of_two_epochs()
    for replaced in (
        history._replace(training_cost=[2, 1]),
        history.__replace__(training_cost=[2, 1]),
    ):
        assert replaced.to_dict() == {**history.to_dict(), "training_cost": [2, 1]}
        assert repr(replaced).startswith("History(2 epochs")
    with pytest.raises((TypeError, ValueError), match="loss"):
        history._replace(loss=[])


def test_a_history_made_of_lists_has_nothing_else_recorded():
    made = History._make([[0.5], [], [], []])
    assert made.to_dict() == History([0.5], [], [], []).to_dict()
    assert repr(made).startswith("History(0 epochs")
    with pytest.raises(TypeError, match="4"):
        History._make([])
