"""The examples of a call of `SGD` that is like the one before, for kernels to take.

Each class says by `take` whether it can tell that a new data set would give kernels the same.
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from operator import attrgetter, is_
from typing import Any

import numpy as np

from fastnn.datasets.dataset import Dataset, put_rows, rows_if_of
from fastnn.datasets.given_pairs import Example
from fastnn.datasets.store import Store
from fastnn.engine.inputs import SPARSE_BELOW
from fastnn.kernels.arguments import NO_LABELS, NO_VECTORS, Data, Targets
from fastnn.kernels.inputs import DenseInputs
from fastnn.kernels.short_epoch import count_used, find_labels

_PAIRS = {tuple, Example}

_NARROW_IN_WIDE = np.dtype(np.float32), np.dtype(np.float64)

_shape_of, _dtype_of = attrgetter("shape"), attrgetter("dtype")


class ListedPairs:
    """As many plain pairs of a list as a trainer has examples, copied by each call.

    Parameters
    ----------
    data : Data
        The trainer's examples, with dense inputs.
    sizes : sequence of int
        Of its network.

    Attributes
    ----------
    data : Data
        The copies, for kernels.
    """

    def __init__(self, data: Data, sizes: Sequence[int]) -> None:
        self._n = len(data.order)
        inputs, labels = data.inputs, data.targets.labels
        # What there is once for each pair; lists are quickly compared.
        self._kinds = self._n * [np.ndarray]
        self._x_shapes, self._y_shapes = self._n * [(sizes[0], 1)], self._n * [(sizes[-1], 1)]
        self._x_types = self._n * [inputs.values.dtype]
        self._y_types = self._n * [np.dtype(np.float64)]
        # Arrays of its own: those of the trainer may belong to a data set.
        self._columns = np.empty((self._n * sizes[0], 1), inputs.values.dtype)
        self._answers = np.empty((self._n * sizes[-1], 1))
        self._labels = np.empty_like(labels) if labels.size > 0 else None
        self._rows = np.arange(self._n, dtype=data.order.dtype)
        self._last: list[Any] = []  # the pairs as the last call left them
        self.data = data._replace(
            inputs=inputs._replace(values=self._columns.reshape(-1)),
            targets=Targets(NO_LABELS, self._answers.reshape(-1))
            if self._labels is None
            else Targets(self._labels, NO_VECTORS),
            order=self._rows.copy(),
        )
        self._least = int(SPARSE_BELOW * self._columns.size)

    def take(self, pairs: list[Any]) -> bool:
        """Copy the examples; say whether all is as described above."""
        if len(pairs) != self._n:
            return False
        # The pairs of the last call are as they were, but for what is in their arrays.
        known = len(self._last) == self._n and all(map(is_, pairs, self._last))
        if not known and not _PAIRS.issuperset(map(type, pairs)):
            return False
        try:
            columns, answers = zip(*pairs, strict=True)
            if not known and not self._are_plain(columns, answers):
                return False
            np.concatenate(columns, out=self._columns)
            np.concatenate(answers, out=self._answers)
        except (TypeError, ValueError):  # no pairs, or a known array has got another shape or type
            return False
        if count_used(self._columns, self._answers) < self._least:
            return False
        if self._labels is not None and not find_labels(self._answers, self._labels):
            return False
        self.data.order[:] = self._rows
        return True

    def _are_plain(self, columns: tuple[Any, ...], answers: tuple[Any, ...]) -> bool:
        return (
            [*map(type, columns)] == [*map(type, answers)] == self._kinds
            and [*map(_shape_of, columns)] == self._x_shapes
            and [*map(_shape_of, answers)] == self._y_shapes
            and [*map(_dtype_of, columns)] == self._x_types
            and [*map(_dtype_of, answers)] == self._y_types
        )

    def reorder(self, pairs: list[Any]) -> None:
        """Put the pairs that were taken into the order of the kernels."""
        self._last = [pairs[place] for place in self.data.order.tolist()]
        pairs[:] = self._last


class KnownRows:
    """Rows of the arrays of a data set, in any order.

    Parameters
    ----------
    data : Data
        The examples of a trainer that has taken such a data set.
    store : Store
        The arrays, which the trainer has taken. All their labels fit the network.

    Attributes
    ----------
    data : Data
        The same with an order of its own, for kernels.
    """

    def __init__(self, data: Data, store: Store) -> None:
        self._store = weakref.ref(store)
        self.data = data._replace(order=np.empty_like(data.order))

    def take(self, dataset: Dataset) -> bool:
        """Copy the order; say whether all else is as it was."""
        store = self._store()
        rows = None if store is None else rows_if_of(store, dataset)
        if rows is None or len(rows) != len(self.data.order):
            return False
        self.data.order[:] = rows
        return True

    def reorder(self, dataset: Dataset) -> None:
        """Put the data set that was taken into the order of the kernels."""
        put_rows(dataset, self.data.order)


def listed_pairs_of(data: Data, sizes: Sequence[int], dtype: np.dtype[Any]) -> ListedPairs | None:
    """Return room for lists of pairs like a trainer's examples.

    None if its inputs are in another form than rows of numbers, all of which `dtype` can hold.
    """
    if not isinstance(data.inputs, DenseInputs):
        return None
    stored = data.inputs.values.dtype
    can_hold = stored == dtype or (stored, dtype) == _NARROW_IN_WIDE
    return ListedPairs(data, sizes) if can_hold else None
