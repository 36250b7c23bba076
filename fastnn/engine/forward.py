"""Outputs of a network for many examples in rows, block by block, on all threads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt

from fastnn.datasets.dataset import Dataset
from fastnn.engine.inputs import Inputs, kernel_inputs, kernel_order, writable_view
from fastnn.engine.packed_network import PackedNetwork
from fastnn.engine.shares import Shares, threads_for
from fastnn.engine.short_calls import ShortCalls
from fastnn.engine.sparse_form import place_type
from fastnn.kernels import evaluate
from fastnn.kernels.inputs import DenseInputs
from fastnn.kernels.layout import BLOCK, Net
from fastnn.model.architecture import Architecture
from fastnn.model.description import Arrays

# Rows with gaps between them are copied, so many at a time.
_ROWS_COPIED = 4096

# The network that computed last, where its room has no more numbers than this: 2 MB in float64.
_LAST: list[Forward] = []
_MOST_KEPT = 1 << 18


class Forward:
    """A network with built-in activations, ready to compute outputs.

    It holds scratch for a block of examples in each thread, however many examples there are.
    Threads that help start when they are first needed, and end with `close`.

    Parameters
    ----------
    architecture : Architecture
        The description of the network.
    weights, biases : list of ndarray
        Weights (outputs, inputs) and biases (outputs, 1) of each layer.

    Attributes
    ----------
    architecture : Architecture
        The description of the network.
    """

    def __init__(self, architecture: Architecture, weights: Arrays, biases: Arrays) -> None:
        self.architecture = architecture
        self._packed = PackedNetwork(architecture.layers(), architecture.dtype, BLOCK)
        self.pack(weights, biases)
        self._shares: dict[int, Shares] = {}  # by the number of threads

    def pack(self, weights: Arrays, biases: Arrays) -> None:
        """Take these weights and biases, of the shapes of those before."""
        self._packed.pack(weights, biases)

    def is_small(self) -> bool:
        """Say whether its room may be kept for a later network."""
        return self._packed.numbers() <= _MOST_KEPT

    def close(self) -> None:
        """End the threads that help. Later calls begin them anew."""
        for shares in self._shares.values():
            shares.close()

    def of_rows(self, rows: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """The outputs (n, outputs) for floating-point rows (n, inputs), which must be finite."""
        out = self._room(len(rows))
        self.put_rows(rows, out)
        return out

    def put_rows(self, rows: npt.NDArray[Any], out: npt.NDArray[Any]) -> bool:
        """Write the outputs for floating-point rows (n, inputs) to `out`, shape (n, outputs).

        Returns True if all inputs are finite. If it returns False, they may be so nevertheless.
        """
        n, width = rows.shape
        at_a_time = max(1, n if rows.flags.c_contiguous else _ROWS_COPIED)
        table = np.zeros(256, self.architecture.dtype)
        finite = True
        for start in range(0, n, at_a_time):
            part = np.require(rows[start : start + at_a_time], requirements=["C", "ALIGNED"])
            order = np.arange(len(part), dtype=place_type(len(part)))
            inputs = DenseInputs(writable_view(part).reshape(-1), width, table)
            finite &= self._put(inputs, order, out[start : start + len(part)])
        return finite

    def of_data(self, data: Dataset) -> npt.NDArray[Any]:
        """The outputs (n, outputs) for a data set, in its order."""
        out = self._room(len(data))
        zeros_too = self._packed.zeros_count()
        inputs = kernel_inputs(data.store, self.architecture.dtype, zeros_too)
        self._put(inputs, kernel_order(data), out)
        return out

    def _room(self, examples: int) -> npt.NDArray[Any]:
        return np.empty((examples, self.architecture.sizes[-1]), self.architecture.dtype)

    def _put(self, inputs: Inputs, order: npt.NDArray[Any], out: npt.NDArray[Any]) -> bool:
        n, weights = len(order), self.architecture.weight_count()
        threads = threads_for(n, weights)
        if threads not in self._shares:
            self._shares[threads] = Shares(self._packed, threads)
        finite = [True] * threads

        def part(net: Net, rank: int, first: int, behind: int) -> None:
            finite[rank] &= bool(evaluate.outputs(net, inputs, 0, order, first, behind, out))

        self._shares[threads].run(n, ShortCalls(weights), part)
        return all(finite)


@contextmanager
def forward_of(architecture: Architecture, weights: Arrays, biases: Arrays) -> Iterator[Forward]:
    """Have a network compute outputs, and end its threads.

    It uses the room of the last network, if that was small and alike. To make room takes several
    times as long as the outputs of one example do. Only one Python thread can take that room.
    """
    try:
        forward = _LAST.pop()
    except IndexError:
        forward = None
    if forward is not None and forward.architecture == architecture:
        forward.pack(weights, biases)
    else:
        forward = Forward(architecture, weights, biases)
    try:
        yield forward
    finally:
        forward.close()
    if forward.is_small():
        _LAST[:] = [forward]
