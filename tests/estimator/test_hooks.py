"""What scikit-learn's training would call of a subclass is called here too, or refused by name."""

from __future__ import annotations

import numpy as np
import pytest
from estimator_pairs import SMALL, assert_nothing_learnt, assert_same_learning, data_of
from sklearn import neural_network as theirs

from fastnn import estimator as mine
from fastnn.estimator.hooks import HOOKS

# These tests train for a few epochs only and need no convergence.
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

KINDS = {"MLPClassifier": "ten classes", "MLPRegressor": "one number"}


def hook(*arguments, **options):
    """Stand in for any of scikit-learn's methods."""


@pytest.mark.parametrize("name", KINDS)
def test_every_method_that_scikit_learn_trains_and_predicts_with_is_known(name):
    base = next(kind for kind in theirs.MLPClassifier.mro() if kind.__name__.startswith("Base"))
    of_training = {
        method
        for kind in (base, getattr(theirs, name))
        for method, what in vars(kind).items()
        if callable(what) and method.startswith("_") and not method.startswith("__")
    }
    assert of_training - {"_init_coef", "_check_solver"} == set(HOOKS)
    assert not [method for method in HOOKS if hasattr(getattr(mine, name), method)]


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("method", HOOKS)
def test_a_method_that_is_overridden_but_never_called_is_refused(method, name):
    X, y = data_of(KINDS[name])
    estimator = type("Own", (getattr(mine, name),), {method: hook})(max_iter=1)
    for train in (estimator.fit, estimator.partial_fit):
        with pytest.raises(ValueError, match=rf"Own\.{method} would have no effect.*Network"):
            train(X, y)
    assert_nothing_learnt(estimator)


def test_a_method_that_is_replaced_on_class_or_instance_is_refused_by_predictions_too(monkeypatch):
    X, y = data_of("ten classes")
    estimator = mine.MLPClassifier(max_iter=1).fit(X, y)
    with monkeypatch.context() as patch:
        patch.setattr(mine.MLPClassifier, "_predict", hook, raising=False)
        with pytest.raises(ValueError, match=r"MLPClassifier\._predict would have no effect"):
            estimator.predict(X)
    estimator._forward_pass = estimator._forward_pass_fast = hook
    with pytest.raises(ValueError, match=r"_forward_pass and MLPClassifier\._forward_pass_fast"):
        estimator.predict_proba(X)


def with_initial_weights(base, dtype=None):
    class Own(base):
        def _init_coef(self, fan_in, fan_out, kind):
            weights, biases = super()._init_coef(fan_in, fan_out, kind)
            normal = self._random_state.standard_normal(weights.shape)
            return (normal / fan_in).astype(dtype or kind), 0 * biases

    return Own(**SMALL)


@pytest.mark.parametrize("name", KINDS)
def test_initial_weights_of_ones_own_are_drawn_as_in_scikit_learn(name):
    X, y = data_of(KINDS[name])
    estimators = [
        with_initial_weights(getattr(module, name)).fit(X, y) for module in (theirs, mine)
    ]
    assert_same_learning(*estimators)


@pytest.mark.parametrize("types", [(np.float32, np.float64), (np.float64, np.float32)], ids=str)
def test_initial_weights_may_be_of_another_type_than_the_data(types):
    X, y = data_of("ten classes")
    of_data, of_weights = types
    wanted, got = (
        with_initial_weights(module.MLPClassifier, of_weights).fit(X.astype(of_data), y)
        for module in (theirs, mine)
    )
    assert {coef.dtype for coef in got.coefs_} == {np.dtype(float)}
    np.testing.assert_allclose(got.loss_curve_, wanted.loss_curve_, rtol=1e-4)


@pytest.mark.parametrize(
    "returned", [(np.zeros((3, 2)), np.zeros(2)), (np.full((64, 17), "0"), np.zeros(17))]
)
def test_initial_weights_that_do_not_fit_are_refused(returned):
    kind = type("Own", (mine.MLPClassifier,), {"_init_coef": lambda *arguments: returned})
    with pytest.raises(ValueError, match=r"_init_coef must return weights of the shape \(64, 17\)"):
        kind(**SMALL).fit(*data_of("ten classes"))
