"""A test by differences of the slope that a user's own activation claims to have."""

from __future__ import annotations

import random
import warnings
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from fastnn.common.checks import describe

# Between -4 and 4; no whole or half number is among them, where an activation may have a corner.
_POINTS = np.arange(-4.0, 4.0, 0.2) + 0.0137
_STEP = 1e-3  # wide enough for functions that compute in float32
_TOLERANCE = 1e-3
_TOLERATED = 0.2  # of the points: some may lie on corners

# The functions of activations that have been tested.
_tested: WeakKeyDictionary[Any, tuple[Any, Any]] = WeakKeyDictionary()


def warn_of_wrong_slope(activation: Any) -> None:
    """Compare prime(z) with (fn(z + h) - fn(z - h)) / 2h at some points, once.

    Parameters
    ----------
    activation : class or object
        With functions ``fn(z)`` and ``prime(z)`` on one number.

    Warns
    -----
    RuntimeWarning
        If they differ at more than a fifth of the points. Functions that raise an error, or draw
        numbers, are left to those who call them.
    """
    try:
        if _tested.get(activation) == (activation.fn, activation.prime):
            return
        _tested[activation] = activation.fn, activation.prime
    except TypeError:  # it cannot be a key: test it every time
        pass
    states = random.getstate(), np.random.get_state()  # the functions may draw numbers
    try:
        with np.errstate(all="ignore"):
            claimed = np.array([float(activation.prime(z)) for z in _POINTS])
            above, again, below = (
                np.array([float(activation.fn(z + step)) for z in _POINTS])
                for step in (_STEP, _STEP, -_STEP)
            )
            if not np.array_equal(above, again, equal_nan=True):
                return  # it draws numbers, or counts its calls: differences tell nothing
            measured = (above - below) / (2 * _STEP)
            wrong = np.abs(claimed - measured) > _TOLERANCE * (1.0 + np.abs(measured))
    except Exception:
        return
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])
    if np.mean(wrong) > _TOLERATED:
        z = int(np.argmax(wrong))
        warnings.warn(
            f"prime of the activation {describe(activation)} is not the slope of its fn: at "
            f"z = {_POINTS[z]:.4f} it gives {claimed[z]:.6g}, and fn has {measured[z]:.6g}",
            RuntimeWarning,
            stacklevel=3,
        )
