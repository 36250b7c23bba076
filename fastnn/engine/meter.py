"""Gradients and slopes of a network, averaged over a data set."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from fastnn.datasets.dataset import Dataset
from fastnn.engine.prepared import Prepared
from fastnn.engine.python_costs import put_output_errors
from fastnn.kernels import epoch, evaluate
from fastnn.kernels.arguments import Functions
from fastnn.kernels.sums import norm
from fastnn.model.architecture import Architecture
from fastnn.model.costs import check_cost
from fastnn.model.description import Arrays


class Meter:
    """A data set in the kernels' form, on which gradients are measured again and again.

    Parameters
    ----------
    architecture : Architecture
        The description of the network.
    data : Dataset
        The examples. Their present order is used, even if it changes later.
    """

    def __init__(self, architecture: Architecture, data: Dataset) -> None:
        check_cost(architecture.cost, "delta")
        self._prepared = Prepared(architecture, data)
        self._packed = self._prepared.packed
        self._total = self._packed.room_for_gradient()

    def compile(self) -> None:
        """Compile, or load from the cache on disk, what `gradient` and `speeds` call."""
        if self._prepared.delta is not None:
            self._add(False, 0, 0)

    def gradient(self, weights: Arrays, biases: Arrays) -> tuple[Arrays, Arrays]:
        """Average dC/dw and dC/db over the data, for a network with these parameters."""
        self._add_all(weights, biases, True)
        n = len(self._prepared.order)
        sums_w, sums_b = self._packed.unpack(self._total)
        return [w / n for w in sums_w], [b / n for b in sums_b]

    def speeds(self, weights: Arrays, biases: Arrays) -> npt.NDArray[np.float64]:
        """The norm of the averaged dC/db of every layer after the inputs."""
        self._add_all(weights, biases, False)
        n = len(self._prepared.order)
        sums = self._packed.unpack_biases(self._total)
        return np.array([norm(b / n) for b in sums], np.float64)

    def slopes(self, weights: Arrays, biases: Arrays) -> Arrays:
        """The mean slope f'(z) of every neuron over the data, shaped like `biases`."""
        prepared = self._prepared

        def call(begin: int, end: int) -> int:
            examples = prepared.inputs, prepared.custom, prepared.order, begin, end
            evaluate.add_slopes(prepared.packed.net, self._total, *examples)
            return end

        self._run(weights, biases, call)
        return [b / len(self._prepared.order) for b in self._packed.unpack_biases(self._total)]

    def _add_all(self, weights: Arrays, biases: Arrays, with_weights: bool) -> None:
        """Sum the gradients in `self._total`; those of weights only if asked for."""
        self._run(weights, biases, lambda begin, end: self._add(with_weights, begin, end))

    def _run(self, weights: Arrays, biases: Arrays, call: Any) -> None:
        self._prepared.refresh()
        self._packed.pack(weights, biases)
        self._prepared.count_zeros()
        self._total[:] = 0
        block = self._packed.net.plan.capacity
        self._prepared.calls.run(len(self._prepared.order), call, block)

    def _add(self, with_weights: bool, begin: int, end: int) -> int:
        prepared, total = self._prepared, self._total
        net, data = prepared.packed.net, prepared.examples()
        if prepared.delta is not None:
            functions = Functions(prepared.delta, prepared.custom)
            epoch.add_gradients(net, total, data, functions, with_weights, begin, end)
            return end
        end = min(end, begin + net.plan.capacity)
        epoch.forward_block(net, data.inputs, prepared.custom, data.order, begin, end - begin)
        put_output_errors(net, prepared.cost, prepared.data, data.order[begin:end])
        epoch.accumulate_block(net, total, data, begin, end - begin, 1.0)
        return end
