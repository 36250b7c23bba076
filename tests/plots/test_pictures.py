"""Figures of examples and weights as images: which they are, in what order, and what they say."""

from __future__ import annotations

import numpy as np
import pytest
from builders import digits, labelled, seeded_network

from fastnn import network2, plots

pytest.importorskip("matplotlib")


def shown_in(ax):
    return np.ma.filled(ax.get_images()[0].get_array().astype(float), np.nan)


def test_weights_of_each_neuron_are_an_image_on_a_scale_of_its_own(ax):
    matrix = np.array([[1.0, 2, 3, 4], [-8, 4, 0, 2]])
    plots.weights(matrix, ax=ax)
    canvas = shown_in(ax)
    np.testing.assert_allclose(canvas[:2, :2], [[0.25, 0.5], [0.75, 1]])
    np.testing.assert_allclose(canvas[:2, 3:5], [[-1, 0.5], [0, 0.25]])


def test_weights_of_a_network_are_those_of_its_first_layer(ax):
    net = seeded_network(network2, [6, 2, 3])
    plots.weights(net, shape=(2, 3), ax=ax)
    first = net.weights[0][0].reshape(2, 3)
    np.testing.assert_allclose(shown_in(ax)[:2, :3], first / np.abs(first).max())


@pytest.mark.parametrize("convert", [labelled, list])
def test_mistakes_are_the_wrong_answers_most_certain_first(convert, ax):
    net, data = seeded_network(network2, [9, 5, 3], seed=3), digits(40, 9, 3, seed=2)
    outputs = net.feedforward(np.hstack([x for x, _ in data]))
    labels = np.array([np.argmax(y) for _, y in data])
    wrong = np.flatnonzero(outputs.argmax(axis=0) != labels)
    certain = outputs.max(axis=0)[wrong] - outputs[labels[wrong], wrong]
    plots.mistakes(net, convert(data), most=4, ax=ax)
    assert ax.get_title() == f"{len(wrong)} of 40 are wrong"
    order = wrong[np.argsort(-certain, kind="stable")][:4]
    said = [text.get_text() for text in ax.texts]
    assert said == [f"{labels[i]}, not {outputs[:, i].argmax()}" for i in order]
    np.testing.assert_allclose(shown_in(ax)[:3, :3], data[order[0]][0].reshape(3, 3))


def test_a_network_without_mistakes_says_so(ax):
    net = seeded_network(network2, [4, 2])
    net.weights, net.biases = [np.zeros((2, 4))], [np.array([[1.0], [0.0]])]
    plots.mistakes(net, [(np.ones((4, 1)), 0)] * 3, ax=ax)
    assert ax.get_title() == "0 of 3 are wrong"


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: plots.weights(np.ones((2, 5))), "5 inputs are not the pixels of a square"),
        (lambda: plots.weights(np.ones((2, 6)), shape=(2, 2)), "6 pixels, got 2 x 2"),
        (lambda: plots.weights(np.ones(4)), r"finite weights of shape \(neurons, inputs\)"),
        (lambda: plots.weights(np.full((2, 4), np.nan)), "finite weights"),
        (lambda: plots.mistakes(seeded_network(network2, [4, 2]), []), "at least, got none"),
        (
            lambda: plots.mistakes(seeded_network(network2, [4, 1]), digits(3, 4, 1, seed=1)),
            "two outputs or more",
        ),
    ],
)
def test_what_cannot_be_drawn_is_refused_by_name(draw, message):
    with pytest.raises(ValueError, match=message):
        draw()
