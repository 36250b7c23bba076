"""What a subclass of the reference's `Network`, or a script, puts in the place of its functions."""

from __future__ import annotations

import random

import numpy as np
import pytest
from builders import assert_same_bits, copies, dense_digits, labelled, parameters, seeded_network
from overriding import FORKS

from fastnn import reference

SIZES = [3, 4, 2]


@pytest.fixture
def data():
    return dense_digits(7, 3, 2, seed=14)


def network(kind=reference.Network):
    np.random.seed(13)
    return kind(SIZES)


def test_sgd_calls_update_mini_batch_with_lists_of_the_callers_pairs(data):
    calls = []
    net = network()
    net.update_mini_batch = lambda *arguments: calls.append(arguments)
    before = copies(net)
    random.seed(1)
    net.SGD(data, 1, 3, 0.5, 0.1, verbose=False)
    pairs = [pair for mini_batch, *_ in calls for pair in mini_batch]
    assert [id(pair) for pair in pairs] == [id(pair) for pair in data]
    assert [(len(mini_batch), *rest) for mini_batch, *rest in calls] == [
        *([(3, 0.5, 0.1, 7)] * 2),
        (1, 0.5, 0.1, 7),
    ]
    for array, kept in zip(parameters(net), before, strict=True):
        np.testing.assert_array_equal(array, kept)


def test_update_mini_batch_calls_backprop_for_each_pair(data):
    seen = []

    class Watched(reference.Network):
        def backprop(self, x, y):
            seen.append(x)
            return super().backprop(x, y)

    net, twin = network(Watched), network()
    net.update_mini_batch(data, 0.5, 0.1, 7)
    twin.update_mini_batch(data, 0.5, 0.1, 7)
    assert [id(x) for x in seen] == [id(x) for x, _ in data]
    assert_same_bits(net, twin)


def test_accuracy_and_total_cost_call_feedforward(data):
    net = network()
    net.feedforward = lambda a: np.array([[0.5], [0.25]])
    zeros = sum(label == 0 for _, label in labelled(data))
    assert net.accuracy(labelled(data)) == zeros
    costs = [-np.log(0.5) - np.log(0.75), -np.log(0.25) - np.log(0.5)]
    wanted = (zeros * costs[0] + (7 - zeros) * costs[1]) / 7
    assert net.total_cost(data, 0.0) == pytest.approx(wanted, rel=1e-13)


def test_softmax_outputs_of_a_subclass_give_the_log_likelihood_of_its_outputs(data):
    net = seeded_network(reference, SIZES, "LogLikelihoodCost")
    net.feedforward = lambda a: np.array([[0.5], [0.5]])
    assert net.total_cost(data, 0.0) == pytest.approx(np.log(2), rel=1e-13)


def test_making_a_network_calls_its_initialiser():
    class Flat(reference.Network):
        def default_weight_initializer(self):
            self.biases = [np.zeros((4, 1)), np.zeros((2, 1))]
            self.weights = [np.full((4, 3), 0.5), np.full((2, 4), 0.5)]

    state = np.random.get_state()[1].copy()
    assert Flat(SIZES).weights[0][0].tolist() == [0.5] * 3
    np.testing.assert_array_equal(np.random.get_state()[1], state)


def test_a_rebound_sigmoid_is_that_of_outputs_and_of_slopes(data, monkeypatch):
    net = network()
    x, y = data[0]
    monkeypatch.setattr(reference, "sigmoid", lambda z: 0 * z + 0.25)
    np.testing.assert_array_equal(net.feedforward(x), [[0.25], [0.25]])
    assert reference.sigmoid_prime(3.0) == 0.25 * 0.75
    delta = 0.25 - y
    hidden = net.weights[1].T @ delta * 0.25 * 0.75
    nabla_b, _ = net.backprop(x, y)
    np.testing.assert_allclose(nabla_b[0], hidden, rtol=1e-13)
    monkeypatch.setattr(reference, "sigmoid_prime", lambda z: 0 * z + 2.0)
    nabla_b, _ = net.backprop(x, y)
    np.testing.assert_allclose(nabla_b[0], net.weights[1].T @ delta * 2, rtol=1e-13)
    np.testing.assert_array_equal(reference.QuadraticCost.delta(0.0, 0.25, y), 2 * delta)


def test_a_rebound_vectorized_result_makes_the_columns_of_labels(data, monkeypatch):
    net = network()
    monkeypatch.setattr(reference, "vectorized_result", lambda j: np.full((2, 1), 0.5))
    soft = [(x, np.full((2, 1), 0.5)) for x, _ in data]
    assert net.total_cost(labelled(data), 0.0, convert=True) == net.total_cost(soft, 0.0)


def test_load_makes_what_the_module_has_by_the_names(tmp_path, monkeypatch):
    class Own(reference.Network):
        pass

    class Doubled(reference.QuadraticCost):
        pass

    monkeypatch.setattr(reference, "Network", Own)
    monkeypatch.setattr(reference, "Doubled", Doubled, raising=False)
    saved = reference.Network(SIZES, cost=Doubled)
    saved.save(tmp_path / "net.json")
    net = reference.load(tmp_path / "net.json")
    assert type(net) is Own
    assert net.cost is Doubled
    assert_same_bits(net, saved)


def test_a_cost_that_is_patched_is_the_cost(data, monkeypatch):
    monkeypatch.setattr(reference.CrossEntropyCost, "delta", staticmethod(lambda z, a, y: 0 * a))
    net = network()
    nabla_b, _ = net.backprop(*data[0])
    np.testing.assert_array_equal(nabla_b[1], [[0], [0]])


@pytest.mark.parametrize("fork", FORKS)
def test_forks_of_the_book_train(fork, data):
    net = network(FORKS[fork](reference))
    before = copies(net)
    random.seed(2)
    costs = net.SGD(data, 3, 3, 0.1, 0.1, monitor_training_cost=True, verbose=False)[2]
    assert np.isfinite(costs).all()
    assert not np.array_equal(before[0], parameters(net)[0])


def test_an_attribute_of_a_subclass_that_means_something_else_is_named(data):
    class Attribute(reference.Network):
        def __init__(self, sizes):
            super().__init__(sizes)
            self.activations = []

    with pytest.raises(ValueError, match="activations must name the activation of each of 2"):
        network(Attribute).SGD(data, 1, 3, 0.5, verbose=False)
