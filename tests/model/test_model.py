"""A network before and beside `SGD`: initial values, what methods see, float32."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest
from builders import (
    ALL_MONITORS,
    assert_close,
    assert_same_bits,
    assert_same_networks,
    digits,
    labelled,
    parameters,
    seed_generators,
    seeded_network,
    state_of_numpy,
)

from fastnn import network2, reference

SIZES = [20, 17, 5]
MODULES = (network2, reference)


# Initial values -------------------------------------------------------------------------------


@pytest.mark.parametrize("large", [False, True], ids=["default", "large"])
@pytest.mark.parametrize("sizes", [[4, 3], [5, 4, 3, 2]], ids=str)
def test_initial_values_are_all_biases_then_all_weights_from_numpys_generator(sizes, large):
    seed_generators(13)
    python_state = random.getstate()
    net = network2.Network(sizes)
    if large:
        np.random.seed(13)
        net.large_weight_initializer()
    state = state_of_numpy()

    np.random.seed(13)
    biases = [np.random.standard_normal((n, 1)) for n in sizes[1:]]
    weights = [np.random.standard_normal((n, m)) for m, n in itertools.pairwise(sizes)]
    if not large:
        weights = [w / np.sqrt(w.shape[1]) for w in weights]
    for got, wanted in zip(parameters(net), [*biases, *weights], strict=True):
        assert got.dtype == np.float64
        np.testing.assert_array_equal(got, wanted)
    assert state == state_of_numpy()
    assert random.getstate() == python_state


def test_initial_values_are_bit_for_bit_those_of_the_reference():
    assert_same_bits(*(seeded_network(module, [30, 17, 1, 5]) for module in MODULES))


def test_float32_networks_start_from_the_same_draws():
    wide = seeded_network(network2, SIZES)
    state = state_of_numpy()
    narrow = seeded_network(network2, SIZES, dtype=np.float32)
    assert state_of_numpy() == state
    assert_close(parameters(narrow), parameters(wide), rtol=1e-6)


# What methods see -----------------------------------------------------------------------------


def test_methods_see_what_scripts_have_assigned_and_written():
    data, held_out = digits(53, 20, 5, seed=1), labelled(digits(31, 20, 5, seed=2))
    net, oracle = (seeded_network(module, SIZES) for module in MODULES)
    for network in (net, oracle):
        network.weights[0][:, 2] = 1.5
        network.biases[1] = -network.biases[1]
    assert net.accuracy(held_out) == oracle.accuracy(held_out)
    assert net.total_cost(data, 2.0) == pytest.approx(oracle.total_cost(data, 2.0), rel=1e-12)
    x, y = data[0]
    assert_close([net.feedforward(x)], [oracle.feedforward(x)], rtol=1e-12)
    assert_close(net.backprop(x, y)[1], oracle.backprop(x, y)[1], rtol=1e-12)


def test_a_cost_assigned_later_is_the_one_that_counts():
    data, nets = digits(53, 20, 5, seed=3), []
    for module in MODULES:
        seed_generators(4)
        net, examples = module.Network(SIZES), list(data)
        net.SGD(examples, 1, 10, 0.5, verbose=False)
        net.cost = module.QuadraticCost
        net.SGD(examples, 1, 10, 0.5, verbose=False)
        net.update_mini_batch(examples[:10], 0.5, 1.0, 53)
        nets.append(net)
    net, oracle = nets
    assert_same_networks(net, oracle)
    assert net.total_cost(data, 1.0) == pytest.approx(oracle.total_cost(data, 1.0), rel=1e-10)


# float32 --------------------------------------------------------------------------------------


@pytest.mark.parametrize("cost", ["CrossEntropyCost", "QuadraticCost"])
@pytest.mark.parametrize("mini_batch_size", [10, 150])
def test_float32_trains_to_about_the_numbers_of_float64(mini_batch_size, cost):
    examples, unseen = digits(200, 20, 5, seed=14), labelled(digits(100, 20, 5, seed=15))
    trained = []
    for dtype in (np.float64, np.float32):
        net = seeded_network(network2, SIZES, cost, dtype=dtype)
        random.seed(16)
        history = net.SGD(
            list(examples),
            20,
            mini_batch_size,
            0.5,
            1.0,
            verbose=False,
            evaluation_data=unseen,
            **ALL_MONITORS,
        )
        trained.append((net, history))
    (wide, wide_history), (narrow, narrow_history) = trained
    for mine, theirs in zip(parameters(narrow), parameters(wide), strict=True):
        assert mine.dtype == np.float32
        assert np.linalg.norm(mine - theirs) < 1e-3 * np.linalg.norm(theirs)
    np.testing.assert_allclose(narrow_history.training_cost, wide_history.training_cost, rtol=1e-4)
    for mine, theirs in zip(
        narrow_history.evaluation_accuracy, wide_history.evaluation_accuracy, strict=True
    ):
        assert abs(mine - theirs) <= 2
    x, y = examples[0]
    assert narrow.feedforward(x).dtype == np.float32
    assert all(array.dtype == np.float32 for part in narrow.backprop(x, y) for array in part)
