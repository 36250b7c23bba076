"""What users' functions read: all of it tells them apart, some of it forbids to compile."""

from __future__ import annotations

import functools
import math
import random
import types
from collections import namedtuple
from contextlib import nullcontext
from typing import NamedTuple

import numba
import numpy as np
import pytest
from numba.extending import overload, register_jitable

from fastnn.model.own_code import digest_of
from fastnn.model.what_is_read import OnlyPythonError, reading_of

needs_the_compiler = pytest.mark.skipif(
    bool(numba.config.DISABLE_JIT), reason="numba.njit does nothing then"
)

STRENGTH = 1.0
TABLE = np.array([0.5, 1.0])


class Scaled:
    fn = staticmethod(lambda a, y: a - y)


@numba.njit
def helper(a):
    return a * 2.0


@pytest.mark.parametrize(
    "function",
    [
        lambda a, y: np.sum((a - y) ** 2),
        lambda a, y: math.sqrt(abs(y)) + max(a, y),
        lambda a, y: STRENGTH * helper(a),
        lambda a, y: [STRENGTH * x for x in a],
    ],
)
def test_plain_functions_are_described_by_what_they_read(function):
    assert reading_of(function).read == reading_of(function).read


@pytest.mark.parametrize(
    ("function", "what"),
    [
        (lambda a, y: random.random(), "random"),
        (lambda a, y: np.random.rand(), "np.random"),
        (lambda a, y: TABLE[0] * a, "TABLE"),
        (lambda a, y: Scaled.fn(a, y), "Scaled"),
        (lambda a, y: missing_name * a, "missing_name"),  # noqa: F821 - no such name
        (len, "len"),
    ],
)
def test_what_must_not_be_compiled_in_is_named(function, what):
    with pytest.raises(OnlyPythonError, match=what.replace(".", r"\.")):
        reading_of(function)


def test_values_that_are_equal_but_of_other_types_are_told_apart():
    def reading(value):
        return reading_of(lambda a, y: value * a).read

    assert len({reading(1), reading(1.0), reading(True)}) == 3
    assert reading(-0.0) != reading(0.0)


# Digests, by which later processes know what has been compiled ------------------------------------

NAMES = "import numba, numpy as np\nfrom numba.extending import overload, register_jitable\n"


def digest(source, module="of_a_user", **names):
    """The digest of `f` in a new module with this source."""
    made = types.ModuleType(module)
    vars(made).update(names)
    exec(NAMES + source, vars(made))
    return digest_of(reading_of(made.f).read)


HELPER = "@{}\ndef h(x): return {} * x"
OVERLOAD = """
def h(x): return x
@overload(h)
def _h(x):
    return lambda x: {} * x
"""
F = "\ndef f(a, y): return h(a)"


@needs_the_compiler
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (HELPER.format("register_jitable", 2), HELPER.format("register_jitable", 3)),
        (OVERLOAD.format(2), OVERLOAD.format(3)),
        ("K = 2" + OVERLOAD.format("K"), "K = 3" + OVERLOAD.format("K")),
        (HELPER.format("numba.njit('f8(f8)')", 2), HELPER.format("numba.njit('f4(f4)')", 2)),
        (HELPER.format("numba.njit('f8(f8)')", 2), HELPER.format("numba.njit('f4(f8)')", 2)),
        (HELPER.format("numba.njit", 2), HELPER.format("numba.njit(locals={'x': numba.f4})", 2)),
        (HELPER.format("numba.njit", 2), HELPER.format("numba.njit(fastmath=True)", 2)),
        ("from math import floor as h", "from numpy import floor as h"),
        ("from math import pow as h", "h = pow"),
    ],
)
def test_an_edit_of_what_is_called_gives_another_digest(before, after):
    assert digest(before + F) == digest(before + F) != digest(after + F)


@needs_the_compiler
def test_a_function_that_its_user_compiles_has_the_digest_of_no_other():
    ways = ("", "@numba.njit", "@numba.njit(fastmath=True)")
    sources = [f"{how}\ndef f(a, y): return a" for how in ways]
    assert len(set(map(digest, sources))) == 3


def test_a_helper_in_a_module_that_is_called_like_numpy_is_no_part_of_numpy():
    def digest_with(factor):
        extras = types.ModuleType("numpy_extras")
        exec(NAMES + HELPER.format("numba.njit", factor), vars(extras))
        return digest(F, h=extras.h)

    assert digest_with(2) == digest_with(2) != digest_with(3)


def test_a_helper_that_is_adorned_as_a_function_of_numpy_is_no_part_of_numpy():
    def digest_with(factor):
        def h(x):
            return factor * x

        return digest(F, h=numba.njit(functools.wraps(np.mean)(h)))

    assert digest_with(2) == digest_with(2) != digest_with(3)


def test_named_tuples_are_told_apart_by_their_fields():
    def digest_with(fields):
        return digest("def f(a, y): return a * c.low", c=namedtuple("C", fields)(0.1, 0.9))

    assert digest_with("low high") == digest_with("low high") != digest_with("high low")


def test_what_a_user_puts_into_numpy_counts_by_its_value(monkeypatch):
    def digest_with(alpha):
        monkeypatch.setattr(np, "my_alpha", alpha, raising=False)
        return digest("def f(a, y): return np.my_alpha * a")

    assert digest_with(0.25) == digest_with(0.25) != digest_with(0.5)
    monkeypatch.setattr(np.linalg, "mine", numba.njit(lambda x: x), raising=False)
    one = digest("def f(a, y): return np.linalg.mine(a)")
    monkeypatch.setattr(np.linalg, "mine", numba.njit(lambda x: 2 * x), raising=False)
    assert digest("def f(a, y): return np.linalg.mine(a)") != one


class Deceiving(float):
    def __repr__(self):
        return "1.0"


class Weighted(NamedTuple):
    """A named tuple of a class, with a default."""

    low: float
    high: float = 0.9


class Longer(NamedTuple):
    low: float

    def __len__(self):
        return 7


def test_named_tuples_may_be_written_as_classes():
    weights = Weighted(0.1)
    assert reading_of(lambda a, y: a * weights.low).lasts


@pytest.mark.parametrize(
    "value", [Deceiving(2.0), type("Pair", (tuple,), {})((1.0, 2.0)), Longer(0.1)]
)
def test_values_of_classes_that_may_do_anything_are_left_to_python(value):
    with pytest.raises(OnlyPythonError, match="value"):
        reading_of(lambda a, y: a * value)


# Exceptions -----------------------------------------------------------------------------------


def handling(a, y):
    try:
        return math.log(a)
    except ValueError:
        return 1.0


def handling_within(a, y):
    def log(x):
        try:
            return math.log(x)
        except Exception:
            return 1.0

    return log(a)


def ending(a, y):
    try:
        return math.log(a)
    finally:
        a = 0.0


def handled_by_a_helper(a, y):
    return handling(a, y)


@pytest.mark.parametrize("function", [handling, handling_within, ending, handled_by_a_helper])
def test_code_that_handles_exceptions_is_left_to_python(function):
    with pytest.raises(OnlyPythonError, match="it has try"):
        reading_of(function)


def entering(a, y):
    with nullcontext():
        return [x for x in a]


@numba.njit
def handling_in_numba(a):
    try:
        return math.log(a)
    except Exception:
        return 1.0


def test_with_and_comprehensions_are_no_try():
    with pytest.raises(OnlyPythonError, match="it reads nullcontext"):
        reading_of(entering)


@needs_the_compiler
def test_what_its_user_compiles_may_handle_exceptions_as_numba_does():
    assert reading_of(lambda a, y: handling_in_numba(a)).lasts


@pytest.mark.parametrize(
    "function",
    [
        lambda a, y: (np, a)[1],
        lambda a, y: getattr(np, "random").rand() * a,  # noqa: B009 - a name in a text
        lambda a, y, r=np: r.random.rand() * a,
        lambda a, y: np.linalg,
    ],
)
def test_modules_that_are_read_whole_are_left_to_python(function):
    with pytest.raises(OnlyPythonError, match=r"it reads (np|r|a default)"):
        reading_of(function)


def test_the_parts_of_numpy_may_be_read():
    def norm(a, y):
        return np.linalg.norm(a - y) * np.pi + np.float64(2) + math.e

    assert reading_of(norm).lasts


@numba.njit
def even(n):
    return True if n == 0 else odd(n - 1)


@numba.njit
def odd(n):
    return False if n == 0 else even(n - 1)


def test_functions_that_call_each_other_are_described_once():
    assert reading_of(even).read == reading_of(even).read != reading_of(odd).read


def test_what_numba_compiles_in_the_place_of_a_function_may_read_anything_for_one_process():
    limits = [2.0]

    def h(x):
        return x

    @overload(h)
    def _h(x):
        limit = limits[0]
        return lambda x: min(x, limit)

    def f(a, y):
        return h(a)

    assert not reading_of(f).lasts
    assert reading_of(f).read == reading_of(f).read


@numba.njit
def innermost(x):
    return STRENGTH * x


@register_jitable
def between(x):
    return innermost(x)


@numba.njit
def outermost(x):
    return between(x) + innermost(x)


@needs_the_compiler
def test_functions_that_numba_may_have_compiled_are_listed_innermost_first():
    reading = reading_of(lambda a, y: outermost(a))
    jitted = [function for function, _ in reading.jitted]
    assert jitted.index(innermost) < jitted.index(outermost)
    assert set(jitted) == {innermost, outermost}
    assert reading.overloaded == [between]
