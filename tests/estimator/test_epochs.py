"""Training by epochs gives scikit-learn's loss curves, and stops where scikit-learn's does."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import sklearn
from builders import assert_close
from estimator_pairs import SOLVERS, TASKS, assert_same_fits, assert_same_learning, both, data_of
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPRegressor

from fastnn import estimator as mine

# These tests train for a few epochs only and need no convergence.
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("solver", SOLVERS)
def test_the_loss_curve_is_that_of_scikit_learn(solver, task):
    assert_same_fits(task, **{"learning_rate_init": 0.003, **SOLVERS[solver]})


@pytest.mark.parametrize("batch_size", [1, 7, 129, 230, "auto"])
@pytest.mark.parametrize("solver", ["adam", "momentum"])
def test_mini_batches_of_any_size_weigh_penalty_and_gradient_as_in_scikit_learn(solver, batch_size):
    assert_same_fits("ten classes", alpha=0.3, batch_size=batch_size, **SOLVERS[solver])


def test_a_subclass_sees_the_records_of_an_epoch_change_in_the_order_of_scikit_learn():
    def changes_of(base):
        seen = []

        class Watched(base):
            def __setattr__(self, name, value):
                super().__setattr__(name, value)
                if name in ("n_iter_", "loss_", "t_") and value:
                    seen.append((name, len(self.loss_curve_)))

        X, y = data_of("one number")
        Watched(max_iter=3, random_state=0).fit(X, y)
        return seen

    wanted = changes_of(MLPRegressor)
    assert changes_of(mine.MLPRegressor) == wanted
    assert len(wanted) == 9


def test_without_shuffling_the_order_is_that_of_the_data():
    assert_same_fits("ten classes", shuffle=False)


@pytest.mark.parametrize("task", TASKS)
def test_early_stopping_holds_out_the_same_examples_and_keeps_the_best_network(task):
    if task == "two classes" and tuple(map(int, sklearn.__version__.split(".")[:2])) < (1, 8):
        pytest.skip("this scikit-learn cannot stop early where classes are texts")
    wanted, got = assert_same_fits(
        task, early_stopping=True, n_iter_no_change=4, validation_fraction=0.2, max_iter=60
    )
    assert got.best_validation_score_ == max(got.validation_scores_)
    assert len(got.validation_scores_) == wanted.n_iter_


def test_confident_outputs_have_the_loss_of_scikit_learn():
    assert_same_fits("two classes", learning_rate_init=2.0, solver="sgd", alpha=0.0, max_iter=40)


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


CHANGES = {
    "solver": ("adam", "sgd"),
    "beta_1": (0.9, 0.2),
    "epsilon": (1e-8, 0.1),
    "learning_rate_init": (0.001, 0.1),
}
CHANGES_OF_SGD = {
    "solver": ("sgd", "adam"),
    "momentum": (0.9, 0.1),
    "nesterovs_momentum": (True, False),
    "learning_rate": ("constant", "invscaling"),
    "power_t": (0.5, 2.0),
}


@pytest.mark.parametrize(
    ("solver", "name", "values"),
    [("adam", *change) for change in CHANGES.items()]
    + [("sgd", *change) for change in CHANGES_OF_SGD.items()],
)
@pytest.mark.parametrize("how", ["partial_fit", "warm_start"])
def test_a_solver_changes_between_calls_as_in_scikit_learn(how, solver, name, values):
    """It is made by `fit`, also by a warm one; `partial_fit` goes on with it as it was made."""
    X, y = data_of("ten classes")
    first, then = values
    parameters = {"solver": solver, "learning_rate": "invscaling", name: first}
    estimators = both("ten classes", warm_start=how == "warm_start", max_iter=4, **parameters)
    for estimator in estimators:
        train = estimator.fit if how == "warm_start" else estimator.partial_fit
        estimator.fit(X, y)
        train(X, y)
        estimator.set_params(**{name: then})
        train(X, y)
        train(X, y)
    assert_same_learning(*estimators)


@pytest.mark.parametrize("early_stopping", [False, True])
def test_a_warm_start_may_begin_or_cease_to_stop_early(early_stopping):
    X, y = data_of("ten classes")
    _, got = both("ten classes", warm_start=True, early_stopping=not early_stopping)
    before = got.fit(X, y).t_
    got.set_params(early_stopping=early_stopping).fit(X, y)
    assert got.t_ > before
    assert len(got.loss_curve_) == got.n_iter_
    assert (got.validation_scores_ is not None) == early_stopping
    assert (got.best_loss_ is None) == early_stopping


@pytest.mark.parametrize("how", ["fit", "partial_fit"])
@pytest.mark.parametrize("name", ["_no_improvement_count", "loss_curve_", "best_loss_"])
def test_of_the_records_of_epochs_only_one_that_is_missing_begins_anew(name, how):
    """A copy of the attributes that end in an underscore is without the first of them."""
    X, y = data_of("ten classes")
    _, got = both("ten classes", warm_start=True)
    before = {**vars(got.fit(X, y))}
    curve = list(got.loss_curve_)
    delattr(got, name)
    getattr(got, how)(X, y)
    assert got.loss_curve_[: -got.n_iter_] == ([] if name == "loss_curve_" else curve)
    if name != "best_loss_":
        assert got.best_loss_ <= before["best_loss_"]
    assert got._no_improvement_count >= 0
    assert got.validation_scores_ is None


@pytest.mark.parametrize("name", ["validation_scores_", "best_validation_score_"])
def test_of_the_records_of_scores_only_one_that_is_missing_begins_anew(name):
    X, y = data_of("ten classes")
    _, got = both("ten classes", warm_start=True, early_stopping=True)
    got.fit(X, y).best_validation_score_ = 2.0
    curve, scores = list(got.loss_curve_), list(got.validation_scores_)
    delattr(got, name)
    got.fit(X, y)
    assert got.loss_curve_[: -got.n_iter_] == curve
    kept = name != "validation_scores_"
    assert got.validation_scores_[: -got.n_iter_] == (scores if kept else [])
    assert (got.best_validation_score_ < 2.0) == kept


def test_the_share_that_is_held_out_may_be_of_any_type_of_number():
    fraction = np.float32(0.2)
    assert_same_fits("ten classes", early_stopping=True, validation_fraction=fraction)


@pytest.mark.parametrize("solver", ["adam", "sgd"])
@pytest.mark.parametrize("task", ["ten classes", "several labels", "one number"])
def test_warm_starts_with_early_stopping_go_on_from_where_scikit_learns_do(task, solver):
    """Where no epoch of a call beats the record of those before, its last epoch counts."""
    X, y = data_of(task)
    parameters = {"solver": solver, "learning_rate_init": 0.1 if solver == "adam" else 0.02}
    wanted, got = both(task, warm_start=True, early_stopping=True, max_iter=1, **parameters)
    records = set()
    for _ in range(20):
        wanted.fit(X, y)
        records.add(got.fit(X, y).best_validation_score_)
        assert_same_learning(wanted, got)
    assert len(records) < 20


@pytest.mark.parametrize("record", [0.5, np.inf])
def test_a_record_that_is_set_after_early_stopping_counts_as_in_scikit_learn(record):
    X, y = data_of("ten classes")
    estimators = both("ten classes", warm_start=True, early_stopping=True)
    for estimator in estimators:
        estimator.fit(X, y).set_params(early_stopping=False, max_iter=30)
        estimator.best_loss_, estimator._no_improvement_count = record, 0
        estimator.fit(X, y)
    assert_same_learning(*estimators)
    assert len(estimators[1].loss_curve_) > estimators[1].n_iter_


@pytest.mark.parametrize("how", ["lists", "arrays", "in place"])
def test_assigned_weights_are_trained_with_early_stopping_as_in_scikit_learn(how):
    """Where no epoch beats the record, new lists of weights make way for those of the record."""
    X, y = data_of("ten classes")
    estimators = both("ten classes", warm_start=True, early_stopping=True, learning_rate_init=0.1)
    for estimator in estimators:
        estimator.fit(X, y)
        for _ in range(3):
            halves = [coef / 2 for coef in estimator.coefs_]
            if how == "lists":
                estimator.coefs_ = halves
            for i, half in enumerate(halves):
                if how == "arrays":
                    estimator.coefs_[i] = half
                elif how == "in place":
                    estimator.coefs_[i][:] = half
            estimator.fit(X, y)
    assert_same_learning(*estimators)


def test_a_warm_start_that_becomes_infinite_leaves_what_earlier_calls_have_learnt():
    X, y = data_of("one number")
    _, got = both("one number", solver="sgd", warm_start=True, early_stopping=True)
    start = [c.copy() for c in got.set_params(learning_rate_init=1e-4).fit(X, y).coefs_]
    with np.errstate(all="ignore"), pytest.raises(ValueError, match="non-finite"):
        got.set_params(learning_rate_init=1e9).fit(X, y)
    assert_close(got.coefs_, start, rtol=0.0)


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


def test_too_few_examples_to_validate_with_are_refused():
    X, y = data_of("one number")
    for estimator in both("one number", early_stopping=True, validation_fraction=0.1):
        with pytest.raises(ValueError, match="The validation set is too small"):
            estimator.fit(X[:10], y[:10])


def test_partial_fit_does_not_stop_early():
    X, y = data_of("one number")
    for estimator in both("one number", early_stopping=True):
        with pytest.raises(ValueError, match="partial_fit does not support early_stopping"):
            estimator.partial_fit(X, y)


def test_a_mini_batch_larger_than_the_data_is_clipped_with_a_warning():
    X, y = data_of("ten classes")
    with pytest.warns(UserWarning, match="It is going to be clipped to 230"):
        both("ten classes", batch_size=1000)[1].fit(X, y)


@pytest.mark.filterwarnings("default::sklearn.exceptions.ConvergenceWarning")
def test_too_few_epochs_give_a_warning():
    X, y = data_of("ten classes")
    for estimator in both("ten classes", max_iter=2):
        with pytest.warns(ConvergenceWarning, match=r"Maximum iterations \(2\) reached"):
            estimator.fit(X, y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        both("ten classes", tol=100.0, n_iter_no_change=2)[1].fit(X, y)
