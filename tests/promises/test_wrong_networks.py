"""Wrong options of networks get one clear error, and no random number is drawn.

Those of training are in tests/training/test_checked_options.py.
"""

from __future__ import annotations

import random

import numpy as np
import pytest
from builders import Softplus, digits, seeded_network
from refusals import assert_refused

import fastnn
from fastnn import network2

SIZES = [3, 4, 5, 2]


@pytest.fixture
def network():
    return seeded_network(network2, SIZES)


@pytest.fixture
def examples():
    random.seed(2)
    return digits(6, 3, 2, seed=3)


class OnlyFn:
    fn = staticmethod(Softplus.fn)


class LikeLogLikelihood(fastnn.LogLikelihoodCost):
    """A user's class with the delta of a cost that goes with softmax only."""


class HalfQuadratic(fastnn.QuadraticCost):
    """A user's class with an error of its own, whose fn kernels compute for some outputs only."""

    delta = staticmethod(lambda z, a, y: a - y)


HIDDEN_WORDS = ["activation must be one of sigmoid, tanh, relu", "fn(z)", "prime(z)"]

WRONG_NETWORKS = {
    "no such activation": ({"activation": "swish"}, ValueError, [*HIDDEN_WORDS, "'swish'"]),
    "an output's activation": ({"activation": "softmax"}, ValueError, [*HIDDEN_WORDS, "softmax"]),
    "another case": ({"activation": "ReLU"}, ValueError, [*HIDDEN_WORDS, "'ReLU'"]),
    "no activation": ({"activation": None}, TypeError, [*HIDDEN_WORDS, "None"]),
    "a number": ({"activation": 1}, TypeError, [*HIDDEN_WORDS, "got 1"]),
    "a function": ({"activation": np.tanh}, TypeError, [*HIDDEN_WORDS, "tanh"]),
    "a class without prime": ({"activation": OnlyFn}, TypeError, [*HIDDEN_WORDS, "OnlyFn"]),
    "too few": ({"activation": ["tanh"]}, ValueError, ["activation", "2 hidden layers", "got 1"]),
    "too many": (
        {"activation": ("tanh",) * 3}, ValueError, ["activation", "2 hidden layers", "got 3"]
    ),
    "a wrong one among them": (
        {"activation": ["tanh", "softmax"]}, ValueError, [*HIDDEN_WORDS, "softmax"]
    ),
    "no such output": (
        {"output": "tanh"}, ValueError, ["output must be one of sigmoid, softmax, identity", "tanh"]
    ),
    "a class for output": (
        {"output": Softplus}, TypeError, ["output must be one of", "Softplus"]
    ),
    "cross-entropy of softmax": (
        {"output": "softmax"}, ValueError, ["CrossEntropyCost goes with output sigmoid", "softmax"]
    ),
    "quadratic cost of softmax": (
        {"cost": fastnn.QuadraticCost, "output": "softmax"},
        ValueError,
        ["QuadraticCost goes with output sigmoid or identity", "softmax"],
    ),
    "log-likelihood of sigmoids": (
        {"cost": fastnn.LogLikelihoodCost, "output": "sigmoid"},
        ValueError,
        ["LogLikelihoodCost goes with output softmax", "sigmoid"],
    ),
    "the same inherited": (
        {"cost": LikeLogLikelihood, "output": "sigmoid"},
        ValueError,
        [
            "LikeLogLikelihood has the delta and fn of LogLikelihoodCost",
            "LogLikelihoodCost goes with output softmax",
            "sigmoid",
        ],
    ),
    "half inherited": (
        {"cost": HalfQuadratic, "output": "softmax"},
        ValueError,
        [
            "cost HalfQuadratic has the fn of QuadraticCost",
            "QuadraticCost goes with output sigmoid or identity, got 'softmax'",
            "a cost with a delta and an fn of its own goes with any",
        ],
    ),
    "half inherited, by an object": (
        {"cost": HalfQuadratic(), "output": "softmax"},
        ValueError,
        ["cost HalfQuadratic has the fn of QuadraticCost"],
    ),
    "no such initializer": (
        {"initializer": "xavier"},
        ValueError,
        ["initializer must be one of default, large, glorot, he", "'xavier'"],
    ),
    "no initializer": ({"initializer": None}, TypeError, ["initializer must be one of", "None"]),
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG_NETWORKS)
def test_wrong_networks_are_refused_and_nothing_is_drawn(wrong):
    options, error, words = WRONG_NETWORKS[wrong]
    assert_refused(lambda: fastnn.Network(SIZES, **options), error, *words)


@pytest.mark.parametrize(
    ("activations", "error", "words"),
    [
        (["tanh", "softmax", "sigmoid"], ValueError, HIDDEN_WORDS),
        (["tanh", "sigmoid"], ValueError, ["activation", "2 hidden layers", "got 1"]),
        (["tanh", "relu", "softmax"], ValueError, ["CrossEntropyCost goes with output sigmoid"]),
        (["tanh", "relu", None], TypeError, ["output must be one of", "None"]),
    ],
)
def test_wrong_activations_assigned_later_are_refused(network, examples, activations, error, words):
    network.activations = activations
    assert_refused(
        lambda: network.SGD(examples, 1, 2, 0.1), error, *words, network=network, examples=examples
    )
