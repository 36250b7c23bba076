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


@pytest.mark.parametrize("name", KINDS)
def test_initial_weights_are_drawn_while_the_estimator_is_as_in_scikit_learn(name):
    names = ("n_iter_", "t_", "n_layers_", "n_outputs_", "out_activation_", "n_features_in_")

    def looking(base):
        class Own(base):
            def _init_coef(self, fan_in, fan_out, kind):
                shapes = [array.shape for array in self.coefs_ + self.intercepts_]
                seen.append((shapes, *(getattr(self, attribute) for attribute in names)))
                return super()._init_coef(fan_in, fan_out, kind)

        return Own(**SMALL)

    X, y = data_of(KINDS[name])
    both_seen = []
    for module in (theirs, mine):
        seen = []
        looking(getattr(module, name)).fit(X, y).fit(X, y)
        both_seen.append(seen)
    assert both_seen[1] == both_seen[0]


def test_initial_weights_that_share_memory_are_refused():
    whole = np.ones((64, 64))

    def part(self, fan_in, fan_out, kind):
        return whole[:fan_in, :fan_out], np.ones(fan_out)

    own = type("Own", (mine.MLPClassifier,), {"_init_coef": part})
    with pytest.raises(ValueError, match=r"coefs_\[0\] and coefs_\[1\] share memory"):
        own(**SMALL).fit(*data_of("ten classes"))


@pytest.mark.parametrize("name", KINDS)
def test_an_optimiser_of_scikit_learn_is_refused_where_it_would_be_used(name):
    X, y = data_of(KINDS[name])
    wanted, got = (getattr(module, name)(**SMALL).fit(X, y) for module in (theirs, mine))
    got._optimizer = wanted._optimizer
    got.fit(X, y).predict(X)
    with pytest.raises(ValueError, match=rf"{name}\._optimizer would have no effect"):
        got.partial_fit(X, y)


@pytest.mark.parametrize("name", KINDS)
def test_there_is_a_partial_fit_if_an_overridden_check_of_the_solver_says_so(name, monkeypatch):
    def always(base):
        return type("Own", (base,), {"_check_solver": lambda self: True})(solver="lbfgs")

    def never(base):
        return type("Own", (base,), {"_check_solver": lambda self: False})()

    for make, there in ((always, True), (never, False)):
        if name == "MLPClassifier":  # scikit-learn's regressor has it in any case
            assert hasattr(make(theirs.MLPClassifier), "partial_fit") is there
        assert hasattr(make(getattr(mine, name)), "partial_fit") is there
    monkeypatch.setattr(getattr(mine, name), "_check_solver", lambda self: False)
    assert not hasattr(getattr(mine, name)(), "partial_fit")


@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_parameters_that_change_with_the_epochs_are_read_when_scikit_learn_reads_them(solver):
    def changing(base):
        class Own(base):
            def __init__(self, random_state=3):
                super().__init__((9,), solver=solver, random_state=random_state)

            @property
            def alpha(self):
                return 3.0 ** (getattr(self, "n_iter_", 0) - 3)

            @property
            def max_iter(self):
                return 12 - getattr(self, "n_iter_", 0)

            alpha = alpha.setter(lambda self, value: None)
            max_iter = max_iter.setter(lambda self, value: None)

        return Own()

    X, y = data_of("ten classes")
    assert_same_learning(*(changing(m.MLPClassifier).fit(X, y) for m in (theirs, mine)))
