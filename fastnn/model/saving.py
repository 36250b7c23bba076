"""Networks on disk: network2's JSON, or npz for what that cannot hold."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from fastnn.common.checks import describe, layer_sizes, parameter_arrays
from fastnn.common.reading import NPZ_START, open_npz
from fastnn.common.writing import checked_path, write_whole
from fastnn.datasets.labels import are_plain, check_classes
from fastnn.model.activations import HIDDEN, OUTPUT
from fastnn.model.costs import COSTS, check_output
from fastnn.scaling import Scaling, check_scaling

_KEYS = ("sizes", "weights", "biases", "cost")
_FORMAT = "fastnn network 1"


class SavedNetwork(NamedTuple):
    """What a file holds of a network; its cost and activations by name."""

    sizes: list[int]
    weights: list[npt.NDArray[Any]]
    biases: list[npt.NDArray[Any]]
    dtype: np.dtype[Any]  # what the network trains in
    cost: str
    activations: list[str]
    labels: list[Any] | None
    scaling: Scaling | None


def write_network(filename: str | os.PathLike[str], network: SavedNetwork) -> None:
    """Write a network: to a name that ends in .npz all of it, to any other network2's JSON.

    Raises ValueError if the format cannot hold the network, and OSError if the file cannot be
    written; a file that is there then stays as it is.
    """
    check_format(filename, network)
    if _is_npz_name(filename):
        content = io.BytesIO()
        np.savez(content, **_to_arrays(network))
        write_whole(filename, content.getvalue())
    else:
        state = {
            "sizes": network.sizes,
            "weights": [w.tolist() for w in network.weights],
            "biases": [b.tolist() for b in network.biases],
            "cost": network.cost,
        }
        write_whole(filename, json.dumps(state).encode())


def check_format(filename: str | os.PathLike[str], network: SavedNetwork) -> None:
    """Raise ValueError if the format that `filename` stands for cannot hold the network."""
    path = checked_path(filename)
    if _is_npz_name(path):
        _check_names(network.cost, network.activations)
        return
    beyond = {
        f"activations {', '.join(map(str, network.activations))}": (
            set(network.activations) != {"sigmoid"}
        ),
        "labels": network.labels is not None and not are_plain(network.labels),
        "scaling": network.scaling is not None,
    }
    if any(beyond.values()):
        what = " and ".join(name for name, is_there in beyond.items() if is_there)
        raise ValueError(
            f"filename: {path} would be network2's JSON, which cannot hold {what}; "
            "give it a name that ends in .npz"
        )


def read_network(filename: str | os.PathLike[str]) -> SavedNetwork:
    """Read and check a file that `write_network` or network2 wrote; its content says which.

    Raises FileNotFoundError or another OSError if it cannot be read, and ValueError, with the name
    of the file, if it is damaged or something else.
    """
    path = checked_path(filename)
    content = path.read_bytes()
    state = _read_npz(path) if content.startswith(NPZ_START) else _read_json(path, content)
    try:
        return _checked(state)
    except (TypeError, ValueError) as problem:
        raise ValueError(f"filename: {path} holds no usable network: {problem}") from None


def _is_npz_name(filename: str | os.PathLike[str]) -> bool:
    return Path(filename).suffix.lower() == ".npz"


def _read_json(path: Path, content: bytes) -> dict[str, Any]:
    try:
        state = json.loads(content)
    except (ValueError, RecursionError) as problem:
        raise ValueError(
            f"filename: {path} is not a saved network, or only a part of one: "
            f"it is no valid JSON ({problem})"
        ) from None
    if not isinstance(state, dict) or not set(_KEYS) <= set(state):
        raise ValueError(
            f"filename: {path} is not a saved network: "
            f"expected a JSON object with {', '.join(_KEYS)}"
        )
    return {key: state[key] for key in _KEYS}


def _to_arrays(network: SavedNetwork) -> dict[str, Any]:
    """The arrays of an npz, by their names in it."""
    arrays: dict[str, Any] = {
        "format": np.array(_FORMAT),
        "sizes": np.array(network.sizes, np.int64),
        "cost": np.array(network.cost),
        "activations": np.array(network.activations),
    }
    for layer, (w, b) in enumerate(zip(network.weights, network.biases, strict=True)):
        arrays[f"weights_{layer}"] = w.astype(network.dtype)
        arrays[f"biases_{layer}"] = b.astype(network.dtype)
    if network.labels is not None:
        arrays["labels"] = np.array(network.labels)
    if network.scaling is not None:
        arrays["scaling_mean"], arrays["scaling_deviation"] = network.scaling
    return arrays


def _read_npz(path: Path) -> dict[str, Any]:
    """Read what `_to_arrays` made, in the form that JSON has it in."""
    try:
        with open_npz(path) as file:
            if "format" not in file or _plain(file, "format") != _FORMAT:
                raise ValueError(f"it is no network; expected the format {_FORMAT!r}")
            state = {key: _plain(file, key) for key in ("sizes", "cost", "activations")}
            layers = range(len(layer_sizes(state["sizes"])) - 1)
            for key in ("weights", "biases"):
                state[key] = [file[f"{key}_{layer}"] for layer in layers]
            if "labels" in file:
                state["labels"] = _plain(file, "labels")
            if "scaling_mean" in file:
                state["scaling"] = Scaling(file["scaling_mean"], file["scaling_deviation"])
            return state
    except ValueError as problem:
        reason = str(problem).removeprefix("path: ")
        raise ValueError(f"filename: {path} is not a saved network: {reason}") from None


def _plain(file: Mapping[str, npt.NDArray[Any]], key: str) -> Any:
    """Return a small array as a number, a text or a list of them."""
    return np.asarray(file[key]).tolist()


def _checked(state: dict[str, Any]) -> SavedNetwork:
    sizes = layer_sizes(state["sizes"])
    shapes = list(zip(sizes[1:], sizes[:-1], strict=True))
    weights = parameter_arrays("weights", state["weights"], shapes)
    biases = parameter_arrays("biases", state["biases"], [(rows, 1) for rows in sizes[1:]])
    # JSON knows no types of numbers; in an npz all arrays are of the network's type.
    single = all(array.dtype == np.float32 for array in [*weights, *biases])
    dtype = np.dtype(np.float32 if single else np.float64)
    activations = state.get("activations", ["sigmoid"] * len(shapes))
    if not isinstance(activations, list) or len(activations) != len(shapes):
        raise ValueError(
            f"activations must be {len(shapes)}, one for each layer after the inputs, "
            f"got {describe(activations)}"
        )
    _check_names(state["cost"], activations)
    labels, scaling = state.get("labels"), state.get("scaling")
    return SavedNetwork(
        sizes,
        [w.astype(dtype) for w in weights],
        [b.astype(dtype) for b in biases],
        dtype,
        state["cost"],
        activations,
        None if labels is None else check_classes("labels", labels, sizes[-1]),
        None if scaling is None else check_scaling("scaling", scaling, sizes[0]),
    )


def _check_names(cost: Any, activations: list[Any]) -> None:
    """Raise ValueError unless fastnn has cost and activations by name, and they go together."""
    if not isinstance(cost, str) or cost not in COSTS:
        raise ValueError(f"cost must be one of {', '.join(COSTS)}, got {cost!r}")
    for place, name in enumerate(activations):
        known = OUTPUT if place == len(activations) - 1 else HIDDEN
        if not isinstance(name, str) or name not in known:
            raise ValueError(f"activations must be among {', '.join(known)}, got {describe(name)}")
    check_output(COSTS[cost], activations[-1])
