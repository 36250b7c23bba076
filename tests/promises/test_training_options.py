"""fastnn against the reference: dropout, schedules, stopping, order and layer speeds."""

from __future__ import annotations

import random

import numpy as np
import pytest
from builders import (
    ALL_EXAMPLES,
    ALL_MONITORS,
    assert_programs_agree,
    assert_same_networks,
    assert_same_runs,
    dense_digits,
    examples,
    labelled,
    seeded_network,
)
from training_options import (
    LAYERS,
    MORE_THAN_A_BLOCK,
    OPTIMISERS,
    OWN_ACTIVATION,
    assert_training_agrees,
    every_mini_batch,
    every_optimiser,
    runs,
    small_and_large_mini_batch,
)

from fastnn import network2, reference

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


@pytest.mark.filterwarnings("ignore:cost Sometimes cannot be compiled")
@pytest.mark.parametrize("numbers", [(1, 2, 3), ()], ids=["some", "none"])
def test_an_epoch_whose_cost_is_nan_is_not_the_best_unless_all_are(numbers):
    class Sometimes(network2.QuadraticCost):
        epoch = None

        @staticmethod
        def fn(a, y):
            return 0.5 * np.sum((a - y) ** 2) if Sometimes.epoch in numbers else np.nan

    def schedule(epoch):
        Sometimes.epoch = epoch
        return 1.0

    training, evaluation = examples(25, 10)
    left = []
    for module, options in ((reference, {}), (network2, {"on_divergence": "continue"})):
        net = seeded_network(module, [25, 17, 10])
        net.cost = Sometimes
        random.seed(4)
        history = net.SGD(
            list(training), 4, 10, 1.0, 0.0, evaluation, True, early_stopping_n=9,
            schedule=schedule, verbose=False, **options,
        )  # fmt: skip
        costs = history.evaluation_cost
        assert [epoch for epoch, cost in enumerate(costs) if cost == cost] == [*numbers]
        left.append(net)
    assert history.best_epoch == (int(np.nanargmin(costs)) if numbers else 0)
    assert_same_networks(*left)


def test_early_stopping_after_no_epochs_is_none():
    training, evaluation = examples(25, 10)
    got, wanted = runs(training, 9, 10, 3.0, 0.0, evaluation, True, early_stopping_n=0)
    assert len(wanted.history.evaluation_cost) == 9
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
