"""Gradients averaged over data: by hand, with a cost for Python, and measured again."""

from __future__ import annotations

import numpy as np
import pytest
from builders import CostInPython, assert_close, digits, parameters, seeded_network

from fastnn import Dataset, QuadraticCost, network2
from fastnn.engine.meter import Meter
from fastnn.model.description import architecture_of, parameters_of

SIZES = [20, 17, 5]


def measured(cost, scale=1.0):
    """The gradient of a network with this cost: weights, then biases."""
    net = seeded_network(network2, SIZES, cost, output="identity")
    meter = Meter(architecture_of(net), Dataset.from_pairs(digits(150, 20, 5, seed=1)))
    weights, biases = parameters_of(net)
    meter.gradient([w * scale for w in weights], biases)
    nabla_w, nabla_b = meter.gradient(weights, biases)
    return [*nabla_w, *nabla_b], meter.speeds(weights, biases), net


def test_the_gradient_is_the_mean_of_those_of_single_examples():
    gradient, _, net = measured(QuadraticCost)
    pairs = digits(150, 20, 5, seed=1)
    total = [np.zeros_like(array) for array in (*net.weights, *net.biases)]
    for x, y in pairs:
        nabla_b, nabla_w = net.backprop(x, y)
        for place, array in zip(total, (*nabla_w, *nabla_b), strict=True):
            place += array
    assert_close(gradient, [array / len(pairs) for array in total])


@pytest.mark.filterwarnings("ignore:.*CostInPython")
def test_a_cost_for_python_gives_the_gradient_of_the_compiled_one():
    assert_close(measured(CostInPython)[0], measured(QuadraticCost)[0])


def test_a_second_measurement_begins_at_zero_and_speeds_are_norms_of_it():
    gradient, speeds, net = measured(QuadraticCost)
    again, _, _ = measured(QuadraticCost, scale=-3.0)
    for mine, other in zip(gradient, again, strict=True):
        np.testing.assert_array_equal(mine, other)
    layers = len(parameters(net)) // 2
    np.testing.assert_allclose(speeds, [np.linalg.norm(b) for b in gradient[layers:]], rtol=1e-12)
