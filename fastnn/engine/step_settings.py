"""What a trainer is told of how to train."""

from __future__ import annotations

from typing import Any, NamedTuple


class StepSettings(NamedTuple):
    """How to train: the checked arguments of `SGD`."""

    mini_batch_size: int
    lmbda: float
    n: float  # the length of the whole training data; it divides lmbda and l1
    l1: float = 0.0
    rule: Any = None  # one of kernels/optimisers.py; None for plain gradient descent
    dropout: tuple[float, ...] = ()  # a rate for each hidden layer, or none
    frozen_layers: tuple[int, ...] = ()  # which layers stay as they are
    shuffle: bool = True
    threads: int = 1  # how many threads may work on a mini-batch
    stay_finite: bool = False  # stop within an epoch if biases are not finite
    epochs: int = 1  # how many are to come
