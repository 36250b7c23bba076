"""Subclasses of the estimators learn as the same subclasses of scikit-learn's do."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pytest
from estimator_pairs import assert_same_learning, data_of
from sklearn import neural_network as theirs
from sklearn.utils._param_validation import InvalidParameterError

from fastnn import estimator as mine

# These tests train for a few epochs only and need no convergence.
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

# The ways in which people subclass an estimator -----------------------------------------------
# Each function makes the subclass of a class, so that scikit-learn's and fastnn's are made alike.


def with_an_extra_parameter(base):
    class Own(base):
        def __init__(self, note="none", hidden_layer_sizes=(9,), random_state=3):
            super().__init__(
                hidden_layer_sizes=hidden_layer_sizes, random_state=random_state, max_iter=8
            )
            self.note = note

    return Own(note="mine")


def with_fewer_parameters(base):
    class Own(base):
        def __init__(self, alpha=0.5):
            super().__init__(
                hidden_layer_sizes=(9,), alpha=alpha, solver="sgd", max_iter=8, random_state=3
            )

    return Own(alpha=0.3)


def with_keywords_passed_on(base):
    class Own(base):
        def __init__(self, note="none", **parameters):
            super().__init__(**parameters)
            self.note = note

    return Own(note="mine", hidden_layer_sizes=(9,), max_iter=8, random_state=3)


def with_another_default(base):
    class Own(base):
        def __init__(self, hidden_layer_sizes=(9, 4), max_iter=8, activation="tanh"):
            super().__init__(
                hidden_layer_sizes=hidden_layer_sizes,
                max_iter=max_iter,
                activation=activation,
                random_state=3,
            )

    return Own()


def with_a_renamed_parameter(base):
    class Own(base):
        def __init__(self, penalty=1e-4, epochs=8):
            super().__init__(
                hidden_layer_sizes=(9,), alpha=penalty, max_iter=epochs, random_state=3
            )
            self.penalty = penalty
            self.epochs = epochs

    return Own(penalty=0.3)


def with_an_attribute_set_afterwards(base):
    class Own(base):
        def __init__(self, random_state=3):
            super().__init__(random_state=random_state)
            self.hidden_layer_sizes = (9,)
            self.max_iter = 8
            self.batch_size = 50

    return Own()


def without_an_init(base):
    class Own(base):
        def describe(self):
            return self.hidden_layer_sizes

    return Own(hidden_layer_sizes=(9,), max_iter=8, random_state=3)


SUBCLASSES = [
    with_an_extra_parameter,
    with_fewer_parameters,
    with_keywords_passed_on,
    with_another_default,
    with_a_renamed_parameter,
    with_an_attribute_set_afterwards,
    without_an_init,
]
KINDS = [("MLPClassifier", "ten classes"), ("MLPRegressor", "three numbers")]


def both_subclasses(make, name):
    return [make(getattr(module, name)) for module in (theirs, mine)]


# What they do ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "task"), KINDS)
@pytest.mark.parametrize("make", SUBCLASSES)
def test_a_subclass_learns_as_the_same_subclass_of_scikit_learn(make, name, task):
    X, y = data_of(task)
    wanted, got = (estimator.fit(X, y) for estimator in both_subclasses(make, name))
    assert_same_learning(wanted, got)
    np.testing.assert_allclose(got.score(X, y), wanted.score(X, y), rtol=1e-9)


@pytest.mark.parametrize(("name", "task"), KINDS)
@pytest.mark.parametrize("make", SUBCLASSES)
def test_partial_fit_of_a_subclass_is_that_of_the_same_subclass_of_scikit_learn(make, name, task):
    X, y = data_of(task)
    classes = {"classes": np.arange(10)} if name == "MLPClassifier" else {}
    estimators = both_subclasses(make, name)
    for estimator in estimators:
        estimator.partial_fit(X, y, **classes).partial_fit(X[:90], y[:90])
    assert_same_learning(*estimators)


@pytest.mark.parametrize("name", ["MLPClassifier", "MLPRegressor"])
@pytest.mark.parametrize("make", SUBCLASSES)
def test_a_subclass_has_the_parameters_of_its_own_signature(make, name):
    wanted, got = both_subclasses(make, name)
    assert got.get_params() == wanted.get_params()
    assert type(got)().get_params() == type(wanted)().get_params()


@pytest.mark.parametrize("name", ["MLPClassifier", "MLPRegressor"])
def test_a_wrong_parameter_of_a_subclass_is_refused_as_in_scikit_learn(name):
    for estimator in both_subclasses(with_fewer_parameters, name):
        with pytest.raises(InvalidParameterError, match="The 'alpha' parameter of Own must be"):
            estimator.set_params(alpha=-1.0).fit(*data_of("ten classes"))


def test_a_subclass_checks_its_own_parameters_if_it_says_how():
    class Own(mine.MLPClassifier):
        _parameter_constraints: ClassVar = {
            **mine.MLPClassifier._parameter_constraints,
            "note": [str],
        }

        def __init__(self, note="none", max_iter=8):
            super().__init__((9,), max_iter=max_iter)
            self.note = note

    with pytest.raises(InvalidParameterError, match="The 'note' parameter of Own must be"):
        Own(note=3).fit(*data_of("ten classes"))


def test_a_solver_that_a_subclass_renames_is_still_checked():
    class Own(mine.MLPRegressor):
        def __init__(self, optimiser="adam"):
            super().__init__(solver=optimiser)
            self.optimiser = optimiser

    with pytest.raises(ValueError, match="solver='newton' must be 'adam', 'sgd' or 'lbfgs'"):
        Own("newton").fit(*data_of("one number"))


RENAMED = {
    "loss": ["absolute_error", "huber", None],
    "activation": ["gelu", None],
    "batch_size": [10.0, None, "all"],
    "max_iter": [3.0],
    **{name: ["0.1"] for name in ("alpha", "tol", "learning_rate_init", "beta_1", "epsilon")},
    "hidden_layer_sizes": [None, "77"],
}


@pytest.mark.parametrize(
    ("parameter", "value"), [(name, value) for name, values in RENAMED.items() for value in values]
)
def test_a_value_that_a_subclass_renames_is_refused_where_scikit_learn_refuses_it(parameter, value):
    def with_the_parameter(base):
        class Own(base):
            def __init__(self, mine=value):
                super().__init__(**{parameter: mine})
                self.mine = mine

        return Own()

    X, y = data_of("one number")
    wanted, got = both_subclasses(with_the_parameter, "MLPRegressor")
    with pytest.raises((KeyError, TypeError, ValueError)):
        wanted.fit(X, y)
    with pytest.raises((TypeError, ValueError), match=parameter):
        got.fit(X, y)
    assert not hasattr(got, "coefs_")


def test_a_loss_that_a_subclass_allows_is_refused():
    class Own(mine.MLPRegressor):
        _parameter_constraints: ClassVar = {
            **mine.MLPRegressor._parameter_constraints,
            "loss": [str],
        }

    with pytest.raises(ValueError, match="loss='pinball' must be 'squared_error' or 'poisson'"):
        Own(loss="pinball").fit(*data_of("one number"))


def test_a_number_that_the_solver_does_not_use_may_be_anything():
    def without_some_numbers(base):
        class Own(base):
            def __init__(self):
                super().__init__((9,), max_iter=2, momentum=None, power_t=None, random_state=3)

        return Own()

    X, y = data_of("ten classes")
    wanted, got = both_subclasses(without_some_numbers, "MLPClassifier")
    assert_same_learning(wanted.fit(X, y), got.fit(X, y))


def test_a_batch_size_that_a_subclass_renames_is_clipped_as_in_scikit_learn():
    def with_mini_batches_of(base):
        class Own(base):
            def __init__(self, size=0):
                super().__init__((9,), batch_size=size, max_iter=2, random_state=3)
                self.size = size

        return Own()

    X, y = data_of("ten classes")
    wanted, got = both_subclasses(with_mini_batches_of, "MLPClassifier")
    with pytest.warns(UserWarning, match="Got `batch_size` less than 1"):
        got.fit(X, y)
    assert_same_learning(wanted.fit(X, y), got)


@pytest.mark.parametrize(("name", "task"), KINDS)
def test_private_names_are_scikit_learns_or_begin_with_that_of_fastnn(name, task):
    """A subclass may use any other for itself, as it may with scikit-learn."""
    X, y = data_of(task)
    fitted = [getattr(module, name)(max_iter=2).fit(X, y) for module in (theirs, mine)]
    wanted, got = ({own for own in dir(e) if own.startswith("_")} for e in fitted)
    assert not [own for own in got - wanted if not own.startswith(("_fastnn_", "__"))]


@pytest.mark.parametrize("name", ["_rate", "_split", "_rule", "_outputs", "_trainer", "_memory"])
def test_an_attribute_that_a_subclass_sets_for_itself_stays_and_does_no_harm(name):
    def with_an_attribute(base):
        class Own(base):
            def __init__(self, random_state=3):
                super().__init__((9,), max_iter=8, early_stopping=True, random_state=random_state)
                setattr(self, name, 0.5)

        return Own()

    X, y = data_of("ten classes")
    wanted, got = (e.fit(X, y) for e in both_subclasses(with_an_attribute, "MLPClassifier"))
    assert_same_learning(wanted, got)
    np.testing.assert_array_equal(got.predict(X), wanted.predict(X))
    assert getattr(got, name) == 0.5
