"""Subclasses of network2's `Network` as forks of the book's code write them.

Each function takes the module, `fastnn.network2` or `fastnn.reference`, and returns a subclass of
its `Network`.
"""

from __future__ import annotations

import random
import re

import numpy as np
from builders import (
    ALL_MONITORS,
    Run,
    assert_close,
    parameters,
    seed_generators,
    state_of_numpy,
)

from fastnn import network2, reference


def summed_gradients(net, mini_batch):
    """Add up what `backprop` returns for each pair, as network2's own method does."""
    nabla_b = [np.zeros(b.shape) for b in net.biases]
    nabla_w = [np.zeros(w.shape) for w in net.weights]
    for x, y in mini_batch:
        example_b, example_w = net.backprop(x, y)
        nabla_b = [total + nb for total, nb in zip(nabla_b, example_b, strict=True)]
        nabla_w = [total + nw for total, nw in zip(nabla_w, example_w, strict=True)]
    return nabla_b, nabla_w


def momentum_network(module):
    """The book's chapter 3: velocities, kept from step to step."""

    class Momentum(module.Network):
        def __init__(self, sizes, mu=0.8):
            super().__init__(sizes)
            self.mu = mu
            self.velocities = [np.zeros(w.shape) for w in self.weights]

        def update_mini_batch(self, mini_batch, eta, lmbda, n):
            nabla_b, nabla_w = summed_gradients(self, mini_batch)
            m = len(mini_batch)
            self.velocities = [
                self.mu * v - eta * (nw / m + lmbda / n * w)
                for v, nw, w in zip(self.velocities, nabla_w, self.weights, strict=True)
            ]
            self.weights = [w + v for w, v in zip(self.weights, self.velocities, strict=True)]
            self.biases = [b - eta / m * nb for b, nb in zip(self.biases, nabla_b, strict=True)]

    return Momentum


def l1_network(module):
    """L1 in the place of L2, written into the arrays in place."""

    class L1(module.Network):
        def update_mini_batch(self, mini_batch, eta, lmbda, n):
            nabla_b, nabla_w = summed_gradients(self, mini_batch)
            for w, nw in zip(self.weights, nabla_w, strict=True):
                w -= eta * lmbda / n * np.sign(w) + eta / len(mini_batch) * nw
            for b, nb in zip(self.biases, nabla_b, strict=True):
                b -= eta / len(mini_batch) * nb

        def total_cost(self, data, lmbda, convert=False):
            penalty = sum(np.abs(w).sum() for w in self.weights)
            return super().total_cost(data, 0.0, convert) + lmbda / len(data) * penalty

    return L1


def clipped_network(module):
    """network2's own step, and then weights of at most 0.5."""

    class Clipped(module.Network):
        def update_mini_batch(self, mini_batch, eta, lmbda, n):
            super().update_mini_batch(mini_batch, eta, lmbda, n)
            self.weights = [np.clip(w, -0.5, 0.5) for w in self.weights]

    return Clipped


def dropout_network(module):
    """Half of the hidden neurons left out of `backprop`, by NumPy's global generator."""

    class Dropout(module.Network):
        def backprop(self, x, y):
            kept = [np.random.rand(size, 1) < 0.5 for size in self.sizes[1:-1]]
            zs, outputs = [], [x]
            for layer, (b, w) in enumerate(zip(self.biases, self.weights, strict=True)):
                zs.append(np.dot(w, outputs[-1]) + b)
                a = module.sigmoid(zs[-1])
                outputs.append(a * kept[layer] if layer < len(kept) else a)
            delta = self.cost.delta(zs[-1], outputs[-1], y)
            nabla_b, nabla_w = [delta], [np.dot(delta, outputs[-2].T)]
            for layer in range(len(kept) - 1, -1, -1):
                slope = module.sigmoid_prime(zs[layer]) * kept[layer]
                delta = np.dot(self.weights[layer + 1].T, delta) * slope
                nabla_b.insert(0, delta)
                nabla_w.insert(0, np.dot(delta, outputs[layer].T))
            return nabla_b, nabla_w

        def feedforward(self, a):
            for layer, (b, w) in enumerate(zip(self.biases, self.weights, strict=True)):
                a = module.sigmoid(np.dot(w, a * 0.5 if layer else a) + b)
            return a

    return Dropout


def swept_back(weights, outputs, delta):
    """The gradient of one example, by the error of a network of sigmoids' last layer.

    `outputs` are those of the layers, from the inputs on.
    """
    nabla_b, nabla_w = [delta], [np.dot(delta, outputs[-2].T)]
    for layer in range(len(weights) - 2, -1, -1):
        a = outputs[layer + 1]
        delta = np.dot(weights[layer + 1].T, delta) * a * (1 - a)
        nabla_b.insert(0, delta)
        nabla_w.insert(0, np.dot(delta, outputs[layer].T))
    return nabla_b, nabla_w


def softmax_network(module):
    """Softmax outputs, in `feedforward` and in `backprop`, with the error a - y."""

    class Softmax(module.Network):
        def layers(self, a):
            outputs = [a]
            for b, w in zip(self.biases[:-1], self.weights[:-1], strict=True):
                outputs.append(module.sigmoid(np.dot(w, outputs[-1]) + b))
            powers = np.exp(np.dot(self.weights[-1], outputs[-1]) + self.biases[-1])
            return [*outputs, powers / powers.sum()]

        def feedforward(self, a):
            return self.layers(a)[-1]

        def backprop(self, x, y):
            outputs = self.layers(x)
            delta = outputs[-1] - y
            return swept_back(self.weights, outputs, delta)

    return Softmax


def he_network(module):
    """He's initial weights in the place of the default ones."""

    class He(module.Network):
        def default_weight_initializer(self):
            self.biases = [np.zeros((fan_out, 1)) for fan_out in self.sizes[1:]]
            self.weights = [
                np.random.randn(fan_out, fan_in) * np.sqrt(2 / fan_in)
                for fan_in, fan_out in zip(self.sizes[:-1], self.sizes[1:], strict=True)
            ]

    return He


def half_network(module):
    """A larger half of its own initial weights, by the large initialiser."""

    class Half(module.Network):
        def __init__(self, sizes):
            super().__init__(sizes)
            self.large_weight_initializer()

        def large_weight_initializer(self):
            super().large_weight_initializer()
            self.weights = [w / 2 for w in self.weights]

    return Half


def counting_network(module):
    """Counts on a different scale, and says so while it does; epochs need nothing of Python."""

    class Counting(module.Network):
        def accuracy(self, data, convert=False):
            print("counting", len(data), convert)
            return 2 * super().accuracy(data, convert)

        def total_cost(self, data, lmbda, convert=False):
            print("adding up", len(data), lmbda, convert)
            first = data[0][0][0, 0]
            return super().total_cost(data, lmbda, convert=convert) + float(first) / 1000

    return Counting


def noisy_network(module):
    """A step that draws from both global generators and trains without its first pair."""

    class Noisy(module.Network):
        def update_mini_batch(self, mini_batch, eta, lmbda, n):
            eta *= random.random()
            super().update_mini_batch(mini_batch[1:] or mini_batch, eta, lmbda, n)
            self.weights = [w + 0.01 * np.random.randn(*w.shape) for w in self.weights]

    return Noisy


def own_start_network(module):
    """Its `__init__` does not call that of the class it is made from."""

    class OwnStart(module.Network):
        def __init__(self, sizes):
            self.num_layers, self.sizes, self.cost = len(sizes), sizes, module.CrossEntropyCost
            self.large_weight_initializer()

    return OwnStart


def bounded_network(module):
    """Weights behind a property that keeps them small whenever they are assigned."""

    class Bounded(module.Network):
        @property
        def weights(self):
            return self._weights

        @weights.setter
        def weights(self, weights):
            self._weights = [np.clip(w, -0.4, 0.4) for w in weights]

    return Bounded


class Bounds:
    """A descriptor that keeps arrays small when they are assigned, and has no part in reading."""

    def __set_name__(self, owner, name):
        self.name = name

    def __set__(self, network, arrays):
        vars(network)[self.name] = [np.clip(array, -0.4, 0.4) for array in arrays]


def validated_network(module):
    """Biases behind a descriptor that only sees them assigned."""

    class Validated(module.Network):
        biases = Bounds()

    return Validated


def fading_outputs(module):
    """The output is of the input less 0.1, which is taken off for good."""

    class Fading(module.Network):
        def feedforward(self, a):
            a -= 0.1
            return super().feedforward(a)

    return Fading


def watched_network(module):
    """Prints what is assigned, and keeps biases at most 0 without `update_mini_batch`."""

    class Watched(module.Network):
        def __setattr__(self, name, value):
            if name == "biases":
                print("biases are assigned")
                value = [np.minimum(b, 0.0) for b in value]
            object.__setattr__(self, name, value)

    return Watched


FORKS = {
    "momentum": momentum_network,
    "L1": l1_network,
    "clipped weights": clipped_network,
    "dropout": dropout_network,
    "softmax": softmax_network,
    "He": he_network,
    "large initialiser": half_network,
    "monitors": counting_network,
    "random steps": noisy_network,
    "an __init__ of its own": own_start_network,
    "a property": bounded_network,
    "a validator": validated_network,
    "watched attributes": watched_network,
}
"""The functions by what their subclasses do."""


# Training over both modules ---------------------------------------------------------------------

MODULES = (reference, network2)
SIZES = [12, 7, 4]


def train(module, make, data, held_out, prepare=None, epochs=3, **options):
    """Train a network with everything monitored; return what it leaves, and what it printed."""
    seed_generators(5)
    net = make(module)(SIZES)
    if prepare is not None:
        prepare(net)
    examples = list(data)
    figures = {"evaluation_data": held_out, **ALL_MONITORS, **options}
    history = net.SGD(examples, epochs, 10, 0.3, 0.4, **figures)
    order = [id(example) for example in examples]
    return Run(net, history, order, random.getstate(), state_of_numpy())


def plain(module):
    return module.Network


NUMBER = re.compile(r"\d+\.\d+(e-?\d+)?")


def assert_same_lines(printed, wanted):
    """Compare text to the letter, and numbers in it to the tolerance of the contract."""
    assert NUMBER.sub("...", printed) == NUMBER.sub("...", wanted)
    numbers, others = (
        [float(found.group()) for found in NUMBER.finditer(text)] for text in (printed, wanted)
    )
    np.testing.assert_allclose(numbers, others, rtol=1e-9)


def assert_agree(make, data, held_out, capsys, prepare=None, **options):
    """Train over both modules, and compare all that they leave and print."""
    runs, printed = [], []
    for module in MODULES:
        runs.append(train(module, make, data, held_out, prepare, **options))
        printed.append(capsys.readouterr().out)
    assert_same_lines(printed[1], printed[0])
    assert_close(parameters(runs[1].net), parameters(runs[0].net))
    np.testing.assert_allclose(runs[1].history, runs[0].history, rtol=1e-10)
    assert runs[1][2:] == runs[0][2:]
    return runs[1]
