"""Text in any encoding, from a file or standard input."""

import io
import sys

import numpy as np
import pytest
from refusals import assert_refused
from table_files import flowers, iris, write

from fastnn.datasets.text_files import Source, TextFile
from fastnn.own_data import read_labelled_table


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32"])
def test_an_encoding_is_found_out(tmp_path, encoding):
    path = write(tmp_path / "t", iris(), encoding)
    with TextFile(Source(path)).open() as stream:
        assert stream.read() == "\n".join(iris()) + "\n"


def test_an_encoding_can_be_named(tmp_path):
    lines = [iris()[0].replace("a", "größe", 1), *iris()[1:]]
    path = write(tmp_path / "t.csv", lines, "cp850")
    columns = read_labelled_table(path, encoding="cp850").learn()
    assert columns.inputs[0].name == "größe"
    assert_refused(
        lambda: read_labelled_table(path, encoding="klingon"), ValueError, "encoding", "klingon"
    )


def test_standard_input_is_read(monkeypatch):
    class Input:
        buffer = io.BytesIO("\n".join(iris()).encode())

    monkeypatch.setattr(sys, "stdin", Input)
    table = read_labelled_table("-")
    assert np.array_equal(table.examples(table.learn()).inputs, flowers()[0])
