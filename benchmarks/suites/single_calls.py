"""How long the calls take that a script makes for one example or for ten."""

from __future__ import annotations

import random
from typing import Any

import numpy as np

from fastnn import Dataset, network2, reference
from fastnn import network as chapter1_network
from fastnn.reference import chapter1

from .shared import (
    ETA,
    IMPLEMENTATIONS,
    LMBDA,
    MINI_BATCH,
    SIZES,
    FewDigits,
    network,
)

Digits = tuple[Dataset, Dataset]


class SingleCalls(FewDigits):
    """Calls so short that what surrounds the work counts, on plain lists of pairs."""

    params = (IMPLEMENTATIONS, SIZES)
    param_names = ("implementation", "sizes")
    # asv finds out how many calls make one sample. Steps change the network, but not how long the
    # next one takes.
    number = 0
    repeat = (5, 50, 2.0)

    def setup(self, digits: Digits, implementation: str, sizes: str) -> None:
        """Take the first examples, and call everything once."""
        self.n = len(digits[0])
        self.mini_batch = list(digits[0][:MINI_BATCH])
        self.labelled = [(x, int(np.argmax(y))) for x, y in self.mini_batch]
        self.one = self.labelled[:1]
        self.x, self.y = self.mini_batch[0]
        self.network = network(implementation, sizes)
        for call in (
            self.time_feedforward,
            self.time_backprop,
            self.time_update_mini_batch,
            self.time_accuracy_of_one,
            self.time_total_cost_of_one,
        ):
            call(digits, implementation, sizes)

    def time_feedforward(self, digits: Digits, implementation: str, sizes: str) -> None:
        """The output for one example."""
        self.network.feedforward(self.x)

    def time_backprop(self, digits: Digits, implementation: str, sizes: str) -> None:
        """The gradient of one example."""
        self.network.backprop(self.x, self.y)

    def time_update_mini_batch(self, digits: Digits, implementation: str, sizes: str) -> None:
        """One step with ten examples."""
        self.network.update_mini_batch(self.mini_batch, ETA, LMBDA, self.n)

    def time_accuracy_of_one(self, digits: Digits, implementation: str, sizes: str) -> None:
        """Accuracy on one example."""
        self.network.accuracy(self.one)

    def time_accuracy_of_ten(self, digits: Digits, implementation: str, sizes: str) -> None:
        """Accuracy on ten examples."""
        self.network.accuracy(self.labelled)

    def time_total_cost_of_one(self, digits: Digits, implementation: str, sizes: str) -> None:
        """Cost of one example."""
        self.network.total_cost(self.one, LMBDA, convert=True)

    def time_total_cost_of_ten(self, digits: Digits, implementation: str, sizes: str) -> None:
        """Cost of ten examples."""
        self.network.total_cost(self.labelled, LMBDA, convert=True)


class OwnCost:
    """A cost as users write it: cross-entropy of outputs that are kept from 0 and 1."""

    @staticmethod
    def fn(a: Any, y: Any) -> Any:
        """The cost of an example."""
        a = np.clip(a, 1e-7, 1 - 1e-7)
        return -np.sum(y * np.log(a) + (1 - y) * np.log(1 - a))

    @staticmethod
    def delta(z: Any, a: Any, y: Any) -> Any:
        """The error of the output layer."""
        return a - y


class OwnCostCalls(FewDigits):
    """The calls that ask a cost of a user's own, which Python calls for each example."""

    params = IMPLEMENTATIONS
    param_names = ("implementation",)
    number = 0
    repeat = (5, 50, 2.0)

    def setup(self, digits: Digits, implementation: str) -> None:
        """Take the first examples, and call everything once."""
        self.n = len(digits[0])
        self.mini_batch = list(digits[0][:MINI_BATCH])
        self.x, self.y = self.mini_batch[0]
        self.network = network(implementation, "784,30,10", cost=OwnCost)
        for call in (self.time_backprop, self.time_update_mini_batch, self.time_total_cost_of_ten):
            call(digits, implementation)

    def time_backprop(self, digits: Digits, implementation: str) -> None:
        """The gradient of one example."""
        self.network.backprop(self.x, self.y)

    def time_update_mini_batch(self, digits: Digits, implementation: str) -> None:
        """One step with ten examples."""
        self.network.update_mini_batch(self.mini_batch, ETA, LMBDA, self.n)

    def time_total_cost_of_ten(self, digits: Digits, implementation: str) -> None:
        """Cost of ten examples."""
        self.network.total_cost(self.mini_batch, LMBDA)


class Chapter1Calls(FewDigits):
    """The same calls of a network of chapter 1, whose arrays network2's code computes with."""

    params = IMPLEMENTATIONS
    param_names = ("implementation",)
    number = 0
    repeat = (5, 50, 2.0)

    def setup(self, digits: Digits, implementation: str) -> None:
        """Take the first examples, and call everything once."""
        module: Any = chapter1 if implementation == "reference" else chapter1_network
        self.mini_batch = list(digits[0][:MINI_BATCH])
        self.labelled = [(x, int(np.argmax(y))) for x, y in self.mini_batch]
        self.x, self.y = self.mini_batch[0]
        np.random.seed(1)
        self.network = module.Network([784, 30, 10])
        for call in (self.time_backprop, self.time_update_mini_batch, self.time_evaluate_ten):
            call(digits, implementation)

    def time_backprop(self, digits: Digits, implementation: str) -> None:
        """The gradient of one example."""
        self.network.backprop(self.x, self.y)

    def time_update_mini_batch(self, digits: Digits, implementation: str) -> None:
        """One step with ten examples."""
        self.network.update_mini_batch(self.mini_batch, ETA)

    def time_evaluate_ten(self, digits: Digits, implementation: str) -> None:
        """How many of ten examples are right."""
        self.network.evaluate(self.labelled)


class ShortRuns:
    """Calls of `SGD` on so few examples that what a call does besides training counts."""

    params = IMPLEMENTATIONS
    param_names = ("implementation",)
    warmup_time = 0.0
    number = 1
    timeout = 300.0

    def setup(self, implementation: str) -> None:
        """Make a list of four pairs, one of 150, and call everything once."""
        random.seed(1)
        np.random.seed(1)
        module: Any = reference if implementation == "reference" else network2
        bits = [(a, b) for a in (0.0, 1.0) for b in (0.0, 1.0)]
        self.xor = [(np.array([[a], [b]]), np.array([[float(a != b)]])) for a, b in bits]
        self.small = [(np.random.rand(4, 1), np.eye(3)[:, [i % 3]]) for i in range(150)]
        self.held_out = [(x, int(np.argmax(y))) for x, y in self.small]
        self.gate, self.network = module.Network([2, 2, 1]), module.Network([4, 10, 3])
        self.gate.SGD(self.xor, 1, 4, 3.0, verbose=False)
        self.network.SGD(self.small, 1, 10, 0.1, verbose=False)
        self.network.SGD(self.small, 1, 10, 0.1, **self._monitors())

    def _monitors(self) -> dict[str, Any]:
        watched = {"evaluation_data": self.held_out, "monitor_evaluation_accuracy": True}
        return {**watched, "verbose": False}

    def time_xor_loop(self, implementation: str) -> None:
        """500 calls of one epoch on the four pairs of XOR."""
        for _ in range(500):
            self.gate.SGD(self.xor, 1, 4, 3.0, verbose=False)

    def time_calls_of_one_epoch(self, implementation: str) -> None:
        """100 calls of one epoch on 150 examples of 4 inputs."""
        for _ in range(100):
            self.network.SGD(self.small, 1, 10, 0.1, verbose=False)

    def time_epochs(self, implementation: str) -> None:
        """100 epochs on 150 examples in one call."""
        self.network.SGD(self.small, 100, 10, 0.1, verbose=False)

    def time_epochs_with_a_monitor(self, implementation: str) -> None:
        """The same, with the accuracy on 150 examples after each."""
        self.network.SGD(self.small, 100, 10, 0.1, **self._monitors())


class ChapterScript(FewDigits):
    """What the chapter's script does for its figures: `backprop` of 1,000 images an epoch."""

    params = (IMPLEMENTATIONS, SIZES[:2])
    param_names = ("implementation", "sizes")

    def setup(self, digits: Digits, implementation: str, sizes: str) -> None:
        """Take 1,000 pairs, and call everything once."""
        self.pairs = list(digits[0][:1000])
        self.network = network(implementation, sizes)
        self.time_epoch(digits, implementation, sizes)

    def time_epoch(self, digits: Digits, implementation: str, sizes: str) -> None:
        """The norms of the averaged gradients, then a step of all images."""
        gradients = [self.network.backprop(x, y)[0] for x, y in self.pairs]
        for layer in range(len(gradients[0])):
            np.linalg.norm(sum(nabla_b[layer] for nabla_b in gradients) / len(self.pairs))
        self.network.update_mini_batch(self.pairs, ETA, 0.0, len(self.pairs))
