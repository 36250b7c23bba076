"""The first line of a file of results: no other sweep's is taken, and every version's is known."""

import json

import pytest
from refusals import assert_refused
from small_sweeps import results_of, sweep
from sweep_schedules import evaluation_data, training_data

from fastnn import LogLikelihoodCost
from fastnn.sweeps.headers import name_of_sweep


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


def as_earlier_versions_wrote(file, **typed):
    """Put settings into the lines of a file as they may have been typed."""
    header, *rows = map(json.loads, file.read_text().splitlines())
    for settings in (header["settings"], *(row["settings"] for row in rows)):
        settings.update({name: value for name, value in typed.items() if name in settings})
    name = name_of_sweep(header)
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


def edited(file, **changes):
    """Change the first line of a file of results, and leave the rest as it is."""
    header, *rows = file.read_text().splitlines(keepends=True)
    header = json.loads(header)
    for part, change in changes.items():
        change(header[part]) if part in header else header.update({part: change})
    file.write_text("".join([json.dumps(header) + "\n", *rows]))


def test_what_an_earlier_version_had_no_setting_for_had_its_default(tmp_path, trained):
    file = tmp_path / "sweep.jsonl"
    sweep(seeds=[1], results=file)
    edited(file, settings=lambda settings: settings.pop("shuffle"))
    sweep(seeds=[1, 2], results=file)
    assert trained == [1, 2]
    with pytest.raises(ValueError, match="shuffle is False, there True"):
        sweep(results=file, shuffle=False)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"settings": lambda settings: settings.update(warm_up=3)}, "warm_up is 3 there, which is"),
        ({"settings": lambda settings: settings.update(warm_up=None)}, "warm_up is None there"),
        ({"machine": "x"}, "it has machine"),
    ],
    ids=["a setting", "a setting of None", "a part"],
)
def test_what_a_later_version_has_more_is_named(tmp_path, changes, words):
    file = tmp_path / "sweep.jsonl"
    sweep(results=file)
    edited(file, **changes)
    with pytest.raises(ValueError, match=f"is not of this sweep: {words}"):
        sweep(results=file)


def test_a_file_that_pandas_has_written_anew_is_known(tmp_path, trained):
    pandas = pytest.importorskip("pandas")
    file = tmp_path / "sweep.jsonl"
    first = sweep(results=file)
    pandas.read_json(file, lines=True, precise_float=True).to_json(
        file, orient="records", lines=True, double_precision=15
    )
    trained.clear()
    assert results_of(sweep(results=file)) == results_of(first)
    assert not trained
