"""Examples in arrays that behave like network2's list of pairs and train without conversion."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, SupportsIndex, overload

import numpy as np
import numpy.typing as npt

from fastnn.common.checks import describe, integer, real
from fastnn.datasets.store import Store, store_from_arrays, store_from_pairs

__all__ = ["Dataset", "as_dataset"]


class Example(tuple[Any, Any]):
    """A pair `(x, y)` that knows which row of which data set it is."""

    store: Store
    row: int

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the pair as a plain one, without the data set it came from."""
        return tuple, (tuple(self),)


class Dataset(Sequence[tuple[Any, Any]]):
    """Training or evaluation examples in arrays.

    It has the length, indices, slices and iteration of a list of pairs `(x, y)`, and
    `random.shuffle` and `SGD` reorder it in place. The arrays themselves are neither copied nor
    moved. A slice shares them but has its own order.

    Parameters
    ----------
    inputs : array_like, shape (n, inputs)
        One row per example: float32, float64 or uint8, in C or Fortran order; it may be a
        read-only memory map. Or a SciPy sparse matrix, which stays sparse. An array in C order is
        kept, not copied: do not change it afterwards.
    labels : array_like
        Integers of shape (n,), or desired outputs of shape (n, outputs), one row per example.
    classes : int, optional
        Return integer labels as unit columns of this length, as in network2's training data. By
        default they stay integers, as in its evaluation data.
    scale : float, optional
        For uint8 only: `inputs` stand for ``inputs * scale``, rounded to float32.

    Raises
    ------
    TypeError, ValueError
        If the arrays have the wrong kind or shape, or different lengths; if there are no examples
        or no inputs; if an input is not finite; if a label is negative or not below `classes`.

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
        self._store = store_from_arrays(inputs, labels, classes, real("scale", scale))
        self._order = np.arange(len(self._store.inputs), dtype=np.int64)

    @classmethod
    def from_pairs(cls, pairs: Iterable[tuple[Any, Any]]) -> Dataset:
        """Make a data set from `(x, y)` pairs.

        Parameters
        ----------
        pairs : iterable of (x, y)
            x has the shape (inputs, 1) or (inputs,). y is an integer label in every pair, or in
            every pair the desired outputs, of shape (outputs, 1) or (outputs,).

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
    def of_finite(
        cls, inputs: npt.ArrayLike, labels: npt.ArrayLike, classes: int | None = None
    ) -> Dataset:
        """Make a data set from inputs that are known to be finite, without checking them again."""
        return cls._of(store_from_arrays(inputs, labels, classes, 1.0, known_finite=True))

    @classmethod
    def _of(cls, store: Store, order: npt.NDArray[np.int64] | None = None) -> Dataset:
        dataset = cls.__new__(cls)
        dataset._store = store
        dataset._order = np.arange(len(store.inputs), dtype=np.int64) if order is None else order
        return dataset

    @property
    def store(self) -> Store:
        """The arrays in the order they were given in; all slices share them."""
        return self._store

    @property
    def order(self) -> npt.NDArray[np.int64]:
        """Which row of the arrays each example is, shape (n,); read-only."""
        order = self._order.view()
        order.flags.writeable = False
        return order

    @property
    def inputs(self) -> npt.NDArray[Any]:
        """The inputs in the present order, shape (n, inputs), as numbers; a copy."""
        return self._store.input_rows(self._order)

    @property
    def labels(self) -> npt.NDArray[Any]:
        """Integer labels (n,), or desired outputs (n, outputs), in the present order; a copy."""
        return self._store.targets[self._order]

    def reorder(self, order: npt.NDArray[np.integer[Any]]) -> None:
        """Reorder the examples in place: `order` says which row of the arrays each one is.

        Raises
        ------
        TypeError, ValueError
            If `order` does not name a row for each example. Kernels read these rows without a
            further check.
        """
        rows = np.asarray(order)
        if rows.dtype.kind not in "iu":
            raise TypeError(f"order must be integers, got {describe(order)}")
        if rows.shape != self._order.shape:
            raise ValueError(
                f"order must have the shape {self._order.shape}, a row for each example, "
                f"got {rows.shape}"
            )
        limit = len(self._store.inputs)
        wrong = (rows < 0) | (rows >= limit)
        if wrong.any():
            raise ValueError(
                f"order must name rows from 0 to {limit - 1}, got {rows[wrong][0]} for example "
                f"{int(np.argmax(wrong))}"
            )
        self._order[:] = rows

    def __len__(self) -> int:
        return len(self._order)

    @overload
    def __getitem__(self, index: SupportsIndex) -> tuple[Any, Any]: ...

    @overload
    def __getitem__(self, index: slice) -> Dataset: ...

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return Dataset._of(self._store, self._order[index].copy())
        return self._example(int(self._order[self._position(index)]))

    def __setitem__(self, index: SupportsIndex, pair: tuple[Any, Any]) -> None:
        """Move an example of this data set to another place, as `random.shuffle` does."""
        if not isinstance(pair, Example) or pair.store is not self._store:
            raise TypeError(
                "a Dataset only takes examples of its own, to reorder them; "
                f"got {describe(type(pair))}. Make a new Dataset for other examples"
            )
        self._order[self._position(index)] = pair.row

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        for row in self._order.tolist():
            yield self._example(row)

    def __repr__(self) -> str:
        return f"Dataset({len(self)} examples of {self._store.inputs.shape[1]} inputs)"

    def _position(self, index: SupportsIndex) -> int:
        position = operator.index(index)
        if not -len(self) <= position < len(self):
            raise IndexError(f"index {position} of a Dataset of {len(self)} examples")
        return position

    def _example(self, row: int) -> Example:
        example = Example((self._store.input_column(row), self._store.target(row)))
        example.store, example.row = self._store, row
        return example


def pairs_of(name: str, data: Any) -> Dataset | list[tuple[Any, Any]]:
    """Return `data` itself if it is a Dataset, else a list of its pairs; `name` is for errors."""
    if isinstance(data, Dataset):
        return data
    try:
        return list(data)
    except TypeError:
        raise TypeError(
            f"{name} must be a Dataset or an iterable of pairs (x, y), got {describe(data)}"
        ) from None


def as_dataset(name: str, data: Any) -> Dataset:
    """Return `data` itself if it is a Dataset, else one made of its pairs; `name` is for errors."""
    pairs = pairs_of(name, data)
    if not len(pairs):
        raise ValueError(f"{name} must hold at least one example, got none")
    return pairs if isinstance(pairs, Dataset) else Dataset._of(store_from_pairs(name, pairs))


def put_in_order(
    data: Iterable[tuple[Any, Any]],
    pairs: list[tuple[Any, Any]],
    order: npt.NDArray[np.integer[Any]],
) -> None:
    """Reorder the pairs in the caller's own sequence, if it can be changed."""
    if isinstance(data, list):
        data[:] = [pairs[i] for i in order.tolist()]
    elif hasattr(data, "__setitem__") and getattr(data, "ndim", 1) < 2:
        for place, i in enumerate(order.tolist()):
            data[place] = pairs[i]


def fitting_dataset(name: str, data: Any, sizes: Sequence[int]) -> Dataset:
    """Return `data` as a Dataset that fits a network of these sizes; `name` is for errors."""
    dataset = as_dataset(name, data)
    check_fits(name, dataset, sizes)
    return dataset


def check_fits(name: str, data: Dataset, sizes: Sequence[int]) -> None:
    """Raise ValueError unless inputs and labels of `data` fit a network of these sizes."""
    store = data.store
    if store.inputs.shape[1] != sizes[0]:
        raise ValueError(
            f"{name} must have {sizes[0]} inputs per example, like the network's first layer, "
            f"got {store.inputs.shape[1]}"
        )
    outputs = sizes[-1]
    if store.targets.ndim == 2 or store.classes is not None:
        length = store.classes if store.targets.ndim == 1 else store.targets.shape[1]
        if length != outputs:
            raise ValueError(
                f"{name} must have desired outputs of length {outputs}, like the network's last "
                f"layer, got {length}"
            )
        return
    labels = store.targets[data.order]
    largest = int(labels.argmax())
    if labels[largest] >= outputs:
        raise ValueError(
            f"{name} must have labels below {outputs}, the number of outputs, "
            f"got {labels[largest]} in example {largest}"
        )
