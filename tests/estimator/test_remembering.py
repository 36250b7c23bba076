"""`partial_fit` goes on with what the solver remembers, also in copies and later versions."""

from __future__ import annotations

import copy
import json
import pickle

import numpy as np
import pytest
from estimator_pairs import SOLVERS, both, data_of

from fastnn.estimator.epochs import Optimiser
from fastnn.estimator.learning_rate import LearningRate

# These tests train for a few epochs only and need no convergence.
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def trained(solver="adam", **parameters):
    X, y = data_of("ten classes")
    return both("ten classes", **{**SOLVERS[solver], **parameters})[1].fit(X, y)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("schedule", ["constant", "invscaling", "adaptive"])
def test_a_copy_of_any_kind_goes_on_to_the_same_bits(solver, schedule):
    X, y = data_of("ten classes")
    got = trained(solver, learning_rate=schedule)
    copies = [copy.deepcopy(got), pickle.loads(pickle.dumps(got))]
    copies.append(copy.deepcopy(copies[1]))
    for estimator in (got, *copies):
        estimator.partial_fit(X, y).partial_fit(X[:90], y[:90])
    for other in copies:
        assert other.loss_curve_ == got.loss_curve_
        assert other.coefs_[0].tobytes() == got.coefs_[0].tobytes()


@pytest.mark.parametrize("solver", ["adam", "Nesterov", "momentum"])
def test_what_is_pickled_of_a_solver_is_plain_data(solver):
    remembered = trained(solver).__getstate__()["_fastnn_optimiser"]
    arrays = remembered.pop("arrays")
    assert {type(array) for array in arrays} == {np.ndarray}
    assert json.loads(json.dumps(remembered)) == remembered


@pytest.mark.parametrize("solver", ["adam", "Nesterov", "momentum"])
@pytest.mark.parametrize("hidden_layer_sizes", [(3,), (3, 40, 5)], ids=str)
def test_a_pickle_is_no_larger_than_that_of_scikit_learn(solver, hidden_layer_sizes):
    X, y = data_of("ten classes")
    parameters = {**SOLVERS[solver], "hidden_layer_sizes": hidden_layer_sizes}
    theirs, mine = (len(pickle.dumps(e.fit(X, y))) for e in both("ten classes", **parameters))
    assert mine <= theirs


@pytest.mark.parametrize("solver", ["adam", "Nesterov", "momentum"])
def test_a_pickle_that_holds_the_kernels_room_goes_on_to_the_same_bits(solver):
    """Those of earlier versions do, and subclasses' with a `__getstate__` of their own."""
    X, y = data_of("ten classes")
    got, other = trained(solver), trained(solver)
    other._fastnn_optimiser = pickle.loads(pickle.dumps(got._fastnn_optimiser))
    assert other.partial_fit(X, y).coefs_[0].tobytes() == got.partial_fit(X, y).coefs_[0].tobytes()


@pytest.mark.parametrize("unknown", [{"form": 0}, {"form": 99, "rule": "Lion"}, {}, (1, 2, 3)])
def test_a_solver_of_another_version_starts_anew_with_a_warning(unknown):
    X, y = data_of("ten classes")
    got, fresh = trained(), trained()
    got._fastnn_optimiser, fresh._fastnn_optimiser = unknown, None
    with pytest.warns(UserWarning, match="of another version of fastnn: it starts anew"):
        got.partial_fit(X, y)
    assert got.loss_curve_ == fresh.partial_fit(X, y).loss_curve_


@pytest.mark.parametrize("solver", ["Nesterov", "momentum"])  # Adam's steps are bounded
def test_a_call_that_fails_leaves_what_the_solver_remembers(solver):
    X, y = data_of("ten classes")
    got, other = trained(solver), trained(solver)
    with pytest.raises(ValueError, match="non-finite"):
        got.partial_fit(X * 1e300, y)
    assert got.partial_fit(X, y).coefs_[0].tobytes() == other.partial_fit(X, y).coefs_[0].tobytes()


@pytest.mark.parametrize("solver", ["adam", "Nesterov", "momentum"])
def test_training_goes_on_in_the_arrays_that_it_remembers_and_has_learnt(solver):
    X, y = data_of("ten classes")
    got = trained(solver).partial_fit(X, y)
    before = [*got.coefs_, *got.intercepts_, *got._fastnn_optimiser["arrays"]]
    got.partial_fit(X, y)
    after = [*got.coefs_, *got.intercepts_, *got._fastnn_optimiser["arrays"]]
    assert all(one is other for one, other in zip(before, after, strict=True))


def test_a_pickle_of_an_earlier_version_predicts_and_learns():
    X, y = data_of("ten classes")
    got = trained()
    got._fastnn_optimiser = Optimiser(got._fastnn_rule(), LearningRate("constant", 0.1, 0.5))
    other = pickle.loads(pickle.dumps(got))
    assert (other.predict(X) == got.predict(X)).all()
    with pytest.warns(UserWarning, match="of another version of fastnn: it starts anew"):
        other.partial_fit(X, y)


@pytest.mark.parametrize("solver", ["adam", "Nesterov", "momentum"])
def test_layers_of_other_sizes_than_the_solver_remembers_are_refused(solver):
    X, y = data_of("ten classes")
    said = []
    for estimator in both("ten classes", **{**SOLVERS[solver], "hidden_layer_sizes": (6, 5)}):
        estimator.fit(X, y)
        estimator.set_params(hidden_layer_sizes=(5, 6))
        shapes = [(64, 5), (5, 6), (6, 10)]
        estimator.coefs_ = [np.ones(shape) for shape in shapes]
        estimator.intercepts_ = [np.ones(columns) for _, columns in shapes]
        with pytest.raises(ValueError, match=r"\d") as raised:
            estimator.partial_fit(X, y)
        said.append(str(raised.value))
    assert "must have [64, 6, 5, 10] neurons, which the solver remembers" in said[1]
    assert (estimator.coefs_[0] == 1).all()
    estimator.set_params(warm_start=True).fit(X, y).partial_fit(X, y)
