"""Sparse rows of svmlight: read as in training, and refused by line."""

import numpy as np
import pytest
from refusals import assert_refused
from small_program import assert_one_line_of_error
from table_files import flowers, write

import fastnn
from fastnn.datasets.opening import Opened
from fastnn.own_data import read_examples

ROWS, KINDS = flowers(60)
CODES = np.unique(KINDS, return_inverse=True)[1]


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


def sparse_lines(rows, first):
    """Rows in svmlight's form, whose inputs count from `first`; what is zero is left out."""
    return [
        f"{int(row[1] > row[2])} "
        + " ".join(f"{at + first}:{cell}" for at, cell in enumerate(row) if cell)
        for row in rows.tolist()
    ]


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("task", ["classification", "regression"])
def test_rows_of_svmlight_count_as_in_training(fastnn_program, tmp_path, task, first):
    pytest.importorskip("sklearn")
    rows = np.random.default_rng(1).integers(1, 9, (60, 4)) / 2
    later = rows * [0, 1, 1, 1] if first == 0 else rows * [1, 1, 1, 0]
    data, new = tmp_path / "t.svm", tmp_path / "new.svm"
    data.write_text("\n".join(sparse_lines(rows, first)) + "\n")
    new.write_text("\n".join(sparse_lines(later, first)) + "\n")
    net, answers = tmp_path / "net.npz", tmp_path / "answers.csv"
    words = ["train", "--data", data, "--test-data", new, "--task", task, "--epochs", 20]
    status, out, _ = fastnn_program(*words, "--eta", 0.1, "--seed", 1, "--save", net)
    assert status == 0
    told = "Note: no place is 0, so that 1 is taken for the first input"
    assert (told in out) == (first == 1)
    network = fastnn.load(net)
    right = np.mean(network.predict(later) == (later[:, 1] > later[:, 2]))
    if task == "classification":
        assert any(f"test data: {right * 60:.0f} / 60" in line for line in out)
    status, out, _ = fastnn_program("predict", net, new, "--output", answers)
    assert (status, told in out) == (0, False)
    found = [float(line.split(",")[-1]) for line in answers.read_text().splitlines()[1:]]
    wanted = network.predict(later) if task == "regression" else network.outputs(later)[:, -1]
    assert found == pytest.approx(wanted)


def test_a_place_beyond_the_inputs_is_refused_by_example(fastnn_program, tmp_path):
    pytest.importorskip("sklearn")
    data, net = tmp_path / "t.svm", tmp_path / "net.npz"
    data.write_text("1 0:2 1:1\n0 0:3\n" * 9)
    words = ["train", "--data", data, "--epochs", 1, "--quiet", "--save", net]
    assert fastnn_program(*words)[0] == 0
    data.write_text("1 1:2\n0 2:3\n")
    words = "example 2 has a number at place 2", "2 inputs", "place 0 to 1"
    assert_one_line_of_error(fastnn_program("predict", net, data), *words)


def test_a_place_before_the_first_of_training_is_refused_by_example(fastnn_program, tmp_path):
    pytest.importorskip("sklearn")
    data, net = tmp_path / "t.svm", tmp_path / "net.npz"
    data.write_text("1 1:2 2:1\n0 1:3\n" * 9)
    words = ["train", "--data", data, "--epochs", 1, "--quiet", "--save", net]
    assert fastnn_program(*words)[0] == 0
    data.write_text("1 1:2\n0 0:3\n")
    words = "example 2 has a number at place 0", "expected places from 1"
    assert_one_line_of_error(fastnn_program("predict", net, data), *words)


def test_rows_of_nothing_but_zeros_and_the_places_of_rankings_are_read(tmp_path):
    path = tmp_path / "t.svm"
    path.write_text("# a comment\n1 qid:1 1:2 3:1\n2\n1 qid:2 2:5 # one more\n2 # nothing\n")
    examples = read_examples(path)
    assert examples.inputs.toarray().tolist() == [[2, 0, 1], [0, 0, 0], [0, 5, 0], [0, 0, 0]]
    assert examples.labels.tolist() == [1, 2, 1, 2]


@pytest.mark.parametrize(("qid", "told"), [(" qid:1", True), ("", False)])
def test_what_rankings_put_together_is_left_out_with_a_note(tmp_path, qid, told):
    path = write(tmp_path / "t.svm", [f"1{qid} 1:2 3:1", f"2{qid} 2:5 # qid:7"] * 5)
    notes = Opened(path).arrays().notes
    assert any("qid: puts together is not used" in note for note in notes) is told


WRONG = {
    "falling places": ("1 3:1 2:1", "expected a place above 3, got '2:1'"),
    "a place twice": ("1 2:1 2:3", "expected a place above 2, got '2:3'"),
    "a place beyond what is counted": (
        "1 1:1 4000000000:2",
        "expected a place of at most 2147483647, got '4000000000:2'",
    ),
    "a name": ("spam 1:1 2:2", "expected a number for the label, got 'spam'", "number the classes"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_rows_that_are_wrong_are_refused_by_line(tmp_path, kind):
    pytest.importorskip("sklearn")
    row, *words = WRONG[kind]
    path = write(tmp_path / "t.svm", ["1 1:1 2:4", "# a comment", row, "2 qid:3 1:1 2:3"])
    assert_refused(lambda: read_examples(path), ValueError, "t.svm", "line 3", *words)
