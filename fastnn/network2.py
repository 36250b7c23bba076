"""The interface of the book's network2: the same names, arguments, numbers and printed lines."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from fastnn.activations import sigmoid, sigmoid_prime
from fastnn.checks import float_type, integer, layer_sizes, numbers, parameter_arrays, real
from fastnn.costs import COSTS, Cost, CrossEntropyCost, QuadraticCost, check_cost, cost_name
from fastnn.dataset import Dataset, as_dataset, pairs_of, put_in_order
from fastnn.evaluation import Evaluator, Monitor, Score, penalty
from fastnn.files import check_writable
from fastnn.history import History
from fastnn.labels import check_classes
from fastnn.mnist_loader import vectorized_result
from fastnn.network_files import SavedNetwork, check_format, read_network, write_network
from fastnn.packing import check_fits
from fastnn.scaling import Scaling, check_scaling
from fastnn.teams import threads_available
from fastnn.training import Settings, Trainer

__all__ = [
    "CrossEntropyCost",
    "Network",
    "QuadraticCost",
    "load",
    "sigmoid",
    "sigmoid_prime",
    "vectorized_result",
]

_ROWS_AT_A_TIME = 4096


class Network:
    """A fully connected network of sigmoid neurons, trained by stochastic gradient descent.

    Parameters
    ----------
    sizes : sequence of int
        Neurons per layer, inputs first; at least two layers.
    cost : class, optional
        `CrossEntropyCost`, `QuadraticCost`, or a class of one's own with static methods ``fn(a,
        y)`` and ``delta(z, a, y)`` on columns. Numba compiles it where it can; otherwise it runs at
        NumPy speed, with one warning.
    dtype : numpy dtype, optional
        float64, or float32 for about half the time at seven digits.

    Attributes
    ----------
    num_layers : int
    sizes : list of int
    cost : class
    dtype : numpy dtype
    biases, weights : list of ndarray
        ``biases[l]`` is ``(sizes[l+1], 1)``, ``weights[l]`` is ``(sizes[l+1], sizes[l])``. They may
        be read, assigned and written into: training starts from what they hold. It leaves its
        result in new arrays.
    labels : list of int or of str, or None
        What the outputs stand for, as `predict` says it; None for 0, 1, 2 and so on.
    scaling : Scaling or None
        How `predict` standardises its inputs. `SGD`, `feedforward` and all else that network2 has
        take inputs that already are.

    Raises
    ------
    TypeError, ValueError
        If `sizes`, `cost` or `dtype` are not as above; no random number is then drawn.

    Notes
    -----
    Initial values are drawn from NumPy's global generator (`numpy.random.seed`) by
    `default_weight_initializer`.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        cost: type[Cost] = CrossEntropyCost,
        *,
        dtype: npt.DTypeLike = np.float64,
    ) -> None:
        self.sizes = layer_sizes(sizes)
        self.num_layers = len(self.sizes)
        self.cost = check_cost(cost)
        self.dtype = float_type(dtype)
        self.activations = ["sigmoid"] * (self.num_layers - 1)
        self.labels: list[Any] | None = None
        self.scaling: Scaling | None = None
        self.biases: list[npt.NDArray[Any]]
        self.weights: list[npt.NDArray[Any]]
        self.default_weight_initializer()

    def default_weight_initializer(self) -> None:
        """Draw biases from N(0, 1) and weights from N(0, 1) / sqrt(fan_in) (the book's chapter 3).

        NumPy's global generator is used: all biases first, then all weights, layer by layer.
        """
        self._draw([np.sqrt(fan_in) for fan_in in self.sizes[:-1]])

    def large_weight_initializer(self) -> None:
        """Draw biases and weights from N(0, 1), in the order of the default initialiser."""
        self._draw([1.0 for _ in self.sizes[:-1]])

    def feedforward(self, a: npt.ArrayLike) -> npt.NDArray[Any]:
        """Compute the output of the network.

        Parameters
        ----------
        a : array_like, shape (sizes[0], 1)
            An input column; or several side by side, (sizes[0], k).

        Returns
        -------
        ndarray, shape (sizes[-1], 1) or (sizes[-1], k)
            Output activations, a = sigmoid(w a + b) layer by layer (the book's eq. 25).

        Raises
        ------
        ValueError
            If `a`, a weight matrix or a bias has the wrong shape.
        """
        weights, biases = self._parameters()
        column = numbers("a", a, f"({self.sizes[0]}, 1)").astype(self.dtype)
        if column.ndim != 2 or column.shape[0] != self.sizes[0]:
            raise ValueError(f"a must have the shape ({self.sizes[0]}, 1), got {column.shape}")
        with np.errstate(over="ignore"):
            for b, w in zip(biases, weights, strict=True):
                column = sigmoid(np.dot(w, column) + b)
        return column

    def SGD(
        self,
        training_data: Iterable[tuple[Any, Any]],
        epochs: int,
        mini_batch_size: int,
        eta: float,
        lmbda: float = 0.0,
        evaluation_data: Iterable[tuple[Any, Any]] | None = None,
        monitor_evaluation_cost: bool = False,
        monitor_evaluation_accuracy: bool = False,
        monitor_training_cost: bool = False,
        monitor_training_accuracy: bool = False,
        *,
        verbose: bool = True,
        threads: int | None = None,
    ) -> History:
        """Train by mini-batch stochastic gradient descent with weight decay.

        Parameters
        ----------
        training_data : Dataset or iterable of (x, y)
            x of shape ``(sizes[0], 1)``, y of shape ``(sizes[-1], 1)``. Every epoch is in a new
            order, drawn by Python's global `random.shuffle`. A list or Dataset is left in the order
            of the last epoch.
        epochs : int
            How many times to go through the data; 0 does nothing.
        mini_batch_size : int
            Examples per step; the last mini-batch of an epoch may be shorter.
        eta : float
            Learning rate.
        lmbda : float, optional
            Regularisation parameter lambda: weights decay by ``1 - eta lmbda / n`` at every step.
        evaluation_data : Dataset or iterable of (x, label), optional
            Integer labels, or unit columns.
        monitor_evaluation_cost, monitor_evaluation_accuracy, monitor_training_cost, \
monitor_training_accuracy : bool, optional
            What to compute and print after every epoch.
        verbose : bool, optional
            False prints nothing.
        threads : int, optional
            How many threads may work on a mini-batch together, at most; all processors by default.
            Only layers of more than 32 neurons are split among them, and only while that proves to
            be faster. The numbers are the same to the bit.

        Returns
        -------
        History
            Unpacks as network2's ``evaluation_cost, evaluation_accuracy, training_cost,
            training_accuracy``: lists with one entry an epoch, empty where not monitored.

        Raises
        ------
        TypeError, ValueError
            If an argument is not as above; nothing has then been changed.

        Notes
        -----
        If training is interrupted, the network, the order of the data and the state of `random` are
        those of the last whole epoch.
        """
        epochs = integer("epochs", epochs, smallest=0)
        mini_batch_size = integer("mini_batch_size", mini_batch_size, smallest=1)
        eta, lmbda = real("eta", eta), real("lmbda", lmbda)
        available = threads_available()
        threads = available if threads is None else integer("threads", threads, smallest=1)
        for name, wanted in (
            ("monitor_evaluation_cost", monitor_evaluation_cost),
            ("monitor_evaluation_accuracy", monitor_evaluation_accuracy),
        ):
            if wanted and evaluation_data is None:
                raise ValueError(f"{name} needs evaluation_data, got none")
        weights, biases = self._parameters()

        history = History()
        with history.timed("preparing"):
            pairs = pairs_of("training_data", training_data)
            training = self._dataset("training_data", pairs)
            n = len(training)
            settings = Settings(
                min(mini_batch_size, n), eta, 1.0 - eta * lmbda / n, min(threads, available)
            )
            trainer = Trainer(self.sizes, self.dtype, self.cost, training, settings)
            trainer.packed.pack(weights, biases)
            monitors = []
            if monitor_training_cost or monitor_training_accuracy:
                costs = history.training_cost if monitor_training_cost else None
                accuracies = history.training_accuracy if monitor_training_accuracy else None
                evaluator = Evaluator(self.sizes, self.dtype, self.cost, training)
                monitors.append(Monitor("training", evaluator, costs, accuracies))
            if monitor_evaluation_cost or monitor_evaluation_accuracy:
                costs = history.evaluation_cost if monitor_evaluation_cost else None
                accuracies = history.evaluation_accuracy if monitor_evaluation_accuracy else None
                evaluation = self._dataset("evaluation_data", evaluation_data)
                evaluator = Evaluator(self.sizes, self.dtype, self.cost, evaluation)
                monitors.append(Monitor("evaluation", evaluator, costs, accuracies))
        with history.timed("compiling"):
            trainer.compile()
            for monitor in monitors:
                monitor.compile()

        order = trainer.order.copy()
        try:
            for j in range(epochs):
                with history.timed("training"):
                    trainer.run_epoch()
                    self.weights, self.biases = trainer.packed.unpack()
                    order[:] = trainer.order
                lines = [f"Epoch {j} training complete"]
                with history.timed("evaluating"):
                    for monitor in monitors:
                        lines += monitor.measure(lmbda, self.weights, self.biases)
                if verbose:
                    print(*lines, "", sep="\n")
        finally:
            trainer.close()
            training.reorder(order)
            if not isinstance(pairs, Dataset):
                put_in_order(training_data, pairs, order)
        return history

    def update_mini_batch(
        self, mini_batch: Iterable[tuple[Any, Any]], eta: float, lmbda: float, n: int
    ) -> None:
        """Take one step of gradient descent.

        ``w <- (1 - eta lmbda / n) w - (eta / m) sum_x dC_x/dw`` and ``b <- b - (eta / m) sum_x
        dC_x/db`` (the book's eq. 20, 21 and 93), m examples in the mini-batch.

        Parameters
        ----------
        mini_batch : Dataset or iterable of (x, y)
            As the training data of `SGD`.
        eta, lmbda : float
            As for `SGD`.
        n : int
            Length of the whole training data.

        Raises
        ------
        TypeError, ValueError
            If an argument is not as above; nothing has then been changed.
        """
        eta, lmbda = real("eta", eta), real("lmbda", lmbda)
        n = integer("n", n, smallest=1)
        decay = 1.0 - real("eta * lmbda / n", eta * (lmbda / n))
        weights, biases = self._parameters()
        data = self._dataset("mini_batch", mini_batch)
        settings = Settings(len(data), eta, decay)
        trainer = Trainer(self.sizes, self.dtype, self.cost, data, settings)
        trainer.packed.pack(weights, biases)
        trainer.train_in_order()
        self.weights, self.biases = trainer.packed.unpack()

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
        weights, biases = self._parameters()
        activations = [self._column("x", x, self.sizes[0])]
        target = self._column("y", y, self.sizes[-1])
        with np.errstate(over="ignore"):
            for b, w in zip(biases, weights, strict=True):
                z = np.dot(w, activations[-1]) + b
                activations.append(sigmoid(z))
        delta = self.cost.delta(z, activations[-1], target)
        nabla_b, nabla_w = [delta], [np.dot(delta, activations[-2].T)]
        for w, a, previous in zip(
            weights[:0:-1], activations[-2:0:-1], activations[-3::-1], strict=True
        ):
            delta = np.dot(w.T, delta) * (a * (1 - a))
            nabla_b.insert(0, delta)
            nabla_w.insert(0, np.dot(delta, previous.T))
        return nabla_b, nabla_w

    def accuracy(self, data: Iterable[tuple[Any, Any]], convert: bool = False) -> int:
        """Count the examples whose largest output, the first of equals, is that of the label.

        Parameters
        ----------
        data : Dataset or iterable of (x, label)
            Labels are integers or unit columns.
        convert : bool, optional
            network2's way to say which of the two they are (True: unit columns). fastnn sees it.

        Returns
        -------
        int

        Raises
        ------
        TypeError, ValueError
            If `data` does not fit the network.
        """
        return self._score(data, with_cost=False).correct

    def total_cost(
        self, data: Iterable[tuple[Any, Any]], lmbda: float, convert: bool = False
    ) -> float:
        """Compute the mean cost plus the penalty ``lmbda / (2 n) sum ||w||^2`` (the book's eq. 87).

        Parameters
        ----------
        data : Dataset or iterable of (x, y)
            y is a column or an integer label.
        lmbda : float
            Regularisation parameter.
        convert : bool, optional
            network2's way to say which of the two they are (True: integers). fastnn sees it.

        Returns
        -------
        float

        Raises
        ------
        TypeError, ValueError
            If `data` does not fit the network, or `lmbda` is not a finite number.
        """
        lmbda = real("lmbda", lmbda)
        pairs = pairs_of("data", data)
        score = self._score(pairs, with_cost=True)
        return score.mean_cost + penalty(lmbda, len(pairs), self.weights)

    def outputs(self, X: npt.ArrayLike | Dataset) -> npt.NDArray[Any]:
        """Compute the outputs for many examples at once, standardised as `scaling` says.

        Parameters
        ----------
        X : array_like, shape (n, sizes[0]), or Dataset
            Inputs as they were before standardising, one row an example.

        Returns
        -------
        ndarray, shape (n, sizes[-1])
            Output activations.

        Raises
        ------
        TypeError, ValueError
            If `X` are no finite numbers of that shape, or `scaling`, a weight matrix or a bias has
            the wrong shape.
        """
        rows = X.inputs if isinstance(X, Dataset) else numbers("X", X, f"(n, {self.sizes[0]})")
        if rows.ndim != 2 or rows.shape[1] != self.sizes[0]:
            raise ValueError(f"X must have the shape (n, {self.sizes[0]}), got {rows.shape}")
        scaling = self.scaling
        if scaling is not None:
            scaling = check_scaling("scaling", scaling, self.sizes[0])
        outputs = np.empty((len(rows), self.sizes[-1]), self.dtype)
        for start in range(0, len(rows), _ROWS_AT_A_TIME):
            part = rows[start : start + _ROWS_AT_A_TIME]
            with np.errstate(over="ignore"):  # what float32 cannot hold is refused below
                scaled = (part if scaling is None else scaling.apply(part)).astype(self.dtype)
            finite = np.isfinite(scaled).all(axis=1)
            if not finite.all():
                row = start + int(np.argmin(finite))
                raise ValueError(f"X must be finite numbers, got others in row {row}")
            outputs[start : start + len(part)] = self.feedforward(scaled.T).T
        return outputs

    def predict(self, X: npt.ArrayLike | Dataset) -> npt.NDArray[Any]:
        """Tell the label of each example: that of its largest output, the first of equals.

        Parameters
        ----------
        X : array_like, shape (n, sizes[0]), or Dataset
            Inputs as they were before standardising, one row an example.

        Returns
        -------
        ndarray, shape (n,)
            Of `labels`, int64 or text; without them, which output it is.

        Raises
        ------
        TypeError, ValueError
            As for `outputs`, or if there is not one of `labels` for each output.
        """
        classes = list(range(self.sizes[-1]))
        if self.labels is not None:
            classes = check_classes("labels", self.labels, self.sizes[-1])
        largest = np.argmax(self.outputs(X), axis=1)
        labels: npt.NDArray[Any] = np.array(classes)[largest]
        return labels

    def save(self, filename: str | os.PathLike[str]) -> None:
        """Write the network to a file, whole or not at all.

        Parameters
        ----------
        filename : str or path-like
            A name that ends in ``.npz`` keeps everything: dtype, activations, `labels` and
            `scaling` too. Any other name is written in network2's JSON, from which `load` makes a
            float64 network; float32 values are kept exactly.

        Raises
        ------
        ValueError
            If the format cannot hold the network, or if a weight matrix or a bias, `labels` or
            `scaling` do not fit it.
        OSError
            If the file cannot be written.
        """
        write_network(filename, self._state())

    def check_saving(self, filename: str | os.PathLike[str]) -> None:
        """Raise what `save` would raise, without writing: before training rather than after it."""
        check_format(filename, self._state())
        check_writable(filename)

    def _state(self) -> SavedNetwork:
        """What `save` writes, after checking it."""
        weights, biases = self._parameters()
        sizes = layer_sizes(self.sizes)
        labels, scaling = self.labels, self.scaling
        return SavedNetwork(
            sizes,
            weights,
            biases,
            self.dtype,
            cost_name(self.cost),
            self.activations,
            None if labels is None else check_classes("labels", labels, sizes[-1]),
            None if scaling is None else check_scaling("scaling", scaling, sizes[0]),
        )

    def _draw(self, divisors: Sequence[float]) -> None:
        """Draw biases from N(0, 1), then the weights of each layer from N(0, 1) / its divisor."""
        biases = [np.random.randn(rows, 1) for rows in self.sizes[1:]]
        weights = [
            np.random.randn(rows, fan_in) / divisor
            for fan_in, rows, divisor in zip(self.sizes[:-1], self.sizes[1:], divisors, strict=True)
        ]
        self.biases = [b.astype(self.dtype) for b in biases]
        self.weights = [w.astype(self.dtype) for w in weights]

    def _parameters(self) -> tuple[list[npt.NDArray[Any]], list[npt.NDArray[Any]]]:
        """Weights and biases, after checking them against `sizes`, and the cost."""
        check_cost(self.cost)
        sizes = layer_sizes(self.sizes)
        shapes = list(zip(sizes[1:], sizes[:-1], strict=True))
        return (
            parameter_arrays("weights", self.weights, shapes),
            parameter_arrays("biases", self.biases, [(rows, 1) for rows in sizes[1:]]),
        )

    def _dataset(self, name: str, data: Any) -> Dataset:
        dataset = as_dataset(name, data)
        check_fits(name, dataset, self.sizes)
        return dataset

    def _score(self, data: Any, with_cost: bool) -> Score:
        weights, biases = self._parameters()
        dataset = self._dataset("data", data)
        evaluator = Evaluator(self.sizes, self.dtype, self.cost, dataset)
        return evaluator.score(weights, biases, with_cost)

    def _column(self, name: str, values: npt.ArrayLike, rows: int) -> npt.NDArray[Any]:
        column = numbers(name, values, f"({rows}, 1)")
        if column.shape != (rows, 1):
            raise ValueError(f"{name} must have the shape ({rows}, 1), got {column.shape}")
        return column.astype(self.dtype)


def load(filename: str | os.PathLike[str]) -> Network:
    """Read a network that `Network.save`, or network2, wrote.

    Parameters
    ----------
    filename : str or path-like

    Returns
    -------
    Network
        In float64, or in the type of numbers that an ``.npz`` holds.

    Raises
    ------
    OSError
        If the file is missing or cannot be read.
    ValueError
        If it is damaged, not such a file, or names a cost or an activation that fastnn has not.
    """
    saved = read_network(filename)
    network = Network(saved.sizes, COSTS[saved.cost], dtype=saved.dtype)
    network.weights, network.biases = saved.weights, saved.biases
    network.labels, network.scaling = saved.labels, saved.scaling
    return network
