"""The reference checked by independent means: worked numbers, differences, explicit draws.

Nothing here runs the compiled code; the compiled code's tests trust what this file and
`test_sgd` have checked.
"""

from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import pytest
from builders import (
    assert_same_bits,
    central_difference,
    column,
    dense_digits,
    labelled,
    seeded_network,
)

from fastnn import reference

COSTS = [reference.CrossEntropyCost, reference.QuadraticCost]
COSTS_AND_FACTORS = [(reference.CrossEntropyCost, 4), (reference.QuadraticCost, 1)]
LN3 = np.log(3.0)  # sigmoid(ln 3) = 3/4, sigmoid(-ln 3) = 1/4, sigmoid' = 3/16 at both


# A step worked out by hand ------------------------------------------------------------------
#
# Sizes [2, 2, 1]; all numbers are chosen so that every weighted input is 0, ln 3 or -ln 3.
#     w1 = ln3 [[1, 0], [1, -1]]   b1 = ln3 (-1, 1)     w2 = [[1, 2]]   b2 = -5/4
# Example 1: x = (2, 4), y = 1
#     z1 = ln3 (2 - 1, 2 - 4 + 1) = (ln3, -ln3)    a1 = (3/4, 1/4)    s'(z1) = (3/16, 3/16)
#     z2 = 3/4 + 2/4 - 5/4 = 0                     a2 = 1/2           s'(z2) = 1/4
# Example 2: x = (0, 1), y = 3/4
#     z1 = ln3 (0 - 1, 0 - 1 + 1) = (-ln3, 0)      a1 = (1/4, 1/2)    s'(z1) = (3/16, 1/4)
#     z2 = 1/4 + 2/2 - 5/4 = 0                     a2 = 1/2           s'(z2) = 1/4
#
# BP1, quadratic: delta2 = (a2 - y)/4 = -1/8 and -1/16. Cross-entropy: a2 - y, four times as much,
# and since all else is linear in delta2, every gradient below is four times as large, too.
# BP2: delta1 = (1, 2) delta2 * s'(z1) = (-3, -6)/128 and (-3, -8)/256.
# BP4: dC/dw2 = delta2 a1^T = (-3, -1)/32 and (-1, -2)/64
#      dC/dw1 = delta1 x^T = [[-12, -24], [-24, -48]]/256 and [[0, -3], [0, -8]]/256

EXAMPLE_1 = (column(2, 4), column(1))
EXAMPLE_2 = (column(0, 1), column(0.75))
QUADRATIC_1 = (
    [column(-3 / 128, -6 / 128), column(-1 / 8)],
    [np.array([[-12, -24], [-24, -48]]) / 256, np.array([[-3, -1]]) / 32],
)
QUADRATIC_2 = (
    [column(-3 / 256, -8 / 256), column(-1 / 16)],
    [np.array([[0, -3], [0, -8]]) / 256, np.array([[-1, -2]]) / 64],
)


def worked_network(cost):
    net = seeded_network(reference, [2, 2, 1], cost)
    # Replace one list and write into the other: scripts do both.
    net.weights = [LN3 * np.array([[1.0, 0.0], [1.0, -1.0]]), np.array([[1.0, 2.0]])]
    net.biases[0][:] = LN3 * column(-1, 1)
    net.biases[1][:] = -1.25
    return net


@pytest.mark.parametrize("cost", COSTS)
def test_worked_forward_pass(cost):
    net = worked_network(cost)
    for x, _ in (EXAMPLE_1, EXAMPLE_2):
        output = net.feedforward(x)
        assert output.shape == (1, 1)
        np.testing.assert_allclose(output, [[0.5]], rtol=1e-15)


@pytest.mark.parametrize(("cost", "factor"), COSTS_AND_FACTORS)
@pytest.mark.parametrize(
    ("example", "expected"), [(EXAMPLE_1, QUADRATIC_1), (EXAMPLE_2, QUADRATIC_2)]
)
def test_worked_gradient(cost, factor, example, expected):
    gradients = worked_network(cost).backprop(*example)
    for got, wanted in zip(gradients, expected, strict=True):
        assert isinstance(got, list)
        for layer, by_hand in zip(got, wanted, strict=True):
            assert layer.shape == by_hand.shape
            np.testing.assert_allclose(layer, factor * by_hand, rtol=1e-14, atol=1e-16)


@pytest.mark.parametrize(("cost", "factor"), COSTS_AND_FACTORS)
def test_worked_step(cost, factor):
    # eta = 1/2, lmbda = 1, n = 4: weights shrink by 1 - 1/8, biases do not; eta/m = 1/4.
    net = worked_network(cost)
    net.update_mini_batch([EXAMPLE_1, EXAMPLE_2], 0.5, 1.0, 4)
    step = factor / 4
    by_hand_b = [
        LN3 * column(-1, 1) + step * column(9, 20) / 256,
        column(-1.25) + step * 3 / 16,
    ]
    by_hand_w = [
        7 / 8 * LN3 * np.array([[1, 0], [1, -1]]) + step * np.array([[12, 27], [24, 56]]) / 256,
        7 / 8 * np.array([[1, 2]]) + step * np.array([[7, 4]]) / 64,
    ]
    for got, wanted in zip(net.biases + net.weights, by_hand_b + by_hand_w, strict=True):
        assert got.dtype == np.float64
        np.testing.assert_allclose(got, wanted, rtol=1e-14)


@pytest.mark.parametrize(
    ("cost", "mean"),
    [(reference.CrossEntropyCost, np.log(2.0)), (reference.QuadraticCost, 5 / 64)],
)
def test_worked_cost(cost, mean):
    # Cross-entropy at a = 1/2 is ln 2 for every y. Quadratic: (1/4)/2 and (1/16)/2.
    net = worked_network(cost)
    data = [EXAMPLE_1, EXAMPLE_2]
    assert net.total_cost(data, 0.0) == pytest.approx(mean, rel=1e-14)
    # sum ||w||^2 = 3 (ln 3)^2 + 5, and the penalty counts once, not once for each example.
    penalty = 0.5 * 6.0 / 2 * (3 * LN3**2 + 5)
    assert net.total_cost(data, 6.0) == pytest.approx(mean + penalty, rel=1e-14)


# Gradients against central differences ------------------------------------------------------


@pytest.mark.parametrize("cost", COSTS)
@pytest.mark.parametrize("sizes", [[3, 2], [1, 1, 1], [5, 4, 3], [3, 4, 4, 2], [2, 3, 3, 3, 3, 2]])
def test_backprop_is_the_gradient(sizes, cost):
    net = seeded_network(reference, sizes, cost, seed=2)
    rng = np.random.default_rng(3)
    x, y = rng.random((sizes[0], 1)), rng.random((sizes[-1], 1))
    nabla_b, nabla_w = net.backprop(x, y)
    for parameter, slope in zip(net.biases + net.weights, nabla_b + nabla_w, strict=True):
        assert slope.shape == parameter.shape
        differences = central_difference(lambda: cost.fn(net.feedforward(x), y), parameter)
        np.testing.assert_allclose(slope, differences, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("cost", COSTS)
def test_full_batch_step_descends_the_regularised_cost(cost):
    # If one mini-batch holds all data, a step is eta times the gradient of total_cost.
    net = seeded_network(reference, [3, 4, 2], cost, seed=4)
    data, eta, lmbda = dense_digits(6, 3, 2, seed=5), 0.25, 0.75
    slopes = [central_difference(lambda: net.total_cost(data, lmbda), w) for w in net.weights]
    before = net.weights
    net.update_mini_batch(data, eta, lmbda, len(data))
    for old, new, slope in zip(before, net.weights, slopes, strict=True):
        np.testing.assert_allclose((old - new) / eta, slope, rtol=1e-6, atol=1e-9)


# Small functions ----------------------------------------------------------------------------


def test_sigmoid_and_its_slope_at_known_points():
    z = np.array([[-LN3], [0.0], [LN3]])
    np.testing.assert_allclose(reference.sigmoid(z), [[0.25], [0.5], [0.75]], rtol=1e-15)
    np.testing.assert_allclose(reference.sigmoid_prime(z), [[3 / 16], [1 / 4], [3 / 16]])
    assert reference.sigmoid(0.0) == 0.5


def test_vectorized_result():
    unit = reference.vectorized_result(3)
    assert unit.dtype == np.float64
    assert unit.tolist() == [[float(row == 3)] for row in range(10)]
    assert reference.vectorized_result(1, 2).tolist() == [[0.0], [1.0]]
    with pytest.raises(IndexError):
        reference.vectorized_result(10)


def test_cross_entropy_at_zero_and_one():
    fn, largest = reference.CrossEntropyCost.fn, np.finfo(np.float64).max
    with np.errstate(divide="ignore", invalid="ignore"):
        assert fn(column(0, 1), column(0, 1)) == 0.0
        assert fn(column(0), column(1)) == largest
        assert fn(column(1), column(0)) == largest
        # Neurons that are exactly right add 0: only the middle one counts, with ln 2.
        assert fn(column(1, 0.5, 0), column(1, 1, 0)) == pytest.approx(np.log(2), rel=1e-15)
    with pytest.warns(RuntimeWarning):  # NumPy's own warning, not silenced
        fn(column(0), column(0))


def test_costs_by_hand():
    z, a, y = column(LN3, -LN3), column(0.75, 0.25), column(1, 0.5)
    assert reference.QuadraticCost.fn(a, y) == pytest.approx(1 / 16, rel=1e-14)
    np.testing.assert_allclose(reference.QuadraticCost.delta(z, a, y), column(-3, -3) / 64)
    by_hand = -(np.log(0.75) + 0.5 * np.log(0.25) + 0.5 * np.log(0.75))
    assert reference.CrossEntropyCost.fn(a, y) == pytest.approx(by_hand, rel=1e-14)
    np.testing.assert_array_equal(reference.CrossEntropyCost.delta(z, a, y), column(-0.25, -0.25))


# A new network ------------------------------------------------------------------------------


@pytest.mark.parametrize("sizes", [[4, 3], [5, 4, 3, 2]])
@pytest.mark.parametrize("large", [False, True])
def test_draws_are_all_biases_then_all_weights(sizes, large):
    net = seeded_network(reference, sizes, seed=6)
    if large:
        np.random.seed(6)
        net.large_weight_initializer()
    state = np.random.get_state()[1:]

    np.random.seed(6)
    biases = [np.random.standard_normal((n, 1)) for n in sizes[1:]]
    weights = []
    for fan_in, n in pairwise(sizes):
        drawn = np.random.standard_normal((n, fan_in))
        weights.append(drawn if large else drawn / np.sqrt(fan_in))
    for got, wanted in zip(net.biases + net.weights, biases + weights, strict=True):
        assert got.dtype == np.float64
        np.testing.assert_array_equal(got, wanted)
    for got, wanted in zip(state, np.random.get_state()[1:], strict=True):
        np.testing.assert_array_equal(got, wanted)


def test_default_initializer_draws_again():
    net, fresh = (
        seeded_network(reference, [3, 2, 2], seed=7),
        seeded_network(reference, [3, 2, 2], seed=8),
    )
    np.random.seed(8)
    net.default_weight_initializer()
    assert_same_bits(net, fresh)


def test_public_attributes():
    net = seeded_network(reference, [3, 5, 2])
    assert (net.num_layers, list(net.sizes)) == (3, [3, 5, 2])
    assert net.cost is reference.CrossEntropyCost
    assert (
        seeded_network(reference, [2, 1], reference.QuadraticCost).cost is reference.QuadraticCost
    )


# Accuracy and cost of a data set ------------------------------------------------------------


def test_accuracy_takes_the_first_maximum():
    net = seeded_network(reference, [2, 3])
    net.weights[0][:] = 0.0
    net.biases[0][:] = column(-1, 1, 1)  # outputs 1 and 2 equally strong, for every input
    labels = [0, 1, 1, 2]
    assert net.accuracy([(column(0, 0), label) for label in labels]) == 2
    units = [(column(0, 0), reference.vectorized_result(label, 3)) for label in labels]
    assert net.accuracy(units, convert=True) == 2


def test_accuracy_is_a_plain_integer_for_numpy_labels():
    net = seeded_network(reference, [2, 3], seed=9)
    data = [(x, np.int64(label)) for x, label in labelled(dense_digits(20, 2, 3, seed=10))]
    by_hand = [np.argmax(net.weights[0] @ x + net.biases[0]) == label for x, label in data]
    assert net.accuracy(data) == sum(by_hand)
    assert type(net.accuracy(data)) is int


@pytest.mark.parametrize("cost", COSTS)
@pytest.mark.parametrize("outputs", [3, 12])
def test_total_cost_converts_integers_to_the_output_size(cost, outputs):
    net = seeded_network(reference, [2, outputs], cost, seed=11)
    integers = labelled(dense_digits(7, 2, outputs, seed=12))
    units = dense_digits(7, 2, outputs, seed=12)
    assert net.total_cost(integers, 0.5, convert=True) == net.total_cost(units, 0.5)
    assert net.total_cost(iter(units), 0.5) == net.total_cost(units, 0.5)


# Files --------------------------------------------------------------------------------------


@pytest.mark.parametrize("cost", COSTS)
def test_save_and_load_keep_every_bit(tmp_path, cost):
    net = seeded_network(reference, [3, 4, 2], cost, seed=28)
    net.save(tmp_path / "net.json")
    state = json.loads((tmp_path / "net.json").read_text(encoding="utf-8"))
    assert set(state) == {"sizes", "weights", "biases", "cost"}
    assert state["sizes"] == [3, 4, 2]
    assert state["cost"] == cost.__name__

    again = reference.load(str(tmp_path / "net.json"))
    assert again.cost is cost
    assert (again.num_layers, again.sizes) == (3, [3, 4, 2])
    assert_same_bits(net, again)
    x = column(0.1, 0.2, 0.3)
    np.testing.assert_array_equal(again.feedforward(x), net.feedforward(x))


def test_numpy_sizes_can_be_saved(tmp_path):
    seeded_network(reference, np.array([3, 2])).save(tmp_path / "net.json")
    assert reference.load(tmp_path / "net.json").sizes == [3, 2]


def test_load_reads_a_file_written_by_hand(tmp_path):
    path = tmp_path / "net.json"
    path.write_text(
        '{"cost": "QuadraticCost", "sizes": [2, 1], "weights": [[[1, 2]]], "biases": [[[-1.25]]]}',
        encoding="utf-8",
    )
    net = reference.load(path)
    assert net.cost is reference.QuadraticCost
    assert net.weights[0].dtype == np.float64
    np.testing.assert_allclose(net.feedforward(column(0.75, 0.25)), [[0.5]])


@pytest.mark.parametrize("name", ["Network", "Cost", "LogLikelihoodCost", "NoSuchCost", 7])
def test_load_refuses_unknown_costs(tmp_path, name):
    path = tmp_path / "net.json"
    path.write_text(json.dumps({"cost": name, "sizes": [1, 1], "weights": [], "biases": []}))
    with pytest.raises(ValueError, match=f"unknown cost {name!r}"):
        reference.load(path)
