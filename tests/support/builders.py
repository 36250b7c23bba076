"""Examples, networks, training runs and comparisons that several test files use."""

from __future__ import annotations

import functools
import math
import random
from typing import Any, NamedTuple

import numpy as np

from fastnn import CrossEntropyCost, Dataset, network2, reference
from fastnn.model.architecture import Architecture

Pairs = list[tuple[np.ndarray, Any]]


def column(*values):
    """A column of float64, shape (len(values), 1)."""
    return np.array(values, dtype=np.float64).reshape(-1, 1)


def seed_generators(seed):
    """Seed both generators that network2 draws from, as a script does."""
    random.seed(seed)
    np.random.seed(seed)


# Examples -------------------------------------------------------------------------------------


def digits(n, inputs, outputs, seed, density=0.2, dtype=np.float32) -> Pairs:
    """Return `n` training pairs (column, unit column) as MNIST has them.

    Inputs are k/256, about `density` of them not zero. Labels depend on the inputs, so that there
    is something to learn.
    """
    rng = np.random.default_rng(seed)
    rows = rng.integers(1, 256, (n, inputs)) * (rng.random((n, inputs)) < density)
    columns = (rows / 256).astype(dtype)
    labels = np.argmax(columns @ rng.standard_normal((inputs, outputs)), axis=1)
    return [
        (x.reshape(-1, 1), reference.vectorized_result(label, outputs))
        for x, label in zip(columns, labels, strict=True)
    ]


def dense_digits(n, inputs, outputs, seed, dtype=np.float64) -> Pairs:
    """Return training pairs without a single zero among their inputs."""
    return digits(n, inputs, outputs, seed, density=1.0, dtype=dtype)


def labelled(pairs: Pairs) -> Pairs:
    """Return pairs with integer labels, as network2's evaluation data has them."""
    return [(x, int(np.argmax(y))) for x, y in pairs]


ALL_EXAMPLES = 170  # more than a block of the kernels, and no multiple of most mini-batches


@functools.cache
def examples(inputs, outputs):
    """Training and evaluation pairs, shared by tests: change neither them nor their lists."""
    training = digits(ALL_EXAMPLES, inputs, outputs, seed=1)
    return training, labelled(digits(60, inputs, outputs, seed=2))


# Networks -------------------------------------------------------------------------------------


def seeded_network(module, sizes, cost="CrossEntropyCost", seed=1, **options):
    """Return a network of `fastnn.reference` or `fastnn.network2`, initialised from `seed`."""
    np.random.seed(seed)
    if isinstance(cost, str):
        cost = getattr(module, cost)
    return module.Network(sizes, cost, **options)


def parameters(net):
    """All arrays that training changes."""
    return [*net.biases, *net.weights]


def copies(net):
    """Copies of `parameters`."""
    return [array.copy() for array in parameters(net)]


def central_difference(function, array, h=1e-5):
    """Return the derivative of `function()` by each entry of `array`."""
    slopes = np.empty_like(array)
    for index in np.ndindex(array.shape):
        kept = array[index]
        array[index] = kept + h
        above = function()
        array[index] = kept - h
        below = function()
        array[index] = kept
        slopes[index] = (above - below) / (2 * h)
    return slopes


def assert_close(got, wanted, rtol=1e-10):
    """Compare lists of arrays; near zero, `rtol` is relative to a thousandth of the largest."""
    assert len(got) == len(wanted)
    for mine, theirs in zip(got, wanted, strict=True):
        assert mine.shape == theirs.shape
        scale = float(np.max(np.abs(theirs)))
        np.testing.assert_allclose(mine, theirs, rtol=rtol, atol=rtol * 1e-3 * scale)


def assert_same_networks(net, other, rtol=1e-10):
    """Compare two networks' numbers to the tolerance of the contract."""
    assert list(net.sizes) == list(other.sizes)
    assert_close(parameters(net), parameters(other), rtol)


def assert_same_bits(net, other):
    """Compare two networks' numbers exactly."""
    for mine, theirs in zip(parameters(net), parameters(other), strict=True):
        assert mine.dtype == theirs.dtype
        np.testing.assert_array_equal(mine, theirs)


# What a user may write -------------------------------------------------------------------------


def leaky_by_table():
    """Return an activation whose slopes stand where Numba would freeze them."""
    slopes = {True: 1.0, False: 0.1}

    class Leaky:
        @staticmethod
        def fn(z):
            return z * slopes[z > 0]

        @staticmethod
        def prime(z):
            return slopes[z > 0]

    return Leaky


class Softplus:
    """ln(1 + e^z) for single numbers: an activation that a user might write."""

    @staticmethod
    def fn(z):
        return math.log(1 + math.exp(z))

    @staticmethod
    def prime(z):
        return 1 / (1 + math.exp(-z))


class Softsign:
    """z / (1 + |z|): an activation that needs no function of the C library."""

    @staticmethod
    def fn(z):
        return z / (1.0 + abs(z))

    @staticmethod
    def prime(z):
        return 1.0 / (1.0 + abs(z)) ** 2


class CubicCost:
    """sum |a - y|^3 of softmax outputs: a user's cost whose error needs all of softmax's slope."""

    @staticmethod
    def fn(a, y):
        return np.sum(np.abs(a - y) ** 3)

    @staticmethod
    def delta(z, a, y):
        slope = 3 * (a - y) * np.abs(a - y)
        return a * (slope - np.sum(a * slope))


_POWERS = {"power": 4, "name": "fourth"}


class FourthPower:
    """sum (a - y)^4 / 4 of sigmoid outputs, in Python: Numba cannot compile its dictionary."""

    @staticmethod
    def fn(a, y):
        return float(np.sum((a - y) ** _POWERS["power"])) / _POWERS["power"]

    @staticmethod
    def delta(z, a, y):
        return (a - y) ** (_POWERS["power"] - 1) * a * (1 - a)


class LogCoshCost:
    """sum ln cosh(a - y) of identity outputs, whose slope is never more than 1."""

    @staticmethod
    def fn(a, y):
        return np.sum(np.log(np.cosh(a - y)))

    @staticmethod
    def delta(z, a, y):
        return np.tanh(a - y)


class CostInPython:
    """The quadratic cost of identity outputs, written so that Numba cannot compile it."""

    @staticmethod
    def fn(a, y):
        return float(str(0.5 * np.sum((a - y) ** 2)))

    @staticmethod
    def delta(z, a, y):
        return np.array(list(a - y))


# Training runs --------------------------------------------------------------------------------

ALL_MONITORS = {
    "monitor_evaluation_cost": True,
    "monitor_evaluation_accuracy": True,
    "monitor_training_cost": True,
    "monitor_training_accuracy": True,
}


def everything(evaluation_data):
    """All monitors of a run, and what they measure on."""
    return {"evaluation_data": evaluation_data, **ALL_MONITORS}


class Run(NamedTuple):
    """A trained network and everything that must be as network2 leaves it."""

    net: Any
    history: Any
    order: list[int]  # the identities of the examples, in the order they were left in
    random_state: Any
    numpy_state: Any


def state_of_numpy():
    """NumPy's global generator in a form that can be compared."""
    name, words, *rest = np.random.get_state()
    return name, words.tolist(), *rest


def run(
    module, sizes, data, *arguments, cost="CrossEntropyCost", seed=1, network=None, **options
) -> Run:
    """Seed, make a network, train it silently on a copy of the list `data`; return what it leaves.

    `network` holds options of the network, the others go to `SGD`.
    """
    random.seed(seed)
    net = seeded_network(module, sizes, cost, seed, **(network or {}))
    examples = list(data)
    history = net.SGD(examples, *arguments, verbose=False, **options)
    order = [id(example) for example in examples]
    return Run(net, history, order, random.getstate(), state_of_numpy())


def assert_same_histories(got, wanted):
    """Compare the four lists of figures: costs to 1e-10, accuracies as integers."""
    assert len(got) == len(wanted) == 4
    for place in (0, 2):
        np.testing.assert_allclose(got[place], wanted[place], rtol=1e-10)
    for place in (1, 3):
        assert got[place] == wanted[place]
        assert all(type(count) is int for count in got[place])


def assert_same_runs(got: Run, wanted: Run):
    """Compare everything that two programs left behind."""
    assert_same_networks(got.net, wanted.net)
    assert_same_histories(got.history, wanted.history)
    assert got.order == wanted.order
    assert got.random_state == wanted.random_state
    assert got.numpy_state == wanted.numpy_state


def assert_programs_agree(sizes, data, evaluation, *arguments, **options):
    """Train the same network with both programs, every monitor on, and compare all they leave."""
    options = {**everything(evaluation), **options}
    wanted = run(reference, sizes, data, *arguments, **options)
    got = run(network2, sizes, data, *arguments, **options)
    assert_same_runs(got, wanted)


# Arrays, and a run that fits on a line ---------------------------------------------------------


def arrays(pairs):
    """Return the inputs (n, inputs) and the integer labels (n,) of training pairs."""
    rows = np.array([x[:, 0] for x, _ in pairs])
    return rows, np.array([np.argmax(y) for _, y in pairs])


def read_only(array):
    """Return a copy of an array that cannot be written into."""
    array = array.copy()
    array.flags.writeable = False
    return array


def tiny_training(inputs=12, as_bytes=False):
    """Train a tiny network; return figures, order and parameters as JSON has them."""
    data = digits(23, inputs, 3, seed=5)
    if as_bytes:
        rows, labels = arrays(data)
        grey = np.where(rows > 0.8, 255, np.uint8(rows * 256))  # the largest byte among them
        data = Dataset(grey.astype(np.uint8), labels, classes=3, scale=1 / 256)
    places = {x.tobytes(): place for place, (x, _) in enumerate(data)}
    net = seeded_network(network2, [inputs, 5, 3], seed=6)
    random.seed(7)
    history = net.SGD(
        data,
        2,
        4,
        0.5,
        lmbda=0.1,
        evaluation_data=labelled(digits(9, inputs, 3, seed=8)),
        monitor_evaluation_cost=True,
        monitor_training_accuracy=True,
        verbose=False,
    )
    return {
        "evaluation_cost": history.evaluation_cost,
        "training_accuracy": history.training_accuracy,
        "order": [places[x.tobytes()] for x, _ in data],
        "parameters": [array.tolist() for array in parameters(net)],
    }


def sigmoid_layers(sizes: list[int]) -> Any:
    """The description of network2's layers that the kernels take."""
    names = ["sigmoid"] * (len(sizes) - 1)
    return Architecture(sizes, np.dtype(np.float64), CrossEntropyCost, names).layers()


class Shelf:
    """Not a list, but enough for `random.shuffle`: a length, items, assignment to items."""

    def __init__(self, pairs):
        self.pairs = list(pairs)

    def __len__(self):
        return len(self.pairs)

    def __getitem__(self, place):
        return self.pairs[place]

    def __setitem__(self, place, pair):
        self.pairs[place] = pair
