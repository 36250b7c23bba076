"""PyTorch as its tutorials write it: modules, autograd, an optimiser; no compiler."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.programs.protocol import Arrays, Task


class TorchEager:
    """`nn.Linear` and `nn.Sigmoid`, cross-entropy from the logits, `optim.SGD`."""

    name = "torch"
    library = "torch"
    module = "torch"
    dtypes = ("float64", "float32")

    def prepare(self, task: Task) -> None:
        """Build the modules with the initial values; the optimiser decays weights, not biases."""
        import torch

        torch.set_num_threads(task.threads)
        self._task = task
        self._inputs = torch.from_numpy(task.inputs)
        self._targets = torch.from_numpy(task.targets)
        layers: list[Any] = []
        for w, b in zip(task.weights, task.biases, strict=True):
            layer = torch.nn.Linear(w.shape[1], w.shape[0], dtype=self._inputs.dtype)
            with torch.no_grad():
                layer.weight.copy_(torch.from_numpy(w))
                layer.bias.copy_(torch.from_numpy(b[:, 0]))
            layers += [layer, torch.nn.Sigmoid()]
        self._linear = layers[::2]
        self._logits = torch.nn.Sequential(*layers[:-1])
        self._optimiser = torch.optim.SGD(
            [
                {
                    "params": [layer.weight for layer in self._linear],
                    "weight_decay": task.lmbda / len(task.inputs),
                },
                {"params": [layer.bias for layer in self._linear]},
            ],
            lr=task.eta,
        )
        self._cross_entropy = torch.nn.functional.binary_cross_entropy_with_logits
        self._cost = self._mean_cost

    def _mean_cost(self, x: Any, y: Any) -> Any:
        return self._cross_entropy(self._logits(x), y, reduction="sum") / len(x)

    def run_epoch(self, order: npt.NDArray[np.int64]) -> None:
        """Take one step for every mini-batch of the order."""
        import torch

        for rows in torch.from_numpy(order).split(self._task.mini_batch_size):
            self._optimiser.zero_grad()
            self._cost(self._inputs[rows], self._targets[rows]).backward()
            self._optimiser.step()

    def parameters(self) -> tuple[Arrays, Arrays]:
        """The values of the linear layers."""
        return (
            [layer.weight.detach().numpy() for layer in self._linear],
            [layer.bias.detach().numpy().reshape(-1, 1) for layer in self._linear],
        )

    def threads(self) -> int:
        """What PyTorch's operators may use."""
        return self._task.threads
