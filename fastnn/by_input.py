"""Sparse inputs listed by input too, for mini-batches of all examples."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from fastnn.examples import Store
from fastnn.kernels.inputs import CodedInputs, DenseInputs, SparseInputs, TwoWayInputs
from fastnn.kernels.pairs import visit_pairs
from fastnn.packing import Inputs, density
from fastnn.sparse_form import place_type

# From this share of non-zero inputs on, epochs gain a tenth and more. Below, lists would take much
# memory beside rows, for each block has one for every two inputs.
LISTED_FROM = 0.02

Order = npt.NDArray[np.integer[Any]]


def by_input_too(store: Store, inputs: Inputs, order: Order, block: int) -> Inputs | TwoWayInputs:
    """The inputs of a data set with lists by input, of examples in that order, where that pays.

    Kernels then have to take the examples in blocks of so many, at most 256. To list takes as long
    as an epoch or two; what was listed last is kept with the data set.
    """
    if isinstance(inputs, DenseInputs) or density(inputs) < LISTED_FROM:
        return inputs
    kept = store.prepared.get("by input")
    if kept is None or kept[0] != block or not np.array_equal(kept[1], order):
        kept = block, order, *_listed_by_input(inputs, order, block)
        store.prepared["by input"] = kept
    _, _, starts, examples, values = kept
    table = inputs.table if isinstance(inputs, CodedInputs) else inputs.values[:0]
    return TwoWayInputs(inputs, starts, examples, values, table, block)


def _listed_by_input(
    rows: SparseInputs | CodedInputs, order: Order, block: int
) -> tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any]]:
    """What `TwoWayInputs` calls starts, examples and values."""
    width = int(rows.width)
    middle = width // 2
    pairs = (middle + 1) // 2 + (width - middle + 1) // 2
    blocks = -(-len(order) // block)
    value_type = np.uint8 if isinstance(rows, CodedInputs) else rows.values.dtype
    # Of each pair of a block how many examples it has, then where to list them; and 0.
    places = np.zeros((blocks, pairs, 2), np.int64)
    visit_pairs(
        rows, order, block, places, np.zeros(0, np.uint8), np.zeros(0, value_type), writing=False
    )
    ends = np.cumsum(places[:, :, 0])
    count = int(ends[-1])
    starts = np.zeros(ends.size + 1, place_type(count))
    starts[1:] = ends
    places[:, :, 0] = starts[:-1].reshape(blocks, pairs)
    places[:, :, 1] = 0
    examples, values = np.empty(count, np.uint8), np.zeros(2 * count, value_type)
    visit_pairs(rows, order, block, places, examples, values, writing=True)
    return starts, examples, values
