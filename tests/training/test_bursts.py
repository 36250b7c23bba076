"""Epochs at a stretch are the epochs that a run takes one by one, to the bit."""

from __future__ import annotations

import random

import numpy as np
import pytest
from builders import assert_same_bits, dense_digits, digits, labelled, seed_generators

from fastnn import DivergedError, QuadraticCost, network2
from fastnn.training import bursts

SIZES = [12, 7, 4]
OPTIONS = {
    "plain": {},
    "adam": {"optimizer": "adam"},
    "momentum": {"momentum": 0.5},
    "l1": {"l1": 0.5},
    "in order": {"shuffle": False},
    "frozen": {"frozen_layers": [0]},
    "weights": {"sample_weight": np.linspace(0.5, 1.5, 61)},
}


@pytest.fixture(params=[digits, dense_digits], ids=["sparse", "dense"])
def data(request):
    return request.param(61, 12, 4, seed=1)


@pytest.fixture
def held_out():
    return labelled(digits(17, 12, 4, seed=2))


@pytest.fixture
def count(monkeypatch):
    """Count the bursts, and make each of three epochs or so."""
    seen = []

    def counted(run, monitors):
        seen.append(run)
        return run_burst(run, monitors)

    run_burst = bursts.run_burst
    monkeypatch.setattr("fastnn.training.run.run_burst", counted)
    return seen


def train(data, held_out, epochs=8, **options):
    seed_generators(3)
    net, examples = network2.Network(SIZES), list(data)
    monitors = {"evaluation_data": held_out, "monitor_evaluation_accuracy": True}
    monitors |= {"monitor_training_cost": True}
    history = net.SGD(examples, epochs, 10, 0.3, 0.4, **monitors, **options)
    order = [x.tobytes() for x, _ in examples]
    return net, history, order, random.getstate()


def assert_same(got, wanted):
    assert_same_bits(got[0], wanted[0])
    assert list(got[1]) == list(wanted[1])
    assert len(got[1].epoch_seconds) == len(wanted[1].epoch_seconds)
    assert got[1].stopped_because == wanted[1].stopped_because
    assert got[2:] == wanted[2:]


@pytest.mark.parametrize("options", OPTIONS.values(), ids=list(OPTIONS))
def test_a_burst_gives_the_bits_of_epochs_one_by_one(options, data, held_out, count, monkeypatch):
    wanted = train(data, held_out, verbose=True, **options)
    assert count == []
    assert_same(train(data, held_out, verbose=False, **options), wanted)
    assert len(count) >= 1
    del count[:]
    monkeypatch.setattr(bursts, "_MOMENT", 0.0)  # a burst for each epoch
    assert_same(train(data, held_out, verbose=False, **options), wanted)
    assert len(count) == 8


@pytest.mark.parametrize(
    "options",
    [
        {"callback": lambda epoch, network, history: False},
        {"schedule": lambda epoch: 1.0},
        {"early_stopping_n": 3},
        {"monitor_layer_speeds": True},
        {"dropout": 0.5},
    ],
    ids=lambda options: next(iter(options)),
)
def test_a_run_that_somebody_looks_at_goes_epoch_by_epoch(options, data, held_out, count):
    train(data, held_out, verbose=False, **options)
    assert count == []


def test_what_diverges_in_a_burst_leaves_the_epochs_before(data):
    """As one by one: network, history, order and generator."""

    def diverge(verbose):
        seed_generators(4)
        net, examples = network2.Network(SIZES, QuadraticCost, output="identity"), list(data)
        with pytest.raises(DivergedError) as error:
            net.SGD(examples, 60, 10, 20.0, verbose=verbose)
        seconds = len(net.history.epoch_seconds)
        order = [x.tobytes() for x, _ in examples]
        return net, seconds, order, random.getstate(), str(error.value)

    got, wanted = diverge(False), diverge(True)
    assert_same_bits(got[0], wanted[0])
    assert got[1:] == wanted[1:]
    assert got[1] > 0


def test_a_cost_that_python_computes_may_draw_between_epochs(data, count):
    class Noisy(network2.CrossEntropyCost):
        @staticmethod
        def fn(a, y):
            return random.random()

    with pytest.warns(RuntimeWarning, match="Noisy cannot be compiled"):
        net = network2.Network(SIZES, Noisy)
        net.SGD(data, 2, 10, 0.3, monitor_training_cost=True, verbose=False)
    assert count == []
