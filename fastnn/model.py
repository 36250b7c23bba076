"""What a network is and computes: its parameters, its output and gradient for one example."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from fastnn.activations import hidden_activations, kernel_activations, output_activation
from fastnn.architecture import Architecture
from fastnn.checks import float_type, layer_sizes, numbers, parameter_arrays
from fastnn.columns import gradient_of, output_of
from fastnn.costs import (
    Cost,
    CrossEntropyCost,
    check_cost,
    check_output,
    cost_name,
    usual_output,
)
from fastnn.files import write_network
from fastnn.initialisers import draw_parameters, initialiser_name


class Model:
    """The parameters of a network, and what it makes of one example.

    `network2.Network` adds what it does with data, and says what the arguments and attributes are.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        cost: type[Cost] = CrossEntropyCost,
        *,
        dtype: npt.DTypeLike = np.float64,
        activation: Any = "sigmoid",
        output: str | None = None,
        initializer: str = "default",
    ) -> None:
        self.sizes = layer_sizes(sizes)
        self.num_layers = len(self.sizes)
        self.cost = check_cost(cost)
        self.dtype = float_type(dtype)
        hidden = hidden_activations(activation, self.num_layers - 2)
        last = usual_output(cost) if output is None else output_activation(output)
        check_output(cost, last)
        self.activations: list[Any] = [*hidden, last]
        self.biases: list[npt.NDArray[Any]]
        self.weights: list[npt.NDArray[Any]]
        self._draw(initialiser_name(initializer))

    def default_weight_initializer(self) -> None:
        """Draw biases from N(0, 1) and weights from N(0, 1) / sqrt(fan_in) (the book's chapter 3).

        NumPy's global generator is used: all biases first, then all weights, layer by layer.
        """
        self._draw("default")

    def large_weight_initializer(self) -> None:
        """Draw biases and weights from N(0, 1), in the order of the default initialiser."""
        self._draw("large")

    def feedforward(self, a: npt.ArrayLike) -> npt.NDArray[Any]:
        """Compute the output of the network.

        Parameters
        ----------
        a : array_like, shape (sizes[0], 1)
            An input column; or several side by side, (sizes[0], k).

        Returns
        -------
        ndarray, shape (sizes[-1], 1) or (sizes[-1], k)
            Output activations, a = f(w a + b) layer by layer (the book's eq. 25).

        Raises
        ------
        ValueError
            If `a`, a weight matrix or a bias has the wrong shape.
        """
        weights, biases = self.parameters()
        column = numbers("a", a, f"({self.sizes[0]}, 1)").astype(self.dtype)
        if column.ndim != 2 or column.shape[0] != self.sizes[0]:
            raise ValueError(f"a must have the shape ({self.sizes[0]}, 1), got {column.shape}")
        return output_of(self.architecture(), weights, biases, column)

    def backprop(
        self, x: npt.ArrayLike, y: npt.ArrayLike
    ) -> tuple[list[npt.NDArray[Any]], list[npt.NDArray[Any]]]:
        """Compute the gradient of the cost of one example (BP1 to BP4 of the book's chapter 2).

        Parameters
        ----------
        x : array_like, shape (sizes[0], 1)
            Input.
        y : array_like, shape (sizes[-1], 1)
            Desired output.

        Returns
        -------
        nabla_b, nabla_w : list of ndarray
            dC/db and dC/dw of every layer, shaped like `biases` and `weights`.

        Raises
        ------
        ValueError
            If `x`, `y`, a weight matrix or a bias has the wrong shape.
        """
        weights, biases = self.parameters()
        x, y = self._column("x", x, self.sizes[0]), self._column("y", y, self.sizes[-1])
        return gradient_of(self.architecture(), weights, biases, x, y)

    def save(self, filename: str | os.PathLike[str]) -> None:
        """Write the network to a file in network2's JSON format.

        The file is written whole or not at all. float32 values are kept exactly, but `load` makes a
        float64 network of them.

        Raises
        ------
        ValueError
            If a weight matrix or a bias has the wrong shape.
        OSError
            If the file cannot be written.
        """
        weights, biases = self.parameters()
        write_network(filename, layer_sizes(self.sizes), weights, biases, cost_name(self.cost))

    def _draw(self, initializer: str) -> None:
        self.weights, self.biases = draw_parameters(initializer, self.sizes, self.dtype)

    def architecture(self) -> Architecture:
        """What the network is, after checking it: its attributes may have been assigned."""
        check_cost(self.cost)
        sizes = layer_sizes(self.sizes)
        hidden = hidden_activations(list(self.activations[:-1]), len(sizes) - 2)
        last = output_activation(self.activations[-1])
        check_output(self.cost, last)
        kernel_activations(hidden)
        return Architecture(sizes, self.dtype, self.cost, [*hidden, last])

    def parameters(self) -> tuple[list[npt.NDArray[Any]], list[npt.NDArray[Any]]]:
        """Weights and biases, after checking them against `sizes`."""
        sizes = layer_sizes(self.sizes)
        shapes = list(zip(sizes[1:], sizes[:-1], strict=True))
        return (
            parameter_arrays("weights", self.weights, shapes),
            parameter_arrays("biases", self.biases, [(rows, 1) for rows in sizes[1:]]),
        )

    def _column(self, name: str, values: npt.ArrayLike, rows: int) -> npt.NDArray[Any]:
        column = numbers(name, values, f"({rows}, 1)")
        if column.shape != (rows, 1):
            raise ValueError(f"{name} must have the shape ({rows}, 1), got {column.shape}")
        return column.astype(self.dtype)
