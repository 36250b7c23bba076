"""A network in the kernels' layout: every bit there and back, zeros in between."""

from __future__ import annotations

import random

import numpy as np
import pytest
from builders import digits, seeded_network, sigmoid_layers
from whole_runs import LARGE, SIZES

import fastnn
from fastnn import network2
from fastnn.engine.packed_network import PackedNetwork
from fastnn.engine.step_settings import StepSettings
from fastnn.engine.trainer import Trainer
from fastnn.model.description import architecture_of


def packed_values(packed):
    return packed.net.parameters.copy()


def padding_of(sizes, dtype):
    """Say which of the flat parameters are padding."""
    ones = PackedNetwork(sigmoid_layers(sizes), np.dtype(dtype), 1)
    shapes = list(zip(sizes[1:], sizes[:-1], strict=True))
    ones.pack([np.ones(shape) for shape in shapes], [np.ones((rows, 1)) for rows, _ in shapes])
    return packed_values(ones) == 0


ALL_SHAPES = [[1, 1], [784, 30, 10], [16, 32, 48], [20, 100, 1, 33, 3, 17]]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("sizes", ALL_SHAPES, ids=str)
def test_packing_and_unpacking_keep_every_bit(sizes, dtype):
    net = seeded_network(network2, sizes, dtype=dtype)
    packed = PackedNetwork(sigmoid_layers(sizes), np.dtype(dtype), 1)
    packed.pack(net.weights, net.biases)
    weights, biases = packed.unpack()
    for mine, theirs in zip([*weights, *biases], [*net.weights, *net.biases], strict=True):
        assert mine.dtype == dtype
        assert mine.flags.c_contiguous
        np.testing.assert_array_equal(mine, theirs)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_weights_start_at_a_cache_line_wherever_they_come_from(dtype):
    net = seeded_network(network2, [784, 10, 3], dtype=dtype)
    pairs = digits(20, 784, 3, seed=5, dtype=dtype)

    def start():
        return net.weights[0].__array_interface__["data"][0] % 64

    assert start() == 0
    net.update_mini_batch(pairs[:5], 0.5, 0.0, 5)
    assert start() == 0
    for _ in range(3):
        net.SGD(pairs, 1, 5, 0.5, verbose=False)
        assert start() == 0


@pytest.mark.parametrize("sizes", ALL_SHAPES, ids=str)
def test_packing_again_leaves_nothing_of_what_was_there(sizes):
    net = seeded_network(network2, sizes)
    packed = PackedNetwork(sigmoid_layers(sizes), np.dtype(np.float64), 1)
    fresh = PackedNetwork(sigmoid_layers(sizes), np.dtype(np.float64), 1)
    fresh.pack(net.weights, net.biases)
    packed.pack([w + 1 for w in net.weights], [b + 1 for b in net.biases])
    packed.pack(net.weights, net.biases)
    np.testing.assert_array_equal(packed_values(packed), packed_values(fresh))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("mini_batch_size", [1, 10, 40, LARGE])
@pytest.mark.parametrize("decay", [1.0, 0.9, 0.0, -0.5])
@pytest.mark.parametrize("sizes", [SIZES, [20, 8, 100, 90, 40, 7, 5]], ids=str)
def test_training_keeps_the_padding_zero_and_both_copies_of_weights_alike(
    dtype, mini_batch_size, decay, sizes
):
    net = seeded_network(network2, sizes, dtype=dtype)
    data = fastnn.Dataset.from_pairs(digits(150, 20, 5, seed=7))
    lmbda = (1.0 - decay) / 0.5
    settings = StepSettings(mini_batch_size, lmbda, n=1)
    trainer = Trainer(architecture_of(net), data, settings)
    trainer.packed.pack(net.weights, net.biases)
    random.seed(8)
    for _ in range(2):
        trainer.run_epoch(0.5)
    values = packed_values(trainer.packed)
    assert np.isfinite(values).all()
    assert not values[padding_of(sizes, dtype)].any()
    weights, _ = trainer.packed.unpack()
    for layer in range(1, len(weights)):
        assert (weights[layer] != net.weights[layer]).any()
