"""Training that diverges stops, says where, and leaves the last finite epoch."""

from __future__ import annotations

import contextlib
import pickle
import random
import warnings

import numpy as np
import pytest
from builders import (
    ALL_MONITORS,
    CostInPython,
    assert_same_bits,
    copies,
    dense_digits,
    digits,
    labelled,
    seed_generators,
)
from refusals import assert_refused

import fastnn
from fastnn import network2
from fastnn.engine import short_calls, teams
from fastnn.engine.divergence import DivergedError, check_monitored_cost, check_parameters
from fastnn.scaling import Scaling

SIZES = [20, 17, 5]


def regression(**network):
    """A network with unbounded outputs, which easily diverges."""
    seed_generators(3)
    return network2.Network(
        SIZES,
        **{"cost": fastnn.QuadraticCost, "output": "identity", "activation": "tanh"} | network,
    )


@pytest.mark.compiled
def test_training_that_diverges_stops_in_the_middle_of_an_epoch(monkeypatch):
    ends, run = [], teams.Team.run

    def noted(team, call, begin, end):
        ends.append(run(team, call, begin, end))
        return ends[-1]

    monkeypatch.setattr(teams.Team, "run", noted)
    monkeypatch.setattr(short_calls, "_FIRST_CALL", 10)
    monkeypatch.setattr(short_calls, "_LONGEST_CALL", 0.0)
    with pytest.raises(DivergedError):
        regression().SGD(digits(500, 20, 5, seed=1), 1, 10, 1e307, verbose=False)
    assert ends[-1] < 250


WAYS_TO_DIVERGE = {
    "small mini-batches": ({}, {}),
    "mini-batches beyond a block": ({}, {"mini_batch_size": 150}),
    "float32": ({"dtype": np.float32}, {}),
    "Adam": ({}, {"optimizer": "adam"}),
    "momentum": ({}, {"momentum": 0.9}),
    "a decay that grows": ({"output": "sigmoid", "activation": "sigmoid"}, {"lmbda": 1.0}),
    "neurons that are cut off": ({"activation": "relu"}, {}),
}


@pytest.mark.parametrize("way", WAYS_TO_DIVERGE)
@pytest.mark.parametrize("build", [digits, dense_digits])
def test_training_that_diverges_stops_and_leaves_the_last_finite_epoch(way, build):
    network, options = WAYS_TO_DIVERGE[way]

    def suddenly_fast(epoch):
        return 1.0 if epoch < 2 else 1e41 if "dtype" in network else 1e307

    def train(epochs):
        net = regression(**network)
        data = build(170, SIZES[0], SIZES[-1], seed=1)
        places = {x.tobytes(): place for place, (x, _) in enumerate(data)}
        settings = {"mini_batch_size": 10, "schedule": suddenly_fast, "verbose": False, **options}
        with pytest.raises(DivergedError) if epochs > 2 else contextlib.nullcontext() as caught:
            net.SGD(data, epochs, eta=0.01, **settings)
        return net, [places[x.tobytes()] for x, _ in data], random.getstate(), caught

    wanted, *wanted_state, _ = train(2)
    net, *state, caught = train(50)
    assert caught.value.epoch == 2
    assert len(net.history.epoch_seconds) == 2
    assert_same_bits(net, wanted)
    assert state == wanted_state


def test_the_error_names_epoch_layer_and_largest_value():
    net = regression()
    data = digits(50, SIZES[0], SIZES[-1], seed=1)
    with pytest.raises(fastnn.DivergedError, match=r"^training diverged in epoch 0: ") as caught:
        net.SGD(data, 5, 10, 1e100, verbose=False)
    error = caught.value
    assert (error.epoch, error.layer) == (0, 0)
    assert "in layer 0 (weights[0] or biases[0])" in str(error)
    assert f"{error.largest:.3g}" in str(error)
    assert "\n" not in str(error)
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error)


def test_the_largest_value_is_that_of_the_first_layer_that_is_not_finite():
    weights = [np.array([[1.0, -9.0]]), np.array([[np.nan, -7.0]]), np.array([[np.inf]])]
    biases = [np.zeros((1, 1)), np.array([[3.0]]), np.zeros((1, 1))]
    with pytest.raises(DivergedError) as caught:
        check_parameters(4, weights, biases)
    assert (caught.value.epoch, caught.value.layer, caught.value.largest) == (4, 1, 7.0)
    with pytest.raises(DivergedError) as caught:
        check_parameters(4, weights[2:], biases[2:])
    assert caught.value.largest == np.inf
    with pytest.raises(DivergedError, match="the cost on training data") as caught:
        check_monitored_cost(4, "the cost on training data", np.inf, weights[:1] * 2, biases[:2])
    assert (caught.value.layer, caught.value.largest) == (0, 9.0)
    check_parameters(4, weights[:1], biases[:1])


def test_a_cost_that_is_not_finite_undoes_its_epoch():
    data = digits(40, SIZES[0], SIZES[-1], seed=1)
    net = regression()
    net.weights[1] *= 1e170  # finite, but its square is not
    before = copies(net)
    state = random.getstate()
    with pytest.raises(DivergedError, match="the cost on training data stopped being finite"):
        net.SGD(data, 3, 10, 0.0, monitor_training_cost=True, verbose=False)
    for array, kept in zip(copies(net), before, strict=True):
        np.testing.assert_array_equal(array, kept)
    assert random.getstate() == state
    assert net.history == ([], [], [], [])


# fastnn announces that the cost runs in Python, and NumPy warns of the overflow, which is wanted.
@pytest.mark.filterwarnings("ignore:.*CostInPython")
@pytest.mark.filterwarnings("ignore:(overflow|invalid value) encountered:RuntimeWarning")
def test_it_is_seen_with_a_cost_that_is_not_compiled():
    data = digits(50, SIZES[0], SIZES[-1], seed=1)
    with pytest.raises(DivergedError):
        regression(cost=CostInPython).SGD(data, 5, 10, 1e100, verbose=False)


def test_continue_goes_on_as_network2_does(capsys):
    data = digits(50, SIZES[0], SIZES[-1], seed=1)
    monitors = {"evaluation_data": labelled(data), **ALL_MONITORS}
    net = regression()
    history = net.SGD(data, 4, 10, 1e100, **monitors, on_divergence="continue")
    assert np.isnan(net.weights[0]).any()
    assert len(history.training_cost) == len(history.evaluation_accuracy) == 4
    assert capsys.readouterr().out.count("Cost on training data: nan") == 4


def test_both_ways_are_the_same_while_all_is_well():
    data = digits(50, SIZES[0], SIZES[-1], seed=1)
    nets = []
    for way in ("raise", "continue"):
        nets.append(regression())
        nets[-1].SGD(list(data), 3, 10, 0.01, verbose=False, on_divergence=way)
    assert_same_bits(*nets)


@pytest.mark.parametrize(("way", "error"), [("stop", ValueError), (True, TypeError)])
def test_other_ways_are_refused(way, error):
    net, data = regression(), digits(10, SIZES[0], SIZES[-1], seed=1)
    assert_refused(
        lambda: net.SGD(data, 1, 5, 0.1, on_divergence=way),
        error,
        'on_divergence must be "raise" or "continue", got',
        network=net,
        examples=data,
    )


def test_the_program_says_it_in_one_line(fastnn_program, tmp_path):
    rng = np.random.default_rng(2)
    np.savez(tmp_path / "data.npz", x=rng.random((40, 4)), y=rng.integers(0, 3, 40))
    options = ["--data", tmp_path / "data.npz", "--epochs", 9, "--seed", 1, "--quiet"]
    regress = ["--cost", "quadratic", "--output", "identity", "--activation", "relu"]
    status, _, err = fastnn_program("train", *options, *regress, "--eta", "1e10")
    assert status == 1
    assert len(err) == 1
    assert err[0].startswith("fastnn: training diverged in epoch 0: ")
    status, _, err = fastnn_program(
        "train", *options, *regress, "--eta", "1e10", "--on-divergence", "continue"
    )
    assert (status, err) == (0, [])


# What looks like divergence but is not ------------------------------------------------------------


@pytest.mark.parametrize("cost", ["CrossEntropyCost", "QuadraticCost", "LogLikelihoodCost"])
@pytest.mark.parametrize("size", [1e3, 1e30])
def test_saturated_outputs_train_without_a_word(cost, size):
    data = digits(40, SIZES[0], SIZES[-1], seed=1)
    seed_generators(4)
    net = network2.Network(SIZES, getattr(fastnn, cost))
    net.weights[-1] *= size
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        net.SGD(data, 2, 10, 0.1, verbose=False, monitor_training_accuracy=True)
    assert all(np.isfinite(array).all() for array in copies(net))


def test_a_label_that_is_never_seen_is_learnt_to_be_none():
    data = [pair for pair in digits(90, SIZES[0], 5, seed=1) if np.argmax(pair[1]) != 3]
    seed_generators(5)
    net = network2.Network(SIZES)
    net.SGD(data, 30, 10, 0.5, verbose=False)
    assert all(net.feedforward(x)[3] < 0.1 for x, _ in data)


def test_inputs_that_are_all_the_same_are_only_centred():
    scaling = Scaling.of(np.full((7, 2), 3.5))
    np.testing.assert_array_equal(scaling.apply(np.full((2, 2), 3.5)), np.zeros((2, 2)))
