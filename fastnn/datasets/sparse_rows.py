"""Rows of numbers that store only what is not zero, like SciPy's sparse matrices."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from fastnn.common.checks import describe


class SparseRows:
    """The inputs of examples in compressed sparse rows.

    Its shape, dtype and length are those of the full array. An index returns full rows.

    Attributes
    ----------
    starts : ndarray of int64, shape (n + 1,)
        Row e has its numbers at ``starts[e] : starts[e + 1]`` of the other two.
    indices : ndarray of uint16 or uint32
        The input that each number belongs to, ascending within a row.
    values : ndarray of float32 or float64
    shape : tuple of int
        ``(n, inputs)``.
    """

    def __init__(
        self,
        starts: npt.NDArray[np.int64],
        indices: npt.NDArray[np.unsignedinteger[Any]],
        values: npt.NDArray[np.floating[Any]],
        shape: tuple[int, int],
    ) -> None:
        self.starts, self.indices, self.values, self.shape = starts, indices, values, shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the numbers."""
        return self.values.dtype

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: Any) -> npt.NDArray[Any]:
        places = np.arange(len(self))[rows]
        full = np.zeros((places.size, self.shape[1]), self.dtype)
        for row, place in zip(full, places.reshape(-1).tolist(), strict=True):
            stored = slice(self.starts[place], self.starts[place + 1])
            row[self.indices[stored]] = self.values[stored]
        return full.reshape(*places.shape, self.shape[1])

    def with_rows(self, rows: npt.NDArray[np.int64], full: npt.NDArray[Any]) -> SparseRows:
        """The same rows, with full rows in the place of some of them."""
        changed = {
            row: (np.flatnonzero(values), values[values != 0])
            for row, values in zip(rows.tolist(), full, strict=True)
        }
        counts = np.diff(self.starts)
        parts_of_indices, parts_of_values = [], []
        done = 0  # rows that are taken over or replaced
        for row in sorted(changed):
            kept = slice(self.starts[done], self.starts[row])
            indices, values = changed[row]
            parts_of_indices += [self.indices[kept], indices.astype(self.indices.dtype)]
            parts_of_values += [self.values[kept], values]
            counts[row] = len(indices)
            done = row + 1
        rest = slice(self.starts[done], self.starts[-1])
        return SparseRows(
            np.concatenate([[0], np.cumsum(counts)]),
            np.concatenate([*parts_of_indices, self.indices[rest]]),
            np.concatenate([*parts_of_values, self.values[rest]]),
            self.shape,
        )

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> npt.NDArray[Any]:
        return self[:].astype(self.dtype if dtype is None else dtype, copy=False)


def is_sparse(inputs: Any) -> bool:
    """Say whether `inputs` is a SciPy sparse matrix or array; SciPy need not be installed."""
    return callable(getattr(inputs, "tocsr", None))


def index_type(inputs: int) -> type[np.unsignedinteger[Any]]:
    """The smallest type of integers that can number this many inputs."""
    return np.uint16 if inputs <= 1 << 16 else np.uint32


def rows_of_sparse(name: str, inputs: Any) -> SparseRows:
    """Keep a SciPy sparse matrix without making it full; `name` is for errors.

    Numbers are not copied if they are float32 or float64 and in the order of rows.
    """
    if inputs.ndim != 2 or 0 in inputs.shape:
        raise ValueError(
            f"{name} must have the shape (examples, inputs), at least one of each, got "
            f"{inputs.shape}"
        )
    if inputs.dtype.kind not in "fiub":
        raise TypeError(f"{name} must be a sparse matrix of numbers, got {describe(inputs.dtype)}")
    rows = inputs.tocsr()
    if not rows.has_canonical_format:  # ascending, and each input once
        rows = rows.copy()
        rows.sum_duplicates()
    values = rows.data
    if values.dtype not in (np.float32, np.float64):
        values = values.astype(np.float64)
    starts = rows.indptr.astype(np.int64)
    finite = np.isfinite(values[: starts[-1]])
    if not finite.all():
        place = int(np.argmin(finite))
        row = int(np.searchsorted(starts, place, side="right")) - 1
        raise ValueError(
            f"{name} must be finite numbers, got {values[place]} in input {rows.indices[place]} "
            f"of example {row}"
        )
    indices = rows.indices.astype(index_type(rows.shape[1]))
    return SparseRows(starts, indices, values, rows.shape)
