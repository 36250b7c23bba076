"""What the estimators refuse, and what they warn about."""

from __future__ import annotations

import linecache
import math
import warnings
from pathlib import Path

import numpy as np
import pytest
from estimator_pairs import both, data_of
from sklearn.exceptions import ConvergenceWarning, DataConversionWarning
from sklearn.utils._param_validation import InvalidParameterError
from sklearn.utils.estimator_checks import check_param_validation

from fastnn import estimator as mine

# These tests train for a few epochs only and need no convergence.
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


# What is refused ------------------------------------------------------------------------------

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


def assert_nothing_learnt(estimator):
    assert not [name for name in vars(estimator) if name.endswith("_")]


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


@pytest.mark.parametrize("sizes", [(3, 0), (3, -1), (3, 2.5), np.array([3.0, 4.0])], ids=str)
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


@pytest.mark.parametrize("task", ["ten classes", "one number"])
def test_a_solver_that_fastnn_lacks_is_refused(task):
    _, got = both(task, solver="lbfgs")
    with pytest.raises(ValueError, match="use solver='adam' or 'sgd'"):
        got.fit(*data_of(task))
    assert_nothing_learnt(got)


def test_a_loss_that_fastnn_lacks_is_refused():
    X, y = data_of("one number")
    for method in ("fit", "partial_fit"):
        regressor = mine.MLPRegressor(loss="poisson")
        with pytest.raises(ValueError, match="use loss='squared_error', or scikit-learn's own"):
            getattr(regressor, method)(X, y)
        assert_nothing_learnt(regressor)
    with pytest.raises(InvalidParameterError, match="The 'loss' parameter of MLPRegressor"):
        mine.MLPRegressor(loss="absolute").fit(X, y)


def test_too_few_examples_to_validate_with_are_refused():
    X, y = data_of("one number")
    for estimator in both("one number", early_stopping=True, validation_fraction=0.1):
        with pytest.raises(ValueError, match="The validation set is too small"):
            estimator.fit(X[:10], y[:10])


def test_weights_that_are_all_zero_are_refused():
    X, y = data_of("one number")
    with pytest.raises(ValueError, match="non-zero"):
        both("one number")[1].fit(X, y, sample_weight=np.zeros(len(y)))


# scikit-learn warns of the overflow first.
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_training_that_ends_in_infinity_is_refused():
    X, y = data_of("one number")
    parameters = {"solver": "sgd", "learning_rate_init": 1e9, "activation": "identity"}
    for estimator in both("one number", **parameters):
        with pytest.raises(ValueError, match="Solver produced non-finite parameter weights"):
            estimator.fit(X, y)


def test_partial_fit_does_not_stop_early():
    X, y = data_of("one number")
    for estimator in both("one number", early_stopping=True):
        with pytest.raises(ValueError, match="partial_fit does not support early_stopping"):
            estimator.partial_fit(X, y)


HAS_PARTIAL_FIT = {"adam": True, "sgd": True, "lbfgs": False, "newton": False}


@pytest.mark.parametrize("solver", HAS_PARTIAL_FIT)
def test_an_estimator_has_partial_fit_if_its_solver_trains_by_mini_batches(solver):
    wanted, classifier = both("ten classes", solver=solver)
    # scikit-learn's regressor has it always: there the check of the solver is never called.
    _, regressor = both("one number", solver=solver)
    for estimator in (wanted, classifier, regressor):
        assert hasattr(estimator, "partial_fit") == HAS_PARTIAL_FIT[solver]


def test_partial_fit_wants_to_know_all_classes_at_first_and_no_others_later():
    X, y = data_of("ten classes")
    for estimator in both("ten classes"):
        with pytest.raises(ValueError, match="classes must be passed on the first call"):
            estimator.partial_fit(X, y)
        estimator.partial_fit(X, y, classes=np.arange(10))
        with pytest.raises(ValueError, match="is not the same as on last call to partial_fit"):
            estimator.partial_fit(X, y, classes=np.arange(11))
        with pytest.raises(ValueError, match="`y` has classes not in"):
            estimator.partial_fit(X, y + 1)


def test_a_first_partial_fit_that_fails_leaves_no_classes_behind():
    X, _ = data_of("ten classes")
    _, got = both("ten classes")
    with pytest.raises(ValueError):
        got.partial_fit(X, None, classes=np.arange(10))
    assert_nothing_learnt(got)


def test_a_warm_start_with_other_classes_is_refused():
    X, y = data_of("ten classes")
    for estimator in both("ten classes", warm_start=True):
        estimator.fit(X, y)
        for other in (y % 9, y + 1):
            with pytest.raises(ValueError, match="warm_start can only be used where `y` has"):
                estimator.fit(X, other)


def test_a_warm_start_with_other_layers_is_refused():
    X, y = data_of("ten classes")
    _, got = both("ten classes", warm_start=True)
    got.fit(X, y)
    with pytest.raises(ValueError, match="hidden_layer_sizes must stay as they were"):
        got.set_params(hidden_layer_sizes=(4,)).fit(X, y)


# What is warned about ----------------------------------------------------------------------------


def test_a_mini_batch_larger_than_the_data_is_clipped_with_a_warning():
    X, y = data_of("ten classes")
    with pytest.warns(UserWarning, match="It is going to be clipped to 230"):
        both("ten classes", batch_size=1000)[1].fit(X, y)


CAUSES = {
    "too few epochs": (ConvergenceWarning, {}, (230,)),
    "large mini-batches": (UserWarning, {"batch_size": 1000, "tol": 100.0}, (230,)),
    "one column": (DataConversionWarning, {"tol": 100.0}, (230, 1)),
}


@pytest.mark.parametrize("module", ["sklearn", "sklearn.neural_network"])
@pytest.mark.parametrize("cause", CAUSES)
def test_a_filter_for_scikit_learns_module_silences_what_it_silences_there(cause, module):
    category, parameters, shape = CAUSES[cause]
    X, y = data_of("ten classes")
    for estimator in both("ten classes", n_iter_no_change=1, **parameters):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with pytest.raises(category):
                estimator.fit(X, y.reshape(shape))
            warnings.filterwarnings("ignore", category=category, module=module)
            estimator.fit(X, y.reshape(shape))


def test_a_warning_shows_where_it_was_raised():
    X, y = data_of("ten classes")
    with pytest.warns(ConvergenceWarning) as warned:
        both("ten classes", max_iter=2)[1].fit(X, y)
    assert [Path(warning.filename).name for warning in warned] == ["base.py"]
    assert "warn(" in linecache.getline(warned[0].filename, warned[0].lineno)
