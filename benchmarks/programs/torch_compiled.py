"""PyTorch, with `torch.compile`."""

from __future__ import annotations

from benchmarks.programs.protocol import Task
from benchmarks.programs.torch_eager import TorchEager


class TorchCompiled(TorchEager):
    """Eager PyTorch, but with the forward and backward passes compiled.

    The optimiser is not compiled: with it, an epoch took longer.
    """

    name = "torch.compile"

    def prepare(self, task: Task) -> None:
        """Have the cost compiled at its first call, which needs a C++ compiler."""
        import torch

        super().prepare(task)
        self._cost = torch.compile(self._mean_cost)
