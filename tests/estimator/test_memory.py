"""`fit` and predictions need no more memory than scikit-learn's for large data."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from memory import peak_bytes
from scipy import sparse
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


NON_ZERO = 50  # inputs of an example


def sparse_data(n, inputs, form="csr"):
    rng = np.random.default_rng(1)
    wide = inputs // NON_ZERO
    places = rng.integers(0, wide, (n, NON_ZERO)) + np.arange(0, wide * NON_ZERO, wide)
    values, starts = rng.random(n * NON_ZERO), np.arange(n + 1) * NON_ZERO
    parts = values, places.ravel().astype(np.int32), starts.astype(np.int32)
    X = sparse.csr_matrix(parts, shape=(n, inputs)).asformat(form)
    return X, rng.integers(0, 2, n)


# Few inputs are numbered anew, in 2 bytes each.
@pytest.mark.parametrize(("inputs", "bytes_each"), [(1000, 2), (70_000, 0)])
def test_what_more_sparse_examples_need_is_a_number_for_each_input_at_most(inputs, bytes_each):
    few, many = (sparse_data(n, inputs) for n in (2_000, 20_000))
    growth = []
    for estimator in estimators("two classes", hidden_layer_sizes=16):
        estimator.fit(few[0][:200], few[1][:200])
        least, most = (peak_bytes(partial(estimator.fit, *examples)) for examples in (few, many))
        growth.append(most - least)
    of_rows = 40 * (20_000 - 2_000)  # where they begin and end in the middle, order and weights
    chunk = 1.5 * MB  # is checked at a time
    assert growth[1] <= growth[0] + bytes_each * (many[0].nnz - few[0].nnz) + of_rows + chunk


@pytest.mark.parametrize("form", ["csr", "csc"])
def test_predictions_from_sparse_examples_need_no_more_than_in_scikit_learn(form):
    X, y = sparse_data(20_000, 1000, form)  # 12 MB
    peaks = []
    for estimator in estimators("two classes", hidden_layer_sizes=10):
        estimator.fit(X[:200], y[:200])
        estimator.predict(X[:200])
        peaks.append(peak_bytes(partial(estimator.predict, X)))
    assert peaks[1] <= peaks[0] + 0.3 * MB


@pytest.mark.parametrize("dtype", [np.int8, np.float64])
def test_predictions_that_convert_inputs_or_reach_0_copy_a_part_at_a_time(dtype):
    rng = np.random.default_rng(1)
    X = rng.integers(-3, 4, (4_000, 1_000)).astype(dtype)
    _, got = estimators("two classes", hidden_layer_sizes=())
    got.fit(X[:200].astype(np.float64), rng.integers(0, 3, 200))
    got.coefs_[0] *= 1e4
    assert got.predict_proba(X[:200]).min() == 0.0
    assert peak_bytes(partial(got.predict_proba, X)) < 5 * MB  # the inputs are 32 MB in float64
