"""The table that a sweep comes to: a sequence of rows, their means, and a data frame."""

import pytest
from small_sweeps import sweep

from fastnn.common import intervals
from fastnn.sweeps import Row, Sweep


def test_the_summary_has_means_and_intervals_over_the_seeds():
    rows = sweep(seeds=range(5), grid={"eta": [0.1, 0.5]})
    for summary, part in zip(rows.summary(), (rows[:5], rows[5:]), strict=True):
        assert summary.settings == part[0].settings
        assert (summary.trained, summary.failed) == (5, 0)
        wanted = intervals.mean_interval([row.final_accuracy for row in part])
        assert summary.final_accuracy == wanted
        wanted = intervals.mean_interval([row.best_accuracy for row in part])
        assert summary.best_accuracy == wanted


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


def test_a_sweep_is_a_sequence():
    rows = Sweep([Row({}, seed) for seed in range(3)])
    assert [row.seed for row in rows] == [0, 1, 2]
    assert isinstance(rows[1:], Sweep)
    assert rows[-1].seed == 2
    assert rows.failed == []
