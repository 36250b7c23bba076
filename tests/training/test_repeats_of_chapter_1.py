"""Short calls of chapter 1's `SGD` in a loop do what the plain program does."""

from __future__ import annotations

import copy
import random

import numpy as np
import pytest
from builders import assert_close, dense_digits, parameters, seed_generators

from fastnn import Dataset, network
from fastnn.reference import chapter1
from fastnn.training import repeats

SIZES = [12, 7, 4]
MODULES = (chapter1, network)

pytestmark = [
    pytest.mark.filterwarnings("ignore:.* goes through Python, at NumPy speed"),
    pytest.mark.filterwarnings("ignore:cost .*cost_derivative cannot be compiled"),
]


def assign(net):
    net.weights = [0.5 * w for w in net.weights]


def write(net):
    net.biases[0][:] = 0.25


def another_cost(net):
    net.cost_derivative = lambda a, y: 2.0 * (a - y)


def own_steps(net):
    step = type(net).update_mini_batch
    net.update_mini_batch = lambda mini_batch, eta: step(net, mini_batch, 0.5 * eta)


def another_class(net):
    class Doubled(type(net)):
        def backprop(self, x, y):
            return [[2 * part for part in parts] for parts in super().backprop(x, y)]

    net.__class__ = Doubled


CHANGES = {
    "nothing": (lambda net: None, [False, True, True, True, True]),
    "weights assigned": (assign, [False, True, True, True, True]),
    "biases written": (write, [False, True, True, True, True]),
    "the cost": (another_cost, [False, True, True, False, False]),
    "the steps": (own_steps, [False, True, True, False, False]),
    "the class": (another_class, [False, True, True, False, False]),
}


@pytest.mark.parametrize("epochs", [1, 3])
@pytest.mark.parametrize("change", CHANGES)
def test_a_loop_of_short_calls_is_that_of_the_plain_program(change, epochs, again, capsys):
    results, (act, kept) = [], CHANGES[change]
    start = chapter1.Network(SIZES)
    for module in MODULES:
        net, data = module.Network(SIZES), dense_digits(23, 12, 4, seed=1)
        net.weights, net.biases = copy.deepcopy((start.weights, start.biases))
        seed_generators(5)
        for call in range(5):
            if call == 3:
                act(net)
            assert net.SGD(data, epochs, 5, 0.5) is None
        results.append((net, [x.tobytes() for x, _ in data], random.getstate()))
    (oracle, *wanted), (net, *got) = results
    assert_close(parameters(net), parameters(oracle))
    assert got == wanted
    assert again == kept
    lines = capsys.readouterr().out.splitlines()
    assert lines[: len(lines) // 2] == lines[len(lines) // 2 :]
    assert lines[-1] == f"Epoch {epochs - 1} complete"


def test_what_is_measured_after_each_epoch_is_not_kept(again, capsys):
    net, data = network.Network(SIZES), dense_digits(23, 12, 4, seed=1)
    tests = [(x, int(np.argmax(y))) for x, y in data]
    for _ in range(2):
        net.SGD(data, 1, 5, 0.5, test_data=tests)
        assert capsys.readouterr().out == f"Epoch 0: {net.evaluate(tests)} / 23\n"
    assert again == []


def dataset_of(pairs):
    return Dataset(np.array([x[:, 0] for x, _ in pairs]), np.array([y[:, 0] for _, y in pairs]))


@pytest.mark.parametrize("epochs", [1, 2])
@pytest.mark.parametrize("kind", [list, dataset_of])
def test_more_examples_than_a_network_may_keep_train_as_well(kind, epochs, again, capsys):
    data = kind(dense_digits(1 + repeats._MOST_INPUTS // 12, 12, 4, seed=1))
    nets = [module.Network(SIZES) for module in MODULES]
    nets[1].weights, nets[1].biases = copy.deepcopy((nets[0].weights, nets[0].biases))
    for net in nets:
        seed_generators(5)
        examples = copy.copy(data)
        for _ in range(2):
            net.SGD(examples, epochs, 100, 0.5)
    assert_close(parameters(nets[1]), parameters(nets[0]))
    assert again == [False, kind is dataset_of and epochs == 1]
    lines = capsys.readouterr().out.splitlines()
    assert lines[: len(lines) // 2] == lines[len(lines) // 2 :]
