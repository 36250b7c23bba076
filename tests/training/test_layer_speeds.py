"""Measurements by `SGD(monitor_layer_speeds=True)`: how fast the layers learn, while they do."""

from __future__ import annotations

import random
import time

import numpy as np
import pytest
from builders import FourthPower, digits, seeded_network
from training_runs import SIZES, N

from fastnn import gradients, network2
from fastnn.engine import faster_way, teams
from fastnn.training import option_checks

# Where an epoch is one step, the step is measured instead of the data once more.
FULL_BATCHES = {
    "plain": {},
    "l1": {"l1": 0.5},
    "decay": {"lmbda": 30.0},
    "in order": {"shuffle": False},
    "schedule": {"schedule": lambda epoch: 1 / (1 + epoch)},
    "negative rate": {"eta": -0.1},
}


def speeds_by_callback(data, sizes=SIZES, network=None, *, on=None, **options):
    """Train with monitored speeds; return those, and what `gradients` says before each epoch."""
    random.seed(2)
    data = list(data)
    net = seeded_network(network2, sizes, **(network or {}))
    measured = on or data
    expected = [gradients.layer_speeds(net, measured)]

    def measure(epoch, network, history):
        expected.append(gradients.layer_speeds(network, measured))

    settings = {"epochs": 3, "mini_batch_size": 7, "eta": 0.5, **options}
    history = net.SGD(
        data, verbose=False, monitor_layer_speeds=True, speed_data=on, callback=measure, **settings
    )
    return history.layer_speeds, expected[:-1]


@pytest.mark.parametrize("options", [{}, {"optimizer": "adam", "eta": 0.01}, {"dropout": 0.5}])
@pytest.mark.parametrize("elsewhere", [False, True])
def test_monitored_speeds_are_those_of_the_layers_before_each_epoch(data, options, elsewhere):
    on = digits(30, SIZES[0], SIZES[-1], seed=3) if elsewhere else None
    got, wanted = speeds_by_callback(data, on=on, **options)
    np.testing.assert_allclose(got, wanted, rtol=1e-12)


@pytest.mark.parametrize("mini_batch_size", [N, N + 1])
@pytest.mark.parametrize("options", FULL_BATCHES)
def test_speeds_taken_from_full_batch_steps_are_those_before_each_epoch(
    data, options, mini_batch_size
):
    got, wanted = speeds_by_callback(data, mini_batch_size=mini_batch_size, **FULL_BATCHES[options])
    np.testing.assert_allclose(got, wanted, rtol=1e-11)


@pytest.mark.parametrize("mini_batch_size", [7, N])
def test_speeds_of_a_float32_network_are_float64(data, mini_batch_size):
    got, wanted = speeds_by_callback(
        data, network={"dtype": np.float32}, mini_batch_size=mini_batch_size
    )
    np.testing.assert_allclose(got, wanted, rtol=1e-5)
    assert all(speeds.dtype == np.float64 for speeds in [*got, *wanted])


# It is not meant to be: tests/model/test_costs.py looks at the warning itself.
@pytest.mark.filterwarnings("ignore:cost FourthPower cannot be compiled")
@pytest.mark.parametrize("mini_batch_size", [7, N])
def test_speeds_are_those_of_a_cost_in_python_too(data, mini_batch_size):
    got, wanted = speeds_by_callback(
        data, network={"cost": FourthPower}, mini_batch_size=mini_batch_size
    )
    np.testing.assert_allclose(got, wanted, rtol=1e-11)


# tests/promises/test_overrides.py looks at the warning itself.
through_python = pytest.mark.filterwarnings("ignore:.* goes through Python, at NumPy speed")


@through_python
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_speeds_with_a_backprop_of_ones_own_are_those_of_gradients_to_the_bit(data, dtype):
    class Own(network2.Network):
        def backprop(self, x, y):
            return super().backprop(x, y)

    net, on = Own([20, 60, 5], seed=1, dtype=dtype), digits(30, 20, 5, seed=3)
    before = gradients.layer_speeds(net, on)
    history = net.SGD(data, 1, 7, 0.5, verbose=False, monitor_layer_speeds=True, speed_data=on)
    (speeds,) = history.layer_speeds
    assert speeds.dtype == np.float64
    np.testing.assert_array_equal(speeds, before)


@through_python
def test_time_for_speeds_with_a_backprop_of_ones_own_is_that_of_evaluating(data):
    class Slow(network2.Network):
        def backprop(self, x, y):
            time.sleep(0.001)
            return super().backprop(x, y)

    net = Slow(SIZES)
    history = net.SGD(data, 2, N, 0.5, verbose=False, monitor_layer_speeds=True)
    assert history.seconds["evaluating"] >= 2 * N * 0.001


@pytest.mark.parametrize("hidden", [6, 100])
def test_threads_do_not_change_the_speeds_of_a_full_batch(data, monkeypatch, hidden):
    monkeypatch.setattr(option_checks, "threads_available", lambda: 3)
    monkeypatch.setattr(teams, "_WORTH_SPLITTING", 1)
    monkeypatch.setattr(faster_way.Choice, "next", lambda self: 1)  # always together
    sizes = [SIZES[0], hidden, SIZES[-1]]
    alone, together = (
        speeds_by_callback(data, sizes, mini_batch_size=N, threads=threads) for threads in (1, 3)
    )
    np.testing.assert_array_equal(together, alone)


def test_a_rate_of_zero_has_speeds_too(data):
    got, wanted = speeds_by_callback(data, eta=0.0, mini_batch_size=N)
    np.testing.assert_allclose(got, wanted, rtol=1e-12)
    assert np.min(got) > 0.0


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("falling", [1e-12, 1e-50])
def test_speeds_keep_their_digits_at_rates_at_which_a_step_does_not(data, dtype, falling):
    got, wanted = speeds_by_callback(
        data,
        network={"dtype": dtype},
        mini_batch_size=N,
        epochs=5,
        l1=0.5,  # so that the step is kept apart from the weights
        schedule=lambda epoch: falling**epoch,
    )
    np.testing.assert_allclose(got, wanted, rtol=1e-5 if dtype is np.float32 else 1e-11)
    assert np.min(got) > 0.0
