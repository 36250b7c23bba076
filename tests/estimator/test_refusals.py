"""What the estimators refuse, and what they warn of."""

from __future__ import annotations

import linecache
import warnings
from pathlib import Path

import numpy as np
import pytest
from estimator_builders import both, data_of
from sklearn.exceptions import ConvergenceWarning, DataConversionWarning

from fastnn import estimator as mine

# Few epochs do not converge, and need not.
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


# What is refused ------------------------------------------------------------------------------

WRONG = [
    ({"solver": "lbfgs"}, ValueError, "use solver='adam' or 'sgd'"),
    ({"solver": "newton"}, ValueError, "solver must be one of 'sgd', 'adam'"),
    ({"activation": "sigmoid"}, ValueError, "activation must be one of 'identity', 'logistic'"),
    ({"hidden_layer_sizes": (3, 0)}, ValueError, r"hidden_layer_sizes\[1\] must be an integer"),
    ({"hidden_layer_sizes": 2.5}, TypeError, r"hidden_layer_sizes\[0\] must be an integer"),
    ({"alpha": -1.0}, ValueError, "alpha must be at least 0"),
    ({"batch_size": 0}, ValueError, "batch_size must be an integer of at least 1"),
    ({"batch_size": "all"}, ValueError, "batch_size must be one of 'auto'"),
    ({"learning_rate": "halving"}, ValueError, "learning_rate must be one of 'constant'"),
    ({"learning_rate_init": 0.0}, ValueError, "learning_rate_init must be above 0"),
    ({"power_t": "high"}, TypeError, "power_t must be a finite number"),
    ({"max_iter": 0}, ValueError, "max_iter must be an integer of at least 1"),
    ({"shuffle": 1}, TypeError, "shuffle must be True or False"),
    ({"tol": -1e-4}, ValueError, "tol must be at least 0"),
    ({"warm_start": "yes"}, TypeError, "warm_start must be True or False"),
    ({"momentum": 1.1}, ValueError, "momentum must lie between 0 and 1"),
    ({"nesterovs_momentum": None}, TypeError, "nesterovs_momentum must be True or False"),
    ({"early_stopping": 3}, TypeError, "early_stopping must be True or False"),
    ({"validation_fraction": 1.0}, ValueError, "validation_fraction must be at least 0 and below"),
    ({"beta_1": 1.0}, ValueError, "beta_1 must be at least 0 and below 1"),
    ({"beta_2": -0.1}, ValueError, "beta_2 must be at least 0 and below 1"),
    ({"epsilon": 0.0}, ValueError, "epsilon must be above 0"),
    ({"n_iter_no_change": 0}, ValueError, "n_iter_no_change must be an integer of at least 1"),
]


@pytest.mark.parametrize("task", ["ten classes", "one number"])
@pytest.mark.parametrize(("parameters", "error", "message"), WRONG, ids=[str(w[0]) for w in WRONG])
def test_a_wrong_parameter_is_named_and_nothing_is_learnt(parameters, error, message, task):
    _, got = both(task, **parameters)
    with pytest.raises(error, match=message):
        got.fit(*data_of(task))
    assert not [name for name in vars(got) if name.endswith("_")]


def test_a_loss_that_fastnn_has_not_got_is_refused():
    with pytest.raises(ValueError, match="for 'poisson' use scikit-learn's own"):
        mine.MLPRegressor(loss="poisson").fit(*data_of("one number"))


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
