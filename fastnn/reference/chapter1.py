"""The network of the book's chapter 1 in plain NumPy: quadratic cost, N(0, 1), no decay."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from .activations import Array
from .examples import Pair, shuffleable, sized
from .gradients import Gradient, of_all_layers, summed
from .initialisers import INITIALISERS


@np.errstate(over="ignore")
def sigmoid(z: Any) -> Any:
    """Return 1 / (1 + exp(-z)) (eq. 3)."""
    return 1.0 / (1.0 + np.exp(-z))


def sigmoid_prime(z: Any) -> Any:
    """Return the slope of what the module calls `sigmoid`."""
    return sigmoid(z) * (1.0 - sigmoid(z))


class Network:
    """A fully connected network of sigmoid neurons; a subclass may replace any method.

    Parameters
    ----------
    sizes : sequence of int
        Neurons per layer, inputs first.
    """

    def __init__(self, sizes: Sequence[int]) -> None:
        self.num_layers = len(sizes)
        self.sizes = sizes
        self.biases, self.weights = INITIALISERS["large"](sizes)

    def feedforward(self, a: npt.NDArray[Any]) -> Array:
        """Return the output (sizes[-1], 1) for an input column (eq. 22)."""
        for b, w in zip(self.biases, self.weights, strict=True):
            a = sigmoid(np.dot(w, a) + b)
        return a

    def SGD(
        self,
        training_data: Iterable[Pair],
        epochs: int,
        mini_batch_size: int,
        eta: float,
        test_data: Iterable[Pair] | None = None,
    ) -> None:
        """Train; print after each epoch how many of `test_data` are right, if there are any."""
        examples = shuffleable(training_data)
        held_out = sized(() if test_data is None else test_data)
        for j in range(epochs):
            random.shuffle(examples)
            for start in range(0, len(examples), mini_batch_size):
                self.update_mini_batch(examples[start : start + mini_batch_size], eta)
            if len(held_out):
                print(f"Epoch {j}: {self.evaluate(held_out)} / {len(held_out)}")
            else:
                print(f"Epoch {j} complete")

    def update_mini_batch(self, mini_batch: Sequence[Pair], eta: float) -> None:
        """Take one step of gradient descent (eq. 20 and 21)."""
        nabla_b, nabla_w = summed(self, (self.backprop(x, y) for x, y in mini_batch))
        rate = eta / len(mini_batch)
        self.weights = [w - rate * nw for w, nw in zip(self.weights, nabla_w, strict=True)]
        self.biases = [b - rate * nb for b, nb in zip(self.biases, nabla_b, strict=True)]

    def backprop(self, x: npt.NDArray[Any], y: Any) -> Gradient:
        """Return the gradient dC/db, dC/dw of one example (BP1 to BP4)."""
        zs: list[Array] = []
        activations = [x]
        for b, w in zip(self.biases, self.weights, strict=True):
            zs.append(np.dot(w, activations[-1]) + b)
            activations.append(sigmoid(zs[-1]))
        delta = self.cost_derivative(activations[-1], y) * sigmoid_prime(zs[-1])
        nabla_b, nabla_w = [delta], [np.dot(delta, activations[-2].T)]
        for place in range(2, self.num_layers):
            delta = np.dot(self.weights[-place + 1].T, delta) * sigmoid_prime(zs[-place])
            nabla_b.insert(0, delta)
            nabla_w.insert(0, np.dot(delta, activations[-place - 1].T))
        return of_all_layers(self, nabla_b, nabla_w)

    def evaluate(self, test_data: Iterable[Pair]) -> int:
        """Count the (x, label) whose strongest output is the right one.

        One output counts as 1 above 0.5, else as 0, where the book's program counts nothing.
        """
        if self.sizes[-1] == 1:
            rows = [(self.feedforward(x), np.ravel(label)[0]) for x, label in test_data]
            return sum(bool(a[0, 0] > 0.5) == bool(label > 0.5) for a, label in rows)
        return sum(int(np.argmax(self.feedforward(x)) == label) for x, label in test_data)

    def cost_derivative(self, output_activations: Array, y: Any) -> Any:
        """Return dC/da of the output activations, a - y."""
        return output_activations - y
