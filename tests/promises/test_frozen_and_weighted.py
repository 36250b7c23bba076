"""fastnn against the reference: layers that stay as they are, and examples with weights."""

from __future__ import annotations

import random

import numpy as np
import pytest
from builders import (
    ALL_EXAMPLES,
    CostInPython,
    assert_same_bits,
    assert_same_histories,
    assert_same_networks,
    dense_digits,
    examples,
    labelled,
    parameters,
    run,
    seeded_network,
)
from training_options import (
    LAYERS,
    MORE_THAN_A_BLOCK,
    OPTIMISERS,
    assert_training_agrees,
    every_mini_batch,
    every_optimiser,
    small_and_large_mini_batch,
)

import fastnn
from fastnn import network2, reference

WEIGHTS = np.random.default_rng(7).choice([0.0, 0.25, 1.0, 3.5], ALL_EXAMPLES)

# Frozen layers --------------------------------------------------------------------------------


@every_optimiser
@every_mini_batch
@pytest.mark.parametrize("frozen", [(0,), (1,), (2,), (0, 1), (1, 2)], ids=str)
def test_training_around_frozen_layers_agrees(optimiser, mini_batch_size, frozen):
    sizes = [25, 17, 33, 10]
    assert_training_agrees(sizes, optimiser, mini_batch_size, frozen_layers=frozen)


@every_optimiser
def test_frozen_layers_agree_with_l1_dropout_and_inputs_without_zeros(optimiser):
    training = dense_digits(ALL_EXAMPLES, 12, 5, seed=3, dtype=np.float32)
    data = (training, labelled(dense_digits(60, 12, 5, seed=4, dtype=np.float32)))
    options = {"l1": 0.3, "dropout": 0.2, "frozen_layers": [0]}
    for mini_batch_size in (7, MORE_THAN_A_BLOCK):
        assert_training_agrees([12, 17, 5], optimiser, mini_batch_size, data=data, **options)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("frozen", [(0,), (1, 2)], ids=str)
@pytest.mark.parametrize("options", [{}, {"momentum": 0.5}, {"optimizer": "adam"}], ids=str)
def test_frozen_layers_keep_their_bits_and_the_others_move(dtype, frozen, options):
    training, _ = examples(25, 10)
    net = seeded_network(network2, [25, 17, 33, 10], dtype=dtype)
    before = seeded_network(network2, [25, 17, 33, 10], dtype=dtype)
    net.SGD(list(training), 2, 10, 0.1, 2.0, frozen_layers=frozen, verbose=False, **options)
    for layer in range(3):
        same_w = np.array_equal(net.weights[layer], before.weights[layer])
        same_b = np.array_equal(net.biases[layer], before.biases[layer])
        assert same_w == same_b == (layer in frozen)


def test_speeds_of_frozen_layers_are_measured_all_the_same():
    training, _ = examples(25, 10)
    arguments = ([25, 17, 10], training, 3, ALL_EXAMPLES, 0.5)
    options = {"frozen_layers": [0], "monitor_layer_speeds": True}
    got = run(network2, *arguments, **options).history.layer_speeds
    wanted = run(reference, *arguments, **options).history.layer_speeds
    np.testing.assert_allclose(got, wanted, rtol=1e-10)
    assert np.min(got) > 0


@pytest.mark.parametrize(
    ("frozen", "message"),
    [
        ([2], "frozen_layers must be below 2, the number of layers after the inputs, got 2"),
        ([0, 1], "frozen_layers must leave a layer to train, got all 2"),
        ([-1], r"frozen_layers\[0\] must be an integer of at least 0, got -1"),
        ([0.5], r"frozen_layers\[0\] must be an integer of at least 0, got 0.5"),
        (1, "frozen_layers must be a list of layers, counted from 0, got 1"),
    ],
)
def test_wrong_frozen_layers_are_refused_by_name(frozen, message):
    training, _ = examples(25, 10)
    with pytest.raises((TypeError, ValueError), match=message):
        network2.Network([25, 17, 10]).SGD(training, 1, 10, 0.1, frozen_layers=frozen)


# Weights of examples --------------------------------------------------------------------------


def assert_weighted_training_agrees(sizes, arguments, data=None, **options):
    """Compare both programs with `WEIGHTS`; the data keep their order in both."""
    training, evaluation = data or examples(sizes[0], sizes[-1])
    options = {"evaluation_data": evaluation, "monitor_evaluation_cost": True, **options}
    runs = [
        run(module, sizes, training, *arguments, sample_weight=WEIGHTS, **options)
        for module in (network2, reference)
    ]
    got, wanted = runs
    assert_same_networks(got.net, wanted.net)
    assert_same_histories(got.history, wanted.history)
    assert got.random_state == wanted.random_state
    assert got.order == [id(pair) for pair in training]


@every_optimiser
@every_mini_batch
@pytest.mark.parametrize("hidden", [1, 3])
def test_weighted_training_agrees(optimiser, mini_batch_size, hidden):
    eta, steps = OPTIMISERS[optimiser]
    sizes = [25, *LAYERS[hidden], 10]
    assert_weighted_training_agrees(sizes, (2, mini_batch_size, eta, 2.0), **steps)


@small_and_large_mini_batch
def test_weighted_training_agrees_with_dropout_and_in_the_order_of_the_data(mini_batch_size):
    options = {"dropout": 0.3, "shuffle": False, "frozen_layers": [1]}
    assert_weighted_training_agrees([25, 17, 33, 10], (2, mini_batch_size, 0.3, 1.0), **options)


class WeightedCostInPython(CostInPython):
    """A class of its own: of each, the warning comes once in a process."""


def test_weighted_training_agrees_for_a_cost_that_only_python_can_compute():
    data = examples(25, 10)
    with pytest.warns(RuntimeWarning, match="CostInPython"):
        assert_weighted_training_agrees(
            [25, 17, 10],
            (2, 10, 0.1),
            data,
            cost=WeightedCostInPython,
            network={"output": "identity"},
        )


def test_weights_of_one_change_no_bit():
    training, _ = examples(25, 10)
    arguments = ([25, 17, 10], training, 2, 10, 0.1, 2.0)
    weighted = run(network2, *arguments, sample_weight=np.ones(ALL_EXAMPLES))
    assert_same_bits(weighted.net, run(network2, *arguments).net)


def test_a_whole_number_weighs_as_much_as_so_many_copies_in_one_step_of_all():
    training, _ = examples(25, 10)
    few, counts = training[:20], np.arange(20) % 3
    copies = [pair for pair, count in zip(few, counts, strict=True) for _ in range(count)]
    weighted = run(network2, [25, 17, 10], few, 1, 20, 0.1, sample_weight=counts)
    eta = 0.1 * len(copies) / 20  # each mean is over another number of examples
    copied = run(network2, [25, 17, 10], copies, 1, len(copies), eta)
    assert_same_networks(weighted.net, copied.net)


def test_a_dataset_that_repeats_an_example_may_not_weigh_it_twofold():
    training, _ = examples(25, 10)
    data = fastnn.Dataset.from_pairs(training[:10]) * 2
    net = network2.Network([25, 17, 10])
    net.SGD(data, 1, 5, 0.1, sample_weight=[1.0] * 20, verbose=False)
    with pytest.raises(ValueError, match="sample_weight must be the same wherever a Dataset"):
        net.SGD(data, 1, 5, 0.1, sample_weight=[1.0] * 10 + [2.0] * 10, verbose=False)


@pytest.mark.parametrize("option", ["frozen_layers", "sample_weight"])
@pytest.mark.parametrize("sizes", [[25, 100, 70, 10], [25, 17, 10]], ids=str)
def test_threads_change_no_bit(option, sizes):
    training, _ = examples(25, 10)
    given = {"frozen_layers": [0], "sample_weight": WEIGHTS}[option]
    for options in ({}, {"optimizer": "adam"}):
        nets = [
            run(network2, sizes, training, 2, 10, 0.1, threads=n, **{option: given}, **options).net
            for n in (1, 2)
        ]
        assert_same_bits(*nets)


# Both -----------------------------------------------------------------------------------------


def test_a_resumed_run_keeps_weights_and_frozen_layers(tmp_path):
    training, _ = examples(25, 10)
    options = {"sample_weight": WEIGHTS, "frozen_layers": [1], "verbose": False}

    def train(epochs, **more):
        random.seed(3)
        net = seeded_network(network2, [25, 17, 33, 10])
        net.SGD(list(training), epochs, 10, 0.1, 2.0, **options, **more)
        return net

    path = tmp_path / "run.npz"
    train(1, checkpoint=path)
    shuffled = random.Random(1).sample(training, len(training))
    resumed, _ = fastnn.resume(path, shuffled, epochs=3, verbose=False)
    assert_same_bits(resumed, train(3))


@pytest.mark.parametrize(
    ("option", "value"), [("sample_weight", WEIGHTS), ("frozen_layers", [0])], ids=lambda x: str(x)
)
def test_steps_of_ones_own_refuse_both(option, value):
    class Own(network2.Network):
        def update_mini_batch(self, mini_batch, eta, lmbda, n):
            super().update_mini_batch(mini_batch, eta, lmbda, n)

    training, _ = examples(25, 10)
    net = Own([25, 17, 10])
    before = [array.copy() for array in parameters(net)]
    with pytest.raises(ValueError, match=f"{option}= is for fastnn's own steps"):
        net.SGD(training, 1, 10, 0.1, **{option: value})
    np.testing.assert_equal(parameters(net), before)


def test_a_shuffle_of_ones_own_refuses_weights(monkeypatch):
    training, _ = examples(25, 10)
    monkeypatch.setattr(random, "shuffle", lambda data: None)
    with pytest.raises(ValueError, match="sample_weight= is for fastnn's own order"):
        network2.Network([25, 17, 10]).SGD(training, 1, 10, 0.1, sample_weight=WEIGHTS)
