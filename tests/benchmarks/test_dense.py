"""Dense data: both tables have a line for each row, with the aims."""

from __future__ import annotations

import sys

import pytest

from benchmarks import dense

pytestmark = [pytest.mark.thorough, pytest.mark.compiled]


def test_tables_have_a_line_for_each_network_and_width(capsys, monkeypatch):
    monkeypatch.setattr(dense, "ROWS", [*dense.ROWS[:2], dense.ROWS[3]])
    monkeypatch.setattr(dense, "PAUSE", 0.0)
    arguments = ["--examples", "40", "--repeats", "1", "--dtype", "float32", "--widths", "16", "17"]
    assert dense.main(arguments) == 0
    head, *rows = capsys.readouterr().out.splitlines()
    assert head.split()[:4] == ["dtype", "n", "network", "batch"]
    rows, last = (rows[:-1], rows[-1]) if rows[-1].startswith("other programs") else (rows, "")
    first, second, two_classes, note, blank, shares, *lines, peaks, aims = rows
    assert "[4, 10, 3]" in first
    assert "[64, 100, 10]" in second
    assert "[20, 32, 32, 2]" in two_classes
    assert (note, blank) == ("* below the aim", "")
    assert shares.split()[:2] == ["dtype", "width"]
    assert [line.split()[1] for line in lines] == ["16", "17"]
    assert all(0 < float(line.split()[2]) < 110 for line in lines)
    assert peaks.startswith("float32    peak: ")
    assert aims.startswith("aims: 85 %")
    assert bool(last) is (sys.platform == "linux")


def test_rows_may_be_chosen(capsys, monkeypatch):
    monkeypatch.setattr(dense, "PAUSE", 0.0)
    arguments = ["--rows", "2", "--examples", "40", "--repeats", "1", "--dtype", "float64"]
    assert dense.main([*arguments, "--widths"]) == 0
    _, row, note, *_ = capsys.readouterr().out.splitlines()
    assert row.split()[:2] == ["float64", "40"]
    assert "[64, 100, 10]" in row
    assert note == "* below the aim"
