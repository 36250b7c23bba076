"""Examples that lie in arrays: npz by its usual names, npy, IDX, and sparse rows of svmlight."""

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
from fastnn.datasets.text_files import Source, TextFile

# What the arrays of an npz may be called, inputs and labels; then those of its test data.
_NPZ_NAMES = (
    ("x", "y"),
    ("X", "y"),
    ("images", "labels"),
    ("inputs", "labels"),
    ("data", "target"),
    ("data", "targets"),
    ("data", "labels"),
    ("x_train", "y_train"),
    ("X_train", "y_train"),
    ("train_images", "train_labels"),
    ("train_x", "train_y"),
    ("features", "labels"),
)
_TEST_NAMES = {
    "x_train": ("x_test", "y_test"),
    "X_train": ("X_test", "y_test"),
    "train_images": ("test_images", "test_labels"),
    "train_x": ("test_x", "test_y"),
}


class Arrays(NamedTuple):
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
    """

    inputs: Any
    labels: NDArray[Any] | None
    test: tuple[NDArray[Any], NDArray[Any]] | None = None
    notes: tuple[str, ...] = ()


def read_npz(path: Path, measured: bool = False) -> Arrays:
    """Read an npz; `measured` allows numbers that are no classes for labels.

    Raises ValueError if the file is damaged, or its arrays are not examples.
    """
    with open_npz(path) as file:
        inputs_name, labels_name = _names_in(file)
        limit = unpacked_limit(path, MAX_UNPACKED_BYTES)
        rows = as_inputs(inputs_name, file[inputs_name], limit)
        if labels_name is None:
            return Arrays(rows, None)
        labels = _labels(labels_name, file[labels_name], rows, measured)
        test = _TEST_NAMES.get(inputs_name)
        if test is None or not all(name in file for name in test):
            return Arrays(rows, labels)
        test_rows = as_inputs(test[0], file[test[0]], limit)
        test_labels = _labels(test[1], file[test[1]], test_rows, measured)
        return Arrays(
            rows,
            labels,
            (test_rows, test_labels),
            (f"{test[0]} and {test[1]} of {printable(path.name)} are the test data",),
        )


def read_npy(paths: list[Path], measured: bool = False) -> Arrays:
    """Read inputs, and labels if there is a second file, in NumPy's own format."""
    arrays = []
    for path in paths:
        with reading(path, "npy"):
            arrays.append(np.load(path, allow_pickle=False, mmap_mode="r"))
    with reading(paths[0], "npy"):
        rows = as_inputs("inputs", arrays[0], unpacked_limit(paths[0], MAX_UNPACKED_BYTES))
    if len(paths) == 1:
        return Arrays(rows, None)
    with reading(paths[1], "npy"):
        return Arrays(rows, _labels("labels", np.asarray(arrays[1]), rows, measured))


def read_idx_files(files: list[Path]) -> Arrays:
    """Read an IDX file of images, and one of labels if there is a second.

    Where labels have several columns, as QMNIST's, the first one is the label.
    """
    images = read_idx(files[0], any_type=True)
    with reading(files[0], "IDX file of images"):
        rows = as_inputs("images", images, unpacked_limit(files[0], MAX_UNPACKED_BYTES))
    if len(files) == 1:
        return Arrays(rows, None)
    labels = read_idx(files[1], any_type=True)
    with reading(files[1], "IDX file of labels"):
        if labels.ndim == 2 and labels.shape[1] > 64:
            raise ValueError(f"labels must be one number each, got {labels.shape[1]}")
        notes: tuple[str, ...] = ()
        if labels.ndim == 2:
            notes = (f"labels are the first of {labels.shape[1]} numbers for each example",)
            labels = labels[:, 0]
        check_lengths(rows, labels)
        return Arrays(
            rows, as_labels("labels", labels.astype(labels.dtype.newbyteorder("="))), None, notes
        )


def read_svmlight(source: Source, inputs: int | None = None) -> Arrays:
    """Read rows of ``label place:number ...``, which stay sparse.

    Raises ImportError without scikit-learn, ValueError if a row is not like that.
    """
    try:
        from sklearn.datasets import load_svmlight_file
    except ImportError:
        raise ImportError(
            "reading svmlight files needs scikit-learn: python -m pip install 'fastnn-jit[sklearn]'"
        ) from None
    TextFile(source)  # is it text?
    with source.open() as stream:
        rows, labels = load_svmlight_file(stream, n_features=inputs)
    if not rows.shape[0] or not rows.shape[1]:
        raise ValueError("it holds no examples")
    finite = np.isfinite(rows.data)
    if not finite.all():
        place = int(np.searchsorted(rows.indptr, np.argmin(finite), side="right"))
        raise ValueError(f"line {place}: expected finite numbers")
    if np.isfinite(labels).all() and (labels == np.trunc(labels)).all():
        labels = labels.astype(np.int64)
    return Arrays(rows, labels)


def _names_in(file: Mapping[str, Any]) -> tuple[str, str | None]:
    """Find the names of the arrays; a pair of both goes before inputs alone."""
    for inputs, labels in _NPZ_NAMES:
        if inputs in file and labels in file:
            return inputs, labels
    for inputs, _ in _NPZ_NAMES:
        if inputs in file:
            return inputs, None
    pairs = ", ".join(f"{inputs} and {labels}" for inputs, labels in _NPZ_NAMES[:5])
    raise ValueError(
        f"expected the arrays {pairs}, or those of Keras or MedMNIST; "
        f"it holds {', '.join(list(file)[:6]) or 'none'}"
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
    return as_labels(name, values)


def _is_one_hot(values: NDArray[Any]) -> bool:
    if values.ndim != 2 or values.shape[1] < 2 or values.dtype.kind not in "biuf":
        return False
    return bool(((values == 0) | (values == 1)).all() and (values.sum(axis=1) == 1).all())


def check_lengths(rows: Any, labels: NDArray[Any]) -> None:
    """Raise ValueError unless there is a label for each row."""
    if labels.ndim == 0 or len(labels) != rows.shape[0]:
        raise ValueError(
            f"there must be a label for each of the {rows.shape[0]} examples, "
            f"got labels of shape {labels.shape}"
        )
