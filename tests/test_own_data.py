"""A user's own examples: read alike from every kind of file, or refused; held out.

Tables are in datasets/tables/test_table.py, files that lie in common/test_reading.py.
"""

import gzip

import numpy as np
import pytest
from example_files import (
    SPECIES,
    animals,
    assert_examples,
    save_csv,
    save_idx,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from memory import peak_bytes
from refusals import assert_refused

from fastnn.datasets.files import array_files
from fastnn.own_data import Examples, read_examples, read_labelled_table

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
    "other names": ({"a": np.eye(2), "b": [0, 1]}, "x and y", "images and labels", "it holds a, b"),
    "lengths": ({"x": np.eye(3), "y": [0, 1]}, "each of the 3 examples", "(2,)"),
    "flat inputs": ({"x": np.ones(3), "y": [0, 1, 1]}, "x must have the shape", "(3,)"),
    "no examples": ({"x": np.ones((0, 3)), "y": []}, "x must have the shape", "(0, 3)"),
    "no inputs": ({"x": np.ones((3, 0)), "y": [0, 1, 1]}, "x must have the shape", "(3, 0)"),
    "text for inputs": ({"x": [["a"], ["b"]], "y": [0, 1]}, "x must be an array of numbers"),
    "nan": ({"x": [[1.0], [np.nan]], "y": [0, 1]}, "x must be finite", "example 1"),
    "measured values": ({"x": np.eye(2), "y": [0.0, 0.5]}, "y must be whole numbers", "0.5"),
    "nan for a label": ({"x": np.eye(2), "y": [0.0, np.nan]}, "y must be whole numbers", "nan"),
    "label vectors": ({"x": np.eye(2), "y": np.eye(2) + 1}, "y must have one entry", "(2, 2)"),
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


# --- changed files ----------------------------------------------------------------------------


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


@pytest.mark.filterwarnings("ignore::UserWarning")  # of what may be wrong in what is read
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


# --- what may be read wrongly -----------------------------------------------------------------


def warned_of(path, **options):
    """What `read_examples` warns of."""
    with pytest.warns(UserWarning) as caught:
        read_examples(path, **options)
    assert all(each.filename == __file__ for each in caught)
    return [str(each.message) for each in caught]


def test_what_the_program_warns_of_is_warned_of_in_python(tmp_path):
    path = tmp_path / "t.csv"
    rows = (f"{i},Doe {i},{-999 if i % 9 == 0 else i % 7},{'ab'[i % 2]}" for i in range(60))
    path.write_text("\n".join(["id,name,age,kind", *rows]) + "\n")
    labelled = read_labelled_table(path)
    told = warned_of(path)
    assert [each.partition("; read_labelled_table has ")[0] for each in told] == labelled.warnings
    assert len(told) == 3
    assert told[0].endswith("; categories=['name'] takes it; read_labelled_table has categories=")
    assert "id" in told[1] and "-999 in 7 rows" in told[2]


def test_inputs_without_labels_are_warned_of_too(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,b\n" + "".join(f"{i},7\n" for i in range(30)))
    told = warned_of(path, inputs=2)
    assert len(told) == 2 and "column 1 (a)" in told[0] and "column 2 (b)" in told[1]


# --- held out ---------------------------------------------------------------------------------


def numbered(n):
    """Examples whose input is their number."""
    return Examples(np.arange(n, dtype=float).reshape(-1, 1), np.arange(n) % 3, [0, 1, 2])


@pytest.mark.parametrize(
    ("n", "fraction", "held_out"), [(10, 0.2, 2), (60, 0.25, 15), (3, 0.01, 1), (3, 0.99, 2)]
)
def test_each_example_is_trained_on_or_held_out(n, fraction, held_out):
    training, evaluation = numbered(n).split(fraction, seed=1)
    assert len(evaluation.inputs) == held_out
    together = np.concatenate([training.inputs, evaluation.inputs])[:, 0]
    assert sorted(together.tolist()) == list(range(n))
    for part in (training, evaluation):
        assert np.array_equal(part.labels, part.inputs[:, 0].astype(int) % 3)
        assert part.classes == [0, 1, 2]


def test_the_seed_alone_says_what_is_held_out():
    before = np.random.get_state()[1].tolist()
    first, again, other = (numbered(50).split(0.2, seed)[1].labels for seed in (4, 4, 5))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert np.random.get_state()[1].tolist() == before


@pytest.mark.parametrize("fraction", [0, 1, 1.5, -0.1, float("nan")])
def test_a_fraction_that_leaves_one_side_empty_is_refused(fraction):
    assert_refused(lambda: numbered(10).split(fraction), ValueError, "fraction", str(fraction))


def test_one_example_cannot_be_held_out():
    assert_refused(lambda: numbered(1).split(0.5), ValueError, "at least two", "got 1")


def test_examples_without_labels_are_no_training_data():
    examples = Examples(np.eye(2), None, [])
    assert_refused(examples.dataset, ValueError, "labels", "none")


@pytest.mark.parametrize("kind", [np.uint8, np.int8, bool])
def test_bytes_that_would_become_too_many_numbers_are_refused(tmp_path, monkeypatch, kind):
    path = tmp_path / "t.npz"
    np.savez_compressed(path, x=np.zeros((1000, 300), kind))
    assert read_examples(path).inputs.shape == (1000, 300)
    monkeypatch.setattr(array_files, "MAX_UNPACKED_BYTES", 1_000_000)
    size = 300_000 * (4 if kind == np.uint8 else 8)

    def refused():
        with pytest.raises(ValueError, match=f"x must take at most 1000000 bytes, got {size}"):
            read_examples(path)

    assert peak_bytes(refused) < 1_100_000  # the numbers alone would take 1,200,000


@pytest.mark.parametrize("kind", ["S", "U"])
def test_many_equal_texts_are_made_python_texts_once(tmp_path, kind):
    labels = np.tile(np.array([" dog", "cat "], kind), 50_000)
    path = tmp_path / "t.npz"
    np.savez(path, x=np.zeros((100_000, 1), np.float32), y=labels)
    found = []
    assert peak_bytes(lambda: found.append(read_examples(path))) < 12_000_000
    assert found[0].labels[:3].tolist() == ["dog", "cat", "dog"]
