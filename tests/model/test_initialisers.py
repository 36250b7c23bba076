"""Initial values: which numbers are drawn, in which order, and how they are spread."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest
from builders import (
    assert_close,
    assert_same_bits,
    parameters,
    seed_generators,
    seeded_network,
    state_of_numpy,
)

from fastnn import network, network2, reference
from fastnn.model.initialisers import INITIALISERS, draw_parameters


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


def test_float32_networks_start_from_the_same_draws():
    wide = seeded_network(network2, [20, 17, 5])
    state = state_of_numpy()
    narrow = seeded_network(network2, [20, 17, 5], dtype=np.float32)
    assert state_of_numpy() == state
    assert_close(parameters(narrow), parameters(wide), rtol=1e-6)


@pytest.mark.parametrize("initializer", INITIALISERS)
@pytest.mark.parametrize("sizes", [[4, 3], [25, 17, 1, 10], [30, 17, 1, 5]], ids=str)
def test_initial_values_and_draws_are_those_of_the_reference(initializer, sizes):
    net = seeded_network(network2, sizes, initializer=initializer)
    state = state_of_numpy()
    oracle = seeded_network(reference, sizes, initializer=initializer)
    assert_same_bits(net, oracle)
    assert state == state_of_numpy()
    assert all(np.any(array) for array in parameters(net)[len(sizes) - 1 :])


@pytest.mark.parametrize(
    ("initializer", "variance"),
    [
        ("default", 1 / 300),
        ("large", 1),
        ("glorot", 2 / (300 + 200)),  # Glorot and Bengio 2010, eq. 16
        ("he", 2 / 300),  # He et al. 2015, eq. 10
    ],
)
def test_weights_are_spread_as_the_source_of_each_initialiser_says(initializer, variance):
    generator = np.random.RandomState(1)
    (weights,), (biases,) = draw_parameters(initializer, [300, 200], np.dtype(float), generator)
    assert weights.shape == (200, 300)
    assert np.mean(weights) == pytest.approx(0, abs=5 * np.sqrt(variance / weights.size))
    assert np.var(weights) == pytest.approx(variance, rel=0.03)
    assert biases.shape == (200, 1)
    if initializer in ("glorot", "he"):
        assert not biases.any()
    else:
        assert np.var(biases) == pytest.approx(1, rel=0.5)


def test_a_generator_of_your_own_gives_the_draws_of_the_global_one():
    state = state_of_numpy()
    drawn = network2.Network([20, 17, 5], generator=np.random.RandomState(3))
    assert state_of_numpy() == state
    assert_same_bits(drawn, seeded_network(network2, [20, 17, 5], seed=3))


@pytest.mark.parametrize("module", [network2, network, reference])
def test_a_randn_that_a_script_has_replaced_is_what_draws(module, monkeypatch):
    monkeypatch.setattr(np.random, "randn", lambda *shape: np.full(shape, 0.5))
    net = module.Network([4, 3])
    assert np.unique(net.biases[0]).tolist() == [0.5]
    assert len(np.unique(net.weights[0])) == 1
