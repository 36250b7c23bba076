"""No command replaces a file that it reads."""

import shutil
import subprocess
import sys

import pytest
from small_program import assert_one_line_of_error
from table_files import iris, write
from table_networks import network_of

pytest.importorskip("pandas")


@pytest.fixture
def files(tmp_path):
    """Data in a folder, a network, and a link to the data."""
    (tmp_path / "folder").mkdir()
    data = write(tmp_path / "folder" / "t.csv", iris())
    (tmp_path / "link.csv").symlink_to(data)
    (tmp_path / "later.npz").symlink_to("new.npz")  # which is not there yet
    network_of(data).save(tmp_path / "net.npz")
    shutil.copy(data, tmp_path / "other.csv")
    return tmp_path


COMMANDS = {
    "save": "train --data folder/t.csv --save folder/t.csv",
    "save by a link": "train --data folder/t.csv --save link.csv",
    "save into the folder of data": "train --data folder --save folder/t.csv",
    "save over test data": "train --data folder --test-data other.csv --save other.csv",
    "checkpoint": "train --data folder/t.csv --checkpoint folder/../folder/t.csv",
    "speeds": "train --data folder/t.csv --layer-speeds folder/t.csv",
    "save where the checkpoint is": "train --data folder --save new.npz --checkpoint new.npz",
    "predictions over data": "predict net.npz other.csv --output other.csv",
    "predictions over the network": "predict net.npz other.csv --output net.npz",
    "lines over data": "predict net.npz other.csv --out other.csv",
    "a report": "evaluate net.npz other.csv --report other.csv",
    "a folder that is not there": "predict net.npz other.csv --output nowhere/../other.csv",
    "a report beside it": "evaluate net.npz other.csv --report nowhere/../other.csv",
    "a network beside it": "train --data other.csv --save nowhere/../other.csv",
    "two where a link leads": "train --data folder --save new.npz --checkpoint later.npz",
    "results of a sweep": "sweep --seeds 2 --data other.csv --results other.csv",
}


@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_replaces_what_it_reads(fastnn_program, files, monkeypatch, command):
    monkeypatch.chdir(files)
    before = {path: path.read_bytes() for path in files.rglob("*.*") if path.is_file()}
    words = COMMANDS[command].split()
    result = fastnn_program(*words)
    assert_one_line_of_error(result, f"{words[-2]} {words[-1]} is the file of", "another name")
    assert {path: path.read_bytes() for path in files.rglob("*.*") if path.is_file()} == before


@pytest.mark.parametrize("name", ["other.csv", "nowhere/../other.csv"])
def test_no_command_replaces_what_comes_by_standard_input(files, name):
    before = (files / "other.csv").read_bytes()
    command = [sys.executable, "-m", "fastnn", "predict", "net.npz", "-", "--output", name]
    with (files / "other.csv").open("rb") as data:
        done = subprocess.run(command, stdin=data, cwd=files, capture_output=True, check=False)
    assert done.returncode == 1
    assert f"--output {name} is the file of the data".encode() in done.stderr
    assert (files / "other.csv").read_bytes() == before
