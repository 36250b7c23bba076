"""Train many kinds of networks from weights that no library drew, and digest what comes out.

`python tests/support/digest_table.py` prints the table that `tests/promises/digests.txt` holds.
"""

from __future__ import annotations

import functools
import hashlib
import random
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from builders import Softsign

from fastnn import (
    CrossEntropyCost,
    Dataset,
    LogLikelihoodCost,
    QuadraticCost,
    mnist_loader,
    network2,
)
from fastnn.optimisers import Adam
from fastnn.schedules import Halving

STORED = Path(__file__).parents[1] / "promises" / "digests.txt"
TYPES = ("float64", "float32")


class Quartic:
    """A cost of a user's own that Numba compiles."""

    @staticmethod
    def fn(a, y):
        return 0.25 * np.sum((a - y) ** 4)

    @staticmethod
    def delta(z, a, y):
        return (a - y) ** 3


class Kind(NamedTuple):
    """A kind of training: the network, the data by name, and the arguments of `SGD`."""

    sizes: list[int]
    network: dict[str, Any]
    data: str
    sgd: dict[str, Any]


def _kind(sizes, data, epochs, mini_batch_size, eta, network=None, **sgd):
    how = {"epochs": epochs, "mini_batch_size": mini_batch_size, "eta": eta, **sgd}
    return Kind(sizes, network or {}, data, how)


_DIGITS, _DEEP, _DENSE = [784, 30, 10], [784, 30, 20, 10], [50, 20, 2]
_ALL = {
    "monitor_evaluation_cost": True,
    "monitor_evaluation_accuracy": True,
    "monitor_training_cost": True,
    "monitor_training_accuracy": True,
}
_SOFTMAX = {"cost": LogLikelihoodCost}
_VALUES = {"cost": QuadraticCost, "output": "identity", "activation": "tanh"}
KINDS = {
    "all monitors": _kind(_DIGITS, "digits", 2, 10, 0.1, lmbda=5.0, **_ALL),
    "mini-batches of 1": _kind(_DIGITS, "digits", 2, 1, 0.1, lmbda=5.0),
    "mini-batches of 7": _kind(_DIGITS, "digits", 2, 7, 0.1, lmbda=5.0),
    "mini-batches of 64": _kind(_DIGITS, "digits", 2, 64, 0.1, lmbda=5.0),
    "mini-batches of all": _kind(_DIGITS, "digits", 6, 400, 0.5, lmbda=5.0),
    "quadratic cost": _kind(_DIGITS, "digits", 2, 10, 0.5, {"cost": QuadraticCost}),
    "two hidden layers": _kind(_DEEP, "digits", 2, 10, 0.1, lmbda=5.0, **_ALL),
    "momentum": _kind(_DIGITS, "digits", 2, 10, 0.02, lmbda=5.0, momentum=0.9),
    "momentum with tiny numbers": _kind(_DIGITS, "digits", 3, 1, 0.02, momentum=0.5),
    "nesterov": _kind(_DIGITS, "digits", 2, 10, 0.02, momentum=0.9, nesterov=True),
    "adam": _kind(_DIGITS, "digits", 2, 10, 0.001, optimizer="adam"),
    "adam with tiny numbers": _kind(_DIGITS, "digits", 3, 1, 0.001, optimizer=Adam(0.5, 0.9)),
    "l1": _kind(_DIGITS, "digits", 2, 10, 0.1, l1=1.0),
    "dropout": _kind(_DIGITS, "digits", 2, 10, 0.1, dropout=0.2),
    "softmax": _kind(_DIGITS, "digits", 2, 10, 0.1, _SOFTMAX, **_ALL),
    "relu": _kind(_DIGITS, "digits", 2, 10, 0.1, {**_SOFTMAX, "activation": "relu"}, **_ALL),
    "tanh": _kind(_DIGITS, "digits", 2, 10, 0.1, {"activation": "tanh"}),
    "tanh, adam and dropout": _kind(
        *(_DEEP, "digits", 2, 10, 0.002, {"activation": ["tanh", "sigmoid"]}),
        optimizer="adam",
        dropout=0.1,
    ),
    "wide in one thread": _kind([784, 100, 10], "digits", 2, 10, 0.1, lmbda=5.0, threads=1),
    "wide in two threads": _kind([784, 100, 10], "digits", 2, 10, 0.1, lmbda=5.0, threads=2),
    "decay to almost nothing": _kind(_DEEP, "digits", 1, 64, 0.1, lmbda=3999.0, **_ALL),
    "dense inputs": _kind(
        *(_DENSE, "dense", 3, 10, 0.5),
        monitor_evaluation_accuracy=True,
        monitor_evaluation_cost=True,
        schedule=Halving(1),
    ),
    "dense and deep": _kind([50, 40, 33, 17, 2], "dense", 3, 7, 0.5),
    "dense, adam, all at once": _kind(_DENSE, "dense", 6, 300, 0.01, optimizer="adam"),
    "regression": _kind(_DENSE, "values", 3, 10, 0.05, _VALUES, monitor_training_cost=True),
    "layer speeds": _kind(_DEEP, "digits", 2, 10, 0.1, monitor_layer_speeds=True),
    "an own activation": _kind(_DIGITS, "digits", 2, 10, 0.02, {"activation": Softsign}),
    "an own cost": _kind(_DENSE, "dense", 3, 10, 0.5, {"cost": Quartic}),
}


def digests_of(name: str, dtype: str) -> tuple[str, str]:
    """Train a kind from fixed weights; digest weights and biases, and the history."""
    kind = KINDS[name]
    training, evaluation = _data(kind.data)
    net = network2.Network(kind.sizes, **{"cost": CrossEntropyCost, **kind.network}, dtype=dtype)
    net.weights = [_fixed(w.shape, layer) for layer, w in enumerate(net.weights)]
    net.biases = [_fixed(b.shape, layer + 7) for layer, b in enumerate(net.biases)]
    state = random.getstate()
    random.seed(34)
    try:
        history = net.SGD(training, evaluation_data=evaluation, verbose=False, **kind.sgd)
    finally:
        random.setstate(state)
    speeds = [array.tolist() for array in history.layer_speeds]
    trained = b"".join(array.tobytes() for array in (*net.weights, *net.biases))
    return _digest(trained), _digest(repr((tuple(history), speeds)).encode())


def stored_digests() -> dict[tuple[str, str], tuple[str, str]]:
    """Read the table: digests by kind and type of numbers."""
    rows = [line.split(" | ") for line in STORED.read_text().splitlines()[1:]]
    return {(name, dtype): (trained, history) for name, dtype, trained, history in rows}


def _data(name: str) -> tuple[Dataset, Dataset]:
    if name == "digits":
        training, validation, _ = _mnist()
        return training[:400], validation[:200]
    inputs = _numbers(300 * 50, 3).reshape(300, 50)
    if name == "values":
        targets = np.stack([inputs[:, 0] * 2 - inputs[:, 1], inputs[:, 2]], axis=1)
        data = Dataset(inputs.astype(np.float32), targets)
    else:
        labels = (inputs[:, 0] > inputs[:, 1]).astype(int)
        data = Dataset(inputs.astype(np.float32), labels)
    return data, data[:100]


_mnist = functools.cache(mnist_loader.load_data_wrapper)


def _fixed(shape: tuple[int, ...], stream: int) -> np.ndarray:
    """Weights from -1/4 to 1/4 that have the same bits everywhere."""
    count = int(np.prod(shape))
    return (_numbers(count, stream).reshape(shape) - 0.5) / 2


def _numbers(count: int, stream: int) -> np.ndarray:
    """Numbers from 0 to below 1 in steps of 2^-20, by integers alone (Knuth's multiplier)."""
    places = np.arange(1, count + 1, dtype=np.uint64)
    mixed = (places * np.uint64(2654435761) + np.uint64(977 * stream)) % np.uint64(1 << 32)
    return (mixed >> np.uint64(12)).astype(np.float64) / (1 << 20)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


if __name__ == "__main__":
    print("kind | type | weights and biases | history")
    for kind in KINDS:
        for each in TYPES:
            print(" | ".join([kind, each, *digests_of(kind, each)]), flush=True)
