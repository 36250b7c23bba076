"""Read your own examples from npz, IDX or CSV files, ready to train with."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastnn.common.checks import describe, integer, numbers, printable, real
from fastnn.common.reading import (
    IDX_START,
    MAX_UNPACKED_BYTES,
    NPZ_START,
    open_npz,
    read_idx,
    reading,
    start_of,
    unpacked_limit,
)
from fastnn.datasets.dataset import Dataset
from fastnn.datasets.labels import Labels, as_labels, class_indices, distinct
from fastnn.datasets.tables import read_csv
from fastnn.scaling import Scaling

__all__ = ["Examples", "read_examples"]

# What the arrays of an npz may be called: inputs and labels.
_NPZ_NAMES = (("x", "y"), ("X", "y"), ("images", "labels"), ("inputs", "labels"))


@dataclass(frozen=True)
class Examples:
    """Examples read from a file.

    Attributes
    ----------
    inputs : ndarray, shape (n, inputs)
        float32 or float64.
    labels : ndarray, shape (n,), or None
        int64 or text; None if the file has none.
    classes : list of int or of str
        Each label once, sorted: what `Network.labels` should be.
    """

    inputs: NDArray[Any]
    labels: Labels | None
    classes: list[Any]

    def split(self, fraction: float, seed: int | None = None) -> tuple[Examples, Examples]:
        """Hold out a part of the examples, drawn at random, for evaluation.

        Parameters
        ----------
        fraction : float
            The share to hold out, between 0 and 1; at least one example stays on either side.
        seed : int, optional
            The same seed draws the same examples. NumPy's global generator is not used.

        Returns
        -------
        training, held_out : Examples
            Both know all classes.

        Raises
        ------
        TypeError, ValueError
            If `fraction` or `seed` is not as above, or there are fewer than two examples.
        """
        fraction = real("fraction", fraction)
        if not 0 < fraction < 1:
            raise ValueError(f"fraction must lie between 0 and 1, got {fraction}")
        if seed is not None:
            seed = integer("seed", seed, smallest=0)
        n = len(self.inputs)
        if n < 2:
            raise ValueError(f"examples must be at least two to hold some out, got {n}")
        held_out = min(max(round(fraction * n), 1), n - 1)
        order = np.random.default_rng(seed).permutation(n)
        return self._part(order[held_out:]), self._part(order[:held_out])

    def dataset(self, scaling: Scaling | None = None) -> Dataset:
        """Make a data set that `Network.SGD` takes, for training or for evaluation.

        Parameters
        ----------
        scaling : Scaling, optional
            How to standardise the inputs: the network's `scaling`.

        Returns
        -------
        Dataset
            Each label becomes the unit column of its index in `classes`.

        Raises
        ------
        ValueError
            If there are no labels, or `scaling` is for another number of inputs.
        """
        if self.labels is None:
            raise ValueError("examples must have labels to train with, got none")
        inputs = self.inputs if scaling is None else scaling.apply(self.inputs)
        places = class_indices(self.labels, self.classes)
        return Dataset(inputs, places, classes=len(self.classes))

    def _part(self, rows: NDArray[np.int64]) -> Examples:
        labels = None if self.labels is None else self.labels[rows]
        return Examples(self.inputs[rows], labels, self.classes)


def read_examples(
    *paths: str | os.PathLike[str],
    label_column: str | int | None = None,
    inputs: int | None = None,
) -> Examples:
    """Read examples from one file, or from a file of images and one of labels.

    The first bytes of a file tell its kind, not its name. Bytes ``k``, which images have, become
    ``k/256`` in float32, as in `mnist_loader.load_data`.

    Parameters
    ----------
    *paths : str or path-like
        One of: an ``.npz`` with the arrays x and y (or X and y, images and labels, inputs and
        labels), where the labels may be missing; an IDX file of images, alone or followed by one of
        labels, plain or gzipped; a CSV table, plain or gzipped, with one row per example.
    label_column : str or int, optional
        For a table, the column of labels: its name in the header, or its index, negative from the
        end. By default the last one.
    inputs : int, optional
        How many inputs there must be. A table with exactly that many columns has no labels, unless
        `label_column` is given.

    Returns
    -------
    examples : Examples

    Raises
    ------
    TypeError
        If a path is neither a string nor path-like.
    OSError
        If a file is missing or cannot be read.
    ValueError
        If a file is damaged or of another kind, a value is not finite, or the arrays do not fit
        each other. The message names the file and, for a table, line and column.
    """
    if len(paths) not in (1, 2):
        raise ValueError(f"paths must be one file, or images and labels, got {len(paths)}")
    for path in paths:
        if not isinstance(path, (str, os.PathLike)):
            raise TypeError(f"path must be a string or path-like, got {describe(path)}")
    files = [Path(path) for path in paths]
    starts = [start_of(path) for path in files]
    are_idx = all(start.startswith(IDX_START) for start in starts)
    if len(files) == 2 and not are_idx:
        raise ValueError(
            "paths must be two IDX files, images and labels, or one file with both; "
            f"got {printable(files[0])} and {printable(files[1])}"
        )
    if label_column is not None and (are_idx or starts[0] == NPZ_START):
        raise ValueError(f"label_column is for CSV tables; {printable(files[0])} is not one")
    if are_idx:
        rows, labels = _read_idx_files(files)
    elif starts[0] == NPZ_START:
        rows, labels = _read_npz(files[0])
    else:
        rows, labels = read_csv(files[0], label_column, inputs)
    if inputs is not None and rows.shape[1] != inputs:
        raise ValueError(
            f"path: {printable(files[0])} must have {inputs} inputs per example, "
            f"got {rows.shape[1]}"
        )
    return Examples(rows, labels, [] if labels is None else distinct(labels))


def _read_idx_files(files: list[Path]) -> tuple[NDArray[Any], Labels | None]:
    images = read_idx(files[0])
    with reading(files[0], "IDX file of images"):
        rows = _as_inputs("images", images, unpacked_limit(files[0], MAX_UNPACKED_BYTES))
    if len(files) == 1:
        return rows, None
    labels = read_idx(files[1], ndim=1)
    with reading(files[1], "IDX file of labels"):
        _check_lengths(rows, labels)
    return rows, as_labels("labels", labels)


def _read_npz(path: Path) -> tuple[NDArray[Any], Labels | None]:
    with open_npz(path) as file:
        inputs_name, labels_name = _names_in(file)
        limit = unpacked_limit(path, MAX_UNPACKED_BYTES)
        rows = _as_inputs(inputs_name, file[inputs_name], limit)
        if labels_name is None:
            return rows, None
        labels = file[labels_name]
        _check_lengths(rows, labels)
        return rows, as_labels(labels_name, labels)


def _names_in(file: Mapping[str, Any]) -> tuple[str, str | None]:
    """Find the names of the arrays; a pair of both goes before inputs alone."""
    for inputs, labels in _NPZ_NAMES:
        if inputs in file and labels in file:
            return inputs, labels
    for inputs, _ in _NPZ_NAMES:
        if inputs in file:
            return inputs, None
    pairs = ", ".join(f"{inputs} and {labels}" for inputs, labels in _NPZ_NAMES)
    raise ValueError(f"expected the arrays {pairs}; it holds {', '.join(list(file)[:6]) or 'none'}")


def _as_inputs(name: str, values: NDArray[Any], limit: int) -> NDArray[Any]:
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


def _check_lengths(rows: NDArray[Any], labels: NDArray[Any]) -> None:
    if labels.ndim == 0 or len(labels) != len(rows):
        raise ValueError(
            f"there must be a label for each of the {len(rows)} examples, "
            f"got labels of shape {labels.shape}"
        )
