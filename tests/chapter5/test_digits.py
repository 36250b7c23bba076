"""The experiments that train networks on MNIST, at a size that takes no time."""

import numpy as np
import pytest
from builders import seed_generators

from fastnn import Network
from fastnn.chapter5 import (
    depth,
    first_layer,
    initial_gradient,
    initial_speeds,
    mini_batches,
    networks,
    obstacles,
    training_speeds,
)
from fastnn.chapter5.obstacle_settings import Setting
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
    claimed = [one for one in initial_speeds.measurements(result) if one.claim]
    assert len(claimed) == 9 + 3 + 1
    for one in claimed:
        assert one.claim.rule.judge(one.summary) == "agrees", one.quantity
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
    result = training_speeds.TrainingSpeeds([0], {2: speeds}, np.ones((5, 2, 6)))
    assert result.drop(2) == 8.0
    assert result.rebound(2) == 3.0
    np.testing.assert_array_equal(result.last_over_first(2)[0], np.array(last) / 0.5)


def test_much_slower_counts_epochs_at_half_the_speed_or_less():
    speeds = np.array([[[1.0, 2.0, 9.0], [1.0, 1.9, 9.0], [1.0, 8.0, 9.0], [2.0, 1.0, 9.0]]])
    result = training_speeds.TrainingSpeeds([0], {2: speeds}, np.ones((4, 2, 6)))
    assert result.much_slower(2) == 0.5


def test_bars_that_move_are_the_gradients_before_each_epoch():
    result = training_speeds.run([1], epochs=3, **TINY)
    assert result.bars.shape == (3, 4, 30)
    np.testing.assert_allclose(
        np.linalg.norm(result.bars, axis=2), result.speeds[4][0, :, :4], rtol=1e-10
    )


def test_mini_batches_begin_at_the_weights_of_full_batches():
    result = mini_batches.run([2], images=40, epochs=2)
    assert result.full.shape == result.mini.shape == (1, 8, 2)
    start = initial_speeds.run([2], images=40).speeds[2][0, :2]
    np.testing.assert_allclose(result.full[0, 0], start, rtol=1e-6)


def test_noise_is_the_typical_change_of_the_first_layers_logarithm():
    first = np.exp([[0.0, 0.5, 0.0, 0.5, -2.0]])
    speeds = np.stack([first, np.ones((1, 5))], axis=2)
    result = mini_batches.MiniBatches([0], *[speeds] * 4)
    np.testing.assert_allclose(result.noise(speeds), [0.5])


def test_the_mean_of_mini_batches_is_the_full_gradient_where_weights_stay(monkeypatch):
    monkeypatch.setattr(Network, "update_mini_batch", lambda *_: None)
    result = mini_batches.run([2], images=40, epochs=2)
    np.testing.assert_allclose(result.likeness, 1.0, rtol=1e-6)


def test_the_same_gradients_are_alike_however_they_turn(monkeypatch):
    """The mean of the norms would be longer than the norm of the mean."""

    def turning(net, batch):
        turning.step = (turning.step + 1) % 8
        return [np.roll(np.eye(30)[:, :1], turning.step, axis=0)] * 3, []

    turning.step = 0
    monkeypatch.setattr(mini_batches, "average_gradient", turning)
    result = mini_batches.run([2], images=40, epochs=2)
    np.testing.assert_allclose(result.likeness, 1.0)
    np.testing.assert_allclose(result.averaged_full, 0.5)


@pytest.mark.parametrize(
    ("whole", "frozen", "words"),
    [
        ([95.0, 96.0, 95.5], [60.0, 62.0, 61.0], "does not mean that it has nothing to learn"),
        ([9.9, 10.1, 9.8], [9.9, 9.8, 10.1], "no difference"),
        ([95.0], [60.0], "no difference"),
    ],
)
def test_what_a_random_first_layer_costs_is_concluded_from_a_difference_only(whole, frozen, words):
    seeds = len(whole)
    result = first_layer.FirstLayer(
        list(range(seeds)),
        1,
        np.array(whole),
        np.array(frozen),
        np.ones((seeds, 2, 4)),
        np.ones((seeds, 2)),
        np.ones(seeds),
        np.zeros((2, 30, 784)),
    )
    assert words in first_layer.findings(result)[0]


def test_a_frozen_first_layer_is_what_a_script_leaves_random():
    result = first_layer.run([3], epochs=1, images=300)
    net = networks.new_network(3, 3)
    seed_generators(3)
    net.SGD(networks.training_images(300), 1, 10, 0.1, lmbda=5.0, frozen_layers=(0,), verbose=False)
    np.testing.assert_array_equal(net.weights[0], networks.new_network(3, 3).weights[0])
    assert result.frozen == net.accuracy(networks.validation_images()) / 100


def test_weights_before_training_are_the_networks_own():
    result = first_layer.run([3], epochs=1, images=60)
    weights = networks.new_network(3, 3).weights
    np.testing.assert_array_equal(result.images[0], weights[0])
    wanted = [np.sqrt(np.mean(w**2)) for w in weights]
    np.testing.assert_allclose(result.sizes[0, 0], wanted)
    assert not np.array_equal(result.images[0], result.images[1])


def test_the_drawn_bars_are_those_of_the_seed_nearest_to_the_book():
    norms = np.array([[0.2, 0.2], [0.08, 0.3], [0.01, 0.31]])
    layers = [norms[:, :1], norms[:, 1:], norms[:, :1]]
    assert initial_gradient.InitialGradient([4, 5, 6], layers).nearest == 1


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
    assert len(result.speeds) == len(result.accuracies) == 16
    assert result.slopes.shape == (1, 2, 5)
    assert np.all((result.activity > 0) & (result.activity < 1))
    plain = initial_speeds.run([0], images=1000).speeds[4]
    np.testing.assert_allclose(result.speeds[Setting()], plain, rtol=1e-10)


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
