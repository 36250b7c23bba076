"""How long epochs take."""

from __future__ import annotations

from typing import Any

from fastnn import Dataset, LogLikelihoodCost

from .shared import (
    DTYPES,
    IMPLEMENTATIONS,
    SIZES,
    AllDigits,
    FewDigits,
    examples_for,
    network,
    train,
)

Digits = tuple[Dataset, Dataset]

# Arguments of `Network`, and of `SGD`, that network2 does not have.
OPTIONS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "plain": ({}, {}),
    "momentum": ({}, {"momentum": 0.9}),
    "nesterov": ({}, {"momentum": 0.9, "nesterov": True}),
    "adam": ({}, {"optimizer": "adam"}),
    "l1": ({}, {"l1": 1.0}),
    "dropout": ({}, {"dropout": 0.5}),
    "softmax": ({"cost": LogLikelihoodCost}, {}),
    "relu": ({"activation": "relu"}, {}),
    "tanh": ({"activation": "tanh"}, {}),
}


class Epoch(FewDigits):
    """One epoch of 2,000 examples, shuffle included, in both implementations."""

    params = (IMPLEMENTATIONS, SIZES)
    param_names = ("implementation", "sizes")

    def setup(self, digits: Digits, implementation: str, sizes: str) -> None:
        """Compile on another network."""
        self.data = examples_for(implementation, digits[0])
        train(network(implementation, sizes), self.data)
        self.network = network(implementation, sizes)

    def time_epoch(self, digits: Digits, implementation: str, sizes: str) -> None:
        """`SGD` for one epoch."""
        train(self.network, self.data)


class WholeEpoch(AllDigits):
    """One epoch of all 50,000 examples, fastnn only."""

    params = (SIZES, DTYPES)
    param_names = ("sizes", "dtype")

    def setup(self, digits: Digits, sizes: str, dtype: str) -> None:
        """Compile on another network; that also makes the sparse form of the data."""
        train(network("fastnn", sizes, dtype), digits[0])
        self.network = network("fastnn", sizes, dtype)

    def time_epoch(self, digits: Digits, sizes: str, dtype: str) -> None:
        """`SGD` for one epoch."""
        train(self.network, digits[0])


class Options(AllDigits):
    """One epoch of all 50,000 examples with each option of training."""

    params = (tuple(OPTIONS), DTYPES)
    param_names = ("option", "dtype")

    def setup(self, digits: Digits, option: str, dtype: str) -> None:
        """Compile on another network; the learning rate suits them all."""
        of_network, self.of_training = OPTIONS[option]
        other = network("fastnn", SIZES[0], dtype, **of_network)
        train(other, digits[0], eta=0.001, **self.of_training)
        self.network = network("fastnn", SIZES[0], dtype, **of_network)

    def time_epoch(self, digits: Digits, option: str, dtype: str) -> None:
        """`SGD` for one epoch."""
        train(self.network, digits[0], eta=0.001, **self.of_training)
