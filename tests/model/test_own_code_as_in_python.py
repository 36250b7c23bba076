"""What users' code does in Python it does compiled, or it runs in Python, or it is refused.

`kernels/numba_parts/own_parts.py` compiles it.
"""

from __future__ import annotations

import random
import warnings

import numba
import numpy as np
import pytest
from builders import assert_same_networks, copies, digits, parameters, seeded_network
from own_functions import SIZES, call_cost, cost_of, trained

from fastnn import network2, reference
from fastnn.kernels.own import is_own
from fastnn.model.costs import kernel_cost

TENTHS = 2
MANY = 10**8

needs_the_compiler = pytest.mark.skipif(
    bool(numba.config.DISABLE_JIT), reason="nothing is compiled then"
)


# Places in arrays -----------------------------------------------------------------------------


def ten_terms(a, y):
    total = 0.0
    for j in range(10):
        total += (a[j, 0] - y[j, 0]) ** 2
    return total


def ten_errors(z, a, y):
    error = np.zeros_like(a)
    for j in range(10):
        error[j, 0] = a[j, 0] - y[j, 0]
    return error


@needs_the_compiler
@pytest.mark.parametrize("setting", [None, 0, 1])
def test_places_outside_of_arrays_are_refused_as_in_python(setting, monkeypatch):
    monkeypatch.setattr(numba.config, "BOUNDSCHECK", setting)
    place = MANY + {None: 0, 0: 1, 1: 2}[setting]  # else all would be compiled once
    functions = [
        lambda a, y: a[place, 0],
        lambda a, y: sum([a[j, 0] for j in range(place, place + 2)]),
    ]
    for fn in functions:
        compiled = kernel_cost(cost_of(fn), np.float64).fn
        assert is_own(compiled)
        with pytest.raises(IndexError, match="out of bounds"):
            call_cost(compiled, np.ones((3, 1)), np.zeros((3, 1)))
    assert setting == numba.config.BOUNDSCHECK


@pytest.mark.parametrize("in_python", [False, True], ids=["compiled", "Python"])
def test_a_place_outside_of_an_array_ends_training_and_leaves_everything_as_it_was(in_python):
    table = {"nothing": 0.0}  # which only Python can read

    def errors(z, a, y):
        return ten_errors(z, a, y) + table["nothing"]

    def terms(a, y):
        return ten_terms(a, y) + table["nothing"]

    Outside = cost_of(terms, errors) if in_python else cost_of(ten_terms, ten_errors)
    data = digits(30, 8, 3, seed=1)
    order = list(data)
    net = seeded_network(network2, SIZES, Outside)
    before, state = copies(net), random.getstate()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore" if in_python else "error", RuntimeWarning)
        for call in (
            lambda: net.SGD(data, 1, 10, 0.5, verbose=False),
            lambda: net.update_mini_batch(data, 0.5, 0.0, 30),
            lambda: net.total_cost(data, 0.0),
        ):
            with pytest.raises(IndexError, match="out of bounds"):
                call()
    assert all(mine is theirs for mine, theirs in zip(data, order, strict=True))
    assert random.getstate() == state
    for array, kept in zip(parameters(net), before, strict=True):
        np.testing.assert_array_equal(array, kept)


def set_flat(a, y):
    a.flat[MANY] = 0.0
    return 1.0


@needs_the_compiler
@pytest.mark.parametrize(
    "fn",
    [
        lambda a, y: a.flat[MANY],
        set_flat,
        lambda a, y: np.take_along_axis(a, np.array([[MANY]]), 0)[0, 0],
    ],
)
def test_places_that_numba_does_not_check_are_left_to_python(fn):
    with pytest.warns(RuntimeWarning, match="places that Numba does not check"):
        assert kernel_cost(cost_of(fn), np.float64).fn is None


# Powers of integers ---------------------------------------------------------------------------


def power_in_place(a, y):
    n = len(a)
    n **= -1
    return n * np.sum(a)


def power_in_a_closure(a, y):
    return sum([len(a) ** -k for k in (1, 2)]) * np.sum(a)


@needs_the_compiler
@pytest.mark.parametrize(
    "fn",
    [
        lambda a, y: 10**-TENTHS * np.sum(a),
        lambda a, y: len(a) ** -1 * np.sum(a),
        lambda a, y: 2 ** (1 - a.shape[0]) * np.sum(a),
        lambda a, y: pow(len(a), -2) * np.sum(a),
        lambda a, y: np.power(len(a), -2) * np.sum(a),
        lambda a, y: np.sum(a / np.arange(1, 4) ** -1),
        lambda a, y: (1 << (len(a) - 10)) * np.sum(a),
        power_in_place,
        power_in_a_closure,
    ],
)
def test_integers_to_a_power_that_may_be_negative_are_left_to_python(fn):
    with pytest.warns(RuntimeWarning, match="integer power, or shift, that may be negative"):
        assert kernel_cost(cost_of(fn), np.float64).fn is None


@needs_the_compiler
def test_other_powers_are_compiled():
    def fn(a, y):
        squares = len(a) ** 2 + 10**TENTHS + np.sum(np.arange(1, 4) ** 3)
        return squares + 2.0**-TENTHS + np.sum(a) ** -1 + np.sum(a ** (1 - len(a)))

    a, y = np.array([[0.5], [0.25], [2.0]]), np.zeros((3, 1))
    compiled = kernel_cost(cost_of(fn), np.float64).fn
    assert is_own(compiled)
    assert call_cost(compiled, a, y) == pytest.approx(fn(a, y), rel=1e-15)


def test_training_with_a_negative_power_of_an_integer_has_the_numbers_of_the_reference():
    def delta(z, a, y):
        return 10**-TENTHS * (a - y)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # that it runs in Python
        assert_same_networks(*(trained(m, cost_of(delta=delta)) for m in (network2, reference)))


# Names that are written, and modules under other names ------------------------------------------


def counting_cost():
    calls = 0

    def delta(z, a, y):
        nonlocal calls
        calls += 1
        return (a - y) / calls

    return cost_of(delta=delta)


def cost_that_counts_within():
    def delta(z, a, y):
        calls = 1.0

        def count():
            nonlocal calls
            calls += 1.0

        count()
        return (a - y) / calls

    return cost_of(delta=delta)


def renaming_errors(z, a, y):
    r = np
    return (a - y) * r.random.rand()


def errors_by_a_part_of_numpy(z, a, y):
    r = np.linalg
    return (a - y) * r.norm(a)


# More than 256 names, so that the last ones need an argument of more than a byte.
MANY_NAMES = "\n".join(
    ["def errors(z, a, y):"]
    + [f"    if a[0, 0] > 2.0: a = a + name_{i}" for i in range(300)]
    + ["    return (a - y) * np.random.rand()"]
)


def errors_of_many_names():
    names = {"np": np, **{f"name_{i}": float(i) for i in range(300)}}
    exec(MANY_NAMES, names)
    return names["errors"]


@pytest.mark.parametrize(
    "make",
    [
        counting_cost,
        cost_that_counts_within,
        lambda: cost_of(delta=renaming_errors),
        lambda: cost_of(delta=errors_by_a_part_of_numpy),
        lambda: cost_of(delta=errors_of_many_names()),
    ],
    ids=["nonlocal", "nonlocal within", "numpy renamed", "a part renamed", "many names"],
)
def test_what_numba_would_ignore_or_imitate_runs_in_python(make):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        net = trained(network2, make())
    if not numba.config.DISABLE_JIT:
        assert "runs at NumPy speed" in str(caught[0].message)
    assert_same_networks(net, trained(reference, make()))


# Desired outputs that are written ---------------------------------------------------------------


@numba.njit
def write_first(column):
    column[0, 0] += 1.0


def writing_errors(z, a, y):
    y *= 0.9
    return a - y


def errors_of_a_writing_helper(z, a, y):
    write_first(y)
    return a - y


def writing_terms(a, y):
    y[1, 0] = 0.5
    return np.sum((a - y) ** 2)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_costs_that_write_into_desired_outputs_are_refused(dtype):
    data = digits(30, 8, 3, seed=1)
    wanted = [y.copy() for _, y in data]
    for cost in (cost_of(delta=writing_errors), cost_of(delta=errors_of_a_writing_helper)):
        net = seeded_network(network2, SIZES, cost, dtype=dtype)
        before = copies(net)
        with pytest.raises(ValueError, match=r"of the cost.* writes into y, .* read-only: begin"):
            net.SGD(data, 1, 10, 0.5, verbose=False)
        for array, kept in zip(parameters(net), before, strict=True):
            np.testing.assert_array_equal(array, kept)
    net = seeded_network(network2, SIZES, cost_of(fn=writing_terms), dtype=dtype)
    with pytest.raises(ValueError, match=r"of the cost.* writes into y, .* read-only: begin"):
        net.total_cost(data, 0.0)
    np.testing.assert_array_equal([y for _, y in data], wanted)


# Warnings -----------------------------------------------------------------------------------------


class LeakyOfTable:
    table = np.array([0.1])
    fn = staticmethod(lambda z: z if z > 0.0 else LeakyOfTable.table[0] * z)
    prime = staticmethod(lambda z: 1.0 if z > 0.0 else LeakyOfTable.table[0])


@needs_the_compiler
@pytest.mark.parametrize("options", [{}, {"activation": LeakyOfTable}], ids=["cost", "activation"])
def test_where_warnings_are_errors_each_call_ends_with_one(options):
    cost = network2.CrossEntropyCost if options else counting_cost()
    data = digits(30, 8, 3, seed=1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(2):
            with pytest.raises(RuntimeWarning, match="NumPy speed"):
                seeded_network(network2, SIZES, cost, **options).SGD(data, 1, 10, 0.5)
