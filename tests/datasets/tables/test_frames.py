"""Tables in blocks: what their columns are called, and that they need pandas."""

import sys

import pytest

from fastnn.datasets.tables.frames import Frames, pandas_module


def frames_with(names, width=None):
    frames = Frames()
    frames.names, frames.width = names, len(names) if width is None else width
    return frames


def test_a_column_is_called_by_its_name_or_without_a_header_by_its_number():
    assert frames_with(["a", "b"]).name(1) == "b"
    assert frames_with(None, 2).name(1) == "1"


def test_a_column_without_a_name_has_pandas_name_for_it_which_no_other_has():
    assert frames_with(["a", ""]).name(1) == "Unnamed: 1"
    assert frames_with(["Unnamed: 1", ""]).name(1) == "Unnamed: 1.1"


def test_messages_count_columns_from_one():
    assert frames_with(["a", "b"]).column(1) == "column 2 (b)"
    assert frames_with(["a", ""]).column(1) == "column 2"
    assert frames_with(None, 2).column(0) == "column 1"


def test_without_pandas_it_is_said_what_installs_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match=r"a table needs pandas: .*fastnn-jit\[tables\]"):
        pandas_module("a table")
