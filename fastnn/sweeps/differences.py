"""Which settings differ by more than chance: paired over seeds, corrected for their number."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np

from fastnn.common.intervals import Interval, chance_beyond, mean_interval

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
    found = {}
    for one, other in combinations(range(len(accuracies)), 2):
        seeds = accuracies[one].keys() & accuracies[other].keys()
        if len(seeds) > 1:
            gains = np.array([accuracies[one][seed] - accuracies[other][seed] for seed in seeds])
            found[one, other] = Difference(len(gains), mean_interval(gains), _chance(gains))
    corrected = _holm([difference.p for difference in found.values()])
    return {
        pair: difference._replace(p=p)
        for (pair, difference), p in zip(found.items(), corrected, strict=True)
    }


def _chance(gains: np.ndarray) -> float:
    spread = float(gains.std(ddof=1))
    if spread <= 1e-12:  # none, but for rounding
        return 1.0 if abs(gains[0]) <= 1e-12 else 2.0 ** (1 - len(gains))
    return chance_beyond(float(gains.mean()) / spread * math.sqrt(len(gains)), len(gains) - 1)


def _holm(chances: list[float]) -> list[float]:
    """Correct p-values, the smallest for all comparisons, the next for one less, and so on."""
    corrected = [0.0] * len(chances)
    largest = 0.0
    for rank, place in enumerate(sorted(range(len(chances)), key=chances.__getitem__)):
        largest = max(largest, min(1.0, (len(chances) - rank) * chances[place]))
        corrected[place] = largest
    return corrected
