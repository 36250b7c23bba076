"""The table that a sweep comes to: a sequence of rows, their means, and a data frame."""

import numpy as np
import pytest
import sweep_schedules
from refusals import assert_refused
from small_sweeps import sweep
from sweep_schedules import training_data

from fastnn.common import intervals
from fastnn.schedules import Halving
from fastnn.sweeps import Row, Sweep
from fastnn.sweeps.table import table_in_words


def test_the_summary_has_means_and_intervals_over_the_seeds():
    rows = sweep(seeds=range(5), grid={"eta": [0.1, 0.5]})
    for summary, part in zip(rows.summary(), (rows[:5], rows[5:]), strict=True):
        assert summary.settings == part[0].settings
        assert (summary.trained, summary.failed) == (5, 0)
        wanted = intervals.proportion_interval([row.final_accuracy for row in part])
        assert summary.final_accuracy == wanted
        wanted = intervals.proportion_interval([row.best_accuracy for row in part])
        assert summary.best_accuracy == wanted


def test_the_summary_says_what_differs_from_the_best_by_more_than_chance():
    rng = np.random.default_rng(1)
    of_seeds = rng.normal(0, 0.01, 20)
    rows = Sweep(
        Row({"eta": eta}, seed, final_accuracy=mean + of_seeds[seed] + rng.normal(0, 0.002))
        for eta, mean in ((0.1, 0.9), (0.2, 0.95), (0.3, 0.95), (0.4, 0.945))
        for seed in range(20)
    )
    far, first, second, near = (summary.gain for summary in rows.summary())
    best, alike = (first, second) if first is None else (second, first)
    assert best is None
    assert not far.is_chance
    assert far.seeds == 20
    assert far.accuracy.low < -0.05 < far.accuracy.high < 0
    assert alike.is_chance
    assert not near.is_chance  # it is less than what seeds differ by, and every seed has it


class Quartering(Halving):
    """As Halving, but by 4."""

    def factor(self, accuracies):
        return super().factor(accuracies) ** 2


def test_named_tuples_of_different_types_are_different_settings():
    pytest.importorskip("pandas")
    rows = sweep(grid={"schedule": [Halving(1), Quartering(1)]})
    assert [repr(one)[:25] for one in rows.summary()] == [
        "Summary(schedule=Halving(",
        "Summary(schedule=Quarteri",
    ]
    of_points = rows.to_pandas().groupby("schedule").seed.count()
    assert dict(of_points) == {"Halving(1,0.0078125)": 2, "Quartering(1,0.0078125)": 2}


def test_rows_of_several_sweeps_make_one_in_any_order():
    grid = {"eta": [0.1, 0.5]}
    wanted = sweep(seeds=range(4), grid=grid)
    parts = [sweep(seeds=seeds, grid=grid) for seeds in (range(2), range(2, 4))]
    joined = Sweep([row for part in parts for row in part])
    assert [one[:-1] for one in joined.summary()] == [one[:-1] for one in wanted.summary()]


def row(settings, seed=1, accuracy=0.5, **others):
    return Row(settings, seed, None, accuracy, accuracy, **others)


def test_sweeps_with_other_settings_are_joined_by_their_names():
    joined = Sweep(
        [row({"eta": 0.5, "lmbda": 0.0}), row({"lmbda": 4.0, "eta": 0.1}), row({"l1": 2})]
    )
    heads, *lines = table_in_words(joined)
    assert heads[:3] == ["eta", "lmbda", "l1"]
    assert [line[:3] for line in lines] == [["0.5", "0", "-"], ["0.1", "4", "-"], ["-", "-", "2"]]
    assert "<td" in joined._repr_html_()
    pandas = pytest.importorskip("pandas")
    wanted = {"eta": [0.5, 0.1, np.nan], "lmbda": [0.0, 4.0, np.nan], "l1": [np.nan, np.nan, 2]}
    frame = joined.to_pandas()[["eta", "lmbda", "l1"]]
    pandas.testing.assert_frame_equal(frame, pandas.DataFrame(wanted))


def test_a_network_that_is_in_several_sweeps_counts_once():
    failed = Row({"eta": 0.5}, 2, error="lost by the executor")
    first = [row({"eta": 0.5}, seed, seed / 10) for seed in range(4)]
    second = [row({"eta": 0.5}, seed, seed / 10) for seed in range(2, 6)]
    wanted = Sweep([*first, *second[2:]]).summary()
    assert Sweep([*first, *second]).summary() == wanted
    assert Sweep([failed, *first, *second, failed]).summary() == wanted
    assert Sweep([failed, failed]).summary()[0].failed == 1


def test_a_network_with_two_results_is_refused():
    joined = Sweep([row({"eta": 0.5}, 3, 0.9), row({"eta": 0.5}, 3, 0.8)])
    assert_refused(joined.summary, ValueError, "seed 3", "'eta': 0.5", "0.9", "0.8", "grids")


def test_networks_of_other_lengths_are_not_one_though_nothing_was_monitored():
    plain = {"evaluation_data": None}
    short, longer = sweep(epochs=1, **plain), sweep(epochs=2, **plain)
    with pytest.raises(ValueError, match=r"rows of seed 1 at .* one result, got .*1\) and .*2\)"):
        Sweep([*short, *longer]).summary()


def test_columns_of_classes_functions_and_types_can_be_grouped_by():
    pytest.importorskip("pandas")
    costs = [type("Cost", (), {}) for _ in range(2)]
    columns = {
        "cost": (costs, ["Cost", "Cost (2)"]),
        "dtype": ([np.float32, np.dtype("float64")], ["float32", "float64"]),
        "schedule": ([sweep_schedules.plain, None], ["plain"]),
    }
    for name, (values, wanted) in columns.items():
        frame = Sweep(row({name: value}, seed) for value in values for seed in (1, 2)).to_pandas()
        assert list(frame[name].dropna()) == [word for word in wanted for _ in "12"]
        assert len(frame.groupby(name, dropna=False)) == 2


def test_different_classes_of_one_name_are_told_apart_in_the_table():
    costs = [type("Cost", (), {}) for _ in range(2)]
    _, first, second = table_in_words(Sweep(row({"cost": cost}) for cost in costs))
    assert (first[0], second[0]) == ("Cost", "Cost (2)")


def test_the_settings_of_a_row_can_be_changed_without_those_of_others():
    rows = sweep(grid={"eta": [0.1]})
    rows[0].settings["eta"] = 9
    assert rows[1].settings == {"eta": 0.1}


def test_without_evaluation_data_there_is_no_accuracy():
    rows = sweep(evaluation_data=None, monitor_training_cost=True)
    assert [row.final_accuracy for row in rows] == [None, None]
    assert [len(row.history.training_cost) for row in rows] == [3, 3]
    assert rows.summary()[0].final_accuracy is None


def test_the_table_goes_to_pandas():
    pytest.importorskip("pandas")
    rows = sweep(grid={"eta": [0.1, 0.5]})
    frame = rows.to_pandas()
    assert list(frame.columns[:4]) == ["eta", "seed", "history", "final_accuracy"]
    assert list(frame["eta"]) == [0.1, 0.1, 0.5, 0.5]
    assert list(frame["final_accuracy"]) == [row.final_accuracy for row in rows]
    assert frame["history"][3] == rows[3].history


def test_columns_of_pandas_can_be_grouped_by_and_have_the_layers_speeds():
    pytest.importorskip("pandas")
    grid = {"sizes": [[20, 3], [20, 6, 3]], "schedule": [None, sweep_schedules.plain]}
    rows = sweep(seeds=[1], grid=grid, monitor_layer_speeds=True, speed_data=training_data())
    frame = rows.to_pandas()
    assert set(frame.groupby("sizes").groups) == {"20,3", "20,6,3"}
    last = rows[3].history.layer_speeds[-1]
    assert list(frame.loc[3, ["speed_1", "speed_2"]]) == list(last)
    assert frame["speed_1"][0] == rows[0].history.layer_speeds[-1][0]
    assert frame["speed_2"].isna().tolist() == [True, True, False, False]


def test_settings_may_be_sets(tmp_path):
    pytest.importorskip("pandas")
    grid = {"frozen_layers": [set(), {1}, frozenset({0})]}
    rows = sweep(seeds=[1], grid=grid, results=tmp_path / "sweep.jsonl")
    assert set(rows.to_pandas().groupby("frozen_layers").groups) == {"", "1", "0"}
    assert len(rows.summary()) == 3


def test_a_sweep_is_a_sequence():
    rows = Sweep([Row({}, seed) for seed in range(3)])
    assert [row.seed for row in rows] == [0, 1, 2]
    assert isinstance(rows[1:], Sweep)
    assert rows[-1].seed == 2
    assert rows.failed == []
