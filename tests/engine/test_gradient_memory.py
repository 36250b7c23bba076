"""Gradients of single calls share memory only with those that nobody has any more."""

from __future__ import annotations

import itertools
import random
import weakref

import numpy as np
import pytest
from builders import column

from fastnn import network2, reference
from fastnn.engine.gradient_memory import GradientMemory

pytestmark = pytest.mark.compiled

HOLDERS = {
    "the array": lambda array: array,
    "a row": lambda array: array[1],
    "its transpose": lambda array: array.T,
    "a view of a view": lambda array: array.reshape(-1)[3:].view(np.uint8),
    "its buffer": memoryview,
    "an array around its buffer": lambda array: np.frombuffer(array, np.uint8),
    "an iterator": lambda array: array.flat,
}


def network_and_pairs(sizes=(19, 7, 3), **options):
    np.random.seed(1)
    net = network2.Network(list(sizes), **options)
    rng = np.random.default_rng(2)
    pairs = [
        (column(*rng.standard_normal(sizes[0])), column(*rng.random(sizes[-1]))) for _ in range(5)
    ]
    return net, pairs


def address(array):
    return array.ctypes.data


@pytest.mark.parametrize("holder", HOLDERS.values(), ids=HOLDERS)
@pytest.mark.parametrize("layer", [0, 1])
def test_what_still_holds_a_gradient_keeps_its_numbers(holder, layer):
    net, pairs = network_and_pairs()
    generator, held = random.Random(3), []
    for _ in range(300):
        nabla_b, nabla_w = net.backprop(*generator.choice(pairs))
        for array in (nabla_b[layer], nabla_w[layer]):
            thing = holder(array)
            held.append((thing, bytes(np.asarray(thing).tobytes())))
        while len(held) > generator.randrange(12):
            held.pop(generator.randrange(len(held)))
        del nabla_b, nabla_w, array, thing
        assert all(np.asarray(thing).tobytes() == before for thing, before in held)


def test_every_gradient_is_that_of_the_reference_whoever_has_others():
    net, pairs = network_and_pairs()
    plain = reference.Network([19, 7, 3])
    plain.weights, plain.biases = net.weights, net.biases
    generator, held = random.Random(4), []
    for _ in range(200):
        pair = generator.choice(pairs)
        held.append((net.backprop(*pair), plain.backprop(*pair)))
        del held[: generator.choice([0, 0, 1, 5])]
        for ours, wanted in held:
            for arrays, others in zip(ours, wanted, strict=True):
                for array, other in zip(arrays, others, strict=True):
                    np.testing.assert_allclose(array, other, atol=1e-12)


def test_a_loop_that_drops_each_gradient_goes_round_in_two_places():
    net, pairs = network_and_pairs()
    places = set()
    for _ in range(20):
        _, nabla_w = net.backprop(*pairs[0])  # the last one is there until this is assigned
        places.add(address(nabla_w[0]))
    assert len(places) == 2


def test_a_dropped_gradient_that_was_changed_in_place_has_no_effect():
    net, pairs = network_and_pairs()
    for _ in range(4):
        for array in net.backprop(*pairs[0])[1]:
            array.setflags(write=False)
            array.shape = -1
            array.dtype = np.int64
        for array, w in zip(net.backprop(*pairs[0])[1], net.weights, strict=True):
            assert array.shape == w.shape and array.dtype == w.dtype and array.flags.carray


@pytest.mark.parametrize("sizes", [(5, 3), (1, 1), (17, 33, 2, 9)])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_every_layer_has_its_own_part(sizes, dtype):
    net, pairs = network_and_pairs(sizes, dtype=dtype)
    plain = reference.Network(list(sizes))
    plain.weights, plain.biases = net.weights, net.biases
    for pair in pairs:
        for arrays, others in zip(net.backprop(*pair), plain.backprop(*pair), strict=True):
            assert [array.shape for array in arrays] == [other.shape for other in others]
            for array, other in zip(arrays, others, strict=True):
                np.testing.assert_allclose(
                    array, other, atol=1e-12 if dtype == np.float64 else 1e-5
                )


def test_who_keeps_many_gradients_gets_copies_and_of_two_the_whole_piece():
    net, pairs = network_and_pairs()
    kept = [net.backprop(*pairs[0])[1] for _ in range(6)]
    owners = [nabla_w[0].flags.owndata for nabla_w in kept]
    assert owners == [False, False, True, True, True, True]
    assert not any(
        np.shares_memory(one[layer], other[layer])
        for one, other in itertools.combinations(kept, 2)
        for layer in (0, 1)
    )
    del kept
    assert not net.backprop(*pairs[0])[1][0].flags.owndata


def test_large_gradients_are_not_kept_with_the_network_nor_by_a_small_layer():
    memory = GradientMemory([(1000, 1000), (2, 1000)], np.dtype(np.float64))
    piece, _ = memory.take()
    first, last = piece.arrays()
    gone = weakref.ref(first.base)
    assert last.flags.owndata
    del piece, first
    assert gone() is None


def test_a_network_that_is_gone_leaves_no_memory():
    net, pairs = network_and_pairs()
    gone = weakref.ref(net.backprop(*pairs[0])[1][0].base)
    assert gone() is not None
    del net
    assert gone() is None
