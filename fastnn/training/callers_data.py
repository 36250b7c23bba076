"""A caller's own training or evaluation data, for what a user's functions are called with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import is_
from typing import Any

import numpy as np
import numpy.typing as npt

from fastnn.datasets.dataset import Dataset, check_some, pairs_of, put_in_order
from fastnn.datasets.fitting import ALL, NOTHING, Needs, fitting_dataset, fitting_parts
from fastnn.datasets.rereading import check_reread
from fastnn.datasets.store import Store

Order = npt.NDArray[np.integer[Any]]


class _Seen:
    """What a list held when it was last reordered here; shared by all who know the list."""

    last: Sequence[Any] = ()


class CallersData:
    """Data as a caller gave them, besides the `Dataset` that is made of them.

    Parameters
    ----------
    name : str
        The argument's name, for errors.
    given : Dataset or iterable of (x, y)
        The data.
    sizes : sequence of int
        Of the network that they have to fit.
    only_measured : bool, optional
        Whether the network is not trained on them.
    needs : Needs, optional
        What methods of fastnn's take of them. The rest need not fit, as it is for a user's own.

    Attributes
    ----------
    dataset : Dataset
        What is made of them; all of it if they fit, else only what is needed.
    fit : bool
        Whether they do.

    Raises
    ------
    TypeError, ValueError
        If they do not.
    """

    def __init__(
        self,
        name: str,
        given: Any,
        sizes: Sequence[int],
        *,
        only_measured: bool = False,
        needs: Needs = ALL,
    ) -> None:
        self._name, self._given, self._sizes = name, given, sizes
        self._pairs: Any
        if only_measured and needs == NOTHING and hasattr(given, "__len__"):
            self._pairs = [None] * len(given)  # what it holds, and how, is its user's alone
        else:
            self._pairs = pairs_of(name, given)
            check_some(name, self._pairs, given)
            if isinstance(self._pairs, list):
                check_reread(name, given, self._pairs, only_measured=only_measured)
        self.dataset, self.fit = fitting_parts(name, self._pairs, sizes, needs)
        self._seen = _Seen()
        self._note()

    def share_list(self, other: CallersData) -> None:
        """Know of what `other` does to a list, if both were given the same one."""
        if self._given is other._given:
            self._seen = other._seen

    def is_list_of(self, other: CallersData) -> bool:
        """Say whether `other` was given the same list, so that both are in one order."""
        return isinstance(self._given, list) and self._given is other._given

    def read_again(self) -> bool:
        """Take over what has been written into the examples; say whether anything has.

        Raises
        ------
        TypeError, ValueError
            If it cannot be trained on.
        """
        if not self.fit:
            return False  # what is needed of them is read whenever a method takes them
        before = self.dataset
        now = fitting_dataset(self._name, self._pairs, self._sizes)
        if _hold_the_same(now.store, before.store):
            return False
        now.reorder(before.order)
        self.dataset = now
        return True

    def reorder(self, order: Order) -> None:
        """Put the caller's own data in this order of rows, if they can be changed."""
        put_in_order(self._given, self._pairs, order)
        self._note()

    def in_order(self, order: Order) -> Sequence[tuple[Any, Any]]:
        """Put the data in this order, and return them: themselves, or a list of their pairs."""
        self.reorder(order)
        self.dataset.reorder(order)
        if isinstance(self._pairs, Dataset):
            return self._pairs
        return self._given if isinstance(self._given, list) else [self._pairs[i] for i in order]

    def is_changed(self) -> bool:
        """Say whether somebody else has put other examples into a list, or in another order."""
        present, left = self._present(), self._seen.last
        return len(present) != len(left) or not all(map(is_, present, left))

    def check_unchanged(self) -> None:
        """Raise ValueError if `is_changed`: the next order would put back what was there before."""
        if self.is_changed():
            raise ValueError(
                f"{self._name} cannot get, lose, exchange or reorder examples while a network is "
                "trained, as by a callback, a schedule or a cost: change them between two calls of "
                "SGD"
            )

    def _note(self) -> None:
        self._seen.last = self._present()

    def _present(self) -> Sequence[Any]:
        """Return the present entries of a list, to compare them later; nothing for other data."""
        return list(self._given) if isinstance(self._given, list) else ()

    def as_given(self) -> Sequence[tuple[Any, Any]]:
        """Return the data as they came: themselves, or a list if they have no length."""
        given: Sequence[tuple[Any, Any]] = self._given
        return given if hasattr(given, "__len__") else list(self._pairs)

    def shuffled_by(self, shuffle: Callable[[Any], Any], order: Order) -> Order:
        """Let `shuffle` reorder the data, which are in `order` now; return their new order.

        Raises
        ------
        ValueError
            If `shuffle` adds, drops or replaces an example.
        """
        pairs = self.in_order(order)
        try:
            shuffle(pairs)
        finally:
            self._note()
        if isinstance(pairs, Dataset):
            shuffled = pairs.order.copy()
        else:
            places: dict[int, list[int]] = {}
            for row in order.tolist():
                places.setdefault(id(self._pairs[row]), []).append(row)
            shuffled = np.array([(places.get(id(pair)) or [-1]).pop() for pair in pairs], np.int64)
        if not np.array_equal(np.sort(shuffled), np.sort(order)):
            raise ValueError(
                "random.shuffle has been replaced by a function that does not only put the "
                "training data in another order: SGD needs every example once"
            )
        return shuffled


def _hold_the_same(store: Store, other: Store) -> bool:
    """Say whether two stores, which were made of the same pairs, have the same numbers."""
    if store is other:
        return True
    return np.array_equal(store.inputs, other.inputs) and np.array_equal(
        store.targets, other.targets
    )
