"""The sigmoid and its slope, for arrays and for costs that a user writes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba.extending import overload

HIDDEN = ("sigmoid",)
"""The names that a hidden layer may have."""

OUTPUT = ("sigmoid",)
"""The names that the output layer may have."""


def sigmoid(z: Any) -> Any:
    """The sigmoid 1 / (1 + exp(-z)) (the book's eq. 3).

    Parameters
    ----------
    z : float or ndarray of any shape
        Weighted inputs.

    Returns
    -------
    float or ndarray
        Values between 0 and 1, shaped like `z`.
    """
    return 1.0 / (1.0 + np.exp(-z))


def sigmoid_prime(z: Any) -> Any:
    """The slope of the sigmoid, sigmoid(z) (1 - sigmoid(z)); at most 1/4, at z = 0.

    Parameters
    ----------
    z : float or ndarray of any shape
        Weighted inputs.

    Returns
    -------
    float or ndarray
        Shaped like `z`.
    """
    a = sigmoid(z)
    return a * (1.0 - a)


# A cost written by a user may call either; these let Numba compile it all the same.


@overload(sigmoid)
def _sigmoid_overload(z: Any) -> Any:
    def compiled(z: Any) -> Any:
        return 1.0 / (1.0 + np.exp(-z))

    return compiled


@overload(sigmoid_prime)
def _sigmoid_prime_overload(z: Any) -> Any:
    def compiled(z: Any) -> Any:
        a = sigmoid(z)
        return a * (1.0 - a)

    return compiled
