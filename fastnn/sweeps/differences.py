"""Which settings differ by more than chance: paired over seeds, corrected for their number."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from fastnn.common.intervals import Interval, chance_beyond, student_t

LEVEL = 0.05
"""How often at most, among sweeps whose settings are all alike, any difference is called more than
chance."""


class Difference(NamedTuple):
    """How much better the networks of one point of a grid are than those of another.

    Attributes
    ----------
    seeds : int
        How many seeds both have.
    accuracy : Interval
        The mean of the differences in final accuracy of the same seeds, with the 95 % interval of
        this difference alone.
    p : float
        How likely a difference as large is by chance, corrected for the number of comparisons.
    """

    seeds: int
    accuracy: Interval
    p: float

    @property
    def is_chance(self) -> bool:
        """Whether the difference may well be chance: `p` is not below 0.05."""
        return not self.p < LEVEL


def differences(accuracies: Sequence[dict[int, float]], best: int) -> dict[int, Difference]:
    """Compare one point of a grid with all others.

    Parameters
    ----------
    accuracies : sequence of dict of int to float
        The final accuracy of each seed, for each point.
    best : int
        The place of the one to compare with.

    Returns
    -------
    dict of int to Difference
        By their places, of the others that have two seeds in common with it: how much better they
        are.

    Notes
    -----
    Each two are compared by Student's t of the differences. Where these are all the same, the
    chance that all have one sign takes its place. The p-values are corrected for all pairs of
    points, as in Holm (1979), A simple sequentially rejective multiple test procedure, Scand. J.
    Statist. 6: which pairs to look at may be chosen afterwards.
    """
    seeds = sorted({seed for point in accuracies for seed in point})
    table = np.array([[point.get(seed, math.nan) for seed in seeds] for point in accuracies])
    chances, found, before = [], {}, 0
    for one in range(len(table) - 1):
        others, number, means, spreads = _gains(table[one + 1 :] - table[one])
        others += one + 1
        pairs = list(zip(number.tolist(), means.tolist(), spreads.tolist(), strict=True))
        for place, other in enumerate(others.tolist()):
            if best in (one, other):
                sign = 1.0 if one == best else -1.0
                found[other if one == best else one] = sign, pairs[place], before + place
        chances.append(np.array([_chance(*pair) for pair in pairs]))
        before += len(pairs)
    if not found:
        return {}
    corrected = _holm(np.concatenate(chances)).tolist()
    return {
        place: _difference(*figures, sign, corrected[pair])
        for place, (sign, figures, pair) in found.items()
    }


def _gains(
    gains: npt.NDArray[np.float64],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[Any], npt.NDArray[Any]]:
    """Return which rows have two numbers at least, how many, their means and standard deviations.

    There is NaN where a seed is missing.
    """
    number = np.count_nonzero(~np.isnan(gains), axis=1)
    rows = np.flatnonzero(number > 1)
    there = gains[rows]
    return rows, number[rows], np.nanmean(there, axis=1), np.nanstd(there, axis=1, ddof=1)


def _difference(seeds: int, mean: float, spread: float, sign: float, p: float) -> Difference:
    mean = 0.0 + sign * mean  # 0.0 + makes 0.0 of -0.0
    half = student_t(seeds - 1) * spread / math.sqrt(seeds)
    return Difference(seeds, Interval(mean, mean - half, mean + half), p)


def _chance(seeds: int, mean: float, spread: float) -> float:
    if spread <= 1e-12:  # none, but for rounding
        return 1.0 if abs(mean) <= 1e-12 else 2.0 ** (1 - seeds)
    return chance_beyond(mean / spread * math.sqrt(seeds), seeds - 1)


def _holm(chances: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Correct p-values, the smallest for all comparisons, the next for one less, and so on."""
    order = np.argsort(chances, kind="stable")
    times = np.arange(len(chances), 0, -1)
    corrected = np.empty(len(chances))
    corrected[order] = np.maximum.accumulate(np.minimum(1.0, times * chances[order]))
    return corrected
