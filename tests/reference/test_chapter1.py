"""The plain program of chapter 1: gradients by differences, and a step worked by hand."""

from __future__ import annotations

import numpy as np
import pytest
from builders import central_difference, column, seed_generators

from fastnn.reference import chapter1


def test_the_gradient_is_that_of_the_quadratic_cost():
    seed_generators(1)
    net = chapter1.Network([3, 4, 2])
    x, y = np.random.rand(3, 1), column(0.0, 1.0)

    def cost():
        return 0.5 * np.sum((net.feedforward(x) - y) ** 2)

    nabla_b, nabla_w = net.backprop(x, y)
    for got, array in zip(nabla_b + nabla_w, net.biases + net.weights, strict=True):
        wanted = central_difference(cost, array)
        np.testing.assert_allclose(got, wanted, rtol=1e-6, atol=1e-9)


def test_a_step_of_one_neuron_is_that_worked_by_hand(capsys):
    net = chapter1.Network([1, 1])
    net.weights, net.biases = [column(0.0)], [column(0.0)]
    # a = 1/2, so dC/db = (1/2 - 1) 1/4 = -1/8, and dC/dw twice that for x = 2.
    net.SGD([(column(2.0), column(1.0))], 1, 1, 0.8)
    assert net.biases[0][0, 0] == pytest.approx(0.1)
    assert net.weights[0][0, 0] == pytest.approx(0.2)
    assert capsys.readouterr().out == "Epoch 0 complete\n"


def test_the_book_says_how_many_are_right(capsys):
    net = chapter1.Network([1, 2])
    net.weights, net.biases = [column(0.0, 0.0)], [column(0.0, 1.0)]
    pairs = [(column(1.0), column(0.0, 1.0))]
    net.SGD(pairs, 1, 1, 0.0, test_data=[(column(1.0), 1), (column(0.0), 0)])
    assert capsys.readouterr().out == "Epoch 0: 1 / 2\n"
