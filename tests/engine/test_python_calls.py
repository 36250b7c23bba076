"""Steps, accuracy and cost where a network's `feedforward` or `backprop` is a user's own."""

from __future__ import annotations

import numpy as np
import pytest
from builders import assert_close, column, digits, labelled, parameters, seeded_network

from fastnn import Dataset, network2, reference
from fastnn.engine import python_calls

SIZES = [3, 4, 2]


def test_a_pair_of_columns_stays_the_same_object():
    pair = (column(1, 2, 3), column(0, 1))
    assert python_calls.training_pair(pair, SIZES) is pair
    for y in (1, 0.0, column(1), np.array([1.0])):
        pair = (column(1, 2, 3), y)
        assert python_calls.training_pair(pair, [3, 1]) is pair


@pytest.mark.parametrize("y", [1, np.int32(1), np.array([0.0, 1.0]), [0, 1], column(0, 1)])
@pytest.mark.parametrize("x", [column(1, 2, 3), np.array([1.0, 2.0, 3.0]), [1, 2, 3]])
def test_other_pairs_become_columns(x, y):
    got_x, got_y = python_calls.training_pair((x, y), SIZES)
    np.testing.assert_array_equal(got_x, column(1, 2, 3))
    np.testing.assert_array_equal(got_y, column(0, 1))


def test_a_step_gets_the_pairs_of_a_list_themselves_but_for_rows():
    x, ragged = column(1, 2, 3), (np.ones(2), np.ones(1))
    pairs = [(x, 1), (x, column(0, 1)), [x, 7], (ragged, "a"), (x, 1, 0.5), 3]
    given = python_calls.pairs_for_steps(pairs, SIZES)
    assert [id(pair) for pair in given] == [id(pair) for pair in pairs]
    rows = [(x[:, 0], [0.0, 1.0]), ([1, 2, 3], column(0, 1)), (x, np.array([0.0, 1.0]))]
    for made in (rows, Dataset([[1.0, 2.0, 3.0]] * 2, [1, 1])):
        for got_x, got_y in python_calls.pairs_for_steps(made, SIZES):
            np.testing.assert_array_equal(got_x, x)
            np.testing.assert_array_equal(got_y, column(0, 1))


@pytest.mark.parametrize("label", [0, 1, 2, 0.5])
def test_what_becomes_of_a_pair_does_not_depend_on_others(label):
    (x, y), _ = python_calls.pairs_for_steps([([1, 2, 3], label), ([4, 5, 6], 1)], SIZES)
    assert y is label
    np.testing.assert_array_equal(x, column(1, 2, 3))


def test_a_step_is_that_of_the_reference():
    data = digits(5, 3, 2, seed=1)
    net, wanted = (seeded_network(module, SIZES) for module in (network2, reference))
    python_calls.take_step(net, data, 0.5, 0.3, 7)
    wanted.update_mini_batch(data, 0.5, 0.3, 7)
    assert_close(parameters(net), parameters(wanted))


@pytest.mark.parametrize("n", [12.5, 7.0])
def test_a_step_takes_any_number_of_training_data(n):
    data = digits(5, 3, 2, seed=1)
    wanted = seeded_network(reference, SIZES)
    wanted.update_mini_batch(data, 0.5, 0.3, n)
    for mini_batch in (data, Dataset.from_pairs(data)):
        net = seeded_network(network2, SIZES)
        net.update_mini_batch(mini_batch, 0.5, 0.3, n)
        assert_close(parameters(net), parameters(wanted))


def test_a_gradient_of_another_shape_is_refused():
    net = seeded_network(network2, SIZES)
    net.backprop = lambda x, y: ([np.zeros((4, 1))], [np.zeros((4, 3))])
    with pytest.raises(ValueError, match="array for each of 2 layers, got 1 and 1"):
        python_calls.summed_gradient(net, digits(1, 3, 2, seed=1))
    net.backprop = lambda x, y: ([np.zeros((4, 1)), np.zeros((2, 2))], [np.zeros((4, 3))] * 2)
    with pytest.raises(ValueError, match=r"shape \(2,1\) doesn't match .* \(2,2\)"):
        python_calls.summed_gradient(net, digits(1, 3, 2, seed=1))


def test_a_gradient_may_come_in_any_iterables():
    net, wanted = (seeded_network(module, SIZES) for module in (network2, reference))
    gradient = net.backprop
    net.backprop = lambda x, y: map(iter, gradient(x, y))
    data = digits(5, 3, 2, seed=1)
    python_calls.take_step(net, data, 0.5, 0.3, 7)
    wanted.update_mini_batch(data, 0.5, 0.3, 7)
    assert_close(parameters(net), parameters(wanted))


@pytest.mark.parametrize("kind", [list, labelled])
def test_classes_are_counted_for_labels_and_for_columns(kind):
    data = digits(9, 3, 2, seed=1)
    net, wanted = (seeded_network(module, SIZES) for module in (network2, reference))
    dataset = Dataset.from_pairs(kind(data))
    assert python_calls.count_correct(net, data, dataset) == wanted.accuracy(labelled(data))
    cost = wanted.total_cost(data, 0.0)
    assert python_calls.mean_cost(net, data, dataset) == pytest.approx(cost, rel=1e-12)


def test_one_output_counts_by_a_half():
    net = seeded_network(network2, [1, 1])
    net.feedforward = lambda a: a
    data = Dataset([[0.2], [0.7], [0.5], [0.9]], [[0.0], [1.0], [1.0], [0.0]])
    assert python_calls.count_correct(net, data, data) == 2


class Squares:
    """A cost of one's own that forgets to add up."""

    fn = staticmethod(lambda a, y: (a - y) ** 2)
    delta = staticmethod(lambda z, a, y: a - y)


def test_a_cost_that_is_no_number_is_refused():
    net, data = seeded_network(network2, SIZES, Squares), digits(5, 3, 2, seed=1)
    with pytest.raises(ValueError, match=r"fn must return one number, got shape \(2, 1\)"):
        python_calls.mean_cost(net, data, Dataset.from_pairs(data))
