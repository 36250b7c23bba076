"""The estimators have the loss curves, attributes and predictions of scikit-learn's own."""

from __future__ import annotations

import copy
import doctest
import pickle
import warnings

import joblib
import numpy as np
import pytest
from builders import assert_close
from estimator_pairs import (
    CLASSES,
    DIGITS,
    LABELS,
    SMALL,
    TASKS,
    assert_same_fits,
    assert_same_learning,
    both,
    data_of,
)
from scipy import sparse
from sklearn import neural_network as theirs
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from fastnn import estimator as mine
from fastnn.engine import faster_way, short_calls, teams
from fastnn.estimator import trainer

# These tests train for a few epochs only and need no convergence.
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


# The same numbers -----------------------------------------------------------------------------

SOLVERS = {
    "adam": {},
    "adam with other numbers": {"beta_1": 0.8, "beta_2": 0.9, "epsilon": 1e-4},
    "Nesterov": {"solver": "sgd", "learning_rate_init": 0.02},
    "momentum": {"solver": "sgd", "nesterovs_momentum": False, "momentum": 0.7},
    "plain": {"solver": "sgd", "momentum": 0.0, "nesterovs_momentum": False},
    "plain under Nesterov's name": {"solver": "sgd", "momentum": 0.0},
    "full momentum": {"solver": "sgd", "momentum": 1.0, "learning_rate_init": 1e-5},
}


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("solver", SOLVERS)
def test_the_loss_curve_is_that_of_scikit_learn(solver, task):
    assert_same_fits(task, **{"learning_rate_init": 0.003, **SOLVERS[solver]})


@pytest.mark.parametrize("activation", ["logistic", "tanh", "relu", "identity"])
def test_every_activation_learns_as_in_scikit_learn(activation):
    assert_same_fits("ten classes", activation=activation)


@pytest.mark.parametrize("batch_size", [1, 7, 129, 230, "auto"])
@pytest.mark.parametrize("solver", ["adam", "momentum"])
def test_mini_batches_of_any_size_weigh_penalty_and_gradient_as_in_scikit_learn(solver, batch_size):
    assert_same_fits("ten classes", alpha=0.3, batch_size=batch_size, **SOLVERS[solver])


def test_whole_numbers_serve_as_real_ones():
    numbers = {"alpha": 1, "learning_rate_init": 1, "momentum": 0, "power_t": 1, "tol": 0}
    parameters = {"solver": "sgd", "learning_rate": "invscaling", "max_iter": 5}
    X, y = data_of("ten classes")
    _, whole = both("ten classes", **numbers, **parameters)
    _, real = both("ten classes", **{k: float(v) for k, v in numbers.items()}, **parameters)
    assert whole.fit(X, y).loss_curve_ == real.fit(X, y).loss_curve_


@pytest.mark.parametrize("hidden_layer_sizes", [(), 40, [33], np.array([3, 4, 5])], ids=str)
def test_hidden_layers_have_the_sizes_asked_for(hidden_layer_sizes):
    assert_same_fits("ten classes", hidden_layer_sizes=hidden_layer_sizes)


@pytest.mark.parametrize("learning_rate", ["constant", "invscaling", "adaptive"])
@pytest.mark.parametrize("early_stopping", [False, True])
def test_the_learning_rate_falls_as_in_scikit_learn(learning_rate, early_stopping, capsys):
    parameters = {
        **{"solver": "sgd", "learning_rate": learning_rate, "learning_rate_init": 0.2},
        **{"n_iter_no_change": 2, "tol": 0.02, "max_iter": 60, "verbose": True},
    }
    X, y = data_of("ten classes")
    wanted, got = both("ten classes", early_stopping=early_stopping, **parameters)
    wanted.fit(X, y)
    printed = capsys.readouterr().out
    got.fit(X, y)
    assert_same_learning(wanted, got)
    assert wanted.n_iter_ < 60 or learning_rate == "adaptive"
    assert capsys.readouterr().out == printed


@pytest.mark.parametrize("task", TASKS)
def test_early_stopping_holds_out_the_same_examples_and_keeps_the_best_network(task):
    wanted, got = assert_same_fits(
        task, early_stopping=True, n_iter_no_change=4, validation_fraction=0.2, max_iter=60
    )
    assert got.best_validation_score_ == max(got.validation_scores_)
    assert len(got.validation_scores_) == wanted.n_iter_


def test_without_shuffling_the_order_is_that_of_the_data():
    assert_same_fits("ten classes", shuffle=False)


@pytest.mark.parametrize("task", TASKS)
def test_examples_count_as_much_as_their_weights(task):
    X, y = data_of(task)
    weights = np.random.default_rng(5).integers(0, 4, len(X)).astype(float)
    wanted, got = (e.fit(X, y, sample_weight=weights) for e in both(task))
    assert_same_learning(wanted, got)


def test_a_mini_batch_may_have_a_negative_weight():
    X, y = data_of("ten classes")
    weights = np.repeat([1.0, -0.5, 2.0], [128, 64, len(X) - 192])
    parameters = {"shuffle": False, "batch_size": 64, "learning_rate_init": 1e-4, "max_iter": 3}
    wanted, got = (e.fit(X, y, sample_weight=weights) for e in both("ten classes", **parameters))
    assert_same_learning(wanted, got)


def test_a_mini_batch_without_weight_changes_nothing():
    X, y = data_of("ten classes")
    weights = np.repeat([1.0, 0.0], [128, 102])
    parameters = {"shuffle": False, "solver": "sgd", "max_iter": 1}
    _, got = both("ten classes", **parameters)
    _, alone = both("ten classes", **parameters)
    got.fit(X, y, sample_weight=weights)
    alone.partial_fit(X[:128], y[:128], classes=np.unique(y))
    assert_close(got.coefs_, alone.coefs_, rtol=0.0)


def test_confident_outputs_have_the_loss_of_scikit_learn():
    assert_same_fits("two classes", learning_rate_init=2.0, solver="sgd", alpha=0.0, max_iter=40)


def test_float32_data_make_a_float32_network():
    X, y = data_of("ten classes")
    wanted, got = (e.fit(X.astype(np.float32), y) for e in both("ten classes"))
    assert {c.dtype for c in got.coefs_} == {np.dtype(np.float32)}
    assert got.predict_proba(X.astype(np.float32)).dtype == np.float32
    np.testing.assert_allclose(got.loss_curve_, wanted.loss_curve_, rtol=1e-4)


def test_splitting_an_epoch_into_many_calls_changes_no_bit(monkeypatch):
    X, y = data_of("ten classes")
    _, whole = both("ten classes", batch_size=150)
    _, pieces = both("ten classes", batch_size=150)
    whole.fit(X, y)
    monkeypatch.setattr(short_calls, "_LONGEST_CALL", 0.0)  # one block a call, in the end
    pieces.fit(X, y)
    assert pieces.loss_curve_ == whole.loss_curve_


@pytest.mark.parametrize("hidden", [20, 100, (100, 40)], ids=str)
@pytest.mark.parametrize("batch_size", [7, 150])
@pytest.mark.parametrize("solver", SOLVERS)
def test_threads_that_help_change_no_bit(monkeypatch, solver, batch_size, hidden):
    parameters = {"hidden_layer_sizes": hidden, "batch_size": batch_size, **SOLVERS[solver]}
    X, y = data_of("ten classes")
    weights = np.repeat([1.0, 0.0, 2.0], [len(X) - 60, 20, 40])
    monkeypatch.setattr(trainer, "threads_available", lambda: 1)
    _, alone = both("ten classes", **parameters)
    alone.fit(X, y, sample_weight=weights)
    monkeypatch.setattr(trainer, "threads_available", lambda: 3)
    for limit in ("_WORTH_SPLITTING", "_WORTH_SPLITTING_ROWS"):
        monkeypatch.setattr(teams, limit, 1)
    monkeypatch.setattr(faster_way.Choice, "next", lambda self: 1)  # always together
    _, together = both("ten classes", **parameters)
    together.fit(X, y, sample_weight=weights)
    assert together.loss_curve_ == alone.loss_curve_
    for got, wanted in zip(together.coefs_, alone.coefs_, strict=True):
        assert got.tobytes() == wanted.tobytes()


# Learning continues -----------------------------------------------------------------------------


@pytest.mark.parametrize("solver", SOLVERS)
def test_partial_fit_continues_with_what_the_solver_remembers(solver):
    X, y = data_of("ten classes")
    parameters = {"learning_rate_init": 0.003, "batch_size": 16, **SOLVERS[solver]}
    estimators = both("ten classes", **parameters)
    for estimator in estimators:
        for rows in (slice(0, 100), slice(100, 150), slice(150, 230)):
            estimator.partial_fit(X[rows], y[rows], classes=np.arange(10))
    assert_same_learning(*estimators)


@pytest.mark.parametrize("task", ["several labels", "three numbers"])
def test_partial_fit_continues_after_fit(task):
    X, y = data_of(task)
    estimators = both(task, batch_size=16)
    for estimator in estimators:
        estimator.fit(X, y).partial_fit(X[:60], y[:60])
    assert_same_learning(*estimators)


def test_partial_fit_continues_from_assigned_weights():
    X, y = data_of("ten classes")
    estimators = both("ten classes", solver="sgd")
    for estimator in estimators:
        estimator.partial_fit(X, y, classes=np.arange(10))
        estimator.coefs_[0][:] = 0.25
        estimator.partial_fit(X, y)
    assert_same_learning(*estimators)


def test_another_solver_starts_without_memory():
    X, y = data_of("ten classes")
    _, changed = both("ten classes")
    _, fresh = both("ten classes", solver="sgd")
    changed.partial_fit(X, y, classes=np.arange(10)).set_params(solver="sgd").partial_fit(X, y)
    fresh.partial_fit(X, y, classes=np.arange(10))
    assert all(np.isfinite(c).all() for c in changed.coefs_)
    assert changed._memory.rule == fresh._memory.rule


def test_a_warm_start_continues_and_a_cold_start_begins_anew():
    X, y = data_of("ten classes")
    warm = both("ten classes", warm_start=True)
    for estimator in warm:
        estimator.fit(X, y).fit(X, y)
    assert_same_learning(*warm)
    assert len(warm[1].loss_curve_) == 2 * SMALL["max_iter"]
    _, cold = both("ten classes")
    once = list(cold.fit(X, y).loss_curve_)
    assert cold.fit(X, y).loss_curve_ == once


def test_a_warm_start_that_finds_nothing_better_keeps_the_best_network():
    X, y = data_of("ten classes")
    _, got = both("ten classes", warm_start=True, early_stopping=True, max_iter=30)
    best = [c.copy() for c in got.fit(X, y).coefs_]
    got.set_params(learning_rate_init=1e-9, max_iter=1, random_state=3).fit(X, y)
    assert_close(got.coefs_, best, rtol=0.0)


def test_ctrl_c_ends_training_with_a_warning_and_keeps_what_was_learnt(monkeypatch):
    X, y = data_of("ten classes")
    _, got = both("ten classes")
    epochs = []

    def interrupt(trainer, *arguments):
        epochs.append(arguments)
        if len(epochs) == 3:
            raise KeyboardInterrupt
        return run_epoch(trainer, *arguments)

    run_epoch = mine.epochs.WeightedTrainer.run_epoch
    monkeypatch.setattr(mine.epochs.WeightedTrainer, "run_epoch", interrupt)
    with pytest.warns(UserWarning, match="Training interrupted by user"):
        got.fit(X, y)
    assert got.n_iter_ == 2
    assert got.score(X, y) > 0.1


# Predictions ----------------------------------------------------------------------------------


@pytest.mark.parametrize("task", CLASSES)
def test_classes_and_probabilities_are_those_of_scikit_learn(task):
    wanted, got = assert_same_fits(task)
    X, _ = data_of(task)
    np.testing.assert_array_equal(got.classes_, wanted.classes_)
    np.testing.assert_array_equal(got.predict(X), wanted.predict(X))
    for method in ("predict_proba", "predict_log_proba"):
        expected = getattr(wanted, method)(X)
        np.testing.assert_allclose(getattr(got, method)(X), expected, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("task", ["one number", "three numbers"])
def test_numbers_are_those_of_scikit_learn(task):
    wanted, got = assert_same_fits(task)
    X, _ = data_of(task)
    assert got.predict(X).shape == wanted.predict(X).shape
    np.testing.assert_allclose(got.predict(X), wanted.predict(X), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("form", [sparse.csr_matrix, sparse.csc_matrix, sparse.csr_array])
@pytest.mark.parametrize("early_stopping", [False, True])
def test_sparse_inputs_stay_sparse(form, early_stopping, monkeypatch):
    X, y = data_of("ten classes")
    wanted, got = (e.fit(form(X), y) for e in both("ten classes", early_stopping=early_stopping))
    assert_same_learning(wanted, got)
    np.testing.assert_array_equal(got.predict(form(X)), wanted.predict(form(X)))
    to_dense = sparse.csr_matrix.toarray

    def refuse(matrix, *arguments, **options):
        assert matrix.shape[1] != X.shape[1]  # labels may become dense
        return to_dense(matrix, *arguments, **options)

    for kind in (sparse.csr_matrix, sparse.csr_array):
        monkeypatch.setattr(kind, "toarray", refuse)
    got.fit(form(X), y).predict(form(X))


# In scikit-learn's company --------------------------------------------------------------------


@parametrize_with_checks([mine.MLPClassifier(max_iter=100), mine.MLPRegressor(max_iter=100)])
def test_scikit_learns_own_checks_pass(estimator, check):
    check(estimator)


@pytest.mark.parametrize("name", ["MLPClassifier", "MLPRegressor"])
def test_parameters_and_their_defaults_are_those_of_scikit_learn(name):
    wanted, got = (getattr(module, name)().get_params() for module in (theirs, mine))
    assert got == wanted


@pytest.mark.parametrize("module", [mine.classifier, mine.regressor])
def test_the_examples_in_the_docstrings_run(module):
    results = doctest.testmod(module)
    assert results.attempted > 0
    assert results.failed == 0


@pytest.mark.parametrize("task", ["ten classes", "three numbers"])
def test_a_copy_of_any_kind_predicts_and_learns_alike(task, tmp_path):
    X, y = data_of(task)
    _, got = both(task)
    got.fit(X, y)
    joblib.dump(got, tmp_path / "estimator")
    for other in (
        pickle.loads(pickle.dumps(got)),
        copy.deepcopy(got),
        joblib.load(tmp_path / "estimator"),
    ):
        np.testing.assert_array_equal(other.predict(X), got.predict(X))
        again = copy.deepcopy(got).partial_fit(X, y)
        assert other.partial_fit(X, y).loss_ == again.loss_
    assert not hasattr(clone(got), "coefs_")
    assert clone(got).fit(X, y).loss_curve_ == got.loss_curve_


def test_a_grid_search_runs_in_two_processes():
    X, y = data_of("ten classes")
    grid = {"mlpclassifier__alpha": [1e-4, 1.0], "mlpclassifier__hidden_layer_sizes": [(8,), 20]}
    scores = []
    for module in (theirs, mine):
        classifier = module.MLPClassifier(max_iter=15, random_state=1)
        search = GridSearchCV(make_pipeline(MinMaxScaler(), classifier), grid, cv=2, n_jobs=2)
        scores.append(search.fit(X, y).cv_results_["mean_test_score"])
    np.testing.assert_allclose(scores[1], scores[0], rtol=1e-9)


def test_digits_are_recognised_as_well_as_by_scikit_learn():
    X, X_test, y, y_test = train_test_split(DIGITS, LABELS, random_state=0)
    wanted, got = (
        module.MLPClassifier(50, max_iter=60, random_state=1).fit(X, y) for module in (theirs, mine)
    )
    assert got.score(X_test, y_test) > 0.95
    assert got.score(X_test, y_test) == pytest.approx(wanted.score(X_test, y_test), abs=0.01)


@pytest.mark.filterwarnings("default::sklearn.exceptions.ConvergenceWarning")
def test_too_few_epochs_give_a_warning():
    X, y = data_of("ten classes")
    for estimator in both("ten classes", max_iter=2):
        with pytest.warns(ConvergenceWarning, match=r"Maximum iterations \(2\) reached"):
            estimator.fit(X, y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        both("ten classes", tol=100.0, n_iter_no_change=2)[1].fit(X, y)
