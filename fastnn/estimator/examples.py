"""The examples that an estimator learns from, as the kernels take them: inputs are not copied."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from fastnn.datasets.dataset import Dataset
from fastnn.datasets.sparse_rows import is_sparse, rows_of_sparse
from fastnn.datasets.store import Store
from fastnn.engine.inputs import list_sparse_inputs
from fastnn.engine.sparse_form import place_type
from fastnn.kernels.arguments import NO_WEIGHTS
from fastnn.kernels.layout import LARGE_BLOCK

# Kernels are faster with a list of the inputs that are not zero. It may take this share of the
# memory of the inputs, which is enough for MNIST's images in float32.
_SHARE_FOR_LIST = 0.1

# Such an error still has a square in float32 after a layer has multiplied it by ten thousand.
_LARGE_TARGET = 1e15

# This many inputs are in a window: half a MB in float64.
_WINDOW = 1 << 16


class CheckedExamples(NamedTuple):
    """Checked examples.

    Attributes
    ----------
    inputs : ndarray or SciPy's compressed sparse rows, shape (n, inputs)
        float64 or float32.
    desired : ndarray
        Integer labels of shape (n,), or desired outputs of shape (n, outputs): float64, float32
        where they came so, or bool.
    outputs : int
        How many outputs the network has.
    weights : ndarray of shape (n,) or None
        How much each example counts; None if all count the same.
    """

    inputs: Any
    desired: npt.NDArray[Any]
    outputs: int
    weights: npt.NDArray[Any] | None

    def has_large_targets(self) -> bool:
        """Say whether squares of gradients could overflow in float32 because of float64 targets."""
        desired = self.desired
        if desired.dtype != np.float64:  # classes, or errors that are float32 in scikit-learn too
            return False
        return bool(max(desired.max(), -desired.min()) > _LARGE_TARGET)

    def of_rows(self, rows: npt.NDArray[np.integer[Any]]) -> CheckedExamples:
        """Copy the examples of these rows."""
        weights = None if self.weights is None else self.weights[rows]
        return CheckedExamples(self.inputs[rows], self.desired[rows], self.outputs, weights)


class KernelExamples:
    """Examples in the kernels' form, in an order that can change.

    Kernels read inputs row by row, in C order. Other full inputs (pandas has columns, a slice has
    gaps) are copied into a window, some rows at a time, just before a kernel reads them.

    Parameters
    ----------
    examples : CheckedExamples
        All examples.
    rows : ndarray of integers, optional
        Which of them are trained on, in this order; by default all.

    Attributes
    ----------
    data : Dataset
        What a kernel is prepared for.
    weights : ndarray of float64
        How much each example counts, by its row in `data`.
    places : ndarray of integers, shape (len(rows),)
        The rows in `data` of the examples in their present order; behind the end that `bring`
        returned they may be out of date.
    """

    def __init__(
        self, examples: CheckedExamples, rows: npt.NDArray[np.integer[Any]] | None = None
    ) -> None:
        self._examples = examples
        n = len(examples.desired)
        self._rows = np.arange(n, dtype=place_type(n))
        if rows is not None:
            self._rows = self._rows[rows]
        self._targets = examples.desired
        if self._targets.ndim == 2:
            self._targets = self._targets.astype(np.float64, copy=False)
        inputs = examples.inputs
        self._windowed = not is_sparse(inputs) and not inputs.flags.c_contiguous
        self._step = max(LARGE_BLOCK, _WINDOW // inputs.shape[1])
        self._begin = self._end = 0
        if self._windowed:
            self._open_window(min(len(self._rows), self._step + LARGE_BLOCK))
        else:
            self._take_whole()

    def _take_whole(self) -> None:
        inputs, weights = self._examples.inputs, self._examples.weights
        kept = rows_of_sparse("X", inputs) if is_sparse(inputs) else inputs
        store = self._store(kept, np.ascontiguousarray(self._targets))
        if not is_sparse(inputs):
            list_sparse_inputs(store, int(_SHARE_FOR_LIST * inputs.nbytes))
        self.data = Dataset.of_store(store, self._rows)
        self.weights = NO_WEIGHTS
        if weights is not None:
            self.weights = np.ascontiguousarray(weights, np.float64)
        self.places = self._rows

    def _open_window(self, size: int) -> None:
        inputs, targets = self._examples.inputs, self._targets
        store = self._store(
            np.zeros((size, inputs.shape[1]), inputs.dtype),
            np.zeros((size, *targets.shape[1:]), targets.dtype),
        )
        list_sparse_inputs(store, 0)  # what is in the window changes
        self.data = Dataset.of_store(store, np.arange(size))
        self.weights = NO_WEIGHTS if self._examples.weights is None else np.ones(size)
        self.places = np.zeros_like(self._rows)

    def _store(self, inputs: Any, targets: npt.NDArray[Any]) -> Store:
        classes = self._examples.outputs if targets.ndim == 1 else None
        return Store(inputs, None, targets, classes)

    def shuffle(self, random: np.random.RandomState) -> None:
        """Change the order, by the same draws as `sklearn.utils.shuffle`."""
        random.shuffle(self._rows)
        self._end = self._begin  # the window has none of the next examples

    def batch_weights(self, size: int) -> npt.NDArray[np.float64]:
        """The weight of all examples of each mini-batch of `size`, the last one short."""
        n, weights = len(self._rows), self._examples.weights
        starts = np.arange(0, n, size)
        if weights is None:
            return np.minimum(size, n - starts).astype(np.float64)
        sums: npt.NDArray[np.float64] = np.add.reduceat(weights[self._rows], starts, dtype=float)
        return sums

    def bring(self, begin: int, end: int) -> int:
        """Bring examples from `begin` on to where `data` has them.

        Returns
        -------
        int
            How far a kernel may go, `end` or less. It may finish a block that it has begun there.
        """
        if not self._windowed:
            return end
        if not self._begin <= begin < self._end:
            self._begin, self._end = begin, begin + self._step
            rows = self._rows[begin : self._end + LARGE_BLOCK]
            store, here = self.data.store, slice(len(rows))
            assert isinstance(store.inputs, np.ndarray)  # as `_open_window` has made it
            store.inputs[here] = self._examples.inputs[rows]
            store.targets[here] = self._targets[rows]
            if self._examples.weights is not None:
                self.weights[here] = self._examples.weights[rows]
            self.places[begin : begin + len(rows)] = np.arange(len(rows))
        return min(end, self._end)
