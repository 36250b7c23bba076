"""Kernels of single calls read and write the user's arrays, and not one number beyond them."""

from __future__ import annotations

import numpy as np
import pytest

from fastnn.kernels import single, single_layers
from fastnn.kernels.activations import CODES
from fastnn.kernels.costs import CODES as COSTS
from fastnn.kernels.layout import padded

pytestmark = pytest.mark.compiled

GUARD = 7.5


def guarded(shape, dtype, seed=None):
    """An array between numbers that must stay as they are; returns it and the memory around it."""
    count = int(np.prod(shape))
    memory = np.full(count + 64, GUARD, dtype)
    inside = memory[32 : 32 + count]
    if seed is not None:
        inside[:] = np.random.default_rng(seed).standard_normal(count)
    return inside.reshape(shape), memory


def tell(table, w, b):
    """Write to a table of one layer where its arrays are."""
    places = np.zeros((1, single_layers.PLACES), np.int64)
    single.place(places, 0, w, b, id(w), id(b))
    table[:, : single_layers.PLACES] = places


def one_layer(fan_in, fan_out, dtype, activation="sigmoid"):
    """A table and a scratch for one example."""
    w, around_w = guarded((fan_out, fan_in), dtype, 1)
    b, around_b = guarded((fan_out, 1), dtype, 2)
    table = np.zeros((1, single_layers.COLUMNS), np.int64)
    row, inputs = table[0], single_layers.ROOM + padded(fan_in) + 32
    row[single_layers.COPY] = single_layers.ROOM
    tell(table, w, b)
    row[single_layers.FAN_IN], row[single_layers.FAN_OUT] = fan_in, fan_out
    row[single_layers.CODE], row[single_layers.INPUTS] = CODES[activation], inputs
    row[single_layers.OUTPUTS] = inputs + padded(fan_in)
    row[single_layers.ERRORS] = row[single_layers.OUTPUTS] + padded(fan_out)
    targets = int(row[single_layers.ERRORS]) + padded(fan_out)
    scratch = np.zeros(targets + padded(fan_out), dtype)
    return w, b, (around_w, around_b), table, scratch, targets


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("fan_out", [1, 10, 16, 17])
@pytest.mark.parametrize("fan_in", [1, 15, 16, 17, 31, 33, 48, 49])
def test_a_layer_reads_and_writes_its_arrays_and_nothing_beyond(fan_in, fan_out, dtype):
    w, b, around, table, scratch, targets = one_layer(fan_in, fan_out, dtype)
    for memory in around:  # what a dot takes in from beyond would make it no number
        memory[memory == GUARD] = np.nan
    x, _ = guarded((fan_in, 1), dtype, 3)
    y, _ = guarded((fan_out, 1), np.float64, 4)
    new_w, around_w = guarded(w.shape, dtype)
    new_b, around_b = guarded(b.shape, dtype)
    out, around_out = guarded(b.shape, dtype)
    places = np.zeros((1, single_layers.PLACES), np.int64)
    single.place(places, 0, new_w, new_b, id(new_w), id(new_b))
    assert single.take_pair(table, scratch, 0, x, y, targets)
    limit = 1e-13 if dtype == np.float64 else 1e-5

    assert single.output(table, scratch, x, out)
    wanted = 1 / (1 + np.exp(-(w.astype(float) @ x + b)))
    np.testing.assert_allclose(out, wanted, rtol=limit)

    cost = COSTS["CrossEntropyCost"]
    assert single.gradient(table, scratch, x, y, targets, cost, places)
    delta = wanted - y
    np.testing.assert_allclose(new_b, delta, rtol=limit, atol=limit)
    np.testing.assert_allclose(new_w, delta @ x.T, rtol=limit, atol=limit)

    assert single.descend(table, scratch, 1, targets, cost, single_layers.Step(0.9, 0.5), places)
    np.testing.assert_allclose(new_b, b - 0.5 * delta, rtol=limit, atol=limit)
    np.testing.assert_allclose(new_w, 0.9 * w - 0.5 * delta @ x.T, rtol=limit, atol=limit)

    for memory in (around_w, around_b, around_out):
        assert (memory[:32] == GUARD).all() and (memory[-32:] == GUARD).all()


def starting_at(numbers, past, around):
    """The same array `past` numbers after the start of a cache line, between others."""
    line = 64 // numbers.itemsize
    memory = np.full(numbers.size + 6 * line, around, numbers.dtype)
    start = (-memory.ctypes.data % 64) // numbers.itemsize + 2 * line + past
    inside = memory[start : start + numbers.size].reshape(numbers.shape)
    inside[:] = numbers
    return inside, memory


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("fan_in", [64, 72, 80, 88, 104, 112, 128, 784])
def test_bits_do_not_depend_on_where_arrays_start_in_a_line(fan_in, dtype):
    w, b, _, table, scratch, targets = one_layer(fan_in, 5, dtype)
    x, y = np.random.default_rng(fan_in).standard_normal((fan_in, 1)), np.ones((5, 1))
    places, results = np.zeros((1, single_layers.PLACES), np.int64), []
    for past in range(64 // w.itemsize):
        moved, _ = starting_at(w, past, np.nan)
        new_w, memory = starting_at(w, past, GUARD)
        new_b, out = np.empty((5, 1), dtype), np.empty((5, 1), dtype)
        tell(table, moved, b)
        single.place(places, 0, new_w, new_b, id(new_w), id(new_b))
        assert single.output(table, scratch, x, out)
        assert single.gradient(table, scratch, x, y, targets, COSTS["CrossEntropyCost"], places)
        results.append([array.tobytes() for array in (out, new_b, new_w)])
        assert (memory == GUARD).sum() == memory.size - new_w.size
        np.testing.assert_array_equal(new_w, new_b * x.T.astype(dtype))
    assert all(result == results[0] for result in results)


def test_examples_that_do_not_fit_are_not_taken():
    *_, table, scratch, targets = one_layer(4, 3, np.float64)
    x, y = np.ones((4, 1)), np.ones((3, 1))
    nan, infinite = x.copy(), y.copy()
    nan[2], infinite[1] = np.nan, -np.inf
    out, places = y.copy(), np.zeros((1, single_layers.PLACES), np.int64)
    assert single.output(table, scratch, x, out)
    assert not single.output(table, scratch, x[:3], out)
    assert not single.output(table, scratch, nan, out)
    for pair in ((x, y[:2]), (x, infinite), (nan, y), (x, 3), (x, -1)):
        assert not single.take_pair(table, scratch, 0, *pair, targets)
        assert not single.gradient(table, scratch, *pair, targets, 0, places)
    assert single.take_pair(table, scratch, 0, x, 2, targets)
    assert scratch[targets : targets + 3].tolist() == [0, 0, 1]


def test_outputs_that_are_not_finite_are_told():
    w, *_, table, scratch, targets = one_layer(4, 3, np.float64, "identity")
    x, out = np.ones((4, 1)), np.empty((3, 1))
    assert single.output(table, scratch, x, out)
    w[1, 1] = np.inf
    assert not single.output(table, scratch, x, out)
    assert single.take_pair(table, scratch, 0, x, 1, targets)
    assert single.count_right(table, scratch, 1, targets) == -1
    assert np.isnan(single.mean_cost(table, scratch, 1, targets, 1, 0.0, np.zeros(32)))


def test_padding_of_one_example_does_not_reach_the_next():
    """A long list after a short one finds in the padding what the last call left there."""
    *_, table, scratch, targets = one_layer(5, 3, np.float64)
    scratch[:] = 1e3
    x, y, terms = np.ones((5, 1)), np.ones((3, 1)), np.zeros(32)
    single.take_pair(table, scratch, 0, x, y, targets)
    first = single.mean_cost(table, scratch, 1, targets, 0, 0.5, terms)
    scratch[:] = 0.0
    single.take_pair(table, scratch, 0, x, y, targets)
    assert single.mean_cost(table, scratch, 1, targets, 0, 0.5, terms) == first
