"""The one description of a network: files, checkpoints, exchange and kernels follow from it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, cast

import numpy as np
import numpy.typing as npt

from fastnn.common.checks import describe, float_type, layer_sizes
from fastnn.datasets.labels import check_classes
from fastnn.datasets.tables.columns import Columns, check_columns
from fastnn.model.activations import hidden_activations, output_activation, tells_numbers
from fastnn.model.architecture import Architecture
from fastnn.model.costs import check_cost, check_output, is_cost, usual_output
from fastnn.model.overrides import has_own_steps
from fastnn.model.parameter_arrays import parameter_arrays
from fastnn.scaling import Scaling, check_scaling

Arrays = list[npt.NDArray[Any]]
"""The weights or the biases of a network, an array for each layer after the inputs."""


class Description(NamedTuple):
    """All that a network is, checked."""

    architecture: Architecture
    weights: Arrays  # (fan_out, fan_in) of every layer after the inputs
    biases: Arrays  # (fan_out, 1)
    labels: list[Any] | None = None
    scaling: Scaling | None = None
    columns: Columns | None = None


def describe_network(network: Any) -> Description:
    """Describe a network after checking it: its attributes may have been assigned.

    Raises
    ------
    TypeError, ValueError
        If an attribute does not fit the others; the message names it.
    """
    architecture = architecture_of(network)
    try:
        labels, scaling, columns = checked_extras(
            network.labels, network.scaling, network.columns, architecture
        )
    except (TypeError, ValueError) as problem:
        kind = TypeError if isinstance(problem, TypeError) else ValueError
        raise kind(
            f"{problem}; labels, scaling and columns are fastnn's names: a script has to call an "
            "attribute of its own by another name"
        ) from None
    return Description(architecture, *parameters_of(network), labels, scaling, columns)


def describe_as_network2(network: Any) -> Description:
    """Describe a network for a file of network2, which knows no attributes of a script's own.

    Such are `labels`, `scaling` and `columns` that mean nothing to fastnn.
    """
    architecture = architecture_of(network)
    labels, scaling, columns = network.labels, network.scaling, network.columns
    try:
        check_classes("labels", labels, architecture.sizes[-1])
    except (TypeError, ValueError):
        labels = None
    scaling = scaling if isinstance(scaling, Scaling) else None
    columns = columns if isinstance(columns, Columns) else None
    labels, scaling, columns = checked_extras(labels, scaling, columns, architecture)
    return Description(architecture, *parameters_of(network), labels, scaling, columns)


def check_cost_for(network: Any, cost: Any) -> None:
    """Raise TypeError if a cost is none; steps of a user's own may know what to do with it."""
    if not (is_cost(cost) or has_own_steps(network)):
        check_cost(cost)


def kept_sizes(sizes: Any) -> Sequence[int]:
    """Check `sizes`, and return what a network has by this name: as in network2, the very object.

    Of a list or an array it has a copy: a script may go on to change them for its next network, and
    these here have to go with the weights.

    Raises
    ------
    TypeError, ValueError
        If they are no numbers of neurons.
    """
    checked = layer_sizes(sizes)
    if isinstance(sizes, list):
        return checked
    if isinstance(sizes, np.ndarray):
        return cast(Sequence[int], np.array(checked))
    given: Sequence[int] = sizes
    return given if all(type(size) is int for size in given) else tuple(checked)


class SizesOfWeights:
    """The `sizes` of a network whose class sets none: network2 trains without a look at them."""

    def __get__(self, network: Any, kind: type[Any] | None = None) -> Any:
        """Return them as a list of the network's own."""
        if network is None:
            return self
        weights = network.weights
        try:
            return [np.shape(weights[0])[1], *(len(w) for w in weights)]
        except (TypeError, IndexError):
            raise TypeError(
                "weights of a network without sizes must be a list of arrays of shape (outputs, "
                f"inputs), got {describe(weights)}"
            ) from None


def architecture_of(network: Any) -> Architecture:
    """Describe what a network computes with its parameters, after checking it."""
    check_cost_for(network, network.cost)
    sizes = layer_sizes(network.sizes)
    num_layers = getattr(network, "num_layers", len(sizes))  # which only `backprop` of network2 has
    if getattr(num_layers, "ndim", 0) or num_layers != len(sizes):
        raise ValueError(
            f"num_layers must be {len(sizes)}, the length of sizes, got {describe(num_layers)}; to "
            "leave layers as they are in training, give frozen_layers="
        )
    *hidden, last = _activations_of(network, len(sizes) - 2)
    hidden = hidden_activations(hidden, len(sizes) - 2)
    last = output_activation(last)
    check_output(network.cost, last)
    return Architecture(sizes, float_type(network.dtype), network.cost, [*hidden, last])


def _activations_of(network: Any, hidden_layers: int) -> list[Any]:
    """Return the activations of the layers after the inputs: as many as there are.

    A subclass whose `__init__` does not call that of `Network` has none, and the usual ones then.
    So has a network that was made with the usual ones, and has got or lost layers since.
    """
    activations = network.activations
    if activations is None:
        return _usual_activations(network, hidden_layers)
    expected = (
        f"activations must name one activation for each of {hidden_layers} hidden layers and one "
        "for the outputs"
    )
    hint = "a subclass has to call an attribute of its own by another name"
    no_names = (np.ndarray, np.generic, int, float, list, tuple)  # as of what layers put out
    if not isinstance(activations, (list, tuple)) or any(
        isinstance(each, no_names) for each in activations
    ):
        raise TypeError(
            f"{expected}, got {describe(activations)}; this is fastnn's name for them: {hint}"
        )
    if len(activations) == hidden_layers + 1:
        return list(activations)
    if activations and all(type(each) is str for each in activations):
        usual = _usual_activations(network, hidden_layers)
        if set(activations[:-1]) <= {"sigmoid"} and activations[-1] == usual[-1]:
            return usual
    got = max(len(activations) - 1, 0)
    raise ValueError(
        f"{expected}, got {got} for hidden layers; who adds a layer has to name its activation "
        f"too, and {hint}"
    )


def _usual_activations(network: Any, hidden_layers: int) -> list[Any]:
    return ["sigmoid"] * hidden_layers + [usual_output(network.cost)]


def parameters_of(network: Any) -> tuple[Arrays, Arrays]:
    """Return weights and biases of a network after comparing them with its `sizes`."""
    sizes = layer_sizes(network.sizes)
    try:
        return checked_parameters(network.weights, network.biases, sizes)
    except ValueError as problem:
        lists = [part for part in (network.weights, network.biases) if hasattr(part, "__len__")]
        if all(len(part) == len(sizes) - 1 for part in lists):
            raise
        raise ValueError(
            f"{problem}; who adds layers or takes them away sets sizes and num_layers too"
        ) from None


def as_weights_are(network: Any) -> tuple[Architecture, Arrays, Arrays]:
    """Describe what a network makes of its inputs, also with other layers than its `sizes` say.

    They are nothing that network2 looks at there, so that a script may append a layer, or take the
    last one away to see what is below. Layers that are no sigmoids would have to be named.
    """
    architecture = architecture_of(network)
    weights, biases = network.weights, network.biases
    lists = isinstance(weights, list) and isinstance(biases, list)
    if (
        not lists
        or len(weights) == len(architecture.activations)
        or not len(weights) == len(biases) > 0
        or not all(isinstance(name, str) and name == "sigmoid" for name in architecture.activations)
        or any(np.ndim(w) != 2 for w in weights)
    ):
        return architecture, *parameters_of(network)
    sizes = layer_sizes([np.shape(weights[0])[1], *map(len, weights)])
    described = architecture._replace(sizes=sizes, activations=["sigmoid"] * len(weights))
    return described, *checked_parameters(weights, biases, sizes)


def checked_parameters(weights: Any, biases: Any, sizes: list[int]) -> tuple[Arrays, Arrays]:
    """Return weights and biases after comparing their shapes with `sizes`."""
    shapes = list(zip(sizes[1:], sizes[:-1], strict=True))
    return (
        parameter_arrays("weights", weights, shapes),
        parameter_arrays("biases", biases, [(fan_out, 1) for fan_out in sizes[1:]]),
    )


def are_finite(weights: Arrays, biases: Arrays) -> bool:
    """Say whether all numbers in weights and biases are finite."""
    return all(bool(np.isfinite(array).all()) for array in [*weights, *biases])


def checked_extras(
    labels: Any, scaling: Any, columns: Any, architecture: Architecture
) -> tuple[list[Any] | None, Scaling | None, Columns | None]:
    """Return what there is of labels, scaling and columns, after comparing it with the layers."""
    inputs, outputs = architecture.sizes[0], architecture.sizes[-1]
    if columns is not None:
        columns, last = check_columns("columns", columns, inputs), architecture.activations[-1]
        if columns.task == "regression" and not (outputs == 1 and tells_numbers(last)):
            raise ValueError(
                "columns are of a regression: the network must have one identity output, "
                f"got {outputs} {last}"
            )
    return (
        None if labels is None else check_classes("labels", labels, outputs),
        None if scaling is None else check_scaling("scaling", scaling, inputs),
        columns,
    )
