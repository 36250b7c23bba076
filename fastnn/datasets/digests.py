"""Digests of examples, by which a data set is known again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from fastnn.common.checks import describe, shortened
from fastnn.datasets.dataset import Dataset
from fastnn.datasets.sparse_rows import SparseRows


def example_digests(data: Dataset) -> npt.NDArray[np.uint64]:
    """A digest of every row of a data set's arrays, whatever the order of the examples.

    Sparse rows stay sparse, and have other digests than the same rows in a full array: their
    digests are those of what is not zero, with its place. So a run on sparse inputs is resumed with
    sparse ones.

    Parameters
    ----------
    data : Dataset

    Returns
    -------
    ndarray of uint64, shape (rows of the arrays,)
    """
    store = data.store
    targets = np.ascontiguousarray(store.targets)
    kind = f"{store.inputs.dtype} {targets.dtype} {store.classes}".encode()
    kind += b"" if store.table is None else store.table.tobytes()
    if isinstance(store.inputs, SparseRows):
        kind += f" sparse {store.inputs.shape[1]}".encode()
        rows = _sparse_bytes(store.inputs)
    else:
        rows = (row.data for row in np.ascontiguousarray(store.inputs))
    start = hashlib.blake2b(kind, digest_size=8)
    digests = np.empty(len(targets), np.uint64)
    for place, row in enumerate(rows):
        digest = start.copy()
        digest.update(row)
        digest.update(targets[place : place + 1].data)
        digests[place] = int.from_bytes(digest.digest(), "little")
    return digests


def checked_digests(name: str, digests: npt.NDArray[Any]) -> npt.NDArray[np.uint64]:
    """Return digests that a file holds of a data set; raise ValueError if they are none."""
    if digests.dtype != np.uint64 or digests.ndim != 1:
        raise ValueError(f"digests of {shortened(name)} must be uint64, got {describe(digests)}")
    return digests


def _sparse_bytes(inputs: SparseRows) -> Iterator[Any]:
    """The places of each row that are not zero, as uint32, and their numbers; zeros are left out.

    SciPy stores some zeros: rows of equal numbers have equal bytes all the same.
    """
    for begin, end in zip(inputs.starts[:-1].tolist(), inputs.starts[1:].tolist(), strict=True):
        values = inputs.values[begin:end]
        stored = np.flatnonzero(values)
        places = inputs.indices[begin:end][stored].astype("<u4")
        yield places.tobytes() + values[stored].tobytes()
