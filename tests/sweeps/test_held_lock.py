"""A file of results whose lock another process holds, such as a stopped job."""

import _thread
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from small_sweeps import results_of, sweep

from fastnn.sweeps import SweepInterrupted, claims, worker


@pytest.fixture
def file(tmp_path):
    return tmp_path / "sweep.jsonl"


@pytest.fixture
def held(file):
    """The lock of the file, as another process takes it."""
    filelock = pytest.importorskip("filelock")
    lock = filelock.FileLock(f"{file}.lock", thread_local=False)
    yield lock
    lock.release(force=True)


def soon(action):
    threading.Timer(0.3, action).start()


def test_who_waits_is_told_once_which_file_is_locked(file, held, monkeypatch):
    monkeypatch.setattr(claims, "_LOOK_UP", 0.01)
    monkeypatch.setattr(claims, "_SAY_SO", 0.02)
    held.acquire()
    soon(held.release)
    with pytest.warns(
        RuntimeWarning, match=r"another process holds the lock .*\.jsonl\.lock"
    ) as told:
        rows = sweep(results=file)
    assert len(told) == 1
    assert results_of(rows) == results_of(sweep())


def test_the_first_ctrl_c_ends_a_call_that_waits_to_read(file, held, ctrl_c, trained, monkeypatch):
    monkeypatch.setattr(claims, "_GRACE", 0.1)
    held.acquire()
    soon(_thread.interrupt_main)
    with pytest.raises(KeyboardInterrupt):
        sweep(results=file)
    assert not trained
    assert not file.exists()


@pytest.mark.parametrize("released", [True, False], ids=["for a moment", "for long"])
def test_the_first_ctrl_c_ends_a_sweep_that_waits_to_write(
    file, held, ctrl_c, monkeypatch, released
):
    """Rows are lost for the file only where the lock is not free soon; nothing blocks the next."""
    monkeypatch.setattr(claims, "_GRACE", 60.0 if released else 0.1)
    monkeypatch.setattr(claims, "_LOOK_UP", 0.05)
    train_network = worker.train_network

    def then_held(*arguments):
        outcome = train_network(*arguments)
        if not held.is_locked:
            held.acquire()
            soon(_thread.interrupt_main)
            if released:
                threading.Timer(1.0, held.release).start()
        return outcome

    monkeypatch.setattr(worker, "train_network", then_held)
    with ThreadPoolExecutor(1) as thread, pytest.raises(SweepInterrupted) as stopped:
        sweep(seeds=range(9), results=file, executor=thread)
    assert 0 < len(stopped.value.sweep) < 9
    held.release()
    monkeypatch.undo()
    if released:
        rows_in_file = len(file.read_text().splitlines()) - 1
        assert rows_in_file == len(stopped.value.sweep)
    began = time.monotonic()
    assert results_of(sweep(seeds=range(9), results=file)) == results_of(sweep(seeds=range(9)))
    assert time.monotonic() - began < claims.EXPIRES / 2
