"""`fit` and predictions need no more memory than scikit-learn's for large data."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from memory import peak_bytes
from sklearn import neural_network as theirs

from fastnn import estimator as mine

# A single epoch is enough to see what training needs.
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

MB = 1e6
INPUTS = 100

TARGETS = {
    "ten classes": ("MLPClassifier", lambda rng, n: rng.integers(0, 10, n)),
    "two classes": ("MLPClassifier", lambda rng, n: rng.integers(0, 2, n)),
    "four labels": ("MLPClassifier", lambda rng, n: rng.integers(0, 2, (n, 4))),
    "one number": ("MLPRegressor", lambda rng, n: rng.standard_normal(n)),
}

# Rows, columns as pandas has them, and every other input of a wider table.
LAYOUTS = {
    "rows": np.ascontiguousarray,
    "columns": np.asfortranarray,
    "a slice": lambda X: np.repeat(X, 2, axis=1)[:, ::2],
}


def estimators(target, **parameters):
    name, _ = TARGETS[target]
    parameters = {"hidden_layer_sizes": 20, "max_iter": 1, "random_state": 1, **parameters}
    return [getattr(module, name)(**parameters) for module in (theirs, mine)]


def data(target, n, layout="rows"):
    rng = np.random.default_rng(1)
    X = LAYOUTS[layout](rng.standard_normal((n, INPUTS)))
    return X, TARGETS[target][1](rng, n)


@pytest.mark.parametrize(
    ("target", "layout"),
    [
        ("ten classes", "rows"),
        ("two classes", "rows"),
        ("two classes", "columns"),
        ("one number", "rows"),
        ("one number", "a slice"),
    ],
)
@pytest.mark.parametrize("parameters", [{}, {"early_stopping": True}], ids=str)
def test_what_more_examples_need_is_no_more_than_in_scikit_learn(target, layout, parameters):
    few, many = data(target, 5_000, layout), data(target, 20_000, layout)  # 4 and 16 MB
    growth, peaks = [], []
    for estimator in estimators(target, **parameters):
        estimator.fit(few[0][:200], few[1][:200])  # imports and compiles what it needs
        least, most = (peak_bytes(partial(estimator.fit, *examples)) for examples in (few, many))
        growth.append(most - least)
        peaks.append(most)
    # Kernels want a weight for each example, and the order twice: 16 bytes beside 800 of inputs.
    assert growth[1] <= growth[0] + 0.02 * (many[0].nbytes - few[0].nbytes)
    # The kernels' copies of the weights and their scratch do not depend on the data.
    assert peaks[1] <= peaks[0] + 3 * MB


@pytest.mark.filterwarnings("ignore:scipy.optimize:DeprecationWarning")  # scikit-learn 1.7's call
def test_lbfgs_needs_no_more_than_in_scikit_learn():
    X, y = data("one number", 20_000)
    peaks = []
    for estimator in estimators("one number", solver="lbfgs", max_iter=2):
        estimator.fit(X[:200], y[:200])
        peaks.append(peak_bytes(partial(estimator.fit, X, y)))
    assert peaks[1] <= peaks[0]


@pytest.mark.parametrize("hidden", [100, (100, 100)], ids=str)
@pytest.mark.parametrize(
    ("target", "method"),
    [
        ("ten classes", "predict"),
        ("ten classes", "predict_proba"),
        ("two classes", "predict_proba"),
        ("four labels", "predict_proba"),
        ("one number", "predict"),
    ],
)
def test_predictions_need_no_more_than_in_scikit_learn(target, method, hidden):
    X, y = data(target, 20_000)
    peaks = []
    for estimator in estimators(target, hidden_layer_sizes=hidden):
        call = getattr(estimator.fit(X[:200], y[:200]), method)
        call(X[:200])
        peaks.append(peak_bytes(partial(call, X)))
    assert peaks[1] <= peaks[0]
