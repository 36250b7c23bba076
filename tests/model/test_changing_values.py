"""Numbers that own code reads and that change again and again: never stale, seldom compiled."""

from __future__ import annotations

import gc
import random
import weakref

import numba
import numpy as np
import pytest
from builders import assert_same_networks, digits, seed_generators, seeded_network
from own_functions import call_cost, call_row

from fastnn import network2, reference
from fastnn.kernels import own
from fastnn.model.activations import own_activations
from fastnn.model.costs import kernel_cost

SIZES = [4, 5, 3]
BETA = 1.0


class Steeper:
    """An activation that a script makes steeper as it trains."""

    @staticmethod
    def fn(z):
        steps = (z > BETA) + (z > 0.0)  # of Python's truth values, which add up
        return np.tanh(BETA * z) + sum([0.0 * BETA * k for k in (1.0, 2.0)]) + 0.0 * steps

    @staticmethod
    def prime(z):
        return BETA * (1.0 - np.tanh(BETA * z) ** 2)


class Scaled:
    @staticmethod
    def fn(a, y):
        return BETA * np.sum((a - y) ** 2)

    @staticmethod
    def delta(z, a, y):
        return BETA * (a - y)


@pytest.fixture
def compilations(monkeypatch):
    """The functions that are compiled in a test."""
    compile_it, compiled = own.compiled_part, []
    monkeypatch.setattr(
        own,
        "compiled_part",
        lambda function, *rest: compiled.append(function) or compile_it(function, *rest),
    )
    monkeypatch.setattr(own, "kept_address", lambda digest: None)  # as in a new folder
    return compiled


@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="nothing is compiled then")
def test_many_values_are_compiled_a_few_times_and_each_counts(monkeypatch, compilations):
    a, y = np.array([[0.75]]), np.array([[0.25]])
    for beta in [random.random() for _ in range(20)]:
        monkeypatch.setitem(globals(), "BETA", beta)
        cost = kernel_cost(Scaled, np.float64).fn
        assert call_cost(cost, a, y) == pytest.approx(Scaled.fn(a, y), rel=1e-14)
        steeper = own_activations([Steeper], np.float64)
        outputs, slopes = call_row(steeper.custom, 0, np.array([0.5]))
        assert outputs[0] == pytest.approx(Steeper.fn(0.5), rel=1e-14)
        assert slopes[0] == pytest.approx(Steeper.prime(0.5), rel=1e-14)
    assert len(compilations) <= 4 * 5  # two functions of each, with four values and with any


@pytest.mark.parametrize("options", [{"activation": Steeper}, {"cost": Scaled}])
def test_a_value_that_a_callback_changes_counts_in_each_epoch(options, monkeypatch):
    def annealed(module):
        monkeypatch.setitem(globals(), "BETA", 1.0)
        data = digits(20, 4, 3, seed=2)
        net = seeded_network(module, SIZES, **options)
        seed_generators(4)
        for _ in range(12):
            net.SGD(data, 1, 5, 0.5, verbose=False)
            monkeypatch.setitem(globals(), "BETA", BETA * 0.9)
        return net

    assert_same_networks(annealed(network2), annealed(reference))


def test_it_counts_within_a_run_too(monkeypatch):
    data = digits(20, 4, 3, seed=2)

    def change(*_):
        monkeypatch.setitem(globals(), "BETA", BETA * 0.9)

    monkeypatch.setitem(globals(), "BETA", 1.0)
    net = seeded_network(network2, SIZES, Scaled)
    seed_generators(4)
    net.SGD(list(data), 12, 5, 0.5, verbose=False, callback=change)
    monkeypatch.setitem(globals(), "BETA", 1.0)
    oracle = seeded_network(reference, SIZES, Scaled)
    seed_generators(4)
    shuffled = list(data)
    for _ in range(12):
        oracle.SGD(shuffled, 1, 5, 0.5, verbose=False)
        change()
    assert_same_networks(net, oracle)


def closed_over(alpha, other):
    class Closed:
        fn = staticmethod(lambda a, y: alpha * np.sum(a - y) + other)
        delta = staticmethod(lambda z, a, y: a - y)

    def put(value):
        nonlocal alpha
        alpha = value

    return Closed, put


def test_closures_of_the_same_code_keep_their_own_values():
    a, y = np.array([[0.75]]), np.array([[0.25]])
    pairs = [closed_over(1.0, 10.0), closed_over(1.0, 20.0)]
    for step in range(8):
        costs = []
        for place, (cost, put) in enumerate(pairs):
            put(2.0 * step + 0.125 * place)
            costs.append(kernel_cost(cost, np.float64).fn)
        wanted = [pairs[place][0].fn(a, y) for place in (0, 1)]
        assert [call_cost(cost, a, y) for cost in costs] == pytest.approx(wanted, rel=1e-14)


def cost_with_room(strength, room):
    """A cost whose class holds an array; which array can be told by a weak reference."""

    class Strong:
        fn = staticmethod(lambda a, y: strength * np.sum((a - y) ** 2))
        delta = staticmethod(lambda z, a, y: strength * (a - y))
        held = room

    return Strong


def cost_in_python(strength, room):
    class Slow:
        fn = staticmethod(lambda a, y: float(room[0]) * np.sum((a - y) ** 2))
        delta = staticmethod(lambda z, a, y: strength * (a - y))

    return Slow


@pytest.mark.filterwarnings("ignore:cost Slow cannot be compiled")
@pytest.mark.parametrize("make", [cost_with_room, cost_in_python])
def test_costs_that_nobody_has_any_more_are_let_go_with_what_they_hold(make):
    rooms = []
    for strength in range(7):  # more values than are compiled in
        room = np.ones(100)
        net = seeded_network(network2, SIZES, make(0.5 + strength, room))
        net.SGD(digits(6, 4, 3, seed=1), 1, 3, 0.1, verbose=False)
        rooms.append(weakref.ref(room))
    del room, net
    gc.collect()
    assert [room() for room in rooms] == [None] * 7
