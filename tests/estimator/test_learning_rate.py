"""The learning rate changes from epoch to epoch as scikit-learn's does."""

from __future__ import annotations

import pytest
from estimator_pairs import assert_same_learning, both, data_of

# These tests train for a few epochs only and need no convergence.
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.mark.parametrize("learning_rate", ["constant", "invscaling", "adaptive"])
@pytest.mark.parametrize("early_stopping", [False, True])
def test_the_learning_rate_falls_as_in_scikit_learn(learning_rate, early_stopping, capsys):
    parameters = {
        **{"solver": "sgd", "learning_rate": learning_rate, "learning_rate_init": 0.2},
        **{"n_iter_no_change": 2, "tol": 0.02, "max_iter": 60, "verbose": True},
    }
    X, y = data_of("ten classes")
    wanted, got = both("ten classes", early_stopping=early_stopping, **parameters)
    wanted.fit(X, y)
    printed = capsys.readouterr().out
    got.fit(X, y)
    assert_same_learning(wanted, got)
    assert wanted.n_iter_ < 60 or learning_rate == "adaptive"
    assert capsys.readouterr().out == printed
