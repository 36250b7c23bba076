"""Networks of one neuron per layer: their forward pass and the factors of eq. 122."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from fastnn.chapter5.experiment import Floats
from fastnn.network2 import Network, QuadraticCost, sigmoid, sigmoid_prime


class Pass(NamedTuple):
    """Weighted inputs z, shape (..., layers), and activations a, shape (..., layers + 1).

    ``a[..., 0]`` is the input, and ``a[..., j + 1]`` the sigmoid of ``z[..., j]``. The dimensions
    in front are for many chains at once.
    """

    z: Floats
    a: Floats


def chain_network(w: Sequence[float], b: Sequence[float]) -> Network:
    """Make a network of one neuron per layer, with the quadratic cost, from weights and biases."""
    # Its parameters are replaced; a seed leaves the caller's generators as they are.
    net = Network([1] * (len(w) + 1), cost=QuadraticCost, seed=0)
    net.weights = [np.array([[weight]]) for weight in w]
    net.biases = [np.array([[bias]]) for bias in b]
    return net


def forward(w: Floats, b: Floats, a0: Floats) -> Pass:
    """Pass inputs (...) through chains with weights and biases (..., layers)."""
    zs, activations = [], [a0]
    for layer in range(w.shape[-1]):
        zs.append(w[..., layer] * activations[-1] + b[..., layer])
        activations.append(sigmoid(zs[-1]))
    return Pass(np.stack(zs, axis=-1), np.stack(activations, axis=-1))


def factors(w: Floats, z: Floats) -> Floats:
    """The factors w_(j+1) sigma'(z_j) = dC/db_j / dC/db_(j+1), shape (..., layers - 1).

    dC/db_1 is their product times sigma'(z_L) dC/da_L (eq. 122).
    """
    passed: Floats = w[..., 1:] * sigmoid_prime(z[..., :-1])
    return passed
