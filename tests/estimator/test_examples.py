"""Examples reach the kernels uncopied, or through a window, with the same numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from estimator_pairs import TASKS, assert_same_learning, both, data_of

from fastnn.engine import short_calls
from fastnn.estimator import examples as module
from fastnn.estimator.examples import CheckedExamples, KernelExamples

# These tests train for a few epochs only and need no convergence.
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def in_columns(X):
    return np.asfortranarray(X)


def a_slice(X):
    return np.repeat(X, 2, axis=1)[:, ::2]


def every_other_row(X):
    return np.repeat(X, 2, axis=0)[::2]


def a_table(X):
    return pd.DataFrame(dict(enumerate(X.T)))


LAYOUTS = [in_columns, a_slice, every_other_row, a_table]


@pytest.fixture
def small_windows(monkeypatch):
    """Make windows of 128 examples, the fewest, so that 230 do not fit into one."""
    monkeypatch.setattr(module, "_WINDOW", 1)


@pytest.mark.usefixtures("small_windows")
@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_any_layout_of_the_inputs_gives_the_same_bits(layout, task):
    X, y = data_of(task)
    weights = np.random.default_rng(5).integers(0, 4, len(X)).astype(float)
    _, rows = both(task, batch_size=50)
    _, other = both(task, batch_size=50)
    rows.fit(X, y, sample_weight=weights)
    other.fit(layout(X), y, sample_weight=weights)
    assert other.loss_curve_ == rows.loss_curve_
    for got, wanted in zip(other.coefs_, rows.coefs_, strict=True):
        assert got.tobytes() == wanted.tobytes()


@pytest.mark.usefixtures("small_windows")
@pytest.mark.parametrize("batch_size", [1, 7, 100, 128, 129, 230])
@pytest.mark.parametrize("shuffle", [False, True])
def test_a_window_ends_within_a_mini_batch_or_behind_it(batch_size, shuffle, monkeypatch):
    X, y = data_of("ten classes")
    _, rows = both("ten classes", batch_size=batch_size, shuffle=shuffle)
    _, columns = both("ten classes", batch_size=batch_size, shuffle=shuffle)
    rows.fit(X, y)
    monkeypatch.setattr(short_calls, "_LONGEST_CALL", 0.0)  # one block a call, in the end
    columns.fit(in_columns(X), y)
    assert columns.loss_curve_ == rows.loss_curve_


@pytest.mark.usefixtures("small_windows")
@pytest.mark.parametrize("parameters", [{"early_stopping": True}, {"solver": "lbfgs"}], ids=str)
def test_columns_are_learnt_as_by_scikit_learn(parameters):
    X, y = data_of("ten classes")
    wanted, got = (e.fit(in_columns(X), y) for e in both("ten classes", **parameters))
    if "solver" in parameters:
        assert got.loss_ == pytest.approx(wanted.loss_, rel=1e-6)
    else:
        assert_same_learning(wanted, got)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_inputs_in_rows_are_not_copied(dtype):
    X = np.random.default_rng(1).standard_normal((50, 6)).astype(dtype)
    kernel_examples = KernelExamples(CheckedExamples(X, np.zeros((50, 1), bool), 1, None))
    assert kernel_examples.data.store.inputs is X
    assert kernel_examples.data.store.prepared["sparse"] is None


def test_inputs_that_are_mostly_zero_are_listed_if_that_takes_a_tenth_of_their_memory():
    X = np.zeros((4000, 100))
    X[:, :20] = 0.5
    listed = KernelExamples(CheckedExamples(X, np.zeros((4000, 1)), 1, None)).data.store.prepared[
        "sparse"
    ]
    assert listed is not None
    assert listed.listed.nbytes <= X.nbytes / 10
    X[:, :20] = np.random.default_rng(1).standard_normal((4000, 20))  # these take 10 bytes each
    assert (
        KernelExamples(CheckedExamples(X, np.zeros((4000, 1)), 1, None)).data.store.prepared[
            "sparse"
        ]
        is None
    )


@pytest.mark.parametrize("weights", [None, np.arange(7.0)])
def test_the_weight_of_a_mini_batch_is_that_of_its_examples(weights):
    X, rows = np.ones((7, 2)), np.array([6, 0, 3, 1, 2])
    examples = KernelExamples(CheckedExamples(X, np.zeros((7, 1)), 1, weights), rows)
    expected = [2, 2, 1] if weights is None else [6, 4, 2]
    assert examples.batch_weights(2).tolist() == expected
