"""The arrays behind a `Dataset`, and the checks that examples pass to get there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from fastnn.common.checks import check_unmasked, describe, numbers
from fastnn.datasets.sparse_rows import SparseRows, is_sparse, rows_of_sparse

_ROWS_AT_A_TIME = 4096


class Store:
    """The arrays of examples, in the order they were given in.

    Attributes
    ----------
    inputs : ndarray, shape (n, inputs), C order, or SparseRows
        uint8, float32 or float64.
    table : ndarray of float32, shape (256,), or None
        For uint8: the number that each byte stands for.
    targets : ndarray
        int32 labels of shape (n,); or desired outputs, float64: of shape (n, outputs), or (n,) if
        they are scalars that cannot all be labels.
    classes : int or None
        The length of the unit columns that labels are returned as; None for plain integers.
    prepared : dict
        What `engine.inputs` has made from the inputs, kept so that it is made once.
    """

    def __init__(
        self,
        inputs: npt.NDArray[Any] | SparseRows,
        table: npt.NDArray[np.float32] | None,
        targets: npt.NDArray[Any],
        classes: int | None,
    ) -> None:
        self.inputs = inputs
        self.table = table
        self.targets = targets
        self.classes = classes
        self.prepared: dict[str, Any] = {}
        self._for_one_output: Store | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "prepared": {}, "_for_one_output": None}

    def input_rows(self, rows: Any) -> npt.NDArray[Any]:
        """The inputs of `rows` as numbers."""
        stored: npt.NDArray[Any] = self.inputs[rows]
        return stored if self.table is None else self.table[stored]

    def input_column(self, row: int) -> npt.NDArray[Any]:
        """The inputs of one example, shape (inputs, 1)."""
        return self.input_rows(row).reshape(-1, 1)

    @property
    def number_type(self) -> np.dtype[Any]:
        """The type of the inputs as numbers."""
        return self.inputs.dtype if self.table is None else self.table.dtype

    @property
    def answer_length(self) -> int | None:
        """The length of the desired outputs; None where each is a scalar."""
        return self.classes if self.targets.ndim == 1 else int(self.targets.shape[1])

    def target(self, row: int) -> Any:
        """The label of one example, or its desired output as a column."""
        if self.answer_length is None:
            return self.targets[row].item()
        return self.target_vectors([row]).reshape(-1, 1)

    def target_vectors(self, rows: Any) -> npt.NDArray[Any]:
        """The desired outputs of some rows, shape (rows, outputs), unless they are scalars; a copy.

        Labels become unit vectors.
        """
        targets: npt.NDArray[Any] = self.targets[rows]
        if targets.ndim == 2:
            return targets.copy() if isinstance(rows, slice) else targets
        vectors = np.zeros((len(targets), self.classes or 0))
        vectors[np.arange(len(targets)), targets] = 1.0
        return vectors

    def for_one_output(self) -> Store:
        """The same examples for a network with one output, which scalars are the desired values of.

        The targets have the shape (n, 1), unless they are unit columns already.
        """
        if self.answer_length is not None:
            return self
        if self._for_one_output is None:
            targets = self.targets.astype(np.float64).reshape(-1, 1)
            made = Store(self.inputs, self.table, targets, None)
            made.prepared = self.prepared
            self._for_one_output = made
        return self._for_one_output

    def with_labels_of(self, rows: npt.NDArray[np.integer[Any]]) -> Store:
        """The same examples with integers for the labels of these rows, and 0 in all others.

        Some of the others have numbers that cannot be labels, so all of them are floats here.
        """
        labels = np.zeros(len(self.targets), np.int32)
        labels[rows] = self.targets[rows]
        made = Store(self.inputs, self.table, labels, None)
        made.prepared = self.prepared
        return made

    def offers(self, store: Store) -> bool:
        """Say whether that is this store, or the one that `for_one_output` has made of it."""
        return store is self or store is self._for_one_output

    def with_rows(self, name: str, columns: Any, answers: Any) -> Store:
        """The same arrays with other inputs and desired outputs in some rows.

        Parameters
        ----------
        name : str
            What the data are called in errors.
        columns, answers : (rows, values) or None
            What inputs, shape (rows, inputs), and desired outputs, shape (rows, outputs), are to
            be changed.

        Returns
        -------
        Store
            This one if nothing is to be changed. Nothing that it shares with this one is changed.

        Raises
        ------
        ValueError
            If one of the values is not finite.
        """
        inputs, table, targets, classes = self.inputs, self.table, self.targets, self.classes
        if columns is None and answers is None:
            return self
        if columns is not None:
            rows, values = columns
            _check_finite(name, values, rows)
            if isinstance(inputs, SparseRows):
                inputs = inputs.with_rows(rows, values)
            else:
                inputs, table = np.array(self.input_rows(slice(None))), None
                inputs[rows] = values
        if answers is not None:
            rows, values = answers
            _check_finite(f"{name} labels", values, rows, "output")
            vectors = self.target_vectors(slice(None))
            vectors[rows] = values
            targets, classes = _labels_of_vectors(name, vectors)
        changed = Store(inputs, table, targets, classes)
        if columns is None:
            changed.prepared = self.prepared
        return changed


def store_from_arrays(
    inputs: npt.ArrayLike,
    labels: npt.ArrayLike,
    classes: int | None,
    scale: float,
) -> Store:
    """Check arrays of examples and keep them; the parameters are those of `Dataset`."""
    if is_sparse(inputs):
        if scale != 1.0:
            raise ValueError(f"scale is for inputs of type uint8, got {scale} with sparse ones")
        sparse = rows_of_sparse("inputs", inputs).with_own_indices()
        return Store(sparse, None, *_checked_targets(labels, len(sparse), classes))
    rows = numbers("inputs", inputs, "(examples, inputs)")
    if rows.ndim != 2 or 0 in rows.shape:
        raise ValueError(
            "inputs must have the shape (examples, inputs), at least one of each, "
            f"got {describe(rows)}"
        )
    if rows.dtype not in (np.uint8, np.float32, np.float64):
        rows = _as_float64(rows)
    rows = np.ascontiguousarray(rows)
    table = None
    if rows.dtype == np.uint8:
        if abs(255 * scale) > float(np.finfo(np.float32).max):
            raise ValueError(f"scale must leave inputs finite in float32, got {scale}")
        table = (np.arange(256) * scale).astype(np.float32)
    elif scale != 1.0:
        raise ValueError(f"scale is for inputs of type uint8, got {scale} with {rows.dtype}")
    else:
        _check_finite("inputs", rows)
    return Store(rows, table, *_checked_targets(labels, len(rows), classes))


def _checked_targets(
    labels: npt.ArrayLike, examples: int, classes: int | None
) -> tuple[npt.NDArray[Any], int | None]:
    """Check the labels; return them as a `Store` keeps them, and the number of classes."""
    targets = numbers("labels", labels, "(examples,) or (examples, outputs)")
    if len(targets.shape) not in (1, 2) or len(targets) != examples:
        raise ValueError(
            f"labels must have one entry for each of the {examples} examples: shape "
            f"({examples},) or ({examples}, outputs); got {describe(targets)}"
        )
    if targets.ndim == 1:
        targets = _check_labels("labels", targets, classes)
    else:
        if classes is not None and classes != targets.shape[1]:
            raise ValueError(
                f"classes is for integer labels; got {classes} with labels of shape {targets.shape}"
            )
        targets, classes = _labels_of_vectors("labels", targets)
    return targets, classes


def store_from_pairs(name: str, examples: Sequence[tuple[Any, Any]]) -> Store:
    """Check `(x, y)` pairs, at least one, and copy them into arrays; `name` is for errors."""
    check_pairs(name, examples)
    columns, answers = map(list, zip(*examples, strict=True))
    inputs = _stack(name, "x", columns)
    if inputs.dtype not in (np.float32, np.float64):
        inputs = _as_float64(inputs)
    _check_finite(name, inputs)
    scalars = _are_numbers(answers)
    if all(scalars):
        labels = numbers(f"{name} labels", answers, "(examples,)")
        return Store(inputs, None, _check_labels(f"{name} labels", labels, None), None)
    if any(scalars) and all(np.size(y) == 1 for y in answers):  # numbers and arrays of one
        answers = [np.reshape(y, (1, 1)) for y in answers]
    targets, classes = _labels_of_vectors(name, _stack(name, "y", answers))
    return Store(inputs, None, targets, classes)


def _are_numbers(answers: Sequence[Any]) -> list[bool]:
    if set(map(type, answers)) == {np.ndarray}:  # as mostly, and soon told for many of them
        return [y.ndim == 0 for y in answers]
    return [*map(_is_number, answers)]


def _is_number(y: Any) -> bool:
    try:
        return np.ndim(y) == 0
    except ValueError:  # a ragged list
        return False


def check_pairs(name: str, examples: Sequence[Any]) -> None:
    """Raise TypeError unless each example is two things; `name` is for errors."""
    try:
        for _, _ in examples:
            pass
    except (TypeError, ValueError):
        raise TypeError(f"{name} must hold pairs (x, y); {_first_bad_pair(examples)}") from None


def _first_bad_pair(examples: Sequence[Any]) -> str:
    for i, example in enumerate(examples):
        try:
            _, _ = example
        except (TypeError, ValueError):
            if isinstance(example, (list, tuple)):
                return f"{_example(i)} has {len(example)} items: {describe(example)}"
            return f"{_example(i)} is {describe(example)}"
    return "one of them is something else"


def _example(i: int) -> str:
    """Name the i-th example in an error message."""
    return f"example {i}"


def _stack(name: str, part: str, columns: Sequence[Any]) -> npt.NDArray[Any]:
    """Copy columns of shape (k, 1) or (k,) into the rows of an array (n, k)."""
    check_unmasked(f"{name}: {part}", columns)
    try:
        stacked = np.array(columns)
    except ValueError:  # ragged: say where
        stacked = None
    if stacked is None or stacked.dtype.kind not in "fiub" or stacked.size == 0:
        raise ValueError(f"{name}: {_where_columns_differ(part, columns)}")
    if stacked.ndim == 3 and stacked.shape[2] == 1:
        stacked = stacked[:, :, 0]
    if stacked.ndim != 2:
        raise ValueError(
            f"{name}: {part} must have the shape (k, 1) or (k,), got {stacked.shape[1:]}"
        )
    return np.ascontiguousarray(stacked)


def _where_columns_differ(part: str, columns: Sequence[Any]) -> str:
    first: tuple[int, ...] = ()
    for i, column in enumerate(columns):
        try:
            array = np.asarray(column)
        except ValueError:
            other = "; weights of examples are for sample_weight=" if part == "y" else ""
            return f"{part} of {_example(i)} must be a column of numbers, got a ragged list{other}"
        first = array.shape if i == 0 else first
        if array.dtype.kind not in "fiub" or array.size == 0:
            return f"{part} of {_example(i)} must be a column of numbers, got {describe(column)}"
        if array.shape != first:
            return (
                f"{part} of {_example(i)} has the shape {array.shape}, "
                f"that of example 0 is {first}; all must be alike"
            )
    return f"{part} must be columns of numbers"


def _as_float64(rows: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Convert to float64; a wider number beyond its range becomes infinite, to be refused later."""
    with np.errstate(over="ignore"):
        return rows.astype(np.float64)


def _check_finite(
    name: str,
    rows: npt.NDArray[Any],
    numbers_of_rows: npt.NDArray[np.int64] | None = None,
    part: str = "input",
) -> None:
    """Raise ValueError unless all numbers are finite.

    The message counts the examples from 0, or takes the numbers that the rows have elsewhere.
    """
    for start in range(0, len(rows), _ROWS_AT_A_TIME):
        finite = np.isfinite(rows[start : start + _ROWS_AT_A_TIME])
        if not finite.all():
            row, column = np.argwhere(~finite)[0]
            row += start
            example = row if numbers_of_rows is None else numbers_of_rows[row]
            raise ValueError(
                f"{name} must be finite numbers, got {rows[row, column]} in {part} {column} "
                f"of {_example(example)}"
            )


def _check_labels(name: str, labels: npt.NDArray[Any], classes: int | None) -> npt.NDArray[Any]:
    """Return one number for each example: int32 if all can be labels, else float64.

    With `classes`, they must be labels below it. Whole floats count as integers.
    """
    if labels.dtype.kind == "f":
        labels = _as_float64(labels)
        _check_finite(name, labels.reshape(-1, 1), part="output")
        whole = labels == np.trunc(labels)
        if classes is not None and not whole.all():
            i = int(np.argmin(whole))
            raise TypeError(f"{name} must be integers, got {labels[i]} in {_example(i)}")
    else:
        whole = np.ones(len(labels), np.bool_)
    limit = np.iinfo(np.int32).max if classes is None else classes
    wrong = ~whole | (labels < 0) | (labels >= limit)
    if not wrong.any():
        return np.array(labels, np.int32)  # a copy: kernels write where labels say
    if classes is not None:
        i = int(np.argmax(wrong))
        raise ValueError(
            f"{name} must lie between 0 and {limit - 1}, got {labels[i]} in {_example(i)}"
        )
    return labels.astype(np.float64)


def _labels_of_vectors(name: str, vectors: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], int | None]:
    """Turn desired outputs into labels and their number if all are unit vectors; else keep them."""
    vectors = _as_float64(vectors)
    _check_finite(name, vectors, part="output")
    ones = vectors == 1
    if vectors.shape[1] > 1 and np.all(ones.sum(axis=1) == 1) and np.all(ones | (vectors == 0)):
        return np.argmax(ones, axis=1).astype(np.int32), vectors.shape[1]
    return np.ascontiguousarray(vectors), None
