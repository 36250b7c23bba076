"""Outputs of a network for many examples in rows, block by block, on all threads."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from fastnn.common.processors import threads_available
from fastnn.common.threads import Threads
from fastnn.datasets.dataset import Dataset
from fastnn.engine.inputs import Inputs, kernel_inputs, kernel_order
from fastnn.engine.packed_network import Arrays, PackedNetwork
from fastnn.engine.short_calls import ShortCalls
from fastnn.engine.sparse_form import place_type
from fastnn.kernels import evaluate, layout
from fastnn.kernels.inputs import DenseInputs
from fastnn.kernels.layout import BLOCK
from fastnn.model.architecture import Architecture

# Below this many multiplications, threads take longer to begin than to compute.
_WORTH_THREADS = 20_000_000

# So many rows that do not lie one after the other are copied at a time.
_ROWS_COPIED = 4096


class Forward:
    """A network with built-in activations, ready to compute outputs.

    It holds scratch for a block of examples in each thread, however many examples there are.

    Parameters
    ----------
    architecture : Architecture
        The description of the network.
    weights, biases : list of ndarray
        Weights (outputs, inputs) and biases (outputs, 1) of each layer.
    """

    def __init__(self, architecture: Architecture, weights: Arrays, biases: Arrays) -> None:
        self._architecture = architecture
        self._packed = PackedNetwork(architecture.layers(), architecture.dtype, BLOCK)
        self._packed.pack(weights, biases)

    def of_rows(self, rows: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """The outputs (n, outputs) for floating-point rows (n, inputs), which must be finite."""
        n, width = rows.shape
        at_a_time = n if rows.flags.c_contiguous else _ROWS_COPIED
        table = np.zeros(256, self._architecture.dtype)
        parts = []
        for start in range(0, n, at_a_time):
            part = np.ascontiguousarray(rows[start : start + at_a_time])
            order = np.arange(len(part), dtype=place_type(len(part)))
            parts.append(self._run(DenseInputs(part.reshape(-1), width, table), order))
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def of_data(self, data: Dataset) -> npt.NDArray[Any]:
        """The outputs (n, outputs) for a data set, in its order."""
        return self._run(kernel_inputs(data.store, self._architecture.dtype), kernel_order(data))

    def _run(self, inputs: Inputs, order: npt.NDArray[Any]) -> npt.NDArray[Any]:
        n, weights = len(order), self._architecture.weight_count()
        out = np.empty((n, self._architecture.sizes[-1]), self._architecture.dtype)
        count = threads_available() if n * weights >= _WORTH_THREADS else 1
        nets = [self._packed.net, *(self._with_scratch() for _ in range(1, count))]
        threads = Threads(count - 1)

        def call(begin: int, end: int) -> int:
            cuts = [begin + (end - begin) * rank // count for rank in range(count + 1)]

            def part(rank: int) -> None:
                first, behind = cuts[rank], cuts[rank + 1]
                evaluate.outputs(nets[rank], inputs, 0, order, first, behind, out)

            threads.run(part)
            return end

        try:
            ShortCalls(weights).run(n, call)
        finally:
            threads.close()
        return out

    def _with_scratch(self) -> layout.Net:
        net, plan = self._packed.net, self._packed.net.plan
        size = layout.scratch_for(plan.room, plan.capacity)
        scratch = layout.aligned_zeros(size, self._packed.dtype)
        return net._replace(work=layout.Work(exchange=scratch, own=scratch))
