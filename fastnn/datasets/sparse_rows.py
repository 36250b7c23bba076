"""Rows of numbers that store only what is not zero, like SciPy's sparse matrices."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from fastnn.common.checks import check_mapped, describe

_MOST_INPUTS = 1 << 32  # what the wider type of indices can number
_NUMBERS_AT_A_TIME = 1 << 18  # are checked, so that what that takes does not grow with the data


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

    def with_own_indices(self) -> SparseRows:
        """The same rows, with indices that nobody else can change once they are checked."""
        if self.indices.flags.owndata:
            return self
        return SparseRows(self.starts, self.indices.copy(), self.values, self.shape)

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

    Numbers are not copied if they are float32 or float64 and in the order of rows. Nor are indices
    of int32 to be uint32.

    Raises
    ------
    TypeError, ValueError
        If it holds anything but finite numbers, has no examples or no inputs, or names places
        outside itself.
    """
    if inputs.ndim != 2 or 0 in inputs.shape:
        raise ValueError(
            f"{name} must have the shape (examples, inputs), at least one of each, got "
            f"{inputs.shape}"
        )
    if inputs.dtype.kind not in "fiub":
        raise TypeError(f"{name} must be a sparse matrix of numbers, got {describe(inputs.dtype)}")
    if inputs.shape[1] > _MOST_INPUTS:
        raise ValueError(f"{name} must have at most {_MOST_INPUTS} inputs, got {inputs.shape[1]}")
    check_places(name, inputs)
    rows = inputs.tocsr()
    if rows is not inputs:
        check_places(name, rows)
    if not _is_ascending(rows.indptr, rows.indices):
        rows = rows.copy()
        # SciPy believes what it once found, or was told, of arrays that have changed since.
        rows.has_canonical_format = rows.has_sorted_indices = False
        rows.sum_duplicates()
    values = rows.data
    if values.dtype not in (np.float32, np.float64):
        values = values.astype(np.float64)
    starts = rows.indptr.astype(np.int64)
    place = _first_not_finite(values)
    if place is not None:
        row = int(np.searchsorted(starts, place, side="right")) - 1
        raise ValueError(
            f"{name} must be finite numbers, got {values[place]} in input {rows.indices[place]} "
            f"of example {row}"
        )
    indices = _unsigned(rows.indices, rows.shape[1])
    return SparseRows(starts, indices, np.ascontiguousarray(values), rows.shape)


def _is_ascending(starts: npt.NDArray[Any], indices: npt.NDArray[Any]) -> bool:
    """Say whether the indices of each row ascend, none of them twice."""
    for begin in range(0, len(indices) - 1, _NUMBERS_AT_A_TIME):
        part = indices[begin : begin + _NUMBERS_AT_A_TIME + 1]
        ascends = part[1:] > part[:-1]
        ends = np.array([begin + 1, begin + len(part)], starts.dtype)
        first, last = np.searchsorted(starts, ends)
        ascends[starts[first:last] - begin - 1] = True  # from one row to the next
        if not ascends.all():
            return False
    return True


def _first_not_finite(values: npt.NDArray[Any]) -> int | None:
    """The place of the first number that is not finite; None if all are."""
    for begin in range(0, len(values), _NUMBERS_AT_A_TIME):
        finite = np.isfinite(values[begin : begin + _NUMBERS_AT_A_TIME])
        if not finite.all():
            return begin + int(np.argmin(finite))
    return None


def _unsigned(indices: npt.NDArray[Any], inputs: int) -> npt.NDArray[np.unsignedinteger[Any]]:
    """Checked indices, in the type for this many inputs; a view if they are as wide already."""
    kind = np.dtype(index_type(inputs))
    if indices.dtype == np.dtype(f"i{kind.itemsize}") and indices.flags.c_contiguous:
        return indices.view(kind)
    return indices.astype(kind)


def check_places(name: str, inputs: Any, *, any_shape: bool = False) -> None:
    """Raise an error if an array or a SciPy matrix says more than it has; `name` is for errors.

    A memory map may be longer than its file. A matrix may name places outside itself: SciPy's
    constructors do not look, and its compiled functions, like fastnn's, would read and write there.
    Call this before anything else is done with what a user gives. For a matrix it takes about as
    long as reading the numbers once. With `any_shape`, sparse arrays that are no matrices pass, for
    callers that refuse them in other words.

    Raises
    ------
    TypeError
        If indices are no integers.
    ValueError
        If they lie outside the shape, or rows are not one after the other; or if the file of a
        memory map is shorter than it.
    """
    if not is_sparse(inputs):
        check_mapped(name, inputs)
        return
    for part in ("data", "indices", "indptr", "row", "col", "offsets"):
        check_mapped(name, getattr(inputs, part, None))
    form = getattr(inputs, "format", None)
    if form is not None and len(inputs.shape) != 2:
        if any_shape:
            return
        raise ValueError(f"{name} must have two dimensions, got the shape {inputs.shape}")
    if form in ("csr", "csc", "bsr"):
        _check_compressed(name, inputs, form)
    elif form == "coo":
        _check_coordinates(name, inputs)
    elif form == "dia":
        _integers(name, "offsets", inputs.offsets, len(inputs.data))
    elif form == "lil" and [*map(len, inputs.rows)] != [*map(len, inputs.data)]:
        raise ValueError(f"{name} must have a number for each of its indices, got more or fewer")


def _check_compressed(name: str, inputs: Any, form: str) -> None:
    """Check rows, columns or rows of blocks that lie one after the other."""
    height, width = inputs.shape
    if form == "bsr":
        height, width = _in_blocks(name, inputs.data, inputs.shape)
    elif form == "csc":
        height, width = width, height
    indices = _integers(name, "indices", inputs.indices, len(inputs.data))
    starts = _integers(name, "indptr", inputs.indptr, height + 1)
    if starts[0] != 0 or starts[-1] != len(indices) or (starts[1:] < starts[:-1]).any():
        wrong = np.flatnonzero(starts[1:] < starts[:-1])
        where = f"{starts[wrong[0]]} before {starts[wrong[0] + 1]}" if wrong.size else ""
        raise ValueError(
            f"{name} must have an indptr that ascends from 0 to {len(indices)}, the count of its "
            f"numbers, got {where or f'one from {starts[0]} to {starts[-1]}'}"
        )
    _check_range(name, "indices", indices, width)


def _in_blocks(name: str, numbers: npt.NDArray[Any], shape: tuple[int, int]) -> tuple[int, int]:
    """How many blocks high and wide a matrix is whose blocks are numbers (n, rows, columns)."""
    if numbers.ndim != 3 or 0 in numbers.shape[1:]:
        raise ValueError(f"{name} must have blocks of numbers, got {describe(numbers)}")
    (high, height_left), (wide, width_left) = map(divmod, shape, numbers.shape[1:])
    if height_left or width_left:
        raise ValueError(
            f"{name} must consist of whole blocks, got {numbers.shape[1:]} for the shape {shape}"
        )
    return high, wide


def _check_coordinates(name: str, inputs: Any) -> None:
    for what, length in zip(("row", "col"), inputs.shape, strict=True):
        places = _integers(name, what, np.asarray(getattr(inputs, what)), len(inputs.data))
        _check_range(name, what, places, length)


def _integers(name: str, what: str, array: Any, length: int) -> npt.NDArray[Any]:
    """Return one of SciPy's arrays of indices, if it is one, of this length."""
    if not isinstance(array, np.ndarray) or array.dtype.kind not in "iu":
        raise TypeError(f"{name} must have integers as {what}, got {describe(array)}")
    if array.shape != (length,):
        raise ValueError(f"{name} must have {length} {what}, got the shape {array.shape}")
    return array


def _check_range(name: str, what: str, places: npt.NDArray[Any], length: int) -> None:
    if places.size and not 0 <= int(places.min()) <= int(places.max()) < length:
        wrong = int(np.argmax((places < 0) | (places >= length)))
        raise ValueError(
            f"{name} must have {what} from 0 to {length - 1}, as its shape says, "
            f"got {places[wrong]} at place {wrong}"
        )
