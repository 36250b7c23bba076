"""The plain NumPy ``network2``: every example on its own, every step written out.

The module is the oracle that the compiled code is tested against and the baseline that it is
timed against, so it does the book's arithmetic in the book's order and nothing else: it needs
NumPy and the standard library, and knows nothing of the rest of the package.

Equation numbers are those of *Neural Networks and Deep Learning*: BP1 to BP4 are the four
equations of backpropagation (chapter 2), plain numbers are numbered equations of the text.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterable, MutableSequence, Sequence
from typing import Any, Protocol, cast

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Pair = tuple[Any, Any]
History = tuple[list[float], list[int], list[float], list[int]]


def sigmoid(z: Any) -> Any:
    """Return ``1 / (1 + exp(-z))`` (eq. 3), element by element: number or array of any shape."""
    return 1.0 / (1.0 + np.exp(-z))


def sigmoid_prime(z: Any) -> Any:
    """Return the slope of the sigmoid, element by element: at most ``sigmoid_prime(0) == 1/4``."""
    a = sigmoid(z)
    return a * (1.0 - a)


def vectorized_result(j: int, size: int = 10) -> Array:
    """Return the desired output for label `j`: zeros, shape (size, 1), with a one in row `j`.

    Raises IndexError if there is no such row.
    """
    column = np.zeros((size, 1))
    column[j] = 1.0
    return column


class Cost(Protocol):
    """What a cost class offers: two static methods, called on the class.

    `a`, `y` and `z` are the output activations, the desired output and the weighted inputs of the
    output layer for one example, all of shape (outputs, 1).
    """

    @staticmethod
    def fn(a: Array, y: Array) -> float:
        """Return the cost C of output `a` where `y` is desired."""

    @staticmethod
    def delta(z: Array, a: Array, y: Array) -> Array:
        """Return the output error dC/dz (BP1), shape (outputs, 1)."""


class QuadraticCost:
    """Half the squared distance between output and desired output (eq. 6 for one example)."""

    @staticmethod
    def fn(a: Array, y: Array) -> float:
        """Return ``0.5 * ||a - y||^2``; shapes as in `Cost`."""
        return float(0.5 * np.linalg.norm(a - y) ** 2)

    @staticmethod
    def delta(z: Array, a: Array, y: Array) -> Array:
        """Return the output error ``(a - y) * sigmoid_prime(z)`` (BP1); shapes as in `Cost`."""
        return cast(Array, (a - y) * sigmoid_prime(z))


class CrossEntropyCost:
    """Cross-entropy between output and desired output (eq. 63 for one example)."""

    @staticmethod
    def fn(a: Array, y: Array) -> float:
        """Return ``-sum(y ln a + (1 - y) ln(1 - a))``; shapes as in `Cost`.

        A neuron that is exactly right (``0 * ln 0``) adds 0, one that is exactly wrong the largest
        finite float.
        """
        return float(np.sum(np.nan_to_num(-y * np.log(a) - (1.0 - y) * np.log(1.0 - a))))

    @staticmethod
    def delta(z: Array, a: Array, y: Array) -> Array:
        """Return the output error ``a - y`` (BP1: sigmoid' cancels); shapes as in `Cost`."""
        return a - y


COSTS: dict[str, type[Cost]] = {c.__name__: c for c in (QuadraticCost, CrossEntropyCost)}


class Network:
    """A fully connected network of sigmoid neurons, trained by stochastic gradient descent.

    Parameters
    ----------
    sizes : sequence of int
        Neurons per layer, inputs first.
    cost : class, optional
        `CrossEntropyCost`, `QuadraticCost` or a class with the same two static methods.

    Attributes
    ----------
    num_layers, sizes, cost
        Length of `sizes`, and what the network was made with.
    biases, weights : list of ndarray, float64
        ``biases[l]`` is ``(sizes[l+1], 1)``, ``weights[l]`` is ``(sizes[l+1], sizes[l])``.
    """

    def __init__(self, sizes: Sequence[int], cost: type[Cost] = CrossEntropyCost) -> None:
        self.num_layers = len(sizes)
        self.sizes = sizes
        self.cost = cost
        self.biases: list[Array]
        self.weights: list[Array]
        self.default_weight_initializer()

    def default_weight_initializer(self) -> None:
        """Draw biases from N(0, 1) and weights from N(0, 1) / sqrt(fan_in).

        NumPy's global generator is used: all biases first, then all weights, layer by layer.
        """
        self.biases = [np.random.randn(rows, 1) for rows in self.sizes[1:]]
        self.weights = [
            np.random.randn(rows, fan_in) / np.sqrt(fan_in)
            for fan_in, rows in zip(self.sizes[:-1], self.sizes[1:], strict=True)
        ]

    def large_weight_initializer(self) -> None:
        """Draw biases and weights from N(0, 1), in the order of the default initialiser."""
        self.biases = [np.random.randn(rows, 1) for rows in self.sizes[1:]]
        self.weights = [
            np.random.randn(rows, fan_in)
            for fan_in, rows in zip(self.sizes[:-1], self.sizes[1:], strict=True)
        ]

    def feedforward(self, a: npt.NDArray[Any]) -> Array:
        """Return the output, shape (sizes[-1], 1), for the input column `a`, shape (sizes[0], 1).

        Raises ValueError if `a` has another number of rows.
        """
        for b, w in zip(self.biases, self.weights, strict=True):
            a = sigmoid(np.dot(w, a) + b)
        return a

    def SGD(
        self,
        training_data: Iterable[Pair],
        epochs: int,
        mini_batch_size: int,
        eta: float,
        lmbda: float = 0.0,
        evaluation_data: Iterable[Pair] | None = None,
        monitor_evaluation_cost: bool = False,
        monitor_evaluation_accuracy: bool = False,
        monitor_training_cost: bool = False,
        monitor_training_accuracy: bool = False,
        *,
        verbose: bool = True,
    ) -> History:
        """Train by mini-batch stochastic gradient descent with weight decay.

        Parameters
        ----------
        training_data : iterable of (x, y)
            Columns of shape ``(sizes[0], 1)`` and ``(sizes[-1], 1)``. Every epoch shuffles it with
            the global `random.shuffle`: in place if it can be indexed and assigned to, as a list
            can, otherwise (``zip``, generators, tuples) in a list made of it.
        epochs, mini_batch_size : int
            The last mini-batch of an epoch is shorter where the size does not divide the data.
        eta, lmbda : float
            Learning rate and regularisation parameter.
        evaluation_data : iterable of (x, label), optional
            As the training data, with integer labels.
        monitor_... : bool, optional
            What to compute, print and return after every epoch.
        verbose : bool, optional
            False prints nothing.

        Returns
        -------
        evaluation_cost, evaluation_accuracy, training_cost, training_accuracy : list
            One entry per epoch, none where not monitored. Accuracies are numbers of examples.

        Raises
        ------
        ValueError
            If evaluation data is to be monitored but was not given.
        """
        if evaluation_data is None and (monitor_evaluation_cost or monitor_evaluation_accuracy):
            raise ValueError("monitoring evaluation data needs evaluation_data")
        examples = _shuffleable(training_data)
        held_out = _sized(() if evaluation_data is None else evaluation_data)
        n = len(examples)

        def say(line: str) -> None:
            if verbose:
                print(line)

        evaluation_cost: list[float] = []
        evaluation_accuracy: list[int] = []
        training_cost: list[float] = []
        training_accuracy: list[int] = []
        for j in range(epochs):
            random.shuffle(examples)
            for start in range(0, n, mini_batch_size):
                stop = min(start + mini_batch_size, n)
                mini_batch = [examples[i] for i in range(start, stop)]
                self.update_mini_batch(mini_batch, eta, lmbda, n)
            say(f"Epoch {j} training complete")
            if monitor_training_cost:
                training_cost.append(self.total_cost(examples, lmbda))
                say(f"Cost on training data: {training_cost[-1]}")
            if monitor_training_accuracy:
                training_accuracy.append(self.accuracy(examples, convert=True))
                say(f"Accuracy on training data: {training_accuracy[-1]} / {n}")
            if monitor_evaluation_cost:
                evaluation_cost.append(self.total_cost(held_out, lmbda, convert=True))
                say(f"Cost on evaluation data: {evaluation_cost[-1]}")
            if monitor_evaluation_accuracy:
                evaluation_accuracy.append(self.accuracy(held_out))
                say(f"Accuracy on evaluation data: {evaluation_accuracy[-1]} / {len(held_out)}")
            say("")
        return evaluation_cost, evaluation_accuracy, training_cost, training_accuracy

    def update_mini_batch(
        self, mini_batch: Sequence[Pair], eta: float, lmbda: float, n: int
    ) -> None:
        """Take one step of gradient descent (chapter 3's rule for L2 regularisation).

        ``w <- (1 - eta*lmbda/n) w - (eta/m) sum_x dC_x/dw`` and
        ``b <- b - (eta/m) sum_x dC_x/db``, where m is the length of this list of (x, y) and n
        that of the whole training data. New arrays replace the old ones, which keep their values.
        """
        nabla_b = [np.zeros(b.shape) for b in self.biases]
        nabla_w = [np.zeros(w.shape) for w in self.weights]
        for x, y in mini_batch:
            example_b, example_w = self.backprop(x, y)
            for nb, eb in zip(nabla_b, example_b, strict=True):
                nb += eb
            for nw, ew in zip(nabla_w, example_w, strict=True):
                nw += ew
        step = eta / len(mini_batch)
        decay = 1.0 - eta * lmbda / n
        self.weights = [decay * w - step * nw for w, nw in zip(self.weights, nabla_w, strict=True)]
        self.biases = [b - step * nb for b, nb in zip(self.biases, nabla_b, strict=True)]

    def backprop(self, x: npt.NDArray[Any], y: npt.NDArray[Any]) -> tuple[list[Array], list[Array]]:
        """Return the gradient of the cost C of one example.

        Parameters
        ----------
        x, y : ndarray, shapes (sizes[0], 1) and (sizes[-1], 1)
            Input and desired output.

        Returns
        -------
        nabla_b, nabla_w : list of ndarray
            dC/db (BP3) and dC/dw (BP4), shaped like `biases` and `weights`.
        """
        zs: list[Array] = []
        activations = [x]
        for b, w in zip(self.biases, self.weights, strict=True):
            zs.append(np.dot(w, activations[-1]) + b)
            activations.append(sigmoid(zs[-1]))
        delta = self.cost.delta(zs[-1], activations[-1], y)  # BP1
        nabla_b = [delta]
        nabla_w = [np.dot(delta, activations[-2].T)]
        # Every turn multiplies by another w and sigmoid': chapter 5's unstable product (eq. 122).
        for layer in range(len(zs) - 2, -1, -1):
            delta = np.dot(self.weights[layer + 1].T, delta) * sigmoid_prime(zs[layer])  # BP2
            nabla_b.insert(0, delta)
            nabla_w.insert(0, np.dot(delta, activations[layer].T))
        return nabla_b, nabla_w

    def accuracy(self, data: Iterable[Pair], convert: bool = False) -> int:
        """Return for how many of the (x, label) the strongest output is the right one.

        `convert` says that labels are unit columns (training data), not integers: the reverse of
        `total_cost`. Of several equally strong outputs the first counts.
        """
        correct = 0
        for x, label in data:
            digit = np.argmax(label) if convert else label
            correct += int(np.argmax(self.feedforward(x)) == digit)
        return correct

    def total_cost(self, data: Iterable[Pair], lmbda: float, convert: bool = False) -> float:
        """Return the mean cost plus ``0.5 * lmbda/len(data) * sum ||w||^2``.

        `convert` says that labels are integers (evaluation data), not unit columns: the reverse
        of `accuracy`.
        """
        examples = _sized(data)
        n = len(examples)
        cost = 0.0
        for x, label in examples:
            y = vectorized_result(label, self.sizes[-1]) if convert else label
            cost += self.cost.fn(self.feedforward(x), y) / n
        squares = sum(np.linalg.norm(w) ** 2 for w in self.weights)
        return float(cost + 0.5 * (lmbda / n) * squares)

    def save(self, filename: str | os.PathLike[str]) -> None:
        """Write sizes, weights, biases and the cost's name to `filename` as JSON."""
        state = {
            "sizes": [int(size) for size in self.sizes],
            "weights": [w.tolist() for w in self.weights],
            "biases": [b.tolist() for b in self.biases],
            "cost": self.cost.__name__,
        }
        with open(filename, "w", encoding="utf-8") as file:
            json.dump(state, file)


def load(filename: str | os.PathLike[str]) -> Network:
    """Return the network that `Network.save` wrote to `filename`.

    Raises ValueError if the file names a cost other than the two of this module.
    """
    with open(filename, encoding="utf-8") as file:
        state = json.load(file)
    if state["cost"] not in COSTS:
        raise ValueError(f"unknown cost {state['cost']!r}; known: {', '.join(COSTS)}")
    net = Network(state["sizes"], cost=COSTS[state["cost"]])
    net.weights = [np.array(w, dtype=np.float64) for w in state["weights"]]
    net.biases = [np.array(b, dtype=np.float64) for b in state["biases"]]
    return net


def _sized(data: Iterable[Pair]) -> Sequence[Pair]:
    """Return `data` itself if it has a length, else a list of what it yields."""
    return cast(Sequence[Pair], data) if hasattr(data, "__len__") else list(data)


def _shuffleable(data: Iterable[Pair]) -> MutableSequence[Pair]:
    """Return `data` itself if its items can be exchanged in place, else a list of them."""
    # Rows of a 2-D array are views: exchanging two of them would write one over the other.
    if isinstance(data, np.ndarray) and data.ndim > 1:
        return list(data)
    in_place = all(hasattr(data, name) for name in ("__len__", "__getitem__", "__setitem__"))
    return cast(MutableSequence[Pair], data) if in_place else list(data)
