"""Settings of experiments that cannot be: each is refused by name before any work."""

import numpy as np
import pytest
from refusals import assert_refused

from fastnn.chapter5 import (
    EXPERIMENTS,
    circuits,
    depth,
    exploding,
    first_layer,
    initial_gradient,
    initial_speeds,
    input_range,
    mini_batches,
    networks,
    obstacles,
    sigmoid_prime,
    training_speeds,
    unstable,
    vanishing,
)

ON_MNIST = (
    depth,
    first_layer,
    initial_gradient,
    initial_speeds,
    mini_batches,
    obstacles,
    training_speeds,
)
TRAINING = (depth, first_layer, mini_batches, obstacles, training_speeds)


def no_work(function, tasks):
    raise AssertionError("the settings are wrong")


def named(modules):
    return pytest.mark.parametrize("module", modules, ids=lambda m: m.__name__.rpartition(".")[2])


@named(ON_MNIST)
@pytest.mark.parametrize(
    ("images", "error"),
    [
        (-49_900, ValueError),
        (0, ValueError),
        (100_000, ValueError),
        (True, TypeError),
        (20.0, TypeError),
        ("20", TypeError),
    ],
    ids=str,
)
def test_a_number_of_images_that_mnist_has_not(module, images, error):
    assert_refused(
        lambda: module.run([0], images=images, mapper=no_work), error, "images", str(images)
    )


@named(TRAINING)
@pytest.mark.parametrize(
    ("epochs", "error"), [(0, ValueError), (-1, ValueError), (True, TypeError), (1.5, TypeError)]
)
def test_a_number_of_epochs_that_cannot_be(module, epochs, error):
    assert_refused(
        lambda: module.run([0], epochs=epochs, mapper=no_work), error, "epochs", str(epochs)
    )


@pytest.mark.parametrize("images", [5, 10, 205])
def test_mini_batches_are_whole_and_more_than_one(images):
    assert_refused(lambda: mini_batches.run([0], images=images), ValueError, "images", "20")


@pytest.mark.parametrize("read", [networks.training_images, networks.validation_images])
@pytest.mark.parametrize("n", [-1, 0, 50_001])
def test_images_are_read_from_the_first(read, n):
    assert_refused(lambda: read(n), ValueError, "n must be", str(n))


@pytest.mark.parametrize(
    ("module", "name", "smallest"),
    [
        (circuits, "most_bits", 2),
        (exploding, "layers", 2),
        (sigmoid_prime, "points", 3),
        (unstable, "deepest", 3),
        (vanishing, "chains", 1),
    ],
    ids=lambda value: str(value),
)
def test_the_smallest_setting_of_each_kind(module, name, smallest):
    experiment = next(one for one in EXPERIMENTS.values() if one.run is module.run)
    result = module.run([0], **{name: smallest})
    for measurement in experiment.measurements(result):
        assert np.isfinite(measurement.values).all()
    for wrong in (smallest - 1, -3):
        assert_refused(
            lambda wrong=wrong: module.run([0], **{name: wrong}), ValueError, name, str(wrong)
        )
    for wrong in (True, float(smallest), None):
        assert_refused(lambda wrong=wrong: module.run([0], **{name: wrong}), TypeError, name)


@pytest.mark.parametrize("bits", [15, 60, 10**30])
def test_circuits_of_more_bits_than_can_be_tried_are_refused(bits):
    words = "most_bits must be at most 14", f"got {bits}"
    assert_refused(lambda: circuits.run(most_bits=bits), ValueError, *words)


def test_an_even_number_of_points_has_no_middle():
    assert_refused(lambda: sigmoid_prime.run(points=4000), ValueError, "points", "odd", "4000")


@pytest.mark.parametrize(
    ("weights", "error"),
    [
        ([-5.0, 5.0], ValueError),
        ([0.0, 5.0], ValueError),
        ([3.0, 4.0], ValueError),
        ([], ValueError),
        (5.0, ValueError),
        ([[5.0]], ValueError),
        ([5.0, np.nan], ValueError),
        (["5"], TypeError),
        (None, TypeError),
    ],
    ids=str,
)
def test_weights_that_are_no_sizes(weights, error):
    assert_refused(lambda: input_range.run([0], weights=weights), error, "weights")


def test_weights_may_be_a_list():
    np.testing.assert_array_equal(input_range.run([0], weights=[5, 6]).weights, [5.0, 6.0])
