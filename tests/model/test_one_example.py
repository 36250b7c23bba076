"""Output and gradient of one example: numbers worked by hand, and slopes of the cost itself."""

from __future__ import annotations

import numpy as np
import pytest
from builders import (
    CubicCost,
    LogCoshCost,
    Softplus,
    assert_close,
    central_difference,
    column,
    seeded_network,
)

from fastnn import (
    CrossEntropyCost,
    LogLikelihoodCost,
    PoissonCost,
    QuadraticCost,
    network,
    network2,
    reference,
)
from fastnn.model.architecture import Architecture
from fastnn.model.one_example import gradient_of, output_of


def test_output_and_gradient_are_those_worked_by_hand():
    """One neuron in every layer: z = 0.5 * 2 - 1 = 0 and a = 1/2, then z = 4 a - 2 = 0 again."""
    architecture = Architecture([1, 1, 1], np.dtype(float), QuadraticCost, ["sigmoid"] * 2)
    weights, biases = [column(0.5), column(4)], [column(-1), column(-2)]
    assert output_of(architecture, weights, biases, column(2)) == 0.5
    nabla_b, nabla_w = gradient_of(architecture, weights, biases, column(2), column(0))
    # delta = (1/2 - 0) / 4 = 1/8 (BP1), and before it 4 / 8 / 4 = 1/8 (BP2).
    assert [float(b[0, 0]) for b in nabla_b] == [0.125, 0.125]  # BP3
    assert [float(w[0, 0]) for w in nabla_w] == [2 * 0.125, 0.5 * 0.125]  # BP4


@pytest.mark.parametrize(
    ("cost", "output"),
    [
        (QuadraticCost, "sigmoid"),
        (QuadraticCost, "identity"),
        (CrossEntropyCost, "sigmoid"),
        (LogLikelihoodCost, "softmax"),
        (PoissonCost, "exponential"),
        (CubicCost, "softmax"),
        (LogCoshCost, "identity"),
    ],
)
@pytest.mark.parametrize("hidden", [["sigmoid"], ["tanh", "relu"], [Softplus]], ids=str)
def test_the_gradient_is_the_slope_of_the_cost(hidden, cost, output):
    sizes = [3, *[4] * len(hidden), 2]
    architecture = Architecture(sizes, np.dtype(float), cost, [*hidden, output])
    rng = np.random.default_rng(1)
    weights = [rng.standard_normal(shape) for shape in zip(sizes[1:], sizes[:-1], strict=True)]
    biases = [rng.standard_normal((size, 1)) for size in sizes[1:]]
    x, y = rng.standard_normal((3, 1)), column(0.25, 0.75)

    def cost_now():
        return cost.fn(output_of(architecture, weights, biases, x), y)

    nabla_b, nabla_w = gradient_of(architecture, weights, biases, x, y)
    for slopes, arrays in ((nabla_b, biases), (nabla_w, weights)):
        for slope, array in zip(slopes, arrays, strict=True):
            wanted = central_difference(cost_now, array)
            np.testing.assert_allclose(slope, wanted, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("cost", ["QuadraticCost", "CrossEntropyCost", CubicCost])
def test_columns_side_by_side_give_their_gradients_as_network2_does(cost):
    """Those of biases side by side, and those of weights summed."""
    columns, desired = np.random.RandomState(1).rand(3, 5), np.random.RandomState(2).rand(2, 5)
    nets = [seeded_network(module, [3, 4, 2], cost) for module in (reference, network2)]
    wanted, got = (net.backprop(columns, desired) for net in nets)
    for mine, theirs in zip(got, wanted, strict=True):
        assert_close(mine, theirs)
    assert [nb.shape for nb in got[0]] == [(4, 5), (2, 5)]
    one = network.Network([1, 4, 1])
    assert [nb.shape for nb in one.backprop(columns[:1], desired[:1])[0]] == [(4, 5), (1, 5)]


def test_columns_side_by_side_have_to_be_as_many_and_their_errors_too():
    class Summed(CubicCost):
        @staticmethod
        def delta(z, a, y):
            return np.sum(a - y, axis=1, keepdims=True)

    net = seeded_network(network2, [3, 4, 2], Summed)
    with pytest.raises(ValueError, match=r"y must have the shape \(2, 5\), got \(2, 1\)"):
        net.backprop(np.ones((3, 5)), np.ones((2, 1)))
    with pytest.raises(ValueError, match=r"x must have the shape \(3, 1\), got \(5, 3\)"):
        net.backprop(np.ones((5, 3)), np.ones((2, 3)))
    with pytest.raises(ValueError, match=r"delta must return .* \(2, 5\), got shape \(2, 1\)"):
        net.backprop(np.ones((3, 5)), np.ones((2, 5)))


def test_columns_side_by_side_give_their_outputs_side_by_side():
    architecture = Architecture([3, 2], np.dtype(np.float32), LogLikelihoodCost, ["softmax"])
    rng = np.random.default_rng(2)
    weights, biases = [rng.standard_normal((2, 3))], [rng.standard_normal((2, 1))]
    columns = rng.standard_normal((3, 5))
    outputs = output_of(architecture, weights, biases, columns)
    assert outputs.dtype == np.float32
    for place in range(5):
        alone = output_of(architecture, weights, biases, columns[:, place : place + 1])
        np.testing.assert_allclose(outputs[:, place : place + 1], alone, rtol=1e-6)


def test_weighted_inputs_beyond_what_exp_can_hold_warn_of_nothing():
    architecture = Architecture([1, 1], np.dtype(float), CrossEntropyCost, ["sigmoid"])
    assert output_of(architecture, [column(-1000)], [column(0)], column(1)) == 0.0


@pytest.mark.parametrize("module", [network2, network])
def test_a_flat_column_is_refused_with_what_makes_it_one(module):
    """network2 adds it to the biases as a row, which gives a square."""
    net, x, y = module.Network([3, 4, 2]), np.ones((3, 1)), np.ones((2, 1))
    for call, name in (
        (lambda: net.feedforward(x[:, 0]), "a"),
        (lambda: net.backprop(x[:, 0], y), "x"),
        (lambda: net.backprop(x, y[:, 0]), "y"),
    ):
        with pytest.raises(ValueError, match=rf"{name} must .*; {name}\.reshape\(-1, 1\) has it$"):
            call()
    with pytest.raises(ValueError, match=r"a must have the shape \(3, 1\), got \(2,\)$"):
        net.feedforward(x[:2, 0])
