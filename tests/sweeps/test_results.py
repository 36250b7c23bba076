"""The file of results: a sweep goes on from it, and no other sweep does."""

import json
import sys
from fractions import Fraction
from functools import partial

import numpy as np
import pytest
import sweep_schedules
from refusals import assert_refused
from small_sweeps import results_of, sweep
from sweep_schedules import evaluation_data, training_data

from fastnn import LogLikelihoodCost, QuadraticCost
from fastnn.sweeps.results import _name_of


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


@pytest.mark.parametrize(
    ("other", "difference"),
    [
        ({"epochs": 2}, "epochs is 2, there 3"),
        ({"data": training_data(seed=9)}, "training_data is other data than there"),
        ({"data": training_data()[::-1]}, "training_data is other data"),
        ({"evaluation_data": evaluation_data()[1:]}, "evaluation_data is other data"),
        ({"grid": {"l1": [0.0]}}, "the grid has ['l1'], there []"),
        ({"cost": LogLikelihoodCost}, "LogLikelihoodCost', there '"),
        ({"optimizer": "adam", "eta": 0.1}, "eta is 0.1, there 0.5"),
    ],
    ids=str,
)
def test_the_file_of_another_sweep_is_refused_and_what_differs_named(
    tmp_path, trained, other, difference
):
    file = tmp_path / "sweep.jsonl"
    sweep(results=file)
    written = file.read_bytes()
    trained.clear()
    assert_refused(
        lambda: sweep(results=file, **other),
        ValueError,
        "results",
        "sweep.jsonl",
        "not of this",
        difference,
    )
    assert not trained
    assert file.read_bytes() == written


@pytest.mark.parametrize(
    ("part", "value", "words"),
    [
        ("grid", 3, "the grid has [], there 3"),
        ("grid", None, "the grid has [], there None"),
        ("grid", {"eta": 1}, "there {'eta': 1}"),
        ("grid", [[1], {}], "there [[1], {}]"),
        ("settings", [1], "dtype is 'float64', there None"),
        ("settings", {"\x1b[2J" * 99: 1}, "and "),
        ("data", "x", "training_data is other data than there"),
        ("format", {"\n": 1}, "its format is {"),
    ],
    ids=str,
)
def test_a_first_line_that_makes_no_sense_is_refused_in_one_line(tmp_path, part, value, words):
    file = tmp_path / "sweep.jsonl"
    sweep(seeds=[1], results=file)
    header, *rows = file.read_bytes().splitlines(keepends=True)
    header = json.dumps({**json.loads(header), part: value}).encode() + b"\n"
    file.write_bytes(b"".join([header, *rows]))
    with pytest.raises(ValueError, match=r"^results: .* is not of this sweep: ") as caught:
        sweep(seeds=[1], results=file)
    assert words in str(caught.value)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 1000


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


def as_earlier_versions_wrote(file, **typed):
    """Put settings into the lines of a file as they may have been typed."""
    header, *rows = map(json.loads, file.read_text().splitlines())
    for settings in (header["settings"], *(row["settings"] for row in rows)):
        settings.update({name: value for name, value in typed.items() if name in settings})
    name = _name_of(header)
    lines = [header, *({**row, "sweep": name} for row in rows)]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))


@pytest.mark.parametrize("grid", [[], ["eta", "activation", "output"]], ids=str)
def test_a_file_of_an_earlier_version_is_known_by_what_its_settings_mean(tmp_path, trained, grid):
    file = tmp_path / "sweep.jsonl"
    settings = {"eta": 1, "activation": "relu", "optimizer": "adam"}
    fixed = {name: value for name, value in settings.items() if name not in grid}
    varied = {name: [settings.get(name)] for name in grid}
    first = sweep(seeds=[1], results=file, grid=varied or None, **fixed)
    adam = ["fastnn.kernels.optimisers.Adam", 0.9, 0.999, 1e-8]
    as_earlier_versions_wrote(
        file, eta=1, lmbda=0.1, l1=0, activation=["relu"], output="sigmoid", optimizer=adam
    )
    rows = sweep(seeds=[1, 2], results=file, grid=varied or None, **fixed)
    assert trained == [1, 2]
    assert results_of(rows[:1]) == results_of(first)
    again = sweep(seeds=[1, 2], results=file, grid=varied or None, **fixed)
    assert trained == [1, 2]
    assert results_of(again) == results_of(rows)


def test_settings_nested_as_deeply_as_json_can_be_are_no_reason_to_fail(tmp_path):
    file = tmp_path / "sweep.jsonl"
    sweep(seeds=[1], results=file)
    header, row = map(json.loads, file.read_text().splitlines())
    deep = "[" * 900 + "]" * 900
    header["settings"]["eta"] = row["settings"]["eta"] = "DEEP"
    lines = [json.dumps(line).replace('"DEEP"', deep) for line in (header, row)]
    file.write_text("\n".join(lines))
    with pytest.raises(ValueError, match=r"^results: .* is not of this sweep: eta is 0\.5, there "):
        sweep(seeds=[1], results=file)


def test_without_filelock_the_error_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "filelock", None)
    assert_refused(
        lambda: sweep(results=tmp_path / "new"), ImportError, "results", "filelock", "pip install"
    )
    assert not any(tmp_path.iterdir())
