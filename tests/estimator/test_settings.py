"""Parameters have scikit-learn's names, defaults, checks and messages."""

from __future__ import annotations

import math

import numpy as np
import pytest
from estimator_pairs import assert_nothing_learnt, both, data_of
from sklearn import neural_network as theirs
from sklearn.utils._param_validation import InvalidParameterError
from sklearn.utils.estimator_checks import check_param_validation

from fastnn import estimator as mine

# These tests train for a few epochs only and need no convergence.
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


WRONG = [
    {"solver": "newton"},
    {"activation": "sigmoid"},
    {"hidden_layer_sizes": 0},
    {"hidden_layer_sizes": 2.5},
    {"hidden_layer_sizes": "wide"},
    {"alpha": -1.0},
    {"alpha": math.inf},
    {"batch_size": 0},
    {"batch_size": "all"},
    {"batch_size": 10.0},
    {"learning_rate": "halving"},
    {"learning_rate_init": 0.0},
    {"learning_rate_init": math.nan},
    {"power_t": "high"},
    {"max_iter": 0},
    {"shuffle": 1},
    {"random_state": "any"},
    {"tol": -1e-4},
    {"verbose": "much"},
    {"warm_start": "yes"},
    {"momentum": 1.1},
    {"nesterovs_momentum": None},
    {"early_stopping": 3},
    {"validation_fraction": 1.0},
    {"beta_1": 1.0},
    {"beta_2": -0.1},
    {"epsilon": 0.0},
    {"n_iter_no_change": 0},
    {"max_fun": 0},
]


@pytest.mark.parametrize("task", ["ten classes", "one number"])
@pytest.mark.parametrize("parameters", WRONG, ids=str)
def test_a_wrong_parameter_is_refused_in_the_words_of_scikit_learn(parameters, task):
    wanted, got = both(task, **parameters)
    (name,) = parameters
    with pytest.raises(InvalidParameterError, match=f"The '{name}' parameter of") as expected:
        wanted.fit(*data_of(task))
    with pytest.raises(InvalidParameterError) as error:
        got.fit(*data_of(task))
    assert sorted(str(error.value)) == sorted(str(expected.value))  # sets of names have any order
    assert_nothing_learnt(got)


@pytest.mark.parametrize("name", ["MLPClassifier", "MLPRegressor"])
def test_every_parameter_is_checked_before_anything_else(name):
    check_param_validation(name, getattr(mine, name)())


@pytest.mark.parametrize(
    "sizes", [(3, 0), (3, -1), (3, 2.5), np.array([3.0, 4.0]), True, (3, True)], ids=str
)
@pytest.mark.parametrize("task", ["ten classes", "one number"])
def test_a_layer_needs_a_neuron(sizes, task):
    _, got = both(task, hidden_layer_sizes=sizes)
    with pytest.raises(InvalidParameterError, match="hidden_layer_sizes must be > 0, got"):
        got.fit(*data_of(task))
    assert_nothing_learnt(got)


def test_a_parameter_that_becomes_wrong_between_calls_of_partial_fit_is_refused():
    X, y = data_of("one number")
    _, got = both("one number")
    got.partial_fit(X, y).set_params(alpha=-1.0)
    with pytest.raises(InvalidParameterError, match="The 'alpha' parameter of"):
        got.partial_fit(X, y)


HAS_PARTIAL_FIT = {"adam": True, "sgd": True, "lbfgs": False, "newton": False}


@pytest.mark.parametrize("solver", HAS_PARTIAL_FIT)
def test_an_estimator_has_partial_fit_if_its_solver_trains_by_mini_batches(solver):
    wanted, classifier = both("ten classes", solver=solver)
    # scikit-learn's regressor has it always: there the check of the solver is never called.
    _, regressor = both("one number", solver=solver)
    for estimator in (wanted, classifier, regressor):
        assert hasattr(estimator, "partial_fit") == HAS_PARTIAL_FIT[solver]


@pytest.mark.parametrize("name", ["MLPClassifier", "MLPRegressor"])
def test_parameters_and_their_defaults_are_those_of_scikit_learn(name):
    wanted, got = (getattr(module, name)().get_params() for module in (theirs, mine))
    assert got == wanted


@pytest.mark.parametrize("name", ["MLPClassifier", "MLPRegressor"])
def test_a_parameter_that_there_is_not_is_refused_in_the_name_of_the_estimator(name):
    for module in (theirs, mine):
        with pytest.raises(TypeError, match=rf"{name}.__init__\(\) got an unexpected.*'size'"):
            getattr(module, name)(size=3)


def test_the_loss_of_a_classifier_is_an_attribute_and_no_parameter():
    for estimator in both("ten classes"):
        assert estimator.loss == "log_loss"
        assert "loss" not in estimator.get_params()


def test_another_loss_of_a_classifier_is_refused():
    _, got = both("ten classes")
    got.loss = "squared_error"
    with pytest.raises(ValueError, match="loss='squared_error' must be 'log_loss'"):
        got.fit(*data_of("ten classes"))


def test_whole_numbers_serve_as_real_ones():
    numbers = {"alpha": 1, "learning_rate_init": 1, "momentum": 0, "power_t": 1, "tol": 0}
    parameters = {"solver": "sgd", "learning_rate": "invscaling", "max_iter": 5}
    X, y = data_of("ten classes")
    _, whole = both("ten classes", **numbers, **parameters)
    _, real = both("ten classes", **{k: float(v) for k, v in numbers.items()}, **parameters)
    assert whole.fit(X, y).loss_curve_ == real.fit(X, y).loss_curve_
