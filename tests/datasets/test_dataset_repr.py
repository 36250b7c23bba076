"""What a data set says of itself at a prompt and in a notebook."""

from __future__ import annotations

import numpy as np
from builders import digits

from fastnn import Dataset


def test_the_repr_has_the_numbers_of_examples_and_inputs():
    assert repr(Dataset(np.zeros((1500, 4)), np.zeros(1500, int))) == (
        "Dataset(1,500 examples of 4 inputs)"
    )


def test_a_notebook_sees_range_density_and_labels():
    shown = Dataset(np.array([[0.0, 2], [0, -1], [0, 0]]), [0, 2, 2])._repr_html_()
    for fact in ("3 examples", "2 numbers in float64", "-1 to 2", "33.3%", "0: 1, 1: 0, 2: 2"):
        assert fact in shown


def test_a_notebook_sees_how_many_outputs_are_desired():
    data = Dataset(np.ones((2, 1)), [[0.5, 1.5, 2.5], [1, 2, 3]])
    assert "3 numbers" in data._repr_html_()
    assert "1 numbers" in Dataset(np.ones((2, 1)), [0.5, 1.5])._repr_html_()


def test_large_data_are_judged_by_some_of_them():
    shown = Dataset(np.ones((5000, 2)), np.zeros(5000, int))._repr_html_()
    assert "range, in 1,000 of them" in shown


def test_pairs_from_elsewhere_have_one_too_and_none_have_none():
    mixed = Dataset.from_pairs(digits(4, 3, 2, seed=1))
    mixed.append((np.ones((3, 1)), np.array([[1.0], [0.0]])))
    assert "5 examples" in mixed._repr_html_()
    assert mixed[:0]._repr_html_() is None
