"""Prepare a network and a data set for the kernels: the first step of all that run one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from fastnn.datasets.dataset import Dataset
from fastnn.engine.inputs import Inputs, density, kernel_inputs, kernel_order, kernel_targets
from fastnn.engine.packed_network import PackedNetwork
from fastnn.engine.short_calls import ShortCalls
from fastnn.kernels.arguments import NO_WEIGHTS, Data
from fastnn.kernels.inputs import DenseInputs
from fastnn.kernels.layout import BLOCK, LARGE_BLOCK
from fastnn.kernels.own import is_own
from fastnn.model.activations import own_activations
from fastnn.model.architecture import Architecture
from fastnn.model.costs import cost_name, kernel_cost

# Weights of more bytes than this do not stay in the second cache of a core.
SECOND_CACHE = 1 << 19


class Prepared:
    """A network and a data set in the form that kernels take.

    Parameters
    ----------
    architecture : Architecture
        The description of the network.
    data : Dataset
        The examples. Their present order is used, even if it changes later.
    mini_batch_size : int, optional
        Examples per step, if the network is trained.
    dropout : sequence of float, optional
        A rate for each hidden layer, or none.
    frozen_layers : sequence of int, optional
        The layers that training leaves as they are.
    before_call : function, optional
        Called before each compiled call. If it raises, the work stops.

    Attributes
    ----------
    cost : class
        The cost as the user gave it.
    delta, fn : int or None
        The cost as kernels take it; None where only Python can compute it.
    custom : int
        The user's own activations as kernels take them; 0 if there are none.
    data : Dataset
        The examples.
    inputs, targets, order
        The arrays of the examples as kernels take them.
    density : float
        The share of inputs that a kernel works on.
    packed : PackedNetwork
        Parameters, and scratch for a block of examples.
    calls : ShortCalls
        Cuts work on all examples into compiled calls.
    """

    def __init__(
        self,
        architecture: Architecture,
        data: Dataset,
        mini_batch_size: int | None = None,
        dropout: Sequence[float] = (),
        frozen_layers: Sequence[int] = (),
        before_call: Callable[[], None] | None = None,
    ) -> None:
        self._architecture = architecture
        self.cost = architecture.cost
        self._read_functions()
        self.take(data)
        together = min(mini_batch_size or len(data), len(data))
        # Python computes the error of a whole mini-batch at once.
        in_one_piece = mini_batch_size is not None and self.delta is None
        dtype = architecture.dtype
        large = mini_batch_size is not None and isinstance(self.inputs, DenseInputs)
        large = large and architecture.weight_count() * dtype.itemsize > SECOND_CACHE
        most = LARGE_BLOCK if large else BLOCK
        block = together if in_one_piece else min(together, most)
        layers = architecture.layers(dropout, frozen_layers)
        self.packed = PackedNetwork(layers, dtype, block)
        self.packed.net.dropout.rates[: len(dropout)] = np.array(dropout)
        self.calls = ShortCalls(architecture.weight_count(), before_call)

    def take(self, data: Dataset) -> None:
        """Work on these examples from now on."""
        self.data = data
        self._fastest = kernel_inputs(data.store, self._architecture.dtype)
        self.inputs: Inputs = self._fastest
        self.targets = kernel_targets(data.store)
        self.order = kernel_order(data)
        self.density = density(self.inputs)

    def count_zeros(self) -> None:
        """Let kernels take the inputs that are zero, too, where the parameters need that."""
        store = self.data.store
        if isinstance(store.inputs, np.ndarray) and not isinstance(self._fastest, DenseInputs):
            zeros = self.packed.zeros_count()
            self.inputs = kernel_inputs(store, self.packed.dtype, True) if zeros else self._fastest

    def examples(self) -> Data:
        """Return the examples as kernels take them, all of which weigh 1."""
        return Data(self.inputs, self.targets, self.order, NO_WEIGHTS)

    def put_away(self) -> None:
        """Let go of `data` until `take`."""
        del self.data

    def refresh(self) -> None:
        """Take over what functions of the user's own read now, if that has changed.

        Raises TypeError if a cost that was compiled has become one that only Python can compute, or
        the other way round.
        """
        if self._has_own:
            before = self.delta is None, self.fn is None
            self._read_functions()
            if (self.delta is None, self.fn is None) != before:
                raise TypeError(
                    f"cost {cost_name(self.cost)} reads other kinds of values than when training "
                    "began: keep them numbers"
                )

    def _read_functions(self) -> None:
        architecture = self._architecture
        self.delta, self.fn = kernel_cost(self.cost, architecture.dtype)
        self._own = own_activations(architecture.activations, architecture.dtype)
        self.custom = self._own.custom
        costs = [cost for cost in (self.delta, self.fn) if cost is not None]
        self._has_own = len(self._own.table) > 0 or any(map(is_own, costs))
