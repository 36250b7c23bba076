"""Data sets as kernels take them: inputs in their fastest form, targets and order."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from fastnn.datasets.dataset import Dataset
from fastnn.datasets.sparse_rows import SparseRows
from fastnn.datasets.store import Store
from fastnn.engine.sparse_form import has_as_many, place_type, sparse_form
from fastnn.kernels.arguments import NO_LABELS, NO_VECTORS, Targets
from fastnn.kernels.inputs import CodedInputs, DenseInputs, SparseInputs
from fastnn.kernels.sparse import find_halves

# Below this share of non-zero inputs, the sparse form of the first layer is faster.
SPARSE_BELOW = 0.4

_FEW = 100_000  # counting so many inputs takes little time

Inputs = SparseInputs | CodedInputs | DenseInputs


def list_sparse_inputs(store: Store, most_bytes: int) -> None:
    """Make the sparse form of full inputs ahead of `kernel_inputs`, if it needs little memory.

    If it would need more than `most_bytes`, kernels take the inputs as they are.
    """
    assert isinstance(store.inputs, np.ndarray)  # sparse rows have their form
    full = writable_view(store.inputs)
    most = int(SPARSE_BELOW * full.size)
    store.prepared["sparse"] = sparse_form(full, most, store.table, most_bytes)


def kernel_inputs(store: Store, dtype: np.dtype[Any], zeros_too: bool = False) -> Inputs:
    """Return the inputs of a data set as kernels take them; make them once and keep them with it.

    With `zeros_too` full inputs are taken as they are: see `PackedNetwork.zeros_count`.

    Raises
    ------
    ValueError
        If an input is beyond the range of `dtype`.
    """
    if dtype == np.float32 and store.inputs.dtype == np.float64:
        if "largest" not in store.prepared:
            stored = store.inputs
            stored = stored.values if isinstance(stored, SparseRows) else stored
            store.prepared["largest"] = max(stored.max(initial=0.0), -stored.min(initial=0.0))
        if store.prepared["largest"] > np.finfo(np.float32).max:
            raise ValueError(
                "inputs must be finite in float32, the network's type, got one of magnitude "
                f"{store.prepared['largest']}"
            )
    table = np.zeros(256, dtype) if store.table is None else store.table.astype(dtype)
    if isinstance(store.inputs, SparseRows):
        rows = store.inputs
        indices, values = map(writable_view, (rows.indices, rows.values))
        if "starts" not in store.prepared:
            starts = np.zeros(2 * len(rows) + 1, place_type(rows.starts[-1]))
            find_halves(rows.starts, indices, rows.shape[1], starts)
            store.prepared["starts"] = starts  # filled before another thread can see it
        return SparseInputs(store.prepared["starts"], indices, values, rows.shape[1])
    if "sparse" not in store.prepared and not zeros_too:
        full = writable_view(store.inputs)
        most = int(SPARSE_BELOW * full.size)
        # If the first rows look dense, counting takes less time and memory than making the form.
        first = full[: max(1, _FEW // full.shape[1])]
        seems_dense = np.count_nonzero(first) >= SPARSE_BELOW * first.size
        is_dense = seems_dense and has_as_many(full, most)
        store.prepared["sparse"] = None if is_dense else sparse_form(full, most, store.table)
    form = None if zeros_too else store.prepared["sparse"]
    if form is not None:
        width = store.inputs.shape[1]
        if form.values is not None:
            return SparseInputs(form.starts, form.listed, form.values, width)
        table = table if form.table is None else form.table.astype(dtype)
        return CodedInputs(form.starts, form.listed, width, table)
    dense = writable_view(store.inputs)
    return DenseInputs(dense.reshape(-1), dense.shape[1], table)


def density(inputs: Inputs) -> float:
    """The share of inputs that a kernel works on: 1 if they are dense."""
    if isinstance(inputs, DenseInputs):
        return 1.0
    examples, inputs_used = len(inputs.starts) // 2, int(inputs.starts[-1])
    return inputs_used / (examples * int(inputs.width))


def kernel_targets(store: Store) -> Targets:
    """Return labels, or desired outputs one after the other, as kernels take them."""
    targets = writable_view(store.targets)
    if targets.dtype == np.int32:
        return Targets(targets, NO_VECTORS)
    return Targets(NO_LABELS, targets.reshape(-1))


def kernel_order(data: Dataset) -> npt.NDArray[np.integer[Any]]:
    """Copy the data's order, as kernels take it."""
    return data.order.astype(place_type(len(data.store.inputs)))


class _Memory:
    """The memory of an array, without its read-only flag."""

    def __init__(self, array: npt.NDArray[Any]) -> None:
        self.array = array
        address, _ = array.__array_interface__["data"]
        self.__array_interface__ = {**array.__array_interface__, "data": (address, False)}


def writable_view(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return a view of the same memory that has Numba's usual type of array.

    Numba would compile a kernel again for read-only arrays, such as memory maps. Kernels never
    write to inputs or targets.
    """
    return array if array.flags.writeable else np.asarray(_Memory(array))
