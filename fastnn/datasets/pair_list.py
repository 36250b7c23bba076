"""What a list of pairs does, done to rows of arrays for as long as that is possible."""

from __future__ import annotations

import operator
import sys
from array import array
from collections.abc import Callable, Iterable, Iterator, MutableSequence
from typing import Any, SupportsIndex, TypeVar, overload

import numpy as np

from fastnn.datasets.given_pairs import GivenPairs

_Self = TypeVar("_Self", bound="PairList")

_AHEAD = 256  # rows whose pairs an iteration makes at once


class PairList(MutableSequence[tuple[Any, Any]]):
    """A list of pairs that has their arrays.

    It has two forms. As long as all its pairs are rows of its arrays, it keeps their numbers, and
    makes a pair when someone asks for it. The first pair that comes from elsewhere turns it into a
    plain list of pairs.

    Attributes
    ----------
    _given : GivenPairs or None
        The arrays, which slices and copies share; None if this is a plain list of pairs.
    _items : array of int64, or list
        The row of each example, or the pairs themselves. Both offer what a list does.
    """

    _given: GivenPairs | None
    _items: Any

    @classmethod
    def _with(cls: type[_Self], given: GivenPairs | None, items: Any) -> _Self:
        made = cls.__new__(cls)
        made._given, made._items = given, items
        return made

    def __len__(self) -> int:
        return len(self._items)

    @overload
    def __getitem__(self, index: SupportsIndex) -> tuple[Any, Any]: ...

    @overload
    def __getitem__(self: _Self, index: slice) -> _Self: ...

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return self._with(self._given, self._items[index])
        item = self._items[self._position(index)]
        return item if self._given is None else self._given.pair(item)

    def __setitem__(self, index: Any, value: Any) -> None:
        if isinstance(index, slice):
            entries = self._entries(value)
            places = range(*index.indices(len(self)))
            # An array deletes where a list refuses to put nothing in the place of something.
            if places.step != 1 and len(places) != len(entries):
                raise ValueError(
                    f"attempt to assign sequence of size {len(entries)} to extended slice of size "
                    f"{len(places)}"
                )
            self._items[index] = entries
        else:
            position = self._position(index)
            (entry,) = self._entries([value])
            self._items[position] = entry

    def __delitem__(self, index: Any) -> None:
        del self._items[index if isinstance(index, slice) else self._position(index)]

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        place = 0
        while place < len(self._items):  # as in a list, which may change under the iteration
            if self._given is not None and not self._given.has(self._items[place]):
                self._given.expect(self._items[place : place + _AHEAD])
            yield self[place]
            place += 1

    def __eq__(self, other: object) -> bool:
        """Say whether another Dataset, or a list of pairs, has the same examples in this order.

        Where a list raises an error, because it does not know when two arrays are the same, numbers
        and shapes are compared. As a list is, a Dataset is not hashable.
        """
        if not isinstance(other, (list, PairList)):
            return NotImplemented
        if len(self) != len(other):
            return False
        if isinstance(other, PairList) and self._given is not None and other._given is not None:
            if self._given is other._given and self._items == other._items:
                return True
            return self._given.has_same(self._items, other._given, other._items)
        return all(map(_are_same, self, other))

    def __contains__(self, pair: object) -> bool:
        return self.count(pair) > 0

    def __add__(self: _Self, other: Any) -> _Self:
        if not isinstance(other, (list, PairList)):
            return NotImplemented
        both = self.copy()
        both.extend(other)
        return both

    def __radd__(self, other: Any) -> list[tuple[Any, Any]]:
        # `examples += data` of a list comes here too, as with UserList, and makes a new list.
        if not isinstance(other, list):
            return NotImplemented
        return [*other, *self]

    def __mul__(self: _Self, times: SupportsIndex) -> _Self:
        return self._with(self._given, self._items * operator.index(times))

    __rmul__ = __mul__

    def __imul__(self: _Self, times: SupportsIndex) -> _Self:
        self._items *= operator.index(times)
        return self

    def __copy__(self: _Self) -> _Self:
        return self.copy()

    def copy(self: _Self) -> _Self:
        """Return another list of the same pairs."""
        return self._with(self._given, self._items[:])

    def insert(self, index: SupportsIndex, value: tuple[Any, Any]) -> None:
        """Insert a pair before `index`."""
        (entry,) = self._entries([value])
        self._items.insert(index, entry)

    def extend(self, values: Iterable[tuple[Any, Any]]) -> None:
        """Append all pairs of an iterable."""
        entries = self._entries(values)  # first, as it may change the form of the items
        self._items.extend(entries)

    def clear(self) -> None:
        """Remove all pairs."""
        del self._items[:]

    def reverse(self) -> None:
        """Put the pairs into the reverse order, in place."""
        self._items.reverse()

    def sort(
        self, *, key: Callable[[tuple[Any, Any]], Any] | None = None, reverse: bool = False
    ) -> None:
        """Sort the pairs in place, as `list.sort` does."""
        pairs = list(self)
        pairs.sort(key=key, reverse=reverse)
        self[:] = pairs

    def index(self, value: Any, start: int = 0, stop: int = sys.maxsize) -> int:
        """The first place of a pair.

        A pair of this list is recognised, where a list compares its arrays with those of the pairs
        before it.
        """
        places = range(*slice(start, stop).indices(len(self)))
        place = next((place for place in places if self._is_at(place, value)), None)
        if place is not None:
            return place
        if self._is_own(value):
            raise ValueError("the pair is not in list")
        return list(self).index(value, start, stop)

    def count(self, value: Any) -> int:
        """How often a pair is there."""
        here = sum(self._is_at(place, value) for place in range(len(self)))
        return here if here or self._is_own(value) else list(self).count(value)

    def _is_own(self, pair: Any) -> bool:
        return self._given is not None and self._given.row_of(pair) is not None

    def _is_at(self, place: int, pair: Any) -> bool:
        """Say whether this very pair is at a place, without making any."""
        item = self._items[place]
        return bool(item is pair if self._given is None else item == self._given.row_of(pair))

    def _position(self, index: SupportsIndex) -> int:
        position = operator.index(index)
        if not -len(self) <= position < len(self):
            raise IndexError(f"index {position} of a Dataset of {len(self)} examples")
        return position

    def _entries(self, pairs: Iterable[Any]) -> Any:
        """Pairs in the form in which this list keeps them.

        If one of them comes from elsewhere, this list becomes a plain list of pairs first.
        """
        if self._given is None:
            return list(pairs)
        if isinstance(pairs, PairList) and pairs._given is self._given:
            return pairs._items[:]
        taken = list(pairs)
        rows = [self._given.row_of(pair) for pair in taken]
        if None not in rows:
            return array("q", rows)
        self._items, self._given = list(self), None
        return taken


def _are_same(pair: object, other: object) -> bool:
    """Say whether two pairs are the same object, or have the same numbers."""
    if pair is other:
        return True
    if not (isinstance(pair, tuple) and isinstance(other, tuple) and len(pair) == len(other)):
        return False
    return all(a is b or np.array_equal(a, b) for a, b in zip(pair, other, strict=True))
