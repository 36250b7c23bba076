"""Outputs have the type and the values of scikit-learn's, also at the ends of their range."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from estimator_pairs import SMALL, both, data_of
from scipy import sparse
from sklearn import neural_network as theirs

from fastnn import estimator as mine

# These tests train for a few epochs only and need no convergence.
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

FORMS = {"full": np.asarray, "rows": sparse.csr_array, "columns": sparse.csc_array}
OF_SPARSE = ["?", "i1", "u1", "i2", "i4", "u8", "f4", "f8"]
TYPES = [("full", kind) for kind in (*OF_SPARSE, "f2", ">f4", ">f8", ">i2", "O")]
TYPES += [(form, kind) for form in ("rows", "columns") for kind in OF_SPARSE]


@pytest.fixture(scope="module")
def fitted():
    """Networks of both types of numbers, scikit-learn's and fastnn's."""
    X, y = data_of("one number")
    return {
        kind: [estimator.fit(X.astype(kind), y) for estimator in both("one number")]
        for kind in ("f4", "f8")
    }


@pytest.mark.parametrize("of_network", ["f4", "f8"])
@pytest.mark.parametrize(("form", "kind"), TYPES)
def test_the_type_of_inputs_and_weights_gives_that_of_the_outputs(fitted, form, kind, of_network):
    X = FORMS[form]((np.round(3 * data_of("one number")[0]) % 5).astype(kind))
    wanted, got = (estimator.predict(X) for estimator in fitted[of_network])
    assert got.dtype == wanted.dtype
    np.testing.assert_allclose(got, wanted, rtol=1e-3, atol=1e-3)


@pytest.mark.skipif(np.dtype("g").itemsize == 8, reason="long double is float64 here")
def test_long_doubles_stay_so(fitted):
    X = data_of("one number")[0].astype("g")
    wanted, got = (estimator.predict(X) for estimator in fitted["f8"])
    assert got.dtype == wanted.dtype == np.longdouble


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("activation", ["logistic", "softmax", "exp", "identity", "relu", "tanh"])
def test_predictions_have_the_output_activation_that_was_assigned(activation, form):
    X, y = data_of("three numbers")
    predicted = []
    for estimator in both("three numbers"):
        estimator.fit(X, y).out_activation_ = activation
        predicted.append(estimator.predict(FORMS[form](X)))
    np.testing.assert_allclose(predicted[1], predicted[0], rtol=1e-6, atol=1e-9)


def test_an_output_activation_that_there_is_not_is_refused():
    X, y = data_of("one number")
    got = mine.MLPRegressor(**SMALL).fit(X, y)
    got.out_activation_ = "gelu"
    with pytest.raises(ValueError, match="out_activation_='gelu' must be one of"):
        got.predict(X)


def test_training_does_not_go_on_with_another_output_activation():
    X, y = data_of("one number")
    got = mine.MLPRegressor(**SMALL, warm_start=True).fit(X, y)
    got.out_activation_ = "relu"
    for train in (got.fit, got.partial_fit):
        with pytest.raises(ValueError, match="out_activation_='relu' must be 'identity'"):
            train(X, y)
    got.set_params(warm_start=False).fit(X, y)
    assert got.out_activation_ == "identity"


def test_training_does_not_go_on_with_another_loss():
    X, y = data_of("one number")
    got = mine.MLPRegressor(**SMALL).fit(X, y).set_params(loss="poisson")
    with pytest.raises(ValueError, match="out_activation_='identity' must be 'exp'"):
        got.partial_fit(X, np.abs(y))


OUTPUTS = {
    "logistic": ("MLPClassifier", {}, 2),
    "softmax": ("MLPClassifier", {}, 3),
    "exp": ("MLPRegressor", {"loss": "poisson"}, 3),
}


def steep(name, parameters, classes, X):
    """Make a network without hidden layers, fit it, and make its slopes steep."""
    scale = 120 if X.dtype == np.float32 else 900
    for module in (theirs, mine):
        estimator = getattr(module, name)(hidden_layer_sizes=(), max_iter=1, **parameters)
        estimator.fit(X, np.arange(len(X)) % classes)
        slopes = np.linspace(scale, 1, estimator.n_outputs_)
        estimator.coefs_ = [slopes[np.newaxis].astype(X.dtype)]
        estimator.intercepts_ = [0 * estimator.intercepts_[0]]
        yield estimator


@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")  # scikit-learn's exp
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("output", OUTPUTS)
def test_outputs_reach_0_where_those_of_scikit_learn_do(output, dtype, form):
    X = np.linspace(-1, 1, 41, dtype=dtype)[:, np.newaxis]
    wanted, got = (
        getattr(estimator, "predict_proba", estimator.predict)(FORMS[form](X))
        for estimator in steep(*OUTPUTS[output], X)
    )
    assert (wanted == 0).any()
    np.testing.assert_array_equal(got == 0, wanted == 0)
    np.testing.assert_allclose(got, wanted, rtol=1e-4 if dtype == np.float32 else 1e-9)


def test_the_logarithm_of_probability_0_is_minus_infinity_without_a_warning():
    X = np.linspace(-1, 1, 9)[:, np.newaxis]
    _, got = steep("MLPClassifier", {}, 3, X)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert got.predict_log_proba(X).min() == -np.inf
