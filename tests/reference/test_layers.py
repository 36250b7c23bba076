"""The reference's activations, outputs, costs and initialisers, checked by independent means."""

from __future__ import annotations

import math
import random
import re
from itertools import pairwise

import numpy as np
import pytest
from builders import (
    CubicCost,
    Softplus,
    central_difference,
    column,
    dense_digits,
    digits,
    labelled,
    parameters,
    seeded_network,
    state_of_numpy,
)

from fastnn import reference
from fastnn.reference.activations import ReLU, Tanh, softmax

LN2, LN3 = np.log(2.0), np.log(3.0)


PAIRS = [
    ("QuadraticCost", "sigmoid"),
    ("QuadraticCost", "identity"),
    ("CrossEntropyCost", "sigmoid"),
    ("LogLikelihoodCost", "softmax"),
]
ACTIVATIONS = ["sigmoid", "tanh", "relu", Softplus]


# Activations --------------------------------------------------------------------------------


def test_tanh_and_relu_at_known_points():
    # tanh z = (e^2z - 1)/(e^2z + 1): at (ln 3)/2 it is 1/2 and its slope 3/4.
    z = column(-LN3 / 2, 0, LN3 / 2)
    np.testing.assert_allclose(Tanh.fn(z), column(-0.5, 0, 0.5), rtol=1e-15)
    np.testing.assert_allclose(Tanh.prime(z), column(0.75, 1, 0.75), rtol=1e-15)
    z = column(-2, 0, 3)
    np.testing.assert_array_equal(ReLU.fn(z), column(0, 0, 3))
    np.testing.assert_array_equal(ReLU.prime(z), column(0, 0, 1))


def test_softmax_by_hand_and_unmoved_by_a_common_shift():
    z = column(0, LN2, LN3)
    by_hand = column(1, 2, 3) / 6
    np.testing.assert_allclose(softmax(z), by_hand, rtol=1e-15)
    for shift in (1e4, -1e4):
        np.testing.assert_allclose(softmax(z + shift), by_hand, rtol=1e-11)


def test_huge_weighted_inputs_have_the_right_outputs_and_no_warning():
    assert reference.sigmoid(-1000.0) == 0.0
    assert reference.sigmoid(1000.0) == 1.0
    assert reference.sigmoid_prime(-1000.0) == 0.0
    np.testing.assert_array_equal(softmax(column(1e4, -1e4, 1e4)), column(0.5, 0, 0.5))
    np.testing.assert_array_equal(Tanh.fn(column(-1e4, 1e4)), column(-1, 1))


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu"])
@pytest.mark.parametrize(("cost", "output"), PAIRS)
def test_networks_of_huge_weighted_inputs_train_without_a_warning(activation, cost, output):
    net = seeded_network(reference, [3, 4, 2], cost, activation=activation, output=output)
    net.biases[0] = column(-1000, 1000, 1000, -1000)
    data = dense_digits(5, 3, 2, seed=2)
    with np.errstate(divide="ignore", invalid="ignore"):  # the logarithm of network2's costs
        net.SGD(data, 1, 2, 1e-9, monitor_training_cost=True, verbose=False)
    assert all(np.isfinite(array).all() for array in parameters(net))


def test_layers_are_of_the_activations_that_were_asked_for():
    names = ["tanh", "relu", Softplus]
    net = seeded_network(reference, [2, 3, 3, 3, 2], activation=names)
    assert net.activations == [*names, "sigmoid"]
    assert seeded_network(reference, [2, 3, 3, 2], activation="relu").activations == [
        *("relu", "relu", "sigmoid")
    ]
    a = column(0.3, -0.8)
    by_hand = [np.tanh, lambda z: z * (z > 0), lambda z: np.log(1 + np.exp(z)), reference.sigmoid]
    for f, w, b in zip(by_hand, net.weights, net.biases, strict=True):
        a = f(w @ a + b)
    np.testing.assert_allclose(net.feedforward(column(0.3, -0.8)), a, rtol=1e-14)


def test_the_output_is_by_default_softmax_for_the_log_likelihood_and_else_sigmoid():
    def output(cost):
        return seeded_network(reference, [2, 2], cost).activations

    assert output("LogLikelihoodCost") == ["softmax"]
    assert output("CrossEntropyCost") == output("QuadraticCost") == output(CubicCost) == ["sigmoid"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"activation": "softmax"}, "activation must be one of sigmoid, tanh, relu"),
        ({"activation": ["tanh", "tanh"]}, "one entry for each of 1 hidden layers"),
        ({"cost": "CrossEntropyCost", "output": "softmax"}, "must be sigmoid, got 'softmax'"),
        ({"cost": "LogLikelihoodCost", "output": "sigmoid"}, "must be softmax, got 'sigmoid'"),
        ({"cost": "QuadraticCost", "output": "softmax"}, "must be sigmoid or identity, got"),
        (
            {"cost": CubicCost, "output": "relu"},
            "must be sigmoid or softmax or identity or exponential, got",
        ),
        ({"initializer": "zeros"}, "initializer must be one of default, large, glorot, he"),
    ],
)
def test_what_does_not_exist_is_refused(options, words):
    with pytest.raises(ValueError, match=words):
        seeded_network(reference, [2, 2, 2], **options)


# Costs --------------------------------------------------------------------------------------


def test_log_likelihood_by_hand():
    fn, delta = reference.LogLikelihoodCost.fn, reference.LogLikelihoodCost.delta
    a = column(0.25, 0.25, 0.5)
    assert fn(a, column(0, 0, 1)) == pytest.approx(LN2, rel=1e-15)
    assert fn(a, column(0.5, 0, 0.5)) == pytest.approx(1.5 * LN2, rel=1e-15)
    np.testing.assert_array_equal(delta(a, a, column(0, 0, 1)), column(0.25, 0.25, -0.5))


def test_log_likelihood_of_outputs_that_are_exactly_zero():
    with np.errstate(divide="ignore", invalid="ignore"):
        assert reference.LogLikelihoodCost.fn(column(0, 1), column(0, 1)) == 0.0
        largest = np.finfo(np.float64).max
        assert reference.LogLikelihoodCost.fn(column(0, 1), column(1, 0)) == largest


def test_total_cost_of_softmax_knows_probabilities_too_small_for_a_float():
    net = seeded_network(reference, [1, 2], "LogLikelihoodCost")
    net.weights[0][:], net.biases[0][:] = 0.0, column(0, 1e4)
    assert net.feedforward(column(1))[0, 0] == 0.0
    assert net.total_cost([(column(1), 0)], 0.0, convert=True) == 1e4
    assert net.total_cost([(column(1), 1)], 0.0, convert=True) == 0.0


def test_total_cost_of_softmax_is_the_mean_of_the_log_likelihood():
    net = seeded_network(reference, [3, 4, 3], "LogLikelihoodCost", seed=3)
    data = dense_digits(9, 3, 3, seed=4)
    mean = np.mean([net.cost.fn(net.feedforward(x), y) for x, y in data])
    assert net.total_cost(data, 0.0) == pytest.approx(mean, rel=1e-13)
    assert net.total_cost(labelled(data), 0.0, convert=True) == net.total_cost(data, 0.0)


# Gradients against central differences ------------------------------------------------------


def assert_backprop_is_the_gradient(net, x, y):
    nabla_b, nabla_w = net.backprop(x, y)
    for parameter, slope in zip(parameters(net), [*nabla_b, *nabla_w], strict=True):
        differences = central_difference(lambda: net.total_cost([(x, y)], 0.0), parameter)
        np.testing.assert_allclose(slope, differences, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(("cost", "output"), [*PAIRS, (CubicCost, "softmax")])
@pytest.mark.parametrize("activation", [*ACTIVATIONS, ["tanh", Softplus, "relu"]])
def test_backprop_is_the_gradient_for_every_activation_and_output(activation, cost, output):
    net = seeded_network(
        reference, [3, 5, 4, 5, 3], cost, seed=5, activation=activation, output=output
    )
    rng = np.random.default_rng(6)
    y = rng.random((3, 1))
    assert_backprop_is_the_gradient(net, rng.standard_normal((3, 1)), y / np.sum(y))


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_backprop_with_masks_is_the_gradient_of_the_network_without_the_dropped_neurons(activation):
    net = seeded_network(reference, [3, 4, 5, 2], seed=7, activation=activation)
    rng = np.random.default_rng(8)
    x, y = rng.standard_normal((3, 1)), rng.random((2, 1))
    masks = [column(2, 0, 2, 0), column(0, 1.25, 1.25, 1.25, 0)]
    nabla_b, nabla_w = net.backprop(x, y, masks)

    # The same network: a factor on an output can go to the weights that read it.
    twin = seeded_network(reference, [3, 4, 5, 2], seed=7, activation=activation)
    for layer, mask in enumerate(masks):
        twin.weights[layer + 1] *= mask.T
    wanted_b, wanted_w = twin.backprop(x, y)
    for layer, mask in enumerate(masks):
        wanted_w[layer + 1] *= mask.T
    for got, wanted in zip([*nabla_b, *nabla_w], [*wanted_b, *wanted_w], strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-13, atol=1e-16)


# A step worked out by hand: tanh, softmax, log-likelihood -----------------------------------
#
# Sizes [1, 1, 2]; w1 = (ln 3)/2, b1 = 0, x = 1: z1 = (ln 3)/2, a1 = 1/2, tanh'(z1) = 3/4.
# w2 = (2 ln 3, 0), b2 = (0, 0): z2 = (ln 3, 0), softmax a2 = (3/4, 1/4). y = (0, 1).
# BP1: delta2 = a2 - y = (3/4, -3/4). BP4: dC/dw2 = delta2 a1 = (3/8, -3/8).
# BP2: delta1 = (2 ln 3)(3/4)(3/4) = 9/8 ln 3 = dC/dw1 as x = 1. The cost is -ln 1/4.


def test_worked_gradient_of_tanh_and_softmax():
    net = seeded_network(reference, [1, 1, 2], "LogLikelihoodCost", activation="tanh")
    net.weights = [np.array([[LN3 / 2]]), 2 * LN3 * np.array([[1.0], [0.0]])]
    net.biases = [column(0), column(0, 0)]
    x, y = column(1), column(0, 1)
    nabla_b, nabla_w = net.backprop(x, y)
    by_hand = [column(9 / 8 * LN3), column(3, -3) / 4, column(9 / 8 * LN3), column(3, -3) / 8]
    for got, wanted in zip([*nabla_b, *nabla_w], by_hand, strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-14)
    assert net.total_cost([(x, y)], 0.0) == pytest.approx(2 * LN2, rel=1e-14)


# Initialisers -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["default", "large", "glorot", "he"])
def test_draws_are_those_of_the_formula_in_the_order_of_the_layers(name):
    sizes = [5, 4, 3]
    net = seeded_network(reference, sizes, seed=9, initializer=name)
    state = state_of_numpy()

    np.random.seed(9)
    if name in ("default", "large"):
        biases = [np.random.standard_normal((j, 1)) for j in sizes[1:]]
    else:
        biases = [np.zeros((j, 1)) for j in sizes[1:]]
    weights = []
    for k, j in pairwise(sizes):
        if name == "glorot":
            weights.append((2 * np.random.random_sample((j, k)) - 1) * math.sqrt(6 / (k + j)))
        else:
            deviation = {"default": k**-0.5, "large": 1.0, "he": math.sqrt(2 / k)}[name]
            weights.append(np.random.standard_normal((j, k)) * deviation)
    for got, wanted in zip(parameters(net), [*biases, *weights], strict=True):
        assert got.dtype == np.float64
        np.testing.assert_allclose(got, wanted, rtol=1e-13, atol=1e-16)
    assert state == state_of_numpy()


@pytest.mark.parametrize(("name", "variance"), [("glorot", 2 / 500), ("he", 2 / 300)])
def test_initial_weights_have_the_variance_of_the_paper(name, variance):
    weights = seeded_network(reference, [300, 200], seed=10, initializer=name).weights[0]
    assert np.mean(weights) == pytest.approx(0.0, abs=4 * math.sqrt(variance / weights.size))
    assert np.var(weights) == pytest.approx(variance, rel=0.03)


def test_he_keeps_the_size_of_activations_through_many_layers_of_relu():
    net = seeded_network(reference, [100] * 12, seed=11, activation="relu", initializer="he")
    a = np.random.default_rng(12).standard_normal((100, 1))
    start = np.linalg.norm(a)
    for w, b in zip(net.weights[:-1], net.biases[:-1], strict=True):
        a = np.maximum(w @ a + b, 0)
    assert 0.3 < np.linalg.norm(a) / start < 3


# Files and training -------------------------------------------------------------------------


def test_files_of_network2_refuse_what_they_cannot_hold(tmp_path):
    net = seeded_network(reference, [2, 3, 2], "LogLikelihoodCost", activation="relu")
    with pytest.raises(ValueError, match=re.escape("sigmoid networks only, got 'relu'")):
        net.save(tmp_path / "net.json")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("cost", "output"), [("LogLikelihoodCost", None), ("QuadraticCost", "identity")]
)
@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_it_learns(activation, cost, output):
    net = seeded_network(
        reference, [20, 15, 4], cost, 13, activation=activation, output=output, initializer="glorot"
    )
    random.seed(14)
    data = digits(300, 20, 4, seed=15)
    costs = net.SGD(data, 15, 10, 0.1, monitor_training_cost=True, verbose=False).training_cost
    assert costs[-1] < costs[0] / 2
    assert net.accuracy(data, convert=True) > 0.75 * len(data)
