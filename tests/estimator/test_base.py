"""What both estimators do: networks, inputs and copies of any kind, in scikit-learn's company."""

from __future__ import annotations

import copy
import doctest
import pickle

import joblib
import numpy as np
import pytest
from estimator_pairs import SMALL, assert_same_fits, assert_same_learning, both, data_of
from scipy import sparse
from sklearn.base import clone
from sklearn.exceptions import DataConversionWarning
from sklearn.utils.estimator_checks import parametrize_with_checks

from fastnn import estimator as mine

# These tests train for a few epochs only and need no convergence.
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.mark.parametrize("activation", ["logistic", "tanh", "relu", "identity"])
def test_every_activation_learns_as_in_scikit_learn(activation):
    assert_same_fits("ten classes", activation=activation)


@pytest.mark.parametrize("hidden_layer_sizes", [(), 40, [33], np.array([3, 4, 5])], ids=str)
def test_hidden_layers_have_the_sizes_asked_for(hidden_layer_sizes):
    assert_same_fits("ten classes", hidden_layer_sizes=hidden_layer_sizes)


def test_float32_data_make_a_float32_network():
    X, y = data_of("ten classes")
    wanted, got = (e.fit(X.astype(np.float32), y) for e in both("ten classes"))
    assert {c.dtype for c in got.coefs_} == {np.dtype(np.float32)}
    assert got.predict_proba(X.astype(np.float32)).dtype == np.float32
    np.testing.assert_allclose(got.loss_curve_, wanted.loss_curve_, rtol=1e-4)


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


@pytest.mark.parametrize("method", ["fit", "predict"])
def test_sparse_inputs_of_one_dimension_are_refused_as_in_scikit_learn(method):
    X, y = data_of("ten classes")
    flat = sparse.coo_array(X[0])
    if flat.ndim != 1:
        pytest.skip("this SciPy makes a row of it")
    said = []
    for estimator in both("ten classes"):
        estimator.fit(X, y)
        with pytest.raises(ValueError, match="Expected 2D input") as raised:
            estimator.fit(flat, y) if method == "fit" else estimator.predict(flat)
        said.append(str(raised.value))
    assert said[0] == said[1]


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


def test_a_warm_start_with_other_layers_is_refused():
    X, y = data_of("ten classes")
    _, got = both("ten classes", warm_start=True)
    got.fit(X, y)
    with pytest.raises(ValueError, match=r"hidden_layer_sizes must be \(17, 5\) .* got \(4,\)"):
        got.set_params(hidden_layer_sizes=(4,)).fit(X, y)


def test_weights_of_other_layers_are_trained_once_hidden_layer_sizes_says_so():
    X, y = data_of("ten classes")
    grown = both("ten classes", warm_start=True)
    for estimator in grown:
        estimator.fit(X, y)
        estimator.coefs_[1] = np.hstack([estimator.coefs_[1]] * 2)
        estimator.intercepts_[1] = np.tile(estimator.intercepts_[1], 2)
        estimator.coefs_[2] = np.vstack([estimator.coefs_[2]] * 2) / 2
    with pytest.raises(ValueError, match=r"hidden_layer_sizes must be \(17, 10\)"):
        grown[1].fit(X, y)
    for estimator in grown:
        estimator.set_params(hidden_layer_sizes=(17, 10)).fit(X, y)
    assert_same_learning(*grown)


def test_fewer_layers_to_predict_with_are_named_when_training_goes_on():
    X, y = data_of("three numbers")
    _, got = both("three numbers", warm_start=True)
    got.fit(X, y).n_layers_ = 3
    assert got.predict(X).shape == (230, 5)
    with pytest.raises(ValueError, match=r"n_layers_ must be 4 to go on with training.* got 3"):
        got.fit(X, y)


@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_another_number_of_targets_is_refused_by_the_name_of_y(method):
    X = np.random.RandomState(0).rand(20, 3)
    regressor = mine.MLPRegressor(max_iter=2, warm_start=True).fit(X, X[:, :2])
    before = [coef.copy() for coef in regressor.coefs_]
    with pytest.raises(ValueError, match=r"y must have as many targets as before, 2.* got 1"):
        getattr(regressor, method)(X, X[:, 0])
    np.testing.assert_equal(regressor.coefs_, before)
    assert regressor.n_outputs_ == 2


def test_weights_that_are_all_zero_are_refused():
    X, y = data_of("one number")
    with pytest.raises(ValueError, match="non-zero"):
        both("one number")[1].fit(X, y, sample_weight=np.zeros(len(y)))


@pytest.mark.parametrize("task", ["two classes", "one number"])
def test_a_single_column_that_is_sparse_is_refused_as_in_scikit_learn(task):
    X = data_of(task)[0]
    y = sparse.csr_matrix(np.arange(len(X)).reshape(-1, 1) % 2)
    for estimator in both(task):
        with pytest.raises(TypeError, match="Sparse data was passed for y, but dense data is"):
            estimator.fit(X, y)


@pytest.mark.parametrize("task", ["two classes", "one number"])
def test_a_single_column_is_used_with_the_warning_of_scikit_learn(task):
    X, y = data_of(task)
    said = []
    for estimator in both(task):
        with pytest.warns(DataConversionWarning) as warned:
            estimator.fit(X, y.reshape(-1, 1))
        said.append([str(w.message) for w in warned if w.category is DataConversionWarning])
    assert said[0] == said[1]


# scikit-learn warns of the overflow first.
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_training_that_ends_in_infinity_is_refused():
    X, y = data_of("one number")
    parameters = {"solver": "sgd", "learning_rate_init": 1e9, "activation": "identity"}
    for estimator in both("one number", **parameters):
        with pytest.raises(ValueError, match="Solver produced non-finite parameter weights"):
            estimator.fit(X, y)


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


@pytest.mark.parametrize("module", [mine.classifier, mine.regressor])
def test_the_examples_in_the_docstrings_run(module):
    results = doctest.testmod(module)
    assert results.attempted > 0
    assert results.failed == 0


@parametrize_with_checks([mine.MLPClassifier(max_iter=100), mine.MLPRegressor(max_iter=100)])
def test_scikit_learns_own_checks_pass(estimator, check):
    check(estimator)


class OfAnotherLibrary:
    """An array as other libraries have them, whose type is none of NumPy's."""

    dtype = "their.float64"
    ndim = 2

    def __init__(self, values):
        self.shape = np.shape(values)


@pytest.mark.parametrize("task", ["ten classes", "one number"])
@pytest.mark.parametrize("name", ["X", "y"])
def test_an_array_of_another_library_is_refused_by_the_name_of_the_argument(
    task, name, monkeypatch
):
    X, y = data_of(task)
    _, got = both(task)
    given = {"X": X, "y": y, name: OfAnotherLibrary(X if name == "X" else y)}

    def left_as_it_is(estimator, X, y=None, **how):
        """Do what scikit-learn does under `array_api_dispatch`."""
        return X if y is None else (X, y)

    got.fit(X, y)
    for module in (mine.base, mine.classifier, mine.regressor):
        monkeypatch.setattr(module, "validate_data", left_as_it_is)
    message = rf"{name} must be an array of NumPy .*, got .*OfAnotherLibrary, which .*numpy.asarray"
    with pytest.raises(TypeError, match=message):
        got.fit(**given)
    if name == "X":
        with pytest.raises(TypeError, match=message):
            got.predict(given["X"])
