"""Whole training runs whose bits must not depend on how the work is done."""

from __future__ import annotations

from builders import ALL_MONITORS, assert_same_bits, seed_generators

from fastnn import network2
from fastnn.kernels import layout

SIZES = [20, 17, 3, 33, 5]
LARGE = layout.BLOCK + 5  # a mini-batch that does not fit into a block


def train(data, held_out, mini_batch_size):
    """Return all numbers that a training run gives."""
    seed_generators(9)
    net = network2.Network(SIZES)
    history = net.SGD(data, 3, mini_batch_size, 0.5, 1.0, held_out, **ALL_MONITORS, verbose=False)
    return net, history


def assert_same_results(results):
    (net, history), *others = results
    for other, other_history in others:
        assert_same_bits(other, net)
        assert other_history == history
