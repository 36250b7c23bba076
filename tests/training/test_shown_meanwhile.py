"""Costs that only Python can compute see the network as it is at every step.

Each is trained over `fastnn.network2` and over `fastnn.reference`, which calls it as network2 does.
"""

from __future__ import annotations

import random

import numpy as np
import pytest
from builders import digits, labelled, parameters, seed_generators
from overriding import assert_agree, plain

from fastnn import network2, reference

pytestmark = pytest.mark.filterwarnings("ignore:cost .* cannot be compiled by Numba")


@pytest.fixture
def data():
    return digits(31, 12, 4, seed=1)


@pytest.fixture
def held_out():
    return labelled(digits(17, 12, 4, seed=2))


class Squares:
    """Half the squared distance, for sigmoid outputs, by methods that Numba cannot compile."""

    def __init__(self, net):
        self.net = net

    def fn(self, a, y):
        return 0.5 * float(np.sum((a - y) ** 2))

    def delta(self, z, a, y):
        return (a - y) * a * (1 - a)


class OfNetwork(Squares):
    """A cost that weighs errors by what the network is now."""

    def delta(self, z, a, y):
        return super().delta(z, a, y) * np.abs(self.net.weights[-1]).mean()


class Probing(Squares):
    def delta(self, z, a, y):
        probe = self.net.feedforward(np.full((12, 1), 0.5))
        return (a - y) * float(probe[0, 0])


class Drawing(Squares):
    """A cost that draws a number for each example, so that their order counts."""

    def fn(self, a, y):
        return super().fn(a, y) * random.random() * np.random.random()


class Averaging(Squares):
    """A cost that remembers what it has computed."""

    mean = 0.0

    def fn(self, a, y):
        self.mean = 0.9 * self.mean + 0.1 * super().fn(a, y)
        return self.mean


class Telling(Squares):
    def fn(self, a, y):
        print("cost of", float(y.sum()))
        return super().fn(a, y)


@pytest.mark.parametrize("kind", [OfNetwork, Probing, Drawing, Averaging, Telling])
def test_costs_see_what_they_see_in_network2(kind, data, held_out, capsys):
    assert_agree(plain, data, held_out, capsys, lambda net: setattr(net, "cost", kind(net)))


def test_the_columns_that_a_cost_is_given_are_its_own(data, held_out, capsys):
    kept = []

    class Keeping(Squares):
        def delta(self, z, a, y):
            kept[-1].append((z, a))
            return super().delta(z, a, y)

    def keep(net):
        kept.append([])
        net.cost = Keeping(net)

    assert_agree(plain, data, held_out, capsys, keep)
    wanted, found = kept
    assert len(wanted) == len(found) == 3 * len(data)
    for pair, other in zip(wanted, found, strict=True):
        np.testing.assert_allclose(other, pair, rtol=1e-9)


class Writing(OfNetwork):
    def delta(self, z, a, y):
        self.net.biases[-1] -= 0.1
        return super().delta(z, a, y)


class Assigning(OfNetwork):
    def delta(self, z, a, y):
        self.net.biases = [b - 0.1 for b in self.net.biases]
        return super().delta(z, a, y)


class Replacing(OfNetwork):
    def delta(self, z, a, y):
        self.net.cost = network2.QuadraticCost
        return super().delta(z, a, y)


@pytest.mark.parametrize("kind", [Writing, Assigning, Replacing])
def test_a_cost_that_changes_the_network_is_refused(kind, data):
    net = network2.Network([12, 7, 4])
    net.cost = kind(net)
    before, state = [array.copy() for array in parameters(net)], random.getstate()
    words = (
        r"^delta of the cost .* read-only.* a weight or a bias|^cost .* changes the network that"
    )
    with pytest.raises(ValueError, match=words):
        net.SGD(data, 1, 10, 0.3, verbose=False)
    for array, old in zip(parameters(net), before, strict=True):
        np.testing.assert_array_equal(array, old)
    assert random.getstate() == state
    net.cost = network2.CrossEntropyCost
    net.SGD(data, 1, 10, 0.3, verbose=False)


# What is measured ---------------------------------------------------------------------------------


def tied(module):
    """An autoencoder of which one layer is the other's transpose."""

    class Tied(module.Network):
        def update_mini_batch(self, mini_batch, eta, lmbda, n):
            for x, y in mini_batch:
                _, (encoded, decoded) = self.backprop(x, y)
                self.weights[1] -= eta / len(mini_batch) * (decoded + encoded.T)

    net = Tied([4, 3, 4])
    net.weights[0] = net.weights[1].T
    return net


def stacked(module):
    """Weights of all layers in one array."""

    class Stacked(module.Network):
        def update_mini_batch(self, mini_batch, eta, lmbda, n):
            for x, y in mini_batch:
                _, nabla_w = self.backprop(x, y)
                self.weights = self.weights - eta * np.array(nabla_w)

    net = Stacked([4, 4, 4])
    net.weights = np.array(net.weights)
    return net


@pytest.mark.filterwarnings("ignore:.* through Python, at NumPy speed")
@pytest.mark.parametrize("make", [tied, stacked])
def test_weights_of_any_kind_are_measured_and_can_be_written_into_afterwards(make):
    costs = []
    for module in (network2, reference):
        seed_generators(4)
        net = make(module)
        net.cost = Squares(net)
        history = net.SGD(digits(12, 4, 4, seed=1), 2, 4, 0.5, monitor_training_cost=True)
        costs.append(history[2])
        for array in [*net.weights, *net.biases]:
            array += 1.0
    np.testing.assert_allclose(*costs, rtol=1e-10)
