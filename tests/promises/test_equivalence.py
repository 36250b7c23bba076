"""fastnn against the plain NumPy reference: the same numbers, order and generator states."""

from __future__ import annotations

import random

import numpy as np
import pytest
from builders import (
    ALL_EXAMPLES,
    ALL_MONITORS,
    assert_close,
    assert_programs_agree,
    assert_same_networks,
    column,
    copies,
    dense_digits,
    examples,
    labelled,
    parameters,
    seeded_network,
)

from fastnn import network2, reference
from fastnn.kernels.layout import BLOCK

COSTS = ["CrossEntropyCost", "QuadraticCost"]
# The widths 1, 3, 17, 33 and 100 fill no whole number of vector registers.
HIDDEN_LAYERS = {1: [33], 2: [17, 3], 3: [100, 1, 17], 4: [17, 33, 3, 100]}


# Training -------------------------------------------------------------------------------------


@pytest.mark.parametrize("cost", COSTS)
@pytest.mark.parametrize("hidden", HIDDEN_LAYERS)
@pytest.mark.parametrize("mini_batch_size", [1, 7, 10, 64, BLOCK + 5, ALL_EXAMPLES])
@pytest.mark.parametrize("lmbda", [0.0, 5.0])
def test_training_agrees_for_every_depth_mini_batch_cost_and_decay(
    cost, hidden, mini_batch_size, lmbda
):
    sizes = [25, *HIDDEN_LAYERS[hidden], 10]
    assert_programs_agree(sizes, *examples(25, 10), 2, mini_batch_size, 0.5, lmbda, cost=cost)


@pytest.mark.parametrize(
    "sizes",
    [
        *([1, 1, 2], [1, 3, 17, 2], [3, 1, 3], [17, 1, 1, 1, 17], [50, 100, 33], [33, 3, 100]),
        *([20, 16, 10], [20, 32, 48, 16], [20, 64, 10], [20, 10], [20, 33], [20, 100]),
    ],
    ids=str,
)
@pytest.mark.parametrize("mini_batch_size", [10, BLOCK + 5])
def test_training_agrees_for_layers_of_any_width(sizes, mini_batch_size):
    data = examples(sizes[0], sizes[-1])
    assert_programs_agree(sizes, *data, 2, mini_batch_size, 0.5, 1.0)


@pytest.mark.parametrize("mini_batch_size", [60, 1000])
def test_training_agrees_when_one_small_mini_batch_holds_everything(mini_batch_size):
    training, evaluation = examples(25, 10)
    assert_programs_agree([25, 17, 10], training[:60], evaluation, 5, mini_batch_size, 0.5, 5.0)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_training_agrees_on_a_handful_of_examples(n):
    training, evaluation = examples(25, 10)
    assert_programs_agree([25, 17, 10], training[:n], evaluation[:1], 5, 2, 0.5, 0.1)


@pytest.mark.parametrize("cost", COSTS)
def test_training_agrees_on_images_of_784_pixels(cost):
    assert_programs_agree([784, 30, 10], *examples(784, 10), 3, 10, 0.1, 5.0, cost=cost)


# Decay is lazy in the first layer: a factor beside the stored weights. At 1 the weights vanish at
# every step, beyond 1 they change sign, and a negative lmbda makes them grow.
@pytest.mark.parametrize("cost", COSTS)
@pytest.mark.parametrize("mini_batch_size", [10, BLOCK + 5])
@pytest.mark.parametrize("shrinkage", [1.0, 0.5, 1.5, 2.0, 0.9999, -0.01])
def test_training_agrees_for_large_and_negative_decay(cost, mini_batch_size, shrinkage):
    eta = 0.5
    lmbda = shrinkage * ALL_EXAMPLES / eta
    data = examples(25, 10)
    assert_programs_agree([25, 17, 3, 10], *data, 3, mini_batch_size, eta, lmbda, cost=cost)


# (decay - 1) w would cancel with w. Biases of -1e9 keep the neurons of the first hidden layer at 0,
# so that nothing hides what is left of the second layer's weights.
@pytest.mark.parametrize("l1", [0.0, 1e-3])
@pytest.mark.parametrize("mini_batch_size", [10, BLOCK + 5])
@pytest.mark.parametrize("decay", [0.4, 1e-3, 1e-6, -1e-7, 1e-9])
def test_what_a_decay_next_to_0_leaves_of_each_weight_agrees(decay, mini_batch_size, l1):
    training, _ = examples(4, 3)
    after = []
    for module in (network2, reference):
        net = seeded_network(module, [4, 5, 6, 3], activation="relu")
        net.biases = [np.full((5, 1), -1e9), *net.biases[1:]]
        lmbda = (1 - decay) * ALL_EXAMPLES / 0.1
        random.seed(2)
        net.SGD(list(training), 1, mini_batch_size, 0.1, lmbda, l1=l1, verbose=False)
        after.append(net.weights)
    assert np.all(after[0][1] != 0)
    for ours, theirs in zip(*after, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=0)


@pytest.mark.parametrize(("eta", "lmbda"), [(0.0, 5.0), (-0.1, 0.5), (2.0, 0.0)])
def test_training_agrees_for_unusual_learning_rates(eta, lmbda):
    assert_programs_agree([25, 17, 10], *examples(25, 10), 1, 10, eta, lmbda)


@pytest.mark.compiled
@pytest.mark.parametrize("cost", COSTS)
@pytest.mark.parametrize("lmbda", [0.0, 0.5])
def test_training_agrees_after_thousands_of_steps(cost, lmbda):
    training, evaluation = examples(25, 10)
    sizes = [25, 17, 10]
    assert_programs_agree(sizes, training, evaluation, 100, 5, 0.1, lmbda, cost=cost)


@pytest.mark.parametrize("mini_batch_size", [1, 10, BLOCK + 5])
@pytest.mark.parametrize("sizes", [[25, 33, 10], [3, 17, 100, 3]], ids=str)
def test_training_agrees_on_inputs_without_zeros(sizes, mini_batch_size):
    training = dense_digits(ALL_EXAMPLES, sizes[0], sizes[-1], seed=3, dtype=np.float32)
    evaluation = labelled(dense_digits(60, sizes[0], sizes[-1], seed=4, dtype=np.float32))
    assert_programs_agree(sizes, training, evaluation, 2, mini_batch_size, 0.5, 1.0)


@pytest.mark.parametrize("cost", COSTS)
@pytest.mark.parametrize("mini_batch_size", [10, BLOCK + 5])
@pytest.mark.parametrize("sizes", [[5, 17, 3], [3, 2, 1]], ids=str)
def test_training_agrees_where_targets_are_any_numbers_from_0_to_1(sizes, mini_batch_size, cost):
    rng = np.random.default_rng(5)
    inputs = dense_digits(ALL_EXAMPLES, sizes[0], 2, seed=6)
    data = [(x, rng.random((sizes[-1], 1))) for x, _ in inputs]
    data[0][1][:] = 0.0
    data[1][1][:] = 1.0
    evaluation = labelled(data[:60])
    assert_programs_agree(sizes, data, evaluation, 3, mini_batch_size, 0.5, 1.0, cost=cost)


def test_training_agrees_on_lists_that_hold_an_example_more_than_once():
    training, evaluation = examples(25, 10)
    repeated = training[:40] + training[20:60] + [training[0]] * 30
    assert_programs_agree([25, 17, 10], repeated, evaluation, 2, 7, 0.5, 1.0)


# One step -------------------------------------------------------------------------------------
#
# Sizes [2, 2, 1], numbers chosen so that every weighted input is 0 and every activation 1/2:
#     w1 = [[4, -2], [-2, 1]]   b1 = (0, 0)   w2 = [[2, -4]]   b2 = 1
#     x = (1, 2) and (1/2, 1):  z1 = (0, 0), a1 = (1/2, 1/2), z2 = 1 - 2 + 1 = 0, a2 = 1/2
# Cross-entropy, y = 1 and y = 1/4: delta2 = a2 - y = -1/2 and 1/4        (BP1)
#     dC/dw2 = delta2 a1^T = (-1/4, -1/4) and (1/8, 1/8)                    (BP4)
#     delta1 = (2, -4) delta2 / 4 = (-1/4, 1/2) and (1/8, -1/4)             (BP2)
#     dC/dw1 = delta1 x^T = [[-1/4, -1/2], [1/2, 1]] and [[1/16, 1/8], [-1/8, -1/4]]
# Sums of the two, where dC/db is delta                                     (BP3)
#     db1 = (-1/8, 1/4)   dw1 = [[-3/16, -3/8], [3/8, 3/4]]   db2 = -1/4   dw2 = (-1/8, -1/8)
# Quadratic: delta2 has the factor sigmoid'(0) = 1/4, which carries over to the rest.
# eta = 1/2, lmbda = 4, n = 4: weights times 1 - 1/2, then minus eta/2 = 1/4 of the sums.
# All of these are exact in binary, so the program must give exactly these numbers.


@pytest.mark.parametrize(("cost", "factor"), [("CrossEntropyCost", 1), ("QuadraticCost", 1 / 4)])
def test_a_step_worked_out_by_hand(cost, factor):
    net = seeded_network(network2, [2, 2, 1], cost)
    net.weights = [np.array([[4.0, -2.0], [-2.0, 1.0]]), np.array([[2.0, -4.0]])]
    net.biases = [column(0, 0), column(1)]
    mini_batch = [(column(1, 2), column(1)), (column(0.5, 1), column(0.25))]
    net.update_mini_batch(mini_batch, 0.5, 4.0, 4)
    step = factor / 4
    expected = [
        column(step / 8, -step / 4),
        column(1 + step / 4),
        np.array([[2, -1], [-1, 0.5]]) - step * np.array([[-3, -6], [6, 12]]) / 16,
        np.array([[1, -2]]) + step / 8,
    ]
    for got, by_hand in zip(parameters(net), expected, strict=True):
        np.testing.assert_array_equal(got, by_hand)


@pytest.mark.parametrize("cost", COSTS)
@pytest.mark.parametrize("sizes", [[3, 2], [1, 1, 1], [5, 4, 3], [3, 4, 4, 2], [2, 3, 3, 3, 3, 2]])
def test_backprop_is_the_slope_of_the_cost(sizes, cost):
    net = seeded_network(network2, sizes, cost, seed=7)
    rng = np.random.default_rng(8)
    x, y = rng.random((sizes[0], 1)), rng.random((sizes[-1], 1))
    nabla_b, nabla_w = net.backprop(x, y)
    h = 1e-5
    for parameter, slope in zip(parameters(net), [*nabla_b, *nabla_w], strict=True):
        assert slope.shape == parameter.shape
        for index in np.ndindex(parameter.shape):
            kept = parameter[index]
            parameter[index] = kept + h
            above = net.cost.fn(net.feedforward(x), y)
            parameter[index] = kept - h
            below = net.cost.fn(net.feedforward(x), y)
            parameter[index] = kept
            assert slope[index] == pytest.approx((above - below) / (2 * h), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("cost", COSTS)
@pytest.mark.parametrize("sizes", [[25, 10], [25, 33, 10], [25, 17, 1, 100, 3, 10]], ids=str)
def test_feedforward_and_backprop_agree_for_single_examples(sizes, cost):
    net = seeded_network(network2, sizes, cost)
    oracle = seeded_network(reference, sizes, cost)
    for x, y in examples(25, 10)[0][:5]:
        output = net.feedforward(x)
        assert output.shape == (10, 1)
        assert_close([output], [oracle.feedforward(x)], rtol=1e-12)
        for got, wanted in zip(net.backprop(x, y), oracle.backprop(x, y), strict=True):
            assert isinstance(got, list)
            assert_close(got, wanted, rtol=1e-12)


@pytest.mark.parametrize("cost", COSTS)
@pytest.mark.parametrize("size", [1, 2, 7, 64, BLOCK, BLOCK + 1])
def test_update_mini_batch_agrees_and_draws_nothing(size, cost):
    sizes = [25, 17, 3, 10]
    net = seeded_network(network2, sizes, cost)
    oracle = seeded_network(reference, sizes, cost)
    mini_batch = examples(25, 10)[0][:size]
    before, state = list(mini_batch), random.getstate()
    for network in (net, oracle):
        network.update_mini_batch(mini_batch, 0.5, 3.0, 1000)
    assert_same_networks(net, oracle, rtol=1e-12)
    assert all(mine is theirs for mine, theirs in zip(mini_batch, before, strict=True))
    assert random.getstate() == state


@pytest.mark.parametrize("cost", COSTS)
def test_a_step_of_the_whole_data_follows_the_gradients_of_backprop(cost):
    net = seeded_network(network2, [25, 17, 10], cost)
    data, n = examples(25, 10)[0][:30], 30
    eta, lmbda = 0.25, 6.0
    b, w = net.biases, net.weights
    gradients = [net.backprop(x, y) for x, y in data]
    net.update_mini_batch(data, eta, lmbda, n)
    for layer in range(2):
        mean_b = sum(nabla_b[layer] for nabla_b, _ in gradients) / n
        mean_w = sum(nabla_w[layer] for _, nabla_w in gradients) / n
        assert_close([net.biases[layer]], [b[layer] - eta * mean_b], rtol=1e-12)
        decayed = (1 - eta * lmbda / n) * w[layer]
        assert_close([net.weights[layer]], [decayed - eta * mean_w], rtol=1e-12)


# Networks at their limits ---------------------------------------------------------------------


def saturate(net, seed):
    """Set weights to 100 and -100 and biases to large numbers."""
    rng = np.random.default_rng(seed)
    net.weights = [rng.choice([-100.0, 100.0], w.shape) for w in net.weights]
    net.biases = [rng.choice([-1000.0, 0.0, 1000.0], b.shape) for b in net.biases]
    return net


@pytest.mark.parametrize("cost", COSTS)
@pytest.mark.parametrize("sizes", [[25, 10], [25, 17, 10], [25, 17, 3, 10]], ids=str)
@pytest.mark.parametrize("seed", range(4))
def test_saturated_networks_have_the_costs_accuracies_and_outputs_of_numpy(sizes, cost, seed):
    net = saturate(seeded_network(network2, sizes, cost), seed)
    oracle = saturate(seeded_network(reference, sizes, cost), seed)
    training, evaluation = examples(25, 10)
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        wanted = (
            oracle.total_cost(training, 0.0),
            oracle.total_cost(evaluation, 1.0, convert=True),
            oracle.accuracy(training, convert=True),
            oracle.accuracy(evaluation),
        )
        outputs = [oracle.feedforward(x) for x, _ in evaluation]
    got = (
        net.total_cost(training, 0.0),
        net.total_cost(evaluation, 1.0, convert=True),
        net.accuracy(training, convert=True),
        net.accuracy(evaluation),
    )
    np.testing.assert_allclose(got[:2], wanted[:2], rtol=1e-10)
    assert got[2:] == wanted[2:]
    for (x, _), output in zip(evaluation, outputs, strict=True):
        np.testing.assert_allclose(net.feedforward(x), output, rtol=1e-12)


def test_exactly_right_and_exactly_wrong_outputs_cost_what_numpy_says():
    net = seeded_network(network2, [2, 3])
    net.weights[0][:] = 0.0
    net.biases[0][:] = column(-1000, 1000, -1000)  # outputs exactly 0, 1, 0
    largest = np.finfo(np.float64).max
    x = column(1, 1)
    assert net.total_cost([(x, column(0, 1, 0))], 0.0) == 0.0
    assert net.total_cost([(x, column(0, 0, 0))], 0.0) == largest
    assert net.total_cost([(x, column(0, 1, 1))], 0.0) == largest
    assert net.total_cost([(x, 0)], 0.0, convert=True) == np.inf  # two of the largest
    assert net.total_cost([(x, 1)] * 4, 0.0, convert=True) == 0.0


@pytest.mark.parametrize("y", [2.0, -1.0])
@pytest.mark.parametrize("bias", [1000.0, -1000.0])
def test_terms_of_minus_infinity_cost_minus_the_largest_float_as_numpy_says(bias, y):
    costs = []
    for module in (network2, reference):
        net = seeded_network(module, [2, 1])
        net.weights[0][:] = 0.0
        net.biases[0][:] = bias  # an output of exactly 0 or 1, and targets beyond them
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            costs.append(net.total_cost([(column(1, 1), column(y))], 0.0))
    assert abs(costs[1]) == np.finfo(np.float64).max
    assert costs[0] == costs[1]


@pytest.mark.parametrize("cost", COSTS)
def test_training_agrees_from_a_saturated_start(cost):
    sizes = [25, 17, 10]
    nets = [saturate(seeded_network(m, sizes, cost), 9) for m in (network2, reference)]
    training, evaluation = examples(25, 10)
    histories = []
    for net in nets:
        random.seed(10)
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            history = net.SGD(
                list(training), 1, 10, 0.1, 0.1, evaluation, **ALL_MONITORS, verbose=False
            )
        histories.append(history)
    assert_same_networks(*nets)
    assert histories[0][1] == histories[1][1]
    assert histories[0][3] == histories[1][3]


@pytest.mark.parametrize("outputs", [2, 10, 33])
def test_the_first_of_equally_strong_outputs_is_the_answer(outputs):
    net = seeded_network(network2, [3, outputs])
    net.weights[0][:] = 0.0
    net.biases[0][:] = 0.5
    before = copies(net)
    data = [(column(0, 0, 1), label) for label in range(outputs)] * 3
    assert net.accuracy(data) == 3
    assert net.accuracy(data[1:outputs]) == 0
    unit = [(x, reference.vectorized_result(label, outputs)) for x, label in data]
    assert net.accuracy(unit, convert=True) == 3
    for mine, kept in zip(parameters(net), before, strict=True):
        np.testing.assert_array_equal(mine, kept)
