"""Data in the kernels' form: bits do not depend on it, and it is made once."""

from __future__ import annotations

import numpy as np
import pytest
from builders import arrays
from whole_runs import LARGE, assert_same_results, held_out_pairs, train, training_pairs

import fastnn
from fastnn.engine import inputs


@pytest.fixture
def data():
    return training_pairs()


@pytest.fixture
def held_out():
    return held_out_pairs()


@pytest.mark.parametrize("mini_batch_size", [7, 10, LARGE])
def test_sparse_and_dense_inputs_give_the_same_bits(data, held_out, mini_batch_size, monkeypatch):
    results = []
    for threshold in (0.0, 2.0):  # all dense, all sparse
        monkeypatch.setattr(inputs, "SPARSE_BELOW", threshold)
        results.append(train(list(data), held_out, mini_batch_size))
    assert_same_results(results)


def test_bytes_and_the_floats_they_stand_for_give_the_same_bits(data, held_out):
    rows, labels = arrays(data)
    as_bytes = fastnn.Dataset((rows * 256).astype(np.uint8), labels, classes=5, scale=1 / 256)
    assert_same_results([train(examples, held_out, 10) for examples in (data, as_bytes)])
