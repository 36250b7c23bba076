"""The file of results: a sweep goes on from it, and no other sweep does."""

import json

import pytest
import sweep_schedules
from refusals import assert_refused
from small_sweeps import results_of, sweep
from sweep_schedules import evaluation_data, training_data

from fastnn import LogLikelihoodCost


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


@pytest.mark.parametrize("cut", [1, 40, 200])
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
    "other",
    [
        {"epochs": 2},
        {"data": training_data(seed=9)},
        {"data": training_data()[::-1]},
        {"evaluation_data": evaluation_data()[1:]},
        {"grid": {"l1": [0.0]}},
        {"cost": LogLikelihoodCost},
        {"optimizer": "adam"},
    ],
    ids=lambda other: next(iter(other)),
)
def test_the_file_of_another_sweep_is_refused(tmp_path, trained, other):
    file = tmp_path / "sweep.jsonl"
    sweep(results=file)
    written = file.read_bytes()
    trained.clear()
    assert_refused(
        lambda: sweep(results=file, **other), ValueError, "results", "sweep.jsonl", "not of this"
    )
    assert not trained
    assert file.read_bytes() == written


def test_what_is_no_file_of_results_is_refused_and_left_alone(tmp_path):
    file = tmp_path / "notes.txt"
    file.write_bytes(b"my notes")
    assert_refused(lambda: sweep(results=file), ValueError, "results", "notes.txt")
    assert file.read_bytes() == b"my notes"


def test_a_damaged_line_is_named(tmp_path):
    file = tmp_path / "sweep.jsonl"
    sweep(results=file)
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(lines[0] + b'{"seed": 1}\n' + lines[2])
    assert_refused(lambda: sweep(results=file), ValueError, "results", "line 2", "sweep.jsonl")


def test_what_has_no_name_cannot_be_recognised_in_a_file(tmp_path):
    assert_refused(
        lambda: sweep(results=tmp_path / "new", schedule=lambda epoch: 1.0),
        ValueError,
        "schedule",
        "name",
    )
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    "line",
    [b"[" * 100_000, b"9" * 100_000, b'{"settings": {}, "seed": 1e999}', b"[1]", b'"x"', b"null"],
    ids=["deep", "digits", "infinite seed", "list", "text", "nothing"],
)
def test_a_line_that_no_sweep_has_written_is_refused(tmp_path, line):
    file = tmp_path / "sweep\x1b[2J.jsonl"
    sweep(results=file)
    file.write_bytes(file.read_bytes() + line + b"\n")
    words = ["results: line 4 of", "sweep\\x1b[2J.jsonl is damaged"]
    assert_refused(lambda: sweep(results=file), ValueError, *words)
