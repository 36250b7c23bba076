"""The experiments that train networks on MNIST, at a size that takes no time."""

import numpy as np
import pytest
from builders import seed_generators

from fastnn import Network
from fastnn.chapter5 import (
    depth,
    initial_gradient,
    initial_speeds,
    networks,
    obstacles,
    training_speeds,
)
from fastnn.chapter5.results import single_runs
from fastnn.network2 import sigmoid, sigmoid_prime

TINY = {"images": 40}


def mean_gradient(net, data):
    """The mean over the data of dC/db, one example after the other."""
    each = [net.backprop(x, y)[0] for x, y in data]
    return [np.mean(layer, axis=0) for layer in zip(*each, strict=True)]


def test_speeds_are_norms_of_the_gradient_averaged_first():
    result = initial_speeds.run([5], **TINY)
    for hidden_layers, speeds in result.speeds.items():
        nabla_b = mean_gradient(
            networks.new_network(hidden_layers, 5), networks.training_images(40)
        )
        np.testing.assert_allclose(speeds[0], [np.linalg.norm(b) for b in nabla_b], rtol=1e-10)


def test_bars_are_the_averaged_gradient_of_each_neuron():
    result = initial_gradient.run([5], **TINY)
    nabla_b = mean_gradient(networks.new_network(2, 5), networks.training_images(40))
    for layer, wanted in zip(result.nabla_b, nabla_b, strict=True):
        np.testing.assert_allclose(layer[0], wanted[:, 0], rtol=1e-10)
    np.testing.assert_allclose(result.bars[0, 1], np.abs(nabla_b[1][:6]).mean(), rtol=1e-10)


def test_earlier_layers_begin_more_slowly_and_as_fast_as_the_book_says():
    result = initial_speeds.run(range(5), images=1000)
    for measurement in initial_speeds.measurements(result):
        low, high = single_runs(measurement)
        digits = len(measurement.published.partition(".")[2])
        assert low - 0.5 * 10**-digits <= float(measurement.published) <= high + 0.5 * 10**-digits
    for hidden_layers in (2, 3, 4):
        assert np.all(result.ratios(hidden_layers) > 1)


def test_training_speeds_begin_with_the_initial_ones():
    result = training_speeds.run([1], epochs=3, **TINY)
    initial = initial_speeds.run([1], **TINY)
    for hidden_layers in (2, 3, 4):
        assert result.speeds[hidden_layers].shape == (1, 3, hidden_layers + 1)
        np.testing.assert_allclose(
            result.speeds[hidden_layers][0, 0], initial.speeds[hidden_layers][0], rtol=1e-10
        )


def test_drop_and_rebound_are_read_off_the_last_hidden_layer():
    last = [8.0, 4.0, 1.0, 3.0, 2.0]
    speeds = np.array([[[0.5, speed, 9.0] for speed in last]])
    result = training_speeds.TrainingSpeeds([0], {2: speeds})
    assert result.drop(2) == 8.0
    assert result.rebound(2) == 3.0
    np.testing.assert_array_equal(result.last_over_first(2)[0], np.array(last) / 0.5)


def test_depth_trains_as_a_script_of_the_chapter_does():
    result = depth.run([2], epochs=2, images=300)
    for place, hidden_layers in enumerate(depth.DEPTHS):
        seed_generators(2)
        net = Network(networks.network_sizes(hidden_layers))
        seed_generators(2)
        history = net.SGD(
            networks.training_images(300),
            2,
            10,
            0.1,
            lmbda=5.0,
            evaluation_data=networks.validation_images(),
            monitor_evaluation_accuracy=True,
            verbose=False,
        )
        wanted = [correct / 100 for correct in history.evaluation_accuracy]
        np.testing.assert_allclose(result.accuracies[0, place], wanted)


@pytest.mark.parametrize(
    ("gain", "words"),
    [(0.5, "two is an improvement"), (-0.5, "two is a loss"), (0.0, "two cannot be told")],
)
def test_depth_says_whether_the_differences_are_more_than_chance(gain, words):
    accuracies = np.full((4, 4, 1), 96.0) + np.array([-0.1, 0.1, -0.1, 0.1]).reshape(4, 1, 1)
    accuracies[:, 1:, 0] += gain + np.array([[0.01, -0.01, 0.02]]).T[[0, 1, 2, 0]] * [1, -1, 1]
    assert words in depth.findings(depth.Depth([0, 1, 2, 3], accuracies))[0]


def test_obstacles_measure_every_setting():
    result = obstacles.run([0], epochs=1, images=60)
    assert len(result.speeds) == len(result.accuracies) == 14
    assert result.slopes.shape == (1, 2, 5)
    assert np.all((result.activity > 0) & (result.activity < 1))
    plain = initial_speeds.run([0], images=1000).speeds[4]
    np.testing.assert_allclose(result.speeds[obstacles.Setting()], plain, rtol=1e-10)


@pytest.mark.compiled
def test_slopes_of_the_saturation_are_those_of_the_network():
    result = obstacles.run([0], epochs=1, images=60)
    net = networks.new_network(4, 0)
    a = networks.validation_images(1000).inputs.T.astype(np.float64)
    for layer, (w, b) in enumerate(zip(net.weights, net.biases, strict=True)):
        z = w @ a + b
        a = sigmoid(z)
        assert result.slopes[0, 0, layer] == pytest.approx(sigmoid_prime(z).mean(), rel=1e-10)
        if layer == 3:
            assert result.activity[0, 0] == pytest.approx(a.mean(), rel=1e-10)
