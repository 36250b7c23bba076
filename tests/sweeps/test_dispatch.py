"""Networks on their way: small ones together, and each by itself once workers have died."""

import sys
from concurrent.futures import Executor, ThreadPoolExecutor
from types import SimpleNamespace

import pytest
import sweep_schedules
from small_sweeps import process_pool, results_of, sweep
from sweep_schedules import MARKER

from fastnn.sweeps import dispatch, executors, worker

LONG = 1000.0  # seconds; all that is waiting fits into a batch


@pytest.fixture
def sent(monkeypatch):
    """The places of the networks of each batch that is sent to processes."""
    batches = []
    submit = executors._Processes.submit

    def noting(self, tasks):
        batches.append(list(tasks))
        return submit(self, tasks)

    monkeypatch.setattr(executors._Processes, "submit", noting)
    return batches


class Counting(ThreadPoolExecutor):
    """One thread, and how often it was given work."""

    submitted = 0

    def __init__(self):
        super().__init__(1)

    def submit(self, function, *arguments):
        self.submitted += 1
        return super().submit(function, *arguments)


def test_small_networks_are_sent_together(monkeypatch, trained):
    monkeypatch.setattr(dispatch, "BATCH_SECONDS", LONG)
    monkeypatch.setattr(worker, "BATCH_SECONDS", LONG)
    with Counting() as thread:
        rows = sweep(seeds=range(60), executor=thread)
    assert trained == list(range(60))
    assert 4 < thread.submitted < 30
    assert results_of(rows) == results_of(sweep(seeds=range(60)))


def test_large_networks_are_sent_one_by_one(monkeypatch):
    monkeypatch.setattr(dispatch, "BATCH_SECONDS", 0.0)
    with Counting() as thread:
        sweep(seeds=range(12), executor=thread)
    assert thread.submitted == 12


def test_what_a_batch_has_no_time_for_is_trained_later(monkeypatch, trained):
    monkeypatch.setattr(dispatch, "BATCH_SECONDS", LONG)
    monkeypatch.setattr(worker, "BATCH_SECONDS", 0.0)
    with Counting() as thread:
        rows = sweep(seeds=range(30), executor=thread)
    assert sorted(trained) == list(range(30))
    assert thread.submitted == 30
    assert results_of(rows) == results_of(sweep(seeds=range(30)))


@pytest.mark.parametrize("schedule", ["killing_once", "killing_always"])
def test_of_a_batch_that_dies_each_network_is_sent_alone(schedule, monkeypatch, tmp_path, sent):
    monkeypatch.setenv(MARKER, str(tmp_path / "marker"))
    monkeypatch.setattr(dispatch, "BATCH_SECONDS", LONG)
    monkeypatch.setattr(dispatch, "TRIES", 4)
    plain = [{"eta": 0.1 + place / 100} for place in range(20)]
    killing = {"schedule": getattr(sweep_schedules, schedule)}
    with process_pool(1) as pool:
        grid = [*plain[:4], killing, *plain[4:]]
        if schedule == "killing_once":
            rows = sweep(seeds=[1], grid=grid, executor=pool)
        else:
            with pytest.warns(RuntimeWarning, match="1 of 21 networks were lost"):
                rows = sweep(seeds=[1], grid=grid, executor=pool)
    (first,) = [batch for batch in sent if 4 in batch and len(batch) > 1]
    again = sent[sent.index(first) + 1 :]
    assert all([place] in again for place in first)
    assert not any(place in batch for place in first for batch in again if len(batch) > 1)
    lost = [place for place, row in enumerate(rows) if row.error is not None]
    assert lost == ([] if schedule == "killing_once" else [4])
    if lost:
        assert "4 workers died while they trained it" in rows[4].error
        assert again.count([4]) == 4


@pytest.mark.parametrize(
    "made", [list, lambda: None, SimpleNamespace], ids=["list", "nothing", "object"]
)
def test_an_executor_whose_submit_returns_no_future_is_refused(trained, made):
    class Other(Executor):
        def submit(self, function, *arguments):
            return made()

    with pytest.raises(TypeError, match=r"^executor\.submit must return a .*Future, got "):
        sweep(executor=Other())
    assert not trained


def test_a_network_whose_schedule_ends_the_program_fails_alone():
    rows = sweep(grid={"schedule": [sweep_schedules.leaving, sweep_schedules.plain]})
    assert [row.error for row in rows] == [*2 * ["SystemExit: no rate for this epoch"], None, None]


def test_a_network_whose_executor_ends_the_program_is_lost_alone():
    class Leaving(ThreadPoolExecutor):
        begun = 0

        def submit(self, function, *arguments):
            self.begun += 1
            if self.begun == 1:
                return super().submit(sys.exit)
            return super().submit(function, *arguments)

    with Leaving(1) as executor, pytest.warns(RuntimeWarning, match="1 of 4 networks were lost"):
        rows = sweep(seeds=range(4), executor=executor)
    assert len(rows.failed) == 1
