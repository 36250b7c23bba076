"""What scripts put in the place of scikit-learn's functions is refused by name, where it counts."""

from __future__ import annotations

import functools
import subprocess
import sys

import numpy as np
import pytest
from estimator_pairs import SMALL, assert_nothing_learnt, data_of
from sklearn.model_selection import train_test_split
from sklearn.neural_network import _base, _multilayer_perceptron, _stochastic_optimizers

from fastnn import estimator as mine

# These tests train for a few epochs only and need no convergence.
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

KINDS = {"MLPClassifier": "ten classes", "MLPRegressor": "one number"}


def own(*arguments, **options):
    """Stand in for any function of scikit-learn's."""


def wrapped(function):
    """Wrap a function under its own name, as scripts do that count calls."""

    @functools.wraps(function)
    def call(*arguments, **options):
        return function(*arguments, **options)

    return call


def fit_of(name, **parameters):
    """Return a function that makes an estimator, fits it and returns it."""
    X, y = data_of(KINDS[name])
    if parameters.get("loss") == "poisson":
        y = np.abs(y)
    return lambda: getattr(mine, name)(**{**SMALL, "max_iter": 1, **parameters}).fit(X, y)


# The table and the entry, an estimator that would use it, and parameters with which it would not.
ENTRIES = [
    ("ACTIVATIONS", "relu", "MLPRegressor", {"activation": "tanh"}),
    ("ACTIVATIONS", "identity", "MLPRegressor", {"loss": "poisson", "learning_rate_init": 1e-5}),
    ("ACTIVATIONS", "softmax", "MLPClassifier", None),
    ("DERIVATIVES", "relu", "MLPClassifier", {"hidden_layer_sizes": ()}),
    ("LOSS_FUNCTIONS", "log_loss", "MLPClassifier", None),
    ("LOSS_FUNCTIONS", "squared_error", "MLPRegressor", {"loss": "poisson"}),
]


@pytest.mark.parametrize(("table", "entry", "name", "without"), ENTRIES)
@pytest.mark.parametrize("how", [own, wrapped, "another entry", "another table"])
def test_an_entry_of_ones_own_in_a_table_is_refused_where_it_would_be_used(
    table, entry, name, without, how, monkeypatch
):
    entries = getattr(_base, table)
    if how == "another entry":
        value = next(function for key, function in entries.items() if key != entry)
    else:
        value = wrapped(entries[entry]) if how is wrapped else own
    if how == "another table":
        monkeypatch.setattr(_multilayer_perceptron, table, {**entries, entry: value})
    else:
        monkeypatch.setitem(entries, entry, value)
    with pytest.raises(ValueError, match=rf"{table}\['{entry}'\] would have no effect.*Network"):
        fit_of(name)()
    if without is not None:
        fit_of(name, **without)()


def test_another_function_of_scikit_learns_is_refused_under_a_name_that_it_does_not_bear(
    monkeypatch,
):
    losses, slopes = _base.LOSS_FUNCTIONS, _base.DERIVATIVES
    monkeypatch.setitem(losses, "log_loss", losses["binary_log_loss"])
    with pytest.raises(ValueError, match=r"LOSS_FUNCTIONS\['log_loss'\] would have no effect"):
        fit_of("MLPClassifier")()
    monkeypatch.setitem(_base.ACTIVATIONS, "relu", slopes["relu"])
    with pytest.raises(ValueError, match=r"ACTIVATIONS\['relu'\] would have no effect"):
        fit_of("MLPRegressor")()
    solvers = _multilayer_perceptron
    monkeypatch.setattr(solvers, "AdamOptimizer", solvers.SGDOptimizer)
    with pytest.raises(ValueError, match="AdamOptimizer would have no effect"):
        fit_of("MLPRegressor", activation="tanh")()


@pytest.mark.parametrize("task", ["two classes", "several labels"])
def test_the_loss_of_a_logistic_output_is_the_binary_one(task, monkeypatch):
    X, y = data_of(task)
    monkeypatch.setitem(_base.LOSS_FUNCTIONS, "log_loss", own)
    mine.MLPClassifier(**SMALL).fit(X, y)
    monkeypatch.setitem(_base.LOSS_FUNCTIONS, "binary_log_loss", own)
    with pytest.raises(ValueError, match=r"LOSS_FUNCTIONS\['binary_log_loss'\] would have no"):
        mine.MLPClassifier(**SMALL).fit(X, y)


@pytest.mark.parametrize("name", KINDS)
def test_a_refused_training_learns_nothing_and_later_calls_are_refused_too(name, monkeypatch):
    X, y = data_of(KINDS[name])
    fresh, trained = getattr(mine, name)(**SMALL), fit_of(name)()
    before = [coef.copy() for coef in trained.coefs_]
    monkeypatch.setitem(_base.DERIVATIVES, "relu", own)
    for train in (fresh.fit, trained.partial_fit, trained.set_params(warm_start=True).fit):
        with pytest.raises(ValueError, match=r"DERIVATIVES\['relu'\] would have no effect"):
            train(X, y)
    assert_nothing_learnt(fresh)
    np.testing.assert_equal(trained.coefs_, before)


def test_predictions_refuse_an_activation_of_ones_own_and_nothing_else(monkeypatch):
    X, _ = data_of("ten classes")
    trained = fit_of("MLPClassifier")()
    for table, entry in (("DERIVATIVES", "relu"), ("LOSS_FUNCTIONS", "log_loss")):
        monkeypatch.setitem(getattr(_base, table), entry, own)
    monkeypatch.setitem(_base.ACTIVATIONS, "tanh", own)
    trained.predict(X)
    for entry in ("relu", "softmax"):
        with monkeypatch.context() as patch:
            patch.setitem(_base.ACTIVATIONS, entry, own)
            with pytest.raises(ValueError, match=rf"ACTIVATIONS\['{entry}'\] would have no effect"):
                trained.predict_proba(X)


@pytest.mark.parametrize(
    ("solver", "kind", "others"),
    [("adam", "AdamOptimizer", ["sgd", "lbfgs"]), ("sgd", "SGDOptimizer", ["adam", "lbfgs"])],
)
def test_an_optimiser_of_ones_own_is_refused_by_the_solver_that_would_use_it(
    solver, kind, others, monkeypatch
):
    original = getattr(_stochastic_optimizers, kind)
    patches = [
        (_multilayer_perceptron, kind, type(kind, (original,), {})),
        (_multilayer_perceptron, kind, own),
        (original, "_get_updates", own),
        (original, "__init__", wrapped(original.__init__)),
        (original, "update_params", own),
        (_stochastic_optimizers.BaseOptimizer, "update_params", own),
    ]
    for owner, name, value in patches:
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, value, raising=False)
            with pytest.raises(ValueError, match=rf"\.{kind}.* would have no effect"):
                fit_of("MLPClassifier", solver=solver)()
            for other in others:
                if owner is not _stochastic_optimizers.BaseOptimizer:
                    fit_of("MLPClassifier", solver=other)()


@pytest.mark.parametrize("split", [own, wrapped(train_test_split)])
def test_a_split_of_ones_own_is_refused_with_early_stopping(split, monkeypatch):
    monkeypatch.setattr(_multilayer_perceptron, "train_test_split", split)
    fit_of("MLPRegressor")()
    with pytest.raises(ValueError, match="train_test_split would have no effect"):
        fit_of("MLPRegressor", early_stopping=True)()


def test_all_patches_of_a_training_are_named(monkeypatch):
    monkeypatch.setitem(_base.ACTIVATIONS, "relu", own)
    monkeypatch.setitem(_base.DERIVATIVES, "relu", own)
    with pytest.raises(ValueError, match=r"ACTIVATIONS\['relu'\] and .*DERIVATIVES\['relu'\] "):
        fit_of("MLPRegressor")()


def test_scikit_learns_perceptrons_are_not_imported_to_look_at_them():
    program = (
        "import sys, numpy as np; from fastnn.estimator import MLPRegressor\n"
        "MLPRegressor(max_iter=500, tol=1e9).fit(np.eye(9), np.arange(9)).predict(np.eye(9))\n"
        "assert 'sklearn.neural_network' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
