"""Lists of pairs from data of any kind."""

from __future__ import annotations

from collections.abc import Iterable, MutableSequence, Sequence
from typing import Any, cast

import numpy as np

Pair = tuple[Any, Any]


def sized(data: Iterable[Pair]) -> Sequence[Pair]:
    """Return `data` itself if it has a length, or else a list of its items."""
    return cast(Sequence[Pair], data) if hasattr(data, "__len__") else list(data)


def shuffleable(data: Iterable[Pair]) -> MutableSequence[Pair]:
    """Return `data` itself if its items can be swapped in place, or else a list of them."""
    # Rows of a 2-D array are views, so swapping two of them would overwrite one.
    if isinstance(data, np.ndarray) and data.ndim > 1:
        return list(data)
    in_place = all(hasattr(data, name) for name in ("__len__", "__getitem__", "__setitem__"))
    return cast(MutableSequence[Pair], data) if in_place else list(data)


def taken(data: Sequence[Pair], places: range) -> Sequence[Pair]:
    """Return the items at successive places; a list gives them by a slice, as in network2."""
    if isinstance(data, list):
        return data[places.start : places.stop]
    return [data[i] for i in places]


def shuffled_together(
    data: Sequence[Pair], factors: Sequence[float], generator: Any
) -> tuple[list[Pair], list[float]]:
    """Return copies of both in the order that `generator.shuffle` would give the data."""
    places = list(range(len(data)))
    generator.shuffle(places)
    return [data[i] for i in places], [factors[i] for i in places]
