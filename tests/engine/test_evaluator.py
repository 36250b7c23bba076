"""Accuracy, cost and outputs of a data set are those of the reference."""

from __future__ import annotations

import random

import numpy as np
import pytest
from builders import digits, labelled, seeded_network

from fastnn import Dataset, network2, reference
from fastnn.engine import evaluator
from fastnn.engine.evaluator import Evaluator, penalty
from fastnn.kernels.evaluate import Score
from fastnn.model.description import architecture_of, parameters_of

SIZES = [20, 17, 5]


@pytest.fixture
def pairs():
    return labelled(digits(140, 20, 5, seed=1))


def test_scores_are_those_of_the_reference(pairs):
    net, plain = (seeded_network(module, SIZES) for module in (network2, reference))
    made = Evaluator(architecture_of(net), Dataset.from_pairs(pairs))
    correct, mean_cost = made.score(*parameters_of(net), with_cost=True)
    assert correct == plain.accuracy(pairs)
    assert mean_cost == pytest.approx(plain.total_cost(pairs, 0.0, convert=True), rel=1e-10)
    assert made.score(*parameters_of(net), with_cost=False) == Score(correct, 0.0)
    assert len(made) == len(pairs)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_any_number_of_threads_counts_the_same_answers(threads, pairs, monkeypatch):
    net = seeded_network(network2, SIZES)
    made = Evaluator(architecture_of(net), Dataset.from_pairs(pairs))
    expected = made.score(*parameters_of(net), with_cost=False).correct
    monkeypatch.setattr(evaluator, "threads_for", lambda examples, weights: threads)
    assert made.count_correct(*parameters_of(net)) == expected
    assert 0 < expected < len(pairs)


@pytest.mark.parametrize("rows", [[5, 3], [7] * 200], ids=["fewer", "more"])
def test_outputs_of_any_number_of_rows_can_be_had(rows, pairs):
    net = seeded_network(network2, SIZES)
    made = Evaluator(architecture_of(net), Dataset.from_pairs(pairs))
    made.score(*parameters_of(net), with_cost=False)
    np.testing.assert_array_equal(made.outputs(np.array(rows)), made.outputs()[rows])


def test_outputs_come_in_the_order_that_the_data_had(pairs):
    net, data = seeded_network(network2, SIZES), Dataset.from_pairs(pairs)
    made = Evaluator(architecture_of(net), data)
    random.Random(1).shuffle(data)
    made.score(*parameters_of(net), with_cost=False)
    wanted = np.array([net.feedforward(x)[:, 0] for x, _ in pairs])
    np.testing.assert_allclose(made.outputs(), wanted, rtol=1e-12)


@pytest.mark.parametrize("kind", ["i8", "u1", "?", ">f8", "f2", "g"])
def test_weights_of_any_type_of_numbers_have_the_cost_of_the_reference(kind):
    """A script may put whole numbers there by hand, as for XOR."""
    costs = []
    for module in (network2, reference):
        net = module.Network([4, 3, 2])
        net.weights = [
            np.tile([1, 0, 1, 1], 3).reshape(3, 4).astype(kind),
            np.eye(2, 3).astype(kind),
        ]
        net.biases = [np.array([[1], [2], [0]]), np.array([[1], [0]])]
        pairs = [(np.ones((4, 1)), np.array([[0.0], [1.0]]))]
        costs += [net.total_cost(pairs, 0.5), net.total_cost(pairs * 30, 0.0)]
    rtol = 1e-3 if kind == "f2" else 1e-12  # the reference computes in half precision
    np.testing.assert_allclose(costs[:2], costs[2:], rtol=rtol)


def test_the_penalty_of_complex_weights_is_that_of_their_lengths():
    """A `feedforward` of a user's own may know what to do with them."""
    assert penalty(2.0, 4, [np.array([[3.0 + 4.0j]])]) == pytest.approx(0.5 * 2.0 / 4 * 25)


def test_the_penalty_is_half_the_sum_of_the_squares_and_may_be_infinite():
    assert penalty(2.0, 4, [np.array([[1.0, 2.0]]), np.array([[3.0]])]) == 0.5 * 2.0 / 4 * 14
    assert penalty(2.0, 4, [np.array([[1e200]])]) == np.inf
