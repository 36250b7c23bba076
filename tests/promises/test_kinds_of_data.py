"""`SGD` takes data of every kind to the same bits, and reorders what can be reordered."""

from __future__ import annotations

import collections
import random

import numpy as np
import pytest
from builders import (
    Shelf,
    arrays,
    assert_same_bits,
    copies,
    digits,
    everything,
    labelled,
    seed_generators,
    seeded_network,
)

import fastnn
from fastnn import network2, reference

SIZES = [20, 17, 5]


@pytest.fixture
def data():
    return digits(53, 20, 5, seed=1)


@pytest.fixture
def held_out():
    return labelled(digits(31, 20, 5, seed=2))


def as_bytes(pairs):
    """The same examples as bytes and integers, as fastnn's own MNIST is stored."""
    rows, labels = arrays(pairs)
    unit_columns = np.ndim(pairs[0][1]) > 0
    return fastnn.Dataset(
        (rows * 256).astype(np.uint8), labels, classes=5 if unit_columns else None, scale=1 / 256
    )


KINDS = {
    "list": list,
    "tuple": tuple,
    "zip": lambda pairs: zip(*zip(*pairs, strict=True), strict=True),
    "generator": lambda pairs: (pair for pair in pairs),
    "Dataset": fastnn.Dataset.from_pairs,
}


@pytest.mark.parametrize("evaluation_kind", KINDS)
@pytest.mark.parametrize("training_kind", KINDS)
def test_every_mixture_of_kinds_of_data_gives_the_same_bits(
    data, held_out, training_kind, evaluation_kind
):
    runs = []
    for kind, other in (("list", "list"), (training_kind, evaluation_kind)):
        seed_generators(9)
        net = network2.Network(SIZES)
        examples, unseen = KINDS[kind](list(data)), KINDS[other](list(held_out))
        history = net.SGD(examples, 2, 10, 0.5, 1.0, verbose=False, **everything(unseen))
        runs.append((net, history, random.getstate()))
    (plain, plain_history, plain_state), (net, history, state) = runs
    assert_same_bits(net, plain)
    assert history == plain_history
    assert state == plain_state


def test_bytes_and_unit_columns_in_evaluation_data_give_the_same_bits(data, held_out):
    histories = []
    unit_columns = [(x, reference.vectorized_result(label, 5)) for x, label in held_out]
    for examples, unseen in ((data, held_out), (as_bytes(data), as_bytes(unit_columns))):
        seed_generators(10)
        net = network2.Network(SIZES)
        history = net.SGD(examples, 2, 10, 0.5, 1.0, verbose=False, **everything(unseen))
        histories.append((history, copies(net)))
    assert histories[0][0] == histories[1][0]
    for mine, theirs in zip(histories[0][1], histories[1][1], strict=True):
        np.testing.assert_array_equal(mine, theirs)


@pytest.mark.parametrize("kind", [bool, np.bool_])
def test_truth_values_as_labels_are_one_and_zero(kind):
    net, pairs = seeded_network(network2, SIZES), labelled(digits(30, 20, 2, seed=1))
    truths = [(x, kind(label)) for x, label in pairs]
    assert net.accuracy(truths) == net.accuracy(pairs)
    assert net.total_cost(truths, 0.5) == net.total_cost(pairs, 0.5)
    other = seeded_network(network2, SIZES)
    for one, examples in ((net, pairs), (other, truths)):
        seed_generators(10)
        one.SGD(examples, 2, 10, 0.5, verbose=False)
    assert_same_bits(net, other)


def test_desired_outputs_of_unsigned_bytes_are_floats_to_the_cost(data):
    net, other = (seeded_network(network2, SIZES) for _ in range(2))
    for one, examples in ((net, data), (other, [(x, y.astype(np.uint8)) for x, y in data])):
        seed_generators(10)
        one.SGD(examples, 2, 10, 0.5, verbose=False)
        for few in (5, 53):
            floats = [(x, 1.0 * y) for x, y in examples[:few]]
            assert one.total_cost(examples[:few], 0.5) == one.total_cost(floats, 0.5)
    assert_same_bits(net, other)


def test_a_dataset_is_left_in_the_order_that_the_list_would_have(data):
    dataset, examples = fastnn.Dataset.from_pairs(data), list(data)
    for training_data in (examples, dataset):
        seed_generators(11)
        net = network2.Network(SIZES)
        for epochs in (2, 1):
            net.SGD(training_data, epochs, 10, 0.5, verbose=False)
    assert any(mine is not theirs for mine, theirs in zip(examples, data, strict=True))
    for (x, y), (same_x, same_y) in zip(examples, dataset, strict=True):
        np.testing.assert_array_equal(x, same_x)
        np.testing.assert_array_equal(y, same_y)


def array_of_pairs(pairs):
    array = np.empty(len(pairs), dtype=object)
    array[:] = pairs
    return array


@pytest.mark.parametrize("kind", [collections.deque, Shelf, array_of_pairs])
def test_whatever_can_be_assigned_to_is_reordered_as_the_list_would_be(data, kind):
    orders = []
    for examples in (list(data), kind(data)):
        seed_generators(19)
        network2.Network(SIZES).SGD(examples, 2, 10, 0.5, verbose=False)
        orders.append([id(examples[place]) for place in range(len(data))])
    assert orders[0] == orders[1]


def test_tuples_and_evaluation_data_keep_their_order(data, held_out):
    frozen, unseen = tuple(data), list(held_out)
    seeded_network(network2, SIZES).SGD(frozen, 1, 10, 0.5, verbose=False, **everything(unseen))
    assert all(mine is theirs for mine, theirs in zip(frozen, data, strict=True))
    assert all(mine is theirs for mine, theirs in zip(unseen, held_out, strict=True))
