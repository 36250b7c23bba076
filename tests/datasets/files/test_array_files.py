"""Arrays in files by the names that people use: Keras, MedMNIST, scikit-learn, QMNIST."""

import struct

import numpy as np
import pytest
from refusals import assert_refused
from small_program import assert_one_line_of_error
from table_files import flowers

import fastnn
from fastnn.own_data import read_examples

ROWS, KINDS = flowers(60)
CODES = np.unique(KINDS, return_inverse=True)[1]


@pytest.mark.parametrize(
    "names",
    [
        ("data", "target"),
        ("x_train", "y_train"),
        ("X_train", "y_train"),
        ("train_images", "train_labels"),
        ("Inputs", "Targets"),
        ("arr_0", "arr_1"),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("form", ["plain", "column", "one-hot"])
def test_an_npz_is_read_by_its_usual_names_and_forms_of_labels(tmp_path, names, form):
    labels = {"plain": CODES, "column": CODES[:, np.newaxis], "one-hot": np.eye(3)[CODES]}[form]
    np.savez(tmp_path / "t.npz", **dict(zip(names, (ROWS, labels), strict=True)))
    examples = read_examples(tmp_path / "t.npz")
    assert np.array_equal(examples.inputs, ROWS)
    assert examples.labels.tolist() == CODES.tolist()


def test_the_test_data_of_an_npz_are_tested_with(fastnn_program, tmp_path):
    np.savez(tmp_path / "t.npz", x_train=ROWS, y_train=CODES, x_test=ROWS[:9], y_test=CODES[:9])
    words = ["train", "--data", tmp_path / "t.npz", "--quiet", "--standardise", "--seed", 1]
    status, out, err = fastnn_program(*words)
    assert (status, err) == (0, [])
    assert out[2].startswith("Accuracy on test data: ")
    assert " / 9 " in out[2]


def test_the_test_data_of_an_npz_need_no_training_data_beside_them(fastnn_program, tmp_path):
    net, path = tmp_path / "net.npz", tmp_path / "t.npz"
    fastnn.Network([4, 3]).save(net)
    np.savez(path, x_test=ROWS[:9], y_test=CODES[:9])
    assert " / 9 " in fastnn_program("evaluate", net, path)[1][0]
    assert_one_line_of_error(fastnn_program("train", "--data", path), "it holds x_test, y_test")


def test_a_network_that_estimates_numbers_takes_measured_labels(fastnn_program, tmp_path):
    net, path = tmp_path / "net.npz", tmp_path / "t.npz"
    fastnn.Network([4, 1], fastnn.QuadraticCost, output="identity").save(net)
    np.savez(path, x=ROWS, y=CODES + 0.5)
    status, out, err = fastnn_program("evaluate", net, path)
    assert (status, err) == (0, [])
    assert out[0].startswith(f"RMSE on {path}: ")
    np.savez(path, x=ROWS, y=KINDS)
    told = "the labels of a regression must be numbers, got text"
    assert_one_line_of_error(fastnn_program("evaluate", net, path), told)
    np.savez(path, x=ROWS, y=CODES + 0.5)
    fastnn.Network([4, 3]).save(net)
    told = "they name classes; got 0.5 in example 0; training with --task regression estimates them"
    assert_one_line_of_error(fastnn_program("evaluate", net, path), told)


def test_labels_under_another_name_are_named_beside_what_they_would_be_called(
    fastnn_program, tmp_path
):
    np.savez(tmp_path / "t.npz", X=ROWS, labels=CODES)
    result = fastnn_program("train", "--data", tmp_path / "t.npz")
    told = "not used: labels (labels of X would be called y)"
    assert_one_line_of_error(result, f"t.npz has none; {told}")
    net = tmp_path / "net.npz"
    fastnn.Network([4, 3]).save(net)
    _, _, err = fastnn_program("predict", net, tmp_path / "t.npz")
    assert err == [f"Note: {told}"]


@pytest.mark.parametrize("labelled", [True, False])
def test_later_commands_take_the_test_data_of_an_npz(fastnn_program, tmp_path, labelled):
    arrays = {"x_train": ROWS, "y_train": CODES, "x_test": ROWS[:9], "y_test": CODES[:9]}
    if not labelled:
        del arrays["y_test"]
    net, path = tmp_path / "net.npz", tmp_path / "t.npz"
    np.savez(path, **arrays)
    fastnn_program("train", "--data", path, "--epochs", 1, "--save", net)
    status, out, err = fastnn_program("predict", net, path)
    assert (status, len(out)) == (0, 9)
    told = "the test data are taken: x_test of t.npz"
    assert f"Note: {told}" in err
    status, out, err = fastnn_program("evaluate", net, path)
    if labelled:
        assert " / 9 " in out[0]
        assert f"Note: {told}" in out
    else:
        assert_one_line_of_error((status, out, err), "t.npz must have labels to compare with", told)


def test_a_pair_of_npy_files_and_a_folder_of_them_are_read(tmp_path):
    np.save(tmp_path / "X_train.npy", ROWS)
    np.save(tmp_path / "y_train.npy", CODES)
    pair = read_examples(tmp_path / "X_train.npy", tmp_path / "y_train.npy")
    folder = read_examples(tmp_path)
    for examples in (pair, folder):
        assert np.array_equal(examples.inputs, ROWS)
        assert examples.labels.tolist() == CODES.tolist()


IDX_TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


def write_idx(path, code, array):
    sizes = struct.pack(f">{array.ndim}I", *array.shape)
    path.write_bytes(
        bytes([0, 0, code, array.ndim]) + sizes + array.astype(IDX_TYPES[code]).tobytes()
    )
    return path


@pytest.mark.parametrize("code", IDX_TYPES)
def test_idx_files_of_every_type_are_read(tmp_path, code):
    array = np.arange(24).reshape(4, 2, 3)
    labels = write_idx(tmp_path / "labels", 0x0C, np.array([3, 1, 3, 1]))
    examples = read_examples(write_idx(tmp_path / "images", code, array), labels)
    scale = 256 if code == 0x08 else 1
    assert np.array_equal(examples.inputs, array.reshape(4, 6) / scale)
    assert examples.labels.tolist() == [3, 1, 3, 1]


def test_the_first_of_several_columns_of_labels_is_the_label(tmp_path):
    images = write_idx(tmp_path / "i", 0x08, np.ones((4, 2, 2)))
    columns = np.arange(32).reshape(4, 8)
    labels = write_idx(tmp_path / "l", 0x0C, columns)
    assert read_examples(images, labels).labels.tolist() == columns[:, 0].tolist()


WRONG_ARRAYS = {
    "objects": ({"x": ROWS, "y": KINDS.astype(object)}, "y holds Python objects", "astype(str)"),
    "lying": ({"x": ROWS.T, "y": CODES}, "rows, not columns"),
    "fractions": ({"x": ROWS, "y": CODES / 4}, "whole numbers or text", 'task="regression"'),
    "missing numbers": ({"x": np.where(ROWS > 5, np.nan, ROWS), "y": CODES}, "x must be finite"),
    "other names": ({"a": ROWS, "b": CODES}, "x and y", "it holds a, b"),
}


@pytest.mark.parametrize("kind", WRONG_ARRAYS)
def test_wrong_arrays_are_refused_with_what_to_do(tmp_path, kind):
    arrays, *words = WRONG_ARRAYS[kind]
    np.savez(tmp_path / "t.npz", **arrays)
    assert_refused(lambda: read_examples(tmp_path / "t.npz"), ValueError, "t.npz", *words)


def test_bytes_that_are_divided_in_training_are_told_from_other_integers(fastnn_program, tmp_path):
    grey = (ROWS * 30).astype(np.uint8)
    np.savez(tmp_path / "t.npz", x=grey, y=CODES)
    np.savez(tmp_path / "new.npz", x=grey.astype(int), y=CODES)
    net, data, new = (tmp_path / name for name in ("net.npz", "t.npz", "new.npz"))
    _, out, _ = fastnn_program("train", "--data", data, "--epochs", 1, "--save", net)
    assert any(line.startswith("Note: bytes (uint8) are divided by 256") for line in out)
    told = [fastnn_program("predict", net, path)[2] for path in (data, new)]
    assert ["taken as they are" in " ".join(lines) for lines in told] == [False, True]
    words = ["train", "--data", data, "--test-data", new, "--epochs", 1]
    assert "taken as they are" in " ".join(fastnn_program(*words)[2])
    assert "taken as they are" not in " ".join(fastnn_program(*words, "--standardise")[2])


def test_arrays_that_are_not_used_are_named(fastnn_program, tmp_path):
    np.savez(tmp_path / "t.npz", x_train=ROWS, y_train=CODES, x_val=ROWS, y_val=CODES)
    _, out, _ = fastnn_program("train", "--data", tmp_path / "t.npz", "--epochs", 1)
    assert "Note: not used: x_val, y_val" in out


@pytest.mark.parametrize("form", ["csr", "coo", "dia"])
def test_a_sparse_matrix_in_a_file_is_refused_as_it_has_no_labels(tmp_path, form):
    sparse = pytest.importorskip("scipy.sparse")
    sparse.save_npz(tmp_path / "t.npz", sparse.csr_matrix(ROWS).asformat(form))
    words = ["t.npz", "a sparse matrix of SciPy without labels", "dump_svmlight_file"]
    assert_refused(lambda: read_examples(tmp_path / "t.npz"), ValueError, *words)


def test_an_npy_of_objects_is_refused_with_what_to_do(tmp_path):
    np.save(tmp_path / "x.npy", ROWS)
    np.save(tmp_path / "y.npy", KINDS.astype(object))
    words = ["y.npy", "Python objects, which are never read", "astype(str)"]
    paths = (tmp_path / "x.npy", tmp_path / "y.npy")
    assert_refused(lambda: read_examples(*paths), ValueError, *words)
