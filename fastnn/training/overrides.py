"""What a run has to call in Python, because a subclass or a script has its own."""

from __future__ import annotations

import random
import warnings
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from fastnn.common.checks import describe
from fastnn.datasets.fitting import ALL, Needs
from fastnn.model.activations import HIDDEN, activation_name
from fastnn.model.costs import COSTS, cost_name, patched_parts
from fastnn.model.description import architecture_of
from fastnn.model.history import History
from fastnn.model.model import Model
from fastnn.model.overrides import (
    ATTRIBUTES,
    activations_of_python,
    calls_backprop,
    calls_feedforward,
    has_functions_of_python,
    has_overrides,
    is_overridden,
    leading_through_python,
    overridden,
    watched_parameters,
)
from fastnn.training.options import DEFAULTS, Options

_TRAINED_BY = ("update_mini_batch", "backprop")
_MEASURED_BY = ("feedforward", "accuracy", "total_cost")
_MONITORS = (
    *("monitor_training_cost", "monitor_training_accuracy"),
    *("monitor_evaluation_cost", "monitor_evaluation_accuracy"),
)
# What only compiled steps do; a user's own step knows nothing of it.
_OF_COMPILED_STEPS = ("momentum", "nesterov", "optimizer", "l1", "dropout", "frozen_layers")


class Overrides(NamedTuple):
    """Which of its parts a run calls in Python; False or None where fastnn's own are untouched."""

    steps: bool  # `update_mini_batch` of the network, or what sees its parameters change
    gradients: bool  # its `backprop`, for the speeds of layers
    accuracy: bool  # its `accuracy`, for the monitors
    total_cost: bool  # its `total_cost`, for the monitors
    shuffle: Callable[[Any], Any] | None  # what a script has in the place of `random.shuffle`


# The result for most networks. To compare two tuples takes little time.
NOTHING = Overrides(False, False, False, False, None)


def overrides_of(network: Model, generator: Any = random) -> Overrides:
    """Find out what a run of this network has to call in Python.

    Parameters
    ----------
    network : Model
    generator : module or random.Random, optional
        Where the order of the epochs comes from. Only the global generator can have been rebound.
    """
    shuffle = rebound_shuffle() if generator is random else None
    python, watched = has_functions_of_python(network), bool(watched_parameters(network))
    vectorized = network._fastnn_rebound_vectorized_result() is not None
    if not has_overrides(network):
        if not (python or watched or vectorized or shuffle):
            return NOTHING
        return Overrides(python or watched, python, python, python or vectorized, shuffle)
    gradients, outputs = calls_backprop(network), calls_feedforward(network)
    return Overrides(
        steps=gradients or watched or is_overridden(network, "update_mini_batch"),
        gradients=gradients,
        accuracy=outputs or is_overridden(network, "accuracy"),
        total_cost=outputs or is_overridden(network, "total_cost") or vectorized,
        shuffle=shuffle,
    )


def needs_of(network: Model, options: Options, overrides: Overrides) -> dict[str, Needs]:
    """Say what of its "training" and "evaluation" data a run's methods of fastnn's take.

    A method of a user's own gets what the caller has given, and may know what to do with it.
    """
    if overrides == NOTHING:
        return {"training": ALL, "evaluation": ALL}
    needs = {}
    inputs = not is_overridden(network, "feedforward")
    for what in ("training", "evaluation"):
        cost, accuracy = (
            getattr(options, f"monitor_{what}_{figure}") and not is_overridden(network, method)
            for figure, method in (("cost", "total_cost"), ("accuracy", "accuracy"))
        )
        columns = what == "training" or network._fastnn_rebound_vectorized_result() is None
        steps = what == "training" and not is_overridden(network, "update_mini_batch")
        needs[what] = Needs(
            inputs=inputs and (cost or accuracy),
            answers=accuracy or (cost and columns),
            pairs=cost or accuracy or steps,
        )
    if (
        not any(is_overridden(network, name) for name in _TRAINED_BY)
        or options.monitor_layer_speeds
    ):
        needs["training"] = ALL
    return needs


def may_have_other_parameters(network: Model, options: Options) -> bool:
    """Say whether only methods of a user's own look at weights and biases.

    These may then be anything, such as weights with one more column for the biases.
    """
    wanted = [name for name in _MONITORS if getattr(options, name)]
    own = {
        "cost": is_overridden(network, "total_cost"),
        "accuracy": is_overridden(network, "accuracy") or is_overridden(network, "feedforward"),
    }
    return (
        is_overridden(network, "update_mini_batch")
        and all(own[name.rsplit("_", 1)[1]] for name in wanted)
        and not options.monitor_layer_speeds
        and options.early_stopping_n is None
    )


def check_attributes(network: Model) -> None:
    """Raise TypeError if a subclass uses a name of fastnn's for something of its own."""
    hint = "a subclass has to call an attribute or a method of its own by another name"
    for name in ATTRIBUTES:
        if getattr(type(network), name) is not getattr(Model, name):
            raise TypeError(f"{name} is an attribute that each network sets for itself: {hint}")
    if not (network.history is None or isinstance(network.history, History)):
        raise TypeError(
            "history of a network is what its last SGD recorded, got "
            f"{describe(network.history)}: {hint}"
        )


def check_overrides(network: Model, options: Options, **given: Any) -> None:
    """Refuse what the path through Python cannot do.

    `given` are threads, checkpoint and sample_weight as `SGD` was given them.

    Raises
    ------
    ValueError
        The message names both the option and what is overridden.
    """
    if given["checkpoint"] is not None:
        check_storable(network)
    overrides = overrides_of(network)
    if options.seed is not None and options.shuffle and rebound_shuffle() is not None:
        raise ValueError(
            "seed= is for Python's own shuffle, but random.shuffle is rebound: leave out the one "
            "or the other"
        )
    if given["sample_weight"] is not None and overrides.shuffle is not None:
        raise ValueError(
            "sample_weight= is for fastnn's own order of the examples, but random.shuffle is "
            "rebound: leave out the one or the other"
        )
    if not overrides.steps:
        return
    watched = watched_parameters(network)
    by = " and ".join([*leading_through_python(network, *_TRAINED_BY), *watched])
    asked = [name for name in _OF_COMPILED_STEPS if getattr(options, name) != _unused(name)]
    if given["threads"] is not None and given["threads"] > 1:
        asked.append("threads")
    if given["sample_weight"] is not None:
        asked.append("sample_weight")
    if asked:
        is_method = overridden(network, *_TRAINED_BY)
        why = "is overridden" if is_method or watched else "runs in Python"
        raise ValueError(
            f"{asked[0]}= is for fastnn's own steps, but {by} {why}: leave out the one or the other"
        )


def check_storable(network: Model) -> None:
    """Raise ValueError if a checkpoint of the network as it is now would not say what it does.

    A file holds names only: `resume` could not tell a class of the user's from fastnn's own of the
    same name.
    """
    refuse_overridden(network, "checkpoint= cannot store")
    refuse_activations_of_python(network, "checkpoint= cannot store")
    architecture = architecture_of(network)
    cost = architecture.cost
    own = [one for one in architecture.activations if not isinstance(one, str)]
    confused = [("activation", name) for name in map(activation_name, own) if name in HIDDEN]
    if COSTS.get(cost_name(cost), cost) is not cost:
        confused.append(("cost", cost_name(cost)))
    for kind, name in confused:
        raise ValueError(
            f"checkpoint= cannot tell this {kind} from fastnn's own {name}: give it another name"
        )


def warn_of_python(network: Model, options: Options) -> None:
    """Warn once, with the line that called `SGD`, if training goes through Python.

    Warns
    -----
    RuntimeWarning
    """
    trained_by: list[str] = []
    if overrides_of(network).steps:
        trained_by = [*overridden(network, *_TRAINED_BY), *watched_parameters(network)]
    measured_by: list[str] = []
    if any(getattr(options, name) for name in _MONITORS) and calls_feedforward(network):
        measured_by = overridden(network, "feedforward")
    if options.epochs > 0:
        warn_of_overridden(
            trained_by,
            measured_by,
            "What stays compiled: activation= or cost= of your own, initializer=, momentum=, "
            "optimizer=, l1=, dropout=",
        )


def warn_of_overridden(trained_by: list[str], measured_by: list[str], instead: str) -> None:
    """Warn, with the line that called `SGD`, if it trains or measures by what is overridden.

    `instead` is a sentence on what stays compiled.

    Warns
    -----
    RuntimeWarning
    """
    names = [*dict.fromkeys([*trained_by, *measured_by])]
    if names:
        warnings.warn(
            f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'} overridden, so "
            f"{'SGD' if trained_by else 'what SGD measures'} goes through Python, at NumPy speed. "
            f"{instead}",
            RuntimeWarning,
            stacklevel=4,
        )


def refuse_overridden(network: Model, what: str) -> None:
    """Raise ValueError, which begins with `what`, if anything that a run calls is overridden."""
    names = overridden(network, *_TRAINED_BY, *_MEASURED_BY)
    names += [*watched_parameters(network), *patched_parts(network.cost)]
    if network._fastnn_rebound_vectorized_result() is not None:
        names.append("network2.vectorized_result")
    if rebound_shuffle() is not None:
        names.append("random.shuffle")
    if names:
        raise ValueError(f"{what} what is overridden here: {', '.join(names)}")


def refuse_activations_of_python(network: Model, what: str) -> None:
    """Raise ValueError, which begins with `what`, if only Python can compute an activation."""
    names = activations_of_python(network)
    if names:
        raise ValueError(f"{what} what only Python can compute: {', '.join(names)}")


def _unused(name: str) -> Any:
    """Return the value that a checked option has where it was not asked for."""
    return () if name == "dropout" else DEFAULTS[name]


def rebound_shuffle() -> Callable[[Any], Any] | None:
    """Return what is called `random.shuffle`, unless it is that of the global generator."""
    generator = getattr(random.getstate, "__self__", None)
    untouched = random.shuffle == getattr(generator, "shuffle", None)
    return None if untouched else random.shuffle


def refuse_rebound(module: str, names: Mapping[str, Any]) -> None:
    """Raise ValueError for what a script has put in a book's module and nothing here calls there.

    `names` are the names of the module.
    """
    if names["np"] is not np:
        raise ValueError(
            f"{module}.np is rebound, but fastnn computes with NumPy's arrays and with kernels: "
            "restore it before SGD"
        )
    if "print" in names:
        raise ValueError(
            f"{module}.print is set, but lines are printed by Python's own print: use "
            f"contextlib.redirect_stdout, or replace builtins.print"
        )
