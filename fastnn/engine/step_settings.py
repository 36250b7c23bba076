"""How a trainer is to train, and which learning rates let a step show its gradient."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

# Far below these learning rates, a step runs into the smallest numbers of its type.
_SMALLEST_RATES = {np.dtype(np.float32): 1e-10, np.dtype(np.float64): 1e-50}


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


def keeps_digits(eta: float, dtype: np.dtype[Any]) -> bool:
    """Say whether the gradient can be told from a step at this learning rate, to all its digits.

    Parameters
    ----------
    eta : float
        The learning rate, of either sign.
    dtype : numpy dtype
        Of weights and biases: float64 or float32.
    """
    smallest = _SMALLEST_RATES[dtype]
    return smallest <= abs(eta) <= 1 / smallest
