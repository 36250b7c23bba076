"""The mean of a few runs and its 95 % interval, by Student's t distribution."""

from __future__ import annotations

import functools
import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from fastnn.common.checks import describe, integer, numbers

__all__ = [
    "Interval",
    "chance_beyond",
    "mean_interval",
    "proportion_interval",
    "single_run_interval",
    "student_t",
]


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


def proportion_interval(values: npt.ArrayLike) -> Interval:
    """The mean of proportions, such as accuracies, and an interval that stays within 0 and 1.

    Parameters and errors are those of `mean_interval`; each value is from 0 to 1.

    Notes
    -----
    The t interval is taken on the scale of log(p / (1 - p)), where the deviation of the mean is its
    deviation over p (1 - p), and taken back (Agresti 2013, Categorical Data Analysis, 16.1.6 and
    problem 16.6: the delta method). Where all values agree, it is that value alone.
    """
    mean, _, high = mean_interval(values)
    proportions = np.asarray(values, np.float64)
    if proportions.min() < 0.0 or proportions.max() > 1.0:
        raise ValueError(f"values must be proportions from 0 to 1, got {describe(values)}")
    if not 0.0 < mean < 1.0 or not high > mean:
        return Interval(mean, *((math.nan, math.nan) if len(proportions) == 1 else (mean, mean)))
    middle, half = math.log(mean / (1 - mean)), (high - mean) / (mean * (1 - mean))
    return Interval(mean, _logistic(middle - half), _logistic(middle + half))


def _logistic(z: float) -> float:
    return 1 / (1 + math.exp(-z)) if z > -700.0 else 0.0


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
    return _quantile(integer("freedom", freedom, smallest=1))


@functools.lru_cache
def _quantile(freedom: int) -> float:
    """Return `student_t`; it is asked for many times of few numbers of runs."""
    low, high = 0.0, math.pi / 2
    while True:
        angle = (low + high) / 2
        if angle in (low, high):
            return math.tan(angle) * math.sqrt(freedom)
        if _share_within(angle, freedom) < 0.95:
            low = angle
        else:
            high = angle


def chance_beyond(t: float, freedom: int) -> float:
    """The probability that Student's t is further from zero than `t`: a two-sided p-value."""
    freedom = integer("freedom", freedom, smallest=1)
    angle = math.atan(abs(t) / math.sqrt(freedom))
    return min(max(1.0 - _share_within(angle, freedom), 0.0), 1.0)


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
