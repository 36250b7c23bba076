"""What a cost of a user's own returns: taken or refused alike, compiled and in Python."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from builders import assert_same_networks, column, digits, seeded_network

from fastnn import network2, reference
from fastnn.kernels.own_results import WrongShapeError, cost_of, error_of

PAIRS = digits(20, 4, 3, seed=1)
ONE = [(x, y[:1]) for x, y in PAIRS]
WAYS = ["compiled", "Python"]


def cost_of_functions(way, fn=None, delta=None):
    """A cost of these functions, which only Python can call if it has to."""
    fn, delta = fn or (lambda a, y: np.sum((a - y) ** 2)), delta or (lambda z, a, y: a - y)
    table = {"fn": fn, "delta": delta}

    class Given:
        pass

    Given.fn, Given.delta = staticmethod(fn), staticmethod(delta)
    if way == "Python":
        Given.fn = staticmethod(lambda a, y: table["fn"](a, y))
        Given.delta = staticmethod(lambda z, a, y: table["delta"](z, a, y))
    return Given


def stepped(module, cost, pairs=PAIRS):
    net = seeded_network(module, [4, 5, len(pairs[0][1])], cost)
    net.update_mini_batch(pairs[:7], 0.5, 0.0, 20)
    return net


# delta ------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore:cost Given")
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "delta",
    [
        lambda z, a, y: z[::-1],
        lambda z, a, y: a[::-1],
        lambda z, a, y: y[::-1],
        lambda z, a, y: np.flipud(z),
        lambda z, a, y: np.hstack((a - y, a))[:, ::2],
        lambda z, a, y: a > y,
        lambda z, a, y: [[float(error)] for error in (a - y)[:, 0]],
    ],
)
def test_a_column_of_any_make_gives_the_step_of_the_reference(way, delta):
    cost = cost_of_functions(way, delta=delta)
    assert_same_networks(*(stepped(module, cost) for module in (network2, reference)))


@pytest.mark.filterwarnings("ignore:cost Given")
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("delta", "shape"),
    [
        (lambda z, a, y: 0.5, "()"),
        (lambda z, a, y: np.sum(a - y), "()"),
        (lambda z, a, y: np.array([0.1]), "(1,)"),
        (lambda z, a, y: (a - y)[:1], "(1, 1)"),
        (lambda z, a, y: (a - y).T, "(1, 3)"),
        (lambda z, a, y: (a - y).ravel(), "(3,)"),
        (lambda z, a, y: a - y.T, "(3, 3)"),
        (lambda z, a, y: (a - y).reshape(-1, 1, 1), "(3, 1, 1)"),
    ],
)
def test_an_error_of_another_shape_is_refused(way, delta, shape):
    cost = cost_of_functions(way, delta=delta)
    with pytest.raises(ValueError) as caught:
        stepped(network2, cost)
    assert str(caught.value) == f"delta must return a column of shape (3, 1), got shape {shape}"
    with pytest.raises(ValueError, match="delta must return a column"):
        seeded_network(network2, [4, 5, 3], cost).backprop(*PAIRS[0])


@pytest.mark.filterwarnings("ignore:cost Given")
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("delta", "what"),
    [
        (lambda z, a, y: None, "NoneType"),
        (lambda z, a, y: (a - y) * 1j, "complex128"),
        (lambda z, a, y: "error", "str"),
    ],
)
def test_an_error_that_is_no_real_number_is_refused(way, delta, what):
    with pytest.raises(TypeError, match=f"delta must return a column of real numbers, got {what}"):
        stepped(network2, cost_of_functions(way, delta=delta))


@pytest.mark.filterwarnings("ignore:cost Given")
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("delta", [lambda z, a, y: 0.5, lambda z, a, y: np.sum(a - y)])
def test_one_output_may_have_a_number_for_a_column(way, delta):
    cost = cost_of_functions(way, delta=delta)
    assert_same_networks(*(stepped(module, cost, ONE) for module in (network2, reference)))


# fn ---------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore:cost Given")
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("fn", "shape"),
    [
        (lambda a, y: (a - y) ** 2, "(3, 1)"),
        (lambda a, y: (a - y)[:, 0], "(3,)"),
        (lambda a, y: a[3:], "(0, 1)"),
        (lambda a, y: (a - y).reshape(-1, 1, 1), "(3, 1, 1)"),
    ],
)
def test_a_cost_of_several_numbers_is_refused(way, fn, shape):
    net = seeded_network(network2, [4, 5, 3], cost_of_functions(way, fn))
    with pytest.raises(ValueError) as caught:
        net.total_cost(PAIRS, 0.0)
    assert str(caught.value) == f"fn must return one number, got shape {shape}"


@pytest.mark.filterwarnings("ignore:cost Given")
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("fn", [lambda a, y: None, lambda a, y: 1j, lambda a, y: "1.5"])
def test_a_cost_that_is_no_real_number_is_refused(way, fn):
    net = seeded_network(network2, [4, 5, 3], cost_of_functions(way, fn))
    with pytest.raises(TypeError, match="fn must return one number, got"):
        net.total_cost(PAIRS, 0.0)


@pytest.mark.filterwarnings("ignore:cost Given")
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "fn",
    [
        lambda a, y: np.dot((a - y).T, a - y),
        lambda a, y: np.dot((a - y).T, a - y)[0],
        lambda a, y: np.array(np.sum((a - y) ** 2)),
    ],
)
def test_a_cost_may_be_an_array_of_one_number(way, fn):
    costs = [
        seeded_network(network2, [4, 5, 3], cost_of_functions(how, given)).total_cost(PAIRS, 0.0)
        for how, given in (("compiled", None), (way, fn))
    ]
    assert costs[1] == pytest.approx(costs[0], rel=1e-12)


# The checks themselves ----------------------------------------------------------------------------


def test_results_are_returned_in_their_plain_form():
    assert cost_of(np.array([[2]])) == 2.0
    np.testing.assert_array_equal(error_of([[1], [2]], 2), column(1, 2))


def test_the_refusal_of_a_shape_goes_to_other_processes():
    refusal = pickle.loads(pickle.dumps(WrongShapeError("one number, got shape {}", (3, 1))))
    assert str(refusal) == "one number, got shape (3, 1)"
