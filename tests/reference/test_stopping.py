"""The reference's schedules, early stopping, order of the data, and speeds of layers."""

from __future__ import annotations

import copy
import random
from math import inf, nan

import numpy as np
import pytest
from builders import (
    assert_same_bits,
    central_difference,
    column,
    copies,
    dense_digits,
    labelled,
    parameters,
    seeded_network,
)

from fastnn import reference
from fastnn.reference import Halving
from fastnn.reference.stopping import EarlyStopping, HalvedRate


def problem():
    """Return a network that learns something, training pairs and evaluation pairs."""
    net = seeded_network(reference, [5, 6, 3], seed=1)
    return net, dense_digits(30, 5, 3, seed=2), labelled(dense_digits(20, 5, 3, seed=3))


# Schedules ----------------------------------------------------------------------------------


def test_a_schedule_is_a_factor_on_the_learning_rate_of_each_epoch():
    net, data, _ = problem()
    random.seed(4)
    net.SGD(data, 3, 7, 0.5, 0.1, schedule=lambda epoch: [1, 0.25, 2][epoch], verbose=False)
    twin, twin_data, _ = problem()
    random.seed(4)
    for eta in (0.5, 0.125, 1.0):
        twin.SGD(twin_data, 1, 7, eta, 0.1, verbose=False)
    assert_same_bits(net, twin)


def test_halving_counts_epochs_since_the_last_best_accuracy_or_the_last_halving():
    rate = HalvedRate(Halving(n=2, smallest=1 / 4))
    seen = []
    for accuracy in [5, 5, 4, 5, 6, 6, 5]:
        going = rate.keep_going(accuracy)
        seen.append((rate.factor, going))
    assert seen == [
        (1.0, True),  # the first epoch is the best so far
        (1.0, True),  # an equal accuracy is not better
        (0.5, True),  # the second epoch in a row without a new best
        (0.5, True),  # counted anew
        (0.5, True),  # a new best
        (0.5, True),
        (0.25, False),
    ]


def test_halving_is_by_default_the_books():
    assert Halving() == Halving(n=10, smallest=1 / 128)


def test_training_that_never_improves_is_halved_to_the_end():
    # With eta = 0 the accuracy is constant: one epoch, then two halvings, each after three more.
    net, data, evaluation = problem()
    schedule = Halving(n=3, smallest=1 / 4)
    history = net.SGD(
        data,
        100,
        7,
        0.0,
        evaluation_data=evaluation,
        monitor_evaluation_accuracy=True,
        schedule=schedule,
        verbose=False,
    )
    assert len(history.evaluation_accuracy) == 7
    assert schedule == Halving(n=3, smallest=1 / 4)


def test_a_halved_rate_is_what_training_goes_on_with():
    # A single output is always the strongest, so the accuracy never changes.
    data = [(x, column(0.3)) for x, _ in dense_digits(9, 3, 2, seed=5)]
    evaluation = [(x, 0) for x, _ in data]
    options = {"shuffle": False, "verbose": False}
    net, twin = (seeded_network(reference, [3, 4, 1], seed=6) for _ in range(2))
    monitored = {"evaluation_data": evaluation, "monitor_evaluation_accuracy": True}
    net.SGD(data, 6, 4, 0.5, schedule=Halving(n=2), **monitored, **options)
    # Epoch 0 is the best; neither epochs 1 and 2 nor epochs 3 and 4 are better.
    twin.SGD(data, 6, 4, 0.5, schedule=lambda j: [1, 1, 1, 1 / 2, 1 / 2, 1 / 4][j], **options)
    assert_same_bits(net, twin)


# Early stopping -----------------------------------------------------------------------------

EVALUATION_MONITORS = {
    "accuracy": {"monitor_evaluation_accuracy": True},
    "cost": {"monitor_evaluation_cost": True},
    "both": {"monitor_evaluation_accuracy": True, "monitor_evaluation_cost": True},
}


def epoch_by_epoch(epochs, eta, measure):
    """Return score and network after each of several calls of one epoch."""
    net, data, evaluation = problem()
    random.seed(7)
    seen = []
    for _ in range(epochs):
        net.SGD(data, 1, 3, eta, verbose=False)
        seen.append((measure(net, evaluation), copy.copy(net)))
    return seen


MEASURES = {
    "accuracy": lambda net, evaluation: net.accuracy(evaluation),
    "cost": lambda net, evaluation: -net.total_cost(evaluation, 0.0, convert=True),
    "both": lambda net, evaluation: net.accuracy(evaluation),
}


@pytest.mark.parametrize("monitors", EVALUATION_MONITORS)
@pytest.mark.parametrize(("n", "epochs"), [(1, 40), (2, 40), (5, 60), (100, 12)])
def test_training_stops_n_epochs_after_the_best_and_leaves_its_weights(monitors, n, epochs):
    net, data, evaluation = problem()
    random.seed(7)
    history = net.SGD(
        data,
        epochs,
        3,
        3.0,
        evaluation_data=evaluation,
        **EVALUATION_MONITORS[monitors],
        early_stopping_n=n,
        verbose=False,
    )

    seen = epoch_by_epoch(epochs, 3.0, MEASURES[monitors])
    best = last = 0
    for last, (score, _) in enumerate(seen):
        if score > seen[best][0]:
            best = last
        if last - best == n:
            break
    assert {len(figures) for figures in history if figures} == {last + 1}
    assert_same_bits(net, seen[best][1])
    if n < 10:
        assert best < last < epochs - 1  # the rule had something to do


def test_a_network_that_never_improves_is_left_as_its_first_epoch_left_it():
    net, data, evaluation = problem()
    before = copies(net)
    history = net.SGD(data, 9, 3, 0.0, 0.0, evaluation, True, early_stopping_n=2, verbose=False)
    assert len(history.evaluation_cost) == 3
    for got, kept in zip(parameters(net), before, strict=True):
        np.testing.assert_array_equal(got, kept)


def test_the_first_number_is_better_than_nan_and_without_any_the_first_epoch_is_kept():
    net, _, _ = problem()
    parts = net.biases, net.weights
    stopping = EarlyStopping(2)
    going = [stopping.keep_going(score, *parts) for score in (nan, nan)]
    assert (going, stopping.waited) == ([True, True], 1)
    assert stopping.keep_going(-inf, *parts)
    assert (stopping.best, stopping.waited) == (-inf, 0)
    assert [stopping.keep_going(nan, *parts) for _ in range(2)] == [True, False]
    assert stopping.best == -inf


def test_no_epochs_change_nothing():
    net, data, evaluation = problem()
    before = copies(net)
    net.SGD(data, 0, 3, 0.5, 0.0, evaluation, True, early_stopping_n=2, verbose=False)
    for got, kept in zip(parameters(net), before, strict=True):
        np.testing.assert_array_equal(got, kept)


def test_what_is_not_monitored_cannot_decide():
    net, data, evaluation = problem()
    with pytest.raises(ValueError, match="early_stopping_n needs a monitor of evaluation data"):
        net.SGD(data, 1, 3, 0.5, 0.0, evaluation, early_stopping_n=2, verbose=False)
    with pytest.raises(ValueError, match="Halving needs monitor_evaluation_accuracy"):
        net.SGD(data, 1, 3, 0.5, 0.0, evaluation, True, schedule=Halving(), verbose=False)


# Order --------------------------------------------------------------------------------------


def test_without_shuffling_the_data_are_taken_as_they_are_and_nothing_is_drawn():
    net, data, _ = problem()
    twin, bare, _ = problem()
    state = random.getstate()
    net.SGD(data, 2, 12, 0.5, 0.1, shuffle=False, verbose=False)
    assert random.getstate() == state
    for _ in range(2):
        for start in (0, 12, 24):
            twin.update_mini_batch(bare[start : start + 12], 0.5, 0.1, 30)
    assert_same_bits(net, twin)


# Speeds of layers ---------------------------------------------------------------------------


def test_the_speed_of_a_layer_is_the_norm_of_the_slope_of_the_mean_cost_by_its_biases():
    net, data, _ = problem()
    speeds = reference.layer_speeds(net, data)
    slopes = [central_difference(lambda: net.total_cost(data, 0.0), b) for b in net.biases]
    np.testing.assert_allclose(speeds, [np.linalg.norm(slope) for slope in slopes], rtol=1e-7)


def test_the_averaged_gradient_is_what_a_step_of_the_whole_data_follows():
    net, data, _ = problem()
    nabla_b, nabla_w = reference.average_gradient(net, data)
    before = copies(net)
    net.update_mini_batch(data, 0.5, 0.0, len(data))
    for old, new, slope in zip(before, parameters(net), [*nabla_b, *nabla_w], strict=True):
        np.testing.assert_allclose((old - new) / 0.5, slope, rtol=1e-9, atol=1e-14)


def test_speeds_are_monitored_before_every_epoch_on_the_training_data_or_others():
    _, _, others = problem()
    others = [(x, reference.vectorized_result(label, 3)) for x, label in others]
    for speed_data in (None, others):
        net, data, _ = problem()
        twin, twin_data, _ = problem()
        random.seed(8)
        history = net.SGD(
            data, 3, 7, 0.5, monitor_layer_speeds=True, speed_data=speed_data, verbose=False
        )
        random.seed(8)
        wanted = []
        for _ in range(3):
            wanted.append(reference.layer_speeds(twin, twin_data if speed_data is None else others))
            twin.SGD(twin_data, 1, 7, 0.5, verbose=False)
        np.testing.assert_array_equal(history.layer_speeds, wanted)
        assert_same_bits(net, twin)


def test_the_history_is_four_lists_and_keeps_speeds_only_where_asked():
    net, data, _ = problem()
    history = net.SGD(data, 1, 7, 0.5, verbose=False)
    assert history == ([], [], [], [])
    assert history.layer_speeds == []
