"""Many examples to compute outputs of: checked, standardised, a part at a time."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from fastnn.common.checks import numbers
from fastnn.datasets.dataset import Dataset
from fastnn.datasets.sparse_rows import is_sparse, rows_of_sparse
from fastnn.datasets.tables.columns import Columns, check_columns, unknown_cells
from fastnn.datasets.tables.later_columns import roles_of
from fastnn.datasets.tables.table import read_table
from fastnn.datasets.tables.whole_frames import WholeFrames
from fastnn.scaling import Scaling

# So many examples are made ready together, or fewer if they are wide: sparse ones are made full
# then.
_ROWS_AT_A_TIME = 4096
_NUMBERS_AT_A_TIME = 1 << 20


class FastRows(Protocol):
    """A faster way from many examples to their outputs."""

    def put_rows(self, rows: npt.NDArray[Any], out: npt.NDArray[Any]) -> bool:
        """Write the outputs (n, outputs) for rows (n, inputs) to `out`.

        Returns True if all inputs are finite. If it returns False, they may be so nevertheless.
        """

    def close(self) -> None:
        """End what has been begun for it."""


def rows_of(X: Any, inputs: int, columns: Columns | None) -> Any:
    """Return examples to compute outputs of: what has a length and slices, none of it copied.

    They are made of a table where a network knows its columns; warnings say what may be understood
    in a wrong way, and count cells of a kind that its training data lack.
    """
    if isinstance(X, Dataset):
        rows: Any = X
        shape: tuple[int, ...] = (len(X), *X.store.inputs.shape[1:])
    else:
        if is_sparse(X):
            rows = rows_of_sparse("X", X)
        elif columns is not None and hasattr(X, "iloc"):
            if X.ndim != 2:
                raise TypeError(
                    f"X must be a DataFrame or rows of numbers, got a {type(X).__name__}; with two "
                    "brackets, as in frame.iloc[[0]], a row stays a DataFrame"
                )
            frames = WholeFrames(X)
            check_columns("columns", columns, inputs)
            roles = roles_of(columns, frames, None)._replace(label=None)
            seen: Counter[str] = Counter()
            rows = columns.encode(read_table(frames, roles, drop_empty=False), seen)
            for told in (*frames.warnings, *unknown_cells(seen)):
                warnings.warn(told, stacklevel=3)  # of who calls `outputs`
        else:
            rows = numbers("X", X, f"(n, {inputs})")
        shape = rows.shape
    if len(shape) != 2 or shape[1] != inputs:
        raise ValueError(f"X must have the shape (n, {inputs}), got {shape}")
    return rows


def parts_of(
    rows: Any, scaling: Scaling | None, dtype: np.dtype[Any], copy: bool
) -> Iterator[tuple[int, npt.NDArray[Any]]]:
    """Yield a part of the examples after the other, with the place of its first.

    They are standardised, and in the network's type of numbers. What is so already is not copied
    unless `copy` is true.
    """
    inputs = rows.store.inputs.shape[1] if isinstance(rows, Dataset) else rows.shape[1]
    at_a_time = min(_ROWS_AT_A_TIME, 1 + _NUMBERS_AT_A_TIME // inputs)
    for start in range(0, len(rows), at_a_time):
        part = rows[start : start + at_a_time]
        if isinstance(part, Dataset):
            part = part.inputs
        with np.errstate(over="ignore"):  # numbers that float32 cannot hold become infinite
            scaled = part if scaling is None else scaling.apply(part)
            scaled = scaled.astype(dtype, copy=copy)
        yield start, scaled


def check_finite(rows: npt.NDArray[Any], start: int) -> None:
    """Raise ValueError if some numbers are not finite; `start` is the place of the first row."""
    finite = np.isfinite(rows).all(axis=1)
    if not finite.all():
        wrong = start + int(np.argmin(finite))
        raise ValueError(f"X must be finite numbers, got others in row {wrong}")


def put_outputs(
    forward: FastRows, rows: Any, scaling: Scaling | None, outputs: npt.NDArray[Any]
) -> None:
    """Write the outputs of examples, after standardising, to `outputs`.

    Raises
    ------
    ValueError
        If an input is not finite.
    """
    as_they_are = scaling is None and isinstance(rows, np.ndarray) and rows.dtype == outputs.dtype
    if as_they_are and forward.put_rows(rows, outputs):
        return
    for start, part in parts_of(rows, scaling, outputs.dtype, copy=False):
        if not forward.put_rows(part, outputs[start : start + len(part)]):
            check_finite(part, start)
