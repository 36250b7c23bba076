"""Which settings differ by more than chance: paired over seeds, corrected for their number."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

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


def differences(
    accuracies: Sequence[dict[int, float]],
) -> dict[tuple[int, int], Difference]:
    """Compare every two points of a grid.

    Parameters
    ----------
    accuracies : sequence of dict of int to float
        The final accuracy of each seed, for each point.

    Returns
    -------
    dict of (int, int) to Difference
        Of each two points with two seeds in common: how much better the first is.

    Notes
    -----
    Each two are compared by Student's t of the differences. Where these are all the same, the
    chance that all have one sign takes its place. The p-values are corrected as in Holm (1979), A
    simple sequentially rejective multiple test procedure, Scand. J. Statist. 6: which pairs to look
    at may be chosen afterwards.
    """
    seeds = sorted({seed for point in accuracies for seed in point})
    table = np.array([[point.get(seed, math.nan) for seed in seeds] for point in accuracies])
    found = {}
    for one in range(len(table) - 1):
        gains = table[one] - table[one + 1 :]  # of the points behind it; NaN where one has no seed
        number = np.count_nonzero(~np.isnan(gains), axis=1)
        others = np.flatnonzero(number > 1)
        means = np.nanmean(gains[others], axis=1)
        spreads = np.nanstd(gains[others], axis=1, ddof=1)
        for other, n, mean, spread in zip(
            (one + 1 + others).tolist(), number[others].tolist(), means.tolist(), spreads.tolist(),
            strict=True,
        ):  # fmt: skip
            half = student_t(n - 1) * spread / math.sqrt(n)
            accuracy = Interval(mean, mean - half, mean + half)
            found[one, other] = Difference(n, accuracy, _chance(n, mean, spread))
    corrected = _holm([difference.p for difference in found.values()])
    return {
        pair: difference._replace(p=p)
        for (pair, difference), p in zip(found.items(), corrected, strict=True)
    }


def _chance(seeds: int, mean: float, spread: float) -> float:
    if spread <= 1e-12:  # none, but for rounding
        return 1.0 if abs(mean) <= 1e-12 else 2.0 ** (1 - seeds)
    return chance_beyond(mean / spread * math.sqrt(seeds), seeds - 1)


def _holm(chances: list[float]) -> list[float]:
    """Correct p-values, the smallest for all comparisons, the next for one less, and so on."""
    corrected = [0.0] * len(chances)
    largest = 0.0
    for rank, place in enumerate(sorted(range(len(chances)), key=chances.__getitem__)):
        largest = max(largest, min(1.0, (len(chances) - rank) * chances[place]))
        corrected[place] = largest
    return corrected
