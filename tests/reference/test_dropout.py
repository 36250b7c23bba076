"""The reference's dropout: which neurons it drops, how often, and what that does to a step."""

from __future__ import annotations

import random

import numpy as np
import pytest
from builders import assert_same_bits, dense_digits, seeded_network

from fastnn import reference
from fastnn.reference.dropout import epoch_key, kept, masks, mix


def key_of(seed, epoch=0):
    return epoch_key(random.Random(seed).getstate(), epoch)


def kept_of(key, examples=300, width=100, rate=0.5, layer=0):
    """Return a table (examples, width) that has ones for the neurons kept and zeros elsewhere."""
    return np.array(
        [[kept(key, layer, i, j, width, rate) for j in range(width)] for i in range(examples)]
    ).astype(float)


# MurmurHash3 of an empty text is its finaliser applied to the seed. These two are among its usual
# test vectors.
def test_the_mixing_is_the_finaliser_of_murmurhash3():
    assert mix(0) == 0
    assert mix(1) == 0x514E28B7
    assert mix(0xFFFFFFFF) == 0x81F16F39


def test_masks_are_zero_or_the_inverse_of_what_is_kept():
    shapes = masks(key_of(1), 3, [70, 40], [0.2, 0.75])
    assert [mask.shape for mask in shapes] == [(70, 1), (40, 1)]
    assert set(shapes[0].ravel()) == {0.0, 1.25}
    assert set(shapes[1].ravel()) == {0.0, 4.0}
    np.testing.assert_array_equal(masks(key_of(1), 3, [40], [0.0])[0], np.ones((40, 1)))


@pytest.mark.parametrize("rate", [0.0, 0.3, 0.9])
@pytest.mark.parametrize("position", [0, 2**31, 2**32 + 5])
def test_masks_of_a_layer_are_those_of_its_neurons_one_by_one(position, rate):
    key = key_of(7)
    whole = masks(key, position, [50, 33], [rate, rate])
    for layer, (mask, width) in enumerate(zip(whole, (50, 33), strict=True)):
        each = [kept(key, layer, position, j, width, rate) / (1.0 - rate) for j in range(width)]
        assert mask.dtype == np.float64 and mask.ravel().tolist() == each


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.8])
@pytest.mark.parametrize("layer", [0, 1, 4])
def test_the_fraction_that_is_dropped_is_the_rate(rate, layer):
    table = kept_of(key_of(2), rate=rate, layer=layer)
    four_deviations = 4 * np.sqrt(rate * (1 - rate) / table.size)
    assert 1 - np.mean(table) == pytest.approx(rate, abs=four_deviations)


def test_a_neuron_is_kept_where_its_hash_is_not_below_the_rate():
    h = mix(mix(1))  # neuron 1 of the first example, for a key of zeros
    assert kept((0, 0), 0, 0, 1, 9, h / 2**32)
    assert not kept((0, 0), 0, 0, 1, 9, (h + 1) / 2**32)


def test_epochs_seeds_layers_examples_and_neurons_are_dropped_independently():
    table = kept_of(key_of(3))
    others = {
        "epoch": kept_of(key_of(3, epoch=1)),
        "seed": kept_of(key_of(4)),
        "layer": kept_of(key_of(3), layer=1),
        "example": np.roll(table, 1, axis=0),
        "neuron": np.roll(table, 1, axis=1),
    }
    for what, other in others.items():
        together = np.corrcoef(table.ravel(), other.ravel())[0, 1]
        assert abs(together) < 4 / np.sqrt(table.size), what


def test_a_smaller_rate_drops_some_of_the_neurons_of_a_larger_one():
    low, high = (kept_of(key_of(5), rate=rate) for rate in (0.3, 0.6))
    assert np.all(high <= low)


def test_masks_of_a_known_state_stay_the_same():
    # Frozen: the same seed must give the same numbers in later versions.
    key = key_of(6, epoch=2)
    assert key == (1070621156, 2125468382)
    drawn = [int(kept(key, 1, 5, j, 16, 0.5)) for j in range(16)]
    assert drawn == [1, 0, 1, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0, 0, 0]


def problem(**options):
    net = seeded_network(reference, [3, 6, 5, 2], seed=7, **options)
    return net, dense_digits(5, 3, 2, seed=8)


@pytest.mark.parametrize("shuffle", [True, False])
def test_training_takes_the_masks_of_the_place_in_the_order_of_the_epoch(shuffle):
    net, data = problem()
    random.seed(9)
    net.SGD(data, 2, 2, 0.5, 0.1, dropout=[0.25, 0.5], shuffle=shuffle, verbose=False)

    twin, bare = problem()
    random.seed(9)
    for epoch in range(2):
        key = epoch_key(random.getstate(), epoch)
        if shuffle:
            random.shuffle(bare)
        for places in ([0, 1], [2, 3], [4]):
            gradients = [
                twin.backprop(*bare[i], masks(key, i, [6, 5], [0.25, 0.5])) for i in places
            ]
            step = 0.5 / len(places)
            twin.biases = [
                b - step * sum(nabla_b[layer] for nabla_b, _ in gradients)
                for layer, b in enumerate(twin.biases)
            ]
            twin.weights = [
                0.99 * w - step * sum(nabla_w[layer] for _, nabla_w in gradients)
                for layer, w in enumerate(twin.weights)
            ]
    for got, wanted in zip(net.weights + net.biases, twin.weights + twin.biases, strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-12)


def test_dropout_draws_nothing_from_the_generator():
    states = []
    for dropout in (0.0, 0.5):
        net, data = problem()
        random.seed(10)
        net.SGD(data, 2, 2, 0.5, dropout=dropout, verbose=False)
        states.append(random.getstate())
    assert states[0] == states[1]


def test_one_rate_is_that_of_every_hidden_layer_and_no_rate_is_no_dropout():
    for dropout, twin_dropout in ((0.5, [0.5, 0.5]), (0.0, [0.0, 0.0])):
        (net, data), (twin, _) = problem(), problem()
        net.SGD(data, 1, 2, 0.5, dropout=dropout, shuffle=False, verbose=False)
        twin.SGD(data, 1, 2, 0.5, dropout=twin_dropout, shuffle=False, verbose=False)
        assert_same_bits(net, twin)
    (plain, data), (dropped, _) = problem(), problem()
    plain.SGD(data, 1, 2, 0.5, shuffle=False, verbose=False)
    assert_same_bits(plain, twin)
    dropped.SGD(data, 1, 2, 0.5, dropout=0.5, shuffle=False, verbose=False)
    assert not np.array_equal(plain.weights[0], dropped.weights[0])


def test_neurons_are_left_out_while_training_only():
    net, data = problem()
    history = net.SGD(
        data, 1, 2, 0.5, dropout=0.5, monitor_training_cost=True, shuffle=False, verbose=False
    )
    mean = np.mean([net.cost.fn(net.feedforward(x), y) for x, y in data])
    assert history.training_cost == [pytest.approx(mean, rel=1e-13)]


@pytest.mark.parametrize("dropout", [1.0, -0.1, [0.5], [0.5, 0.5, 0.5], [0.5, 1.0], float("nan")])
def test_rates_that_make_no_sense_are_refused(dropout):
    net, data = problem()
    with pytest.raises(ValueError, match="dropout must be one number for each hidden layer"):
        net.SGD(data, 1, 2, 0.5, dropout=dropout, verbose=False)
