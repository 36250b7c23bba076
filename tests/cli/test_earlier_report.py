"""What `fastnn chapter5` may replace in the folder that it writes to."""

import errno
import json
import os

import pytest

from fastnn.cli import main

pytest.importorskip("jinja2")
pytest.importorskip("matplotlib")


@pytest.fixture
def report(capsys, tmp_path):
    """Run `fastnn chapter5 --out` in one folder; return its exit status and what it says."""

    def run(*arguments):
        status = main(["chapter5", *map(str, arguments), "--jobs", "1", "--out", str(tmp_path)])
        printed = capsys.readouterr()
        return status, printed.err

    return run


def files(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    "name", ["report.html", "results.json", "figures/chain.svg", "figures/chain.png"]
)
@pytest.mark.parametrize("content", ["", "<html>mine</html>", '{"seed": 1}\n{"seed": 2}\n'])
def test_files_of_others_are_not_replaced(report, tmp_path, name, content):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(content)
    before = files(tmp_path)
    status, error = report("chain", "--seeds", 1)
    assert status == 1
    assert f"--out {tmp_path} holds {name}, which fastnn chapter5 did not write" in error
    assert files(tmp_path) == before


def test_a_picture_that_no_experiment_draws_is_in_nobodys_way(report, tmp_path):
    (tmp_path / "figures").mkdir()
    mine = tmp_path / "figures" / "mine.png"
    mine.write_text("mine")
    mine.chmod(0o444)
    for _ in range(2):
        assert report("chain", "--seeds", 1) == (0, "")
    assert mine.read_text() == "mine"


def full_after(writes, monkeypatch):
    """Have the disk be full after so many files."""
    usual, left = os.fsync, iter(range(writes))

    def fsync(file):
        if next(left, None) is None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        usual(file)

    monkeypatch.setattr(os, "fsync", fsync)


@pytest.mark.parametrize("writes", range(4))
@pytest.mark.parametrize("first", [None, "chain"])
def test_a_report_is_written_whole_or_not_at_all(report, tmp_path, monkeypatch, writes, first):
    if first:
        assert report("chain", "--seeds", 1) == (0, "")
    before = files(tmp_path)
    with monkeypatch.context() as patch:
        full_after(writes, patch)
        status, error = report("chain", "--seeds", 2)
    assert status == 1
    assert "No space left on device" in error
    assert str(tmp_path) in error
    assert files(tmp_path) == before
    assert report("chain", "--seeds", 2) == (0, "")


def test_a_run_killed_between_two_files_may_be_repeated(report, tmp_path, monkeypatch):
    usual, left = os.replace, iter(range(2))

    def replace(*names):
        if next(left, None) is None:
            raise KeyboardInterrupt
        usual(*names)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", replace)
        assert report("chain", "--seeds", 1)[0] == 130
    assert len(files(tmp_path)) == 2
    assert report("chain", "--seeds", 1) == (0, "")


def test_what_was_written_may_be_written_again(report, tmp_path):
    for seeds in (1, 1, 2):
        assert report("chain", "--seeds", seeds) == (0, "")
    (tmp_path / "results.json").unlink()  # as an interrupted run leaves it
    assert report("chain", "--seeds", 1) == (0, "")


def test_a_report_of_an_earlier_version_may_be_written_again(report, tmp_path):
    assert report("chain", "--seeds", 1) == (0, "")
    results, page = tmp_path / "results.json", tmp_path / "report.html"
    results.write_text(results.read_text().replace('"quick": false,', ""))
    generator = '<meta name="generator" content="fastnn chapter5">\n'
    assert generator in page.read_text()
    page.write_text(page.read_text().replace(generator, ""))
    assert report("chain", "--seeds", 1) == (0, "")


@pytest.mark.parametrize(
    "first, second, words",
    [
        (["chain", "exploding"], ["chain"], "exploding, which this run would drop"),
        (["--seeds", 6], ["--seeds", 2], "6 seeds, this run has 2: name another folder, or give"),
        (["--seeds", 6], ["--seeds", 2], "--seeds 6 or more"),
        ([], ["--quick", "--seeds", 20], "a full report, which --quick would replace"),
        (["--quick", "--seeds", 3], ["--quick"], "3 seeds, this run has 2"),
    ],
    ids=str,
)
def test_a_report_is_not_replaced_by_one_that_is_worth_less(report, tmp_path, first, second, words):
    assert report("chain", *first) == (0, "")
    before = files(tmp_path)
    status, error = report("chain", *second)
    assert status == 1
    assert words in error
    assert files(tmp_path) == before


def test_a_full_report_replaces_a_quick_one_of_more_seeds(report):
    assert report("chain", "--quick", "--seeds", 12) == (0, "")
    assert report("chain", "--seeds", 2) == (0, "")


def test_a_report_in_other_numbers_is_not_replaced(report, tmp_path):
    assert report("chain", "--seeds", 1) == (0, "")
    stored = json.loads((tmp_path / "results.json").read_text())
    stored["experiments"] = {"depth": {"settings": {"seeds": [0], "dtype": "float32"}}}
    (tmp_path / "results.json").write_text(json.dumps(stored))
    status, error = report("depth", "--seeds", 1)
    assert status == 1
    assert "depth in float32, this run is in float64" in error
    assert "--dtype float32" in error


@pytest.mark.parametrize("name", ["report.html", "results.json", "figures/chain.svg"])
def test_a_folder_in_the_place_of_a_file_is_seen_before_any_work(report, tmp_path, name):
    assert report("chain", "--seeds", 1) == (0, "")
    (tmp_path / name).unlink()
    (tmp_path / name).mkdir()
    status, error = report("chain", "--seeds", 1)
    assert status == 1
    assert error.startswith("fastnn: --out: ")
    assert name in error


@pytest.mark.parametrize("name", [".", "figures"])
def test_a_file_in_the_place_of_a_folder_is_refused(report, tmp_path, name):
    if name == ".":
        tmp_path.rmdir()
    (tmp_path / name).write_text("mine")
    before = (tmp_path / name).read_text()
    status, error = report("chain", "--seeds", 1)
    assert status == 1
    assert error.startswith("fastnn: --out must be a folder, or the name of a new one, got ")
    assert error.endswith(f"{tmp_path / name} is no folder\n")
    assert (tmp_path / name).read_text() == before
