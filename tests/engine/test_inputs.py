"""Data in the kernels' form: bits do not depend on it, and it is made once."""

from __future__ import annotations

import numpy as np
import pytest
from builders import arrays, digits
from whole_runs import LARGE, assert_same_results, train

import fastnn
from fastnn.engine import inputs


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


@pytest.mark.parametrize("density", [0.2, 1.0], ids=["sparse", "dense"])
def test_the_form_is_made_once_for_a_data_set_and_its_slices(density):
    data = fastnn.Dataset(*arrays(digits(40, 20, 5, seed=1, density=density)))
    first, second = (
        inputs.kernel_inputs(part.store, np.dtype(np.float64)) for part in (data, data[:9])
    )
    assert inputs.density(first) == pytest.approx(density, abs=0.05)
    assert np.shares_memory(first[0], second[0])


def test_an_input_beyond_float32_is_refused_for_a_network_of_that_type():
    store = fastnn.Dataset(np.array([[1e300, 0.0]]), [0]).store
    inputs.kernel_inputs(store, np.dtype(np.float64))
    with pytest.raises(ValueError, match="finite in float32"):
        inputs.kernel_inputs(store, np.dtype(np.float32))


def test_read_only_targets_are_passed_on_without_a_copy_and_the_order_with_one():
    data = fastnn.Dataset(np.eye(3), np.random.default_rng(1).random((3, 2)))
    data.store.targets.flags.writeable = False
    targets, order = inputs.kernel_targets(data.store), inputs.kernel_order(data)
    assert targets.vectors.flags.writeable
    assert np.shares_memory(targets.vectors, data.store.targets)
    assert order.dtype == np.int32
    assert not np.shares_memory(order, data.order)
