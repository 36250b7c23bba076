"""Load MNIST the way the book's ``mnist_loader`` does, from the copy that comes with fastnn."""

from __future__ import annotations

import operator
import os
from pathlib import Path
from typing import Any, SupportsIndex

import numpy as np
from numpy.typing import NDArray

from fastnn.common.checks import describe
from fastnn.datasets.dataset import Dataset
from fastnn.datasets.files.digits import NUM_CLASSES, DigitData, read_splits

__all__ = ["load_data", "load_data_wrapper", "vectorized_result"]


def load_data(path: str | os.PathLike[str] | None = None) -> DigitData:
    """Load training, validation and test data as arrays.

    Parameters
    ----------
    path : str or path-like, optional
        The book's ``mnist.pkl.gz``, a folder of the four IDX files, plain or ``.gz`` (Fashion-MNIST
        comes that way), or an ``.npz`` with the arrays ``training_images``, ``training_labels`` and
        so on.
        By default, the MNIST that comes with fastnn: 50,000, 10,000 and 10,000 examples.

    Returns
    -------
    tuple of three (X, y) pairs
        Training, validation and test. `X` is ``(n, 784)`` float32, grey values k/256 from 0 (paper)
        to 255/256 (ink); a file of floats keeps its values and type. `y` is ``(n,)`` int64.

    Raises
    ------
    TypeError
        If `path` is neither a string nor path-like.
    FileNotFoundError
        If there is no such file or folder.
    ValueError
        If the file is damaged or of another kind.
    """
    training, validation, test = ((_as_floats(images), labels) for images, labels in _read(path))
    return training, validation, test


def load_data_wrapper(
    path: str | os.PathLike[str] | None = None,
) -> tuple[Dataset, Dataset, Dataset]:
    """Load training, validation and test data as sequences of pairs for `Network.SGD`.

    Parameters
    ----------
    path : str or path-like, optional
        As for `load_data`.

    Returns
    -------
    tuple of three Dataset
        Training data gives pairs ``(x, y)`` of columns, ``(784, 1)`` and ``(10, 1)``; `y` is the
        unit column of the label. Validation and test data give ``(x, label)`` with an integer
        label.

    Raises
    ------
    TypeError, FileNotFoundError, ValueError
        As for `load_data`.

    Notes
    -----
    A `load_data` or a `vectorized_result` that a script has put into this module is called, as by
    the book's loader.
    """
    if load_data is _LOAD_DATA:
        splits = _read(path)
        # Bytes stay bytes: a quarter of the memory of float32, and nothing to convert.
        scales = [1 / 256 if images.dtype == np.uint8 else 1.0 for images, _ in splits]
    else:
        splits = load_data() if path is None else load_data(path)
        scales = [1.0] * 3
    (images, labels), *others = splits
    if vectorized_result is _VECTORIZED_RESULT:
        training = Dataset(images, labels, classes=NUM_CLASSES, scale=scales[0])
    else:
        columns = np.array([np.ravel(vectorized_result(label)) for label in labels])
        training = Dataset(images, columns, scale=scales[0])
    validation, test = (
        Dataset(*split, scale=scale) for split, scale in zip(others, scales[1:], strict=True)
    )
    return training, validation, test


def vectorized_result(j: SupportsIndex) -> NDArray[np.float64]:
    """Return the unit column of digit `j`: the desired output.

    Parameters
    ----------
    j : int
        A digit, 0 to 9.

    Returns
    -------
    ndarray, (10, 1) float64
        1.0 in row `j`, else 0.0.

    Raises
    ------
    TypeError
        If `j` is not an integer.
    ValueError
        If `j` is not a digit.
    """
    try:
        digit = operator.index(j)
    except TypeError:
        raise TypeError(f"j must be an integer, got {describe(j)}") from None
    if not 0 <= digit < NUM_CLASSES:
        raise ValueError(f"j must be 0 to {NUM_CLASSES - 1}, got {digit}")
    column = np.zeros((NUM_CLASSES, 1))
    column[digit] = 1.0
    return column


def _read(path: str | os.PathLike[str] | None) -> DigitData:
    return read_splits(_bundled_file() if path is None else path)


def _bundled_file() -> Path:
    package = Path(__file__).resolve().parent
    # An installed package holds the data; in a checkout they lie beside it.
    candidates = (
        package / "datasets" / "mnist" / "mnist.npz",
        package.parent / "data" / "mnist.npz",
    )
    for candidate in candidates:
        if candidate.is_file():
            return candidate
    raise FileNotFoundError(
        f"the MNIST that comes with fastnn is neither {candidates[0]} nor {candidates[1]}; "
        "data/README.md in fastnn's repository says how to rebuild it"
    )


def _as_floats(images: NDArray[Any]) -> NDArray[Any]:
    if images.dtype != np.uint8:
        return images
    floats: NDArray[np.float32] = np.multiply(images, np.float32(1 / 256), dtype=np.float32)
    return floats


# As they are at import: a script may put functions of its own in their place.
_LOAD_DATA, _VECTORIZED_RESULT = load_data, vectorized_result
