"""What Numba computes otherwise than NumPy, by types or origins of values, runs in Python."""

from __future__ import annotations

import numba
import numpy as np
import pytest
from own_functions import call_cost, call_row

from fastnn import network2
from fastnn.kernels.own import is_own
from fastnn.model.activations import only_python, own_activations
from fastnn.model.costs import kernel_cost

pytestmark = pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="nothing is compiled then")

A, Y = np.array([[0.75], [0.25], [0.5]]), np.array([[0.0], [1.0], [0.0]])
WEIGHTS = (1.0, 2.0, 3.0)
SMALL = np.float32(0.1)


def cost_of(fn):
    class Given:
        pass

    Given.fn, Given.delta = staticmethod(fn), staticmethod(lambda z, a, y: a - y)
    return Given


def activation_of(fn):
    class Given:
        pass

    Given.fn, Given.prime = staticmethod(fn), staticmethod(lambda z: 1.0)
    return Given


def assert_left_to_python(fn, why):
    with pytest.warns(RuntimeWarning, match=why):
        assert kernel_cost(cost_of(fn), np.float64).fn is None


def assert_compiled(fn):
    compiled = kernel_cost(cost_of(fn), np.float64).fn
    assert is_own(compiled)
    with np.errstate(all="ignore"):
        assert call_cost(compiled, A.copy(), Y) == pytest.approx(float(fn(A.copy(), Y)), rel=1e-12)


# Arrays that are changed in place -----------------------------------------------------------------


def divided_by_its_first(a, y):
    e = a.copy()
    e /= e[0]
    return np.sum(e)


def summed_along(a, y):
    e = a - y
    e[1:] += e[:-1]
    return np.sum(e * e)


def with_its_reverse(a, y):
    e = a - y
    e += e[::-1]
    return np.sum(e * e)


def with_its_transpose(a, y):
    m = np.outer(a, y)
    m += m.T
    return m[0, 1]


def by_an_output(a, y):
    e = a - y
    np.add(e[1:], e[:-1], e[1:])
    return np.sum(e * e)


def through_other_names(a, y):
    e = a - y
    first = e.ravel()
    rest = first[:1] if len(a) > 2 else first[1:2]
    e -= rest
    return np.sum(e * e)


def through_a_list(a, y):
    e = a - y
    parts = [e[0], e[1]]
    for part in parts:
        e *= part
    return np.sum(e)


@pytest.mark.parametrize(
    "fn",
    [
        divided_by_its_first,
        summed_along,
        with_its_reverse,
        with_its_transpose,
        by_an_output,
        through_other_names,
        through_a_list,
    ],
)
def test_an_array_that_is_changed_by_a_part_of_itself_is_left_to_python(fn):
    assert_left_to_python(fn, "changes an array by a part of itself")


def by_other_arrays(a, y):
    e = a - y
    e *= a
    e += e
    e -= np.mean(e)
    e[1:] += y[:-1]
    e[:2] *= e[0, 0]
    e /= np.sqrt(e * e + 1.0)
    np.exp(e, e)
    np.add(e, a, e)
    e -= np.array(WEIGHTS).reshape(3, 1)
    e += e.copy()[::-1]
    return np.sum(e * e)


def copied_within(a, y):
    e = a - y
    e[1:] = e[:-1]
    e[:] = e[::-1]
    return e[0, 0] + 2.0 * e[1, 0]


def on_arrays_of_its_shape(a, y):
    e = np.zeros(a.shape)
    e += a
    e -= np.full((len(a), 1), 0.5)
    rows = a.shape[0]
    weights = np.ones((rows, 1))
    weights += e
    e *= weights
    e *= np.ones(e.shape)
    room = np.empty(a.shape)
    np.subtract(a, y, room)
    flat = a.flatten()
    flat *= a.ravel()
    return np.sum(e) + np.sum(room) + np.sum(flat)


def on_slopes(a, y):
    e = network2.sigmoid(a)
    e *= a
    slopes = network2.sigmoid_prime(a)
    slopes *= a
    return np.sum(e) + np.sum(slopes)


@pytest.mark.parametrize("fn", [by_other_arrays, copied_within, on_arrays_of_its_shape, on_slopes])
def test_an_array_that_is_changed_by_others_is_compiled(fn):
    assert_compiled(fn)


# Types of numbers ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fn",
    [
        lambda a, y: 1.0 * ((a[0, 0] > 0) + (a[1, 0] > 0)),
        lambda a, y: np.sum(((a > 0.1) + (y > 0.1)) * 1.0),
        lambda a, y: np.sum((a > 0.3) - (y > 0.3)),
        lambda a, y: np.sum(-(a > 0.3)),
        lambda a, y: np.sum(y.astype(np.uint8) - 1),
        lambda a, y: np.sum((y.astype(np.int8) + 1) * 100),
        lambda a, y: np.sum(np.sign(a).astype(np.int8) * np.int8(100) * np.int8(2) / 300.0),
        lambda a, y: np.sum(np.arange(3, dtype=np.int32) * np.int32(2**30) * a[0, 0]),
        lambda a, y: np.sum((a - y).astype(np.float32) * 0.3),
        lambda a, y: np.float32(a[0, 0]) / 3.0,
    ],
)
def test_numbers_of_another_type_than_in_numpy_are_left_to_python(fn):
    assert_left_to_python(fn, r"in NumPy (bool|u?int8|float32|an error)|in 64 bits")


def counted(a, y):
    wrong = 0
    for k in range(len(a)):
        wrong += a[k, 0] > y[k, 0]
    return float(wrong)


@pytest.mark.parametrize(
    "fn",
    [
        counted,
        lambda a, y: np.sum((a > 0.3) * a + 2 * (a > 0.3) - (y > 0.3) * (a > 0.1)),
        lambda a, y: np.mean((a > 0.3) != (y > 0.3)) + np.sum(~(a > 0.5) | (y > 0.5)),
        lambda a, y: np.argmax(a) != np.argmax(y),
        lambda a, y: np.sum((a > 0.3).astype(np.float64) + (y > 0.3).astype(np.float64)),
        lambda a, y: np.sum(np.arange(3).reshape(3, 1) // 2 * (a - y)) / len(a),
        lambda a, y: np.sum((a - y) * np.float32(0.5)),
        lambda a, y: a[0, 0] * np.float32(0.5),
    ],
)
def test_numbers_of_numpys_types_are_compiled(fn):
    assert_compiled(fn)


def test_costs_of_float32_networks_are_compiled():
    cost = kernel_cost(cost_of(lambda a, y: 0.5 * np.sum((a - y) ** 2) / len(a)), np.float32)
    assert is_own(cost.fn)


@pytest.mark.parametrize(
    "fn", [lambda z: z * SMALL, lambda z: np.float32(z) * 0.3, lambda z: z * np.float32(0.1)]
)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_an_activation_that_numpy_rounds_to_float32_is_left_to_python(fn, dtype):
    with pytest.warns(RuntimeWarning, match="in NumPy float32"):
        assert only_python([activation_of(fn)], dtype) == ["Given"]


@pytest.mark.filterwarnings("ignore:prime of the activation")
@pytest.mark.parametrize(
    "fn",
    [
        lambda z: z * (z > 0) + 0.1 * z * (z <= 0),
        lambda z: 0.5 * ((z > 0) + (z > 1)),
        lambda z: z if isinstance(z, float) else 0.0,
    ],
)
def test_numbers_of_python_are_compiled_as_such(fn):
    z = np.array([-1.5, 0.5, 2.0])
    table = own_activations([activation_of(fn)], np.float64)
    a, _ = call_row(table.custom, 0, z)
    np.testing.assert_allclose(a, [fn(float(number)) for number in z], rtol=1e-15)


@pytest.mark.parametrize(
    "fn",
    [
        lambda z: z if isinstance(z, np.float64) else 2.0 * z,
        lambda z: z if isinstance(z, (int, float)) else 2.0 * z,
        lambda z: 2.0 * z if hasattr(z, "dtype") else z,
    ],
)
def test_questions_for_the_class_of_a_number_are_left_to_python(fn):
    with pytest.warns(RuntimeWarning, match="Numba's numbers are of other classes"):
        assert only_python([activation_of(fn)], np.float64) == ["Given"]


# Order and masks ----------------------------------------------------------------------------------


def telling(a, y):
    print("cost", a[0, 0])
    return 0.5


@pytest.mark.parametrize(
    ("fn", "why"),
    [
        (lambda a, y: np.argsort(y.ravel())[0], "np.argsort puts equal numbers"),
        (lambda a, y: y.ravel().argsort()[0], 'np.argsort puts .*, but not by kind="mergesort"'),
        (lambda a, y: np.argpartition(y.ravel(), 1)[0], r"np.argpartition puts .* order\)"),
        (lambda a, y: np.sum(np.isclose(a, y + 0.5)), "np.isclose of two arrays"),
        (telling, "it prints"),
        (lambda a, y: np.sum(a.ravel()[np.array([True])]), "mask whose length"),
        (lambda a, y: np.sum(a[np.array([True]), 0]), "mask whose length"),
    ],
)
def test_what_comes_in_another_order_or_is_not_checked_is_left_to_python(fn, why):
    assert_left_to_python(fn, why)


@pytest.mark.parametrize(
    "fn",
    [
        lambda a, y: np.argsort(y.ravel(), kind="mergesort")[0],
        lambda a, y: y.ravel().argsort(kind="mergesort")[0],
        lambda a, y: np.sort(a.ravel())[0],
        lambda a, y: np.sum(np.isclose(a, 0.5)),
        lambda a, y: np.sum(a[y[:, 0] == 1]),
        lambda a, y: np.sum(a[(y == 1).ravel()]),
        lambda a, y: np.sum(a.ravel()[np.logical_not((y > 0.5) & (a > 0.1)).ravel()]),
    ],
)
def test_a_stable_order_and_masks_of_arrays_are_compiled(fn):
    assert_compiled(fn)


# Arguments ----------------------------------------------------------------------------------------


def weighted_by_default(a, y, gamma=2.0, weights=(1.0, 2.0, 3.0), sign=1):
    return sign * sum([weights[j] * abs(a[j, 0] - y[j, 0]) ** gamma for j in range(3)])


def test_default_values_are_arguments_too():
    assert_compiled(weighted_by_default)


def test_another_default_value_counts_from_then_on():
    def power(a, y, gamma=1.0):
        return np.sum((a - y) ** gamma)

    assert_compiled(power)
    power.__defaults__ = (3.0,)
    assert_compiled(power)


def test_an_activation_of_a_loop_may_keep_its_value_in_a_default():
    def made(slope):
        return activation_of(lambda z, slope=slope: max(slope * z, z))

    with pytest.warns(RuntimeWarning, match="prime of the activation"):
        tables = [own_activations([made(slope)], np.float64) for slope in (0.25, 0.5)]
    ends = [call_row(table.custom, 0, np.array([-2.0, 2.0]))[0].tolist() for table in tables]
    assert ends == [[-0.5, 2.0], [-1.0, 2.0]]
