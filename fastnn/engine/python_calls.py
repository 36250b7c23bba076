"""Steps, accuracy and cost where a network's `feedforward` or `backprop` is a user's own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from fastnn.common.checks import layer_sizes
from fastnn.datasets.dataset import Dataset
from fastnn.engine.python_costs import call_cost, target_columns
from fastnn.kernels.own_results import cost_of
from fastnn.kernels.sums import norm
from fastnn.model.description import Arrays
from fastnn.model.model import Model

Pair = tuple[Any, Any]


def pairs_for_steps(mini_batch: Any, sizes: Sequence[int]) -> list[Any]:
    """Return the pairs of a mini-batch as a step of a user's own is to have them.

    They are the caller's own objects, whatever they are: the step may know what to do with them.
    But a method that was written for network2 expects columns, where fastnn also takes rows, and
    data sets with labels: rows become columns, and so do the labels of a data set.
    """
    if isinstance(mini_batch, Dataset):
        return [training_pair(pair, sizes) for pair in mini_batch]
    return [_with_columns(pair, sizes) for pair in mini_batch]


def _with_columns(pair: Any, sizes: Sequence[int]) -> Any:
    try:
        x, y = pair
    except (TypeError, ValueError):
        return pair  # no pair: a step of a user's own may know what it is
    columns = _as_column(x, sizes[0]), y if sizes[-1] == 1 else _as_column(y, sizes[-1])
    return pair if columns[0] is x and columns[1] is y else columns


def _as_column(values: Any, size: int) -> Any:
    """Return a row of so many numbers as a column, a view where there can be one; else itself."""
    try:
        is_row = np.shape(values) == (size,)
    except ValueError:  # of parts of different lengths
        return values
    return np.reshape(values, (-1, 1)) if is_row else values


def training_pair(pair: Pair, sizes: Sequence[int]) -> Pair:
    """Return a pair as network2's training data has it: the very same one, if it is as there."""
    x, y = pair
    one = sizes[-1] == 1 and np.size(y) == 1  # network2 takes a number for a column of one
    if np.shape(x) == (sizes[0], 1) and (one or np.shape(y) == (sizes[-1], 1)):
        return pair
    label = np.ndim(y) == 0 and not one
    desired = np.eye(sizes[-1])[:, [int(y)]] if label else np.reshape(y, (-1, 1))
    return np.reshape(x, (-1, 1)), desired


def summed_gradient(network: Model, pairs: Iterable[Pair]) -> tuple[Arrays, Arrays]:
    """Add up dC/db and dC/dw of some examples, with the network's own `backprop`.

    Raises
    ------
    ValueError
        If they are not shaped like biases and weights.
    """
    nabla_b = [np.zeros(np.shape(b), network.dtype) for b in network.biases]
    nabla_w = [np.zeros(np.shape(w), network.dtype) for w in network.weights]
    for x, y in pairs:
        example_b, example_w = map(tuple, network.backprop(x, y))
        got = len(example_b), len(example_w)
        if got != (len(nabla_b), len(nabla_w)):
            raise ValueError(
                f"backprop must return two lists with an array for each of {len(nabla_b)} layers, "
                f"got {got[0]} and {got[1]}"
            )
        for total, part in zip(nabla_b + nabla_w, [*example_b, *example_w], strict=True):
            total += part
    return nabla_b, nabla_w


def take_step(network: Model, pairs: Sequence[Pair], eta: float, lmbda: float, n: float) -> None:
    """Take network2's step with the network's own `backprop`."""
    nabla_b, nabla_w = summed_gradient(network, pairs)
    decay, rate = 1 - eta * (lmbda / n), eta / len(pairs)
    network.weights = [
        (decay * w - rate * nw).astype(network.dtype)
        for w, nw in zip(network.weights, nabla_w, strict=True)
    ]
    network.biases = [
        (b - rate * nb).astype(network.dtype) for b, nb in zip(network.biases, nabla_b, strict=True)
    ]


def average_gradient(network: Model, data: Dataset) -> tuple[Arrays, Arrays]:
    """Average dC/db and dC/dw over the data, with the network's own `backprop`."""
    columns = (x for x, _ in data)
    desired = target_columns(data, data.order, layer_sizes(network.sizes)[-1])
    nabla_b, nabla_w = summed_gradient(network, zip(columns, desired, strict=True))
    return [b / len(data) for b in nabla_b], [w / len(data) for w in nabla_w]


def layer_speeds(network: Model, data: Dataset) -> npt.NDArray[np.float64]:
    """Return the norm of each layer's averaged dC/db, with the network's own `backprop`."""
    nabla_b, _ = average_gradient(network, data)
    return np.array([norm(b) for b in nabla_b], np.float64)


def count_correct(network: Model, pairs: Iterable[Pair], data: Dataset) -> int:
    """Count the examples whose class the network's own `feedforward` gets right.

    `data` is made of the `pairs`; `feedforward` gets the very same arrays, as in network2.
    """
    labels = data.labels
    classes = _class_of(labels) if labels.ndim == 2 else labels
    outputs = [np.ravel(network.feedforward(x)) for x in _columns(pairs, network.sizes)]
    return int(np.count_nonzero(_class_of(outputs) == classes))


def _class_of(outputs: Any) -> npt.NDArray[np.int64]:
    """Return the place of each row's largest entry; or whether its only one is above 0.5."""
    rows = np.asarray(outputs)
    one = rows.shape[1] == 1
    return (rows[:, 0] > 0.5).astype(np.int64) if one else np.argmax(rows, axis=1)


def mean_cost(network: Model, pairs: Iterable[Pair], data: Dataset) -> float:
    """Average the cost, without the penalty on weights, of what `feedforward` returns.

    The arguments are those of `count_correct`.
    """
    desired = target_columns(data, data.order, layer_sizes(network.sizes)[-1])
    cost = 0.0
    for x, y in zip(_columns(pairs, network.sizes), desired, strict=True):
        a = network.feedforward(x)
        cost += cost_of(call_cost(network.cost, "fn", a, y)) / len(desired)
    return cost


def _columns(pairs: Iterable[Pair], sizes: Sequence[int]) -> Iterator[Any]:
    """Yield each x as it is, but a row as a column."""
    for x, _ in pairs:
        yield _as_column(x, sizes[0])
