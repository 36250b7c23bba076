"""Data that give other examples when they are read again.

network2 takes pairs one by one to shuffle them, in slices to train, and in turn to measure, and
asks for the length in between; so a class of a user's own could give it others each time. Here each
pair is read once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

_ACCESS = ("__getitem__", "__iter__", "__len__")
_LOST = "Each pair is read once, so what the class makes of it would be lost: give"


def check_held(name: str, data: Any, base: type[Any]) -> None:
    """Raise TypeError if a class derived from `base` makes something else of the pairs it holds."""
    kind = type(data)
    if kind is base or all(getattr(kind, way) is getattr(base, way) for way in _ACCESS):
        return
    held = [base.__getitem__(data, place) for place in range(base.__len__(data))]
    for way, read in _ways(data).items():
        given = read()
        if len(given) != len(held) or any(a is not b for a, b in zip(given, held, strict=True)):
            raise TypeError(
                f"{name} is a {kind.__name__}, whose {way} are not the pairs that it holds. "
                f"{_LOST} a plain list"
            )


def check_reread(name: str, data: Any, pairs: Sequence[Any]) -> None:
    """Raise TypeError if data, or one of the pairs read from them, are others when read again.

    Of data that network2 cannot read twice, as it asks for their length, nothing is read here.
    """
    kind = type(data)
    if kind not in (list, tuple, np.ndarray) and not isinstance(data, (list, Iterator)):
        for way, read in _ways(data).items() if hasattr(data, "__len__") else ():
            try:
                given = read()
            except Exception:  # there is no such way: a class of somebody else's may raise anything
                continue
            if _are_others(given, pairs):
                raise TypeError(
                    f"{name} is a {kind.__name__}, whose {way} are others when they are read again."
                    f" {_LOST} a plain list"
                )
    own = {kind for kind in set(map(type, pairs)) if not _unpacks_what_it_holds(kind)}
    for pair in pairs if own else ():
        if type(pair) in own and _are_others([pair], [pair]):
            raise TypeError(
                f"{name}: a pair of the class {type(pair).__name__} gives other values when it is "
                f"read again. {_LOST} plain tuples"
            )


def _ways(data: Any) -> dict[str, Callable[[], list[Any]]]:
    return {
        "items": lambda: [data[place] for place in range(len(data))],
        "slices": lambda: [pair for at in range(0, len(data), 2) for pair in data[at : at + 2]],
        "iterator's items": lambda: list(data),
    }


def _unpacks_what_it_holds(kind: type[Any]) -> bool:
    return getattr(kind, "__iter__", None) in (tuple.__iter__, list.__iter__)


def _are_others(given: Sequence[Any], pairs: Sequence[Any]) -> bool:
    """Say whether two readings of pairs differ in their number or, with the same shapes, in values.

    What has other shapes is no reading of the pairs: of some data sets a slice is two large arrays.
    """
    differ = len(given) != len(pairs)
    for pair, other in zip(given, pairs, strict=False):
        if pair is other and _unpacks_what_it_holds(type(pair)):
            continue
        try:
            both = [tuple(map(np.asarray, tuple(each))) for each in (pair, other)]
        except (TypeError, ValueError):  # no pairs of numbers, which is said elsewhere
            return False
        if any(array.dtype.kind not in "fiub" for arrays in both for array in arrays):
            return False
        first, second = ([array.shape for array in arrays] for arrays in both)
        if first != second:
            return False
        differ = differ or any(a.tobytes() != b.tobytes() for a, b in zip(*both, strict=True))
    return differ
