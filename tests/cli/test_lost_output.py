"""Output that nobody reads, or that there is no room for: what was trained is not lost with it."""

import io
import os
import sys
from contextlib import suppress

import numpy as np
import pytest
from small_program import SMALL

import fastnn
from fastnn.cli import main

pytestmark = pytest.mark.usefixtures("_small_mnist")


@pytest.fixture(params=["closed pipe", "full disk"])
def lost(request):
    """A stream that nothing can be written to."""
    if request.param == "closed pipe":
        read, write = os.pipe()
        os.close(read)
    elif os.path.exists("/dev/full"):
        write = os.open("/dev/full", os.O_WRONLY)
    else:
        pytest.skip("no such device here")
    stream = os.fdopen(write, "w", buffering=1)
    yield stream
    with suppress(OSError):
        stream.close()


def test_a_network_is_saved_though_its_lines_cannot_be_printed(lost, monkeypatch, capsys, tmp_path):
    saved, speeds = tmp_path / "net.npz", tmp_path / "speeds.csv"
    monkeypatch.setattr(sys, "stdout", lost)
    words = ["train", *SMALL, "--save", str(saved), "--layer-speeds", str(speeds)]
    assert main(words) == 1
    err = capsys.readouterr().err.splitlines()
    assert err[0] == f"{saved} has the network after 1 whole epoch"
    assert len(fastnn.load(saved).weights) == 2
    assert len(speeds.read_text().splitlines()) == 2


def test_a_resumed_network_is_saved_too(lost, monkeypatch, capsys, tmp_path):
    run, saved = str(tmp_path / "run.npz"), tmp_path / "net.npz"
    assert main(["train", *SMALL, "--quiet", "--checkpoint", run]) == 0
    monkeypatch.setattr(sys, "stdout", lost)
    assert main(["train", "--resume", run, "--epochs", "4", "--save", str(saved)]) == 1
    err = capsys.readouterr().err.splitlines()
    assert err[0] == f"{saved} has the network after 2 whole epochs"
    assert len(fastnn.load(saved).weights) == 2


def test_without_a_name_nothing_is_saved(lost, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdout", lost)
    assert main(["train", *SMALL]) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def ascii_only():
    """A stream that nothing but ASCII can be written to."""
    return io.TextIOWrapper(io.BytesIO(), encoding="ascii", newline="")


def test_a_name_that_stdout_cannot_write_is_escaped(ascii_only, monkeypatch, tmp_path):
    pytest.importorskip("jinja2")
    pytest.importorskip("matplotlib")
    out = tmp_path / "\u00fcber"
    monkeypatch.setattr(sys, "stdout", ascii_only)
    assert main(["chapter5", "sigmoid-prime", "--out", str(out)]) == 0
    printed = ascii_only.buffer.getvalue().decode()
    assert f"{tmp_path}{os.sep}\\xfcber{os.sep}results.json, in " in printed


def test_answers_are_not_escaped_but_refused(ascii_only, monkeypatch, tmp_path):
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    net = fastnn.Network([2, 3, 2])
    net.labels = ["\u00fcber", "unter"]
    net.save(tmp_path / "net.npz")
    (tmp_path / "x.csv").write_text("1,2\n3,4\n")
    words = [str(tmp_path / "net.npz"), str(tmp_path / "x.csv"), "--probabilities"]
    monkeypatch.setattr(sys, "stdout", ascii_only)
    assert main(["predict", *words]) == 1
    assert ascii_only.buffer.getvalue() == b""


@pytest.mark.parametrize("name", ["stdout", "stderr"])
def test_a_program_without_stdout_or_stderr_does_its_work(name, monkeypatch, tmp_path):
    net, data = tmp_path / "net.npz", tmp_path / "x.csv"
    data.write_text("1,2\n3,4\n")
    fastnn.Network([2, 3, 2]).save(tmp_path / "small.npz")
    commands = [
        ["train", *SMALL, "--save", str(net)],
        ["train", "--data", str(tmp_path / "missing.csv")],
        ["predict", str(tmp_path / "small.npz"), str(data)],
        ["show", str(tmp_path / "small.npz")],
        ["sweep", "--sizes", "784,8,10", "--epochs", "1", "--seeds", "1"],
    ]
    statuses = []
    for command in commands:
        monkeypatch.setattr(sys, name, None)
        statuses.append(main(command))
        getattr(sys, name).close()
    assert statuses == [0, 1, 0, 0, 0]
    assert all(np.isfinite(w).all() for w in fastnn.load(net).weights)
