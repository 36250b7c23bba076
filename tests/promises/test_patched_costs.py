"""Costs of the book that a script patches or derives from are the costs, and network2's alone.

Training over `fastnn.network2` is compared with training over `fastnn.reference`.
"""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from builders import assert_same_runs, digits, seed_generators
from overriding import MODULES, SIZES, assert_agree, plain, train
from sklearn.exceptions import ConvergenceWarning

from fastnn import network, network2
from fastnn.estimator import MLPClassifier, MLPRegressor


def test_a_cost_that_is_patched_is_the_cost(data, held_out, capsys, monkeypatch):
    for module in MODULES:
        for cost in (module.CrossEntropyCost, module.QuadraticCost):
            error = staticmethod(lambda z, a, y: 2 * (a - y))
            monkeypatch.setattr(cost, "delta", error)
            monkeypatch.setattr(cost, "fn", staticmethod(lambda a, y: np.sum((a - y) ** 2)))
    assert_agree(plain, data, held_out, capsys)
    monkeypatch.undo()
    assert_same_runs(*(train(module, plain, data, held_out) for module in MODULES[::-1]))


def test_what_is_patched_into_network2s_costs_is_nothing_to_others(monkeypatch):
    """Chapter 1's program is another module in the book, and scikit-learn has none of its costs."""
    X = np.random.default_rng(2).standard_normal((60, 4))

    def results():
        seed_generators(1)
        data, net = digits(60, 9, 3, seed=1), network.Network([9, 4, 3])
        net.SGD(data, 1, 10, 1.0)
        fits = [
            MLPClassifier(hidden_layer_sizes=(3,), max_iter=2, random_state=1).fit(
                X, np.arange(60) % classes
            )
            for classes in (2, 3)
        ]
        fits.append(
            MLPRegressor(hidden_layer_sizes=(3,), max_iter=2, random_state=1).fit(X, X[:, :2])
        )
        return [*net.weights, *net.backprop(*data[0])[0], *(w for fit in fits for w in fit.coefs_)]

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        usual = results()
        for name in ("QuadraticCost", "CrossEntropyCost", "LogLikelihoodCost"):
            cost = getattr(network2, name)
            monkeypatch.setattr(cost, "delta", staticmethod(lambda z, a, y: 2 * (a - y)))
            monkeypatch.setattr(cost, "fn", staticmethod(lambda a, y: np.sum((a - y) ** 2)))
        assert all(map(np.array_equal, results(), usual))


@pytest.mark.filterwarnings("ignore:cost Odd cannot be compiled")
def test_the_error_of_the_quadratic_cost_fits_the_outputs_of_a_subclass(data, held_out):
    """Also where only Python can compute what the subclass adds."""

    def make(module):
        class Odd(module.QuadraticCost):
            fn = staticmethod(lambda a, y: float(str(np.sum((a - y) ** 2))))

        return lambda sizes: module.Network(sizes, Odd, output="identity")

    assert_same_runs(*(train(module, make, data, held_out) for module in MODULES[::-1]))


def test_a_file_names_what_the_module_calls_by_this_name(tmp_path, monkeypatch):
    class CrossEntropyCost(network2.CrossEntropyCost):
        pass

    network2.Network(SIZES).save(tmp_path / "net.json")
    monkeypatch.setattr(network2, "CrossEntropyCost", CrossEntropyCost)
    assert network2.load(tmp_path / "net.json").cost is CrossEntropyCost


def test_a_cost_of_ones_own_may_call_the_modules_functions(data, held_out, recwarn):
    """Numba compiles it all the same."""

    def make(module):
        class Own:
            fn = staticmethod(lambda a, y: 0.5 * np.sum((a - y) ** 2))
            delta = staticmethod(lambda z, a, y: (a - y) * network2.sigmoid_prime(z))

        return lambda sizes: module.Network(sizes, Own)

    runs = [train(module, make, data, held_out) for module in MODULES]
    assert_same_runs(*runs[::-1])
    assert len(recwarn) == 0


@pytest.mark.parametrize("what", ["fn", "delta", "both"])
def test_a_subclass_of_a_cost_of_the_book_is_the_cost(what, data, held_out, capsys):
    def make(module):
        class Doubled(module.QuadraticCost):
            pass

        if what != "delta":
            Doubled.fn = staticmethod(lambda a, y: np.sum((a - y) ** 2))
        if what != "fn":
            Doubled.delta = staticmethod(lambda z, a, y: 2 * (a - y) * a * (1 - a))
        return lambda sizes: module.Network(sizes, Doubled)

    assert_agree(make, data, held_out, capsys)
