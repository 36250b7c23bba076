"""Scaling of inputs, and of a regression's outputs, in PyTorch, which this file imports at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from fastnn.scaling import Scaling


class Standardise(torch.nn.Module):
    """Standardise inputs, as a network's `scaling` does, before the first Linear.

    In the weights of that layer a large mean would cancel out of large products, and take float32's
    digits with it.

    Parameters
    ----------
    mean, rest, deviation : ndarray, shape (inputs,)
        Of one type, see `exchange.scaling_in_parts`. They become buffers: they are saved and moved
        with the module, and not trained.
    """

    def __init__(
        self, mean: npt.NDArray[Any], rest: npt.NDArray[Any], deviation: npt.NDArray[Any]
    ) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean))
        self.register_buffer("rest", torch.tensor(rest))
        self.register_buffer("deviation", torch.tensor(deviation))

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Standardise inputs, shape (n, inputs)."""
        return (inputs - self.mean - self.rest) / self.deviation

    def extra_repr(self) -> str:
        """Say in `repr` how many inputs there are."""
        return f"inputs={len(self.mean)}"

    def scaling(self) -> Scaling:
        """Return the scaling in float64; in float32 the deviation has float32's digits."""
        mean, rest, deviation = (
            part.detach().to("cpu", torch.float64).numpy()
            for part in (self.mean, self.rest, self.deviation)
        )
        return Scaling(mean + rest, np.where(np.isinf(deviation), 0.0, deviation))


class InUnits(torch.nn.Module):
    """Bring a regression's outputs to the units of its targets, as `predict` does.

    Parameters
    ----------
    deviation, mean : ndarray, shape (1,)
        Of the targets. They become buffers, as those of `Standardise`.
    """

    def __init__(self, deviation: npt.NDArray[Any], mean: npt.NDArray[Any]) -> None:
        super().__init__()
        self.register_buffer("deviation", torch.tensor(deviation))
        self.register_buffer("mean", torch.tensor(mean))

    def forward(self, outputs: torch.Tensor) -> torch.Tensor:
        """Turn outputs, shape (n, 1), into estimates."""
        return outputs * self.deviation + self.mean
