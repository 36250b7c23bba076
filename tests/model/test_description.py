"""Descriptions: what a network's attributes are checked for, and networks made of them."""

from __future__ import annotations

import numpy as np
import pytest
from builders import Softplus, assert_same_bits, seeded_network

from fastnn import network2
from fastnn.model.bare_model import network_of
from fastnn.model.description import describe_network
from fastnn.scaling import Scaling

SIZES = [4, 3, 2]
SCALING = Scaling(np.array([1.0, 2.0, 3.0, 4.0]), np.array([0.5, 0.0, 2.0, 1.0]))


def network(**attributes):
    options = {"activation": [Softplus], "output": "identity", "dtype": np.float32}
    net = seeded_network(network2, SIZES, "QuadraticCost", **options)
    for name, value in attributes.items():
        setattr(net, name, value)
    return net


def test_a_network_made_of_a_description_is_the_one_described():
    net = network(labels=["cat", "dog"], scaling=SCALING)
    again = network_of(network2.Network, describe_network(net))
    assert_same_bits(again, net)
    assert type(again) is network2.Network
    assert (again.sizes, again.num_layers, again.dtype) == (SIZES, 3, np.float32)
    assert (again.cost, again.activations) == (net.cost, [Softplus, "identity"])
    assert again.labels == ["cat", "dog"]
    for mine, theirs in zip(again.scaling, SCALING, strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_attributes_assigned_in_another_form_are_described_in_the_usual_one():
    net = network(
        sizes=(4, np.int64(3), 2), labels=np.array([7, 8]), activations=("tanh", "identity")
    )
    net.weights = [w.tolist() for w in net.weights]
    description = describe_network(net)
    assert description.architecture.sizes == SIZES
    assert description.architecture.activations == ["tanh", "identity"]
    assert description.labels == [7, 8]
    assert [w.shape for w in description.weights] == [(3, 4), (2, 3)]
    assert description.scaling is None


@pytest.mark.parametrize(
    ("name", "value", "error", "words"),
    [
        ("sizes", [4], ValueError, "sizes must name at least two layers"),
        ("num_layers", 2, ValueError, "num_layers must be 3, .* got 2; .* frozen_layers="),
        ("num_layers", np.array([3, 4]), ValueError, "num_layers must be 3, .* got an array"),
        ("dtype", np.int64, ValueError, "dtype must be float64 or float32"),
        ("cost", "QuadraticCost", TypeError, "cost must be one of"),
        ("cost", network2.LogLikelihoodCost, ValueError, "goes with output softmax"),
        ("activations", ["step", "identity"], ValueError, "activation must be one of"),
        ("activations", ["tanh", "tanh"], ValueError, "output must be one of"),
        ("activations", ["identity"], ValueError, "each of 1 hidden layers .* got 0"),
        ("weights", [np.ones((3, 4))], ValueError, "weights must hold 2 arrays"),
        ("biases", [np.ones((3, 1)), np.ones(2)], ValueError, r"biases\[1\] .* \(2, 1\)"),
        ("labels", ["cat"], ValueError, "labels must be a list of 2"),
        ("scaling", SCALING._replace(mean=np.ones(3)), ValueError, "the network's 4 inputs"),
    ],
)
def test_what_does_not_fit_the_network_is_refused_by_name(name, value, error, words):
    with pytest.raises(error, match=words):
        describe_network(network(**{name: value}))
