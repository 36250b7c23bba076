"""Whether somebody sees stderr, and lines for those who do."""

import io
import sys

import pytest

from fastnn.common.terminals import give_streams, say, stderr_is_terminal


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("stderr", "seen"),
    [(Terminal(), True), (io.StringIO(), False), (object(), False), (None, False)],
    ids=["terminal", "file", "object", "none"],
)
def test_stderr_is_a_terminal_where_it_says_so(monkeypatch, stderr, seen):
    monkeypatch.setattr(sys, "stderr", stderr)
    assert stderr_is_terminal() is seen


def test_a_line_goes_to_stderr_and_never_to_stdout(monkeypatch, capsys):
    say("here")
    assert capsys.readouterr() == ("", "here\n")
    monkeypatch.setattr(sys, "stderr", None)
    say("to nobody")
    assert capsys.readouterr().out == ""


def test_a_process_without_streams_gets_some_that_go_nowhere(monkeypatch, capsys):
    there = sys.stdout
    monkeypatch.setattr(sys, "stderr", None)
    give_streams()
    assert sys.stdout is there
    with sys.stderr:
        print("to nobody", file=sys.stderr)
    assert capsys.readouterr().out == ""
