"""Pairs of estimators, scikit-learn's and fastnn's, and data for them."""

from __future__ import annotations

import functools

import numpy as np
import pytest
from builders import assert_close
from sklearn import neural_network as theirs
from sklearn.datasets import load_digits, make_multilabel_classification, make_regression

from fastnn import estimator as mine

DIGITS, LABELS = load_digits(return_X_y=True)
DIGITS = DIGITS / 16

SMALL = {"hidden_layer_sizes": (17, 5), "max_iter": 12, "random_state": 3, "batch_size": 64}


def data_of(task):
    """Inputs and targets: 230 examples, not a multiple of most mini-batches."""
    X, y = DIGITS[:230], LABELS[:230]
    if task == "two classes":
        return X, np.where(y > 4, "large", "small")
    if task == "several labels":
        X, y = _with_several_labels()
        return X.copy(), y.copy()
    if task == "one number":
        return make_regression(230, 20, n_informative=5, random_state=1, noise=1.0)
    if task == "three numbers":
        return make_regression(230, 20, n_targets=3, random_state=1, noise=1.0)
    return X, y


@functools.cache
def _with_several_labels():
    """Make them once, which takes half a second."""
    return make_multilabel_classification(230, 20, n_classes=4, random_state=1)


CLASSES = ["ten classes", "two classes", "several labels"]
TASKS = [*CLASSES, "one number", "three numbers"]


# The solvers that train by mini-batches, with the parameters that matter to them.
SOLVERS = {
    "adam": {},
    "adam with other numbers": {"beta_1": 0.8, "beta_2": 0.9, "epsilon": 1e-4},
    "Nesterov": {"solver": "sgd", "learning_rate_init": 0.02},
    "momentum": {"solver": "sgd", "nesterovs_momentum": False, "momentum": 0.7},
    "plain": {"solver": "sgd", "momentum": 0.0, "nesterovs_momentum": False},
    "plain under Nesterov's name": {"solver": "sgd", "momentum": 0.0},
    "full momentum": {"solver": "sgd", "momentum": 1.0, "learning_rate_init": 1e-5},
}


def both(task, **parameters):
    """Make an estimator of scikit-learn and the same one of fastnn."""
    name = "MLPClassifier" if task in CLASSES else "MLPRegressor"
    return tuple(getattr(module, name)(**{**SMALL, **parameters}) for module in (theirs, mine))


def assert_same_learning(wanted, got, rtol=1e-9):
    """Compare what two estimators have learnt and what they say about it."""
    np.testing.assert_allclose(got.loss_curve_, wanted.loss_curve_, rtol=rtol)
    assert_close(got.coefs_, wanted.coefs_, rtol=1e-6)
    assert_close(got.intercepts_, wanted.intercepts_, rtol=1e-6)
    for name in ("n_iter_", "t_", "n_layers_", "n_outputs_", "out_activation_", "n_features_in_"):
        assert getattr(got, name) == getattr(wanted, name), name
    for name in ("loss_", "best_loss_", "best_validation_score_", "validation_scores_"):
        value, expected = getattr(got, name), getattr(wanted, name)
        assert value is expected is None or value == pytest.approx(expected, rel=rtol), name
    for name in ("loss_", "best_loss_"):  # NumPy's numbers have more methods than Python's
        assert type(getattr(got, name)) is type(getattr(wanted, name)), name
    assert set(map(type, got.loss_curve_)) == set(map(type, wanted.loss_curve_))


def assert_same_fits(task, **parameters):
    X, y = data_of(task)
    wanted, got = (estimator.fit(X, y) for estimator in both(task, **parameters))
    assert_same_learning(wanted, got)
    np.testing.assert_allclose(got.score(X, y), wanted.score(X, y), rtol=1e-9)
    return wanted, got


def assert_nothing_learnt(estimator):
    assert not [name for name in vars(estimator) if name.endswith("_")]
