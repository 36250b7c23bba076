"""Weights and biases are arrays that kernels can compute with, or are refused by name."""

import numpy as np
import pytest
from refusals import assert_refused

from fastnn.model.parameter_arrays import parameter_arrays


def test_parameters_become_arrays_of_their_shapes():
    given = [[[1, 2]], np.ones((3, 1))]
    first, second = parameter_arrays("weights", given, [(1, 2), (3, 1)])
    assert first.tolist() == [[1, 2]]
    assert second is given[1]


@pytest.mark.parametrize(
    ("arrays", "error", "words"),
    [
        (3, TypeError, "weights must be a list of arrays, got 3"),
        ([], ValueError, "weights must hold 1 arrays, one for each layer after the inputs, got 0"),
        ([[[1, 2]]] * 2, ValueError, "weights must hold 1 arrays"),
        (
            [[[1], [2]]],
            ValueError,
            "weights[0] must be an array of numbers of shape (1, 2), got shape (2, 1) (a network "
            "of other sizes needs these in its sizes, too)",
        ),
        ([[[1]]], ValueError, "shape (1, 2), got shape (1, 1)"),
        ([[[1], [2, 3]]], ValueError, "shape (1, 2), got a ragged list"),
        ([[["a", "b"]]], TypeError, "weights[0] must be an array of numbers of shape (1, 2), got"),
        ([[[1j, 2]]], TypeError, "complex128"),
        ([None], TypeError, "numbers of shape (1, 2), got None"),
    ],
    ids=repr,
)
def test_what_are_no_parameters_is_refused(arrays, error, words):
    assert_refused(lambda: parameter_arrays("weights", arrays, [(1, 2)]), error, words)


class Named(np.ndarray):
    """An array that computes as any other."""


class Doubling(np.ndarray):
    """An array that computes in its own way."""

    def __rmul__(self, other):
        return 2 * other * np.asarray(self)


def test_parameters_that_compute_in_their_own_way_are_refused():
    words = r"weights\[0\] must be an array that computes as NumPy's do, got a Doubling"
    with pytest.raises(TypeError, match=words):
        parameter_arrays("weights", [np.ones((1, 2)).view(Doubling)], [(1, 2)])


def test_parameters_of_other_classes_are_taken_unless_values_are_masked():
    masked = np.ma.masked_less(np.ones((1, 2)), 0.0)
    for array in (np.ones((1, 2)).view(Named), masked):
        (taken,) = parameter_arrays("weights", [array], [(1, 2)])
        assert type(taken) is np.ndarray
    masked[0, 1] = np.ma.masked
    with pytest.raises(ValueError, match=r"weights\[0\] must have no masked values, got 1"):
        parameter_arrays("weights", [masked], [(1, 2)])
