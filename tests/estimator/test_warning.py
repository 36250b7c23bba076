"""Warnings can be silenced as scikit-learn's can."""

from __future__ import annotations

import linecache
import warnings
from pathlib import Path

import pytest
from estimator_pairs import both, data_of
from sklearn.exceptions import ConvergenceWarning, DataConversionWarning

# These tests train for a few epochs only and need no convergence.
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


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
    assert [Path(warning.filename).name for warning in warned] == ["epochs.py"]
    assert "warn(" in linecache.getline(warned[0].filename, warned[0].lineno)
