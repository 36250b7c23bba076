"""Gradients averaged over a data set, and how saturated its neurons are."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from fastnn.datasets.dataset import Dataset
from fastnn.engine.packed_network import (
    Arrays,
    PackedNetwork,
    kernel_inputs,
    kernel_order,
    kernel_targets,
)
from fastnn.engine.python_costs import put_output_errors
from fastnn.engine.short_calls import Pace
from fastnn.kernels import epoch, evaluate
from fastnn.kernels.compiling import variant_for
from fastnn.kernels.layout import BLOCK
from fastnn.model.activations import kernel_activations
from fastnn.model.architecture import Architecture
from fastnn.model.costs import kernel_cost


class Meter:
    """A data set in the kernels' form, on which gradients are measured again and again.

    Parameters
    ----------
    architecture : Architecture
        What the network is.
    data : Dataset
        The examples. Their present order is taken, whatever becomes of it later.
    """

    def __init__(self, architecture: Architecture, data: Dataset) -> None:
        self._packed = PackedNetwork(
            architecture.layers(), architecture.dtype, min(len(data), BLOCK)
        )
        self._total = self._packed.room_for_gradient()
        self._cost = architecture.cost
        self._delta = kernel_cost(self._cost, architecture.dtype).delta
        self._custom = kernel_activations(architecture.activations).custom
        self._data = data
        self._order = kernel_order(data)
        self._inputs = kernel_inputs(data.store, architecture.dtype)
        self._targets = kernel_targets(data.store)
        self._pace = Pace(architecture.weight_count())

    def compile(self) -> None:
        """Compile, or load from the cache on disk, what `bias_gradient` calls."""
        if self._delta is not None:
            self._add(False, 0, 0)

    def gradient(self, weights: Arrays, biases: Arrays) -> tuple[Arrays, Arrays]:
        """The mean of dC/dw and of dC/db over the data, for a network with these parameters."""
        self._add_all(weights, biases, True)
        n = len(self._order)
        sums_w, sums_b = self._packed.unpack(self._total)
        return [w / n for w in sums_w], [b / n for b in sums_b]

    def speeds(self, weights: Arrays, biases: Arrays) -> npt.NDArray[np.float64]:
        """The norm of the averaged dC/db of every layer after the inputs."""
        self._add_all(weights, biases, False)
        n = len(self._order)
        sums = self._packed.unpack_biases(self._total)
        return np.array([np.linalg.norm(b / n) for b in sums], np.float64)

    def slopes(self, weights: Arrays, biases: Arrays) -> Arrays:
        """The mean slope f'(z) of every neuron over the data, shaped as `biases`."""

        def call(begin: int, end: int) -> int:
            kernel = variant_for(evaluate.add_slopes, self._custom)
            net = self._packed.net
            kernel(net, self._total, self._inputs, self._custom, self._order, begin, end)
            return end

        self._run(weights, biases, call)
        return [b / len(self._order) for b in self._packed.unpack_biases(self._total)]

    def _add_all(self, weights: Arrays, biases: Arrays, with_weights: bool) -> None:
        """Leave the sum of the gradients in `self._total`, that of weights only if asked for."""
        self._run(weights, biases, lambda begin, end: self._add(with_weights, begin, end))

    def _run(self, weights: Arrays, biases: Arrays, call: Any) -> None:
        self._packed.pack(weights, biases)
        self._total.parameters[:] = 0
        self._pace.run(len(self._order), call)

    def _add(self, with_weights: bool, begin: int, end: int) -> int:
        net, total = self._packed.net, self._total
        if self._delta is not None:
            kernel = variant_for(epoch.add_gradients, self._delta, self._custom)
            how = (self._delta, self._custom, self._order, with_weights, begin, end)
            kernel(net, total, self._inputs, self._targets, *how)
            return end
        end = min(end, begin + net.capacity)
        forward = variant_for(epoch.forward_block, self._custom)
        forward(net, self._inputs, self._custom, self._order, begin, end - begin)
        put_output_errors(net, self._cost, self._data, self._order[begin:end])
        epoch.accumulate_block(net, total, self._inputs, self._order, begin, end - begin, 1.0)
        return end
