"""The parameters that both estimators share: their names, defaults and checks."""

from __future__ import annotations

from collections.abc import Iterable
from numbers import Integral, Real
from typing import Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils._param_validation import (
    Interval,
    InvalidParameterError,
    Options,
    StrOptions,
)

from fastnn.estimator.hooks import check_hooks
from fastnn.kernels import optimisers as kernel

# What scikit-learn calls the activations of hidden layers, and what fastnn calls them.
ACTIVATIONS = {"identity": "identity", "logistic": "sigmoid", "tanh": "tanh", "relu": "relu"}

# The same for output layers, which may have any activation in predictions.
OUTPUT_ACTIVATIONS = {**ACTIVATIONS, "exp": "exponential", "softmax": "softmax"}

# The solvers that train by mini-batches.
_STOCHASTIC_SOLVERS = ("sgd", "adam")
_SOLVERS = ("lbfgs", *_STOCHASTIC_SOLVERS)


class SharedParameters(BaseEstimator):
    """The parameters that both estimators share; `MLPClassifier` describes them.

    scikit-learn reads the parameters' names from the signature of ``__init__``, that of a subclass
    if it has one. It checks those and no others, so a subclass may fix some and add its own. Each
    estimator has its own ``__init__``, so that errors of wrong names are in its name.
    """

    hidden_layer_sizes: Any
    activation: str
    solver: str
    alpha: float
    batch_size: int | str
    learning_rate: str
    learning_rate_init: float
    power_t: float
    max_iter: int
    shuffle: bool
    random_state: Any
    tol: float
    verbose: bool
    warm_start: bool
    momentum: float
    nesterovs_momentum: bool
    early_stopping: bool
    validation_fraction: float
    beta_1: float
    beta_2: float
    epsilon: float
    n_iter_no_change: float
    max_fun: int
    loss: str

    # Allowed values in scikit-learn's own form.
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "hidden_layer_sizes": ["array-like", Interval(Integral, 1, None, closed="left")],
        "activation": [StrOptions(set(ACTIVATIONS))],
        "solver": [StrOptions(set(_SOLVERS))],
        "alpha": [Interval(Real, 0, None, closed="left")],
        "batch_size": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
        "learning_rate": [StrOptions({"constant", "invscaling", "adaptive"})],
        "learning_rate_init": [Interval(Real, 0, None, closed="neither")],
        "power_t": [Interval(Real, 0, None, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "shuffle": ["boolean"],
        "random_state": ["random_state"],
        "tol": [Interval(Real, 0, None, closed="left")],
        "verbose": ["verbose"],
        "warm_start": ["boolean"],
        "momentum": [Interval(Real, 0, 1, closed="both")],
        "nesterovs_momentum": ["boolean"],
        "early_stopping": ["boolean"],
        "validation_fraction": [Interval(Real, 0, 1, closed="left")],
        "beta_1": [Interval(Real, 0, 1, closed="left")],
        "beta_2": [Interval(Real, 0, 1, closed="left")],
        "epsilon": [Interval(Real, 0, None, closed="neither")],
        "n_iter_no_change": [
            Interval(Integral, 1, None, closed="left"),
            Options(Real, {np.inf}),
        ],
        "max_fun": [Interval(Integral, 1, None, closed="left")],
    }

    # What a string may be for training, whatever a subclass allows.
    _fastnn_choices: ClassVar[dict[str, tuple[str, ...]]] = {
        "solver": ("adam", "sgd", "lbfgs"),
        "activation": tuple(ACTIVATIONS),
    }

    def _fastnn_check_parameters(self) -> None:
        """Check the parameters, and that nothing is overridden that nobody would call.

        scikit-learn leaves later calls of `partial_fit` unchecked. The kernels trust their
        arguments, so the estimators here check them in every call.

        Raises
        ------
        sklearn.utils._param_validation.InvalidParameterError
            If a parameter has a value that scikit-learn refuses; a ValueError and a TypeError.
        ValueError, TypeError
            If a subclass passes on, under another name, what training cannot take; or if it
            overrides what training does not call.
        """
        check_hooks(self)
        self._validate_params()
        self._fastnn_check_values()
        self._fastnn_hidden_sizes()  # raises if an entry is wrong

    def _fastnn_check_values(self) -> None:
        """Check what training goes by, whatever a subclass calls it or allows.

        scikit-learn checks the parameters in the signature only. Numbers outside the usual ranges
        may train nevertheless, as they do there.
        """
        for name, choices in self._fastnn_choices.items():
            value = getattr(self, name)
            if not isinstance(value, str) or value not in choices:
                known = ", ".join(map(repr, choices[:-1])) + " or " if choices[1:] else ""
                raise ValueError(f"{name}={value!r} must be {known}{choices[-1]!r}")
        for name, kind in self._fastnn_numbers().items():
            value = getattr(self, name)
            if not isinstance(value, kind):
                what = "an integer" if kind is Integral else "a number"
                raise TypeError(f"{name}={value!r} must be {what}")

    def _fastnn_numbers(self) -> dict[str, Any]:
        """Name the numbers that matter to the solver, and the class of each."""
        numbers: dict[str, Any] = {"alpha": Real, "tol": Real, "max_iter": Integral}
        if self.solver == "lbfgs":
            return {**numbers, "max_fun": Real}
        numbers.update(learning_rate_init=Real, n_iter_no_change=Real)
        if self.solver == "sgd":
            numbers["momentum"] = Real
            if self.learning_rate == "invscaling":
                numbers["power_t"] = Real
        else:
            numbers.update(beta_1=Real, beta_2=Real, epsilon=Real)
        if not isinstance(self.batch_size, str) or self.batch_size != "auto":
            numbers["batch_size"] = Integral
        return numbers

    def _check_solver(self) -> bool:
        """Check that the solver trains by mini-batches, as `partial_fit` needs.

        Raises
        ------
        AttributeError
            If it does not: such an estimator has no `partial_fit`.
        """
        if self.solver not in _STOCHASTIC_SOLVERS:
            raise AttributeError(
                "partial_fit is only available for stochastic optimizers. "
                f"{self.solver} is not stochastic."
            )
        return True

    def _fastnn_hidden_sizes(self) -> list[int]:
        """The number of neurons in each hidden layer."""
        sizes = self.hidden_layer_sizes
        entries = list(sizes) if isinstance(sizes, Iterable) else [sizes]
        whole = (isinstance(size, Integral) and not isinstance(size, bool) for size in entries)
        if not all(whole) or not all(int(size) > 0 for size in entries):
            raise InvalidParameterError(
                f"hidden_layer_sizes must be > 0, got {entries}. Each entry is the number of "
                "neurons in a layer, an integer of at least 1."
            )
        return [int(size) for size in entries]

    def _fastnn_rule(self) -> Any:
        """The rule of kernels/optimisers.py that turns a gradient into a step."""
        # Numba compiles a kernel for each type of argument, so all numbers become floats.
        if self.solver == "adam":
            return kernel.Adam(float(self.beta_1), float(self.beta_2), float(self.epsilon))
        rule = kernel.Nesterov if self.nesterovs_momentum else kernel.Momentum
        return rule(float(self.momentum))
