"""Examples are brought into the form in which a network takes them, or refused by name."""

import numpy as np
import pytest

from fastnn import Dataset
from fastnn.datasets.fitting import fitting_dataset

INPUTS = np.arange(12.0).reshape(4, 3)


def reordered(labels):
    data = Dataset(INPUTS, labels)
    data.reorder(np.array([2, 0, 3, 1]))
    return data


def test_labels_of_one_output_are_its_desired_values_in_the_same_order():
    fitting = fitting_dataset("data", reordered([0, 1, 0, 1]), [3, 1])
    assert fitting.store.answer_length == 1
    assert fitting.labels.ravel().tolist() == [0.0, 0.0, 1.0, 1.0]
    assert fitting.inputs.tolist() == INPUTS[[2, 0, 3, 1]].tolist()


def test_whole_numbers_are_labels_of_several_outputs_in_the_same_order():
    fitting = fitting_dataset("data", reordered([0.0, 1.0, 2.0, 1.0]), [3, 4])
    assert fitting.labels.dtype.kind == "i"
    assert fitting.labels.tolist() == [2, 0, 1, 1]
    assert fitting.inputs.tolist() == INPUTS[[2, 0, 3, 1]].tolist()


@pytest.mark.parametrize(
    ("labels", "sizes", "message"),
    [
        ([0, 1, 0, 1], [4, 2], "data must have 4 inputs per example, .* got 3"),
        ([[0.0, 1.0]] * 4, [3, 3], "data must have desired outputs of length 3, .* got 2"),
        ([0, 1, 2, 3], [3, 3], "data must have labels below 3, .* got 3 in example 3"),
        ([0.0, 1.5, 2.0, 0.0], [3, 3], "data must have labels below 3, .* got 1.5 in example 1"),
    ],
)
def test_what_does_not_fit_is_refused_with_both_sizes(labels, sizes, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        fitting_dataset("data", Dataset(INPUTS, labels), sizes)
