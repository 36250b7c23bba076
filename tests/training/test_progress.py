"""Progress: a bar on a terminal, else lines on stderr, in place of network2's lines."""

from __future__ import annotations

import contextlib
import os
import select
import struct
import sys
import types

import pytest
from builders import everything, seeded_network
from small_sweeps import sweep
from training_runs import SIZES, assert_same_end, trained

from fastnn import network2
from fastnn.common import terminals
from fastnn.engine.trainer import Trainer


class CallbackError(Exception):
    """What a callback raises."""


def test_progress_is_a_line_an_epoch_on_stderr_in_place_of_network2s(data, held_out, capsys):
    net = seeded_network(network2, SIZES)
    history = net.SGD(data, 2, 7, 0.5, progress=True, **everything(held_out))
    out, err = capsys.readouterr()
    assert out == ""
    lines = err.splitlines()
    assert len(lines) == 2
    for epoch, (line, accuracy) in enumerate(
        zip(lines, history.evaluation_accuracy, strict=True), 1
    ):
        assert line.startswith(f"epoch {epoch}/2: accuracy {accuracy / 40:.2%}, ")
        assert line.endswith(" examples/s")


def on_a_terminal(monkeypatch, action):
    """Do something with stderr on a pseudo terminal 80 wide; return what that was shown."""
    pty, fcntl, termios = (pytest.importorskip(name) for name in ("pty", "fcntl", "termios"))
    control, end = pty.openpty()
    fcntl.ioctl(end, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    with open(end, "w", encoding="utf-8") as terminal, monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", terminal)
        action()
    shown = b""
    # A closed end is an OSError or nothing. A process that tqdm's lock started may keep it open.
    with contextlib.suppress(OSError):
        while select.select([control], [], [], 1)[0] and (part := os.read(control, 100_000)):
            shown += part
    os.close(control)
    return shown.decode()


def test_progress_on_a_terminal_is_a_bar_with_accuracy_and_speed(
    data, held_out, monkeypatch, capsys
):
    pytest.importorskip("tqdm")
    net = seeded_network(network2, SIZES)
    shown = on_a_terminal(
        monkeypatch, lambda: net.SGD(data, 3, 7, 0.5, progress=True, **everything(held_out))
    )
    last = shown.rstrip().split("\r")[-1]
    assert last.startswith("100%")
    assert "3/3" in last
    assert f"accuracy {net.accuracy(held_out) / 40:.2%}" in last
    assert "examples/s" in last
    assert capsys.readouterr().out == ""


def test_progress_on_a_terminal_without_tqdm_is_plain_lines(data, monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm", None)  # as if it were not installed
    net = seeded_network(network2, SIZES)
    shown = on_a_terminal(monkeypatch, lambda: net.SGD(data, 2, 7, 0.5, progress=True))
    assert [line[:11] for line in shown.splitlines()] == ["epoch 1/2: ", "epoch 2/2: "]


def test_progress_changes_no_bit(data, capsys):
    assert_same_end(trained(data, progress=True), trained(data))


def test_a_bar_is_closed_when_training_fails(data, monkeypatch):
    pytest.importorskip("tqdm")

    def fail():
        def callback(*_):
            raise CallbackError

        with pytest.raises(CallbackError):
            seeded_network(network2, SIZES).SGD(data, 2, 7, 0.5, progress=True, callback=callback)

    assert on_a_terminal(monkeypatch, fail).endswith("\n")


def test_in_a_notebook_the_bar_is_tqdms_own_kind(data, monkeypatch, capsys):
    made = []

    class NotebookBar:
        def __init__(self, **arguments):
            made.append((arguments, []))

        def set_postfix_str(self, text, refresh):
            made[-1][1].append(text)

        def update(self):
            pass

        def close(self):
            made[-1][1].append("closed")

    kernel = types.SimpleNamespace(kernel=object())
    ipython = types.SimpleNamespace(get_ipython=lambda: kernel)
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "tqdm.notebook", types.SimpleNamespace(tqdm=NotebookBar))
    monkeypatch.setattr(terminals, "find_spec", lambda name: name)  # as if it were installed
    pytest.importorskip("tqdm")
    seeded_network(network2, SIZES).SGD(data, 2, 7, 0.5, progress=True)
    [(arguments, shown)] = made
    assert arguments == {"total": 2, "initial": 0, "unit": "epoch"}
    assert shown[-1] == "closed"
    assert len(shown) == 3
    assert capsys.readouterr() == ("", "")


def test_in_a_notebook_without_widgets_the_bar_is_plain_text(data, monkeypatch, capsys):
    kernel = types.SimpleNamespace(kernel=object())
    ipython = types.SimpleNamespace(get_ipython=lambda: kernel)
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setattr(terminals, "find_spec", lambda name: None)
    pytest.importorskip("tqdm")
    seeded_network(network2, SIZES).SGD(data, 2, 7, 0.5, progress=True)
    assert "2/2" in capsys.readouterr().err


class NoTerminal:
    """What some programs put in the place of stderr: all that it can do is write."""

    def __init__(self):
        self.text = ""

    def write(self, text):
        self.text += text

    def flush(self):
        pass


def test_where_stderr_only_writes_progress_is_lines(data, monkeypatch):
    shown = NoTerminal()
    monkeypatch.setattr(sys, "stderr", shown)
    seeded_network(network2, SIZES).SGD(data, 2, 7, 0.5, progress=True)
    assert [line[:11] for line in shown.text.splitlines()] == ["epoch 1/2: ", "epoch 2/2: "]


@pytest.mark.parametrize("notebook", [False, True])
def test_where_there_is_no_stderr_progress_is_shown_to_nobody(data, monkeypatch, capsys, notebook):
    monkeypatch.setattr(sys, "stderr", None)
    monkeypatch.setattr(terminals, "_in_notebook", lambda: notebook)
    monkeypatch.setattr(terminals, "find_spec", lambda name: None)
    net = seeded_network(network2, SIZES)
    net.SGD(data, 2, 7, 0.5, progress=True)
    assert len(net.history.epoch_seconds) == 2
    assert len(sweep(progress=True)) == 2
    assert capsys.readouterr().out == ""


def test_a_bar_that_cannot_be_made_leaves_network_and_threads_as_they_were(data, monkeypatch):
    def broken(**_):
        raise RuntimeError("no bar")

    closed = []
    monkeypatch.setattr(terminals, "bar_on_a_terminal", broken)
    monkeypatch.setattr(Trainer, "close", lambda self: closed.append(self))
    net = seeded_network(network2, SIZES)
    with pytest.raises(RuntimeError, match="no bar"):
        net.SGD(data, 2, 7, 0.5, progress=True)
    assert net.history is None
    assert len(closed) == 1
