"""Costs whose `delta` or `fn` may be another one at each look: looked up as network2 does."""

from __future__ import annotations

import functools
import random
import warnings
from collections import namedtuple

import numpy as np
import pytest
from builders import assert_same_networks, digits, seed_generators, seeded_network

from fastnn import QuadraticCost, network2, reference
from fastnn.model.costs import built_in_code, check_cost, steady_parts

pytestmark = pytest.mark.filterwarnings("ignore:cost .* cannot be compiled")

SIZES = [4, 5, 3]
DATA = digits(23, 4, 3, seed=1)


def error(z, a, y):
    return a - y


def doubled(z, a, y):
    return 2.0 * (a - y)


def squares(a, y):
    return np.sum((a - y) ** 2)


class Warm:
    """A cost with another delta after so many errors, which counts how often it is asked."""

    def __init__(self):
        self.errors = self.looks = 0

    @property
    def delta(self):
        self.looks += 1
        return self._delta

    def _delta(self, z, a, y):
        self.errors += 1
        return error(z, a, y) if self.errors <= 60 else 0.1 * error(z, a, y)

    fn = staticmethod(squares)


class Chosen:
    """A cost that chooses its delta at random."""

    @property
    def delta(self):
        return random.choice([error, doubled])

    fn = staticmethod(squares)


class Meta(type):
    @property
    def delta(cls):
        return error if cls.seen < 30 else doubled


def counting_class():
    class Counting(metaclass=Meta):
        seen = 0

        @staticmethod
        def fn(a, y):
            Counting.seen += 1
            return squares(a, y)

    return Counting


class Proxy:
    """What passes everything on to another cost."""

    def __init__(self):
        self.cost = network2.QuadraticCost

    def __getattr__(self, name):
        return getattr(self.cost, name)


def trained(module, cost, **options):
    net = seeded_network(module, SIZES, cost)
    seed_generators(4)
    history = net.SGD(list(DATA), 3, 5, 0.5, verbose=False, **options)
    return net, history


@pytest.mark.parametrize("make", [Warm, counting_class, Proxy])
def test_the_function_of_each_moment_counts(make):
    monitored = {"monitor_training_cost": True}
    (net, history), (oracle, wanted) = (
        trained(module, make(), **monitored) for module in (network2, reference)
    )
    assert_same_networks(net, oracle)
    np.testing.assert_allclose(history.training_cost, wanted.training_cost, rtol=1e-10)


def test_each_example_is_a_look_and_nothing_else_is():
    net, _ = trained(network2, Warm())
    assert net.cost.looks == net.cost.errors == 3 * len(DATA)
    net.backprop(*DATA[0])
    net.update_mini_batch(DATA[:4], 0.5, 0.0, 23)
    net.total_cost(DATA, 0.0)
    net.accuracy(DATA, convert=True)
    assert net.cost.looks == net.cost.errors == 3 * len(DATA) + 5


def test_a_choice_at_random_is_drawn_once_for_each_example():
    net, _ = trained(network2, Chosen())
    state = random.getstate()
    seed_generators(4)
    places = list(range(len(DATA)))
    for _ in range(3):
        random.shuffle(places)
        for _ in places:
            random.choice([error, doubled])
    assert random.getstate() == state
    assert np.isfinite(net.weights[0]).all()


class Classwise:
    @classmethod
    def fn(cls, a, y):
        return squares(a, y)

    @staticmethod
    def delta(z, a, y):
        return a - y


class Kept:
    """A cost that makes its delta at the first look."""

    fn = staticmethod(squares)

    @functools.cached_property
    def delta(self):
        return doubled


def test_a_function_that_is_kept_from_the_first_look_on_is_compiled():
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        (net, _), (oracle, _) = (trained(module, Kept()) for module in (network2, reference))
    assert_same_networks(net, oracle)


@pytest.mark.parametrize(
    "cost", [Classwise, Classwise(), namedtuple("Pair", "fn delta")(squares, error), QuadraticCost]
)
def test_functions_and_attributes_are_looked_at_once_an_epoch(cost):
    assert steady_parts(cost) == (cost.delta, cost.fn)


def test_a_subclass_of_a_built_in_cost_is_built_in_until_it_has_functions_of_its_own():
    class Inherited(QuadraticCost):
        pass

    assert built_in_code(Inherited) == built_in_code(QuadraticCost) is not None
    Inherited.fn = staticmethod(squares)
    assert built_in_code(Inherited) is None


def test_what_has_neither_method_is_no_cost_and_what_is_called_has_to_be_there():
    half = type("Half", (), {"fn": staticmethod(squares), "delta": 3})
    assert check_cost(half, "fn") is half
    for lacking, called in ((object(), ()), (half, ["fn", "delta"])):
        with pytest.raises(TypeError, match="cost must be one of"):
            check_cost(lacking, *called)


def test_a_method_that_may_be_another_at_each_look_is_there():
    class Changing:
        delta = property(lambda self: error)

    assert isinstance(check_cost(Changing(), "delta"), Changing)
