"""Arguments of `SGD` made into options: each checked by itself, then all together."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import MISSING
from typing import Any

from fastnn import schedules
from fastnn.model.architecture import Architecture
from fastnn.optimisers import kernel_rule
from fastnn.training.options import DEFAULTS, OPTIONS, Options


def check_options(
    given: Mapping[str, Any], *, hidden_layers: int, has_evaluation_data: bool
) -> Options:
    """Check arguments of `SGD`, each by itself and all together.

    Parameters
    ----------
    given : mapping of str to object
        Options by name. Those that are not there have their defaults.
    hidden_layers : int
        How many the network has.
    has_evaluation_data : bool
        Whether there are data to monitor with.

    Raises
    ------
    KeyError
        If there is no option of a name.
    TypeError, ValueError
        If one is missing or wrong, or they do not go together.
    """
    arguments = {**DEFAULTS, **given}
    checked = {name: _checked(name, value) for name, value in arguments.items()}
    checked["dropout"] = _rates_by_layer(checked["dropout"], hidden_layers)
    options = Options(**checked)
    _check_together(options, has_evaluation_data)
    _check_frozen(options.frozen_layers, hidden_layers + 1)
    return options


def _checked(name: str, value: Any) -> Any:
    """Check an option, unless it has its default, which is known to be right."""
    default = DEFAULTS.get(name, MISSING)
    changes = name in ("callback", "threads")  # a check turns their defaults into something else
    if type(value) is type(default) and not changes and value == default:
        return default
    return OPTIONS[name].check(name, value)


def renew_options(options: Options, given: Mapping[str, Any]) -> Options:
    """Put options that `resume` was given in place of those of the stored run.

    Raises
    ------
    TypeError, ValueError
        If one is wrong, or does not go with the others.
    """
    checked = {name: OPTIONS[name].check(name, value) for name, value in given.items()}
    renewed = dataclasses.replace(options, **checked)
    _check_together(renewed, has_evaluation_data=True)
    return renewed


def _check_together(options: Options, has_evaluation_data: bool) -> None:
    for name in ("monitor_evaluation_cost", "monitor_evaluation_accuracy"):
        if getattr(options, name) and not has_evaluation_data:
            raise ValueError(f"{name} needs evaluation_data, got none")
    figure = schedules.figure_of(options.schedule)
    if figure is not None and not getattr(options, f"monitor_{figure}"):
        data, what = figure.split("_")
        raise ValueError(
            f"schedule={type(options.schedule).__name__}() goes by the {what} on {data} data: it "
            f"needs monitor_{figure}=True"
        )
    monitored = options.monitor_evaluation_accuracy or options.monitor_evaluation_cost
    if options.early_stopping_n is not None and not monitored:
        raise ValueError(
            "early_stopping_n goes by the figures on evaluation data: it needs "
            "monitor_evaluation_accuracy=True or monitor_evaluation_cost=True"
        )
    kernel_rule(options.optimizer, options.momentum, options.nesterov)


def _rates_by_layer(dropout: Any, hidden_layers: int) -> tuple[float, ...]:
    """Return a rate for each hidden layer; none at all if nothing is dropped anywhere."""
    rates = dropout if isinstance(dropout, tuple) else (dropout,) * hidden_layers
    if len(rates) != hidden_layers:
        raise ValueError(
            f"dropout must be one rate, or one for each of {hidden_layers} hidden layers, "
            f"got {len(rates)}"
        )
    return rates if any(rates) else ()


def _check_frozen(frozen_layers: tuple[int, ...], layers: int) -> None:
    if frozen_layers and frozen_layers[-1] >= layers:
        raise ValueError(
            f"frozen_layers must be below {layers}, the number of layers after the inputs, "
            f"got {frozen_layers[-1]}"
        )
    if len(frozen_layers) == layers:
        raise ValueError(f"frozen_layers must leave a layer to train, got all {layers}")


def check_monitors(options: Options, architecture: Architecture) -> None:
    """Raise ValueError if an accuracy is to be monitored that the network cannot have."""
    for name in ("monitor_training_accuracy", "monitor_evaluation_accuracy"):
        if getattr(options, name):
            architecture.check_tells_classes(name)
