"""Examples that lie in arrays: npz by its usual names, npy, and IDX."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastnn.common.checks import numbers, printable
from fastnn.common.reading import (
    MAX_UNPACKED_BYTES,
    open_npz,
    read_idx,
    reading,
    unpacked_limit,
)
from fastnn.datasets.labels import as_labels

# What the arrays of an npz may be called, inputs and labels; then those of its test data. Capitals
# make no difference.
_NPZ_NAMES = (
    ("x", "y"),
    ("images", "labels"),
    ("inputs", "labels"),
    ("data", "target"),
    ("data", "targets"),
    ("data", "labels"),
    ("x_train", "y_train"),
    ("train_images", "train_labels"),
    ("train_x", "train_y"),
    ("features", "labels"),
    ("features", "targets"),
    ("inputs", "targets"),
    ("arr_0", "arr_1"),  # what np.savez calls arrays that it is given no names for
)
_TEST_NAMES = {
    "x_train": ("x_test", "y_test"),
    "train_images": ("test_images", "test_labels"),
    "train_x": ("test_x", "test_y"),
}


class StoredExamples(NamedTuple):
    """Examples as files of arrays have them.

    Attributes
    ----------
    inputs : ndarray of float32 or float64, or SciPy sparse matrix, shape (n, inputs)
    labels : ndarray of int64, text or float64, shape (n,), or None
        float64 for measured values, which name no classes.
    test : tuple of two arrays, or None
        Inputs and labels of the test data, where the same file has some.
    notes : tuple of str
        What else the file has, and how it was understood.
    from_zero : bool, optional
        Whether svmlight's rows count inputs from 0, or from 1; None for other files.
    """

    inputs: Any
    labels: NDArray[Any] | None
    test: tuple[NDArray[Any], NDArray[Any]] | None = None
    notes: tuple[str, ...] = ()
    from_zero: bool | None = None


def read_npz(path: Path, measured: bool = False, to_answer: bool = False) -> StoredExamples:
    """Read an npz; `measured` allows numbers that are no classes for labels.

    `to_answer` reads the test data alone, where there are some, with labels or without.
    Raises ValueError if the file is damaged, or its arrays are not examples.
    """
    with open_npz(path) as file:
        names: dict[str, str] = {}
        for name in file:
            names.setdefault(name.lower(), name)
        inputs_name, labels_name = _names_in(names, to_answer)
        test = [names.get(name, "") for name in _TEST_NAMES.get(inputs_name.lower(), ())]
        taken: tuple[str, ...] = ()
        if inputs_name.lower() in dict(_TEST_NAMES.values()):
            taken = (f"the test data are taken: {inputs_name} of {printable(path.name)}",)
        limit = unpacked_limit(path, MAX_UNPACKED_BYTES)
        stored = _array_in(file, inputs_name)
        rows = as_inputs(inputs_name, stored, limit)
        notes = (*taken, *_told_of_bytes(stored))
        used = {inputs_name}
        if labels_name is None:
            wanted = " or ".join(_labels_of(inputs_name.lower()))
            advice = f" (labels of {inputs_name} would be called {wanted})"
            advised = (f"{each}{advice}" for each in _left(file, used))
            return StoredExamples(rows, None, None, (*notes, *advised))
        labels = _labels(labels_name, _array_in(file, labels_name), rows, measured)
        used.add(labels_name)
        if not test or not all(test):
            return StoredExamples(rows, labels, None, (*notes, *_left(file, used)))
        test_rows = as_inputs(test[0], _array_in(file, test[0]), limit)
        test_labels = _labels(test[1], _array_in(file, test[1]), test_rows, measured)
        told = f"{test[0]} and {test[1]} of {printable(path.name)} are the test data"
        left = _left(file, {*used, *test})
        return StoredExamples(rows, labels, (test_rows, test_labels), (*notes, told, *left))


def _labels_of(inputs_name: str) -> list[str]:
    """Return what the labels of these inputs may be called."""
    pairs = (*_NPZ_NAMES, *_TEST_NAMES.values())
    return [labels for inputs, labels in pairs if inputs == inputs_name]


def _array_in(file: Mapping[str, NDArray[Any]], name: str) -> NDArray[Any]:
    """Return an array of an npz, or say what to do where it holds Python's objects."""
    try:
        return file[name]
    except ValueError as problem:
        if "allow_pickle" not in str(problem):
            raise
        raise ValueError(
            f"{name} holds Python objects, which are never read; save numbers or text, such as "
            f"{name}.astype(str)"
        ) from None


def _left(file: Mapping[str, NDArray[Any]], used: set[str]) -> tuple[str, ...]:
    """Say which arrays are not used."""
    left = [name for name in file if name not in used]
    if not left:
        return ()
    shown = ", ".join(map(printable, left[:6])) + (", ..." if len(left) > 6 else "")
    return (f"not used: {shown}",)


def read_npy(paths: list[Path], measured: bool = False) -> StoredExamples:
    """Read inputs, and labels if there is a second file, in NumPy's own format."""
    arrays = []
    for path in paths:
        with reading(path, "npy"):
            arrays.append(_mapped(path))
    with reading(paths[0], "npy"):
        rows = as_inputs("inputs", arrays[0], unpacked_limit(paths[0], MAX_UNPACKED_BYTES))
    notes = _told_of_bytes(arrays[0])
    if len(paths) == 1:
        return StoredExamples(rows, None, None, notes)
    with reading(paths[1], "npy"):
        labels = _labels("labels", np.asarray(arrays[1]), rows, measured)
        return StoredExamples(rows, labels, None, notes)


def _told_of_bytes(values: NDArray[Any]) -> tuple[str, ...]:
    """Say what becomes of bytes, as other integers of the same values stay what they are."""
    if values.dtype != np.uint8:
        return ()
    return ("bytes (uint8) are divided by 256, as those of images; other numbers are not",)


def _mapped(path: Path) -> NDArray[Any]:
    """Map an array into memory, or say what to do where it holds Python's objects."""
    try:
        mapped: NDArray[Any] = np.load(path, allow_pickle=False, mmap_mode="r")
    except ValueError as problem:
        if "Python objects" not in str(problem):
            raise
        raise ValueError(
            "it holds Python objects, which are never read; save numbers or text, such as "
            "numpy.save(..., array.astype(str))"
        ) from None
    return mapped


def read_idx_files(files: list[Path]) -> StoredExamples:
    """Read an IDX file of images, and one of labels if there is a second.

    Where labels have several columns, as QMNIST's, the first one is the label.
    """
    images = read_idx(files[0], any_type=True)
    with reading(files[0], "IDX file of images"):
        rows = as_inputs("images", images, unpacked_limit(files[0], MAX_UNPACKED_BYTES))
    if len(files) == 1:
        return StoredExamples(rows, None)
    labels = read_idx(files[1], any_type=True)
    with reading(files[1], "IDX file of labels"):
        if labels.ndim == 2 and labels.shape[1] > 64:
            raise ValueError(f"labels must be one number each, got {labels.shape[1]}")
        notes: tuple[str, ...] = ()
        if labels.ndim == 2:
            notes = (f"labels are the first of {labels.shape[1]} numbers for each example",)
            labels = labels[:, 0]
        check_lengths(rows, labels)
        return StoredExamples(
            rows, as_labels("labels", labels.astype(labels.dtype.newbyteorder("="))), None, notes
        )


def _names_in(names: Mapping[str, str], to_answer: bool) -> tuple[str, str | None]:
    """Find the names of the arrays, small or large; a pair of both goes before inputs alone.

    `to_answer` takes the test data before all others.
    """
    for inputs, labels in _TEST_NAMES.values() if to_answer else ():
        if inputs in names:
            return names[inputs], names.get(labels)
    for inputs, labels in _NPZ_NAMES:
        if inputs in names and labels in names:
            return names[inputs], names[labels]
    if names.keys() >= {"format", "shape", "data"} and names.keys() & {"indptr", "row", "offsets"}:
        raise ValueError(
            "it is a sparse matrix of SciPy without labels; save both by numpy.savez(..., "
            "x=matrix.toarray(), y=labels), or by sklearn.datasets.dump_svmlight_file"
        )
    for inputs, _ in _NPZ_NAMES:
        if inputs in names:
            return names[inputs], None
    pairs = ", ".join(f"{inputs} and {labels}" for inputs, labels in _NPZ_NAMES[:4])
    raise ValueError(
        f"expected the arrays {pairs}, or those of Keras or MedMNIST; "
        f"it holds {', '.join(list(names.values())[:6]) or 'none'}"
    )


def as_inputs(name: str, values: NDArray[Any], limit: int) -> NDArray[Any]:
    """Return inputs as finite float32 or float64 of shape (n, inputs), images laid flat.

    They may take `limit` bytes: small files can unpack to bytes that become eight times as many.
    """
    values = numbers(name, values, "(n, inputs)")
    if values.ndim < 2 or values.size == 0:
        raise ValueError(
            f"{name} must have the shape (n, inputs) or (n, rows, columns), at least one of each, "
            f"got {values.shape}"
        )
    rows = values.reshape(len(values), -1)
    itemsize = 4 if rows.dtype.type in (np.uint8, np.float32) else 8
    if rows.size * itemsize > limit:
        raise ValueError(f"{name} must take at most {limit} bytes, got {rows.size * itemsize}")
    if rows.dtype == np.uint8:
        grey: NDArray[np.float32] = np.multiply(rows, np.float32(1 / 256), dtype=np.float32)
        return grey
    # Types wider than float64 may hold numbers beyond it; the check below finds them.
    with np.errstate(over="ignore"):
        rows = rows.astype(np.float32 if rows.dtype.type is np.float32 else np.float64)
    finite = np.isfinite(rows).all(axis=1)
    if not finite.all():
        raise ValueError(f"{name} must be finite, got others in example {int(np.argmin(finite))}")
    return np.ascontiguousarray(rows)


def _labels(name: str, values: NDArray[Any], rows: Any, measured: bool) -> NDArray[Any]:
    """Return labels; rows of a 1 and else 0 name the class by its place."""
    check_lengths(rows, values)
    if _is_one_hot(values):
        places: NDArray[np.int64] = np.argmax(values, axis=1)
        return places
    flat = values[:, 0] if values.ndim == 2 and values.shape[1] == 1 else values
    if measured and flat.ndim == 1 and flat.dtype.kind in "biuf" and np.isfinite(flat).all():
        return flat.astype(np.float64)
    try:
        return as_labels(name, values)
    except ValueError as problem:
        if flat.ndim != 1 or flat.dtype.kind != "f" or not np.isfinite(flat).all():
            raise
        raise ValueError(f'{problem}; training with task="regression" estimates them') from None


def _is_one_hot(values: NDArray[Any]) -> bool:
    if values.ndim != 2 or values.shape[1] < 2 or values.dtype.kind not in "biuf":
        return False
    return bool(((values == 0) | (values == 1)).all() and (values.sum(axis=1) == 1).all())


def check_lengths(rows: Any, labels: NDArray[Any]) -> None:
    """Raise ValueError unless there is a label for each row."""
    if labels.ndim == 0 or len(labels) != rows.shape[0]:
        lying = labels.ndim and len(labels) == rows.shape[1]
        raise ValueError(
            f"there must be a label for each of the {rows.shape[0]} examples, "
            f"got labels of shape {labels.shape}"
            + ("; the examples must be rows, not columns" if lying else "")
        )
