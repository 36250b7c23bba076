"""A drawn digit in MNIST's form, and what the layers of a network make of it."""

import numpy as np
import pytest

from fastnn import network2
from fastnn.chapter5.live.digits import answer, as_mnist
from fastnn.chapter5.networks import training_images, validation_images
from fastnn.model.description import describe_network


def drawn(*, top, left, height, width):
    """Return a rectangle of ink."""
    image = np.zeros((28, 28))
    image[top : top + height, left : left + width] = 1.0
    return image


@pytest.mark.parametrize(
    "box",
    [
        {"top": 0, "left": 0, "height": 10, "width": 5},
        {"top": 18, "left": 20, "height": 10, "width": 5},
        {"top": 0, "left": 5, "height": 28, "width": 14},
    ],
)
def test_a_drawing_is_scaled_to_twenty_pixels_and_put_into_the_middle(box):
    image = as_mnist(drawn(**box)).reshape(28, 28)
    rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
    assert (rows[0], rows[-1]) == (4, 23)
    assert (columns[0], columns[-1]) == (9, 18)
    np.testing.assert_allclose(image[4:24, 9:19], 1.0)


def test_the_centre_of_mass_is_in_the_middle():
    image = drawn(top=2, left=3, height=4, width=20)  # a heavy bar on top of a thin stem
    image[6:22, 17:22] = 1.0
    image = as_mnist(image.ravel()).reshape(28, 28)
    down, right = np.indices(image.shape)
    assert abs((down * image).sum() / image.sum() - 13.5) < 0.6
    assert abs((right * image).sum() / image.sum() - 13.5) < 0.6


def test_one_dot_fills_the_box_and_nothing_is_nothing():
    assert as_mnist(np.zeros(784)) is None
    dot = as_mnist(drawn(top=27, left=27, height=1, width=1))
    assert np.count_nonzero(dot) == 400


@pytest.mark.parametrize(
    ("pixels", "error"),
    [
        (np.zeros(783), ValueError),
        (np.full(784, 1.5), ValueError),
        (np.full(784, np.nan), ValueError),
        (["x"] * 784, TypeError),
        (None, TypeError),
    ],
)
def test_anything_else_is_refused(pixels, error):
    with pytest.raises(error, match="pixels"):
        as_mnist(pixels)


def test_a_network_reads_digits_that_were_drawn_small_and_in_a_corner():
    net = network2.Network([784, 30, 10], seed=1)
    net.SGD(training_images(10_000), 5, 10, 0.3, verbose=False, seed=1)
    network, right, images = describe_network(net), 0, validation_images(100)
    for x, label in images:
        small = np.asarray(x, float).reshape(14, 2, 14, 2).mean(axis=(1, 3))
        corner = np.zeros((28, 28))
        corner[:14, 14:] = small
        right += answer(network, as_mnist(corner)).digit == label
    assert right >= 80
    assert net.accuracy(images) >= 88


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu"])
def test_every_layers_answer_is_that_of_the_network_cut_off_there(activation):
    net = network2.Network([784, 12, 7, 10], activation=activation, seed=3)
    x = np.asarray(validation_images(1)[0][0], float)
    given = answer(describe_network(net), x.ravel())
    assert [len(layer) for layer in given.layers] == [12, 7, 10]
    np.testing.assert_allclose(given.layers[-1], net.feedforward(x)[:, 0], rtol=1e-12)
    assert given.digit == np.argmax(net.feedforward(x))
    first = network2.Network([784, 12, 1], activation=activation, seed=3)
    first.weights = [net.weights[0], np.ones((1, 12))]
    first.biases = [net.biases[0], np.zeros((1, 1))]
    total = np.sum(given.layers[0])
    np.testing.assert_allclose(
        first.feedforward(x), 1 / (1 + np.exp(-total)).reshape(1, 1), rtol=1e-12
    )
