"""The regressor's numbers are scikit-learn's."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from builders import assert_close
from estimator_pairs import assert_same_fits, both, data_of
from scipy import sparse
from sklearn import neural_network as theirs
from sklearn.utils._param_validation import InvalidParameterError

from fastnn import estimator as mine

# These tests train for a few epochs only and need no convergence.
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.mark.parametrize("task", ["one number", "three numbers"])
def test_numbers_are_those_of_scikit_learn(task):
    wanted, got = assert_same_fits(task)
    X, _ = data_of(task)
    assert got.predict(X).shape == wanted.predict(X).shape
    np.testing.assert_allclose(got.predict(X), wanted.predict(X), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
@pytest.mark.parametrize("outputs", [1, 2])
def test_poisson_regression_is_that_of_scikit_learn(solver, outputs):
    rng = np.random.default_rng(1)
    X, weights = rng.standard_normal((80, 5)), rng.random(80)
    counts = rng.poisson(np.exp(0.5 * X[:, :outputs]))
    y = counts[:, 0] if outputs == 1 else counts
    how = {"solver": solver, "max_iter": 15, "random_state": 1}
    wanted, got = (
        module.MLPRegressor("poisson", 7, "tanh", **how).fit(X, y, sample_weight=weights)
        for module in (theirs, mine)
    )
    assert got.out_activation_ == wanted.out_activation_
    np.testing.assert_allclose(got.loss_, wanted.loss_, rtol=1e-10)
    np.testing.assert_allclose(got.predict(X), wanted.predict(X), rtol=1e-9)


@pytest.mark.parametrize("unit", [1.0, 1e10, 1e14, 1e16, 1e20, 1e30])
def test_float32_inputs_train_towards_targets_of_any_size_as_in_scikit_learn(unit):
    """Adam squares the gradient, which beyond 1.8e19 has no square in float32."""
    X, y = data_of("one number")
    wanted, got = both("one number", learning_rate_init=0.01)
    for estimator in (wanted, got):
        estimator.fit(X.astype(np.float32), unit * y)
    assert {coef.dtype for coef in got.coefs_} == {np.dtype(np.float32)}
    assert_close(got.coefs_, wanted.coefs_, rtol=1e-3)


@pytest.mark.parametrize("dtype", ["<f4", ">f4", "f8", "g"])
@pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning")
def test_very_large_targets_train_in_the_type_that_they_came_in_as_in_scikit_learn(dtype):
    """Where the square of a float32 gradient is infinite, a step of Adam is 0."""
    X, y = data_of("one number")
    y = (1e20 * y).astype(dtype)
    wanted, got = both("one number", learning_rate_init=0.01)
    for estimator in (wanted, got):
        estimator.partial_fit(X.astype(np.float32), y).partial_fit(X.astype(np.float32), y)
    assert_close(got.coefs_, wanted.coefs_, rtol=1e-3)


@pytest.mark.parametrize("units", [(1e20, 1.0), (1.0, 1e20), (1e20, 1e20)], ids=str)
def test_partial_fit_of_float32_inputs_goes_on_after_targets_of_any_size(units):
    X, y = data_of("one number")
    wanted, got = both("one number", learning_rate_init=0.01)
    for unit in units:
        for estimator in (wanted, got):
            estimator.partial_fit(X.astype(np.float32), unit * y)
        got = pickle.loads(pickle.dumps(got))
    assert_close(got.coefs_, wanted.coefs_, rtol=1e-3)


def test_an_unknown_loss_is_refused():
    X, y = data_of("one number")
    with pytest.raises(InvalidParameterError, match="The 'loss' parameter of MLPRegressor"):
        mine.MLPRegressor(loss="absolute").fit(X, y)


@pytest.mark.parametrize("kind", ["U8", "S8", "M8[s]", "m8[s]", "V8"])
def test_answers_that_are_no_numbers_are_refused(kind):
    X, y = data_of("one number")
    whole = np.round(100 * y).astype(np.int64)
    answers = whole.view(kind) if kind == "V8" else whole.astype(kind)
    for module in (theirs, mine):
        with pytest.raises((TypeError, ValueError)):
            module.MLPRegressor().fit(X, answers)
    with pytest.raises(ValueError, match="y must be an array of numbers, got"):
        mine.MLPRegressor().fit(X, answers)


def test_sparse_answers_are_refused():
    X, y = data_of("three numbers")
    with pytest.raises(ValueError, match="y must be an array of numbers, got"):
        mine.MLPRegressor().fit(X, sparse.csr_matrix(y))
