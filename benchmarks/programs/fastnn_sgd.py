"""fastnn, through its public interface: one call of `SGD` an epoch."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.programs.protocol import Arrays, Task
from fastnn import CrossEntropyCost, LogLikelihoodCost, Network

_COSTS = {"cross-entropy": CrossEntropyCost, "log-likelihood": LogLikelihoodCost}


class FastnnSGD:
    """`fastnn.Network.SGD`, with the shuffle and all that the call does around the kernels."""

    name = "fastnn"
    library = "numba"
    module = "fastnn"
    dtypes = ("float64", "float32")

    def unable(self, task: Task) -> str:
        """It can do every task."""
        return ""

    def prepare(self, task: Task) -> None:
        """Give a network the initial values, and copy the order of the data set."""
        self._network = Network(
            task.sizes, _COSTS[task.cost], dtype=task.dtype, activation=task.activation
        )
        self._network.weights = [w.copy() for w in task.weights]
        self._network.biases = [b.copy() for b in task.biases]
        self._data = task.data[:]
        self._settings = (1, task.mini_batch_size, task.eta, task.lmbda)
        self._options = {"optimizer": task.optimizer, "momentum": task.momentum}
        self._threads = task.threads

    def run_epoch(self, order: npt.NDArray[np.int64]) -> None:
        """Train for one epoch; `SGD` draws the same order itself."""
        self._network.SGD(
            self._data, *self._settings, **self._options, verbose=False, threads=self._threads
        )

    def parameters(self) -> tuple[Arrays, Arrays]:
        """The network's own lists."""
        weights: list[npt.NDArray[Any]] = self._network.weights
        return weights, self._network.biases

    def threads(self) -> int:
        """As many as allowed; one of them does narrow layers alone."""
        return self._threads
