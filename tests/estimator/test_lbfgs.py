"""The solver "lbfgs" ends where scikit-learn's does, after as many iterations."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from builders import assert_close
from estimator_pairs import CLASSES, DIGITS, LABELS, TASKS, both, data_of
from scipy import optimize, sparse
from sklearn import neural_network as theirs
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV

from fastnn import estimator as mine
from fastnn.engine import faster_way
from fastnn.estimator import trainer

# Most of these tests run for a few iterations only and need no convergence. scikit-learn 1.7 calls
# SciPy in a way that SciPy 1.16 deprecates.
pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore:scipy.optimize:DeprecationWarning"),
]


def scaled_data_of(task):
    """Make the data of a task; rounding errors soon grow where targets are in the hundreds."""
    X, y = data_of(task)
    return X, y if task in CLASSES else (y - y.mean(axis=0)) / y.std(axis=0)


def assert_same_minimum(wanted, got, rtol=1e-6):
    assert got.loss_ == pytest.approx(wanted.loss_, rel=rtol)
    assert got.n_iter_ == wanted.n_iter_
    for name in ("t_", "n_layers_", "n_outputs_", "out_activation_", "n_features_in_"):
        assert getattr(got, name) == getattr(wanted, name), name
    assert {c.dtype for c in got.coefs_} == {c.dtype for c in wanted.coefs_}
    assert_close(got.coefs_, wanted.coefs_, rtol=1e-4)
    assert_close(got.intercepts_, wanted.intercepts_, rtol=1e-4)


def assert_same_fits(task, prepare=np.asarray, sample_weight=None, **parameters):
    X, y = scaled_data_of(task)
    wanted, got = both(task, solver="lbfgs", **parameters)
    for estimator in (wanted, got):
        estimator.fit(prepare(X), y, sample_weight=sample_weight)
    assert_same_minimum(wanted, got)
    return wanted, got


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("activation", ["relu", "tanh", "logistic", "identity"])
def test_the_loss_ends_where_that_of_scikit_learn_does(activation, task):
    assert_same_fits(task, activation=activation)


@pytest.mark.parametrize("task", TASKS)
def test_examples_count_as_much_as_their_weights_and_the_penalty_as_much_as_alpha(task):
    weights = np.random.default_rng(5).integers(0, 4, 230).astype(float)
    assert_same_fits(task, sample_weight=weights, alpha=3.0)


@pytest.mark.parametrize("form", [sparse.csr_matrix, sparse.csc_matrix, sparse.csr_array])
def test_sparse_inputs_end_at_the_same_loss(form):
    assert_same_fits("ten classes", prepare=form)


@pytest.mark.parametrize("task", ["ten classes", "three numbers"])
def test_float32_data_are_learnt_as_by_scikit_learn(task):
    X, y = scaled_data_of(task)
    wanted, got = (e.fit(X.astype(np.float32), y) for e in both(task, solver="lbfgs", max_iter=5))
    assert got.loss_ == pytest.approx(wanted.loss_, rel=1e-4)
    assert {c.dtype for c in got.coefs_} == {c.dtype for c in wanted.coefs_}
    assert got.predict(X.astype(np.float32)).dtype == wanted.predict(X.astype(np.float32)).dtype


@pytest.mark.parametrize("task", ["two classes", "one number"])
def test_a_search_that_converges_ends_without_a_warning(task):
    _, got = assert_same_fits(task, max_iter=2000, alpha=1.0, tol=1e-3, activation="tanh")
    assert got.n_iter_ < 2000
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        got.fit(*scaled_data_of(task))


def test_the_first_example_of_scikit_learns_user_guide():
    X, y = [[0.0, 0.0], [1.0, 1.0]], [0, 1]
    parameters = {"solver": "lbfgs", "alpha": 1e-5, "hidden_layer_sizes": (5, 2), "random_state": 1}
    wanted, got = (m.MLPClassifier(**parameters).fit(X, y) for m in (theirs, mine))
    assert got.predict([[2.0, 2.0], [-1.0, -2.0]]).tolist() == [1, 0]
    assert [coef.shape for coef in got.coefs_] == [(2, 5), (5, 2), (2, 1)]
    outside = [[2.0, 2.0], [1.0, 2.0]]
    np.testing.assert_allclose(got.predict_proba(outside), wanted.predict_proba(outside), rtol=1e-6)


def test_the_second_example_of_scikit_learns_user_guide():
    """Two labels per example."""
    classifier = mine.MLPClassifier((15,), solver="lbfgs", alpha=1e-5, random_state=1)
    classifier.fit([[0.0, 0.0], [1.0, 1.0]], [[0, 1], [1, 1]])
    assert classifier.predict([[1.0, 2.0], [0.0, 0.0]]).tolist() == [[1, 1], [0, 1]]


@pytest.mark.parametrize("limit", ["max_iter", "max_fun"])
@pytest.mark.filterwarnings("default::sklearn.exceptions.ConvergenceWarning")
def test_a_limit_ends_the_search_with_a_warning(limit):
    X, y = data_of("ten classes")
    iterations = []
    for estimator in both("ten classes", solver="lbfgs", **{"max_iter": 20, limit: 7}):
        with pytest.warns(ConvergenceWarning, match="lbfgs failed to converge after") as warned:
            estimator.fit(X, y)
        iterations.append(estimator.n_iter_)
    assert iterations[0] == iterations[1] <= 7
    assert ("Increase the number of iterations" in str(warned[0].message)) == (limit == "max_iter")


def test_a_filter_for_scikit_learns_module_silences_the_warning():
    X, y = data_of("ten classes")
    for estimator in both("ten classes", solver="lbfgs"):
        with warnings.catch_warnings():
            warnings.simplefilter("error", ConvergenceWarning)
            with pytest.raises(ConvergenceWarning):
                estimator.fit(X, y)
            warnings.filterwarnings("ignore", category=ConvergenceWarning, module="sklearn")
            estimator.fit(X, y)


def test_early_stopping_and_the_parameters_of_mini_batches_have_no_effect():
    X, y = data_of("ten classes")
    others = {"early_stopping": True, "batch_size": 1000, "shuffle": False, "momentum": 0.1}
    _, plain = both("ten classes", solver="lbfgs")
    _, got = both("ten classes", solver="lbfgs", learning_rate="adaptive", **others)
    assert got.fit(X, y).loss_ == plain.fit(X, y).loss_
    assert not [
        name for name in ("loss_curve_", "best_loss_", "validation_scores_") if hasattr(got, name)
    ]


def test_a_warm_start_continues_from_the_present_weights():
    X, y = data_of("ten classes")
    estimators = both("ten classes", solver="lbfgs", warm_start=True)
    losses = [estimator.fit(X, y).loss_ for estimator in estimators]
    for estimator in estimators:
        estimator.fit(X, y)
    assert_same_minimum(*estimators)
    assert estimators[1].loss_ < losses[1]


@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_mini_batches_may_go_on_from_where_the_search_ended(solver):
    X, y = data_of("ten classes")
    _, got = both("ten classes", solver="adam", hidden_layer_sizes=4)
    got.fit(X, y).set_params(solver="lbfgs", hidden_layer_sizes=9).fit(X, y)
    got.set_params(solver=solver)
    before = got.loss_
    got.partial_fit(X, y)
    assert got.loss_ == pytest.approx(before, rel=0.05)


@pytest.mark.usefixtures("many_processors")
def test_threads_that_help_change_no_bit(monkeypatch):
    X, y = data_of("ten classes")
    losses = []
    monkeypatch.setattr(faster_way.Choice, "next", lambda self: 1)  # always together
    for threads in (1, 3):
        monkeypatch.setattr(trainer, "threads_available", lambda threads=threads: threads)
        _, got = both("ten classes", solver="lbfgs", hidden_layer_sizes=100)
        losses.append(got.fit(X, y).loss_)
    assert losses[0] == losses[1]


def test_weights_of_examples_that_add_up_to_0_are_refused():
    X, y = data_of("one number")
    _, got = both("one number", solver="lbfgs")
    with pytest.raises(ValueError, match="must not add up to 0"):
        got.fit(X, y, sample_weight=np.tile([1.0, -1.0], 115))


def test_a_grid_search_over_solvers_finds_what_scikit_learn_finds():
    grid = {"solver": ["lbfgs", "sgd", "adam"], "hidden_layer_sizes": [(8,), 20]}
    scores = []
    for module in (theirs, mine):
        search = GridSearchCV(module.MLPClassifier(max_iter=15, random_state=1), grid, cv=2)
        scores.append(search.fit(DIGITS[:300], LABELS[:300]).cv_results_["mean_test_score"])
    np.testing.assert_allclose(scores[1], scores[0], rtol=1e-9)


def test_a_search_that_a_script_puts_in_the_place_of_scipys_is_called_as_in_scikit_learn(
    monkeypatch,
):
    def shorter(*arguments, options, **others):
        return minimize(*arguments, options={**options, "maxiter": 3}, **others)

    minimize = optimize.minimize
    monkeypatch.setattr(optimize, "minimize", shorter)
    X, y = data_of("ten classes")
    wanted, got = (e.fit(X, y) for e in both("ten classes", solver="lbfgs", max_iter=9))
    assert got.n_iter_ == wanted.n_iter_ == 3
    assert_close(got.coefs_, wanted.coefs_, rtol=1e-6)


def test_a_search_of_a_scripts_own_may_take_a_callback_of_its_own_or_none(monkeypatch):
    seen = []

    def recording(*arguments, **options):
        return minimize(*arguments, callback=seen.append, **options)

    def without(fun, x0, args=(), method=None, jac=None, options=None):
        return minimize(fun, x0, args, method, jac=jac, options=options)

    minimize = optimize.minimize
    X, y = data_of("ten classes")
    for search in (recording, without):
        monkeypatch.setattr(optimize, "minimize", search)
        wanted, got = (e.fit(X, y) for e in both("ten classes", solver="lbfgs", max_iter=4))
        assert got.n_iter_ == wanted.n_iter_
        assert_close(got.coefs_, wanted.coefs_, rtol=1e-6)
    assert seen
