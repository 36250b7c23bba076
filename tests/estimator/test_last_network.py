"""A training may use the room of the one before, and learns nothing else from it."""

from __future__ import annotations

import gc
import pickle
import threading
import weakref

import numpy as np
import pytest
from estimator_pairs import SMALL, SOLVERS, data_of

from fastnn import estimator as mine
from fastnn.engine.prepared import Prepared
from fastnn.estimator import last_network

# These tests train for a few epochs only and need no convergence.
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture(autouse=True)
def made(monkeypatch):
    """Begin without a last network; list the sizes of those that are made from here on."""
    monkeypatch.setattr(last_network, "_LAST", [])
    sizes = []

    def make(architecture, *arguments):
        sizes.append(architecture.sizes)
        return Prepared(architecture, *arguments)

    monkeypatch.setattr(last_network, "Prepared", make)
    return sizes


def classifier(**parameters):
    return mine.MLPClassifier(**{**SMALL, "max_iter": 3, **parameters})


def bits_of(estimator):
    return [array.tobytes() for array in (*estimator.coefs_, *estimator.intercepts_)]


def in_small_steps(estimator, X, y, between=lambda: None):
    for begin in range(0, 200, 20):
        between()
        rows = slice(begin, begin + 20)
        estimator.partial_fit(X[rows], y[rows], classes=np.arange(10))
    return estimator


@pytest.mark.filterwarnings("ignore:Got `batch_size` less than 1")
@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_partial_fit_in_a_loop_makes_one_network_and_learns_the_same_bits(solver, dtype, made):
    X, y = data_of("ten classes")
    X = X.astype(dtype)
    got = in_small_steps(classifier(**SOLVERS[solver]), X, y)
    assert len(made) == 1
    wanted = in_small_steps(classifier(**SOLVERS[solver]), X, y, last_network._LAST.clear)
    assert len(made) == 11
    assert bits_of(got) == bits_of(wanted)
    assert got.loss_curve_ == wanted.loss_curve_


@pytest.mark.filterwarnings("ignore:Got `batch_size` less than 1")
def test_estimators_that_take_turns_learn_as_each_would_alone(made):
    X, y = data_of("ten classes")
    pair = [classifier(random_state=seed, alpha=seed / 10) for seed in (1, 2)]
    alone = [in_small_steps(e, X, y) for e in map(pickle.loads, map(pickle.dumps, pair))]
    for begin in range(0, 200, 20):
        rows = slice(begin, begin + 20)
        for estimator in pair:
            estimator.partial_fit(X[rows], y[rows], classes=np.arange(10))
    assert [bits_of(one) for one in pair] == [bits_of(one) for one in alone]
    assert len(made) == 1


def test_weights_that_are_edited_between_calls_count():
    X, y = data_of("ten classes")
    got, wanted = classifier().fit(X, y), classifier().fit(X, y)
    for estimator in (got, wanted):
        estimator.coefs_[0][:] *= 0.5
        estimator.intercepts_[1] = np.ones(5)
    last_network._LAST.clear()
    assert bits_of(wanted.partial_fit(X, y)) == bits_of(got.partial_fit(X, y))


@pytest.mark.parametrize("other", ["float32", "batch_size", "sparse", "hidden", "activation"])
def test_a_network_of_another_kind_does_not_use_that_room_wrongly(other):
    X, y = data_of("ten classes")
    how = {
        "batch_size": {"batch_size": 50},
        "hidden": {"hidden_layer_sizes": (17, 6)},
        "activation": {"activation": "tanh"},
    }.get(other, {})
    inputs = X.astype(np.float32) if other == "float32" else X
    if other == "sparse":
        inputs = np.where(X > 0.9, X, 0.0)
    wanted = bits_of(classifier(**how).fit(inputs, y))
    classifier().fit(X, y)
    assert bits_of(classifier(**how).fit(inputs, y)) == wanted


def test_a_network_after_one_that_became_infinite_learns_the_same_bits():
    X, y = data_of("ten classes")
    wanted = bits_of(classifier(solver="sgd").fit(X, y))
    prepared = last_network._LAST[0].prepared
    for array in (prepared.packed.net.parameters, *prepared.packed.net.work):
        array[:] = np.nan
    prepared.packed.net.decay_scale[:] = np.nan
    assert bits_of(classifier(solver="sgd").fit(X, y)) == wanted
    assert last_network._LAST[0].prepared is prepared


@pytest.mark.parametrize("order", ["C", "F"])
def test_examples_are_not_kept(order):
    X, y = data_of("ten classes")

    class Inputs(np.ndarray):
        """An array that can be watched."""

    whole = np.array(X, order=order).view(Inputs)
    watched = weakref.ref(whole)
    estimator = classifier().fit(whole[:100], y[:100])
    assert last_network._LAST
    del whole
    gc.collect()
    assert watched() is None
    assert estimator.coefs_


def test_a_large_network_is_not_kept():
    X, y = data_of("ten classes")
    classifier(hidden_layer_sizes=(300, 100), max_iter=1).fit(X, y)
    assert not last_network._LAST


def test_a_training_that_fails_leaves_no_room():
    X, y = data_of("ten classes")
    with pytest.raises(KeyError):
        bad = type("Own", (mine.MLPClassifier,), {"__setattr__": _refuse_loss})
        bad(**SMALL).fit(X, y)
    assert not last_network._LAST


def _refuse_loss(self, name, value):
    if name == "loss_":
        raise KeyError(name)
    object.__setattr__(self, name, value)


def test_threads_of_python_train_in_rooms_of_their_own():
    X, y = data_of("ten classes")
    wanted = {seed: bits_of(classifier(random_state=seed).fit(X, y)) for seed in range(4)}
    got = {}

    def train(seed):
        for _ in range(5):
            got[seed] = bits_of(classifier(random_state=seed).fit(X, y))

    threads = [threading.Thread(target=train, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == wanted
