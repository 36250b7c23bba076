"""What a callback of `SGD` changes is what training goes on with, and what a checkpoint holds.

So is what a schedule changes that is a function.
"""

from __future__ import annotations

import random

import numpy as np
import pytest
from builders import (
    assert_close,
    assert_same_bits,
    copies,
    digits,
    labelled,
    parameters,
    seed_generators,
    seeded_network,
)

import fastnn
from fastnn import network2, reference

SIZES = [12, 7, 4]


@pytest.fixture
def data():
    return digits(31, 12, 4, seed=1)


def train(data, epochs, callback=None, cost="CrossEntropyCost", **options):
    random.seed(3)
    net = seeded_network(network2, SIZES, cost)
    history = net.SGD(list(data), epochs, 10, 0.3, 0.4, verbose=False, callback=callback, **options)
    return net, history


def in_place(epoch, network, history):
    if epoch == 1:
        network.weights[0][:] = 0
        network.biases[1] += 0.5


def assigned(epoch, network, history):
    if epoch == 1:
        network.weights = [np.zeros_like(network.weights[0]), network.weights[1]]
        network.biases = [network.biases[0], network.biases[1] + 0.5]


def other_cost(epoch, network, history):
    if epoch == 1:
        network.cost = network2.QuadraticCost


CHANGES = [in_place, assigned, other_cost]


def two_runs(data, change, **options):
    """Train as with a callback after epoch 1, but in two calls with the change between them."""
    random.seed(3)
    net, examples = seeded_network(network2, SIZES), list(data)
    net.SGD(examples, 2, 10, 0.3, 0.4, verbose=False, **options)
    change(1, net, None)
    history = net.SGD(examples, 2, 10, 0.3, 0.4, verbose=False, **options)
    return net, history


@pytest.mark.parametrize("change", CHANGES)
def test_training_goes_on_with_the_change(change, data):
    figures = {"monitor_training_cost": True}
    net, history = train(data, 4, change, **figures)
    wanted, wanted_history = two_runs(data, change, **figures)
    assert_same_bits(net, wanted)
    assert history.training_cost[2:] == pytest.approx(wanted_history.training_cost, rel=1e-12)
    unchanged, _ = train(data, 4)
    assert not np.array_equal(net.weights[0], unchanged.weights[0])


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("options", [{}, {"momentum": 0.5}])
def test_an_epoch_begins_with_what_a_schedule_has_changed(change, options, data):
    random.seed(3)
    net = seeded_network(network2, SIZES)

    def schedule(epoch):
        change(epoch - 1, net, None)
        return 1.0

    net.SGD(list(data), 4, 10, 0.3, 0.4, verbose=False, schedule=schedule, **options)
    wanted, _ = train(data, 4, change, **options)
    assert_same_bits(net, wanted)
    assert net.cost is wanted.cost


def test_an_epoch_that_fails_leaves_what_was_before_its_schedule(data):
    net = seeded_network(network2, SIZES)
    before = copies(net)

    def schedule(epoch):
        net.weights[0][:] = 0
        raise RuntimeError("not this one")

    with pytest.raises(RuntimeError, match="not this one"):
        net.SGD(list(data), 4, 10, 0.3, verbose=False, schedule=schedule)
    assert all(map(np.array_equal, parameters(net), before))


@pytest.mark.parametrize("options", [{"momentum": 0.5}, {"optimizer": "adam"}, {"dropout": 0.5}])
def test_what_steps_remember_survives_a_new_cost(options, data):
    """A cost of the same numbers under another name changes nothing at all."""

    class Same(network2.CrossEntropyCost):
        pass

    def callback(epoch, network, history):
        network.cost = Same

    net, _ = train(data, 4, callback, **options)
    wanted, _ = train(data, 4, **options)
    assert_same_bits(net, wanted)
    assert net.cost is Same


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("options", [{}, {"momentum": 0.5}])
def test_a_checkpoint_holds_the_change(change, options, data, tmp_path):
    wanted, _ = train(data, 4, change, **options)
    train(data, 2, change, checkpoint=tmp_path / "c.npz", **options)
    net, _ = fastnn.resume(tmp_path / "c.npz", data, 4, verbose=False)
    assert_same_bits(net, wanted)
    assert net.cost is wanted.cost


def test_a_callback_that_only_looks_changes_no_bit(data):
    seen = []
    net, _ = train(data, 3, lambda epoch, network, history: seen.append(copies(network)))
    wanted, _ = train(data, 3)
    assert_same_bits(net, wanted)
    assert len(seen) == 3


def test_the_best_epochs_arrays_are_nobody_elses(data):
    held_out = labelled(digits(17, 12, 4, seed=2))
    before = []

    def prune(epoch, network, history):
        before.append(copies(network))
        for array in parameters(network):
            array[:] = 0.25

    net, history = train(
        data, 9, prune, evaluation_data=held_out, monitor_evaluation_accuracy=True,
        early_stopping_n=2,
    )  # fmt: skip
    for mine, kept in zip(parameters(net), before[history.best_epoch], strict=True):
        np.testing.assert_array_equal(mine, kept)
    assert net.accuracy(held_out) == history.evaluation_accuracy[history.best_epoch]


def test_own_activations_and_methods_see_the_change(data):
    class Own:
        fn = staticmethod(lambda z: z / (1 + abs(z)))
        prime = staticmethod(lambda z: 1 / (1 + abs(z)) ** 2)

    def callback(epoch, network, history):
        if epoch == 0:
            network.activations = [Own, "sigmoid"]

    random.seed(3)
    net = seeded_network(network2, SIZES)
    examples = list(data)
    net.SGD(examples, 3, 10, 0.3, verbose=False, callback=callback)
    random.seed(3)
    wanted, examples = seeded_network(reference, SIZES), list(data)
    wanted.SGD(examples, 1, 10, 0.3, verbose=False)
    wanted.activations = [Own, "sigmoid"]
    wanted.SGD(examples, 2, 10, 0.3, verbose=False)
    assert_close(parameters(net), parameters(wanted))


def test_a_callback_may_change_the_network_of_a_fork(data):
    seed_generators(3)
    net = seeded_network(network2, SIZES)
    net.update_mini_batch = lambda mini_batch, eta, lmbda, n: None
    with pytest.warns(RuntimeWarning, match="update_mini_batch"):
        net.SGD(data, 2, 10, 0.3, verbose=False, callback=in_place)
    assert (net.weights[0] == 0).all()


def wrong_shape(network):
    network.weights = [np.zeros((3, 3)), network.weights[1]]


def other_sizes(network):
    network.sizes = [12, 8, 4]


def other_dtype(network):
    network.dtype = np.dtype(np.float32)


def no_cost(network):
    network.cost = None


def other_method(network):
    network.accuracy = lambda data: 17


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (wrong_shape, r"weights\[0\] must be"),
        (other_sizes, "sizes cannot change while a network is trained"),
        (other_dtype, "dtype cannot change while a network is trained"),
        (no_cost, "cost must be one of"),
        (other_method, "methods of a network cannot be replaced while it is trained"),
    ],
)
def test_what_training_cannot_go_on_with_is_refused(change, words, data):
    with pytest.raises((TypeError, ValueError), match=words):
        train(data, 3, lambda epoch, network, history: change(network))
