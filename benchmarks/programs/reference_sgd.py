"""The plain NumPy network2, one example at a time: the baseline."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from benchmarks.programs.protocol import Arrays, Task
from fastnn import reference

_COSTS = {
    "cross-entropy": reference.CrossEntropyCost,
    "log-likelihood": reference.LogLikelihoodCost,
}


class ReferenceSGD:
    """`fastnn.reference.Network.SGD` on a list of pairs; like network2, in float64 only."""

    name = "reference"
    library = "numpy"
    module = "numpy"
    dtypes = ("float64",)

    def unable(self, task: Task) -> str:
        """It can do every task."""
        return ""

    def prepare(self, task: Task) -> None:
        """Make a list of pairs, as the book's loader does."""
        self._network = reference.Network(task.sizes, _COSTS[task.cost], activation=task.activation)
        self._network.weights = [w.copy() for w in task.weights]
        self._network.biases = [b.copy() for b in task.biases]
        self._pairs = list(task.data)
        self._settings = (1, task.mini_batch_size, task.eta, task.lmbda)
        self._options = {"optimizer": task.optimizer, "momentum": task.momentum}
        self._threads = task.threads

    def run_epoch(self, order: npt.NDArray[np.int64]) -> None:
        """Train for one epoch; `SGD` draws the same order itself."""
        self._network.SGD(self._pairs, *self._settings, **self._options, verbose=False)

    def parameters(self) -> tuple[Arrays, Arrays]:
        """The network's own lists."""
        return self._network.weights, self._network.biases

    def threads(self) -> int:
        """The threads for NumPy's products."""
        return self._threads
