"""A folder is trained on and tested with, or it is said which of its files is missing."""

import struct

import numpy as np
import pytest
from small_program import assert_one_line_of_error
from table_files import flowers, iris, write

pytest.importorskip("pandas")

FOLDERS = {
    "csv": ["train.csv", "test.csv", "README.md", "sample_submission.csv"],
    "npz": ["train.npz", "test.npz"],
    "npy": ["X_train.npy", "y_train.npy", "X_test.npy", "y_test.npy"],
    "idx": [
        "train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte",
        "t10k-labels-idx1-ubyte",
    ],
}  # fmt: skip


def write_folder(folder, kind):
    """Write the flowers, or bytes with their kinds, as the files of a folder."""
    rows, kinds = flowers()
    codes = np.unique(kinds, return_inverse=True)[1]
    for name in FOLDERS[kind]:
        path, is_labels = folder / name, "y_" in name or "labels" in name
        if name.endswith("submission.csv") or name.endswith(".md"):
            write(path, ["id,class", "1,alpha"])
        elif kind == "csv":
            write(path, iris())
        elif kind == "npz":
            np.savez(path, x=rows, y=codes)
        elif kind == "npy":
            np.save(path, codes if is_labels else rows)
        else:
            array = codes if is_labels else (rows.reshape(150, 2, 2) * 10)
            sizes = struct.pack(f">{array.ndim}I", *array.shape)
            path.write_bytes(bytes([0, 0, 8, array.ndim]) + sizes + array.astype("u1").tobytes())


@pytest.mark.parametrize("kind", FOLDERS)
def test_a_folder_is_trained_on_and_tested_with(fastnn_program, tmp_path, kind):
    write_folder(tmp_path, kind)
    words = ["train", "--data", tmp_path, "--quiet", "--epochs", 20, "--seed", 1, "--eta", 0.5]
    status, out, err = fastnn_program(*words, "--standardise")
    assert (status, err) == (0, [])
    assert out[2].startswith("Accuracy on test data: ")
    assert " / 150 " in out[2]
    share = float(out[2].partition("(")[2].rstrip("%)"))
    assert share > 90


def test_a_folder_without_one_of_its_files_is_refused_by_what_is_there(fastnn_program, tmp_path):
    write_folder(tmp_path, "idx")
    (tmp_path / "train-labels-idx1-ubyte").unlink()
    result = fastnn_program("train", "--data", tmp_path)
    assert_one_line_of_error(result, "train-images-idx3-ubyte has none", "name the file")
    (tmp_path / "train-images-idx3-ubyte").unlink()
    result = fastnn_program("train", "--data", tmp_path)
    assert_one_line_of_error(result, "one file to train on", "got none")


@pytest.mark.parametrize("kind", ["csv", "npy"])
def test_what_is_not_called_as_test_data_is_trained_on_and_told(fastnn_program, tmp_path, kind):
    write_folder(tmp_path, kind)
    for path in tmp_path.glob("*train*"):
        path.rename(tmp_path / path.name.replace("train", "flowers"))
    status, out, err = fastnn_program("train", "--data", tmp_path, "--epochs", 1)
    named = "flowers.csv" if kind == "csv" else "X_flowers.npy and y_flowers.npy"
    assert (status, err) == (0, [])
    assert f"Note: the data to train on are {named}: only the test data are called so" in out
    write(tmp_path / "other.csv", iris())
    result = fastnn_program("train", "--data", tmp_path, "--epochs", 1)
    assert_one_line_of_error(result, "one file to train on", "flowers", "other.csv")


@pytest.mark.parametrize("name", ["valid.csv", "validation.csv", "dev.csv", "labels.csv"])
def test_data_of_another_part_are_not_trained_on(fastnn_program, tmp_path, name):
    for file in ("test.csv", name):
        write(tmp_path / file, iris())
    result = fastnn_program("train", "--data", tmp_path, "--epochs", 1)
    assert_one_line_of_error(result, "one file to train on", "got none")


@pytest.mark.parametrize("kind", FOLDERS)
def test_later_commands_take_the_test_data_of_a_folder(fastnn_program, tmp_path, kind):
    folder, net = tmp_path / "data", tmp_path / "net.npz"
    folder.mkdir()
    write_folder(folder, kind)
    words = ["train", "--data", folder, "--quiet", "--epochs", 1, "--save", net]
    assert fastnn_program(*words)[0] == 0
    for path in folder.iterdir():  # all of the same class, so that it shows which part is taken
        if path.name.startswith(("test", "y_test", "t10k-labels")):
            content = np.load(path) if kind in ("npz", "npy") else None
            if kind == "csv":
                write(path, [line for line in iris() if line.endswith(("class", "beta"))])
            elif kind == "npz":
                np.savez(path, x=content["x"], y=0 * content["y"])
            elif kind == "npy":
                np.save(path, 0 * content)
            else:
                path.write_bytes(path.read_bytes()[:8] + bytes(150))
    n = 50 if kind == "csv" else 150
    status, out, _ = fastnn_program("evaluate", net, folder)
    assert (status, out[1].rpartition(" would be ")[2]) == (0, f"{n} / {n} (100.00%)")
    assert any(line.startswith("Note: the test data are taken: ") for line in out)
    status, out, err = fastnn_program("predict", net, folder)
    assert (status, len(out)) == (0, n)
    assert any(line.startswith("Note: the test data are taken: ") for line in err)
    words = ["train", "--data", folder, "--test-data", folder, "--epochs", 0]
    assert f" / {n} " in "".join(fastnn_program(*words)[1])


@pytest.mark.parametrize("kind", ["csv", "npz"])
def test_a_file_of_a_folder_that_is_passed_over_is_named(fastnn_program, tmp_path, kind):
    folder, net = tmp_path / "data", tmp_path / "net.npz"
    folder.mkdir()
    write_folder(folder, kind)
    (folder / "more.txt").write_text("more")
    _, out, _ = fastnn_program("train", "--data", folder, "--epochs", 1, "--save", net)
    told = f"Note: not used in {folder}: more.txt"
    assert out.count(told) == 1
    assert fastnn_program("evaluate", net, folder)[1].count(told) == 1


def test_a_folder_of_two_tables_is_refused_by_their_names(fastnn_program, tmp_path):
    for name in ("a.csv", "b.csv"):
        write(tmp_path / name, iris())
    assert_one_line_of_error(fastnn_program("train", "--data", tmp_path), "a.csv, b.csv")


@pytest.mark.parametrize("kind", ["csv", "npz"])
def test_test_data_without_labels_are_only_pointed_out(fastnn_program, tmp_path, kind):
    write_folder(tmp_path, kind)
    write(tmp_path / "test.csv", [line.rpartition(",")[0] for line in iris()])
    np.savez(tmp_path / "test.npz", x=flowers()[0])
    (tmp_path / ("test.npz" if kind == "csv" else "test.csv")).unlink()
    status, out, err = fastnn_program("train", "--data", tmp_path, "--epochs", 1)
    assert (status, err) == (0, [])
    assert any("has no labels to test with; fastnn predict" in line for line in out)
