"""`fastnn evaluate`: how many examples a saved network gets right."""

import re

import numpy as np
import pytest
from builders import assert_same_bits
from example_files import animals, save_csv
from small_program import ACCURACY, SMALL, assert_one_line_of_error, small_mnist

import fastnn
from fastnn.own_data import read_examples
from fastnn.scaling import Scaling

pytestmark = pytest.mark.usefixtures("_small_mnist")


def test_a_saved_network_can_be_evaluated(fastnn_program, tmp_path):
    path = tmp_path / "net.json"
    _, trained, _ = fastnn_program("train", *SMALL, "--save", path)
    status, out, err = fastnn_program("evaluate", path)
    assert (status, err) == (0, [])
    _, validation, test = small_mnist()
    net = fastnn.load(path)
    correct = net.accuracy(validation), net.accuracy(test)
    assert out == [
        f"Accuracy on validation data: {correct[0]} / 40 ({correct[0] / 40:.2%})",
        f"Accuracy on test data: {correct[1]} / 30 ({correct[1] / 30:.2%})",
    ]
    assert re.match(ACCURACY, trained[-2])[1] == f"{100 * correct[0] / 40:.2f}"


def test_evaluating_changes_nothing(fastnn_program, tmp_path):
    path = tmp_path / "net.json"
    fastnn_program("train", *SMALL, "--save", path)
    before, stored = fastnn.load(path), path.read_bytes()
    fastnn_program("evaluate", path)
    assert path.read_bytes() == stored
    assert_same_bits(fastnn.load(path), before)


def test_a_missing_network_is_one_line_of_error(fastnn_program, tmp_path):
    path = tmp_path / "nowhere.json"
    assert_one_line_of_error(fastnn_program("evaluate", path), str(path))


@pytest.mark.parametrize("stored", [b"", b"[1]", b"\xff\xfe\x00"])
def test_a_damaged_network_is_one_line_of_error(fastnn_program, tmp_path, stored):
    path = tmp_path / "net.json"
    path.write_bytes(stored)
    assert_one_line_of_error(fastnn_program("evaluate", path), str(path))


def test_a_network_for_other_data_is_one_line_of_error(fastnn_program, tmp_path):
    path = tmp_path / "net.npz"
    fastnn.Network([3, 2]).save(path)
    words = "net.npz must have 784 inputs", "evaluated on MNIST, got 3; name a FILE"
    assert_one_line_of_error(fastnn_program("evaluate", path), *words)
    net = fastnn.Network([784, 10])
    net.scaling = Scaling.of(small_mnist()[0].inputs)
    net.save(path)
    words = "trained on other data", "evaluated on MNIST; name a FILE"
    assert_one_line_of_error(fastnn_program("evaluate", path), *words)


def test_evaluate_counts_own_examples(fastnn_program, trained, table):
    examples = read_examples(table)
    correct = np.count_nonzero(fastnn.load(trained).predict(examples.inputs) == examples.labels)
    assert correct > 55
    assert fastnn_program("evaluate", trained, table) == (
        0,
        [
            f"Accuracy on {table}: {correct} / 60 ({correct / 60:.2%})",
            "Always cat would be 20 / 60 (33.33%)",
        ],
        [],
    )


def test_evaluate_needs_labels(fastnn_program, trained, tmp_path):
    bare = save_csv(tmp_path / "bare.csv", animals()[0])
    assert_one_line_of_error(fastnn_program("evaluate", trained, bare), "bare.csv", "labels")
    result = fastnn_program("evaluate", trained, "--label-column", "0")
    assert_one_line_of_error(result, "--label-column", "FILE")
