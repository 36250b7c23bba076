"""Costs and activations of a user's own: what they read counts, whenever it changes."""

from __future__ import annotations

import random
import shutil
import warnings

import numpy as np
import pytest
from builders import assert_same_networks, digits, seed_generators, seeded_network
from house import ROOT
from processes import run_python

from fastnn import CrossEntropyCost, network2, reference

SIZES = [8, 5, 3]
STRENGTH = 1.0
TABLE = np.array([0.5, 1.0])


class Scaled:
    """A cost that reads a global."""

    @staticmethod
    def fn(a, y):
        return STRENGTH * np.sum((a - y) ** 2)

    @staticmethod
    def delta(z, a, y):
        return STRENGTH * (a - y)


class Leaky:
    """An activation that reads a global."""

    @staticmethod
    def fn(z):
        return z if z > 0.0 else STRENGTH * 0.1 * z

    @staticmethod
    def prime(z):
        return 1.0 if z > 0.0 else STRENGTH * 0.1


class Noisy:
    """A cost that draws from both global generators."""

    @staticmethod
    def fn(a, y):
        return float(np.sum((a - y) ** 2)) + random.random()

    @staticmethod
    def delta(z, a, y):
        return (a - y) * np.random.rand()


def cost_of_closure(strength):
    class Closed:
        @staticmethod
        def fn(a, y):
            return strength * np.sum((a - y) ** 2)

        @staticmethod
        def delta(z, a, y):
            return strength * (a - y)

    return Closed


def trained(module, cost, **options):
    net = seeded_network(module, SIZES, cost, **options)
    seed_generators(4)
    history = net.SGD(
        digits(40, 8, 3, seed=2), 2, 7, 0.5, monitor_training_cost=True, verbose=False
    )
    return net, history


def assert_as_reference(cost, **options):
    net, history = trained(network2, cost, **options)
    oracle, wanted = trained(reference, cost, **options)
    assert_same_networks(net, oracle)
    np.testing.assert_allclose(history.training_cost, wanted.training_cost, rtol=1e-10)
    return history.training_cost


# What counts ----------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"activation": Leaky}], ids=["cost", "activation"])
def test_a_global_that_changes_between_calls_counts(monkeypatch, options):
    costs = []
    for strength in (1.0, 3.0, 1.0):
        monkeypatch.setitem(globals(), "STRENGTH", strength)
        costs.append(assert_as_reference(Scaled if not options else CrossEntropyCost, **options))
    assert costs[0] == costs[2] != costs[1]


def test_a_closure_that_changes_between_calls_counts():
    first, second = (assert_as_reference(cost_of_closure(strength)) for strength in (1.0, 3.0))
    assert first != second


def test_a_global_that_a_callback_changes_counts_in_the_next_epoch(monkeypatch):
    monkeypatch.setitem(globals(), "STRENGTH", 1.0)
    data = digits(40, 8, 3, seed=2)
    ends = []
    for change in (True, False):
        net = seeded_network(network2, SIZES, Scaled)
        seed_generators(4)

        def changing(epoch, network, history, change=change):
            monkeypatch.setitem(globals(), "STRENGTH", 3.0 if change else 1.0)

        monkeypatch.setitem(globals(), "STRENGTH", 1.0)
        net.SGD(list(data), 2, 7, 0.5, callback=changing, verbose=False)
        ends.append(net.weights[0])
    oracle = seeded_network(reference, SIZES, Scaled)
    seed_generators(4)
    shuffled = list(data)
    for strength in (1.0, 3.0):
        monkeypatch.setitem(globals(), "STRENGTH", strength)
        oracle.SGD(shuffled, 1, 7, 0.5, verbose=False)
    np.testing.assert_allclose(ends[0], oracle.weights[0], rtol=1e-10)
    assert (ends[0] != ends[1]).any()


def test_random_numbers_in_a_cost_follow_the_seeds_as_in_the_reference():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # that it goes through Python
        first = assert_as_reference(Noisy)
        assert assert_as_reference(Noisy) == first


def test_functions_replaced_on_the_class_count(monkeypatch):
    before = assert_as_reference(Scaled)
    monkeypatch.setattr(Scaled, "delta", staticmethod(lambda z, a, y: 2.0 * (a - y)))
    assert assert_as_reference(Scaled) != before


def test_a_method_of_an_object_is_a_cost_too():
    class Weighted:
        def __init__(self, strength):
            self.strength = strength

        def fn(self, a, y):
            return self.strength * float(np.sum((a - y) ** 2))

        def delta(self, z, a, y):
            return self.strength * (a - y)

    with pytest.warns(RuntimeWarning, match="runs at NumPy speed"):
        first = trained(network2, Weighted(1.0))[1].training_cost
    assert trained(network2, Weighted(2.0))[1].training_cost != first  # the class has been told of


def test_a_cost_left_to_python_is_said_once():
    class InPython(Noisy):
        pass

    with pytest.warns(RuntimeWarning, match="np.random") as caught:
        trained(network2, InPython)
        trained(network2, InPython)
    assert len(caught) == 1


def test_a_part_that_compiles_is_compiled_beside_one_that_does_not():
    class HalfInPython(CrossEntropyCost):
        @staticmethod
        def fn(a, y):
            return float(np.sum(TABLE[0] * (a - y) ** 2))

    with pytest.warns(RuntimeWarning, match="TABLE"):
        net, history = trained(network2, HalfInPython)
    plain, _ = trained(network2, CrossEntropyCost)
    for mine, theirs in zip(net.weights, plain.weights, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert len(history.training_cost) == 2


def test_an_activation_that_draws_random_numbers_runs_in_python_and_follows_the_seed():
    class Random:
        @staticmethod
        def fn(z):
            return z * random.random()

        @staticmethod
        def prime(z):
            return 1.0

    with pytest.warns(RuntimeWarning, match=r"cannot be compiled.*random\.random.*NumPy speed"):
        net, _ = trained(network2, CrossEntropyCost, activation=Random)
    again, _ = trained(network2, CrossEntropyCost, activation=Random)
    assert_same_networks(again, net, rtol=0.0)


# --- compiled code of a user's own, from one process to the next ---------------------------------

OWN_COST = """
import sys
import numpy as np
from fastnn.kernels import own
from fastnn.model.costs import kernel_cost

compiled = []
compile_it = own.compiled_address
own.compiled_address = lambda *arguments: compiled.append(1) or compile_it(*arguments)
FACTOR = {factor}

class Cost:
    fn = staticmethod(lambda a, y: FACTOR * np.sum(a - y))
    @staticmethod
    def delta(z, a, y):
        return {body}

cost = kernel_cost(Cost, np.float64)
sys.path.append({support!r})
from own_functions import call_cost
print(len(compiled), call_cost(cost.fn, np.array([[3.0]]), np.array([[1.0]])))
"""


def own_cost_in_a_new_process(cache, factor=2.0, body="a - y"):
    """How many functions a process compiled, and the cost that it then computed."""
    support = str(ROOT / "tests" / "support")
    code = OWN_COST.format(factor=factor, body=body, support=support)
    printed = run_python(code, folders=[ROOT], NUMBA_CACHE_DIR=cache, NUMBA_DISABLE_JIT="0")
    compiled, cost = printed.split()
    return int(compiled), float(cost)


@pytest.fixture(scope="module")
def kept_by_the_first(tmp_path_factory):
    """What a process with an empty folder leaves there."""
    folder = tmp_path_factory.mktemp("first")
    assert own_cost_in_a_new_process(folder) == (2, 4.0)
    return folder


@pytest.fixture
def kept(kept_by_the_first, tmp_path):
    """The same, for a test to change."""
    return shutil.copytree(kept_by_the_first, tmp_path / "kept")


def test_later_processes_take_the_code_of_an_own_cost_from_disk(kept):
    assert own_cost_in_a_new_process(kept) == (0, 4.0)


def test_an_edit_of_an_own_cost_or_of_what_it_reads_is_never_stale(kept):
    assert own_cost_in_a_new_process(kept, factor=3.0) == (1, 6.0)
    assert own_cost_in_a_new_process(kept, body="y - a") == (1, 4.0)


def test_a_damaged_file_of_an_own_cost_is_compiled_anew(kept):
    files = list(kept.rglob("*.own"))
    assert len(files) == 2
    for file in files:
        file.write_bytes(file.read_bytes()[:100])
    assert own_cost_in_a_new_process(kept) == (2, 4.0)


# What Numba has compiled before us, of functions that a cost calls -------------------------------

HELPERS = """
import sys
sys.path.insert(0, {support!r})
import numba
import numpy as np
from numba.extending import register_jitable
from own_functions import call_cost
from fastnn.model.costs import kernel_cost

ALPHA = {alpha}
inner = numba.njit(lambda x: ALPHA * x)
outer = numba.njit(lambda x: inner(x) + 1.0)
declared = numba.njit("f4(f8)")(lambda x: ALPHA * x)

@numba.njit
def factorial(n):
    return ALPHA if n < 2 else n * factorial(n - 1)

@register_jitable
def registered(x):
    return ALPHA * x

@numba.njit(parallel=True, fastmath={{"nnan", "contract", "arcp"}})
def in_parallel(a):
    return np.sum(ALPHA * (a + a))

costs = [
    lambda a, y: outer(a[0, 0]),
    lambda a, y: inner(a[0, 0]),
    lambda a, y: declared(a[0, 0]),
    lambda a, y: factorial(4) + a[0, 0],
    lambda a, y: registered(a[0, 0]),
    lambda a, y: in_parallel(a),
]

def computed():
    a, y = np.array([[3.0]]), np.array([[0.0]])
    class Cost:
        delta = staticmethod(lambda z, a, y: a - y)
    values = []
    for Cost.fn in map(staticmethod, costs):
        values.append(float(call_cost(kernel_cost(Cost, np.float64).fn, a, y)))
    return values

def expected():
    tripled = 3.0 * ALPHA
    return [tripled + 1, tripled, np.float32(tripled), 8 * tripled + 3, tripled, 2 * tripled]

outer(1.0), inner(1.0)
for ALPHA in {alphas}:
    np.testing.assert_allclose(computed(), expected(), rtol=1e-12)
    old = inner
    inner = numba.njit(lambda x: ALPHA * x + 0.0)  # as in a cell of a notebook that is run again
    np.testing.assert_allclose(computed(), expected(), rtol=1e-12)
    inner = old
print("fresh")
"""


@pytest.mark.thorough
def test_what_a_compiled_helper_reads_is_never_stale(tmp_path):
    support = str(ROOT / "tests" / "support")
    for alphas in ((0.125, 0.5, 0.125), (0.5,)):
        code = HELPERS.format(support=support, alpha=alphas[0], alphas=alphas)
        how = {"NUMBA_CACHE_DIR": tmp_path, "NUMBA_DISABLE_JIT": "0"}
        assert run_python(code, folders=[ROOT], **how).split() == ["fresh"]


A_HELPER_IN_A_FILE = """
import numba
from constant import ALPHA

@numba.njit(cache=True)
def helper(x):
    return ALPHA * x
"""
A_COST_WITH_IT = """
import sys
sys.path.insert(0, {support!r})
import numpy as np
from own_functions import call_cost
from fastnn.model.costs import kernel_cost
from helpers import helper

class Cost:
    fn = staticmethod(lambda a, y: helper(a[0, 0]))
    delta = staticmethod(lambda z, a, y: a - y)

cost = kernel_cost(Cost, np.float64).fn
print(call_cost(cost, np.array([[3.0]]), np.array([[0.0]])))
"""


def test_files_of_numba_that_are_stale_are_not_used(tmp_path):
    (tmp_path / "helpers.py").write_text(A_HELPER_IN_A_FILE)
    code = A_COST_WITH_IT.format(support=str(ROOT / "tests" / "support"))
    for alpha in (2.0, 5.0):
        (tmp_path / "constant.py").write_text(f"ALPHA = {alpha}")
        printed = run_python(
            code,
            folders=[tmp_path, ROOT],
            NUMBA_CACHE_DIR=tmp_path / "cache",
            NUMBA_DISABLE_JIT="0",
            PYTHONDONTWRITEBYTECODE="1",  # files of one size and second look alike to Python
        )
        assert float(printed) == 3.0 * alpha
