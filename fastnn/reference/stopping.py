"""Decisions after each epoch: whether to lower the learning rate, and whether to stop."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from .activations import Array


@dataclass(frozen=True)
class Halving:
    """Halve the learning rate whenever the evaluation accuracy does not improve for a while.

    The book's chapter 3 describes it ("Learning rate schedule").

    Parameters
    ----------
    n : int
        Halve after `n` epochs without a new best accuracy.
    smallest : float
        Stop once the rate has fallen to this fraction of the first one.
    """

    n: int = 10
    smallest: float = 1 / 128


@dataclass
class HalvedRate:
    """The factor on eta of one training run with `Halving`."""

    settings: Halving
    factor: float = 1.0
    best: float = -math.inf
    waited: int = 0  # epochs since the best accuracy or the last halving

    def __call__(self, epoch: int) -> float:
        """Return the factor for the coming epoch; its number does not matter."""
        return self.factor

    def keep_going(self, accuracy: float) -> bool:
        """Record the evaluation accuracy of an epoch; return whether to train another."""
        if accuracy > self.best:
            self.best = accuracy
            self.waited = 0
        else:
            self.waited += 1
        if self.waited == self.settings.n:
            self.factor /= 2.0
            self.waited = 0
        return self.factor > self.settings.smallest


@dataclass
class EarlyStopping:
    """Stop after `n` epochs without improvement, and remember the best epoch's parameters.

    The book's chapter 3 describes it ("no-improvement-in-n rule").
    """

    n: int
    best: float = -math.inf
    waited: int = 0
    biases: list[Array] = field(default_factory=list)
    weights: list[Array] = field(default_factory=list)

    def keep_going(self, score: float, biases: list[Array], weights: list[Array]) -> bool:
        """Record an epoch's score (larger is better); return whether to train another.

        Any number is better than nan.
        """
        first_number = math.isnan(self.best) and not math.isnan(score)
        if score > self.best or first_number or not self.weights:
            self.best = score
            self.waited = 0
            self.biases = [b.copy() for b in biases]
            self.weights = [w.copy() for w in weights]
        else:
            self.waited += 1
        return self.waited < self.n
