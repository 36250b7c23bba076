"""Examples in arrays that behave like network2's list of pairs and train without conversion."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from fastnn.common.checks import describe, integer, real
from fastnn.common.html import table
from fastnn.datasets.given_pairs import GivenPairs
from fastnn.datasets.pair_list import PairList
from fastnn.datasets.rereading import check_held
from fastnn.datasets.store import Store, store_from_arrays, store_from_pairs

__all__ = ["Dataset", "as_dataset"]

_SOME = 1000  # examples that tell the range of all


class Dataset(PairList):
    """Training or evaluation examples in arrays.

    It does what a list of pairs `(x, y)` does. `random.shuffle` and `SGD` reorder it in place; the
    arrays are neither copied nor moved. A slice shares them but has its own order. What is written
    into the x and y of a pair counts from then on, in slices too. The arrays given here do not
    change with it; the pairs of a read-only memory map are read-only. A pair from elsewhere may
    join the list. From then on its arrays are made of its pairs whenever it is used, as those of a
    plain list are.

    Parameters
    ----------
    inputs : array_like, shape (n, inputs)
        One row per example: float32, float64 or uint8, in C or Fortran order; it may be a
        read-only memory map. Or a SciPy sparse matrix, which stays sparse. An array in C order is
        kept, not copied: do not change it afterwards.
    labels : array_like
        Labels of shape (n,), whole numbers from 0; or desired outputs of shape (n, outputs), one
        row per example. For a network with one output, numbers of shape (n,) are its desired
        values, of any size.
    classes : int, optional
        Return integer labels as unit columns of this length, as in network2's training data. By
        default they stay integers, as in its evaluation data.
    scale : float, optional
        For uint8 only: `inputs` stand for ``inputs * scale``, rounded to float32.

    Raises
    ------
    TypeError, ValueError
        If the arrays have the wrong kind or shape, or different lengths; if there are no examples
        or no inputs; if an input or a desired output is not finite; if a label is not below
        `classes`.

    Examples
    --------
    >>> import numpy as np
    >>> data = Dataset(np.eye(3), [0, 1, 1], classes=2)
    >>> x, y = data[2]
    >>> x.shape, y.ravel()
    ((3, 1), array([0., 1.]))
    """

    def __init__(
        self,
        inputs: npt.ArrayLike,
        labels: npt.ArrayLike,
        *,
        classes: int | None = None,
        scale: float = 1.0,
    ) -> None:
        if classes is not None:
            classes = integer("classes", classes, smallest=1)
        store = store_from_arrays(inputs, labels, classes, real("scale", scale))
        self._given = GivenPairs(store)
        self._items = _all_rows(store)

    @classmethod
    def from_pairs(cls, pairs: Iterable[tuple[Any, Any]]) -> Dataset:
        """Make a data set from `(x, y)` pairs.

        Parameters
        ----------
        pairs : iterable of (x, y)
            x has the shape (inputs, 1) or (inputs,). y is a number in every pair (a label, or
            what one output should be), or in every pair the desired outputs, of shape (outputs, 1)
            or (outputs,).

        Returns
        -------
        Dataset
            It holds copies of the values.

        Raises
        ------
        TypeError, ValueError
            If one of them is not such a pair; the message says which.
        """
        return as_dataset("pairs", pairs)

    @classmethod
    def of_store(cls, store: Store, order: npt.NDArray[Any]) -> Dataset:
        """Make a data set of arrays that are known to be right; `order` has a row per example.

        Nothing is checked or copied. The examples stay what they are: it cannot be changed.
        """
        return cls._with(GivenPairs(store), order)

    def with_store(self, store: Store) -> Dataset:
        """Return the same rows, in the same order, of other arrays that are known to be right."""
        return Dataset._with(GivenPairs(store), self._items)

    @classmethod
    def _of(cls, store: Store) -> Dataset:
        return cls._with(GivenPairs(store), _all_rows(store))

    @property
    def store(self) -> Store:
        """The arrays in the order they were given in; all slices share them.

        Raises
        ------
        TypeError, ValueError
            If something else than finite numbers was written into a pair, or pairs from elsewhere
            do not fit the others.
        """
        return self._settled("data")

    @property
    def order(self) -> npt.NDArray[np.int64]:
        """Which row of the arrays each example is, shape (n,); read-only."""
        order = np.arange(len(self)) if self._given is None else np.array(self._items, np.int64)
        order.flags.writeable = False
        return order

    @property
    def inputs(self) -> npt.NDArray[Any]:
        """The inputs in the present order, shape (n, inputs), as numbers; a copy."""
        return self.store.input_rows(self.order)

    @property
    def labels(self) -> npt.NDArray[Any]:
        """Labels (n,), or desired outputs (n, outputs), in the present order; a copy."""
        return self.store.targets[self.order]

    def reorder(self, order: npt.NDArray[np.integer[Any]]) -> None:
        """Reorder the examples in place.

        Parameters
        ----------
        order : array_like of integers, shape (n,)
            Which row of the arrays each example is.

        Raises
        ------
        TypeError, ValueError
            If `order` does not name a row for each example. Kernels read these rows without a
            further check.
        """
        rows = np.asarray(order)
        if rows.dtype.kind not in "iu":
            raise TypeError(f"order must be integers, got {describe(order)}")
        if rows.shape != (len(self),):
            raise ValueError(
                f"order must have the shape {(len(self),)}, a row for each example, "
                f"got {rows.shape}"
            )
        limit = len(self) if self._given is None else len(self._given)
        wrong = (rows < 0) | (rows >= limit)
        if wrong.any():
            raise ValueError(
                f"order must name rows from 0 to {limit - 1}, got {rows[wrong][0]} for example "
                f"{int(np.argmax(wrong))}"
            )
        if self._given is None:
            self._items[:] = [self._items[row] for row in rows.tolist()]
        else:
            put_rows(self, rows)

    def __repr__(self) -> str:
        inputs = "" if self._given is None else f" of {self._given.width:,} inputs"
        return f"Dataset({len(self):,} examples{inputs})"

    def _repr_html_(self) -> str | None:
        """Say what the arrays hold: numbers, their range and density, answers; for notebooks."""
        try:
            store, rows = self.store, self.order
        except (IndexError, TypeError, ValueError):  # no pairs, or some that do not go together
            return None
        some = rows[:: max(len(rows) // _SOME, 1)]
        values = store.input_rows(some)
        of = "" if len(some) == len(rows) else f", in {len(some):,} of them"
        facts = [("inputs", f"{store.inputs.shape[1]:,} numbers in {store.number_type}")]
        if values.size:
            density = np.count_nonzero(values) / values.size
            facts += [
                (f"range{of}", f"{values.min():.6g} to {values.max():.6g}"),
                (f"not zero{of}", f"{density:.1%}"),
            ]
        if store.targets.dtype.kind == "i":
            counts = np.bincount(store.targets[rows])
            said = ", ".join(f"{label}: {n:,}" for label, n in enumerate(counts[:20].tolist()))
            facts.append(("labels", said if len(counts) <= 20 else f"{said} and so on"))
        else:
            facts.append(("desired outputs", f"{store.answer_length or 1:,} numbers"))
        return table(f"Dataset of {len(rows):,} examples", facts)

    def _settled(self, name: str) -> Store:
        """The arrays as the pairs now are; `name` is for errors."""
        if self._given is None:
            return store_from_pairs(name, self._items)
        return self._given.settled(name)

    def _snapshot(self, name: str) -> Dataset:
        """The examples as they now are, in a data set of its own that shares the arrays."""
        store = self._settled(name)
        if self._given is None:
            return Dataset._of(store)
        return Dataset._with(GivenPairs(store), self._items[:])


def _all_rows(store: Store) -> array[int]:
    return array("q", np.arange(len(store.inputs), dtype=np.int64).tobytes())


def pairs_of(name: str, data: Any) -> Dataset | list[tuple[Any, Any]]:
    """Return `data` itself if it is a Dataset in arrays, else a list of its pairs.

    `name` is for errors.
    """
    if isinstance(data, Dataset):
        check_held(name, data, Dataset)
        if data._given is not None:
            return data
    try:
        pairs = list(data)
    except TypeError:
        raise TypeError(
            f"{name} must be a Dataset or an iterable of pairs (x, y), got {describe(data)}"
        ) from None
    if isinstance(data, list):
        check_held(name, data, list)
    return pairs


def check_some(name: str, pairs: Dataset | list[tuple[Any, Any]], data: Any) -> None:
    """Raise ValueError if there are no examples; `pairs` are the `pairs_of` the data."""
    if not len(pairs):
        used_up = "; a zip or a generator gives its pairs once: make it a list"
        hint = used_up if isinstance(data, Iterator) else ""
        raise ValueError(f"{name} must hold at least one example, got none{hint}")


def as_dataset(name: str, data: Any) -> Dataset:
    """Return the examples as they now are, whatever happens to `data` later; `name` is for errors.

    Arrays that `data` has are shared.
    """
    pairs = pairs_of(name, data)
    check_some(name, pairs, data)
    if isinstance(pairs, Dataset):
        return pairs._snapshot(name)
    return Dataset._of(store_from_pairs(name, pairs))


def rows_if_of(store: Store, data: Dataset) -> npt.NDArray[np.int64] | None:
    """Return which row of the arrays each example is, if `store` has those arrays, unchanged.

    What is returned is a view, to be let go before the data set is changed.

    Raises
    ------
    ValueError
        If a number that was written into a pair is not finite.
    """
    if data._given is None:
        return None
    present = data._given.settled("training_data")
    return np.frombuffer(data._items, np.int64) if present.offers(store) else None


def put_rows(data: Dataset, rows: npt.NDArray[np.integer[Any]]) -> None:
    """Do what `data.reorder(rows)` does, with rows of which is known that they are right."""
    data._items = array("q", rows.astype(np.int64).tobytes())


def put_in_order(
    data: Iterable[tuple[Any, Any]],
    pairs: Dataset | list[tuple[Any, Any]],
    order: npt.NDArray[np.integer[Any]],
) -> None:
    """Reorder the caller's own sequence, if it can be changed; `pairs` are its `pairs_of`."""
    if isinstance(pairs, Dataset):
        pairs.reorder(order)
    elif isinstance(data, (list, Dataset)):
        data[:] = [pairs[i] for i in order.tolist()]
    elif hasattr(data, "__setitem__") and getattr(data, "ndim", 1) < 2:
        for place, i in enumerate(order.tolist()):
            data[place] = pairs[i]
