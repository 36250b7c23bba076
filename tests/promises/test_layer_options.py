"""fastnn against the reference for every activation, output, cost and initialiser."""

from __future__ import annotations

import random

import numpy as np
import pytest
from builders import (
    ALL_EXAMPLES,
    CubicCost,
    LogCoshCost,
    Softplus,
    assert_close,
    assert_programs_agree,
    assert_same_networks,
    column,
    copies,
    dense_digits,
    examples,
    labelled,
    seeded_network,
)

from fastnn import Dataset, network2, reference
from fastnn.kernels.layout import BLOCK

MORE_THAN_A_BLOCK = BLOCK + 5  # goes through other kernels than a smaller mini-batch

# A user's own function is compiled for every kernel in every process, which takes seconds each.
long = pytest.mark.long
OWN_ACTIVATION = pytest.param(Softplus, marks=long)
PAIRS = [
    ("QuadraticCost", "sigmoid"),
    ("QuadraticCost", "identity"),
    ("CrossEntropyCost", "sigmoid"),
    ("LogLikelihoodCost", "softmax"),
    ("PoissonCost", "exponential"),
    pytest.param(CubicCost, "softmax", marks=long),
    pytest.param(LogCoshCost, "identity", marks=long),
]
BUILT_IN_PAIRS = PAIRS[:5]
ACTIVATIONS = ["sigmoid", "tanh", "relu", OWN_ACTIVATION]


# Training -------------------------------------------------------------------------------------


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize(("cost", "output"), PAIRS)
@pytest.mark.parametrize("mini_batch_size", [10, MORE_THAN_A_BLOCK])
def test_training_agrees_for_every_activation_cost_and_output(
    activation, cost, output, mini_batch_size
):
    network = {"activation": activation, "output": output}
    arguments = (2, mini_batch_size, 0.05, 2.0)
    assert_programs_agree([25, 17, 10], *examples(25, 10), *arguments, cost=cost, network=network)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize(("cost", "output"), BUILT_IN_PAIRS)
@pytest.mark.parametrize("mini_batch_size", [1, 7, 64])
def test_training_agrees_for_every_mini_batch(activation, cost, output, mini_batch_size):
    network = {"activation": activation, "output": output}
    arguments = (2, mini_batch_size, 0.02, 2.0)
    assert_programs_agree([25, 33, 10], *examples(25, 10), *arguments, cost=cost, network=network)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("hidden", [[], [100, 1], [17, 33, 3], [3, 17, 33, 17]], ids=str)
@pytest.mark.parametrize("mini_batch_size", [10, MORE_THAN_A_BLOCK])
def test_training_agrees_for_layers_of_any_number_and_width(activation, hidden, mini_batch_size):
    network = {"activation": activation}
    arguments = (2, mini_batch_size, 0.05, 2.0)
    assert_programs_agree(
        [25, *hidden, 10],
        *examples(25, 10),
        *arguments,
        cost="LogLikelihoodCost",
        network=network,
    )


@pytest.mark.parametrize("mini_batch_size", [10, MORE_THAN_A_BLOCK])
@pytest.mark.parametrize(
    "activation",
    [
        pytest.param(["relu", "tanh", "sigmoid"], id="named"),
        pytest.param(["sigmoid", Softplus, "relu"], id="own", marks=pytest.mark.thorough),
    ],
)
def test_training_agrees_where_every_hidden_layer_is_of_another_kind(activation, mini_batch_size):
    network = {"activation": activation}
    arguments = (2, mini_batch_size, 0.05, 2.0)
    assert_programs_agree([25, 33, 17, 3, 10], *examples(25, 10), *arguments, network=network)


@pytest.mark.parametrize("outputs", [1, 2, 3, 33, 100])
@pytest.mark.parametrize(("cost", "output"), BUILT_IN_PAIRS)
@pytest.mark.parametrize("mini_batch_size", [10, MORE_THAN_A_BLOCK])
def test_training_agrees_for_any_number_of_outputs(outputs, cost, output, mini_batch_size):
    network = {"activation": "tanh", "output": output}
    arguments = (2, mini_batch_size, 0.05, 2.0)
    options = {"cost": cost, "network": network}
    if output in ("identity", "exponential") and outputs == 1:  # it tells no classes to count
        options |= {"monitor_training_accuracy": False, "monitor_evaluation_accuracy": False}
    assert_programs_agree([20, 17, outputs], *examples(20, outputs), *arguments, **options)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize(("cost", "output"), BUILT_IN_PAIRS)
def test_training_agrees_on_inputs_without_zeros(activation, cost, output):
    training = dense_digits(ALL_EXAMPLES, 12, 5, seed=3, dtype=np.float32)
    evaluation = labelled(dense_digits(60, 12, 5, seed=4, dtype=np.float32))
    network = {"activation": activation, "output": output}
    for mini_batch_size in (7, MORE_THAN_A_BLOCK):
        arguments = (2, mini_batch_size, 0.05, 2.0)
        assert_programs_agree(
            [12, 17, 5], training, evaluation, *arguments, cost=cost, network=network
        )


@pytest.mark.parametrize("mini_batch_size", [7, MORE_THAN_A_BLOCK])
def test_regression_agrees_for_targets_of_any_size(mini_batch_size):
    rng = np.random.default_rng(5)
    data = [(x, 30 * rng.standard_normal((3, 1))) for x, _ in examples(25, 10)[0]]
    network = {"activation": "tanh", "output": "identity"}
    assert_programs_agree(
        [25, 17, 3],
        data,
        labelled(data),
        *(3, mini_batch_size, 0.02, 2.0),
        cost="QuadraticCost",
        network=network,
    )


@pytest.mark.parametrize("mini_batch_size", [7, MORE_THAN_A_BLOCK])
def test_training_agrees_where_the_desired_output_of_softmax_is_a_distribution(mini_batch_size):
    rng = np.random.default_rng(6)
    desired = rng.dirichlet(np.ones(4), ALL_EXAMPLES).reshape(-1, 4, 1)
    data = [(x, y) for (x, _), y in zip(examples(25, 10)[0], desired, strict=True)]
    assert_programs_agree(
        [25, 17, 4],
        data,
        labelled(data),
        *(3, mini_batch_size, 0.1, 2.0),
        cost="LogLikelihoodCost",
    )


@pytest.mark.parametrize(("cost", "output"), BUILT_IN_PAIRS)
def test_integer_labels_train_as_unit_columns_do(cost, output):
    training, _ = examples(25, 10)
    rows = np.array([x[:, 0] for x, _ in training])
    labels = np.array([label for _, label in labelled(training)])
    options = {"activation": "relu", "output": output}
    net = seeded_network(network2, [25, 17, 10], cost, **options)
    oracle = seeded_network(reference, [25, 17, 10], cost, **options)
    random.seed(7)
    net.SGD(Dataset(rows, labels, classes=10), 2, 10, 0.05, 2.0, verbose=False)
    random.seed(7)
    oracle.SGD(list(training), 2, 10, 0.05, 2.0, verbose=False)
    assert_same_networks(net, oracle)


# One example ----------------------------------------------------------------------------------


MIXED = pytest.param(["tanh", "relu", Softplus], marks=long)


@pytest.mark.parametrize("activation", [*ACTIVATIONS, MIXED])
@pytest.mark.parametrize(("cost", "output"), PAIRS)
def test_feedforward_backprop_and_single_steps_agree(activation, cost, output):
    options = {"activation": activation, "output": output}
    sizes = [25, 17, 1, 33, 10]
    net, oracle = (seeded_network(m, sizes, cost, **options) for m in (network2, reference))
    assert net.activations == oracle.activations
    for x, y in examples(25, 10)[0][:5]:
        assert_close([net.feedforward(x)], [oracle.feedforward(x)], rtol=1e-12)
        for got, wanted in zip(net.backprop(x, y), oracle.backprop(x, y), strict=True):
            assert_close(got, wanted, rtol=1e-12)
    for network in (net, oracle):
        network.update_mini_batch(examples(25, 10)[0][:9], 0.1, 3.0, 1000)
    assert_same_networks(net, oracle, rtol=1e-11)


@pytest.mark.parametrize(("cost", "output"), PAIRS)
@pytest.mark.parametrize("activation", ["tanh", "relu", OWN_ACTIVATION])
def test_total_cost_and_accuracy_agree(activation, cost, output):
    options = {"activation": activation, "output": output}
    net, oracle = (seeded_network(m, [25, 17, 10], cost, **options) for m in (network2, reference))
    training, evaluation = examples(25, 10)
    assert net.accuracy(evaluation) == oracle.accuracy(evaluation)
    assert net.accuracy(training, convert=True) == oracle.accuracy(training, convert=True)
    for data, convert in ((training, False), (evaluation, True)):
        wanted = oracle.total_cost(data, 2.0, convert=convert)
        assert net.total_cost(data, 2.0, convert=convert) == pytest.approx(wanted, rel=1e-12)


# Networks at their limits ---------------------------------------------------------------------


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu"])
@pytest.mark.parametrize(
    ("cost", "output"), [("LogLikelihoodCost", None), ("QuadraticCost", "identity")]
)
def test_networks_of_huge_weights_agree_without_a_warning(activation, cost, output):
    options = {"activation": activation, "output": output}
    net, oracle = (seeded_network(m, [25, 17, 10], cost, **options) for m in (network2, reference))
    for network in (net, oracle):
        rng = np.random.default_rng(8)
        network.weights = [rng.choice([-100.0, 100.0], w.shape) for w in network.weights]
        network.biases = [rng.choice([-1000.0, 0.0, 1000.0], b.shape) for b in network.biases]
    training, evaluation = examples(25, 10)
    # Terms of 1000 that cancel leave what the order of the sum rounds differently.
    atol = 1e-12 if output == "identity" else 1e-300
    for x, _ in evaluation:
        np.testing.assert_allclose(net.feedforward(x), oracle.feedforward(x), rtol=1e-11, atol=atol)
    wanted = oracle.total_cost(training, 0.0)
    assert net.total_cost(training, 0.0) == pytest.approx(wanted, rel=1e-10)
    assert net.accuracy(evaluation) == oracle.accuracy(evaluation)
    for network in (net, oracle):
        random.seed(9)
        network.SGD(list(training), 1, 10, 1e-6, verbose=False)
    assert_same_networks(net, oracle)


def test_softmax_costs_what_its_weighted_inputs_say_even_where_outputs_are_zero():
    net = seeded_network(network2, [1, 2], "LogLikelihoodCost")
    net.weights[0][:], net.biases[0][:] = 0.0, column(0, 1e4)
    np.testing.assert_array_equal(net.feedforward(column(1)), column(0, 1))
    assert net.total_cost([(column(1), column(1, 0))], 0.0) == 1e4
    assert net.total_cost([(column(1), column(0, 1))], 0.0) == 0.0


def test_relu_has_no_slope_at_its_kink():
    net = seeded_network(network2, [1, 2, 1], "QuadraticCost", activation="relu", output="identity")
    net.weights = [np.array([[1.0], [1.0]]), np.array([[1.0, 1.0]])]
    net.biases = [column(-1, 0), column(0)]
    nabla_b, _ = net.backprop(column(1), column(0))  # z = (0, 1), a = 1
    np.testing.assert_array_equal(nabla_b[0], column(0, 1))
    before = copies(net)
    net.update_mini_batch([(column(1), column(0))], 0.5, 0.0, 1)
    np.testing.assert_array_equal(net.biases[0], before[0] - 0.5 * column(0, 1))
