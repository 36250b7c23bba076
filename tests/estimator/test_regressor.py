"""The regressor's numbers are scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from estimator_pairs import assert_nothing_learnt, assert_same_fits, data_of
from sklearn.utils._param_validation import InvalidParameterError

from fastnn import estimator as mine

# These tests train for a few epochs only and need no convergence.
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.mark.parametrize("task", ["one number", "three numbers"])
def test_numbers_are_those_of_scikit_learn(task):
    wanted, got = assert_same_fits(task)
    X, _ = data_of(task)
    assert got.predict(X).shape == wanted.predict(X).shape
    np.testing.assert_allclose(got.predict(X), wanted.predict(X), rtol=1e-6, atol=1e-6)


def test_a_loss_that_fastnn_lacks_is_refused():
    X, y = data_of("one number")
    for method in ("fit", "partial_fit"):
        regressor = mine.MLPRegressor(loss="poisson")
        with pytest.raises(ValueError, match="use loss='squared_error', or scikit-learn's own"):
            getattr(regressor, method)(X, y)
        assert_nothing_learnt(regressor)
    with pytest.raises(InvalidParameterError, match="The 'loss' parameter of MLPRegressor"):
        mine.MLPRegressor(loss="absolute").fit(X, y)
