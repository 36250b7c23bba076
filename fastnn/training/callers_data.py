"""A caller's own training or evaluation data, for what a user's functions are called with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from fastnn.datasets.dataset import Dataset, fitting_dataset, pairs_of, put_in_order

Order = npt.NDArray[np.integer[Any]]


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

    Raises
    ------
    TypeError, ValueError
        If they do not.
    """

    def __init__(self, name: str, given: Any, sizes: Sequence[int]) -> None:
        self._given = given
        self._pairs = pairs_of(name, given)
        self.dataset = fitting_dataset(name, self._pairs, sizes)

    def reorder(self, order: Order) -> None:
        """Put the caller's own data in this order of rows, if they can be changed."""
        put_in_order(self._given, self._pairs, order)

    def in_order(self, order: Order) -> Sequence[tuple[Any, Any]]:
        """Put the data in this order, and return them: themselves, or a list of their pairs."""
        self.reorder(order)
        self.dataset.reorder(order)
        if isinstance(self._pairs, Dataset):
            return self._pairs
        return self._given if isinstance(self._given, list) else [self._pairs[i] for i in order]

    def as_given(self) -> Sequence[tuple[Any, Any]]:
        """Return the data in the order they came in: themselves, or a list of their pairs."""
        return self._given if isinstance(self._given, list) else self._pairs

    def shuffled_by(self, shuffle: Callable[[Any], Any], order: Order) -> Order:
        """Let `shuffle` reorder the data, which are in `order` now; return their new order.

        Raises
        ------
        ValueError
            If `shuffle` adds, drops or replaces an example.
        """
        pairs = self.in_order(order)
        shuffle(pairs)
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
