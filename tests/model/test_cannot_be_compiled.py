"""What says that own code cannot be compiled: Numba alone, once, and to the line of the user."""

from __future__ import annotations

import re
import signal
import uuid
import warnings

import numba
import numpy as np
import pytest
from builders import assert_close, digits, parameters, seed_generators, seeded_network

from fastnn import network2, reference
from fastnn.kernels import own
from fastnn.kernels.own import is_own
from fastnn.model.activations import only_python, own_activations
from fastnn.model.costs import kernel_cost

pytestmark = pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="nothing is compiled then")


def new_factor():
    """A number that is in no code that was compiled before, in any process."""
    return uuid.uuid4().int / 2**128


def new_cost():
    factor = new_factor()

    class Scaled:
        fn = staticmethod(lambda a, y: factor * np.sum((a - y) ** 2))
        delta = staticmethod(lambda z, a, y: factor * (a - y))

    return Scaled


class StopError(Exception):
    """What a handler of a signal raises."""


def interrupted_once(monkeypatch, interrupt):
    """Let `interrupt` be called within the next compilation; list all compilations."""
    compile_it, calls = own.compiled_part, []

    def compiled_part(*arguments):
        calls.append(1)
        if len(calls) == 1:
            interrupt()
        return compile_it(*arguments)

    monkeypatch.setattr(own, "compiled_part", compiled_part)
    return calls


@pytest.mark.parametrize("error", [TimeoutError, MemoryError, StopError])
def test_what_is_raised_while_numba_works_says_nothing_of_the_code(error, monkeypatch):
    def interrupt():
        raise error("meanwhile")

    cost = new_cost()
    interrupted_once(monkeypatch, interrupt)
    with pytest.raises(error, match="meanwhile"):
        kernel_cost(cost, np.float64)
    assert all(map(is_own, kernel_cost(cost, np.float64)))


def test_it_says_nothing_of_an_activation_either(monkeypatch):
    def interrupt():
        raise TimeoutError("meanwhile")

    slope = new_factor()

    class Steep:
        fn = staticmethod(lambda z: slope * z)
        prime = staticmethod(lambda z: slope)

    interrupted_once(monkeypatch, interrupt)
    with pytest.raises(TimeoutError, match="meanwhile"):
        own_activations([Steep], np.float64)
    assert len(own_activations([Steep], np.float64).table) == 1


def test_a_signal_is_heard_after_the_compilation_which_is_kept(monkeypatch):
    def raising(*_):
        raise StopError

    cost = new_cost()
    calls = interrupted_once(monkeypatch, lambda: signal.raise_signal(signal.SIGINT))
    before = signal.signal(signal.SIGINT, raising)
    try:
        with pytest.raises(StopError):
            kernel_cost(cost, np.float64)
    finally:
        signal.signal(signal.SIGINT, before)
    assert all(map(is_own, kernel_cost(cost, np.float64)))
    assert len(calls) == 2  # fn and delta, each once


class Sorting:
    @staticmethod
    def fn(a, y):
        return np.sum((a - y) ** 2)

    @staticmethod
    def delta(z, a, y):
        order = np.sort(a, axis=0)
        return order - y


class Hexadecimal:
    fn = staticmethod(lambda z: float.fromhex(z.hex()))
    prime = staticmethod(lambda z: 1.0)


class OfArrays:
    fn = staticmethod(lambda z: max(z, 0.0))
    prime = staticmethod(lambda z: np.where(z > 0.0, 1.0, 0.0))


class Pairing:
    fn = staticmethod(lambda a, y: np.sum((a - y) ** 2))
    delta = staticmethod(lambda z, a, y: (a[0, 0], y[0, 0]))


class Masking:
    fn = staticmethod(lambda a, y: np.sum(a[a > y]))
    delta = staticmethod(lambda z, a, y: a - y)


class Formatting:
    fn = staticmethod(lambda a, y: np.sum((a - y) ** 2))

    @staticmethod
    def delta(z, a, y):
        if a.max() > 2:
            print(f"large: {a.max():.2f}")
        return a - y


class Unpacking:
    fn = staticmethod(lambda a, y: np.sum((a - y) ** 2))

    @staticmethod
    def delta(z, a, y):
        *_, last = a, y
        return a - last


class Complaining:
    @staticmethod
    def fn(z):
        if z > 1e6:
            raise ValueError(f"too large: {z:.2f}")
        return z

    prime = staticmethod(lambda z: 1.0)


@pytest.mark.parametrize(
    "options", [{"cost": Formatting}, {"cost": Unpacking}, {"activation": Complaining}], ids=str
)
def test_code_of_any_syntax_trains_at_numpy_speed(options):
    data = digits(20, 4, 3, seed=1)
    oracle, net = (seeded_network(each, [4, 5, 3], **options) for each in (reference, network2))
    seed_generators(2)
    oracle.SGD(list(data), 2, 5, 0.5)
    seed_generators(2)
    with pytest.warns(RuntimeWarning, match="NumPy speed"):
        net.SGD(list(data), 2, 5, 0.5, verbose=False)
    assert_close(parameters(net), parameters(oracle))


@pytest.mark.parametrize(
    ("ask", "written", "reason"),
    [
        (only_python, [OfArrays], "fn returns float64, prime returns a 0-d array of float64"),
        (kernel_cost, Pairing, r"delta returns UniTuple\(float64 x 2\)"),
        (kernel_cost, Masking, "Numba cannot compile it, and says only AssertionError"),
    ],
)
def test_a_reason_names_no_line_of_somebody_elses(ask, written, reason):
    with pytest.warns(RuntimeWarning, match=rf"\({reason}\)"):
        ask(written, np.float64)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"cost": Sorting}, r"line \d+: no implementation of sort\(array\(float64, 2d, C\), axis="),
        ({"activation": Hexadecimal}, r"line \d+: Unknown attribute 'fromhex'"),
    ],
)
def test_a_warning_names_what_cannot_be_compiled_at_the_line_that_calls(options, reason):
    net = seeded_network(network2, [4, 5, 3], **options)
    data = digits(20, 4, 3, seed=1)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        net.SGD(data, 1, 5, 0.5, verbose=False)
    (warning,) = caught
    assert warning.filename == __file__
    assert re.search(reason, str(warning.message))


def squashed(z):
    return z / (1 + np.abs(z))


def by_helper(helper):
    """Return an activation and a cost that call a function of this file, or what is made of it."""

    class Squashing:
        fn = staticmethod(lambda z: helper(z))
        prime = staticmethod(lambda z: (1 - abs(helper(z))) ** 2)

    class Measuring:
        fn = staticmethod(lambda a, y: np.sum(helper(a - y)))
        delta = staticmethod(lambda z, a, y: a - y)

    return Squashing, Measuring


def test_a_warning_says_how_a_helper_function_is_compiled():
    activation, cost = by_helper(squashed)
    reason = r"line \d+: it calls helper, which is not compiled: decorate it with numba\.njit"
    with pytest.warns(RuntimeWarning, match=rf"^activation Squashing .*\({reason}\)"):
        only_python([activation], np.float64)
    with pytest.warns(RuntimeWarning, match=rf"^cost Measuring .*\({reason}\)"):
        kernel_cost(cost, np.float64)


def test_a_helper_function_is_compiled_as_that_warning_says():
    activation, cost = by_helper(numba.njit(squashed))
    assert only_python([activation], np.float64) == []
    assert all(map(is_own, kernel_cost(cost, np.float64)))
