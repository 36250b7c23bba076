"""What a network is and computes: its parameters, its output and gradient for one example."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from fastnn.common.checks import float_type, layer_sizes, numbers
from fastnn.common.writing import check_writable
from fastnn.datasets.columns import Columns
from fastnn.datasets.dataset import Dataset
from fastnn.datasets.labels import check_classes
from fastnn.model import summary
from fastnn.model.activations import hidden_activations, output_activation, tells_numbers
from fastnn.model.costs import Cost, CrossEntropyCost, check_cost, check_output, usual_output
from fastnn.model.description import (
    Description,
    architecture_of,
    describe_network,
    parameters_of,
)
from fastnn.model.exchange import to_onnx, to_torch
from fastnn.model.history import History
from fastnn.model.initialisers import draw_parameters, generator_of, initialiser_name
from fastnn.model.many_examples import FastRows, check_finite, parts_of, put_outputs, rows_of
from fastnn.model.one_example import Functions, gradient_of, output_of
from fastnn.model.overrides import calls_feedforward, check_exportable, is_overridden, original
from fastnn.model.saving import check_format, write_network
from fastnn.scaling import Scaling, check_scaling

if TYPE_CHECKING:
    from typing import Self

    import torch


class Model:
    """The parameters of a network, and what it makes of one example.

    `network2.Network` adds training, and documents arguments and attributes.
    """

    # What a subclass has whose own `__init__` does not call that of this class.
    activations: list[Any] | None = None
    dtype: np.dtype[Any] = np.dtype(np.float64)
    labels: list[Any] | None = None
    scaling: Scaling | None = None
    columns: Columns | None = None
    history: History | None = None
    biases: list[npt.NDArray[Any]]
    weights: list[npt.NDArray[Any]]

    def __init__(
        self,
        sizes: Sequence[int],
        cost: type[Cost] = CrossEntropyCost,
        *,
        dtype: npt.DTypeLike = np.float64,
        activation: Any = "sigmoid",
        output: str | None = None,
        initializer: str = "default",
        generator: np.random.RandomState | np.random.Generator | None = None,
        seed: int | None = None,
    ) -> None:
        self.sizes = layer_sizes(sizes)
        self.num_layers = len(self.sizes)
        self.cost = check_cost(cost)
        self.dtype = float_type(dtype)
        hidden = hidden_activations(activation, self.num_layers - 2)
        last = usual_output(cost) if output is None else output_activation(output)
        check_output(cost, last)
        self.activations = [*hidden, last]
        self.labels = None
        self.scaling = None
        self.columns = None
        self.history = None
        name = initialiser_name(initializer)
        drawn_from = generator_of(generator, seed)
        method = f"{name}_weight_initializer"
        if name not in ("default", "large") or not is_overridden(self, method):
            _draw(self, name, drawn_from)
        elif drawn_from is np.random:
            getattr(self, method)()
        else:
            given = "generator" if seed is None else "seed"
            raise ValueError(
                f"{given} is for fastnn's own initialisers, but {type(self).__name__} has its "
                f"own {method}, which is not told of it"
            )

    @classmethod
    def of(cls, description: Description) -> Self:
        """Make the network of a description; the parameters drawn first are thrown away."""
        architecture = description.architecture
        *hidden, output = architecture.activations
        network = cls(
            architecture.sizes,
            architecture.cost,
            dtype=architecture.dtype,
            activation=hidden,
            output=output,
        )
        network.weights, network.biases = description.weights, description.biases
        network.labels, network.scaling = description.labels, description.scaling
        network.columns = description.columns
        return network

    @original
    def default_weight_initializer(self) -> None:
        """Draw biases from N(0, 1) and weights from N(0, 1) / sqrt(fan_in) (the book's chapter 3).

        NumPy's global generator is used: all biases first, then all weights, layer by layer.
        """
        _draw(self, "default")

    @original
    def large_weight_initializer(self) -> None:
        """Draw biases and weights from N(0, 1), in the order of the default initialiser."""
        _draw(self, "large")

    @original
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
        fast = self._fast_output(a)
        if fast is not None:
            return fast
        weights, biases = parameters_of(self)
        column = numbers("a", a, f"({self.sizes[0]}, 1)")
        column = column.astype(float_type(self.dtype), copy=False)
        if column.ndim != 2 or column.shape[0] != self.sizes[0]:
            raise ValueError(f"a must have the shape ({self.sizes[0]}, 1), got {column.shape}")
        forward = self._fast_rows() if column.shape[1] > 1 else None
        if forward is not None:
            rows = np.empty((column.shape[1], self.sizes[-1]), column.dtype)
            with closing(forward):
                forward.put_rows(column.T, rows)
            return np.ascontiguousarray(rows.T)
        return output_of(architecture_of(self), weights, biases, column, self.rebound_sigmoids())

    @original
    def backprop(
        self, x: npt.ArrayLike, y: npt.ArrayLike
    ) -> tuple[list[npt.NDArray[Any]], list[npt.NDArray[Any]]]:
        """Compute the gradient of the cost of one example (BP1 to BP4 of the book's chapter 2).

        Parameters
        ----------
        x : array_like, shape (sizes[0], 1)
            Input.
        y : array_like, shape (sizes[-1], 1)
            Desired output; for one output, a number will do.

        Returns
        -------
        nabla_b, nabla_w : list of ndarray
            dC/db and dC/dw of every layer, shaped like `biases` and `weights`.

        Raises
        ------
        ValueError
            If `x`, `y`, a weight matrix or a bias has the wrong shape.
        """
        fast = self._fast_gradient(x, y)
        if fast is not None:
            return fast
        weights, biases = parameters_of(self)
        architecture = architecture_of(self)
        x = _column("x", x, self.sizes[0], architecture.dtype)
        y = _column("y", y, self.sizes[-1], architecture.dtype)
        return gradient_of(architecture, weights, biases, x, y, self.rebound_sigmoids())

    def rebound_sigmoids(self) -> Functions | None:
        """Return the functions that a script has put in the place of the sigmoid and its slope.

        None if it has not; only `network2` has names for it to do so.
        """
        return None

    def rebound_vectorized_result(self) -> Callable[[Any], Any] | None:
        """Return what a script has put in the place of `vectorized_result`, as above."""
        return None

    def own_class(self) -> type[Any]:
        """Return the class of the object that a user made, and may have attributes of his own."""
        return type(self)

    def outputs(self, X: npt.ArrayLike | Dataset) -> npt.NDArray[Any]:
        """Standardise many examples as `scaling` says, and compute their outputs.

        Parameters
        ----------
        X : array_like or SciPy sparse matrix, shape (n, sizes[0]), or Dataset
            Inputs before standardising, one row an example. Sparse ones are made full a few rows at
            a time. For a network with `columns`, a DataFrame whose columns have the same names.

        Returns
        -------
        ndarray, shape (n, sizes[-1])
            Output activations.

        Raises
        ------
        TypeError, ValueError
            If `X` does not hold finite numbers in that shape, or if `scaling`, a weight matrix or a
            bias has the wrong shape.
        """
        own = calls_feedforward(self)  # which may know of one column only
        if isinstance(X, Dataset) and not own and self.scaling is None:
            fast = self._fast_outputs(X)
            if fast is not None:
                return fast
        rows = rows_of(X, self.sizes[0], self.columns)
        scaling = self.scaling
        if scaling is not None:
            scaling = check_scaling("scaling", scaling, self.sizes[0])
        dtype = float_type(self.dtype)
        outputs = np.empty((len(rows), self.sizes[-1]), dtype)
        forward = None if own else self._fast_rows()
        if forward is not None:
            with closing(forward):
                put_outputs(forward, rows, scaling, outputs)
            return outputs
        for start, part in parts_of(rows, scaling, dtype, copy=own):
            check_finite(part, start)
            if own:
                for place, row in enumerate(part, start):
                    outputs[place] = np.reshape(self.feedforward(row[:, np.newaxis]), -1)
            else:
                outputs[start : start + len(part)] = self.feedforward(part.T).T
        return outputs

    def predict(self, X: npt.ArrayLike | Dataset) -> npt.NDArray[Any]:
        """Give each example the label of its largest output, the first of equals.

        One output tells between two labels: it stands for the second above 0.5. Identity and
        exponential outputs without `labels` are regression, and told as they are.

        Parameters
        ----------
        X : array_like or SciPy sparse matrix, shape (n, sizes[0]), or Dataset
            As for `outputs`.

        Returns
        -------
        ndarray, shape (n,)
            Entries of `labels`, int64 or text; where the network has none, numbers of outputs, or 0
            and 1 for one output. For a regression the values of the outputs: (n,) for one output,
            else (n, sizes[-1]); in the units of the targets, if `columns` know them.

        Raises
        ------
        TypeError, ValueError
            As for `outputs`, or if `labels` does not hold one for each output (two for one output).
        """
        size = self.sizes[-1]
        classes = list(range(max(size, 2)))
        if self.labels is not None:
            classes = check_classes("labels", self.labels, size)
        outputs = self.outputs(X)
        if self.labels is None and tells_numbers(architecture_of(self).activations[-1]):
            if self.columns is not None and self.columns.task == "regression":
                outputs = self.columns.estimates(outputs)
            return outputs[:, 0] if size == 1 else outputs
        answers = (outputs[:, 0] > 0.5).astype(int) if size == 1 else np.argmax(outputs, axis=1)
        labels: npt.NDArray[Any] = np.array(classes)[answers]
        return labels

    def summary(self) -> None:
        """Print the layers, the number of parameters and what else the network has."""
        print(summary.lines(describe_network(self)))

    def __repr__(self) -> str:
        """Say what the network is, or only its class if its parameters do not fit together."""
        try:
            shown = summary.one_line(describe_network(self))
        except (AttributeError, TypeError, ValueError):
            return super().__repr__()
        return f"{type(self).__name__}({shown})"

    def _repr_html_(self) -> str | None:
        try:
            return summary.html(describe_network(self), type(self).__name__)
        except (AttributeError, TypeError, ValueError):
            return None  # the notebook shows the repr

    def save(self, filename: str | os.PathLike[str]) -> None:
        """Write the network to a file, whole or not at all.

        Parameters
        ----------
        filename : str or path-like
            A file whose name ends in ``.npz`` keeps everything: dtype, activations, `labels` and
            `scaling` too. Any other file is network2's JSON, from which `load` makes a float64
            network; float32 values are kept exactly.

        Raises
        ------
        ValueError
            If the format cannot hold the network, or if a weight matrix or a bias, `labels` or
            `scaling` do not fit it.
        OSError
            If the file cannot be written.
        """
        write_network(filename, describe_network(self))

    def check_saving(self, filename: str | os.PathLike[str]) -> None:
        """Raise now, say before a long training, what `save` would raise; write nothing."""
        check_format(filename, describe_network(self))
        check_writable(filename)

    def to_torch(self) -> torch.nn.Sequential:
        """Make a module of PyTorch that gives the network's outputs; `fastnn.from_torch` goes back.

        Returns
        -------
        torch.nn.Sequential
            Of Linear and activations, with copies of the parameters, in the network's type of
            numbers. It takes the inputs that `outputs` takes, shape (n, sizes[0]): it begins with
            `scaling`, if there is one, as a module of its own. Its attribute `labels` is the
            network's.

        Raises
        ------
        ImportError
            If PyTorch is not installed.
        TypeError, ValueError
            If an activation is a class of your own, `feedforward` is overridden, or a parameter,
            `labels` or `scaling` does not fit the network.
        """
        check_exportable(self)
        return to_torch(describe_network(self))

    def to_onnx(self, filename: str | os.PathLike[str]) -> None:
        """Write the network as an ONNX file, which other programs run, whole or not at all.

        Parameters
        ----------
        filename : str or path-like
            The model has one input, ``inputs`` (n, sizes[0]), and one output, ``outputs``
            (n, sizes[-1]), both in the network's type of numbers. It takes the inputs that
            `outputs` takes: it begins with `scaling`. `labels` are in its metadata, as JSON.

        Raises
        ------
        ImportError
            If the package onnx is not installed.
        TypeError, ValueError
            As for `to_torch`.
        OSError
            If the file cannot be written.
        """
        check_exportable(self)
        to_onnx(describe_network(self), filename)

    def _fast_output(self, a: Any) -> npt.NDArray[Any] | None:
        """Return the output if there is a faster way to it; classes that know kernels have one."""
        return None

    def _fast_outputs(self, data: Dataset) -> npt.NDArray[Any] | None:
        """Return the outputs for a data set, as for `_fast_output`."""
        return None

    def _fast_rows(self) -> FastRows | None:
        """Return a faster way from many examples to their outputs, if there is one."""
        return None

    def _fast_gradient(
        self, x: Any, y: Any
    ) -> tuple[list[npt.NDArray[Any]], list[npt.NDArray[Any]]] | None:
        """Return the gradient if there is a faster way to it, as for `_fast_output`."""
        return None


# Functions, and not methods whose names a subclass might happen to use.


def _draw(network: Model, initializer: str, generator: Any = np.random) -> None:
    drawn = draw_parameters(initializer, network.sizes, network.dtype, generator)
    network.weights, network.biases = drawn


def _column(name: str, values: npt.ArrayLike, rows: int, dtype: np.dtype[Any]) -> npt.NDArray[Any]:
    column = numbers(name, values, f"({rows}, 1)")
    if rows == 1 and column.size == 1:  # a number, which network2 takes as well
        column = column.reshape(1, 1)
    if column.shape != (rows, 1):
        raise ValueError(f"{name} must have the shape ({rows}, 1), got {column.shape}")
    return column.astype(dtype)
