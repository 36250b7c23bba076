"""CONTRIBUTING's steps add an experiment: nothing else has to know of it."""

import json
import os
import subprocess
import sys

import pytest
from documented_changes import apply_documented, copied_package

pytest.importorskip("jinja2")
pytest.importorskip("matplotlib")


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    """Run the program of a copy of fastnn that has the new experiment; return what it prints."""
    folder = copied_package(tmp_path_factory.mktemp("changed"))
    apply_documented("Adding an experiment", folder)

    def run(*arguments):
        done = subprocess.run(
            [sys.executable, "-m", "fastnn", "chapter5", *map(str, arguments)],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(folder)},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_the_new_experiment_is_in_results_and_report(program, tmp_path):
    printed = program("steeper", "--quick", "--jobs", 1, "--out", tmp_path)
    assert printed.startswith("steeper: ")
    found = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))["experiments"]
    assert list(found) == ["steeper"]
    assert found["steeper"]["settings"] == {"seeds": [0, 1], "neurons": 1000}
    assert all(len(one["per_seed"]) == 2 for one in found["steeper"]["quantities"])
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert 'id="steeper"' in page
    assert found["steeper"]["title"] in page
    assert found["steeper"]["findings"][0] in page
    assert (tmp_path / "figures" / "steeper.svg").is_file()


def test_the_command_line_offers_the_new_experiment_at_its_place(program):
    assert "exploding, steeper, range" in " ".join(program("--help").split())


def test_the_new_experiment_runs_in_the_chapters_order(program, tmp_path):
    printed = program("range", "steeper", "--quick", "--jobs", 1, "--out", tmp_path)
    assert [line.partition(":")[0] for line in printed.splitlines()[:2]] == ["steeper", "range"]
