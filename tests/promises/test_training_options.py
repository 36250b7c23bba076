"""fastnn against the reference for every option of `SGD`: steps, dropout, schedules, stopping."""

from __future__ import annotations

import random

import numpy as np
import pytest
from builders import (
    ALL_EXAMPLES,
    ALL_MONITORS,
    CubicCost,
    Softplus,
    assert_programs_agree,
    assert_same_networks,
    assert_same_runs,
    dense_digits,
    examples,
    labelled,
    run,
    seeded_network,
)

from fastnn import Dataset, network2, optimisers, reference, schedules
from fastnn.kernels.layout import BLOCK

MORE_THAN_A_BLOCK = BLOCK + 5  # goes through other kernels than a smaller mini-batch
MINI_BATCH_SIZES = [1, 7, 10, 64, MORE_THAN_A_BLOCK]
LAYERS = {1: [33], 2: [17, 3], 3: [100, 1, 17], 4: [17, 33, 3, 17]}

# Options of SGD with a learning rate that suits them.
OPTIMISERS = {
    "plain": (0.3, {}),
    "momentum": (0.1, {"momentum": 0.8}),
    "nesterov": (0.1, {"momentum": 0.8, "nesterov": True}),
    "adam": (0.01, {"optimizer": "adam"}),
}

# What a user wrote is compiled anew for every kernel in every process, some seconds each.
long = pytest.mark.long
OWN_ACTIVATION = pytest.param(Softplus, marks=long)

every_optimiser = pytest.mark.parametrize("optimiser", OPTIMISERS)
every_mini_batch = pytest.mark.parametrize("mini_batch_size", MINI_BATCH_SIZES)
small_and_large_mini_batch = pytest.mark.parametrize("mini_batch_size", [10, MORE_THAN_A_BLOCK])


def assert_training_agrees(
    sizes, optimiser, mini_batch_size, *, epochs=2, lmbda=2.0, data=None, **options
):
    eta, steps = OPTIMISERS[optimiser]
    data = data or examples(sizes[0], sizes[-1])
    assert_programs_agree(sizes, *data, epochs, mini_batch_size, eta, lmbda, **steps, **options)


# Steps ----------------------------------------------------------------------------------------


@every_optimiser
@every_mini_batch
@pytest.mark.parametrize("hidden", LAYERS)
def test_optimisers_agree_for_every_depth_and_mini_batch(optimiser, mini_batch_size, hidden):
    assert_training_agrees([25, *LAYERS[hidden], 10], optimiser, mini_batch_size)


@every_optimiser
@every_mini_batch
@pytest.mark.parametrize("lmbda", [0.0, 2.0])
def test_l1_agrees_with_and_without_decay(optimiser, mini_batch_size, lmbda):
    assert_training_agrees([25, 17, 10], optimiser, mini_batch_size, lmbda=lmbda, l1=1.5)


@every_optimiser
@small_and_large_mini_batch
def test_l1_leaves_weights_of_exactly_zero_as_the_reference_does(optimiser, mini_batch_size):
    # Inputs that are always zero have no slope but the penalty's.
    training, evaluation = examples(25, 10)
    blank = [(np.concatenate([x, np.zeros((3, 1), x.dtype)]), y) for x, y in training]
    blank_evaluation = [(np.concatenate([x, np.zeros((3, 1), x.dtype)]), y) for x, y in evaluation]
    eta, steps = OPTIMISERS[optimiser]
    nets = []
    for module in (network2, reference):
        net = seeded_network(module, [28, 17, 10])
        net.weights[0][:, 26] = 0.0
        random.seed(1)
        net.SGD(
            list(blank),
            2,
            mini_batch_size,
            eta,
            0.0,
            blank_evaluation,
            l1=1.5,
            verbose=False,
            **steps,
        )
        nets.append(net)
    assert_same_networks(*nets)
    assert not np.any(nets[0].weights[0][:, 26])


@every_optimiser
@small_and_large_mini_batch
@pytest.mark.parametrize(
    ("cost", "network"),
    [
        ("LogLikelihoodCost", {"activation": "relu", "initializer": "he"}),
        ("LogLikelihoodCost", {"activation": ["tanh", "relu"], "initializer": "glorot"}),
        ("QuadraticCost", {"activation": "tanh", "output": "identity"}),
        pytest.param("CrossEntropyCost", {"activation": Softplus}, marks=long),
        pytest.param(CubicCost, {"activation": "sigmoid", "output": "softmax"}, marks=long),
    ],
    ids=["relu", "mixed", "identity", "own-activation", "own-cost"],
)
def test_optimisers_agree_for_other_layers_and_costs(optimiser, mini_batch_size, cost, network):
    eta, steps = OPTIMISERS[optimiser]
    assert_programs_agree(
        [25, 17, 33, 10],
        *examples(25, 10),
        *(2, mini_batch_size, eta / 5, 2.0),
        cost=cost,
        network=network,
        **steps,
    )


@every_optimiser
@small_and_large_mini_batch
def test_optimisers_agree_on_inputs_without_zeros(optimiser, mini_batch_size):
    training = dense_digits(ALL_EXAMPLES, 12, 5, seed=3, dtype=np.float32)
    evaluation = labelled(dense_digits(60, 12, 5, seed=4, dtype=np.float32))
    assert_training_agrees(
        [12, 17, 5], optimiser, mini_batch_size, data=(training, evaluation), l1=0.5
    )


@every_optimiser
def test_optimisers_agree_on_images_of_784_pixels(optimiser):
    assert_training_agrees([784, 30, 10], optimiser, 10, l1=0.5)


@every_optimiser
@pytest.mark.parametrize("lmbda", [85.0, 510.0, -5.0])
def test_optimisers_agree_for_large_and_negative_decay(optimiser, lmbda):
    assert_training_agrees([25, 17, 10], optimiser, 10, lmbda=lmbda)


@pytest.mark.compiled
@pytest.mark.parametrize("optimiser", ["momentum", "nesterov", "adam"])
def test_weights_that_decay_to_nothing_do_not_stay_among_the_smallest_numbers(optimiser):
    # Of inputs that are always zero. Many CPUs need a hundred cycles for each of these numbers.
    inputs = np.random.default_rng(1).uniform(0, 1, (100, 20)) * (np.arange(20) < 10)
    data = Dataset(inputs, np.arange(100) % 3, classes=3)
    net = seeded_network(network2, [20, 5, 3], dtype=np.float32)
    eta, steps = OPTIMISERS[optimiser]
    net.SGD(data, 100, 1, eta, lmbda=100.0, verbose=False, **steps)
    unused = net.weights[0][:, 10:]
    assert np.all((unused == 0) | (np.abs(unused) >= np.finfo(np.float32).tiny))


@small_and_large_mini_batch
def test_adam_agrees_for_other_settings(mini_batch_size):
    settings = {"beta1": 0.7, "beta2": 0.9, "epsilon": 0.01}
    wanted, got = (
        run(
            module,
            [25, 17, 10],
            examples(25, 10)[0],
            *(3, mini_batch_size, 0.05, 2.0),
            optimizer=adam(**settings),
        )
        for module, adam in ((reference, reference.Adam), (network2, optimisers.Adam))
    )
    assert_same_runs(got, wanted)


@every_optimiser
def test_optimisers_agree_when_a_second_call_goes_on(optimiser):
    eta, steps = OPTIMISERS[optimiser]
    nets = []
    for module in (network2, reference):
        net, data = seeded_network(module, [25, 17, 10]), list(examples(25, 10)[0])
        random.seed(2)
        for _ in range(2):
            net.SGD(data, 2, 10, eta, 2.0, verbose=False, **steps)
        nets.append(net)
    assert_same_networks(*nets)


# Dropout --------------------------------------------------------------------------------------


@every_mini_batch
@pytest.mark.parametrize("hidden", LAYERS)
def test_dropout_agrees_for_every_depth_and_mini_batch(mini_batch_size, hidden):
    sizes = [25, *LAYERS[hidden], 10]
    assert_training_agrees(sizes, "plain", mini_batch_size, dropout=0.5)


@every_optimiser
@small_and_large_mini_batch
@pytest.mark.parametrize("rates", [[0.2, 0.5], [0.0, 0.7], [0.9, 0.0], [0.0, 0.0]], ids=str)
def test_dropout_agrees_for_a_rate_of_each_layer(optimiser, mini_batch_size, rates):
    assert_training_agrees([25, 33, 17, 10], optimiser, mini_batch_size, dropout=rates)


@small_and_large_mini_batch
@pytest.mark.parametrize("activation", ["tanh", "relu", OWN_ACTIVATION])
@pytest.mark.parametrize("shuffle", [True, False])
def test_dropout_agrees_for_other_activations_and_orders(activation, mini_batch_size, shuffle):
    assert_programs_agree(
        [25, 33, 17, 10],
        *examples(25, 10),
        *(3, mini_batch_size, 0.05, 2.0),
        cost="LogLikelihoodCost",
        network={"activation": activation},
        dropout=0.3,
        shuffle=shuffle,
    )


def test_dropout_agrees_on_inputs_without_zeros():
    training = dense_digits(ALL_EXAMPLES, 12, 5, seed=3, dtype=np.float32)
    evaluation = labelled(dense_digits(60, 12, 5, seed=4, dtype=np.float32))
    data = (training, evaluation)
    for mini_batch_size in (7, MORE_THAN_A_BLOCK):
        assert_training_agrees([12, 17, 5], "plain", mini_batch_size, data=data, dropout=0.5)


# Schedules and stopping -----------------------------------------------------------------------


@every_optimiser
@small_and_large_mini_batch
def test_a_schedule_of_the_epoch_agrees(optimiser, mini_batch_size):
    options = {"epochs": 4, "schedule": lambda epoch: 1 / (1 + epoch)}
    assert_training_agrees([25, 17, 10], optimiser, mini_batch_size, **options)


def runs(data, *arguments, sizes=(25, 17, 10), **options):
    """Return what fastnn and the reference make of it; a Halving is made for each of them."""
    halving = options.pop("halving", None)
    made = []
    for module, kind in ((network2, schedules.Halving), (reference, reference.Halving)):
        schedule = {"schedule": kind(**halving)} if halving else {}
        made.append(run(module, list(sizes), data, *arguments, **options, **schedule))
    return made


@every_optimiser
@pytest.mark.parametrize("halving", [{"n": 1, "smallest": 1 / 8}, {"n": 2, "smallest": 1 / 4}])
def test_halving_agrees_and_stops_after_the_same_epoch(optimiser, halving):
    training, evaluation = examples(25, 10)
    eta, steps = OPTIMISERS[optimiser]
    monitors = {"evaluation_data": evaluation, **ALL_MONITORS}
    got, wanted = runs(training, 60, 10, eta, 0.1, halving=halving, **monitors, **steps)
    assert len(wanted.history.evaluation_accuracy) < 60
    assert_same_runs(got, wanted)


def test_halving_goes_down_to_the_books_smallest_rate():
    training, evaluation = examples(25, 10)
    monitors = {"evaluation_data": evaluation, "monitor_evaluation_accuracy": True}
    got, wanted = runs(training, 200, 10, 0.0, halving={"n": 2}, **monitors)
    assert len(wanted.history.evaluation_accuracy) == 1 + 7 * 2
    assert_same_runs(got, wanted)


@every_optimiser
@pytest.mark.parametrize(
    "monitors",
    [
        {"monitor_evaluation_accuracy": True},
        {"monitor_evaluation_cost": True},
        ALL_MONITORS,
    ],
    ids=["accuracy", "cost", "all"],
)
@pytest.mark.parametrize("n", [1, 4])
def test_early_stopping_agrees_and_leaves_the_best_weights(optimiser, monitors, n):
    training, evaluation = examples(25, 10)
    eta, steps = OPTIMISERS[optimiser]
    got, wanted = runs(
        training, 60, 10, 3 * eta, 0.0, evaluation, early_stopping_n=n, **monitors, **steps
    )
    assert max(len(figures) for figures in wanted.history) < 60
    assert_same_runs(got, wanted)


def test_early_stopping_agrees_where_the_epochs_run_out_first():
    training, evaluation = examples(25, 10)
    got, wanted = runs(training, 8, 10, 1.0, 0.0, evaluation, True, early_stopping_n=50)
    assert_same_runs(got, wanted)


def test_halving_and_early_stopping_agree_together():
    training, evaluation = examples(25, 10)
    monitors = {"evaluation_data": evaluation, **ALL_MONITORS}
    for n in (3, 12):
        got, wanted = runs(
            training,
            60,
            10,
            0.5,
            halving={"n": 2, "smallest": 1 / 8},
            early_stopping_n=n,
            **monitors,
        )
        assert_same_runs(got, wanted)


# Order and speeds -----------------------------------------------------------------------------


@every_optimiser
@every_mini_batch
def test_training_in_the_order_of_the_data_agrees(optimiser, mini_batch_size):
    assert_training_agrees([25, 17, 10], optimiser, mini_batch_size, shuffle=False)


@small_and_large_mini_batch
@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu", OWN_ACTIVATION])
@pytest.mark.parametrize("hidden", LAYERS)
def test_the_speeds_of_the_layers_agree(activation, mini_batch_size, hidden):
    training, _ = examples(25, 10)
    others = dense_digits(40, 25, 10, seed=5)
    for speed_data in (None, others):
        got, wanted = runs(
            training,
            *(3, mini_batch_size, 0.05, 2.0),
            sizes=[25, *LAYERS[hidden], 10],
            cost="LogLikelihoodCost",
            network={"activation": activation},
            monitor_layer_speeds=True,
            speed_data=speed_data,
        )
        assert_same_runs(got, wanted)
        assert len(got.history.layer_speeds) == 3
        np.testing.assert_allclose(
            got.history.layer_speeds, wanted.history.layer_speeds, rtol=1e-10
        )


def test_everything_at_once_agrees():
    training, evaluation = examples(25, 10)
    for optimiser, (eta, steps) in OPTIMISERS.items():
        got, wanted = runs(
            training,
            *(30, 7, eta / 5, 0.5, evaluation),
            sizes=[25, 17, 33, 10],
            cost="LogLikelihoodCost",
            network={"activation": ["relu", "tanh"], "initializer": "he"},
            l1=0.3,
            dropout=[0.1, 0.2],
            halving={"n": 2, "smallest": 1 / 16},
            early_stopping_n=6,
            monitor_layer_speeds=True,
            **ALL_MONITORS,
            **steps,
        )
        assert_same_runs(got, wanted)
        np.testing.assert_allclose(
            got.history.layer_speeds, wanted.history.layer_speeds, rtol=1e-9, err_msg=optimiser
        )
