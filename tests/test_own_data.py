"""Examples of one's own: the same examples from each kind of file, or one clear refusal."""

import gzip
import pickle
import tracemalloc
import zipfile

import numpy as np
import pytest
from example_files import (
    HEADER,
    SPECIES,
    animals,
    npy,
    npy_that_lies,
    save_csv,
    save_idx,
    save_members,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from refusals import assert_refused

from fastnn.common import reading as array_files
from fastnn.own_data import read_examples


def assert_examples(examples, rows, labels, classes):
    assert np.array_equal(examples.inputs, rows)
    assert examples.labels.tolist() == list(labels)
    assert examples.classes == classes


# --- tables -----------------------------------------------------------------------------------


@pytest.mark.parametrize("header", [None, HEADER], ids=["bare", "header"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"], ids=["comma", "semicolon", "tab"])
def test_a_table_is_read_with_its_last_column_as_labels(tmp_path, header, delimiter):
    rows, labels = animals()
    path = save_csv(tmp_path / "animals.csv", rows, labels, header, delimiter=delimiter)
    assert_examples(read_examples(path), rows, labels, SPECIES)


@pytest.mark.parametrize("column", ["species", "1", 1, -4], ids=repr)
def test_the_column_of_labels_is_named_by_the_header_or_by_its_place(tmp_path, column):
    rows, labels = animals()
    header = ["height", "species", "weight", "legs", "tail"]
    path = save_csv(tmp_path / "animals.csv", rows, labels, header, place=1)
    assert_examples(read_examples(path, label_column=column), rows, labels, SPECIES)


def test_a_name_in_the_header_goes_before_a_place(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,1,0\n5,6,7\n8,9,3\n")
    assert_examples(read_examples(path, label_column="0"), [[5, 6], [8, 9]], [7, 3], [3, 7])


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbfa,b,c\r\n1,2,x\r\n\r\n3,4,y\r\n",
        b'a,b,c\n1,"2",x\n3,4,"y"',
        b"1, 2 , x\n3,4,y \n\n",
        gzip.compress(b"1,2,x\n3,4,y\n"),
    ],
    ids=["as Excel writes it", "quoted", "spaces", "gzipped"],
)
def test_tables_as_programs_write_them_are_read(tmp_path, content):
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    assert_examples(read_examples(path), [[1, 2], [3, 4]], ["x", "y"], ["x", "y"])


@pytest.mark.parametrize(
    ("stored", "labels", "classes"),
    [
        (["3", "7", "3"], [3, 7, 3], [3, 7]),
        (["-1", "1", "1"], [-1, 1, 1], [-1, 1]),
        (["1.0", "0.000e+00", "1.0"], [1, 0, 1], [0, 1]),
        (["7", "cat", "7"], ["7", "cat", "7"], ["7", "cat"]),
        (["Zürich", "Bern", "Bern"], ["Zürich", "Bern", "Bern"], ["Bern", "Zürich"]),
        (["9" * 30, "1", "1"], ["9" * 30, "1", "1"], ["1", "9" * 30]),
    ],
    ids=["odd numbers", "signs", "as savetxt writes them", "mixed", "umlauts", "huge"],
)
def test_labels_are_whole_numbers_or_text_of_any_values(tmp_path, stored, labels, classes):
    path = save_csv(tmp_path / "t.csv", np.eye(3), stored)
    assert_examples(read_examples(path), np.eye(3), labels, classes)


def test_a_table_of_just_the_inputs_expected_has_no_labels(tmp_path):
    rows, labels = animals()
    bare = read_examples(save_csv(tmp_path / "bare.csv", rows), inputs=4)
    assert bare.labels is None
    assert bare.classes == []
    assert np.array_equal(bare.inputs, rows)
    labelled = read_examples(save_csv(tmp_path / "labelled.csv", rows, labels), inputs=4)
    assert_examples(labelled, rows, labels, SPECIES)


DAMAGED_TABLES = {
    "nothing": ("", "no examples"),
    "only a header": ("a,b,c\n", "no examples"),
    "text among the numbers": ("a,b,c\n1,2,x\n3,four,y\n", "line 3", "column 2 (b)", "'four'"),
    "a missing value": ("1,2,x\n3,,y\n", "line 2, column 2", "''"),
    "a missing first value": (",2,x\n3,4,y\n", "line 1, column 1", "''"),
    "not a number": ("1,2,x\nnan,4,y\n", "line 2, column 1", "finite", "nan"),
    "infinity": ("1,2,x\n3,-inf,y\n", "line 2, column 2", "finite", "-inf"),
    "a number beyond floats": ("1,2,x\n3,1e999,y\n", "line 2, column 2", "inf"),
    "digits grouped": ("1,2,x\n3,1_000,y\n", "line 2, column 2", "'1_000'"),
    "a missing column": ("1,2,x\n3,y\n", "line 2 has 2 columns", "3"),
    "a column more": ("1,2,x\n\n3,4,5,y\n", "line 3 has 4 columns", "3"),
    "no label": ("1,2,x\n3,4,\n", "line 2, column 3", "label", "''"),
    "a label of two lines": ('1,2,x\n3,4,"a\nb"\n', "line 3, column 3", "label"),
    "a label without end": (f"1,2,x\n3,4,{'y' * 300}\n", "line 2, column 3", "label"),
    "measured values": ("1,2,1\n3,4,2.5\n", "line 2, column 3", "whole numbers or text", "'2.5'"),
    "labels alone": ("x\ny\n", "only column"),
    "a quote that never ends": ('1,2,x\n3,"4,y\n', "unexpected end"),
    "no UTF-8": (b"1,2,\xff\xfe\n", "utf-8"),
    "a field without end": ("1" * 200_000 + ",x\n", "field larger"),
}


@pytest.mark.parametrize("damage", DAMAGED_TABLES)
def test_a_damaged_table_is_refused_by_file_line_and_column(tmp_path, monkeypatch, damage):
    content, *words = DAMAGED_TABLES[damage]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    assert_refused(
        lambda: read_examples("t.csv"), ValueError, "path: cannot read t.csv as CSV table", *words
    )


@pytest.mark.parametrize(
    ("column", "words"),
    [("colour", ["'colour'", "height, weight"]), (5, ["no column 5", "5 columns"]), (-6, ["-6"])],
    ids=repr,
)
def test_a_column_that_is_not_there_is_refused(tmp_path, column, words):
    path = save_csv(tmp_path / "t.csv", *animals(), HEADER)
    assert_refused(lambda: read_examples(path, label_column=column), ValueError, *words)


# --- npz --------------------------------------------------------------------------------------


@pytest.mark.parametrize("names", [("x", "y"), ("X", "y"), ("images", "labels")], ids=" ".join)
def test_an_npz_is_read_by_the_usual_names(tmp_path, names):
    rows, labels = animals()
    path = tmp_path / "animals.npz"
    np.savez_compressed(path, **dict(zip(names, (rows, labels), strict=True)), other=[1, 2])
    assert_examples(read_examples(path), rows, labels, SPECIES)
    np.savez(path, **{names[0]: rows})
    assert read_examples(path).labels is None


@pytest.mark.parametrize(
    ("stored", "labels"),
    [
        (np.array([3, 7, 3], np.uint8), [3, 7, 3]),
        (np.array([True, False, True]), [1, 0, 1]),
        (np.array([1.0, -1.0, 1.0]), [1, -1, 1]),
        (np.array([[4], [5], [4]], ">i2"), [4, 5, 4]),
        (np.array([b"cat", b"dog", b"cat"]), ["cat", "dog", "cat"]),
    ],
    ids=["bytes", "truth", "floats", "a column", "bytes of text"],
)
def test_labels_of_any_type_of_numbers_or_text_are_read(tmp_path, stored, labels):
    np.savez(tmp_path / "t.npz", x=np.eye(3), y=stored)
    assert_examples(read_examples(tmp_path / "t.npz"), np.eye(3), labels, sorted(set(labels)))


def test_images_are_laid_flat_and_bytes_become_multiples_of_1_256(tmp_path):
    images = np.arange(12, dtype=np.uint8).reshape(3, 2, 2)
    np.savez(tmp_path / "t.npz", x=images, y=[0, 1, 1])
    examples = read_examples(tmp_path / "t.npz")
    assert examples.inputs.dtype == np.float32
    assert np.array_equal(examples.inputs, images.reshape(3, 4) / np.float32(256))


@pytest.mark.parametrize(
    ("stored", "dtype"),
    [(np.float32, np.float32), (np.float64, np.float64), (">f8", np.float64), (int, np.float64)],
)
def test_other_numbers_keep_their_values(tmp_path, stored, dtype):
    rows = np.arange(6).reshape(3, 2).astype(stored)
    np.savez(tmp_path / "t.npz", x=rows, y=[0, 1, 1])
    inputs = read_examples(tmp_path / "t.npz").inputs
    assert inputs.dtype == dtype
    assert np.array_equal(inputs, rows)


WRONG_ARRAYS = {
    "other names": ({"a": np.eye(2), "b": [0, 1]}, "x and y", "images and labels", "a, b"),
    "lengths": ({"x": np.eye(3), "y": [0, 1]}, "each of the 3 examples", "(2,)"),
    "flat inputs": ({"x": np.ones(3), "y": [0, 1, 1]}, "x must have the shape", "(3,)"),
    "no examples": ({"x": np.ones((0, 3)), "y": []}, "x must have the shape", "(0, 3)"),
    "no inputs": ({"x": np.ones((3, 0)), "y": [0, 1, 1]}, "x must have the shape", "(3, 0)"),
    "text for inputs": ({"x": [["a"], ["b"]], "y": [0, 1]}, "x must be an array of numbers"),
    "nan": ({"x": [[1.0], [np.nan]], "y": [0, 1]}, "x must be finite", "example 1"),
    "measured values": ({"x": np.eye(2), "y": [0.0, 0.5]}, "y must be whole numbers", "0.5"),
    "nan for a label": ({"x": np.eye(2), "y": [0.0, np.nan]}, "y must be whole numbers", "nan"),
    "label vectors": ({"x": np.eye(2), "y": np.eye(2)}, "y must have one entry", "(2, 2)"),
    "one label": ({"x": np.eye(2), "y": 3}, "label for each", "()"),
    "empty text": ({"x": np.eye(2), "y": ["cat", ""]}, "y must be text", "''"),
    "text of two lines": ({"x": np.eye(2), "y": ["cat", "a\nb"]}, "y must be text"),
    "complex labels": ({"x": np.eye(2), "y": [1j, 2]}, "y must be whole numbers or text"),
}


@pytest.mark.parametrize("wrong", WRONG_ARRAYS)
def test_arrays_that_are_no_examples_are_refused(tmp_path, wrong):
    arrays, *words = WRONG_ARRAYS[wrong]
    path = tmp_path / "t.npz"
    np.savez(path, **arrays)
    assert_refused(lambda: read_examples(path), ValueError, "t.npz as npz", *words)


# --- IDX --------------------------------------------------------------------------------------


@pytest.mark.parametrize("zipped", [False, True], ids=["plain", "gz"])
def test_idx_files_of_images_and_labels_are_read(tmp_path, zipped):
    images = np.arange(18).reshape(3, 2, 3) * 14
    files = [
        save_idx(tmp_path / "images", images, zipped),
        save_idx(tmp_path / "labels", [3, 7, 3], zipped),
    ]
    rows = images.reshape(3, 6) / np.float32(256)
    assert_examples(read_examples(*files), rows, [3, 7, 3], [3, 7])
    assert read_examples(files[0]).labels is None


def test_idx_files_in_the_wrong_order_are_refused(tmp_path):
    images = save_idx(tmp_path / "images", np.ones((3, 2, 2)))
    labels = save_idx(tmp_path / "labels", [1, 2, 3])
    assert_refused(lambda: read_examples(labels, images), ValueError, "labels", "images")


def test_idx_files_of_different_lengths_are_refused(tmp_path):
    images = save_idx(tmp_path / "images", np.ones((3, 2, 2)))
    labels = save_idx(tmp_path / "labels", [1, 2])
    assert_refused(lambda: read_examples(images, labels), ValueError, "labels", "3 examples")


# --- which files ------------------------------------------------------------------------------


def test_files_that_do_not_go_together_are_refused(tmp_path):
    table = save_csv(tmp_path / "t.csv", *animals())
    images = save_idx(tmp_path / "images", np.ones((3, 2, 2)))
    assert_refused(lambda: read_examples(table, images), ValueError, "two IDX files")
    assert_refused(lambda: read_examples(), ValueError, "paths", "got 0")
    assert_refused(lambda: read_examples(*[images] * 3), ValueError, "paths", "got 3")
    assert_refused(lambda: read_examples(images, label_column=1), ValueError, "label_column")


def test_a_missing_file_or_one_of_another_type_is_refused(tmp_path):
    path = tmp_path / "nowhere.csv"
    assert_refused(lambda: read_examples(path), FileNotFoundError, str(path))
    assert_refused(lambda: read_examples(3), TypeError, "path must be", "got 3")


def test_another_number_of_inputs_than_expected_is_refused(tmp_path):
    path = save_csv(tmp_path / "t.csv", *animals())
    assert_refused(lambda: read_examples(path, inputs=7), ValueError, "7 inputs", "got 4")


# --- hostile files ----------------------------------------------------------------------------


def peak_bytes(action):
    tracemalloc.start()
    try:
        action()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


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
    monkeypatch.setattr(array_files, "MAX_UNPACKED_BYTES", 1_000_000)
    content = npy(np.zeros((50_000, 100)))
    path = save_members(tmp_path / "t.npz", {"x": content}, zipfile.ZIP_DEFLATED)
    assert_refused_cheaply(path, "unpacks to", "more than 1000000")


def test_an_npz_packed_tighter_than_numpy_packs_is_refused(tmp_path):
    path = save_members(tmp_path / "t.npz", {"x": npy(np.zeros((9, 9)))}, zipfile.ZIP_LZMA)
    assert_refused_cheaply(path, "x.npy", "packed in a way")


def test_gzipped_images_that_unpack_beyond_the_bound_are_refused(tmp_path, monkeypatch):
    path = save_idx(tmp_path / "images", np.zeros((20_000, 10, 10)), zipped=True)
    assert read_examples(path).inputs.shape == (20_000, 100)
    monkeypatch.setattr(array_files, "MAX_UNPACKED_BYTES", 1_000_000)
    assert_refused_cheaply(path, "promises 2000000 bytes", "more than 1000000")


def test_a_gzipped_table_that_unpacks_beyond_the_bound_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("fastnn.datasets.tables._MAX_TEXT_BYTES", 1_000_000)
    path = tmp_path / "t.csv"
    path.write_bytes(gzip.compress(b"1,2,3\n" * 10_000_000))
    assert_refused_cheaply(path, "unpacks to more than")


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


GOOD_FILES = {
    "table": b"height,weight,legs,species\n1,2.5,3,cat\n4,5,6,dog\n7,8,9,cat\n",
    "gzipped table": gzip.compress(b"1,2,x\n3,4,y\n" * 9, mtime=0),
}


@pytest.fixture(scope="module")
def good_files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("good")
    rows, labels = animals(9)
    np.savez(folder / "npz", x=rows, y=labels)
    np.savez_compressed(folder / "packed", images=rows.astype(np.uint8), labels=np.arange(9))
    save_idx(folder / "idx", np.arange(18).reshape(3, 2, 3))
    save_idx(folder / "idx.gz", np.arange(18).reshape(3, 2, 3), zipped=True)
    return {**GOOD_FILES, **{path.name: path.read_bytes() for path in folder.iterdir()}}


@settings(
    max_examples=200,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_whatever_is_changed_in_a_file_it_is_read_or_refused_clearly(good_files, tmp_path, data):
    content = bytearray(good_files[data.draw(st.sampled_from(sorted(good_files)))])
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))
        if not content:
            break
    path = tmp_path / "mutated"
    path.write_bytes(content)
    try:
        examples = read_examples(path)
    except ValueError as problem:
        assert "mutated" in str(problem)
    else:
        assert np.isfinite(examples.inputs).all()
