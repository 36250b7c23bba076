"""Arrays in files by the names that people use: Keras, MedMNIST, scikit-learn, QMNIST, svmlight."""

import struct

import numpy as np
import pytest
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


def test_rows_of_svmlight_stay_sparse_and_are_trained_on(fastnn_program, tmp_path):
    sparse = pytest.importorskip("scipy.sparse")
    lines = []
    for row, code in zip(ROWS.tolist(), CODES.tolist(), strict=True):
        cells = " ".join(f"{at + 1}:{cell}" for at, cell in enumerate(row) if cell)
        lines.append(f"{code} {cells}")
    path = tmp_path / "t.svm"
    path.write_text("\n".join(lines) + "\n")
    examples = read_examples(path)
    assert sparse.issparse(examples.inputs)
    assert np.array_equal(examples.inputs.toarray(), ROWS)
    net = tmp_path / "net.npz"
    assert fastnn_program("train", "--data", path, "--quiet", "--save", net, "--eta", 0.5)[0] == 0
    status, out, _ = fastnn_program("predict", net, path)
    assert status == 0
    assert len(out) == 60
    assert fastnn.load(net).sizes == [4, 30, 3]
