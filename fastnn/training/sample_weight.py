"""The weights of training examples, from the caller's list to one for each stored example."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from fastnn.common.checks import numbers
from fastnn.datasets.dataset import Dataset
from fastnn.kernels.arguments import NO_WEIGHTS

_NAME = "sample_weight"


def checked_weights(weights: npt.ArrayLike, n: int) -> npt.NDArray[np.float64]:
    """Return a copy of the weights of n examples, in float64.

    Raises
    ------
    TypeError, ValueError
        If they are not n finite numbers of at least 0, or all are 0.
    """
    array = numbers(_NAME, weights, f"({n},)")
    if array.shape != (n,):
        raise ValueError(
            f"{_NAME} must have one number for each of {n} training examples, shape ({n},), "
            f"got shape {array.shape}"
        )
    with np.errstate(over="ignore"):
        checked = array.astype(np.float64)
    wrong = ~(np.isfinite(checked) & (checked >= 0.0))
    if wrong.any():
        place = int(np.argmax(wrong))
        raise ValueError(
            f"{_NAME} must be finite and at least 0, got {checked[place]} at place {place}"
        )
    if not checked.any():
        raise ValueError(f"{_NAME} must be above 0 for some example, got 0 for all {n}")
    return checked


def weights_of_stored(
    weights: npt.NDArray[np.float64] | None, data: Dataset
) -> npt.NDArray[np.float64]:
    """Return a weight for every example that a data set stores, as kernels take them.

    Parameters
    ----------
    weights : ndarray, shape (n,), or None
        Those of the examples in the present order of `data`, from `checked_weights`.
    data : Dataset

    Raises
    ------
    ValueError
        If the data set has a stored example at several places, with several weights.
    """
    if weights is None:
        return NO_WEIGHTS
    stored = np.ones(len(data.store.targets))
    stored[data.order] = weights
    differ = stored[data.order] != weights
    if differ.any():
        place = int(np.argmax(differ))
        raise ValueError(
            f"{_NAME} must be the same wherever a Dataset repeats an example, got two numbers for "
            f"the one at place {place}; a list of pairs may have them"
        )
    return stored
