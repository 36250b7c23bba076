"""network2 with a matrix for each mini-batch: what one writes in NumPy to make it quick."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.programs.protocol import Arrays, Task


class NumpyMatrix:
    """Takes three matrix products for each layer and mini-batch; examples are rows."""

    name = "numpy"
    library = "numpy"
    module = "numpy"
    dtypes = ("float64", "float32")

    def unable(self, task: Task) -> str:
        """It can do network2's own training only."""
        return "written for network2's training only" if task.options else ""

    def prepare(self, task: Task) -> None:
        """Transpose the weights to (inputs, outputs), and make rows of the biases."""
        self._task = task
        self._weights = [w.T.copy() for w in task.weights]
        self._biases = [b[:, 0].copy() for b in task.biases]

    def run_epoch(self, order: npt.NDArray[np.int64]) -> None:
        """Take one step for every mini-batch of the order."""
        task = self._task
        for first in range(0, len(order), task.mini_batch_size):
            rows = order[first : first + task.mini_batch_size]
            self._step(task.inputs[rows], task.targets[rows])

    def _step(self, x: npt.NDArray[Any], y: npt.NDArray[Any]) -> None:
        activations = [x]
        for w, b in zip(self._weights, self._biases, strict=True):
            activations.append(1 / (1 + np.exp(-(activations[-1] @ w + b))))
        delta = activations[-1] - y
        step = self._task.eta / len(x)
        for layer in range(len(self._weights) - 1, -1, -1):
            a, w = activations[layer], self._weights[layer]
            gradient = a.T @ delta
            self._biases[layer] -= step * delta.sum(axis=0)
            if layer > 0:
                delta = (delta @ w.T) * a * (1 - a)
            w *= self._task.decay
            w -= step * gradient

    def parameters(self) -> tuple[Arrays, Arrays]:
        """Its arrays, turned back to network2's shapes."""
        return [w.T for w in self._weights], [b.reshape(-1, 1) for b in self._biases]

    def threads(self) -> int:
        """The threads for NumPy's products."""
        return self._task.threads
