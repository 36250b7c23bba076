"""Weights and biases that users assign count as in scikit-learn, or are refused by name."""

from __future__ import annotations

import numpy as np
import pytest
from builders import assert_close
from scipy import sparse
from sklearn import neural_network as theirs

from fastnn import estimator as mine

# These tests train for a few epochs only and need no convergence.
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

RNG = np.random.RandomState(0)
X = RNG.randn(60, 4)
CLASSES = (X[:, 0] > 0) * 1 + (X[:, 1] > 0)


def fitted(name="MLPClassifier", y=CLASSES, **parameters):
    """Make the same fitted network twice, scikit-learn's and fastnn's."""
    parameters = {"hidden_layer_sizes": 6, "max_iter": 5, "random_state": 0, **parameters}
    pair = [getattr(module, name)(**parameters).fit(X, y) for module in (theirs, mine)]
    pair[1].coefs_ = [coef.copy() for coef in pair[0].coefs_]
    pair[1].intercepts_ = [intercept.copy() for intercept in pair[0].intercepts_]
    return pair


WRONG = {
    "far too many inputs": ("coefs_", 0, np.ones((100_000, 6))),
    "too many inputs": ("coefs_", 0, np.ones((200, 6))),
    "too few inputs": ("coefs_", 0, np.ones((2, 6))),
    "neurons pruned, but not their biases": ("coefs_", 0, np.ones((4, 5))),
    "neurons that nothing leads to": ("coefs_", 1, np.ones((7, 3))),
    "one dimension": ("coefs_", 1, np.ones(6)),
    "three dimensions": ("coefs_", 1, np.ones((1, 6, 3))),
    "no neurons": ("coefs_", 0, np.ones((4, 0))),
    "complex numbers": ("coefs_", 0, np.ones((4, 6), complex)),
    "texts": ("coefs_", 0, np.full((4, 6), "1")),
    "nothing": ("coefs_", 1, None),
    "rows of different lengths": ("coefs_", 1, [[1.0, 2.0], [3.0]]),
    "a bias too many": ("intercepts_", 0, np.zeros(7)),
    "many biases too many": ("intercepts_", 0, np.ones(30)),
    "a bias too few": ("intercepts_", 0, np.zeros(5)),
    "a column of biases": ("intercepts_", 0, np.zeros((6, 1))),
    "complex biases": ("intercepts_", 1, np.zeros(3, complex)),
}


@pytest.mark.parametrize("method", ["predict", "predict_proba", "partial_fit", "fit"])
@pytest.mark.parametrize("case", WRONG)
def test_an_array_that_does_not_fit_is_refused_by_name(case, method):
    name, layer, array = WRONG[case]
    _, got = fitted(warm_start=True)
    getattr(got, name)[layer] = array
    others = [other for other in (*got.coefs_, *got.intercepts_) if other is not array]
    before = [other.copy() for other in others]
    arguments = (X,) if method.startswith("predict") else (X, CLASSES)
    where = r"(coefs_|intercepts_)\[[01]\]" if "pruned" in case else rf"{name}\[{layer}\]"
    with pytest.raises(ValueError, match=f"{where} must "):
        getattr(got, method)(*arguments)
    assert_close(others, before, rtol=0.0)


def test_a_net_of_fewer_inputs_given_weights_of_more_is_refused():
    got = mine.MLPClassifier(6, max_iter=5).fit(X[:, :2], CLASSES)
    got.coefs_ = fitted()[1].coefs_
    with pytest.raises(ValueError, match=r"coefs_\[0\] must have the shape \(2, neurons\)"):
        got.predict(X[:, :2])


@pytest.mark.parametrize("name", ["coefs_", "intercepts_"])
@pytest.mark.parametrize("assigned", [None, []], ids=str)
def test_a_layer_without_its_array_is_refused(name, assigned):
    _, got = fitted()
    setattr(got, name, assigned)
    with pytest.raises(ValueError, match=f"{name} must have an array for each of"):
        got.predict(X)


# What scikit-learn computes with -------------------------------------------------------------

ACCEPTED = {
    "a row of biases": ("intercepts_", 0, np.linspace(0, 1, 6).reshape(1, 6)),
    "one bias for all": ("intercepts_", 0, np.array([0.3])),
    "a scalar": ("intercepts_", 1, np.float64(2.5)),
    "an array without dimensions": ("intercepts_", 1, np.array(2.5)),
    "a list of biases": ("intercepts_", 0, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]),
    "biases of the other byte order": ("intercepts_", 0, np.linspace(0, 1, 6).astype(">f8")),
    "weights of the other byte order": ("coefs_", 0, np.ones((4, 6), ">f8")),
    "short weights": ("coefs_", 0, np.ones((4, 6), np.float16)),
    "single precision": ("coefs_", 0, np.linspace(0, 1, 24, dtype=np.float32).reshape(4, 6)),
    "integers": ("coefs_", 0, np.arange(24).reshape(4, 6) % 3 - 1),
    "columns": ("coefs_", 0, np.asfortranarray(np.linspace(0, 1, 24).reshape(4, 6))),
    "sparse weights": ("coefs_", 0, sparse.csr_matrix(np.eye(4, 6))),
}


@pytest.mark.parametrize("kind", [np.float64, np.float32])
@pytest.mark.parametrize("case", ACCEPTED)
def test_predictions_are_those_of_scikit_learn(case, kind):
    name, layer, array = ACCEPTED[case]
    wanted, got = fitted()
    for estimator in (wanted, got):
        getattr(estimator, name)[layer] = array
    expected = wanted.predict_proba(X.astype(kind))
    found = got.predict_proba(X.astype(kind))
    assert found.dtype == expected.dtype
    np.testing.assert_allclose(found, expected, rtol=1e-5 if kind == np.float32 else 1e-12)


@pytest.mark.parametrize("case", ACCEPTED)
def test_training_goes_on_from_what_was_assigned(case):
    name, layer, array = ACCEPTED[case]
    _, got = fitted(solver="sgd", learning_rate_init=1e-9, momentum=0.0)
    getattr(got, name)[layer] = array
    before = got.predict_proba(X)
    got.partial_fit(X, CLASSES)
    np.testing.assert_allclose(got.predict_proba(X), before, rtol=1e-6)


def test_one_array_in_single_precision_does_not_make_training_less_exact():
    pair = fitted()
    for estimator in pair:
        estimator.coefs_[0] = estimator.coefs_[0].astype(np.float32)
        estimator.partial_fit(X, CLASSES)
    assert pair[1].coefs_[1].dtype == np.float64
    np.testing.assert_allclose(pair[1].coefs_[1], pair[0].coefs_[1], rtol=1e-9)


@pytest.mark.skipif(np.dtype("g").itemsize == 8, reason="long double is float64 here")
def test_longer_numbers_than_kernels_have_are_not_trained():
    _, got = fitted()
    got.coefs_[0] = np.ones((4, 6), np.longdouble)
    assert got.predict_proba(X).dtype == np.longdouble
    with pytest.raises(ValueError, match="must be of float64 or float32 to be trained"):
        got.partial_fit(X, CLASSES)


def test_a_layer_may_be_inserted_and_the_last_ones_left_out():
    for layers in (4, 2):
        predicted = []
        for estimator in fitted(hidden_layer_sizes=(6,)):
            estimator.coefs_.insert(1, np.eye(6))
            estimator.intercepts_.insert(1, np.zeros(6))
            estimator.n_layers_ = layers
            estimator.out_activation_ = "softmax" if layers == 4 else "relu"
            predicted.append(estimator.predict_proba(X))
        assert predicted[0].shape[1] == (3 if layers == 4 else 6)
        np.testing.assert_allclose(predicted[1], predicted[0], rtol=1e-12)


def test_training_with_layers_left_out_is_refused():
    _, got = fitted()
    got.n_layers_ = 2
    with pytest.raises(ValueError, match="n_layers_ must be 3 to go on with training"):
        got.partial_fit(X, CLASSES)


@pytest.mark.parametrize("value", ["gelu", "softmax", None])
def test_an_activation_that_no_kernel_has_is_refused_by_predictions(value):
    _, got = fitted()
    got.activation = value
    with pytest.raises(ValueError, match=f"activation={value!r} must be one of"):
        got.predict(X)


# The shape of the outputs --------------------------------------------------------------------


@pytest.mark.parametrize("outputs", [(1, 2), (2, 1)], ids=str)
def test_the_outputs_of_a_regressor_are_those_that_its_weights_lead_to(outputs):
    before, after = outputs
    targets = {1: X[:, 0], 2: X[:, :2]}
    predicted = []
    for estimator in fitted("MLPRegressor", targets[before], warm_start=True):
        estimator.coefs_[1] = np.linspace(0, 1, 6 * after).reshape(6, after)
        estimator.intercepts_[1] = np.zeros(after)
        predicted.append(estimator.predict(X))
        assert estimator.fit(X, targets[after]).n_outputs_ == after
    assert predicted[1].shape == predicted[0].shape
    np.testing.assert_allclose(predicted[1], predicted[0], rtol=1e-9)


@pytest.mark.parametrize("y", [CLASSES, CLASSES > 0], ids=["three", "two"])
def test_a_classifier_with_other_outputs_than_classes_is_refused(y):
    _, got = fitted(y=y)
    got.coefs_[1], got.intercepts_[1] = np.ones((6, 2)), np.zeros(2)
    with pytest.raises(ValueError, match=r"coefs_\[1\] must lead to n_outputs_ = [13] outputs"):
        got.predict(X)


# Shared memory -------------------------------------------------------------------------------


def test_layers_that_share_their_weights_are_refused_by_training_only():
    wanted, got = fitted(hidden_layer_sizes=(6, 6, 6))
    for estimator in (wanted, got):
        estimator.coefs_[2] = estimator.coefs_[1].T
    np.testing.assert_allclose(got.predict_proba(X), wanted.predict_proba(X), rtol=1e-12)
    with pytest.raises(ValueError, match=r"coefs_\[1\] and coefs_\[2\] share memory"):
        got.partial_fit(X, CLASSES)
