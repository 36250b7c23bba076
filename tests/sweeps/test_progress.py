"""Progress of a sweep: which network is done, and what came of it."""

import io

import pytest

from fastnn.sweeps.progress import SweepProgress


def test_without_a_terminal_it_is_a_line_for_each_network(capsys):
    progress = SweepProgress(30, 4)
    progress.show("eta=0.5, seed 0", "accuracy 96.48%, 12.3 s")
    progress.close()
    line = "network 5/30: eta=0.5, seed 0: accuracy 96.48%, 12.3 s\n"
    assert capsys.readouterr() == ("", line)


def test_the_bar_keeps_the_accuracy_at_80_columns(monkeypatch):
    tqdm = pytest.importorskip("tqdm")
    screen = io.StringIO()
    screen.isatty = lambda: True
    monkeypatch.setattr("sys.stderr", screen)
    monkeypatch.setattr(tqdm.std, "_screen_shape_wrapper", lambda: lambda file: (80, 24))
    progress = SweepProgress(30, 0)
    many = ", ".join(f"setting_{i}=value" for i in range(9))
    progress.show(many, "accuracy 96.48%, 12.3 s")
    progress.close()
    last = screen.getvalue().split("\r")[-1].rstrip("\n")
    assert "accuracy 96.48%" in last
    assert len(last) <= 80
