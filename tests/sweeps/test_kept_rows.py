"""Whatever ends a sweep, the rows that were trained are kept."""

import errno
import math
import signal
import sys
from typing import NamedTuple

import pytest
import sweep_schedules
from refusals import assert_refused
from small_sweeps import results_of, sweep
from sweep_schedules import SETTINGS, SIZES, evaluation_data, training_data

from fastnn import compare
from fastnn.sweeps import SweepInterrupted, claims
from fastnn.sweeps.results import ResultsFile


@pytest.fixture
def full_disk(monkeypatch):
    """A function after which a number of writes fail."""
    append, left = ResultsFile._append, [0]

    def fail(file, line):
        if left[0]:
            left[0] -= 1
            raise OSError(errno.ENOSPC, "No space left on device")
        append(file, line)

    monkeypatch.setattr(ResultsFile, "_append", fail)

    def fill(writes):
        left[0] = writes

    return fill


def test_rows_that_could_not_be_written_are_written_later(tmp_path, trained, full_disk):
    full_disk(2)
    file = tmp_path / "sweep.jsonl"
    rows = sweep(seeds=range(5), results=file)
    trained.clear()
    assert results_of(sweep(seeds=range(5), results=file)) == results_of(rows)
    assert not trained


def test_rows_that_cannot_be_written_are_in_the_error(tmp_path, trained, full_disk):
    file = tmp_path / "sweep.jsonl"
    sweep(seeds=[0], results=file)
    full_disk(10**6)
    with pytest.raises(OSError, match=r"3 rows .* are not in the file, but in \.sweep") as caught:
        sweep(seeds=range(4), results=file)
    assert caught.value.errno == errno.ENOSPC
    assert caught.value.filename == str(file)
    assert results_of(caught.value.sweep) == results_of(sweep(seeds=range(4)))
    full_disk(0)
    trained.clear()
    sweep(seeds=range(4), results=file)
    assert sorted(trained) == [1, 2, 3]


def test_claims_that_cannot_be_written_do_not_end_training(tmp_path, monkeypatch):
    def fail(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(claims.Claims, "_write", fail)
    rows = sweep(seeds=range(4), results=tmp_path / "sweep.jsonl")
    assert results_of(rows) == results_of(sweep(seeds=range(4)))


def test_a_file_that_is_emptied_meanwhile_ends_nothing(tmp_path):
    file = tmp_path / "sweep.jsonl"

    def emptying(epoch):
        if file.exists() and epoch == 0:
            file.write_bytes(b"")
        return 1.0

    rows = sweep(seeds=range(4), results=file, grid={"schedule": [emptying]})
    assert [row.seed for row in rows] == list(range(4))


@pytest.mark.parametrize("of_a_sweep", [False, True])
@pytest.mark.parametrize("rows", [0, 1])
def test_a_file_that_is_replaced_meanwhile_is_left_alone(tmp_path, monkeypatch, rows, of_a_sweep):
    file, notes = tmp_path / "sweep.jsonl", tmp_path / "notes.txt"
    notes.write_bytes(b"my notes, a longer text than the header of a file of results\n" * 100)
    if of_a_sweep:
        notes.unlink()
        sweep(seeds=range(4), results=notes, mini_batch_size=9)
    text = notes.read_bytes()
    add, added = ResultsFile.add, []

    def replacing(results, row, settings):
        if len(added) == rows:
            notes.replace(file)
        added.append(row)
        add(results, row, settings)

    monkeypatch.setattr(ResultsFile, "add", replacing)
    with pytest.raises(ValueError, match=r"is not of this sweep.*in \.sweep") as caught:
        sweep(results=file)
    assert [row.error for row in caught.value.sweep] == [None, None]
    assert file.read_bytes() == text


class Step(NamedTuple):
    at: float

    def __call__(self, epoch):
        return 0.5 if epoch >= self.at else 1.0


@pytest.mark.parametrize(
    "settings", [{"schedule": Step(math.inf)}, {"grid": {"schedule": [Step(1), Step(math.nan)]}}]
)
def test_what_no_file_could_hold_is_refused_before_training(tmp_path, trained, settings):
    assert_refused(
        lambda: sweep(results=tmp_path / "new", **settings), ValueError, "schedule", "finite"
    )
    assert not trained


RATES = [1.0]


def changing(epoch):
    RATES.append(1.0)
    return 1.0


def test_a_row_is_known_by_what_the_code_did_before_training(tmp_path, trained, monkeypatch):
    file = tmp_path / "sweep.jsonl"
    sweep(results=file, grid={"schedule": [changing]})
    trained.clear()
    monkeypatch.setattr(sys.modules[__name__], "RATES", [1.0])
    sweep(results=file, grid={"schedule": [changing]})
    assert not trained


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP])
def test_without_locks_the_error_names_the_file_and_what_to_do(tmp_path, monkeypatch, number):
    def fail(*_):
        raise OSError(number, "no")

    monkeypatch.setattr("filelock.FileLock._acquire", fail)
    with pytest.raises(OSError, match="file system has locks") as caught:
        sweep(results=tmp_path / "sweep.jsonl")
    assert caught.value.filename == str(tmp_path / "sweep.jsonl.lock")


def test_an_error_of_any_kind_in_a_users_function_costs_its_network_only():
    class OwnError(BaseException):
        pass

    def failing(epoch):
        raise OwnError("no rate")

    rows = sweep(grid={"schedule": [failing, sweep_schedules.plain]})
    assert [row.error for row in rows] == ["OwnError: no rate"] * 2 + [None] * 2


# --- comparisons ------------------------------------------------------------------------------


def compared(**settings):
    common = {"evaluation_data": evaluation_data(), "smallest": 1e-9, "most_seeds": 40}
    return compare(
        SIZES,
        training_data(),
        a={"eta": 0.5},
        b={"eta": 0.51},
        **{**SETTINGS, **common},
        **settings,
    )


def in_a_later_round(action):
    """A schedule that acts in its hundredth epoch or so."""
    epochs = []

    def schedule(epoch):
        epochs.append(epoch)
        if len(epochs) > 2 * 3 * 7:
            action()
        return 1.0

    return schedule


def fail():
    raise LookupError("no rate")


def press_ctrl_c():
    signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize(
    ("action", "error"), [(fail, RuntimeError), (press_ctrl_c, SweepInterrupted)]
)
def test_a_comparison_that_ends_early_has_the_rows_of_all_rounds(action, error, monkeypatch):
    monkeypatch.setattr("fastnn.sweeps.code_in_settings.copy_of", lambda value, memo: value)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(error) as caught:
            compared(schedule=in_a_later_round(action))
    finally:
        signal.signal(signal.SIGINT, before)
    done = [row for row in caught.value.sweep if row.error is None]
    for eta in (0.5, 0.51):
        seeds = [row.seed for row in done if row.settings["eta"] == eta]
        assert seeds[:5] == list(range(5))
