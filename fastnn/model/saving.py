"""Networks on disk: network2's JSON, or npz for what that cannot hold."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from fastnn.common.archives import npz_content
from fastnn.common.checks import describe, layer_sizes, printable, shortened
from fastnn.common.reading import NPZ_START, open_npz, parse_json, plain_values
from fastnn.common.writing import checked_path, write_whole
from fastnn.datasets.labels import are_plain
from fastnn.datasets.tables.columns_in_files import columns_entries, columns_in
from fastnn.model.activations import HIDDEN, OUTPUT, activation_name
from fastnn.model.architecture import Architecture
from fastnn.model.costs import COSTS, check_cost, check_output, cost_name
from fastnn.model.description import Arrays, Description, checked_extras, checked_parameters
from fastnn.scaling import Scaling

_MOST_VALUES = 1 << 20  # in one of the lists of a file: sizes, activations or labels
_LONGEST_TEXT = 1000  # characters of a text in JSON, which holds only names
_KEYS = ("sizes", "weights", "biases", "cost")
_FORMAT = "fastnn network 1"
_SCALING = ("scaling_mean", "scaling_deviation")


def write_network(filename: str | os.PathLike[str], network: Description) -> None:
    """Write a network: to a name that ends in .npz all of it, to any other network2's JSON.

    Labels alone may be lost: without them a network has the same outputs.

    Raises ValueError if the format cannot hold the network, and OSError if the file cannot be
    written. An earlier file of that name then stays as it is.
    """
    if lost_in(filename, network) != ["labels"]:
        check_format(filename, network)
    if is_npz_name(filename):
        write_whole(filename, npz_content(_to_arrays(network)))
    else:
        state = {
            "sizes": network.architecture.sizes,
            "weights": [w.tolist() for w in network.weights],
            "biases": [b.tolist() for b in network.biases],
            "cost": cost_name(network.architecture.cost),
        }
        write_whole(filename, json.dumps(state).encode())


def check_format(filename: str | os.PathLike[str], network: Description) -> None:
    """Raise ValueError if the format that `filename` stands for cannot hold all of the network."""
    lost = lost_in(filename, network)
    if lost:
        raise ValueError(
            f"filename: {printable(checked_path(filename))} would be network2's JSON, which cannot "
            f"hold {' and '.join(lost)}; give it a name that ends in .npz"
        )


def lost_in(filename: str | os.PathLike[str], network: Description) -> list[str]:
    """Name what network2's JSON, if `filename` stands for that, cannot hold of the network.

    Raises TypeError or ValueError if no format can hold it.
    """
    path = checked_path(filename)
    check_cost(network.architecture.cost)
    own = [one for one in network.architecture.activations if not isinstance(one, str)]
    if own:
        raise ValueError(
            f"filename: no file can hold the activation {activation_name(own[0])}, a class of "
            "one's own: keep weights and biases in a file of yours, or train with checkpoint= and "
            "give resume the activation"
        )
    if is_npz_name(path):
        return []
    activations = network.architecture.activations
    beyond = {
        f"activations {', '.join(activations)}": set(activations) != {"sigmoid"},
        "labels": network.labels is not None and not are_plain(network.labels),
        "scaling": network.scaling is not None,
        "columns": network.columns is not None,
    }
    return [name for name, is_there in beyond.items() if is_there]


def is_npz_name(filename: str | os.PathLike[str]) -> bool:
    """Say whether a file of this name is to be an npz."""
    return checked_path(filename).name.lower().endswith(".npz")


def read_network(filename: str | os.PathLike[str], costs: Mapping[str, Any] = COSTS) -> Description:
    """Read and check a file that `write_network` or network2 wrote; its content says which.

    `costs` are those that it may have, by their names.

    Raises FileNotFoundError or another OSError if it cannot be read, and ValueError, with the name
    of the file, if it is damaged or something else.
    """
    path = checked_path(filename)
    content = path.read_bytes()
    state = _read_npz(path) if content.startswith(NPZ_START) else _read_json(path, content)
    try:
        return _checked(state, costs)
    except (TypeError, ValueError) as problem:
        raise ValueError(
            f"filename: {printable(path)} holds no usable network: {shortened(problem, 300)}"
        ) from None


def _read_json(path: Path, content: bytes) -> dict[str, Any]:
    try:
        state = parse_json(content)
    except ValueError as problem:
        raise ValueError(
            f"filename: {printable(path)} is not a saved network, or only a part of one: "
            f"it is no valid JSON ({shortened(problem)})"
        ) from None
    if not isinstance(state, dict) or not set(_KEYS) <= set(state):
        raise ValueError(
            f"filename: {printable(path)} is not a saved network: "
            f"expected a JSON object with {', '.join(_KEYS)}"
        )
    _check_others(path, state)
    state = {key: state[key] for key in _KEYS}
    _check_texts(path, state)
    return state


def _check_others(path: Path, state: dict[str, Any]) -> None:
    """Raise ValueError if another program has noted activations other than network2's.

    Keys that mean nothing to network2 are not read; but without these the outputs would be others.
    """
    for key, value in state.items():
        if "activation" in key.lower() and not _words(value) <= {"sigmoid", "logistic", ""}:
            raise ValueError(
                f"filename: {printable(path)} has {describe(key)}: {describe(value)}, but "
                "network2's JSON holds networks of sigmoids; make a Network(activation=, output=) "
                "and assign it weights and biases of the file"
            )


def _words(value: Any) -> set[str]:
    """The texts in a value of JSON, at any depth, in small letters."""
    if isinstance(value, (list, dict)):
        entries = value.values() if isinstance(value, dict) else value
        return set().union(*map(_words, entries))
    return {value.strip().lower()} if isinstance(value, str) else set()


def _check_texts(path: Path, state: dict[str, Any]) -> None:
    """Raise ValueError if there is long text where a file has numbers.

    NumPy would make room for as much text at the place of each number beside it.
    """
    lists: list[Any] = list(state.values())
    while lists:
        entries = lists.pop()
        entries = entries if isinstance(entries, list) else [entries]
        kinds = set(map(type, entries))
        if list in kinds:
            lists += [entry for entry in entries if isinstance(entry, list)]
        longest = max((len(entry) for entry in entries if isinstance(entry, str)), default=0)
        if str in kinds and longest > _LONGEST_TEXT:
            raise ValueError(
                f"filename: {printable(path)} is not a saved network: it has a text of {longest} "
                "characters"
            )


def names_of(architecture: Architecture) -> tuple[str, list[str]]:
    """Return the names that files have for cost and activations."""
    return (
        cost_name(architecture.cost),
        [activation_name(activation) for activation in architecture.activations],
    )


def parameter_entries(weights: Arrays, biases: Arrays, prefix: str = "") -> dict[str, Any]:
    """Give the arrays of every layer their names in an npz; `layers_of` finds them again."""
    entries: dict[str, Any] = {}
    for layer, (w, b) in enumerate(zip(weights, biases, strict=True)):
        entries[f"{prefix}weights_{layer}"] = w
        entries[f"{prefix}biases_{layer}"] = b
    return entries


def layers_of(file: Mapping[str, Any], what: str, sizes: Any) -> Arrays:
    """Find the arrays of every layer, as "weights" or "biases", in an npz."""
    return [file[f"{what}_{layer}"] for layer in range(len(layer_sizes(sizes)) - 1)]


def scaling_entries(scaling: Scaling | None) -> dict[str, Any]:
    """Give the arrays of a scaling their names in an npz; `scaling_in` finds them again."""
    return {} if scaling is None else dict(zip(_SCALING, scaling, strict=True))


def scaling_in(file: Mapping[str, Any]) -> Scaling | None:
    """Find the scaling in an npz, if it has one."""
    return Scaling(*(file[name] for name in _SCALING)) if _SCALING[0] in file else None


def described(
    state: Mapping[str, Any], cost: Any, activations: Sequence[Any], dtype: np.dtype[Any]
) -> Description:
    """Check what a file says of a network and describe it.

    Parameters
    ----------
    state : mapping
        Its "sizes", "weights" and "biases", and perhaps "labels", "scaling" and "columns".
    cost, activations
        What the names in the file stand for.
    dtype : numpy dtype
        What the network trains in.

    Raises
    ------
    KeyError, TypeError, ValueError
        If something is missing, or does not fit the rest.
    """
    sizes = layer_sizes(state["sizes"])
    weights, biases = checked_parameters(state["weights"], state["biases"], sizes)
    architecture = Architecture(sizes, dtype, cost, list(activations))
    labels, scaling, columns = (state.get(name) for name in ("labels", "scaling", "columns"))
    return Description(
        architecture,
        [w.astype(dtype) for w in weights],
        [b.astype(dtype) for b in biases],
        *checked_extras(labels, scaling, columns, architecture),
    )


def _to_arrays(network: Description) -> dict[str, Any]:
    """Give the arrays of an npz their names."""
    architecture = network.architecture
    cost, activations = names_of(architecture)
    arrays: dict[str, Any] = {
        "format": np.array(_FORMAT),
        "sizes": np.array(architecture.sizes, np.int64),
        "cost": np.array(cost),
        "activations": np.array(activations),
    }
    for name, array in parameter_entries(network.weights, network.biases).items():
        arrays[name] = array.astype(architecture.dtype)
    if network.labels is not None:
        arrays["labels"] = np.array(network.labels)
    return arrays | scaling_entries(network.scaling) | columns_entries(network.columns)


def _read_npz(path: Path) -> dict[str, Any]:
    """Read what `_to_arrays` made, in the same form as from JSON."""
    try:
        with open_npz(path) as file:
            if "format" not in file or _plain(file, "format") != _FORMAT:
                raise ValueError(f"it is no network; expected the format {_FORMAT!r}")
            state = {key: _plain(file, key) for key in ("sizes", "cost", "activations")}
            for key in ("weights", "biases"):
                state[key] = layers_of(file, key, state["sizes"])
            if "labels" in file:
                state["labels"] = _plain(file, "labels")
            state["scaling"] = scaling_in(file)
            state["columns"] = columns_in(file)
            return state
    except ValueError as problem:
        reason = str(problem).removeprefix("path: ")
        raise ValueError(f"filename: {printable(path)} is not a saved network: {reason}") from None


def _plain(file: Mapping[str, npt.NDArray[Any]], key: str) -> Any:
    """Return a small array as a number, a text or a list of them."""
    return plain_values(key, np.asarray(file[key]), _MOST_VALUES)


def _checked(state: dict[str, Any], costs: Mapping[str, Any]) -> Description:
    sizes = layer_sizes(state["sizes"])
    weights, biases = checked_parameters(state["weights"], state["biases"], sizes)
    # JSON knows no types of numbers; in an npz all arrays are of the network's type.
    single = all(array.dtype == np.float32 for array in [*weights, *biases])
    activations = state.get("activations", ["sigmoid"] * len(weights))
    if not isinstance(activations, list) or len(activations) != len(weights):
        raise ValueError(
            f"activations must be {len(weights)}, one for each layer after the inputs, "
            f"got {describe(activations)}"
        )
    _check_names(state["cost"], activations, costs)
    dtype = np.dtype(np.float32 if single else np.float64)
    return described(state, costs[state["cost"]], activations, dtype)


def _check_names(cost: Any, activations: list[Any], costs: Mapping[str, Any]) -> None:
    """Raise ValueError unless cost and activations are known, and go together."""
    if not isinstance(cost, str) or cost not in costs:
        raise ValueError(
            f"cost must be one of {', '.join(costs)}, got {describe(cost)}; load takes a class of "
            "one's own as cost="
        )
    for place, name in enumerate(activations):
        known = OUTPUT if place == len(activations) - 1 else HIDDEN
        if not isinstance(name, str) or name not in known:
            raise ValueError(f"activations must be among {', '.join(known)}, got {describe(name)}")
    check_output(costs[cost], activations[-1])
