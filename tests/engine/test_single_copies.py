"""Weights in any order of memory, or read-only, go the fast way of single calls."""

from __future__ import annotations

import numpy as np
import pytest
from builders import labelled, read_only
from small_networks import close, every_dtype, gradient, is_kept, net_for, pairs_for

from fastnn import reference
from fastnn.engine.single_copies import can_be_copied, plain_ones, renew

pytestmark = pytest.mark.compiled

SIZES = [70, 16, 10]

KINDS = {
    "transposed": lambda array: np.ascontiguousarray(array.T).T,
    "read-only": read_only,
    "every other column": lambda array: np.repeat(array, 2, axis=1)[:, ::2],
    "backwards": lambda array: np.ascontiguousarray(array[::-1])[::-1],
}
every_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)


def results(net, pairs):
    return [
        net.feedforward(pairs[0][0]),
        *gradient(net, *pairs[1]),
        net.total_cost(pairs, 0.5),
        net.accuracy(labelled(pairs)),
    ]


@every_kind
@every_dtype
def test_results_have_the_bits_of_plain_arrays(kind, dtype):
    net, plain = net_for(SIZES, dtype=dtype), net_for(SIZES, dtype=dtype)
    pairs = pairs_for(SIZES)
    net.weights = [kind(w) for w in net.weights]
    net.biases[1] = kind(net.biases[1])
    for _ in range(2):
        for ours, wanted in zip(results(net, pairs), results(plain, pairs), strict=True):
            np.testing.assert_array_equal(ours, wanted)
            assert is_kept(net)
    for either in (net, plain):
        either.update_mini_batch(pairs, 0.5, 0.1, 10)
        assert is_kept(either)
    for ours, wanted in zip(net.weights + net.biases, plain.weights + plain.biases, strict=True):
        np.testing.assert_array_equal(ours, wanted)
        assert ours.flags.carray


def test_what_is_written_into_them_counts_in_the_next_call():
    net, plain = net_for(SIZES), net_for(SIZES, module=reference)
    pairs = pairs_for(SIZES)
    net.weights = [np.asfortranarray(w) for w in net.weights]
    net.feedforward(pairs[0][0])
    for either in (net, plain):
        either.weights[0][3] *= 2
        either.weights[1][:] += 0.5
    close([net.feedforward(pairs[0][0])], [plain.feedforward(pairs[0][0])])
    close(gradient(net, *pairs[1]), gradient(plain, *pairs[1]))


def test_a_shape_that_is_changed_in_place_is_refused_as_ever():
    net, (x, y) = net_for(SIZES), pairs_for(SIZES, 1)[0]
    net.weights = [read_only(w) for w in net.weights]
    net.backprop(x, y)
    net.weights[0].shape = (70, 16)
    with pytest.raises(ValueError, match="weights"):
        net.backprop(x, y)


def test_copies_are_made_of_matrices_in_memory_alone(tmp_path):
    np.save(tmp_path / "w.npy", np.ones((3, 4)))
    assert can_be_copied(np.asfortranarray(np.ones((3, 4))))
    for array in (
        np.load(tmp_path / "w.npy", mmap_mode="r"),
        np.ones(3),
        np.ma.ones((3, 4)),
        np.frombuffer(bytes(97), np.uint8, 96, 1).view(np.float64).reshape(3, 4),
        [[1.0]],
    ):
        assert not can_be_copied(array)


def test_a_type_that_is_changed_in_place_is_found_out():
    array = np.asfortranarray(np.ones((3, 4)))
    (copy,), copies = plain_ones([array])
    assert renew(copies)
    np.testing.assert_array_equal(copy, array)
    array.dtype = np.int64
    assert not renew(copies)
