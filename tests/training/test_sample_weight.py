"""Weights of examples: what is accepted, and whom they belong to."""

from __future__ import annotations

import numpy as np
import pytest

from fastnn import Dataset
from fastnn.training.sample_weight import checked_weights, weights_of_stored


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([1.0, 2.0], r"one number for each of 3 training examples, shape \(3,\), got shape \(2,\)"),
        ([[1.0], [1.0], [1.0]], r"got shape \(3, 1\)"),
        ([1.0, -1.0, 1.0], "finite and at least 0, got -1.0 at place 1"),
        ([1.0, 1.0, np.nan], "finite and at least 0, got nan at place 2"),
        ([0, 0, 0], "above 0 for some example, got 0 for all 3"),
        (["a", "b", "c"], r"array of numbers of shape \(3,\)"),
        ([1.0, [1.0], 1.0], "got a ragged list"),
    ],
)
def test_wrong_weights_are_refused_by_name(weights, message):
    with pytest.raises((TypeError, ValueError), match=f"sample_weight must .*{message}"):
        checked_weights(weights, 3)


def test_weights_are_copied_as_float64():
    given = np.ones(3, np.float32)
    checked = checked_weights(given, 3)
    given[0] = 5
    assert checked.dtype == np.float64
    assert checked.tolist() == [1, 1, 1]


def test_stored_examples_have_the_weights_of_their_places():
    data = Dataset(np.eye(4), np.array([0, 1, 0, 1]))[:]
    data.reorder(np.array([2, 0, 3, 1]))
    assert weights_of_stored(np.array([5.0, 6, 7, 8]), data).tolist() == [6, 8, 5, 7]


def test_no_weights_are_an_empty_array():
    assert weights_of_stored(None, Dataset(np.eye(2), [0, 1])).size == 0
