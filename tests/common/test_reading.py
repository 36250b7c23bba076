"""Npz and IDX files that lie or explode are refused before they fill the memory; none runs code."""

import json
import pickle
import zipfile

import numpy as np
import pytest
from example_files import npy, npy_that_lies, save_idx, save_members
from memory import peak_bytes

from fastnn.common import reading
from fastnn.own_data import read_examples


def assert_refused_cheaply(path, *words):
    def refused():
        with pytest.raises(ValueError, match=path.name) as caught:
            read_examples(path)
        assert [word for word in words if word not in str(caught.value)] == [], caught.value

    assert peak_bytes(refused) < 10_000_000


@pytest.mark.parametrize("shape", [(2**28, 4), (2**62, 2**62), (3, 5)], ids=str)
def test_an_npz_header_that_lies_sets_no_memory_aside(tmp_path, shape):
    path = save_members(tmp_path / "t.npz", {"x": npy_that_lies("<f8", shape, bytes(96))})
    assert_refused_cheaply(path, "x.npy promises", "found 96")


def test_a_zip_directory_that_lies_as_its_arrays_do_sets_no_memory_aside(tmp_path):
    content = npy_that_lies("<f8", (2**25, 1), bytes(96))
    path = save_members(tmp_path / "t.npz", {"x": content})
    stored = path.read_bytes()
    size, lie = (n.to_bytes(4, "little") for n in (len(content), len(content) - 96 + 2**28))
    path.write_bytes(stored.replace(size + size, size + lie))
    assert_refused_cheaply(path, "x.npy promises", "packed bytes can hold")


def test_an_npz_that_unpacks_beyond_the_bound_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "MAX_UNPACKED_BYTES", 1_000_000)
    content = npy(np.zeros((50_000, 100)))
    path = save_members(tmp_path / "t.npz", {"x": content}, zipfile.ZIP_DEFLATED)
    assert_refused_cheaply(path, "unpacks to", "more than 1000000")


def test_an_npz_packed_tighter_than_numpy_packs_is_refused(tmp_path):
    path = save_members(tmp_path / "t.npz", {"x": npy(np.zeros((9, 9)))}, zipfile.ZIP_LZMA)
    assert_refused_cheaply(path, "x.npy", "packed in a way")


def test_gzipped_images_that_unpack_beyond_the_bound_are_refused(tmp_path, monkeypatch):
    path = save_idx(tmp_path / "images", np.zeros((20_000, 10, 10)), zipped=True)
    assert read_examples(path).inputs.shape == (20_000, 100)
    monkeypatch.setattr(reading, "MAX_UNPACKED_BYTES", 1_000_000)
    assert_refused_cheaply(path, "promises 2000000 bytes", "more than 1000000")


class Payload:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


def test_an_array_with_a_payload_is_refused_and_not_executed(tmp_path):
    victim = tmp_path / "victim"
    content = npy_that_lies("|O", (1, 1), pickle.dumps(np.array([[Payload(victim)]], object)))
    victim.unlink(missing_ok=True)
    path = save_members(tmp_path / "t.npz", {"x": content})
    assert_refused_cheaply(path, "x holds Python objects, which are never read")
    assert not victim.exists()


@pytest.mark.parametrize("descr", ["|V0", "|S0", "<U0", []], ids=str)
@pytest.mark.parametrize("shape", [(10**8,), (10**9, 2), (3,)], ids=str)
def test_items_of_no_bytes_are_refused_however_many_there_are(tmp_path, descr, shape):
    path = save_members(tmp_path / "t.npz", {"x": npy_that_lies(descr, shape)})
    assert_refused_cheaply(path, "x.npy has items of no bytes")


def test_a_long_header_is_refused_before_it_is_read(tmp_path):
    head = b"\x93NUMPY\x02\x00" + (50_000_000).to_bytes(4, "little") + b" " * 50_000_000
    path = save_members(tmp_path / "t.npz", {"x": head}, zipfile.ZIP_DEFLATED)
    assert_refused_cheaply(path, "x.npy has a header of 50000000 bytes, more than 10000")


def test_an_npz_of_more_arrays_than_a_network_has_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "_MAX_MEMBERS", 3)
    members = {name: npy(np.ones((2, 2))) for name in "xabc"}
    path = save_members(tmp_path / "t.npz", members)
    assert_refused_cheaply(path, "it holds 4 files, more than 3")
    del members["c"]
    assert read_examples(save_members(path, members)).inputs.shape == (2, 2)


def test_text_may_unpack_to_less_than_numbers(tmp_path, monkeypatch):
    members = {"x": npy(np.zeros((50_000, 1))), "y": npy(np.full(50_000, "label"))}
    path = save_members(tmp_path / "t.npz", members, zipfile.ZIP_DEFLATED)
    assert read_examples(path).classes == ["label"]
    monkeypatch.setattr(reading, "_MAX_TEXT_BYTES", 999_999)
    assert_refused_cheaply(path, "y.npy promises 1000000 bytes of text, more than 999999")


@pytest.mark.parametrize("shape", [(11,), (10**9, 0), (2, 2)], ids=str)
def test_lists_that_are_longer_than_they_may_be_are_not_made(shape):
    assert reading.plain_values("sizes", np.arange(10), 10) == list(range(10))
    assert reading.plain_values("format", np.array("text"), 1) == "text"
    array = np.empty(shape, np.int8)
    assert peak_bytes(lambda: refuse_values(array)) < 100_000


def refuse_values(array):
    with pytest.raises(ValueError, match="sizes must be at most 10 values, got an array of shape"):
        reading.plain_values("sizes", array, 10)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[" * 1_000_000, "it is nested too deeply"),
        ("9" * 1_000_000, "it has an integer of 1000000 digits"),
        ("{", "Expecting property name"),
        (b"\xff", "codec can't decode"),
    ],
    ids=["deep", "digits", "cut", "bytes"],
)
def test_json_that_would_keep_python_busy_is_refused(text, reason):
    assert reading.parse_json('{"a": [1, -2, 0.5, true, null, "b"]}') == json.loads(
        '{"a": [1, -2, 0.5, true, null, "b"]}'
    )
    with pytest.raises(ValueError, match=reason):
        reading.parse_json(text)


def test_what_a_file_says_reaches_no_message_whole_or_raw(tmp_path):
    path = tmp_path / "bad\x1b[2J\n.npz"
    save_members(path, {"a\x1b[31m" + "b" * 10_000: npy(np.ones(3))})
    with pytest.raises(ValueError, match="expected the arrays x and y") as caught:
        read_examples(path)
    message = str(caught.value)
    assert message.isprintable()
    assert "bad\\x1b[2J\\n.npz" in message
    assert len(message) < 600 + len(str(tmp_path))
