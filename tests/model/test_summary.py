"""What a network says of itself: at a prompt, by `summary` and in a notebook."""

from __future__ import annotations

import numpy as np
import pytest
from builders import Softplus, seeded_network

from fastnn import network2
from fastnn.scaling import Scaling


def test_the_repr_has_sizes_activations_cost_parameters_and_type():
    net = seeded_network(network2, [784, 30, 10])
    assert repr(net) == (
        "Network([784, 30, 10], sigmoid, CrossEntropyCost, 23,860 parameters, float64)"
    )


def test_the_repr_has_the_activation_of_each_layer_where_they_differ():
    net = network2.Network(
        [4, 3, 2, 2], network2.LogLikelihoodCost, activation=["relu", Softplus], dtype=np.float32
    )
    assert repr(net) == (
        "Network([4, 3, 2, 2], relu, Softplus, softmax, LogLikelihoodCost, 29 parameters, float32)"
    )


def test_a_network_whose_parts_do_not_fit_still_has_a_repr():
    net = seeded_network(network2, [4, 3, 2])
    net.weights = net.weights[:1]
    assert "Network object at" in repr(net)
    assert net._repr_html_() is None

    class Bare(network2.Network):
        def __init__(self):
            pass

    assert "Bare object at" in repr(Bare())


def test_a_summary_lists_the_layers_and_counts_the_parameters(capsys):
    net = seeded_network(network2, [784, 30, 10])
    net.labels = list(range(10))
    net.scaling = Scaling(np.zeros(784), np.ones(784))
    net.summary()
    assert capsys.readouterr().out.splitlines() == [
        "layer     neurons  activation  weights  biases",
        "inputs    784",
        "hidden 1  30       sigmoid     23,520   30",
        "outputs   10       sigmoid     300      10",
        "23,860 parameters in float64, cost CrossEntropyCost",
        "labels: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9",
        "inputs are standardised by predict",
    ]


def test_a_notebook_sees_the_layers_and_the_first_weights_as_images():
    pytest.importorskip("matplotlib")
    net = seeded_network(network2, [784, 30, 10])
    shown = net._repr_html_()
    assert shown.count("<img ") == 16
    assert "23,520" in shown
    assert "<img " not in seeded_network(network2, [7, 3])._repr_html_()


def test_labels_of_a_user_are_escaped():
    net = seeded_network(network2, [4, 2])
    net.labels = ["<b>", "c"]
    assert "&lt;b&gt;" in net._repr_html_()
