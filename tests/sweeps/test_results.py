"""The file of results: a sweep goes on from it, and no other sweep does."""

import gzip
import json
import os
import sys
from fractions import Fraction
from functools import partial

import numpy as np
import pytest
import sweep_schedules
from refusals import assert_refused
from small_sweeps import results_of, sweep

from fastnn import QuadraticCost


def test_a_second_call_reads_what_the_first_has_trained(tmp_path, trained):
    file = tmp_path / "sweep.jsonl"
    first = sweep(results=file, grid={"eta": [0.1, 0.5]})
    written = file.read_bytes()
    assert len(trained) == 4
    second = sweep(results=file, grid={"eta": [0.1, 0.5]})
    assert len(trained) == 4
    assert file.read_bytes() == written
    assert results_of(second) == results_of(first)
    assert [row.seconds for row in second] == [row.seconds for row in first]


def test_seeds_and_values_may_be_added(tmp_path, trained):
    file = tmp_path / "sweep.jsonl"
    sweep(seeds=[1], results=file, grid={"eta": [0.5]})
    rows = sweep(seeds=[1, 2], results=file, grid={"eta": [0.1, 0.5]})
    assert sorted(trained) == [1, 1, 2, 2]
    assert results_of(rows) == results_of(sweep(seeds=[1, 2], grid={"eta": [0.1, 0.5]}))


@pytest.mark.parametrize("cut", [2, 40, 200])
def test_a_line_that_was_cut_short_is_trained_again(tmp_path, trained, cut):
    file = tmp_path / "sweep.jsonl"
    sweep(results=file)
    whole = file.read_bytes()
    file.write_bytes(whole[:-cut])
    trained.clear()
    rows = sweep(results=file)
    assert trained == [json.loads(whole.splitlines()[-1])["seed"]]
    assert results_of(rows) == results_of(sweep())
    assert sorted(json.loads(line)["seed"] for line in file.read_bytes().splitlines()[1:]) == [1, 2]


@pytest.mark.parametrize(
    "edited",
    [
        lambda content: content.replace(b"\n", b"\r\n"),
        lambda content: b"\xef\xbb\xbf" + content,
        lambda content: content[:-1],
        lambda content: content + b"\n",
    ],
    ids=["CRLF", "byte order mark", "no last line break", "an empty line"],
)
def test_what_editors_do_to_line_breaks_costs_no_row(tmp_path, trained, edited):
    file = tmp_path / "sweep.jsonl"
    first = sweep(results=file)
    file.write_bytes(edited(file.read_bytes()))
    trained.clear()
    rows = sweep(seeds=[1, 2, 3], results=file)
    assert trained == [3]
    assert results_of(rows[:2]) == results_of(first)
    trained.clear()
    sweep(seeds=[1, 2, 3], results=file)
    assert trained == []


def test_a_first_line_that_was_cut_short_is_written_again(tmp_path, trained):
    file = tmp_path / "sweep.jsonl"
    sweep(results=file)
    file.write_bytes(file.read_bytes()[:30])
    sweep(results=file)
    assert len(trained) == 4
    assert len(file.read_bytes().splitlines()) == 3


def test_failed_networks_are_tried_again(tmp_path, trained):
    file = tmp_path / "sweep.jsonl"
    rows = sweep(results=file, grid={"schedule": [sweep_schedules.failing]})
    assert len(rows.failed) == 2
    sweep(results=file, grid={"schedule": [sweep_schedules.failing]})
    assert len(trained) == 4


@pytest.mark.parametrize("setting", ["cost", "activation", "schedule"])
def test_changed_code_is_another_setting(tmp_path, trained, setting):
    file = tmp_path / "sweep.jsonl"
    before, after = (sweep_schedules.definitions(value)[setting] for value in (1.0, 2.0))
    assert before.__qualname__ == after.__qualname__
    sweep(results=file, **{setting: before})
    with pytest.raises(ValueError, match=f"{setting} is .*code .*Own{setting}.*, there .*code"):
        sweep(results=file, **{setting: after})
    grids = tmp_path / "grids.jsonl"
    sweep(results=grids, grid={setting: [before]})
    trained.clear()
    sweep(results=grids, grid={setting: [before, after]})
    assert sorted(trained) == [1, 2]
    sweep(results=grids, grid={setting: [sweep_schedules.definitions(2.0)[setting]]})
    assert sorted(trained) == [1, 2]


def test_code_in_a_file_of_an_earlier_version_is_not_called_changed(tmp_path):
    file = tmp_path / "sweep.jsonl"
    own = sweep_schedules.definitions(1.0)["schedule"]
    sweep(results=file, schedule=own)
    assert "code 2-" in file.read_text()
    file.write_text(file.read_text().replace("code 2-", "code "))
    with pytest.raises(ValueError, match=r"schedule is 'code .*, written by an earlier version"):
        sweep(results=file, schedule=own)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with a name here")
def test_a_pipe_or_a_device_is_refused_before_training(tmp_path, trained):
    os.mkfifo(tmp_path / "pipe")
    for name in (tmp_path / "pipe", os.devnull):
        assert_refused(lambda name=name: sweep(results=name), ValueError, "results", "regular")
    assert not trained


@pytest.mark.parametrize("ending", [".gz", ".XZ", ".zip"])
def test_a_name_of_a_compressed_file_is_refused_before_training(tmp_path, trained, ending):
    file = tmp_path / f"sweep.jsonl{ending}"
    assert_refused(lambda: sweep(results=file), ValueError, "results", "plain text", file.name)
    assert not trained
    assert not list(tmp_path.iterdir())


ENCODINGS = "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"


def in_encoding(name, lines):
    return lines.decode().encode(name)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (gzip.compress, "it is gzipped"),
        (lambda lines: b"[" + b",".join(lines.splitlines()) + b"]", "it is an array of JSON"),
        *((partial(in_encoding, name), f"it is in {name.upper()}") for name in ENCODINGS),
    ],
    ids=["gzip", "array", *ENCODINGS],
)
def test_a_file_of_results_in_another_form_is_refused_with_what_it_is(
    tmp_path, trained, make, words
):
    file = tmp_path / "sweep.jsonl"
    sweep(seeds=[1], results=file)
    content = make(file.read_bytes())
    file.write_bytes(content)
    assert_refused(lambda: sweep(seeds=[1], results=file), ValueError, "results", words)
    assert trained == [1]
    assert file.read_bytes() == content


def test_rows_that_a_shell_appends_in_another_encoding_are_damaged_and_trained_again(
    tmp_path, trained
):
    file = tmp_path / "sweep.jsonl"
    sweep(seeds=[1, 2], results=file)
    *first, last = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(first) + in_encoding("utf-16-le", last)[:-1])
    seed = json.loads(last)["seed"]
    trained.clear()
    with pytest.warns(RuntimeWarning, match="line 3 is damaged"):
        sweep(seeds=[1, 2], results=file)
    assert trained == [seed]
    assert json.loads(file.read_bytes().splitlines()[-1])["seed"] == seed


def test_what_is_no_file_of_results_is_refused_and_left_alone(tmp_path):
    file = tmp_path / "notes.txt"
    file.write_bytes(b"my notes")
    assert_refused(lambda: sweep(results=file), ValueError, "results", "notes.txt")
    assert file.read_bytes() == b"my notes"


@pytest.mark.parametrize(
    "line",
    [
        *(b"[" * 100_000, b"9" * 100_000, b'{"settings": {}, "seed": 1e999}', b"[1]", b'"x"'),
        *(b"null", b"\x00\xff\x1b", b'{"seed": 1}', b"my notes"),
    ],
    ids=lambda line: str(line[:12]),
)
def test_a_damaged_line_costs_its_row_and_is_named(tmp_path, trained, line):
    file = tmp_path / "sweep\x1b[2J.jsonl"
    first = sweep(results=file)
    header, _, last = file.read_bytes().splitlines()
    lost = 1 if json.loads(last)["seed"] == 2 else 2
    file.write_bytes(b"\n".join([header, line, last, b""]))
    trained.clear()
    with pytest.warns(RuntimeWarning, match=r"line 2 is damaged") as warned:
        rows = sweep(results=file)
    assert "sweep\\x1b[2J.jsonl" in str(warned[0].message)
    assert trained == [lost]
    assert results_of(rows) == results_of(first)
    assert line in file.read_bytes()


@pytest.mark.parametrize(
    ("part", "value"),
    [
        *(("final_accuracy", value) for value in (95.0, "nan", -0.5, None)),
        *(("best_accuracy", 0.99), ("seed", 0.7), ("seed", "1")),
        *(("evaluation_accuracy", [1, 2, 31]), ("evaluation_accuracy", [-1, 2, 3])),
        ("best_epoch", 7),
    ],
)
def test_a_row_that_cannot_be_is_damaged(tmp_path, trained, part, value):
    file = tmp_path / "sweep.jsonl"
    sweep(seeds=[1], results=file)
    header, row = map(json.loads, file.read_text().splitlines())
    (row if part in row else row["history"])[part] = value
    file.write_text(f"{json.dumps(header)}\n{json.dumps(row)}\n")
    trained.clear()
    with pytest.warns(RuntimeWarning, match=r"line 2 is damaged"):
        sweep(seeds=[1], results=file)
    assert trained == [1]


def test_rows_of_another_sweep_are_not_taken_for_those_of_this_one(tmp_path, trained):
    file, other = tmp_path / "sweep.jsonl", tmp_path / "other.jsonl"
    sweep(seeds=[1], results=file)
    sweep(seeds=[1, 2], results=other, eta=0.1)
    file.write_bytes(file.read_bytes() + other.read_bytes())
    trained.clear()
    with pytest.warns(RuntimeWarning, match="line 3 is of another sweep; line 4 is of another"):
        rows = sweep(results=file)
    assert trained == [2]
    assert results_of(rows) == results_of(sweep())


def test_a_damaged_first_line_costs_no_row(tmp_path, trained):
    file = tmp_path / "sweep.jsonl"
    sweep(results=file)
    file.write_bytes(b"#" + file.read_bytes())
    trained.clear()
    with pytest.warns(RuntimeWarning, match="line 1 is damaged"):
        sweep(results=file)
    assert trained == []


def test_the_file_is_json_even_where_a_cost_is_not_finite(tmp_path):
    file = tmp_path / "sweep.jsonl"
    settings = {"eta": 1e9, "monitor_training_cost": True, "on_divergence": "continue"}
    first = sweep(
        results=file, activation="relu", cost=QuadraticCost, output="identity", **settings
    )
    costs = [cost for row in first for cost in row.history.training_cost]
    assert not np.isfinite(costs).all()

    def refuse(name):
        raise AssertionError(f"{name} is not JSON")

    for line in file.read_text().splitlines():
        json.loads(line, parse_constant=refuse)
    second = sweep(
        results=file, activation="relu", cost=QuadraticCost, output="identity", **settings
    )
    for mine, theirs in zip(second, first, strict=True):
        np.testing.assert_array_equal(mine.history.training_cost, theirs.history.training_cost)


def test_what_cannot_be_seen_is_refused_where_results_are_kept(tmp_path):
    assert_refused(
        lambda: sweep(results=tmp_path / "new", schedule=lambda epoch: globals()["rate"]),
        ValueError,
        "schedule",
        "globals()",
    )
    assert not (tmp_path / "new").exists()


class Weighted:
    """A cost that is an object."""

    def __init__(self, factor):
        self.factor = factor

    def fn(self, a, y):
        return self.factor * float(((a - y) ** 2).sum())

    def delta(self, z, a, y):
        return self.factor * (a - y)


@pytest.mark.filterwarnings("ignore:cost Weighted cannot be compiled")
@pytest.mark.parametrize(
    ("setting", "make"),
    [
        ("schedule", lambda factor: lambda epoch: factor),
        ("schedule", lambda factor: partial(max, factor)),
        ("schedule", lambda factor: Fraction(factor).__mul__),
        ("cost", Weighted),
    ],
    ids=["a closure", "a partial function", "a method of a library", "an object"],
)
def test_what_has_no_name_of_its_own_is_known_by_what_it_does(tmp_path, trained, setting, make):
    file = tmp_path / "sweep.jsonl"
    sweep(results=file, grid={setting: [make(0.5), make(0.25)]})
    trained.clear()
    sweep(results=file, grid={setting: [make(0.25), make(0.5)]})
    assert not trained
    sweep(results=file, grid={setting: [make(0.125)]})
    assert sorted(trained) == [1, 2]


def test_arrays_are_known_by_their_values(tmp_path, trained):
    file = tmp_path / "sweep.jsonl"
    sweep(results=file, grid={"sizes": [[20, 6, 3], [20, 4, 3]]})
    sweep(results=file, grid={"sizes": [np.array([20, 6, 3]), np.array([20, 4, 3])]})
    assert len(trained) == 4


def test_without_filelock_the_error_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "filelock", None)
    assert_refused(
        lambda: sweep(results=tmp_path / "new"), ImportError, "results", "filelock", "pip install"
    )
    assert not any(tmp_path.iterdir())
