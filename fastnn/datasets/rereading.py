"""Data that give other examples when they are read again.

network2 takes pairs one by one to shuffle them, in slices to train, and in turn to measure, and
asks for the length in between; so a class of a user's own could give it others each time. Here each
pair is read once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np

_ACCESS = ("__getitem__", "__iter__", "__len__")
_MOST = 100  # pairs of a sample
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


def check_reread(name: str, data: Any, pairs: Sequence[Any], *, only_measured: bool) -> None:
    """Raise TypeError if data, or pairs read from them, are others when they are read again.

    A sample tells, as data that draw change nearly all pairs. What can be read only once is taken
    as it was.

    Parameters
    ----------
    name : str
        The argument's name, for errors.
    data : iterable of pairs
        What was given.
    pairs : sequence
        What its iterator gave.
    only_measured : bool
        Whether network2 needs no more of the data than their iterator and their length.
    """
    kind = type(data)
    if kind not in (list, tuple, np.ndarray) and not isinstance(data, (list, Iterator)):
        # network2 asks for the length; of data that have none, nothing is read here.
        for way, read in _samples(data, only_measured).items() if hasattr(data, "__len__") else ():
            try:
                given = read(data)
                if not given or not _are_others(given, read(pairs)):
                    continue
                draws = _are_others(read(data), given)
            except Exception:  # there is no such way: a class of somebody else's may raise anything
                continue
            what = "others when they are read again" if draws else "not those of its iterator"
            where = "" if draws or way != "items" else f": {name}[i] is not its i-th pair"
            raise TypeError(
                f"{name} is a {kind.__name__}, whose {way} are {what}{where}. {_LOST} a plain list"
            )
    own = {kind for kind in set(map(type, pairs)) if not _unpacks_what_it_holds(kind)}
    for pair in _sample([pair for pair in pairs if type(pair) in own]) if own else ():
        if _are_others([pair], [pair]):
            raise TypeError(
                f"{name}: a pair of the class {type(pair).__name__} gives other values when it is "
                f"read again. {_LOST} plain tuples"
            )


def _samples(data: Any, only_measured: bool) -> dict[str, Callable[[Any], list[Any]]]:
    """Return what reads some pairs, in each way that network2 might."""
    ways: dict[str, Callable[[Any], list[Any]]] = {}
    if only_measured or hasattr(data, "__iter__"):  # else the iterator gives the items
        ways["iterator's items"] = lambda data: list(islice(data, _MOST + 1))
    if not only_measured:
        ways |= {"items": _sample, "slices": _sample_in_slices}
    return ways


def _places(count: int) -> list[int]:
    """Return the first place, the last one and others evenly between, `_MOST` at most."""
    number = min(count, _MOST)
    return [step * (count - 1) // max(number - 1, 1) for step in range(number)]


def _sample(pairs: Any) -> list[Any]:
    return [pairs[place] for place in _places(len(pairs))]


def _sample_in_slices(pairs: Any) -> list[Any]:
    starts = _places(len(pairs))[::2]
    return [pair for start in starts for pair in pairs[start : start + 2]]


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
