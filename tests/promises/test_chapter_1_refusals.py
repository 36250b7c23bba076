"""What chapter 1's program refuses, by name, before anything changes."""

from __future__ import annotations

import copy
import random

import numpy as np
import pytest
from builders import parameters

from fastnn import network

pytestmark = [
    pytest.mark.filterwarnings("ignore:.* goes through Python, at NumPy speed"),
    pytest.mark.filterwarnings("ignore:cost .*cost_derivative cannot be compiled"),
]

SIZES = [12, 7, 4]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"epochs": -1}, "epochs"),
        ({"mini_batch_size": 0}, "mini_batch_size"),
        ({"eta": float("nan")}, "eta"),
        ({"training_data": []}, "training_data"),
        ({"test_data": [(np.zeros((3, 1)), 0)]}, "test_data"),
    ],
)
def test_a_wrong_argument_is_refused_by_name_before_anything_changes(arguments, message, data):
    net, state = network.Network(SIZES), random.getstate()
    before = copy.deepcopy(parameters(net))
    usual = {"training_data": data, "epochs": 1, "mini_batch_size": 10, "eta": 0.5}
    with pytest.raises(ValueError, match=message):
        net.SGD(**{**usual, **arguments})
    assert random.getstate() == state
    for got, wanted in zip(parameters(net), before, strict=True):
        np.testing.assert_array_equal(got, wanted)


def writes_weights(net, y):
    net.weights[0][0, 0] += 0.1


def writes_biases(net, y):
    net.biases[0] += 0.1


def writes_desired(net, y):
    y *= 0.9


def assigns_biases(net, y):
    net.biases = [b + 0.1 for b in net.biases]


@pytest.mark.parametrize(
    ("write", "words"),
    [
        (writes_weights, r"read-only.* y, the desired output.* a weight or a bias of the network"),
        (writes_biases, r"read-only.* y, the desired output.* a weight or a bias of the network"),
        (writes_desired, r"read-only.* y, the desired output.* y = y\.copy\(\)"),
        (assigns_biases, "changes the network"),
    ],
)
def test_a_cost_derivative_that_writes_what_it_cannot_is_named(write, words, data):
    class Writing(network.Network):
        def cost_derivative(self, output_activations, y):
            write(self, y)
            return output_activations - y

    with pytest.raises(ValueError, match=rf"^Writing\.cost_derivative.* {words}"):
        Writing(SIZES).SGD(data, 1, 10, 0.5)


def test_a_network_is_trained_by_one_call_at_a_time(data, held_out):
    net = network.Network(SIZES)
    net.evaluate = lambda test_data: net.SGD(data, 1, 10, 0.5)
    with pytest.raises(RuntimeError, match="being trained already"):
        net.SGD(data, 1, 10, 0.5, held_out)
