"""Text in any encoding, from a file or standard input."""

import gzip
import io
import os
import sys
import threading

import numpy as np
import pytest
from refusals import assert_refused
from table_files import flowers, iris, write

from fastnn.datasets.files.text_files import Source, TextFile
from fastnn.own_data import read_examples, read_labelled_table


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


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-8", "latin-1"])
def test_a_mark_is_no_part_of_the_first_name_whatever_encoding_is_named(tmp_path, encoding):
    named = "utf-8" if encoding == "latin-1" else encoding
    path = tmp_path / "t.csv"
    path.write_bytes(("\ufeff" + "\n".join(iris())).encode(named))
    assert read_labelled_table(path, encoding=encoding).learn().names() == ["a", "b", "c", "d"]


@pytest.mark.parametrize("encoding", ["rot13", "base64", "zip"])
def test_a_codec_of_something_else_than_text_is_refused(tmp_path, encoding):
    path = write(tmp_path / "t.csv", iris())
    words = ["t.csv", "encoding must be one of text", encoding]
    assert_refused(lambda: read_labelled_table(path, encoding=encoding), ValueError, *words)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_named_pipe_is_read(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    text = gzip.compress("\n".join(iris()).encode())
    writer = threading.Thread(target=path.write_bytes, args=(text,))
    writer.start()
    assert np.array_equal(read_examples(path).inputs, flowers()[0])
    writer.join()


@pytest.mark.skipif(not os.path.isdir("/dev/fd"), reason="needs open files by their number")
def test_what_a_shell_makes_a_pipe_of_is_read(fastnn_program, tmp_path):
    net = tmp_path / "net.npz"

    def pipe(lines):
        reading, writing = os.pipe()
        os.write(writing, ("\n".join(lines) + "\n").encode())
        os.close(writing)
        return reading

    train = pipe(iris())
    words = ["--quiet", "--epochs", 30, "--eta", 0.5, "--seed", 1, "--save", net]
    status, _, err = fastnn_program("train", "--data", f"/dev/fd/{train}", *words)
    assert (status, err) == (0, [])
    new = pipe(iris())
    status, out, _ = fastnn_program("predict", net, f"/dev/fd/{new}")
    assert status == 0
    assert sum("alpha" in line for line in out) >= 45
    os.close(train)
    os.close(new)
