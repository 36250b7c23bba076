"""The parameters of the estimators, checked before anything is learnt."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from fastnn.common.checks import describe, fraction, integer, not_negative, positive, real
from fastnn.kernels import optimisers as kernel

# What scikit-learn calls the activations of hidden layers, and what fastnn calls them.
ACTIVATIONS = {"identity": "identity", "logistic": "sigmoid", "tanh": "tanh", "relu": "relu"}


class Settings(NamedTuple):
    """Checked parameters; what only switches something on is read from the estimator."""

    hidden_layer_sizes: list[int]
    activation: str  # fastnn's name
    rule: Any  # of kernels/optimisers.py
    alpha: float
    batch_size: int | None  # None for "auto"
    max_iter: int
    tol: float
    validation_fraction: float
    n_iter_no_change: float


def check_parameters(estimator: Any) -> Settings:
    """Check the parameters of an estimator.

    Raises
    ------
    TypeError, ValueError
        If one is wrong; ValueError with what to use instead if fastnn has not got it.
    """
    given = estimator.get_params(deep=False)
    if given["solver"] == "lbfgs":
        raise ValueError(
            "solver='lbfgs' is not in fastnn, which trains by mini-batches: use solver='adam' or "
            "'sgd', or scikit-learn's own estimator"
        )
    _choice("solver", given["solver"], ("sgd", "adam"))
    _choice("activation", given["activation"], ACTIVATIONS)
    for name in ("shuffle", "warm_start", "nesterovs_momentum", "early_stopping"):
        if not isinstance(given[name], (bool, np.bool_)):
            raise TypeError(f"{name} must be True or False, got {describe(given[name])}")
    batch_size, patience = given["batch_size"], given["n_iter_no_change"]
    if isinstance(batch_size, str):
        _choice("batch_size", batch_size, ("auto",))
        batch_size = None
    else:
        batch_size = integer("batch_size", batch_size, smallest=1)
    if patience != math.inf:
        patience = integer("n_iter_no_change", patience, smallest=1)
    check_learning_rate(given)
    return Settings(
        hidden_layer_sizes=_hidden_layer_sizes(given["hidden_layer_sizes"]),
        activation=ACTIVATIONS[given["activation"]],
        rule=_rule(given),
        alpha=not_negative("alpha", given["alpha"]),
        batch_size=batch_size,
        max_iter=integer("max_iter", given["max_iter"], smallest=1),
        tol=not_negative("tol", given["tol"]),
        validation_fraction=fraction("validation_fraction", given["validation_fraction"]),
        n_iter_no_change=patience,
    )


def check_learning_rate(given: dict[str, Any]) -> None:
    """Check the parameters that say how long a step is."""
    _choice("learning_rate", given["learning_rate"], ("constant", "invscaling", "adaptive"))
    positive("learning_rate_init", given["learning_rate_init"])
    not_negative("power_t", given["power_t"])


def _choice(name: str, value: Any, names: Iterable[str]) -> None:
    if not isinstance(value, str) or value not in names:
        raise (ValueError if isinstance(value, str) else TypeError)(
            f"{name} must be one of {', '.join(map(repr, names))}, got {describe(value)}"
        )


def _hidden_layer_sizes(sizes: Any) -> list[int]:
    entries = list(sizes) if isinstance(sizes, Iterable) else [sizes]
    return [integer(f"hidden_layer_sizes[{i}]", n, smallest=1) for i, n in enumerate(entries)]


def _rule(given: dict[str, Any]) -> Any:
    """How a gradient becomes a step; every rule is checked, whichever is asked for."""
    momentum = not_negative("momentum", given["momentum"])
    if momentum > 1.0:
        raise ValueError(f"momentum must lie between 0 and 1, got {given['momentum']}")
    adam = kernel.Adam(
        fraction("beta_1", given["beta_1"]),
        fraction("beta_2", given["beta_2"]),
        positive("epsilon", given["epsilon"]),
    )
    if given["solver"] == "adam":
        return adam
    return (kernel.Nesterov if given["nesterovs_momentum"] else kernel.Momentum)(momentum)


class LearningRate:
    """The learning rate from epoch to epoch.

    Parameters
    ----------
    schedule : str
        "constant", "invscaling" or "adaptive"; with Adam always the first.
    initial, power_t : float
        The learning rate at the beginning; the power of "invscaling".

    Attributes
    ----------
    value : float
        The learning rate now.
    """

    # An adaptive learning rate is divided by `_DIVISOR` until it is not above `_SMALLEST`.
    _DIVISOR = 5.0
    _SMALLEST = 1e-6

    def __init__(self, schedule: str, initial: float, power_t: float) -> None:
        self._schedule = schedule
        self._initial = real("learning_rate_init", initial)
        self._power_t = power_t
        self.value = self._initial

    def end_epoch(self, examples_seen: int) -> None:
        """Take note that so many examples have been trained on, in all epochs together."""
        if self._schedule == "invscaling":
            self.value = self._initial / (examples_seen + 1) ** self._power_t

    def stop_or_shorten(self) -> str | None:
        """Where nothing improves any more: shorten the steps, or else say why to stop."""
        if self._schedule != "adaptive":
            return "Stopping."
        if self.value <= self._SMALLEST:
            return "Learning rate too small. Stopping."
        self.value /= self._DIVISOR
        return None
