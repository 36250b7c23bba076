"""The room of the last small network that was trained, for the next that is alike.

To make it takes longer than to train on a few examples, as `partial_fit` in a loop does.
"""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import numpy as np

from fastnn.datasets.dataset import Dataset
from fastnn.datasets.store import Store
from fastnn.engine.inputs import list_sparse_inputs
from fastnn.engine.prepared import Prepared
from fastnn.model.architecture import Architecture

# The network that was trained last, where its room has no more numbers than this: 256 KB in
# float64. Such a network's blocks are of one size, whatever form its inputs have.
_LAST: list[_Kept] = []
_MOST_KEPT = 1 << 15


class _Kept(NamedTuple):
    architecture: Architecture
    block: int  # examples of a mini-batch, of which there may be fewer than asked for
    prepared: Prepared


def prepared_for(architecture: Architecture, data: Dataset, mini_batch_size: int) -> Prepared:
    """Prepare a network without parameters and a data set for training.

    Only one Python thread can take the room of the last network.
    """
    block = min(mini_batch_size, len(data))
    try:
        last = _LAST.pop()
    except IndexError:
        last = None
    if last is None or (last.architecture, last.block) != (architecture, block):
        return Prepared(architecture, data, mini_batch_size)
    prepared = last.prepared
    prepared.take(data)
    net = prepared.packed.net
    for array in (net.parameters, *net.work):  # as in a new one, also between the layers
        array[:] = 0
    net.decay_scale[:] = 1
    return prepared


def keep(architecture: Architecture, prepared: Prepared, mini_batch_size: int) -> None:
    """Keep the room of a network for the next one, if it is small, but not its examples.

    Nobody may use `prepared` afterwards.
    """
    if prepared.packed.numbers() > _MOST_KEPT:
        return
    block = min(mini_batch_size, len(prepared.data))
    prepared.take(_example_of(architecture.sizes[0], architecture.dtype))
    _LAST[:] = [_Kept(architecture, block, prepared)]


@functools.lru_cache(maxsize=1)
def _example_of(inputs: int, dtype: np.dtype[Any]) -> Dataset:
    """Return an example of zeros, to be held in place of the user's."""
    store = Store(np.zeros((1, inputs), dtype), None, np.zeros(1, np.int32), None)
    list_sparse_inputs(store, 0)
    return Dataset.of_store(store, np.arange(1))
