"""PyTorch with `torch.compile`."""

from __future__ import annotations

from benchmarks.programs.protocol import Task
from benchmarks.programs.torch_eager import TorchEager


class TorchCompiled(TorchEager):
    """As eager PyTorch, the forward and backward pass compiled.

    The optimiser stays as it is: compiled too, an epoch took longer.
    """

    name = "torch.compile"

    def prepare(self, task: Task) -> None:
        """Compile the cost; that happens at its first call, and needs a C++ compiler."""
        import torch

        super().prepare(task)
        self._cost = torch.compile(self._mean_cost)
