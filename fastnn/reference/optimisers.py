"""Optimisers: how the gradient of a mini-batch changes weights and biases.

Each rule takes the gradients that backpropagation has summed over a mini-batch, one array for each
parameter in a single list, and returns new parameters. In the formulas g is the gradient of the
regularised cost, ``(1/m) sum_x dC_x/dw + (lmbda/n) w + (l1/n) sgn(w)``. Biases are not regularised.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from .activations import Array


class Penalty(NamedTuple):
    """The regularisation of a parameter (eq. 87 and 95); n is the size of the training data."""

    lmbda: float
    l1: float
    n: int


@dataclass(frozen=True)
class Adam:
    """The settings of Adam, with the names and defaults of Kingma and Ba 2015."""

    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8


class Rule(Protocol):
    """An update rule for one training run; what it remembers between steps starts at zero."""

    def step(
        self,
        parameters: list[Array],
        sums: list[Array],
        m: int,
        eta: float,
        penalties: list[Penalty],
    ) -> list[Array]:
        """Return the parameters after one mini-batch.

        Parameters
        ----------
        parameters, sums : list of ndarray
            The parameters, and the sums of their gradients over the mini-batch.
        m : int
            Length of the mini-batch.
        eta : float
            Learning rate.
        penalties : list of Penalty
            One for each parameter.
        """


class Descent:
    """``w <- (1 - eta lmbda/n) w - eta (l1/n) sgn(w) - (eta/m) sum_x dC_x/dw`` (eq. 93 and 97)."""

    def step(
        self,
        parameters: list[Array],
        sums: list[Array],
        m: int,
        eta: float,
        penalties: list[Penalty],
    ) -> list[Array]:
        """Return the parameters after one mini-batch; see `Rule`."""
        moved = []
        for w, total, (lmbda, l1, n) in zip(parameters, sums, penalties, strict=True):
            w_next = (1.0 - eta * lmbda / n) * w - (eta / m) * total
            if l1:  # network2 has no l1, so timing it must not include this
                w_next -= eta * l1 / n * np.sign(w)
            moved.append(w_next)
        return moved


class Momentum:
    """``v <- mu v - eta g; w <- w + v`` (eq. 107 and 108), or Nesterov's form of it.

    Nesterov takes the gradient at the point to which the velocity leads (Sutskever et al. 2013,
    eq. 3 and 4). As usual, the parameters stored here are that point: ``v <- mu v - eta g;
    w <- w + mu v - eta g``.
    """

    def __init__(self, parameters: list[Array], mu: float, nesterov: bool) -> None:
        self.mu = mu
        self.nesterov = nesterov
        self.velocities = [np.zeros(w.shape) for w in parameters]

    def step(
        self,
        parameters: list[Array],
        sums: list[Array],
        m: int,
        eta: float,
        penalties: list[Penalty],
    ) -> list[Array]:
        """Return the parameters after one mini-batch; see `Rule`."""
        moved = []
        for i, g in enumerate(_regularised(parameters, sums, m, penalties)):
            v = self.mu * self.velocities[i] - eta * g
            self.velocities[i] = v
            moved.append(parameters[i] + (self.mu * v - eta * g if self.nesterov else v))
        return moved


class AdamSteps:
    """Adam, in the order of operations at the end of section 2 of Kingma and Ba 2015.

    ``w <- w - eta sqrt(1 - beta2^t) / (1 - beta1^t) m1 / (sqrt(m2) + epsilon)`` at mini-batch t
    of the run, counted from 1. m1 and m2 are decaying averages of g and of its square.
    """

    def __init__(self, parameters: list[Array], settings: Adam) -> None:
        self.settings = settings
        self.t = 0
        self.first = [np.zeros(w.shape) for w in parameters]
        self.second = [np.zeros(w.shape) for w in parameters]

    def step(
        self,
        parameters: list[Array],
        sums: list[Array],
        m: int,
        eta: float,
        penalties: list[Penalty],
    ) -> list[Array]:
        """Return the parameters after one mini-batch; see `Rule`."""
        beta1, beta2 = self.settings.beta1, self.settings.beta2
        self.t += 1
        rate = eta * np.sqrt(1.0 - beta2**self.t) / (1.0 - beta1**self.t)
        moved = []
        for i, g in enumerate(_regularised(parameters, sums, m, penalties)):
            self.first[i] = beta1 * self.first[i] + (1.0 - beta1) * g
            self.second[i] = beta2 * self.second[i] + (1.0 - beta2) * g**2
            scale = np.sqrt(self.second[i]) + self.settings.epsilon
            moved.append(parameters[i] - rate * self.first[i] / scale)
        return moved


def update_rule(
    optimizer: str | Adam, momentum: float, nesterov: bool, parameters: list[Array]
) -> Rule:
    """Return the rule that `SGD`'s arguments ask for, with nothing remembered yet.

    Raises ValueError for an unknown name, and for Adam together with `momentum` or `nesterov`.
    """
    if isinstance(optimizer, Adam) or optimizer == "adam":
        if momentum or nesterov:
            raise ValueError("momentum and nesterov belong to the optimizer 'sgd', not to Adam")
        return AdamSteps(parameters, optimizer if isinstance(optimizer, Adam) else Adam())
    if optimizer != "sgd":
        raise ValueError(f"optimizer must be 'sgd', 'adam' or an Adam, got {optimizer!r}")
    return Momentum(parameters, momentum, nesterov) if momentum else Descent()


def _regularised(
    parameters: list[Array], sums: list[Array], m: int, penalties: list[Penalty]
) -> list[Array]:
    """Return g, the gradient of the regularised mean cost of the mini-batch."""
    return [
        total / m + lmbda / n * w + l1 / n * np.sign(w)
        for w, total, (lmbda, l1, n) in zip(parameters, sums, penalties, strict=True)
    ]
