"""The reference's steps, worked out by hand: L1, momentum, Nesterov's momentum, Adam."""

from __future__ import annotations

import math

import numpy as np
import pytest
from builders import (
    assert_close,
    assert_same_bits,
    column,
    copies,
    dense_digits,
    parameters,
    seeded_network,
)

from fastnn import reference
from fastnn.reference import Adam


class Slope:
    """A cost whose error is 1 everywhere: dC/db = 1 and dC/dw = x for one layer."""

    @staticmethod
    def fn(a, y):
        return float(np.sum(a))

    @staticmethod
    def delta(z, a, y):
        return np.ones_like(z)


def walk(steps, eta, x=2.0, w=4.0, b=0.0, n=1, **options):
    """Return a single neuron's weight and bias after each step on `n` equal examples."""
    net = seeded_network(reference, [1, 1], Slope, output="identity")
    seen = []
    for epochs in range(1, steps + 1):
        net.weights, net.biases = [np.array([[w]])], [np.array([[b]])]
        net.SGD([(column(x), column(0))] * n, epochs, n, eta, verbose=False, **options)
        seen.append((net.weights[0].item(), net.biases[0].item()))
    return seen


# One neuron, x = 2, w = 4, b = 0, so dC/dw = 2 and dC/db = 1 always; eta = 1/4, mu = 1/2.
# lmbda = 1/2, l1 = 1, n = 1: g = 2 + w/2 + sgn(w) for the weight, 1 for the bias.
#
# Plain:     w = 4 - 5/4 = 11/4             g = 35/8    w = 11/4 - 35/32 = 53/32
#            b = -1/4                                   b = -1/2
# Momentum:  v = -5/4            w = 11/4   g = 35/8    v = -5/8 - 35/32 = -55/32   w = 33/32
#            v = -1/4            b = -1/4               v = -1/8 - 1/4 = -3/8       b = -5/8
# Nesterov:  v = -5/4            w = 4 - 5/8 - 5/4 = 17/8                 g = 65/16
#            v = -5/8 - 65/64 = -105/64     w = 17/8 - 105/128 - 65/64 = 37/128
#            v = -1/4            b = -1/8 - 1/4 = -3/8
#            v = -3/8                       b = -3/8 - 3/16 - 1/4 = -13/16


@pytest.mark.parametrize(
    ("options", "by_hand"),
    [
        ({}, [(11 / 4, -1 / 4), (53 / 32, -1 / 2)]),
        ({"momentum": 0.5}, [(11 / 4, -1 / 4), (33 / 32, -5 / 8)]),
        ({"momentum": 0.5, "nesterov": True}, [(17 / 8, -3 / 8), (37 / 128, -13 / 16)]),
        ({"nesterov": True}, [(11 / 4, -1 / 4), (53 / 32, -1 / 2)]),
    ],
)
@pytest.mark.parametrize("n", [1, 4])
def test_worked_steps_of_descent_with_both_penalties(options, by_hand, n):
    # Both penalties are divided by the number of examples, which has no other effect here.
    assert walk(2, 0.25, n=n, lmbda=0.5 * n, l1=1.0 * n, **options) == by_hand


def test_l1_draws_weights_to_zero_by_equal_steps_and_leaves_zeros_and_biases_alone():
    # Each step takes half of l1/n = 1/2; the slope is 0 because x = 0.
    for start, end in ((2.0, 1.5), (-2.0, -1.5), (0.0, 0.0)):
        net = seeded_network(reference, [1, 1], Slope, output="identity")
        net.weights = [np.array([[start]])]
        data = [(column(0), column(0))] * 2
        net.SGD(data, 1, 1, 0.5, l1=1.0, verbose=False)
        assert net.weights[0].item() == end


# Adam on a constant slope g. Both averages, corrected for their start at 0, stay g and g^2: without
# epsilon each step is eta. Epsilon is added to the root before the correction. So with
# beta1 = 1/2, beta2 = 3/4, epsilon = 1, g = 2:
#     t = 1: m1 = 1,    m2 = 1,   eta sqrt(1/4)/(1/2) 1/(1 + 1)           = eta/2
#     t = 2: m1 = 3/2,  m2 = 7/4, eta sqrt(7/16)/(3/4) (3/2)/(sqrt(7/4) + 1)


def test_worked_steps_of_adam():
    settings = Adam(beta1=0.5, beta2=0.75, epsilon=1.0)
    second = math.sqrt(7) / 4 * 2 / (math.sqrt(7) / 2 + 1)
    weights = [w for w, _ in walk(2, 0.25, optimizer=settings)]
    assert weights == pytest.approx([4 - 0.25 / 2, 4 - 0.25 / 2 - 0.25 * second], rel=1e-14)


def test_steps_of_adam_do_not_depend_on_the_size_of_the_slope():
    for x in (1e-3, 1.0, -50.0):
        for t, (w, b) in enumerate(walk(4, 0.25, x=x, optimizer=Adam(epsilon=1e-30)), start=1):
            assert w == pytest.approx(4 - math.copysign(0.25 * t, x), rel=1e-12)
            assert b == pytest.approx(-0.25 * t, rel=1e-12)


def test_adam_has_the_settings_of_the_paper_unless_others_are_given():
    assert Adam() == Adam(beta1=0.9, beta2=0.999, epsilon=1e-8)
    assert walk(3, 0.25, optimizer="adam") == walk(3, 0.25, optimizer=Adam())


def test_penalties_are_part_of_the_slope_that_adam_sees():
    # g = 2 - 1/2 * 4 = 0 for the weight: only the bias moves.
    assert walk(1, 0.25, lmbda=-0.5, optimizer="adam")[0][0] == 4.0
    assert walk(1, 0.25, l1=-2.0, optimizer="adam")[0][0] == 4.0


def test_nesterov_is_the_look_ahead_of_sutskever():
    # Sutskever et al. 2013, eq. 3 and 4, kept in theta: v = mu v - eta grad(theta + mu v).
    net = seeded_network(reference, [3, 4, 2], seed=1)
    data = dense_digits(6, 3, 2, seed=2)
    thetas, mu, eta = copies(net), 0.9, 0.5
    velocities = [np.zeros_like(theta) for theta in thetas]
    net.SGD(data, 5, 6, eta, momentum=mu, nesterov=True, shuffle=False, verbose=False)

    ahead = seeded_network(reference, [3, 4, 2], seed=1)
    for _ in range(5):
        points = [theta + mu * v for theta, v in zip(thetas, velocities, strict=True)]
        ahead.biases, ahead.weights = points[:2], points[2:]
        nabla_b, nabla_w = reference.average_gradient(ahead, data)
        for i, slope in enumerate([*nabla_b, *nabla_w]):
            velocities[i] = mu * velocities[i] - eta * slope
            thetas[i] = thetas[i] + velocities[i]
    points = [theta + mu * v for theta, v in zip(thetas, velocities, strict=True)]
    assert_close(parameters(net), points, rtol=1e-12)


@pytest.mark.parametrize("options", [{"momentum": 0.5}, {"optimizer": "adam"}])
def test_what_an_optimiser_remembers_ends_with_the_call(options):
    net, twin = (seeded_network(reference, [3, 4, 2], seed=3) for _ in range(2))
    data = dense_digits(4, 3, 2, seed=4)
    net.SGD(data, 2, 4, 0.5, shuffle=False, verbose=False, **options)
    for _ in range(2):
        twin.SGD(data, 1, 4, 0.5, shuffle=False, verbose=False, **options)
    assert not np.array_equal(net.weights[0], twin.weights[0])
    first, again = (walk(1, 0.25, **options) for _ in range(2))
    assert first == again


def test_a_momentum_of_zero_is_plain_descent():
    net, twin = (seeded_network(reference, [3, 4, 2], seed=5) for _ in range(2))
    data = dense_digits(4, 3, 2, seed=6)
    net.SGD(data, 2, 2, 0.5, 0.1, momentum=0.0, shuffle=False, verbose=False)
    twin.SGD(data, 2, 2, 0.5, 0.1, shuffle=False, verbose=False)
    assert_same_bits(net, twin)


@pytest.mark.parametrize("options", [{"momentum": 0.5}, {"nesterov": True}])
def test_adam_refuses_another_momentum(options):
    with pytest.raises(ValueError, match="momentum and nesterov belong to the optimizer 'sgd'"):
        walk(1, 0.25, optimizer="adam", **options)


def test_unknown_optimisers_are_refused():
    with pytest.raises(ValueError, match="must be 'sgd', 'adam' or an Adam, got 'adagrad'"):
        walk(1, 0.25, optimizer="adagrad")
