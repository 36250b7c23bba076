"""Networks of one neuron per layer: their forward pass and the factors of eq. 122."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from fastnn.chapter5.experiment import Floats, seeded
from fastnn.network2 import Network, QuadraticCost, sigmoid, sigmoid_prime


class Pass(NamedTuple):
    """What flows through a chain: ``a[0]`` is the input; ``z[j]`` and ``a[j + 1]`` belong together.

    Further dimensions, as one for many chains, come first.
    """

    z: Floats
    a: Floats


def chain_network(w: Sequence[float], b: Sequence[float]) -> Network:
    """A network of one neuron per layer with these weights and biases, and the quadratic cost."""
    with seeded(0):  # what it draws is overwritten, and the caller's generators stay as they are
        net = Network([1] * (len(w) + 1), cost=QuadraticCost)
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
    """w_(j+1) sigma'(z_j), which turn dC/db_(j+1) / sigma'(z_(j+1)) into dC/db_j; (..., layers-1).

    dC/db_1 is their product times sigma'(z_L) dC/da_L (eq. 122).
    """
    passed: Floats = w[..., 1:] * sigmoid_prime(z[..., :-1])
    return passed
