"""Threads that share a mini-batch give the bits of one thread, and none waits for ever."""

from __future__ import annotations

import random
import time

import numpy as np
import pytest
from builders import assert_same_bits, dense_digits, digits, seeded_network
from forced_teams import SIZES, ByTurns, Together, go_by, trained
from refusals import assert_refused
from waiting import running_threads, wait_until

import fastnn
from fastnn import network2
from fastnn.common import threads as threads_module
from fastnn.common.threads import Threads
from fastnn.engine import short_calls, teams
from fastnn.engine import trainer as training
from fastnn.kernels.layout import BLOCK
from fastnn.training import option_checks

NARROW = [[41, 7, 5], [40, 30, 70, 5], [41, 10]]  # the first layer keeps two threads busy


@pytest.mark.parametrize("choice", [Together, ByTurns])
@pytest.mark.parametrize("threads", [2, 3])
@pytest.mark.parametrize("mini_batch_size", [7, 50, BLOCK + 2])
@pytest.mark.parametrize("build", [digits, dense_digits])
def test_any_number_of_threads_gives_the_same_bits(
    many_processors, monkeypatch, choice, threads, mini_batch_size, build
):
    alone = trained(1, build, mini_batch_size)
    go_by(monkeypatch, choice)
    assert_same_bits(trained(threads, build, mini_batch_size), alone)


def test_a_decay_that_is_still_to_come_is_known_to_all_threads(many_processors, monkeypatch):
    """The first layer's is settled at an epoch's end; threads come and go in the middle."""
    alone = trained(1)
    go_by(monkeypatch, ByTurns)
    monkeypatch.setattr(short_calls, "_FIRST_CALL", 20)
    assert_same_bits(trained(2), alone)


@pytest.mark.parametrize("mini_batch_size", [7, BLOCK + 2])
@pytest.mark.parametrize(
    "options",
    [
        {"momentum": 0.5},
        {"momentum": 0.5, "nesterov": True},
        {"optimizer": "adam", "l1": 0.2},
        {"dropout": [0.3, 0.5]},
        {"activation": ["tanh", "relu"], "cost": fastnn.LogLikelihoodCost},
    ],
    ids=str,
)
def test_every_rule_and_layer_gives_the_same_bits_in_threads(
    many_processors, monkeypatch, mini_batch_size, options
):
    of_network = {name: options[name] for name in ("activation", "cost") if name in options}
    of_training = {name: value for name, value in options.items() if name not in of_network}

    def trained_so(threads):
        net = seeded_network(network2, SIZES, **of_network)
        random.seed(3)
        data = digits(300, SIZES[0], SIZES[-1], seed=1, dtype=np.float32)
        how = {"threads": threads, "verbose": False, **of_training}
        net.SGD(data, 2, mini_batch_size, 0.05, 1.0, **how)
        return net

    alone = trained_so(1)
    for choice in (Together, ByTurns):
        go_by(monkeypatch, choice)
        assert_same_bits(trained_so(2), alone)
        assert_same_bits(trained_so(3), alone)


@pytest.mark.parametrize("choice", [Together, ByTurns])
@pytest.mark.parametrize("sizes", NARROW, ids=str)
@pytest.mark.parametrize("mini_batch_size", [1, 7, 50, BLOCK + 2])
@pytest.mark.parametrize("build", [digits, dense_digits])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_two_threads_with_half_of_the_inputs_each_give_the_same_bits(
    many_processors, monkeypatch, choice, sizes, mini_batch_size, build, dtype
):
    how = {"build": build, "mini_batch_size": mini_batch_size, "dtype": dtype, "sizes": sizes}
    alone = trained(1, **how)
    go_by(monkeypatch, choice)
    assert_same_bits(trained(3, **how), alone)


@pytest.mark.parametrize(
    "options",
    [
        {"dropout": 0.5},
        {"momentum": 0.5},
        {"momentum": 0.5, "nesterov": True, "l1": 0.5},
        {"optimizer": "adam", "eta": 0.01},
    ],
    ids=str,
)
@pytest.mark.parametrize("mini_batch_size", [7, BLOCK + 2, 300])
def test_halves_of_the_inputs_give_the_same_bits_by_every_rule(
    many_processors, monkeypatch, mini_batch_size, options
):
    how = {"mini_batch_size": mini_batch_size, "sizes": NARROW[0], **options}
    alone = trained(1, **how)
    for choice in (Together, ByTurns):
        go_by(monkeypatch, choice)
        assert_same_bits(trained(2, **how), alone)


def test_float32_gives_the_same_bits_in_threads(many_processors, monkeypatch):
    alone = trained(1, dtype=np.float32)
    go_by(monkeypatch, Together)
    assert_same_bits(trained(2, dtype=np.float32), alone)


@pytest.mark.parametrize(
    "options",
    [
        {"dropout": 0.5},
        {"dropout": [0.0, 0.3], "momentum": 0.5},
        {"momentum": 0.5, "nesterov": True, "l1": 0.5},
        {"optimizer": "adam"},
    ],
    ids=str,
)
@pytest.mark.parametrize("mini_batch_size", [7, BLOCK + 2])
def test_every_option_gives_the_same_bits_in_threads(
    many_processors, monkeypatch, mini_batch_size, options
):
    alone = trained(1, mini_batch_size=mini_batch_size, **options)
    for choice in (Together, ByTurns):
        go_by(monkeypatch, choice)
        assert_same_bits(trained(3, mini_batch_size=mini_batch_size, **options), alone)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("mini_batch_size", [1, 40])
@pytest.mark.parametrize("threads", [2, 3, 4])
@pytest.mark.parametrize("options", [{}, {"optimizer": "adam", "dropout": 0.3}], ids=str)
def test_hidden_layers_by_columns_get_the_same_bits(
    many_processors, monkeypatch, threads, mini_batch_size, dtype, options
):
    monkeypatch.setattr(option_checks, "threads_available", lambda: 4)
    monkeypatch.setattr(teams, "_MANY_WEIGHTS", 6500)  # then layers by examples are among them
    sizes = [41, 230 if threads == 4 else 90, 70, 33, 120, 100, 5]
    how = {"mini_batch_size": mini_batch_size, "dtype": dtype, "sizes": sizes, **options}
    how |= {"eta": 0.01, "n": 45}  # more threads than processors take long to meet
    alone = trained(1, **how)
    for choice in (Together, ByTurns):
        go_by(monkeypatch, choice)
        assert_same_bits(trained(threads, **how), alone)


@pytest.mark.parametrize("pause", [0.0, 1e-4, 1e-3, 0.15])
def test_threads_go_on_after_any_pause_between_calls(many_processors, monkeypatch, pause):
    """They linger after a call, then sleep, then end; two networks take turns."""

    def trained_call_by_call(threads):
        random.seed(3)
        networks = [seeded_network(network2, SIZES) for _ in range(2)]
        data = dense_digits(300, SIZES[0], SIZES[-1], seed=1)
        for _ in range(4):
            for net in networks:
                net.SGD(data, 1, 50, 0.5, threads=threads, verbose=False)
                time.sleep(pause)
        return networks

    alone = trained_call_by_call(1)
    go_by(monkeypatch, Together)
    monkeypatch.setattr(short_calls, "_LONGEST_CALL", 0.05)  # an epoch is one call
    for net, one in zip(trained_call_by_call(3), alone, strict=True):
        assert_same_bits(net, one)


def test_many_networks_in_turn_have_no_more_threads_than_two(many_processors, monkeypatch):
    go_by(monkeypatch, Together)
    monkeypatch.setattr(short_calls, "_LONGEST_CALL", 0.05)
    wait_until(lambda: not threads_module._RUNNING)
    data, most = dense_digits(300, SIZES[0], SIZES[-1], seed=1), 0
    networks = [seeded_network(network2, SIZES) for _ in range(12)]
    for _ in range(3):
        for net in networks:
            net.SGD(data, 1, 50, 0.5, threads=3, verbose=False)
            most = max(most, len(threads_module._RUNNING))
    assert most <= 2 * 2


def test_one_thread_starts_no_other(many_processors, monkeypatch):
    monkeypatch.setattr(teams, "Threads", None)  # making one would fail
    trained(1)


def test_no_thread_is_left_after_training(many_processors, monkeypatch):
    go_by(monkeypatch, Together)
    teams_made = []

    class Kept(Threads):
        def __init__(self, count):
            super().__init__(count)
            teams_made.append(self)  # it would end with the object

    monkeypatch.setattr(teams, "Threads", Kept)
    before = running_threads()
    trained(3)
    assert teams_made
    wait_until(lambda: running_threads() <= before)


@pytest.mark.parametrize("rank", [0, 1])
def test_a_failure_in_one_thread_ends_all(many_processors, monkeypatch, rank):
    go_by(monkeypatch, Together)
    kernel_call = training.Trainer._kernel_call

    def failing_call(self, eta):
        call = kernel_call(self, eta)

        def failing(this, net, room, begin, end):
            if end > 0 and this == rank:
                raise LookupError("no memory in this thread")
            return call(this, net, room, begin, end)

        return failing

    monkeypatch.setattr(training.Trainer, "_kernel_call", failing_call)
    net = seeded_network(network2, SIZES)
    data = digits(300, SIZES[0], SIZES[-1], seed=1)
    before, state = list(map(id, data)), random.getstate()
    started = time.process_time()
    with pytest.raises(LookupError, match="this thread"):
        net.SGD(data, 1, 7, 0.5, threads=2, verbose=False)
    assert time.process_time() - started < 30
    assert_same_bits(net, seeded_network(network2, SIZES))
    assert list(map(id, data)) == before
    assert random.getstate() == state


@pytest.mark.parametrize("threads", [0, -1, 1.5, "2", True])
def test_a_wrong_number_of_threads_is_refused(threads):
    net = seeded_network(network2, SIZES)
    data = digits(10, SIZES[0], SIZES[-1], seed=1)
    error = ValueError if isinstance(threads, int) and threads is not True else TypeError
    assert_refused(
        lambda: net.SGD(data, 1, 5, 0.1, threads=threads),
        error,
        "threads must be an integer of at least 1",
        network=net,
        examples=data,
    )
