"""What a network is, apart from its weights and biases."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from fastnn.kernels.activations import CUSTOM
from fastnn.kernels.layout import Layers
from fastnn.model.activations import activation_codes, tells_numbers


class Architecture(NamedTuple):
    """What a network computes with its weights and biases, checked."""

    sizes: list[int]  # neurons of each layer, inputs first
    dtype: np.dtype[Any]  # float64 or float32
    cost: Any
    activations: list[Any]  # of each layer after the inputs

    def weight_count(self) -> int:
        """Count the weights: the work of one example grows with them."""
        return sum(fan_in * fan_out for fan_in, fan_out in pairwise(self.sizes))

    def check_tells_classes(self, what: str) -> None:
        """Raise ValueError if the answers of the network cannot be right or wrong.

        `what` asks for their number, and is for errors.
        """
        if self.sizes[-1] == 1 and tells_numbers(self.activations[-1]):
            raise ValueError(
                f"{what} counts right classes, but the network's one {self.activations[-1]} output "
                "gives numbers; look at the cost in its place (total_cost, monitor_evaluation_cost)"
            )

    def layers(self, dropout: Sequence[float] = (), frozen_layers: Sequence[int] = ()) -> Layers:
        """Describe the layers to the kernels.

        `dropout` has one rate for each hidden layer, or none; `frozen_layers` are the places of
        those that training leaves as they are, from 0.
        """
        codes = activation_codes(self.activations)
        rates = [*dropout, 0.0] if dropout else [0.0] * len(codes)
        keep = tuple(code >= CUSTOM or rate > 0.0 for code, rate in zip(codes, rates, strict=True))
        frozen = tuple(layer in frozen_layers for layer in range(len(codes)))
        return Layers(tuple(self.sizes), codes, keep, frozen)
