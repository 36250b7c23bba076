"""Npz and IDX files that lie or explode are refused before they fill the memory; none runs code."""

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
    assert_refused_cheaply(path, "allow_pickle")
    assert not victim.exists()
