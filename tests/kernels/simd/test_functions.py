"""exp, log and the sigmoid on vector registers, against values of higher precision."""

from __future__ import annotations

import functools

import numba
import numpy as np
import pytest

from fastnn.kernels.simd import load, store, zeros
from fastnn.kernels.simd.functions import exp, log, root, sigmoid

needs_long_double = pytest.mark.skipif(
    np.finfo(np.longdouble).nmant <= np.finfo(np.float64).nmant,
    reason="nothing here is more precise than float64",
)


@functools.cache
def on_arrays(function):
    """Compile a function of vectors for arrays of a multiple of 16 elements."""

    @numba.njit
    def apply(x, out):
        for k in range(0, x.size, 16):
            store(out, k, function(load(zeros(x, 16), x, k)))

    return apply


def evaluate(function, values, dtype=np.float64):
    values = np.asarray(values, dtype)
    x = np.resize(values, -(-values.size // 16) * 16)
    out = np.empty_like(x)
    with np.errstate(all="ignore"):  # with the JIT off these are NumPy's operations
        on_arrays(function)(x, out)
    return out[: values.size]


def assert_within(ulps, got, exact):
    """Compare with values of higher precision, in units in the last place of the exact one."""
    spacing = np.spacing(np.abs(exact).astype(got.dtype)).astype(exact.dtype)
    errors = np.abs(got - exact) / spacing
    worst = int(np.argmax(errors))
    assert errors[worst] <= ulps, (worst, got[worst], exact[worst])


TINY = [5e-324, -5e-324, 1e-310, -1e-310, 1e-300, 1e-17, -1e-17, 0.0, -0.0]


@needs_long_double
def test_exp_is_within_two_ulps_in_float64():
    rng = np.random.default_rng(1)
    x = np.concatenate([rng.uniform(-708, 709.7, 50_000), rng.normal(0, 1, 50_000), TINY])
    assert_within(2, evaluate(exp, x), np.exp(x.astype(np.longdouble)))
    assert evaluate(exp, [0.0, -0.0]).tolist() == [1.0, 1.0]


def test_exp_is_within_three_ulps_in_float32():
    rng = np.random.default_rng(2)
    x = np.concatenate([rng.uniform(-86, 88.7, 50_000), rng.normal(0, 1, 50_000), [0.0, 1e-45]])
    x = x.astype(np.float32)
    assert_within(3, evaluate(exp, x, np.float32), np.exp(x.astype(np.float64)))


@pytest.mark.parametrize(
    ("dtype", "overflow", "lowest"), [(np.float64, 709.79, -708.0), (np.float32, 88.73, -86.0)]
)
def test_exp_overflows_to_infinity_stops_at_its_floor_and_keeps_nan(dtype, overflow, lowest):
    large = [overflow, overflow + 0.5, overflow + 1, 1e4, np.finfo(dtype).max, np.inf]
    assert evaluate(exp, large, dtype).tolist() == [np.inf] * 6
    small = evaluate(exp, [lowest, lowest - 1, -1e4, np.finfo(dtype).min, -np.inf], dtype)
    assert small.tolist() == [small[0]] * 5
    assert small[0] == pytest.approx(np.exp(lowest), rel=1e-6)
    assert np.isnan(evaluate(exp, [np.nan], dtype)).all()


@needs_long_double
def test_root_is_within_two_ulps_in_float64():
    rng = np.random.default_rng(3)
    spread = 10.0 ** rng.uniform(-299, 308, 50_000)
    x = np.concatenate([spread, rng.uniform(1, 4, 200_000), 2.0 ** np.arange(-990, 1023)])
    assert_within(2, evaluate(root, x), np.sqrt(x.astype(np.longdouble)))


def test_root_is_correctly_rounded_in_float32():
    x = 10.0 ** np.random.default_rng(4).uniform(-45, 38, 50_000)
    x = np.concatenate([x.astype(np.float32), np.float32([0.0, np.inf])])
    assert evaluate(root, x, np.float32).tolist() == np.sqrt(x).tolist()


def test_root_of_next_to_nothing_is_next_to_nothing_and_no_root_is_nan():
    assert evaluate(root, [0.0, 5e-324, 1e-301]).tolist() == pytest.approx([1e-150] * 3, rel=1e-15)
    assert np.isnan(evaluate(root, [np.nan])).all()
    assert np.isinf(evaluate(root, [np.inf])).all()


@needs_long_double
def test_log_is_within_two_ulps_from_subnormal_to_huge_numbers():
    rng = np.random.default_rng(3)
    steps = 1 + np.arange(-1000, 1000) * 2.0**-53  # close to 1, where the result is close to 0
    x = np.concatenate(
        [
            10 ** rng.uniform(-323, 308, 50_000),
            rng.uniform(0, 1, 50_000),
            rng.uniform(0.6, 1.5, 50_000),
            steps,
            [5e-324, 1e-310, 2.2250738585072014e-308, np.finfo(np.float64).max],
        ]
    )
    assert_within(2, evaluate(log, x), np.log(x.astype(np.longdouble)))


def test_log_of_zero_one_and_nan():
    assert evaluate(log, [0.0, 1.0]).tolist() == [-np.inf, 0.0]
    assert np.isnan(evaluate(log, [np.nan])).all()


# Three roundings: NumPy's own 1 / (1 + exp(-z)) is off by as much.
@pytest.mark.parametrize(
    ("dtype", "wider", "lowest", "ulps"),
    [
        pytest.param(np.float64, np.longdouble, -709.7, 3, marks=needs_long_double),
        (np.float32, np.float64, -88.7, 4),
    ],
    ids=["float64", "float32"],
)
def test_sigmoid_is_within_three_ulps_and_four_in_float32(dtype, wider, lowest, ulps):
    rng = np.random.default_rng(4)
    x = np.concatenate([rng.uniform(lowest, 800, 50_000), rng.normal(0, 5, 50_000), TINY])
    x = x.astype(dtype)
    got = evaluate(sigmoid, x, dtype)
    assert_within(ulps, got, 1 / (1 + np.exp(-x.astype(wider))))
    assert got.min() >= 0
    assert got.max() == 1


@pytest.mark.parametrize(("dtype", "zero_at"), [(np.float64, -709.79), (np.float32, -88.73)])
def test_sigmoid_at_its_ends_is_that_of_numpy(dtype, zero_at):
    ends = [zero_at, zero_at - 1, -1e5, -np.inf, 0.0, -0.0, 50.0, 1e5, np.inf]
    assert evaluate(sigmoid, ends, dtype).tolist() == [0, 0, 0, 0, 0.5, 0.5, 1, 1, 1]
    assert np.isnan(evaluate(sigmoid, [np.nan], dtype)).all()
