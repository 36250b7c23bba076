"""Sums in a fixed order, in float64: the same bits on every CPU, whatever NumPy and BLAS do."""

from __future__ import annotations

import numpy as np

from .compiling import ZERO, helper, kernel
from .panels import NARROW
from .simd import element, fma, load, pointer, put, store, widen, zeros


@kernel
def sum_of_squares(values, lanes):
    """Sum v^2 over a contiguous array of shape (n,), float32 or float64.

    `lanes` is room for 16 float64. Whole vectors of 16 come first, then the rest one by one.
    """
    return all_squares(pointer(values), values.size, pointer(lanes))


@helper
def all_squares(at, count, room):
    """Sum the squares of any number of numbers, as `sum_of_squares` does."""
    whole = count - count % NARROW
    total = squares_of(at, whole, room)
    for k in range(whole, count):
        put(room, ZERO, element(at, k))  # which widens it
        value = element(room, ZERO)
        total += value * value
    return total


@helper
def squares_of(values, count, lanes):
    """Sum the squares of the first numbers; `count` is a multiple of 16."""
    sum0 = sum1 = zeros(lanes, NARROW)
    k = 0
    while k + 2 * NARROW <= count:  # two chains, which hide each other's latency
        value0 = widen(load(zeros(values, NARROW), values, k))
        value1 = widen(load(zeros(values, NARROW), values, k + NARROW))
        sum0, sum1 = fma(value0, value0, sum0), fma(value1, value1, sum1)
        k += 2 * NARROW
    if k < count:
        value0 = widen(load(zeros(values, NARROW), values, k))
        sum0 = fma(value0, value0, sum0)
    return sum_lanes(sum0 + sum1, lanes)


@helper
def sum_lanes(vector, lanes):
    """Sum 16 lanes, from the first on; `lanes` is room for them."""
    store(lanes, 0, vector)
    total = 0.0
    for j in range(NARROW):
        total += element(lanes, j)
    return total


def norm(array: np.ndarray) -> float:
    """The Euclidean norm of all numbers of an array, from their sum of squares."""
    flat = np.ascontiguousarray(array).reshape(-1)
    return float(np.sqrt(sum_of_squares(flat, np.zeros(NARROW))))
