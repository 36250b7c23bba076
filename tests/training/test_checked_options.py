"""The options of `SGD` once they are checked, and refused before anything has changed if wrong.

Those of network2's own arguments are in promises/test_wrong_arguments.py, those of data beside it.
"""

from __future__ import annotations

import dataclasses
import random

import numpy as np
import pytest
from builders import assert_same_bits, digits, labelled, seeded_network
from refusals import assert_refused

from fastnn import network2
from fastnn.optimisers import Adam
from fastnn.schedules import Halving
from fastnn.training.checked_options import check_options, renew_options

NAN, INF, HUGE = float("nan"), float("inf"), 10**400
SIZES = [3, 4, 5, 2]


@pytest.fixture
def network():
    return seeded_network(network2, SIZES)


@pytest.fixture
def examples():
    random.seed(2)
    return digits(6, 3, 2, seed=3)


def checked(**options):
    needed = {"epochs": 1, "mini_batch_size": 2, "eta": 0.1}
    return check_options({**needed, **options}, hidden_layers=2, has_evaluation_data=True)


def test_what_is_not_given_has_its_default():
    options = checked()
    assert (options.epochs, options.lmbda, options.rule, options.dropout) == (1, 0.0, None, ())
    assert options.threads >= 1


@pytest.mark.parametrize("value", [1, "yes", np.True_])
def test_what_network2_asks_only_for_its_truth_may_be_anything(value):
    assert checked(monitor_training_cost=value).monitor_training_cost is True
    assert checked(verbose=not value).verbose is False


def test_an_option_that_must_be_given_and_one_that_is_unknown_are_refused():
    with pytest.raises(TypeError, match=r"missing .*'eta'$"):
        check_options(
            {"epochs": 1, "mini_batch_size": 2}, hidden_layers=0, has_evaluation_data=True
        )
    with pytest.raises(KeyError, match="dance"):
        checked(dance=True)


def test_renewed_options_are_checked_alone_and_together():
    stored = checked(momentum=0.5, threads=1)
    renewed = renew_options(stored, {"epochs": 9, "callback": print})
    assert renewed == dataclasses.replace(stored, epochs=9, callback=(print,))
    with pytest.raises(ValueError, match="epochs must be an integer of at least 0, got -1"):
        renew_options(stored, {"epochs": -1})
    with pytest.raises(ValueError, match="it needs monitor_evaluation_accuracy=True"):
        renew_options(stored, {"schedule": Halving()})


# What is refused ------------------------------------------------------------------------------

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
    *refused("early_stopping_n", NO_COUNTS, TypeError, "integer of at least 0", "got "),
    *refused("early_stopping_n", [-1], ValueError, "integer of at least 0", "got "),
    *refused("callback", ["f", 3], TypeError, "function of epoch, network and history"),
    ("callback", [print, 3], TypeError, ["callback[1]", "function of epoch", "got 3"]),
    *refused("threads", NO_COUNTS, TypeError, "integer of at least 1", "got "),
    *refused("threads", [0, -2], ValueError, "integer of at least 1", "got "),
    *refused("seed", NO_COUNTS, TypeError, "integer", "got "),
    ("seed", -1, ValueError, ["at least 0", "-1"]),
    ("seed", 2**32, ValueError, ["below 2**32", "4294967296"]),
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
