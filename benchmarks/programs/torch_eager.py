"""PyTorch as its tutorials write it: modules, autograd and an optimiser, without a compiler."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.programs.protocol import Arrays, Task


class TorchEager:
    """Modules of `nn.Linear` and an activation, a cost of the logits, and `optim.SGD`."""

    name = "torch"
    library = "torch"
    module = "torch"
    dtypes = ("float64", "float32")

    def unable(self, task: Task) -> str:
        """It can do all but Adam: PyTorch corrects the bias of the mean before it adds epsilon."""
        return "its Adam takes other steps" if task.optimizer == "adam" else ""

    def prepare(self, task: Task) -> None:
        """Build the modules with the initial values."""
        import torch

        torch.set_num_threads(task.threads)
        self._task = task
        self._inputs = torch.from_numpy(task.inputs)
        self._targets = torch.from_numpy(task.targets)
        activations = {
            "sigmoid": torch.nn.Sigmoid,
            "tanh": torch.nn.Tanh,
            "relu": torch.nn.ReLU,
        }
        costs = {
            "cross-entropy": torch.nn.functional.binary_cross_entropy_with_logits,
            "log-likelihood": torch.nn.functional.cross_entropy,
        }
        layers: list[Any] = []
        for w, b in zip(task.weights, task.biases, strict=True):
            layer = torch.nn.Linear(w.shape[1], w.shape[0], dtype=self._inputs.dtype)
            with torch.no_grad():
                layer.weight.copy_(torch.from_numpy(w))
                layer.bias.copy_(torch.from_numpy(b[:, 0]))
            layers += [layer, activations[task.activation]()]
        self._linear = layers[::2]
        self._logits = torch.nn.Sequential(*layers[:-1])
        self._cost_of_logits = costs[task.cost]
        self._cost = self._mean_cost

    def _mean_cost(self, x: Any, y: Any) -> Any:
        return self._cost_of_logits(self._logits(x), y, reduction="sum") / len(x)

    def _make_optimiser(self) -> Any:
        """A new optimiser, which decays weights but not biases."""
        import torch

        weights = [layer.weight for layer in self._linear]
        biases = [layer.bias for layer in self._linear]
        return torch.optim.SGD(
            [{"params": weights, "weight_decay": self._task.l2}, {"params": biases}],
            lr=self._task.eta,
            momentum=self._task.momentum,
        )

    def run_epoch(self, order: npt.NDArray[np.int64]) -> None:
        """Take one step for every mini-batch of the order."""
        import torch

        optimiser = self._make_optimiser()
        for rows in torch.from_numpy(order).split(self._task.mini_batch_size):
            optimiser.zero_grad()
            self._cost(self._inputs[rows], self._targets[rows]).backward()
            optimiser.step()

    def parameters(self) -> tuple[Arrays, Arrays]:
        """The values of the linear layers."""
        return (
            [layer.weight.detach().numpy() for layer in self._linear],
            [layer.bias.detach().numpy().reshape(-1, 1) for layer in self._linear],
        )

    def threads(self) -> int:
        """The threads for PyTorch's operators."""
        return self._task.threads
