"""Wrong options of networks and of training get one clear error, before anything has changed.

Those of network2's own arguments and of data are in test_wrong_input.py.
"""

from __future__ import annotations

import random

import numba
import numpy as np
import pytest
from builders import Softplus, assert_same_bits, digits, labelled, seeded_network
from refusals import assert_refused

import fastnn
from fastnn import network2
from fastnn.optimisers import Adam
from fastnn.schedules import Halving

NAN, INF, HUGE = float("nan"), float("inf"), 10**400
SIZES = [3, 4, 5, 2]


@pytest.fixture
def network():
    return seeded_network(network2, SIZES)


@pytest.fixture
def examples():
    random.seed(2)
    return digits(6, 3, 2, seed=3)


# Networks -------------------------------------------------------------------------------------


class OnlyFn:
    fn = staticmethod(Softplus.fn)


class NotForNumba:
    """Numba does not know what this is."""

    @staticmethod
    def fn(z):
        return {}.setdefault(object(), z)

    prime = fn


class LikeLogLikelihood(fastnn.LogLikelihoodCost):
    """A user's class with the delta of a cost that goes with softmax only."""


HIDDEN_WORDS = ["activation must be one of sigmoid, tanh, relu", "fn(z)", "prime(z)"]

WRONG_NETWORKS = {
    "no such activation": ({"activation": "swish"}, ValueError, [*HIDDEN_WORDS, "'swish'"]),
    "an output's activation": ({"activation": "softmax"}, ValueError, [*HIDDEN_WORDS, "softmax"]),
    "another case": ({"activation": "ReLU"}, ValueError, [*HIDDEN_WORDS, "'ReLU'"]),
    "no activation": ({"activation": None}, TypeError, [*HIDDEN_WORDS, "None"]),
    "a number": ({"activation": 1}, TypeError, [*HIDDEN_WORDS, "got 1"]),
    "a function": ({"activation": np.tanh}, TypeError, [*HIDDEN_WORDS, "tanh"]),
    "a class without prime": ({"activation": OnlyFn}, TypeError, [*HIDDEN_WORDS, "OnlyFn"]),
    "too few": ({"activation": ["tanh"]}, ValueError, ["activation", "2 hidden layers", "got 1"]),
    "too many": (
        {"activation": ("tanh",) * 3}, ValueError, ["activation", "2 hidden layers", "got 3"]
    ),
    "a wrong one among them": (
        {"activation": ["tanh", "softmax"]}, ValueError, [*HIDDEN_WORDS, "softmax"]
    ),
    "no such output": (
        {"output": "tanh"}, ValueError, ["output must be one of sigmoid, softmax, identity", "tanh"]
    ),
    "a class for output": (
        {"output": Softplus}, TypeError, ["output must be one of", "Softplus"]
    ),
    "cross-entropy of softmax": (
        {"output": "softmax"}, ValueError, ["CrossEntropyCost goes with output sigmoid", "softmax"]
    ),
    "quadratic cost of softmax": (
        {"cost": fastnn.QuadraticCost, "output": "softmax"},
        ValueError,
        ["QuadraticCost goes with output sigmoid or identity", "softmax"],
    ),
    "log-likelihood of sigmoids": (
        {"cost": fastnn.LogLikelihoodCost, "output": "sigmoid"},
        ValueError,
        ["LogLikelihoodCost goes with output softmax", "sigmoid"],
    ),
    "the same inherited": (
        {"cost": LikeLogLikelihood, "output": "sigmoid"},
        ValueError,
        ["LogLikelihoodCost goes with output softmax", "sigmoid"],
    ),
    "no such initializer": (
        {"initializer": "xavier"},
        ValueError,
        ["initializer must be one of default, large, glorot, he", "'xavier'"],
    ),
    "no initializer": ({"initializer": None}, TypeError, ["initializer must be one of", "None"]),
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG_NETWORKS)
def test_wrong_networks_are_refused_and_nothing_is_drawn(wrong):
    options, error, words = WRONG_NETWORKS[wrong]
    assert_refused(lambda: fastnn.Network(SIZES, **options), error, *words)


@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="nothing is compiled then")
def test_what_numba_cannot_compile_is_refused_where_it_is_needed_first(examples):
    network = seeded_network(network2, SIZES, activation=NotForNumba)
    for action in (
        lambda: network.SGD(examples, 1, 2, 0.1),
        lambda: network.feedforward(examples[0][0]),
    ):
        assert_refused(
            action, TypeError, "NotForNumba", "cannot be compiled by Numba", "one number",
            network=network, examples=examples,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("activations", "error", "words"),
    [
        (["tanh", "softmax", "sigmoid"], ValueError, HIDDEN_WORDS),
        (["tanh", "sigmoid"], ValueError, ["activation", "2 hidden layers", "got 1"]),
        (["tanh", "relu", "softmax"], ValueError, ["CrossEntropyCost goes with output sigmoid"]),
        (["tanh", "relu", None], TypeError, ["output must be one of", "None"]),
    ],
)
def test_wrong_activations_assigned_later_are_refused(network, examples, activations, error, words):
    network.activations = activations
    assert_refused(
        lambda: network.SGD(examples, 1, 2, 0.1), error, *words, network=network, examples=examples
    )


# Training -------------------------------------------------------------------------------------

NO_NUMBERS = ["0.5", None, 1j, True, np.ones(2)]
NO_FLAGS = ["yes", 1, 0, None, 0.5]
NO_COUNTS = [2.5, "3", True, [1]]


def refused(name, values, error, *words):
    return [(name, value, error, words) for value in values]


WRONG_OPTIONS = [
    *refused("momentum", NO_NUMBERS, TypeError, "must be a finite number", "got "),
    *refused("momentum", [NAN, INF, HUGE], ValueError, "must be a finite number", "got "),
    *refused("momentum", [-0.1, 1.0, 2], ValueError, "at least 0 and below 1", "got "),
    *refused("nesterov", NO_FLAGS, TypeError, "must be True or False", "got "),
    ("nesterov", True, ValueError, ["needs a momentum above 0", "0.0"]),
    *refused("optimizer", ["Adam", "rmsprop", ""], ValueError, "'sgd', 'adam' or an Adam(...)"),
    *refused("optimizer", [None, 3, Adam], TypeError, "'sgd', 'adam' or an Adam(...)", "got "),
    *refused("l1", NO_NUMBERS, TypeError, "must be a finite number", "got "),
    *refused("l1", [NAN, INF, HUGE], ValueError, "must be a finite number", "got "),
    ("l1", -1e-9, ValueError, ["must be at least 0", "-1e-09"]),
    *refused("dropout", NO_NUMBERS, TypeError, "must be a finite number", "got "),
    *refused("dropout", [-0.1, 1.0], ValueError, "at least 0 and below 1", "got "),
    ("dropout", [0.5], ValueError, ["2 hidden layers", "got 1"]),
    ("dropout", [0.5, 0.5, 0.5], ValueError, ["2 hidden layers", "got 3"]),
    ("dropout", [0.5, 1.5], ValueError, ["dropout[1]", "below 1", "1.5"]),
    ("dropout", [0.5, "x"], TypeError, ["dropout[1]", "finite number", "'x'"]),
    *refused("shuffle", NO_FLAGS, TypeError, "must be True or False", "got "),
    *refused("progress", NO_FLAGS, TypeError, "must be True or False", "got "),
    *refused("monitor_layer_speeds", NO_FLAGS, TypeError, "must be True or False", "got "),
    *refused("schedule", [0.5, "halving", [1, 2]], TypeError, "function of the epoch", "Halving"),
    ("schedule", Halving(n=0), ValueError, ["schedule.n", "at least 1", "got 0"]),
    ("schedule", Halving(n=1.5), TypeError, ["schedule.n", "integer", "1.5"]),
    ("schedule", Halving(smallest=1.0), ValueError, ["schedule.smallest", "below 1", "1.0"]),
    ("schedule", Halving(smallest=-0.5), ValueError, ["schedule.smallest", "at least 0"]),
    *refused("early_stopping_n", NO_COUNTS, TypeError, "integer of at least 1", "got "),
    *refused("early_stopping_n", [0, -1], ValueError, "integer of at least 1", "got "),
    *refused("callback", ["f", 3, [print]], TypeError, "function of epoch, network and history"),
    *refused("threads", NO_COUNTS, TypeError, "integer of at least 1", "got "),
    *refused("threads", [0, -2], ValueError, "integer of at least 1", "got "),
]


@pytest.mark.parametrize(
    ("name", "value", "error", "words"), WRONG_OPTIONS, ids=lambda value: f"{value}"[:20]
)
def test_wrong_options_of_training_are_refused(network, examples, name, value, error, words):
    evaluation = {"evaluation_data": labelled(examples), "monitor_evaluation_accuracy": True}
    assert_refused(
        lambda: network.SGD(examples, 1, 2, 0.1, **{**evaluation, name: value}),
        error, name, *words, network=network, examples=examples,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("adam", "error", "words"),
    [
        (Adam(beta1=1.0), ValueError, ["beta1", "below 1", "1.0"]),
        (Adam(beta1="x"), TypeError, ["beta1", "finite number", "'x'"]),
        (Adam(beta2=-0.1), ValueError, ["beta2", "at least 0", "-0.1"]),
        (Adam(epsilon=0.0), ValueError, ["epsilon", "above 0", "0.0"]),
        (Adam(epsilon=NAN), ValueError, ["epsilon", "finite number", "nan"]),
    ],
)
def test_wrong_settings_of_adam_are_refused(network, examples, adam, error, words):
    assert_refused(
        lambda: network.SGD(examples, 1, 2, 0.1, optimizer=adam),
        error, *words, network=network, examples=examples,
    )  # fmt: skip


@pytest.mark.parametrize("optimizer", ["adam", Adam()])
def test_momentum_with_adam_is_refused(network, examples, optimizer):
    assert_refused(
        lambda: network.SGD(examples, 1, 2, 0.1, optimizer=optimizer, momentum=0.9),
        ValueError, "momentum is for optimizer='sgd' only", "0.9",
        network=network, examples=examples,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"early_stopping_n": 3}, ["early_stopping_n", "monitor_evaluation_cost=True"]),
        (
            {"early_stopping_n": 3, "monitor_training_accuracy": True},
            ["early_stopping_n", "monitor_evaluation_accuracy=True"],
        ),
        ({"schedule": Halving()}, ["Halving", "monitor_evaluation_accuracy=True"]),
        (
            {"schedule": Halving(), "monitor_evaluation_cost": True},
            ["Halving", "monitor_evaluation_accuracy=True"],
        ),
    ],
)
def test_what_goes_by_figures_needs_their_monitor(network, examples, options, words):
    assert_refused(
        lambda: network.SGD(examples, 1, 2, 0.1, evaluation_data=labelled(examples), **options),
        ValueError, *words, network=network, examples=examples,
    )  # fmt: skip


@pytest.mark.parametrize("monitor", ["monitor_evaluation_accuracy", "monitor_evaluation_cost"])
def test_one_figure_is_enough_to_stop_by(network, examples, monitor):
    options = {"early_stopping_n": 1, "evaluation_data": labelled(examples), monitor: True}
    network.SGD(examples, 1, 1, 0.1, verbose=False, **options)
    assert len(network.history.epoch_seconds) == 1


def test_no_dropout_at_all_is_training_without(examples):
    rates = [{}, {"dropout": 0.0}, {"dropout": [0.0, 0.0]}]
    nets = [seeded_network(network2, SIZES) for _ in rates]
    for net, options in zip(nets, rates, strict=True):
        net.SGD(list(examples), 1, 2, 0.1, shuffle=False, verbose=False, **options)
        assert_same_bits(net, nets[0])


def test_dropout_of_one_layer_is_not_training_without(examples):
    nets = [seeded_network(network2, SIZES) for _ in range(2)]
    for net, rates in zip(nets, [[0.0, 0.0], [0.0, 0.9]], strict=True):
        net.SGD(list(examples), 1, 2, 0.1, shuffle=False, verbose=False, dropout=rates)
    assert any(np.any(w != v) for w, v in zip(nets[0].weights, nets[1].weights, strict=True))


def test_numpys_true_and_numbers_are_as_good_as_pythons(network, examples):
    network.SGD(
        examples, np.int64(1), np.int32(2), np.float32(0.1), verbose=False,
        shuffle=np.False_, nesterov=np.True_, momentum=np.float64(0.5),
        dropout=(np.float32(0.5), 0), monitor_layer_speeds=np.True_, threads=np.int8(1),
    )  # fmt: skip
