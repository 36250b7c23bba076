"""`fastnn chapter5`: what it writes, and what it refuses."""

import json
import re
import time
from xml.etree import ElementTree

import numpy as np
import pytest

import fastnn
from fastnn.chapter5 import EXPERIMENTS
from fastnn.cli import main

pytest.importorskip("jinja2")
pytest.importorskip("matplotlib")

FAST = ["chain", "exploding", "range", "sigmoid-prime", "vanishing"]  # those without MNIST


@pytest.fixture
def program(capsys):
    """Run `fastnn chapter5`; return its exit status and the lines of both outputs."""

    def run(*arguments):
        try:
            status = main(["chapter5", *map(str, arguments)])
        except SystemExit as stop:
            status = stop.code
        printed = capsys.readouterr()
        return status, printed.out.splitlines(), printed.err.splitlines()

    return run


def strict_json(text):
    def refuse(constant):
        raise AssertionError(f"{constant} is not JSON")

    return json.loads(text, parse_constant=refuse)


def test_a_report_has_the_page_the_results_and_every_figure_twice(program, tmp_path):
    out = tmp_path / "new" / "report"
    status, printed, errors = program(*FAST, "--seeds", 2, "--jobs", 1, "--out", out)
    assert (status, errors) == (0, [])
    assert [line.partition(":")[0] for line in printed[:-1]] == [
        n for n in EXPERIMENTS if n in FAST
    ]
    page = (out / "report.html").read_text()
    for name in FAST:
        assert f'id="{name}"' in page
        assert EXPERIMENTS[name].title in page
    svgs, pngs = (
        sorted(path.stem for path in out.glob(f"figures/*.{end}")) for end in ("svg", "png")
    )
    assert svgs == pngs
    assert len(svgs) >= len(FAST)
    for path in out.glob("figures/*.svg"):
        ElementTree.parse(path)


def test_results_are_json_with_seeds_settings_and_versions(program, tmp_path):
    program("vanishing", "chain", "--quick", "--seeds", 3, "--jobs", 1, "--out", tmp_path)
    results = strict_json((tmp_path / "results.json").read_text())
    assert results["versions"]["fastnn"] == fastnn.__version__
    assert results["versions"]["numpy"] == np.__version__
    vanishing = results["experiments"]["vanishing"]
    assert vanishing["settings"] == {"seeds": [0, 1, 2], "chains": 1000}
    first = vanishing["quantities"][0]
    assert first["published"] == "Weights from N(0, 1) usually satisfy |w| < 1"
    assert first["verdict"] == "cannot be told"  # a quick run proves nothing
    assert len(first["per_seed"]) == 3
    assert first["measured"]["mean"] == pytest.approx(np.mean(first["per_seed"]))
    assert first["measured"]["low"] < first["measured"]["mean"] < first["measured"]["high"]


def test_the_help_names_each_experiments_number_of_seeds(program):
    _, printed, _ = program("--help")
    words = " ".join(" ".join(printed).split())
    assert "(default: 10, circuits 1, depth 5, first-layer 5, sigmoid-prime 1)" in words


def test_one_seed_has_no_interval(program, tmp_path):
    program("vanishing", "--quick", "--seeds", 1, "--jobs", 1, "--out", tmp_path)
    results = strict_json((tmp_path / "results.json").read_text())
    measured = results["experiments"]["vanishing"]["quantities"][0]["measured"]
    assert measured["low"] is measured["high"] is None


def test_the_same_command_writes_the_same_bits(program, tmp_path):
    written = []
    for name in ("one", "two"):
        program("chain", "range", "--seeds", 2, "--jobs", 1, "--out", tmp_path / name)
        files = sorted(path for path in (tmp_path / name).rglob("*") if path.is_file())
        written.append({path.relative_to(tmp_path / name): path.read_bytes() for path in files})
    assert written[0] == written[1]


@pytest.mark.compiled
def test_processes_and_numbers_are_chosen_on_the_command_line(program, tmp_path):
    one = ["initial-speeds", "--seeds", 2, "--jobs", 1]
    assert program(*one, "--out", tmp_path / "one")[0] == 0
    assert program(*one, "--jobs", 2, "--out", tmp_path / "two")[0] == 0
    texts = [(tmp_path / name / "results.json").read_text() for name in ("one", "two")]
    assert texts[0] == texts[1]
    settings = json.loads(texts[0])["experiments"]["initial-speeds"]["settings"]
    assert settings == {"seeds": [0, 1], "dtype": "float64"}


def test_a_folder_that_is_there_keeps_its_other_files(program, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    for _ in range(2):
        assert program("sigmoid-prime", "--jobs", 1, "--out", tmp_path)[0] == 0
    assert (tmp_path / "notes.txt").read_text() == "mine"


@pytest.mark.compiled
@pytest.mark.parametrize(("names", "learns"), [(FAST, False), (["chain", "initial-speeds"], True)])
def test_only_a_report_with_mnist_tells_of_it_and_of_the_numbers(program, tmp_path, names, learns):
    program(*names, "--quick", "--seeds", 1, "--jobs", 1, "--dtype", "float32", "--out", tmp_path)
    _, _, facts = (tmp_path / "report.html").read_text().partition('id="measured"')
    assert ("float32, of the networks on MNIST" in facts) == learns
    assert ("MNIST: 50,000 training" in facts) == learns


def test_the_date_of_a_report_is_written_on_every_system(program, tmp_path, monkeypatch):
    usual = time.strftime

    def as_on_windows(form, *when):
        if "%-" in form:
            raise ValueError("Invalid format string")
        return usual(form, *when)

    monkeypatch.setattr(time, "strftime", as_on_windows)
    status, _, errors = program("range", "--seeds", 1, "--jobs", 1, "--out", tmp_path)
    assert (status, errors) == (0, [])
    day, month_and_year = usual("%d"), usual("%B %Y")
    assert f"{int(day)} {month_and_year}" in (tmp_path / "report.html").read_text()


def test_a_run_of_some_experiments_does_not_drop_others_from_a_report(program, tmp_path):
    program("sigmoid-prime", "chain", "--quick", "--jobs", 1, "--out", tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    status, printed, errors = program("chain", "--quick", "--jobs", 1, "--out", tmp_path)
    assert (status, printed) == (1, [])
    assert "--out" in errors[0]
    assert "sigmoid-prime" in errors[0]
    assert {path: path.read_bytes() for path in before} == before
    more = ("sigmoid-prime", "chain", "exploding", "--quick", "--jobs", 1, "--out", tmp_path)
    assert program(*more)[0] == 0


def test_a_quick_report_says_first_that_it_proves_nothing(program, tmp_path):
    program("exploding", "--quick", "--seeds", 3, "--jobs", 1, "--out", tmp_path / "quick")
    program("exploding", "--jobs", 1, "--out", tmp_path / "full")
    quick = (tmp_path / "quick" / "report.html").read_text()
    assert "proves nothing" in quick
    assert "two seeds" not in quick  # there may be more
    assert "proves nothing" not in (tmp_path / "full" / "report.html").read_text()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["deepth"], "deepth"),
        (["--seeds", "0"], "'0'"),
        (["--seeds", "many"], "'many'"),
        (["--jobs", "-1"], "-1"),
        (["--dtype", "float16"], "float16"),
    ],
    ids=str,
)
def test_wrong_arguments_are_refused(program, tmp_path, arguments, words):
    status, printed, errors = program(*arguments, "--out", tmp_path / "out")
    assert status == 2
    assert printed == []
    assert re.search(re.escape(words), errors[-1])
    assert not (tmp_path / "out").exists()


def test_a_place_where_nothing_can_be_written_is_refused_before_any_work(program, tmp_path):
    (tmp_path / "file").touch()
    status, printed, errors = program("sigmoid-prime", "--out", tmp_path / "file" / "report")
    assert (status, printed) == (1, [])
    assert str(tmp_path / "file") in errors[0]


@pytest.mark.parametrize("name", ["", "a\0b"])
def test_what_names_no_folder_is_refused(program, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    status, printed, errors = program("sigmoid-prime", "--out", name)
    assert (status, printed) == (2, [])
    assert f"argument --out: expected the name of a folder, got {name!r}" in errors[-1]
    assert list(tmp_path.iterdir()) == []


def test_more_seeds_than_there_are_are_refused_before_any_work(program, tmp_path):
    status, printed, errors = program("--seeds", 2**52, "--out", tmp_path / "out")
    assert (status, printed) == (2, [])
    assert errors[-1].endswith("expected an integer from 1 to 1,000,000, got '4503599627370496'")
    assert not (tmp_path / "out").exists()


def test_missing_libraries_are_named_before_any_work(program, tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    status, printed, errors = program("sigmoid-prime", "--out", tmp_path / "out")
    assert (status, printed) == (1, [])
    assert "fastnn-jit[report]" in errors[0]
    assert not (tmp_path / "out").exists()
