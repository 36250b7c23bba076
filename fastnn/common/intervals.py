"""The mean of a few runs and its 95 % interval, by Student's t distribution."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from fastnn.common.checks import integer, numbers

__all__ = ["Interval", "mean_interval", "single_run_interval", "student_t"]


class Interval(NamedTuple):
    """A mean and the ends of a 95 % interval."""

    mean: float
    low: float
    high: float


def mean_interval(values: npt.ArrayLike) -> Interval:
    """The mean of independent runs, and the interval that holds the true one 95 times in 100.

    Parameters
    ----------
    values : array_like, shape (runs,)
        One finite number for each run, for example for each seed.

    Returns
    -------
    Interval
        ``mean``, ``low`` and ``high``. The ends are NaN after a single run, which shows no spread.

    Raises
    ------
    TypeError, ValueError
        If `values` is empty, or not finite numbers of shape (runs,).
    """
    return _interval(values, own_spread=0.0)


def single_run_interval(values: npt.ArrayLike) -> Interval:
    """The prediction interval: one more run lies within it 95 times in 100.

    Use it to compare your runs with a single run of somebody else. It assumes that runs are
    normally distributed. Parameters, errors and the result are those of `mean_interval`.
    """
    return _interval(values, own_spread=1.0)


def _interval(values: npt.ArrayLike, own_spread: float) -> Interval:
    """The mean plus and minus t deviations; `own_spread` is 1 if one more run adds its own."""
    runs = numbers("values", values, "(runs,)").astype(np.float64)
    if runs.ndim != 1 or not runs.size or not np.isfinite(runs).all():
        raise ValueError(
            f"values must be at least one finite number, of shape (runs,), got shape {runs.shape}"
        )
    mean = float(runs.mean())
    if runs.size == 1:
        return Interval(mean, math.nan, math.nan)
    deviation = float(runs.std(ddof=1)) * math.sqrt(own_spread + 1 / runs.size)
    half = student_t(runs.size - 1) * deviation
    return Interval(mean, mean - half, mean + half)


def student_t(freedom: int) -> float:
    """The two-sided 95 % quantile of Student's t distribution.

    Parameters
    ----------
    freedom : int
        Degrees of freedom, at least 1: runs less one.

    Raises
    ------
    TypeError, ValueError
        If `freedom` is not a positive integer.

    Notes
    -----
    For whole degrees of freedom the share within t is a finite sum (Abramowitz and Stegun 1964,
    26.7.3 and 26.7.4). Bisection inverts it.
    """
    freedom = integer("freedom", freedom, smallest=1)
    low, high = 0.0, math.pi / 2
    while True:
        angle = (low + high) / 2
        if angle in (low, high):
            return math.tan(angle) * math.sqrt(freedom)
        if _share_within(angle, freedom) < 0.95:
            low = angle
        else:
            high = angle


def _share_within(angle: float, freedom: int) -> float:
    """The share of Student's distribution within t = tan(angle) sqrt(freedom)."""
    cosine = math.cos(angle)
    odd = freedom % 2
    total, term = 0.0, cosine if odd else 1.0
    for power in range(1 + odd, freedom, 2):
        total += term
        term *= cosine**2 * power / (power + 1)
    total *= math.sin(angle)
    return (angle + total) * 2 / math.pi if odd else total
