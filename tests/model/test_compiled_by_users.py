"""Functions that users compile by Numba themselves, and their settings of Numba."""

from __future__ import annotations

import uuid
import warnings

import numba
import numpy as np
import pytest
from builders import assert_same_networks, digits
from house import ROOT
from own_functions import cost_of, trained
from processes import run_python

from fastnn import network2, reference
from fastnn.model.activations import only_python
from fastnn.model.costs import kernel_cost
from fastnn.model.definitions import definition_of


@numba.njit
def factorial(n):
    return 1.0 if n < 2 else n * factorial(n - 1)


class Jitted:
    """A cost of functions that are compiled already."""

    @staticmethod
    @numba.njit
    def fn(a, y):
        return factorial(3) * np.sum((a - y) ** 2)

    @staticmethod
    @numba.njit(fastmath=True)
    def delta(z, a, y):
        return a - y


class JittedLeaky:
    fn = staticmethod(numba.njit(lambda z: z if z > 0.0 else 0.1 * z))
    prime = staticmethod(numba.njit(lambda z: 1.0 if z > 0.0 else 0.1))


def test_functions_that_their_user_has_compiled_are_taken_as_they_are():
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        nets = [trained(m, Jitted, activation=JittedLeaky) for m in (network2, reference)]
        assert only_python([JittedLeaky], np.float64) == []
    assert_same_networks(*nets)
    data = digits(30, 8, 3, seed=1)
    wanted = nets[1].total_cost(data, 0.0)
    assert nets[0].total_cost(data, 0.0) == pytest.approx(wanted, rel=1e-12)


@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="nothing is compiled then")
def test_functions_that_their_user_has_compiled_are_told_from_plain_ones():
    plain = cost_of(delta=Jitted.delta.py_func)
    assert kernel_cost(plain, np.float64).delta != kernel_cost(Jitted, np.float64).delta


def test_functions_that_call_themselves_have_a_digest():
    assert definition_of(Jitted).digest == definition_of(Jitted).digest


# The settings of Numba --------------------------------------------------------------------------

JIT_SWITCHED_OFF = """
import sys
sys.path[:0] = {support!r}
import numba
import fastnn
numba.config.DISABLE_JIT = 1
from builders import digits, seeded_network
from fastnn import network2

class Cost:
    fn = staticmethod(lambda a, y: {factor} * ((a - y) ** 2).sum())
    delta = staticmethod(lambda z, a, y: {factor} * (a - y))

class Leaky:
    fn = staticmethod(lambda z: z if z > 0.0 else {factor} * z)
    prime = staticmethod(lambda z: 1.0 if z > 0.0 else {factor})

net = seeded_network(network2, [8, 5, 3], Cost, activation=Leaky)
history = net.SGD(digits(40, 8, 3, seed=2), 1, 7, 0.5, monitor_training_cost=True, verbose=False)
print(len(history.training_cost), numba.config.DISABLE_JIT)
"""


def test_switching_the_compiler_off_after_the_import_changes_nothing():
    code = JIT_SWITCHED_OFF.format(
        support=[str(ROOT / "tests" / "support")],
        factor=uuid.uuid4().int / 2**128,  # nobody has compiled that before
    )
    printed = run_python(code, folders=[ROOT], NUMBA_DISABLE_JIT="0")
    assert printed.split() == ["1", "1"]
