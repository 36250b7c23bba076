"""The parameters of a network, its output and its gradient for one example."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from fastnn.common.checks import float_type, numbers
from fastnn.datasets.tables.columns import Columns
from fastnn.model.activations import hidden_activations, output_activation
from fastnn.model.architecture import Architecture
from fastnn.model.costs import (
    COSTS,
    Cost,
    CrossEntropyCost,
    check_cost,
    check_output,
    usual_output,
)
from fastnn.model.description import (
    Arrays,
    Description,
    SizesOfWeights,
    architecture_of,
    as_weights_are,
    check_cost_for,
    kept_sizes,
    parameters_of,
)
from fastnn.model.history import History
from fastnn.model.initialisers import draw_parameters, generator_of, initialiser_name
from fastnn.model.many_examples import FastRows
from fastnn.model.one_example import Functions, gradient_of, is_plain, output_of
from fastnn.model.overrides import is_overridden, original
from fastnn.scaling import Scaling

Kind = TypeVar("Kind", bound="BareModel")


class BareModel:
    """The parameters of a network, and what it makes of one example.

    `Model` adds what a trained network is used for, and `network2.Network` training; the latter
    documents arguments and attributes. Methods whose names begin with ``_fastnn_`` are for other
    modules of fastnn; no subclass has a method of its own by such a name.
    """

    # What a subclass has whose own `__init__` does not call that of this class.
    sizes: Sequence[int] = SizesOfWeights()  # type: ignore[assignment]  # it gives such a list
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
        self.sizes = kept_sizes(sizes)
        self.num_layers = len(self.sizes)
        check_cost_for(self, cost)
        self.cost = cost
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
            An input column; or several side by side, (sizes[0], k). For one input, a number will
            do.

        Returns
        -------
        ndarray, shape (sizes[-1], 1) or (sizes[-1], k)
            Output activations, a = f(w a + b) layer by layer (the book's eq. 25).

        Raises
        ------
        TypeError, ValueError
            If `a`, a weight matrix or a bias is no array of numbers, or has the wrong shape.
        """
        fast = self._fastnn_output(a)
        if fast is not None:
            return fast
        parts = as_weights_are(self)
        sizes = parts[0].sizes
        column = numbers("a", a, f"({sizes[0]}, 1)").astype(parts[0].dtype, copy=False)
        if column.ndim == 0 and sizes[0] == 1:  # a number, which network2 takes as well
            column = column.reshape(1, 1)
        if column.ndim != 2 or column.shape[0] != sizes[0]:
            raise _wrong_shape("a", (sizes[0], 1), column.shape)
        if column.shape[1] == 1 and not is_plain(a):
            # A list, say, or a column of a matrix gets the bits of the same array.
            fast = self._fastnn_output(np.require(column, requirements=["C", "A", "W"]))
            if fast is not None:
                return fast
        forward = self._fastnn_rows(*parts) if column.shape[1] > 1 else None
        if forward is not None:
            rows = np.empty((column.shape[1], sizes[-1]), column.dtype)
            with closing(forward):
                forward.put_rows(column.T, rows)
            return np.ascontiguousarray(rows.T)
        return output_of(*parts, column, self._fastnn_rebound_sigmoids())

    @original
    def backprop(
        self, x: npt.ArrayLike, y: npt.ArrayLike
    ) -> tuple[list[npt.NDArray[Any]], list[npt.NDArray[Any]]]:
        """Compute the gradient of the cost of one example (BP1 to BP4 of the book's chapter 2).

        Parameters
        ----------
        x : array_like, shape (sizes[0], 1)
            Input; or several side by side, (sizes[0], k).
        y : array_like, shape (sizes[-1], 1)
            Desired output; for one output, a number will do, for several a label. Or those of
            several inputs side by side, (sizes[-1], k).

        Returns
        -------
        nabla_b, nabla_w : list of ndarray
            dC/db and dC/dw of every layer, shaped like `biases` and `weights`. Of several inputs,
            dC/db have k columns, and dC/dw are summed, as in network2.

        Raises
        ------
        TypeError, ValueError
            If `x`, `y`, a weight matrix or a bias is no array of numbers, or has the wrong shape;
            or if `cost` is none.
        """
        fast = self._fastnn_gradient(x, y)
        if fast is not None:
            return fast
        weights, biases = parameters_of(self)
        architecture = architecture_of(self)
        check_cost(architecture.cost, "delta")
        plain, (inputs, *_, outputs) = is_plain(x) and is_plain(y), architecture.sizes
        x = numbers("x", x, f"({inputs}, 1)")
        k = x.shape[1] if x.ndim == 2 and len(x) == inputs else 1
        x = _columns("x", x, (inputs, max(k, 1)), architecture.dtype)
        y = _columns("y", _desired(y, outputs), (outputs, len(x.T)), architecture.dtype)
        if x.shape[1] == 1 and not plain:  # as in `feedforward`
            fast = self._fastnn_gradient(x, y)
            if fast is not None:
                return fast
        return gradient_of(architecture, weights, biases, x, y, self._fastnn_rebound_sigmoids())

    def _fastnn_rebound_sigmoids(self) -> Functions | None:
        """Return the functions that a script has put in the place of the sigmoid and its slope.

        None if it has not; only `network2` has names for it to do so.
        """
        return None

    def _fastnn_rebound_vectorized_result(self) -> Callable[[Any], Any] | None:
        """Return what a script has put in the place of `vectorized_result`, or None."""
        return None

    def _fastnn_costs_by_name(self) -> dict[str, Any]:
        """Return the costs that are found by the names in files."""
        return COSTS

    def _fastnn_own_class(self) -> type[Any]:
        """Return the class of the object that a user made, and may have attributes of his own."""
        return type(self)

    def _fastnn_output(self, a: Any) -> npt.NDArray[Any] | None:
        """Return the output if there is a faster way to it; classes that know kernels have one."""
        return None

    def _fastnn_rows(
        self, architecture: Architecture, weights: Arrays, biases: Arrays
    ) -> FastRows | None:
        """Return a faster way from many examples to their outputs, if there is one."""
        return None

    def _fastnn_gradient(
        self, x: Any, y: Any
    ) -> tuple[list[npt.NDArray[Any]], list[npt.NDArray[Any]]] | None:
        """Return the gradient if there is a faster way to it, as for `_fastnn_output`."""
        return None


def network_of(kind: type[Kind], description: Description) -> Kind:
    """Make the network of a description; the parameters drawn first are thrown away.

    Arguments that network2 does not have are passed only where they are needed: a subclass may take
    no others.
    """
    architecture = description.architecture
    *hidden, output = architecture.activations
    options: dict[str, Any] = {}
    if architecture.dtype != np.float64:
        options["dtype"] = architecture.dtype
    if hidden != ["sigmoid"] * len(hidden):
        options["activation"] = hidden
    if output != usual_output(architecture.cost):
        options["output"] = output
    network = kind(architecture.sizes, cost=architecture.cost, **options)
    network.weights, network.biases = description.weights, description.biases
    network.labels, network.scaling = description.labels, description.scaling
    network.columns = description.columns
    return network


def _draw(network: BareModel, initializer: str, generator: Any = np.random) -> None:
    drawn = draw_parameters(initializer, network.sizes, network.dtype, generator)
    network.weights, network.biases = drawn


def _desired(y: Any, outputs: int) -> Any:
    """Return the unit column of a label, as training data may have them; anything else as it is."""
    if outputs == 1 or isinstance(y, list | tuple):  # which may be ragged
        return y
    is_number = np.ndim(y) == 0 and np.asarray(y).dtype.kind in "iuf"
    return np.eye(outputs)[:, [int(y)]] if is_number and y in range(outputs) else y


def _columns(
    name: str, values: npt.ArrayLike, shape: tuple[int, int], dtype: np.dtype[Any]
) -> npt.NDArray[Any]:
    columns = numbers(name, values, str(shape))
    if shape == (1, 1) and columns.size == 1:  # a number, which network2 takes as well
        columns = columns.reshape(1, 1)
    if columns.shape != shape:
        raise _wrong_shape(name, shape, columns.shape)
    return columns.astype(dtype)


def _wrong_shape(name: str, expected: tuple[int, int], got: tuple[int, ...]) -> ValueError:
    hint = f"; {name}.reshape(-1, 1) has it" if (*got, 1) == expected else ""
    return ValueError(f"{name} must have the shape {expected}, got {got}{hint}")
