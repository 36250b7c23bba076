"""Hold out a part of the examples, drawn at random."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastnn.common.checks import integer, real

Rows = NDArray[np.integer[Any]]


def split_rows(
    n: int, fraction: float, seed: int | None, labels: NDArray[Any] | None = None
) -> tuple[Rows, Rows]:
    """Draw rows to train on and rows to hold out.

    Parameters
    ----------
    n : int
        How many there are.
    fraction : float
        The share to hold out, between 0 and 1; at least one row stays on either side.
    seed : int, optional
        The same seed draws the same rows. NumPy's global generator is not used.
    labels : ndarray, shape (n,), optional
        Each class then has its share of both parts, as nearly as whole numbers allow; a class of
        one row is trained on.

    Raises
    ------
    TypeError, ValueError
        If `fraction` or `seed` is not as above, or there are fewer than two rows.
    """
    fraction = real("fraction", fraction)
    if not 0 < fraction < 1:
        raise ValueError(f"fraction must lie between 0 and 1, got {fraction}")
    if seed is not None:
        seed = integer("seed", seed, smallest=0)
    if n < 2:
        raise ValueError(f"examples must be at least two to hold some out, got {n}")
    wanted = min(max(round(fraction * n), 1), n - 1)
    # Short places: for many rows there are several such arrays.
    short: Any = np.int32 if n < 1 << 31 else np.int64
    order: Rows = np.random.default_rng(seed).permutation(n).astype(short)
    if labels is None:
        return _two(order, np.arange(n) < wanted)
    _, places = np.unique(labels, return_inverse=True)
    places = places.astype(short)
    counts = np.bincount(places)
    held = _shares(counts, wanted)
    # The place of each row of the order among those of its class.
    by_class = np.argsort(places[order], kind="stable")
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(short)
    rank = np.empty(n, short)
    rank[by_class] = np.arange(n, dtype=short) - np.repeat(starts, counts)
    del by_class
    out = rank < held.astype(short)[places[order]]
    return _two(order, out)


def _two(order: Rows, out: NDArray[np.bool_]) -> tuple[Rows, Rows]:
    """Part an order in those that stay and those that are out."""
    training: Rows = np.compress(~out, order)
    held_out: Rows = np.compress(out, order)
    return training, held_out


def _shares(counts: NDArray[np.int64], wanted: int) -> NDArray[np.int64]:
    """Return how many rows of each class to hold out: `wanted` in all, if that is possible."""
    exact = counts * (wanted / counts.sum())
    most = np.maximum(counts - 1, 0)
    shares: NDArray[np.int64] = np.minimum(np.floor(exact).astype(np.int64), most)
    for place in np.argsort(shares - exact, kind="stable").tolist():
        if shares.sum() >= wanted:
            break
        shares[place] += shares[place] < most[place]
    if not shares.any():  # as many classes as rows
        shares[int(np.argmax(counts))] = 1
    return shares
