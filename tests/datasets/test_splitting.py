"""Rows held out: each row on one side, each class on both."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastnn.datasets.splitting import split_rows


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    counts=st.lists(st.integers(1, 30), min_size=1, max_size=6),
    fraction=st.floats(0.01, 0.99),
    seed=st.integers(0, 99),
)
def test_each_row_is_on_one_side_and_each_class_is_trained_on(counts, fraction, seed):
    labels = np.repeat(np.arange(len(counts)), counts)
    if len(labels) < 2 or max(counts) < 2:
        return
    training, held_out = split_rows(len(labels), fraction, seed, labels)
    assert sorted([*training, *held_out]) == list(range(len(labels)))
    assert len(held_out) > 0
    assert set(labels[training]) == set(range(len(counts)))


@pytest.mark.parametrize("fraction", [0.1, 0.25, 0.5])
def test_shares_differ_from_the_fraction_by_less_than_a_row(fraction):
    labels = np.repeat([0, 1, 2], [50, 30, 20])
    _, held_out = split_rows(100, fraction, 1, labels)
    shares = np.bincount(labels[held_out])
    assert (np.abs(shares - fraction * np.array([50, 30, 20])) < 1).all()
    assert len(held_out) == 100 * fraction
