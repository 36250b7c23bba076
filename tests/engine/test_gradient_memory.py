"""The memory of gradients is used again, and never while somebody has it."""

from __future__ import annotations

import concurrent.futures
from collections import deque

import numpy as np
import pytest
from small_networks import close, every_dtype, net_for, pairs_for

from fastnn.engine import gradient_memory
from fastnn.engine.gradient_memory import MOST

pytestmark = pytest.mark.compiled

SIZES = [70, 6, 3]


@pytest.fixture(autouse=True)
def nothing_is_kept(monkeypatch):
    monkeypatch.setattr(gradient_memory, "_KEPT", deque([None, None], maxlen=2))


def net_scaled(factor):
    net = net_for(SIZES)
    for w in net.weights:
        w *= factor
    return net


def arrays_of(gradient):
    nabla_b, nabla_w = gradient
    return [*nabla_b, *nabla_w]


def addresses_of(gradient):
    return tuple(array.ctypes.data for array in arrays_of(gradient))


def test_dropped_gradients_leave_their_memory_to_the_next():
    net, pairs = net_for(SIZES), pairs_for(SIZES)
    seen = {addresses_of(net.backprop(*pair)) for pair in pairs * 5}
    assert len(seen) == 2
    net.update_mini_batch(pairs, 0.5, 0.0, 10)
    assert addresses_of(net.backprop(*pairs[0])) in seen
    assert addresses_of(net_scaled(0.5).backprop(*pairs[0])) in seen


WAYS_TO_KEEP = {
    "the arrays": lambda gradient: arrays_of(gradient),
    "a transposed view": lambda gradient: [array.T for array in arrays_of(gradient)],
    "a slice": lambda gradient: [array[1:, ...] for array in arrays_of(gradient)],
    "a view of a view": lambda gradient: [array[1:].ravel()[::-1] for array in arrays_of(gradient)],
    "a memoryview": lambda gradient: [memoryview(array) for array in arrays_of(gradient)],
    "a buffer": lambda gradient: [np.frombuffer(array) for array in arrays_of(gradient)],
}


@pytest.mark.parametrize("keep", WAYS_TO_KEEP.values(), ids=WAYS_TO_KEEP)
def test_what_a_caller_keeps_stays_as_it_was(keep):
    net, pairs = net_for(SIZES), pairs_for(SIZES)
    kept = [keep(net.backprop(*pair)) for pair in pairs[:3]]
    copies = [[np.array(view, copy=True) for view in views] for views in kept]
    for pair in pairs * 3:
        net.backprop(*pair)
    for views, before in zip(kept, copies, strict=True):
        for view, copy in zip(views, before, strict=True):
            np.testing.assert_array_equal(np.array(view), copy)


@pytest.mark.parametrize("number", range(4))
def test_one_array_that_is_kept_stays_as_it_was_and_keeps_no_other(number):
    net, pairs = net_for(SIZES), pairs_for(SIZES)
    kept = [arrays_of(net.backprop(*pair))[number] for pair in pairs]
    wanted = [arrays_of(net.backprop(*pair))[number] for pair in pairs]
    close(kept, wanted)
    assert all(array.base is None or array.base.nbytes <= array.nbytes + 64 for array in kept)


def test_what_a_caller_does_to_his_arrays_is_not_seen_in_later_ones():
    net, (x, y) = net_for(SIZES), pairs_for(SIZES, 1)[0]
    wanted = [array.copy() for array in arrays_of(net.backprop(x, y))]
    for _ in range(3):
        nabla_b, nabla_w = net.backprop(x, y)
        for array in nabla_b + nabla_w:
            array += 1.0
            array.shape = -1
            array.flags.writeable = False
        nabla_b.clear()
        nabla_w.reverse()
    del array, nabla_b, nabla_w
    found = arrays_of(net.backprop(x, y))
    close(found, wanted)
    assert all(array.flags.writeable and array.flags.carray for array in found)


@every_dtype
def test_vectors_of_weights_gradients_start_at_cache_lines(dtype):
    net, (x, y) = net_for(SIZES, dtype=dtype), pairs_for(SIZES, 1)[0]
    _, nabla_w = net.backprop(x, y)
    assert [array.ctypes.data % 64 for array in nabla_w] == [0, 0]


def test_large_gradients_are_not_kept():
    sizes = [64, MOST // 8 // 64 + 1, 2]
    net, (x, y) = net_for(sizes), pairs_for(sizes, 1)[0]
    net.backprop(x, y)
    assert list(gradient_memory._KEPT) == [None, None]


def test_two_gradients_are_kept_whatever_the_number_of_networks():
    pairs = pairs_for(SIZES)
    nets = [net_scaled(factor) for factor in (0.5, 1.0, 2.0)]
    gradients = [net.backprop(*pair) for net in nets for pair in pairs]
    again = [net.backprop(*pair) for net in nets for pair in pairs]
    for one, other in zip(gradients, again, strict=True):
        close(arrays_of(one), arrays_of(other))
    assert len(gradient_memory._KEPT) == 2


@every_dtype
def test_networks_of_other_shapes_and_types_in_turn_have_gradients_of_their_own(dtype):
    nets = [net_for(SIZES), net_for([70, 3, 6], dtype=dtype), net_for([5, 4])]
    pairs = [pairs_for(net.sizes, 1)[0] for net in nets]
    wanted = [arrays_of(net.backprop(*pair)) for net, pair in zip(nets, pairs, strict=True)]
    for _ in range(3):
        for net, pair, gradient in zip(nets, pairs, wanted, strict=True):
            found = arrays_of(net.backprop(*pair))
            close(found, gradient)
            assert {array.dtype for array in found} == {net.dtype}


def test_memory_that_somebody_keeps_for_long_makes_way_for_new():
    net, pairs = net_for(SIZES), pairs_for(SIZES)
    kept = [net.backprop(*pair) for pair in pairs]
    taken = {addresses_of(gradient) for gradient in kept}
    calls = 2 * gradient_memory._PATIENCE + 10
    seen = [addresses_of(net.backprop(*pairs[call % 5])) for call in range(calls)]
    assert len(set(seen[-8:])) == 2
    assert not taken & set(seen[-8:])


def test_after_examples_that_are_refused_memory_is_kept_as_before():
    net, (x, y) = net_for(SIZES), pairs_for(SIZES, 1)[0]
    for _ in range(3):
        with pytest.raises(ValueError, match="x must"):
            net.backprop(x[1:], y)
    assert len({addresses_of(net.backprop(x, y)) for _ in range(6)}) <= 2


def test_threads_have_gradients_of_their_own():
    nets, pairs = [net_scaled(factor) for factor in (0.5, 1.0, 2.0)], pairs_for(SIZES)
    wanted = [[arrays_of(net.backprop(*pair)) for pair in pairs] for net in nets]

    def are_as_wanted(net, gradients):
        found = (net.backprop(*pair) for _ in range(60) for pair in pairs)
        return all(
            all(map(np.array_equal, arrays_of(gradient), expected))
            for gradient, expected in zip(found, gradients * 60, strict=True)
        )

    with concurrent.futures.ThreadPoolExecutor(len(nets)) as pool:
        assert all(pool.map(are_as_wanted, nets, wanted))
