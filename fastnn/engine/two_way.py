"""List sparse inputs by input, too, for mini-batches that hold all examples."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from fastnn.engine.inputs import Inputs, density
from fastnn.engine.sparse_form import place_type
from fastnn.kernels.inputs import CodedInputs, DenseInputs, TwoWayInputs
from fastnn.kernels.pairs import visit_pairs

# Listing takes as much time as three epochs with lists save.
WORTH_LISTING = 4

# From this share of non-zero inputs on, epochs take at least a tenth less time. Below it, the lists
# take much memory compared with the rows, because each block has one for every two inputs.
LISTED_FROM = 0.02

Order = npt.NDArray[np.integer[Any]]


def by_input_too(inputs: Inputs, order: Order, block: int, epochs: int) -> Inputs | TwoWayInputs:
    """Add lists by input to the inputs, for examples in this order, if that pays.

    Kernels must then take the examples in this order, in blocks of `block`, at most 256. The bits
    stay the same. `epochs` is how many times they will do so.
    """
    if epochs < WORTH_LISTING or isinstance(inputs, DenseInputs) or density(inputs) < LISTED_FROM:
        return inputs
    width = int(inputs.width)
    middle = width // 2
    pairs = (middle + 1) // 2 + (width - middle + 1) // 2
    blocks = -(-len(order) // block)
    if isinstance(inputs, CodedInputs):
        value_type, table = np.dtype(np.uint8), inputs.table
    else:
        value_type, table = inputs.values.dtype, inputs.values[:0]
    # For each pair of a block: how many examples it has, later where to list them; then 0.
    places = np.zeros((blocks, pairs, 2), np.int64)
    nowhere = np.zeros(0, np.uint8), np.zeros(0, value_type)
    visit_pairs(inputs, order, block, places, *nowhere, writing=False)
    ends = np.cumsum(places[:, :, 0])
    count = int(ends[-1])
    starts = np.zeros(ends.size + 1, place_type(count))
    starts[1:] = ends
    places[:, :, 0] = starts[:-1].reshape(blocks, pairs)
    places[:, :, 1] = 0
    members, values = np.empty(count, np.uint8), np.zeros(2 * count, value_type)
    visit_pairs(inputs, order, block, places, members, values, writing=True)
    return TwoWayInputs(inputs, starts, members, values, table, block)
