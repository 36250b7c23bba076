"""Digit data from the usual files: the same numbers from each, or one clear refusal."""

import io
import os
import pickle
import shutil
import struct
import zipfile

import numpy as np
import pytest
from digit_files import (
    as_floats,
    idx,
    python2_pickle,
    save_gz,
    save_idx_folder,
    save_npz,
    small_splits,
)
from house import ROOT
from memory import peak_bytes

from fastnn import mnist_loader
from fastnn.datasets.files import digits as data_files

DATA = ROOT / "data"
IMAGES = "train-images-idx3-ubyte"


@pytest.fixture
def fake():
    return small_splits()


# --- files that are read ----------------------------------------------------------------------


def assert_loads_as(path, splits):
    loaded = mnist_loader.load_data(path)
    for (images, labels), (wanted_images, wanted_labels) in zip(loaded, splits, strict=True):
        assert images.dtype == np.float32
        assert np.array_equal(images, wanted_images / np.float32(256))
        assert labels.dtype == np.int64
        assert np.array_equal(labels, wanted_labels)
        assert images.flags.writeable
        assert images.flags.c_contiguous


def test_a_python_2_pickle_is_read(fake, tmp_path):
    content = python2_pickle(as_floats(fake))
    assert_loads_as(save_gz(tmp_path / "mnist.pkl.gz", content), fake)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_python_3_pickle_of_any_protocol_is_read(fake, tmp_path, protocol):
    content = pickle.dumps(as_floats(fake), protocol=protocol)
    assert_loads_as(save_gz(tmp_path / "mnist.pkl.gz", content), fake)


@pytest.mark.parametrize("protocol", [2, 5])
def test_a_pickle_in_another_memory_layout_is_read(fake, tmp_path, protocol):
    splits = [(np.asfortranarray(x).astype(">f4"), y.astype(">i4")) for x, y in as_floats(fake)]
    content = pickle.dumps(splits, protocol=protocol)
    assert_loads_as(save_gz(tmp_path / "mnist.pkl.gz", content), fake)


def test_an_npz_of_bytes_is_read_as_multiples_of_1_256(fake, tmp_path):
    assert_loads_as(save_npz(tmp_path / "bytes.npz", fake), fake)
    assert_loads_as(str(tmp_path / "bytes.npz"), fake)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_an_npz_of_floats_is_read_as_it_is(fake, tmp_path, dtype):
    splits = [(images.astype(dtype) / 3, labels) for images, labels in fake]
    loaded = mnist_loader.load_data(save_npz(tmp_path / "floats.npz", splits))
    for (images, _), (wanted, _) in zip(loaded, splits, strict=True):
        assert images.dtype == dtype
        assert np.array_equal(images, wanted)


@pytest.mark.parametrize("zipped", [False, True], ids=["plain", "gz"])
def test_idx_files_are_read_and_the_last_sixth_becomes_validation_data(fake, tmp_path, zipped):
    (images, labels), _, test = fake
    folder = save_idx_folder(tmp_path / "idx", fake[0], test, zipped)
    assert_loads_as(folder, [(images[:10], labels[:10]), (images[10:], labels[10:]), test])


def test_of_60000_idx_images_the_last_10000_become_validation_data(fake, tmp_path):
    images = np.repeat(np.arange(60_000) % 251, 6).astype(np.uint8).reshape(-1, 6)
    labels = np.arange(60_000) % 10
    folder = save_idx_folder(tmp_path / "idx", (images, labels), fake[2])
    train, validation = (images[:50_000], labels[:50_000]), (images[50_000:], labels[50_000:])
    assert_loads_as(folder, [train, validation, fake[2]])


# --- files that are refused -------------------------------------------------------------------


def refusal(path, error=ValueError):
    """Load `path`, which must fail with an `error` that names it; return the message."""
    with pytest.raises(error) as caught:
        mnist_loader.load_data(path)
    assert str(path) in str(caught.value)
    return str(caught.value)


def test_no_array_of_an_npz_is_looked_for_while_another_is_read(fake, tmp_path, monkeypatch):
    """Python 3.13.0 would find the wrong place in the file."""

    def opened(archive, name):
        raise AssertionError(f"{name} is opened")

    def one_by_one(read, streams):
        with monkeypatch.context() as patch:
            patch.setattr(zipfile.ZipFile, "open", opened)
            return [read(stream) for stream in streams]

    monkeypatch.setattr(data_files, "map_in_threads", one_by_one)
    assert_loads_as(save_npz(tmp_path / "fake.npz", fake), fake)


@pytest.mark.parametrize("path", [3, b"mnist.npz", ["mnist.npz"]])
def test_a_path_of_another_type_is_refused(path):
    with pytest.raises(TypeError, match=f"path must be .*, got {type(path).__name__}"):
        mnist_loader.load_data(path)


@pytest.mark.parametrize("load", [mnist_loader.load_data, mnist_loader.load_data_wrapper])
def test_a_missing_file_is_refused(tmp_path, load):
    with pytest.raises(FileNotFoundError, match=r"nowhere\.npz"):
        load(tmp_path / "nowhere.npz")


@pytest.mark.parametrize("content", [b"", b"PK", b"label,pixel\n5,0\n", b"\x80\x02N."])
def test_a_foreign_file_is_refused(tmp_path, content):
    path = tmp_path / "mnist.npz"
    path.write_bytes(content)
    assert "expected a gzipped pickle" in refusal(path)


class Payload:
    def __init__(self, function, *arguments):
        self.reduced = function, arguments

    def __reduce__(self):
        return self.reduced


@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_a_pickle_with_a_payload_is_refused_and_not_executed(tmp_path, protocol):
    victim = tmp_path / "victim"
    content = pickle.dumps(Payload(os.system, f"echo > {victim}"), protocol=protocol)
    message = refusal(save_gz(tmp_path / "mnist.pkl.gz", content))
    assert f"{os.name}.system" in message
    assert not victim.exists()


@pytest.mark.parametrize("function", [eval, getattr, np.load, np.frombuffer, bytearray])
def test_a_pickle_that_calls_anything_else_is_refused(tmp_path, function):
    content = pickle.dumps(Payload(function, "1"), protocol=2)
    assert "only NumPy arrays" in refusal(save_gz(tmp_path / "mnist.pkl.gz", content))


def test_a_pickle_of_python_objects_in_an_array_is_refused(fake, tmp_path):
    splits = [(images.astype(object), labels) for images, labels in fake]
    content = pickle.dumps(splits, protocol=2)
    assert "expected plain numbers" in refusal(save_gz(tmp_path / "mnist.pkl.gz", content))


@pytest.mark.parametrize("tree", [None, 5, "abc", [1, 2, 3], [(1, 2)] * 3, {"a": 1}, ()])
def test_a_pickle_of_something_else_is_refused(tmp_path, tree):
    refusal(save_gz(tmp_path / "mnist.pkl.gz", pickle.dumps(tree, protocol=2)))


def test_a_pickle_cut_short_is_refused(fake, tmp_path):
    content = pickle.dumps(as_floats(fake), protocol=2)
    refusal(save_gz(tmp_path / "mnist.pkl.gz", content[:-40]))


def test_a_gzip_file_cut_short_is_refused(fake, tmp_path):
    path = save_gz(tmp_path / "mnist.pkl.gz", python2_pickle(as_floats(fake)))
    path.write_bytes(path.read_bytes()[:-30])
    refusal(path)


def test_a_damaged_gzip_file_is_refused(fake, tmp_path):
    path = save_gz(tmp_path / "mnist.pkl.gz", python2_pickle(as_floats(fake)))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    refusal(path)


def test_a_gzip_bomb_is_refused_before_it_fills_the_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(data_files, "_MAX_PICKLE_BYTES", 1_000_000)
    path = save_gz(tmp_path / "mnist.pkl.gz", bytes(50_000_000))
    assert peak_bytes(lambda: refusal(path)) < 10_000_000


@pytest.mark.parametrize(
    "content",
    [
        b"\x80\x02Nr\xff\xff\xff\x7f.",
        b"\x80\x02T\xff\xff\xff\x7fshort.",
        b"\x80\x04\x8e" + struct.pack("<Q", 1 << 31) + b"short.",
        b"\x80\x05\x96" + struct.pack("<Q", 1 << 31) + b"short.",
        b"\x80\x04\x95" + struct.pack("<Q", 1 << 31) + b"N.",
    ],
    ids=["memo index", "string", "bytes", "bytearray", "frame"],
)
def test_a_forged_size_in_a_pickle_sets_no_memory_aside(tmp_path, content):
    path = save_gz(tmp_path / "mnist.pkl.gz", content)
    assert peak_bytes(lambda: refusal(path)) < 10_000_000


def test_a_pickled_array_of_another_size_than_its_data_is_refused(fake, tmp_path):
    content = python2_pickle(as_floats(fake))
    size = b"J" + struct.pack("<i", 12)
    assert size in content
    content = content.replace(size, b"J" + struct.pack("<i", 2**31 - 1), 1)
    path = save_gz(tmp_path / "mnist.pkl.gz", content)
    messages = []
    assert peak_bytes(lambda: messages.append(refusal(path))) < 10_000_000
    assert "values for the shape" in messages[0]


@pytest.mark.parametrize("missing", ["train-labels-idx1-ubyte", "t10k-images-idx3-ubyte"])
def test_a_folder_without_one_of_the_idx_files_is_refused(fake, tmp_path, missing):
    folder = save_idx_folder(tmp_path / "idx", fake[0], fake[2])
    (folder / missing).unlink()
    assert missing in refusal(folder, FileNotFoundError)


@pytest.mark.parametrize("zipped", [False, True], ids=["plain", "gz"])
@pytest.mark.parametrize("shape", [(11, 2, 3), (13, 2, 3), (0, 2, 3), (2**32 - 1,) * 3], ids=str)
def test_an_idx_header_that_lies_is_refused_and_sets_no_memory_aside(fake, tmp_path, shape, zipped):
    folder = save_idx_folder(tmp_path / "idx", fake[0], fake[2])
    path = folder / IMAGES
    content = idx(fake[0][0].reshape(-1, 2, 3))
    content = content[:4] + struct.pack(">3I", *shape) + content[16:]
    if zipped:
        path.unlink()
        path = save_gz(folder / f"{IMAGES}.gz", content)
    else:
        path.write_bytes(content)

    def refused():
        with pytest.raises(ValueError, match="header promises") as caught:
            mnist_loader.load_data(folder)
        assert str(path) in str(caught.value)

    assert peak_bytes(refused) < 10_000_000


@pytest.mark.parametrize(
    "content", [b"", b"\0\0\x08", b"\0\0\x08\x03\0\0", b"\0\0\x0d\x03" + bytes(12)]
)
def test_a_file_without_an_idx_header_is_refused(fake, tmp_path, content):
    folder = save_idx_folder(tmp_path / "idx", fake[0], fake[2])
    (folder / IMAGES).write_bytes(content)
    with pytest.raises(ValueError, match=f"{IMAGES} as IDX file: its header"):
        mnist_loader.load_data(folder)


def test_an_idx_gzip_file_cut_short_is_refused(fake, tmp_path):
    folder = save_idx_folder(tmp_path / "idx", fake[0], fake[2], zipped=True)
    path = folder / f"{IMAGES}.gz"
    path.write_bytes(path.read_bytes()[:-12])
    with pytest.raises(ValueError, match=f"{IMAGES}.gz"):
        mnist_loader.load_data(folder)


def test_an_idx_folder_with_fewer_labels_than_images_is_refused(fake, tmp_path):
    images, labels = fake[0]
    folder = save_idx_folder(tmp_path / "idx", (images, labels[:-1]), fake[2])
    assert "12 training images but 11 labels" in refusal(folder)


def test_an_idx_folder_too_small_to_split_is_refused(fake, tmp_path):
    images, labels = fake[0]
    folder = save_idx_folder(tmp_path / "idx", (images[:5], labels[:5]), fake[2])
    assert "validation data" in refusal(folder)


def test_an_npz_without_one_of_the_arrays_is_refused(fake, tmp_path):
    path = tmp_path / "part.npz"
    np.savez(path, training_images=fake[0][0], training_labels=fake[0][1])
    assert "lacks validation_images" in refusal(path)


def test_an_npz_of_python_objects_is_refused(fake, tmp_path):
    splits = [(images, labels.astype(object)) for images, labels in fake]
    assert "allow_pickle" in refusal(save_npz(tmp_path / "objects.npz", splits))


def test_an_npz_cut_short_is_refused(fake, tmp_path):
    path = save_npz(tmp_path / "short.npz", fake)
    path.write_bytes(path.read_bytes()[:-100])
    refusal(path)


def test_a_damaged_npz_is_refused(tmp_path):
    path = tmp_path / "damaged.npz"
    shutil.copy(DATA / "mnist.npz", path)
    with path.open("r+b") as file:
        file.seek(2_000_000)
        file.write(b"\xff" * 100)
    refusal(path)


def test_an_npz_header_that_lies_is_refused(fake, tmp_path):
    path = save_npz(tmp_path / "lying.npz", fake)
    lie = io.BytesIO()
    header = {"descr": "|u1", "fortran_order": False, "shape": (2**50, 784)}
    np.lib.format.write_array_header_1_0(lie, header)
    with np.load(path) as file:
        arrays = dict(file)
    with zipfile.ZipFile(path, "w") as file:
        for name, array in arrays.items():
            content = io.BytesIO()
            np.save(content, array)
            lying = name == "training_images"
            file.writestr(f"{name}.npy", lie.getvalue() if lying else content.getvalue())
    refusal(path)


@pytest.mark.parametrize(
    ("images", "labels", "reason"),
    [
        (np.zeros((3, 2, 2), np.uint8), np.zeros(3, int), r"images must be \(n, pixels\)"),
        (np.zeros((3, 4), np.int64), np.zeros(3, int), "images must be .* got .* int64"),
        (np.zeros((3, 4), np.uint8), np.zeros(3), "labels must be .* got .* float64"),
        (np.zeros((3, 4), np.uint8), np.zeros((3, 1), int), "labels must be"),
        (np.zeros((3, 4), np.uint8), np.zeros(2, int), "data must have as many images as labels"),
        (np.zeros((0, 4), np.uint8), np.zeros(0, int), "data must .* at least one"),
        (np.zeros((3, 4), np.uint8), np.array([0, 1, 10]), "labels must be 0 to 9"),
        (np.zeros((3, 4), np.uint8), np.array([0, 1, -1]), "labels must be 0 to 9"),
    ],
)
def test_arrays_that_are_not_digit_data_are_refused(tmp_path, images, labels, reason):
    path = save_npz(tmp_path / "odd.npz", [(images, labels)] * 3)
    with pytest.raises(ValueError, match=f"odd.npz as npz: training {reason}"):
        mnist_loader.load_data(path)


def test_splits_of_different_image_sizes_are_refused(fake, tmp_path):
    (images, labels), validation, test = fake
    path = save_npz(tmp_path / "odd.npz", [(images[:, :4], labels), validation, test])
    assert "differ in pixels: [4, 6, 6]" in refusal(path)


def test_more_labels_than_the_memory_is_for_are_refused(fake, tmp_path, monkeypatch):
    monkeypatch.setattr(data_files, "MAX_UNPACKED_BYTES", 95)
    path = save_npz(tmp_path / "many.npz", fake)
    assert "training data must have at most 11 labels, got 12" in refusal(path)


def test_control_characters_of_a_file_name_reach_no_message(tmp_path):
    path = tmp_path / "a\x1b[2J"
    path.write_bytes(b"nothing")
    for name in (path, tmp_path / "b\x1b[2J", tmp_path):
        with pytest.raises((FileNotFoundError, ValueError)) as caught:
            mnist_loader.load_data(name)
        assert str(caught.value).isprintable()
