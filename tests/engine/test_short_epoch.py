"""An epoch on a few pairs, straight from the user's arrays: what is taken, and what is left."""

from __future__ import annotations

import random

import numpy as np
import pytest
from builders import assert_same_networks, column, dense_digits, seed_generators

from fastnn import network2, reference
from fastnn.engine.short_epoch import ShortEpoch
from fastnn.training import repeats

SIZES = [6, 4, 3]


@pytest.fixture
def taken(monkeypatch):
    """Note of each call whether it went this way."""
    seen = []
    take = ShortEpoch.take

    def noted(self, *arguments):
        seen.append(take(self, *arguments))
        return seen[-1]

    monkeypatch.setattr(ShortEpoch, "take", noted)
    return seen


class Shelf(list):
    """A list of a class of its own."""


def as_lists(net, data):
    data[:] = [[x, y] for x, y in data]


def float32_inputs(net, data):
    data[:] = [(x.astype(np.float32), y) for x, y in data]


def integer_answers(net, data):
    data[:] = [(x, y.astype(int)) for x, y in data]


def answers_between(net, data):
    data[0][1][:] = 0.5


def mostly_zeros(net, data):
    for x, _ in data:
        x[1:] = 0.0


def strided_inputs(net, data):
    data[2] = np.repeat(data[2][0], 2, axis=0)[::2], data[2][1]


def fortran_weights(net, data):
    net.weights[0] = np.asfortranarray(net.weights[0])


def views_of_weights(net, data):
    net.weights[0] = np.concatenate([net.weights[0]] * 2)[:4]


def tuple_of_weights(net, data):
    net.weights = tuple(net.weights)


def shelf_of_biases(net, data):
    net.biases = Shelf(net.biases)


def integer_biases(net, data):
    net.biases[0] = np.ones((4, 1), int)


OTHER = [as_lists, float32_inputs, integer_answers, answers_between, mostly_zeros]
OTHER += [fortran_weights, views_of_weights, tuple_of_weights, shelf_of_biases, integer_biases]


def trained(module, change):
    """Train six epochs, a call each, and change something before the fourth."""
    seed_generators(3)
    net, data = module.Network(SIZES), dense_digits(9, 6, 3, seed=2)
    for call in range(6):
        if call == 3 and change is not None:
            change(net, data)
        net.SGD(data, 1, 4, 0.5, lmbda=0.1, verbose=False)
    return net, [x.tobytes() for x, _ in data], random.getstate()


@pytest.mark.parametrize("change", [None, *OTHER, strided_inputs], ids=lambda f: f and f.__name__)
def test_calls_of_one_epoch_have_the_numbers_of_the_reference(change, taken):
    net, order, state = trained(network2, change)
    oracle, wanted_order, wanted_state = trained(reference, change)
    assert_same_networks(net, oracle)
    assert (order, state) == (wanted_order, wanted_state)
    assert taken[:2] == [True, True]


@pytest.mark.parametrize("change", OTHER, ids=lambda change: change.__name__)
def test_what_it_does_not_know_goes_the_usual_way(change, taken):
    trained(network2, change)
    assert taken[2] is False


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("place", [0, 1], ids=["input", "answer"])
def test_numbers_that_are_not_finite_are_refused_before_anything_changes(value, place, taken):
    seed_generators(3)
    net, data = network2.Network(SIZES), dense_digits(9, 6, 3, seed=2)
    for _ in range(3):
        net.SGD(data, 1, 4, 0.5, verbose=False)
    data[5][place][1] = value
    before, order, state = [w.copy() for w in net.weights], list(map(id, data)), random.getstate()
    with pytest.raises(ValueError, match="training_data"):
        net.SGD(data, 1, 4, 0.5, verbose=False)
    assert taken[-1] is False
    assert all(map(np.array_equal, net.weights, before))
    assert (list(map(id, data)), random.getstate()) == (order, state)


def test_xor_is_learnt_as_in_the_reference(taken):
    nets = []
    for module in (network2, reference):
        seed_generators(1)
        net = module.Network([2, 3, 1])
        data = [(column(a, b), column(float(a != b))) for a in (0.0, 1.0) for b in (0.0, 1.0)]
        for _ in range(200):
            net.SGD(data, 1, 2, 1.0, verbose=False)
        nets.append(net)
    assert_same_networks(*nets)
    assert taken == [True] * 199


def test_new_arrays_replace_the_old_ones_as_in_network2():
    seed_generators(3)
    net, data = network2.Network(SIZES), dense_digits(9, 6, 3, seed=2)
    net.SGD(data, 1, 4, 0.5, verbose=False)
    kept = net.weights[0]
    copy = kept.copy()
    net.SGD(data, 1, 4, 0.5, verbose=False)
    assert np.array_equal(kept, copy)
    assert not np.array_equal(net.weights[0], copy)
    assert repeats._KEPT
