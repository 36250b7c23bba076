"""Costs that a script writes itself: compiled where Numba can, else at NumPy speed."""

from __future__ import annotations

import random
import warnings

import numba
import numpy as np
import pytest
from builders import (
    ALL_MONITORS,
    assert_close,
    assert_same_networks,
    assert_same_runs,
    column,
    copies,
    digits,
    labelled,
    parameters,
    run,
    seeded_network,
)
from own_functions import call_cost

from fastnn import network2, reference
from fastnn.kernels.layout import BLOCK
from fastnn.kernels.own import is_own
from fastnn.model.costs import kernel_cost, usual_cost, usual_output
from fastnn.network2 import sigmoid_prime

SIZES = [20, 17, 5]


class FourthPower:
    """Numba compiles this one."""

    @staticmethod
    def fn(a, y):
        return 0.25 * np.sum((a - y) ** 4)

    @staticmethod
    def delta(z, a, y):
        if z[0, 0] > 1e6:
            raise LookupError("no slope out there")
        return (a - y) ** 3 * sigmoid_prime(z)


def cost_for_python():
    """Return a cost that Numba cannot compile; a new class, so that it is met as if first."""
    parts = {"power": 4, "slope": sigmoid_prime}

    class LookedUp:
        @staticmethod
        def fn(a, y):
            return float(np.sum((a - y) ** parts["power"])) / parts["power"]

        @staticmethod
        def delta(z, a, y):
            if z[0, 0] > 1e6:
                raise LookupError("no slope out there")
            return (a - y) ** (parts["power"] - 1) * parts["slope"](z)

    return LookedUp


@pytest.fixture(params=["compiled", "Python"])
def cost(request):
    """A cost of each kind; the one warning of the second is heard in another test."""
    if request.param == "compiled":
        yield FourthPower
    else:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "cost LookedUp", RuntimeWarning)
            yield cost_for_python()


@pytest.mark.parametrize("lmbda", [0.0, 2.0])
@pytest.mark.parametrize("mini_batch_size", [1, 7, BLOCK + 5, 1000])
def test_training_with_an_own_cost_gives_the_numbers_of_the_reference(cost, mini_batch_size, lmbda):
    data, held_out = digits(150, 20, 5, seed=1), labelled(digits(40, 20, 5, seed=2))
    monitored = {"evaluation_data": held_out, **ALL_MONITORS}
    got, wanted = (
        run(module, SIZES, data, 2, mini_batch_size, 0.5, lmbda, cost=cost, **monitored)
        for module in (network2, reference)
    )
    assert_same_runs(got, wanted)


@pytest.mark.parametrize("size", [1, 10, BLOCK + 1])
def test_single_steps_with_an_own_cost_give_the_numbers_of_the_reference(cost, size):
    net, oracle = (seeded_network(module, SIZES, cost) for module in (network2, reference))
    mini_batch = digits(size, 20, 5, seed=3)
    state = random.getstate()
    for network in (net, oracle):
        network.update_mini_batch(mini_batch, 0.5, 1.0, 100)
    assert_same_networks(net, oracle, rtol=1e-12)
    assert random.getstate() == state
    for got, by_numpy in zip(
        net.backprop(*mini_batch[0]), oracle.backprop(*mini_batch[0]), strict=True
    ):
        assert_close(got, by_numpy, rtol=1e-12)


def test_total_cost_of_an_own_cost_is_that_of_the_reference(cost):
    net, oracle = (seeded_network(module, SIZES, cost) for module in (network2, reference))
    data = digits(150, 20, 5, seed=4)
    wanted = oracle.total_cost(data, 3.0)
    assert net.total_cost(data, 3.0) == pytest.approx(wanted, rel=1e-12)
    assert net.total_cost(labelled(data), 3.0, convert=True) == pytest.approx(wanted, rel=1e-12)
    assert net.accuracy(data, convert=True) == oracle.accuracy(data, convert=True)


@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="all costs are for Python then")
def test_a_cost_for_python_is_announced_by_one_warning_that_names_it():
    net = seeded_network(network2, SIZES, cost_for_python())
    data = digits(30, 20, 5, seed=5)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        net.total_cost(data, 0.0)
        net.SGD(data, 2, 10, 0.5, verbose=False, monitor_training_cost=True)
        net.SGD(data, 1, 10, 0.5, verbose=False)
        net.update_mini_batch(data, 0.5, 0.0, 30)
        net.accuracy(data, convert=True)
    assert [warning.category for warning in caught] == [RuntimeWarning]
    assert "LookedUp" in str(caught[0].message)
    assert "NumPy speed" in str(caught[0].message)


def test_a_cost_that_numba_compiles_is_used_without_a_word():
    net = seeded_network(network2, SIZES, FourthPower)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        net.SGD(digits(30, 20, 5, seed=6), 1, 10, 0.5, verbose=False, monitor_training_cost=True)
    assert caught == []


def test_compiled_costs_divide_by_zero_as_numpy_does():
    class Inverse:
        @staticmethod
        def fn(a, y):
            return 1.0 / np.sum(a * y)

        @staticmethod
        def delta(z, a, y):
            return a - y

    a, y = column(0.5, 0.25), column(0.0, 0.0)
    with np.errstate(divide="ignore"):
        assert call_cost(kernel_cost(Inverse, np.float64).fn, a, y) == Inverse.fn(a, y) == np.inf


def test_what_an_own_cost_raises_reaches_the_script_and_leaves_everything_as_it_was(cost):
    data = digits(30, 20, 5, seed=8)
    order = list(data)
    net = seeded_network(network2, SIZES, cost)
    net.biases[1][0] = 2e6
    before, state = copies(net), random.getstate()
    with pytest.raises(LookupError, match="no slope out there"):
        net.SGD(data, 1, 10, 0.5, verbose=False)
    with pytest.raises(LookupError, match="no slope out there"):
        net.update_mini_batch(data, 0.5, 0.0, 30)
    assert all(mine is theirs for mine, theirs in zip(data, order, strict=True))
    assert random.getstate() == state
    for array, kept in zip(parameters(net), before, strict=True):
        np.testing.assert_array_equal(array, kept)


def test_what_an_own_cost_inherits_is_compiled():
    class Doubled(network2.CrossEntropyCost):
        @staticmethod
        def delta(z, a, y):
            return 2.0 * (a - y)

    functions = kernel_cost(Doubled, np.float64)
    assert functions.fn == kernel_cost(network2.CrossEntropyCost, np.float64).fn
    assert is_own(functions.delta)


@pytest.mark.parametrize(
    ("output", "cost"),
    [
        ("sigmoid", network2.CrossEntropyCost),
        ("softmax", network2.LogLikelihoodCost),
        ("identity", network2.QuadraticCost),
        ("exponential", network2.PoissonCost),
    ],
)
def test_every_output_activation_has_its_usual_cost(output, cost):
    assert usual_cost(output) is cost


def test_a_cost_of_your_own_has_sigmoid_outputs_by_default():
    assert usual_output(FourthPower) == usual_output(network2.QuadraticCost) == "sigmoid"
    assert usual_output(network2.LogLikelihoodCost) == "softmax"
    assert usual_output(network2.PoissonCost) == "exponential"
