"""The state of a training run in a file: everything that the epochs to come depend on."""

from __future__ import annotations

import io
import json
import os
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from fastnn.common.checks import (
    describe,
    float_type,
    integer,
    layer_sizes,
    permutation,
    printable,
    shortened,
)
from fastnn.common.reading import open_npz, parse_json, plain_values
from fastnn.common.writing import check_writable, checked_path, write_whole
from fastnn.datasets.dataset import Dataset
from fastnn.datasets.digests import checked_digests, example_digests
from fastnn.model.activations import HIDDEN, activation_name
from fastnn.model.costs import COSTS, check_cost, cost_name
from fastnn.model.description import Description, checked_parameters, describe_network
from fastnn.model.history import History
from fastnn.model.saving import (
    described,
    layers_of,
    names_of,
    parameter_entries,
    scaling_entries,
    scaling_in,
)
from fastnn.optimisers import arguments_for
from fastnn.training.options import OPTIONS, Options, check_options
from fastnn.training.run import Run

_FORMAT = "fastnn checkpoint 1"
_RANDOM_WORDS = 625  # of the state of Python's generator
_OF_RULE = ("momentum", "nesterov", "optimizer")

Parameters = tuple[list[npt.NDArray[Any]], list[npt.NDArray[Any]]]  # weights and biases


class Checkpoint(NamedTuple):
    """What a file holds of a training run, checked."""

    network: Description  # after the last epoch
    best: Parameters | None  # after the best epoch, with early stopping
    options: Options
    schedule_is_function: bool
    history: History
    digests: dict[str, npt.NDArray[np.uint64]]  # of the examples of each data set, as they came
    order: npt.NDArray[np.int64]  # of the last epoch: places in the training data as it came
    random_state: tuple[Any, ...]
    numpy_state: tuple[Any, ...]
    memory: dict[str, npt.NDArray[Any]]  # of the trainer

    def arranged(self, name: str, data: Dataset) -> Dataset:
        """Return the examples of a data set in the order in which the stored run had them.

        Raises ValueError if they are not the stored run's.
        """
        wanted, found = self.digests[name], example_digests(data)[data.order]
        place, source = np.argsort(wanted, kind="stable"), np.argsort(found, kind="stable")
        if len(found) != len(wanted) or (found[source] != wanted[place]).any():
            raise ValueError(
                f"{name} must be that of the stored run ({len(wanted)} examples), "
                f"got {len(found)} examples, or others"
            )
        order = np.empty(len(wanted), np.int64)
        order[place] = data.order[source]
        arranged = data[:]
        arranged.reorder(order)
        return arranged

    def check_given(self, options: Options, **given: Any) -> None:
        """Raise ValueError unless the user gives again what the run had and no file can hold.

        `given` are the schedule, evaluation_data and speed_data, or None for each.
        """
        needed = {
            "schedule": self.schedule_is_function,
            "evaluation_data": options.monitor_evaluation_cost
            or options.monitor_evaluation_accuracy,
            "speed_data": "speed_data" in self.digests,
        }
        for name, value in given.items():
            if needed[name] and value is None:
                raise ValueError(f"{name} must be that of the stored run, got none")


@contextmanager
def generators_kept_on_failure() -> Iterator[None]:
    """Put both global generators back where they were if the block fails."""
    numpy_state, random_state = np.random.get_state(), random.getstate()
    try:
        yield
    except BaseException:
        np.random.set_state(numpy_state)
        random.setstate(random_state)
        raise


def keep_checkpoints(run: Run, filename: str | os.PathLike[str], every: int) -> None:
    """Have a run write its state to a file after every `every` epochs, and after the last one.

    Raises
    ------
    TypeError, ValueError
        If `checkpoint` or `checkpoint_every` is wrong, or `labels` or `scaling` does not fit the
        network.
    OSError
        If the file cannot be written.
    """
    every = integer("checkpoint_every", every, smallest=1)
    check_writable(filename)
    describe_network(run.network)  # as `write` does, but before training and not after an epoch
    sets = (("training", run.training), ("evaluation", run.evaluation), ("speed", run.speed))
    digests = {
        f"digests_{name}_data": example_digests(data)[data.order]
        for name, data in sets
        if data is not None
    }

    def write(run: Run) -> None:  # an argument: a cycle would keep the run until it is collected
        epochs = len(run.history.epoch_seconds)
        if epochs % every == 0 or run.history.stopped_because is not None:
            write_whole(filename, _content(run, digests))

    run.after_epoch = write


def read_checkpoint(
    filename: str | os.PathLike[str], cost: Any = None, activation: Sequence[Any] | None = None
) -> Checkpoint:
    """Read and check what `keep_checkpoints` wrote.

    Parameters
    ----------
    filename : str or path-like
        The file.
    cost, activation : optional
        The user's own classes, which the file knows by their names only.

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        If it is damaged or something else, or the classes are not those of the stored run.
    """
    path = checked_path(filename)
    with _naming_damage(path):
        with open_npz(path) as file:
            if "format" not in file or str(file["format"]) != _FORMAT:
                raise ValueError(f"it is no checkpoint; expected the format {_FORMAT!r}")
            arrays = {name: file[name] for name in file}
        facts = parse_json(str(arrays["facts"]))
        stored_cost, activations = str(facts["cost"]), [str(name) for name in facts["activations"]]
        layers = len(layer_sizes(facts["sizes"])) - 1
        if len(activations) != layers:
            raise ValueError(f"it has {len(activations)} activations for {layers} layers")
    cost = _cost_for(stored_cost, cost)
    activations = _activations_for(activations, activation)
    with _naming_damage(path):
        return _checked(facts, arrays, cost, activations)


@contextmanager
def _naming_damage(path: Path) -> Iterator[None]:
    """Turn any error that a damaged file leads to into one that names the file."""
    try:
        yield
    except (AttributeError, IndexError, KeyError, OverflowError, TypeError, ValueError) as problem:
        reason = shortened(str(problem).removeprefix("path: "), 300)
        raise ValueError(
            f"filename: {printable(path)} is not a checkpoint, or damaged: {reason}"
        ) from None


def _cost_for(stored: str, cost: Any) -> Any:
    """Return the cost of this name: a built-in one, or the class that the user gives."""
    if cost is None and stored in COSTS:
        return COSTS[stored]
    if cost is None or cost_name(cost) != stored:
        raise ValueError(
            f"cost must be {shortened(stored)}, which the stored run had, "
            f"got {None if cost is None else cost_name(cost)}"
        )
    return check_cost(cost)


def _activations_for(stored: list[str], activation: Sequence[Any] | None) -> list[Any]:
    """Return the activations of these names, the user's own as classes."""
    *hidden, output = stored
    given = hidden if activation is None else list(activation)
    unknown = [name for name in given if isinstance(name, str) and name not in HIDDEN]
    if [activation_name(a) for a in given] != hidden or unknown:
        raise ValueError(
            f"activation must be {describe(hidden)}, which the stored run had, with classes of "
            f"your own as classes; got {describe(activation)}"
        )
    return [*given, output]


def restore(run: Run, checkpoint: Checkpoint) -> None:
    """Put a run that has just been made where the stored one was.

    Raises
    ------
    ValueError
        If its data or its network are not those of the stored run. Nothing has changed then.
    """
    order = run.training.order[checkpoint.order]
    memory = run.trainer.brought_up_to_date(checkpoint.memory)
    for name, array in run.trainer.memory().items():
        if name == "order":
            continue
        stored = memory.get(name)
        if stored is None or (stored.shape, stored.dtype) != (array.shape, array.dtype):
            raise ValueError(f"filename: the checkpoint has no {name} that fits the network")
    run.trainer.remember({**memory, "order": order})
    run.order[:] = order
    run.best = checkpoint.best
    run.generator.setstate(checkpoint.random_state)
    np.random.set_state(checkpoint.numpy_state)


def _content(run: Run, digests: dict[str, npt.NDArray[np.uint64]]) -> bytes:
    version, words, gauss = run.generator.getstate()
    name, keys, position, has_gauss, gauss_now = np.random.get_state()
    network = describe_network(run.network)
    architecture = network.architecture
    stored_cost, activations = names_of(architecture)
    facts = {
        "sizes": architecture.sizes,
        "dtype": str(architecture.dtype),
        "cost": stored_cost,
        "activations": activations,
        "options": _stored_options(run.options),
        "history": run.history.to_dict(),
        "labels": network.labels,
        "random": [version, gauss],
        "numpy": [name, int(position), int(has_gauss), float(gauss_now)],
    }
    arrays: dict[str, Any] = {
        "format": np.array(_FORMAT),
        "facts": np.array(json.dumps(facts)),
        "order": _places(run.order, run.training.order),
        **digests,
        "random": np.array(words, np.int64),
        "numpy": keys,
    }
    arrays |= scaling_entries(network.scaling)
    arrays |= parameter_entries(network.weights, network.biases)
    if run.best is not None:
        arrays |= parameter_entries(*run.best, prefix="best_")
    for name, array in run.trainer.memory().items():
        if name != "order":
            arrays[f"memory_{name}"] = array
    content = io.BytesIO()
    np.savez(content, **arrays)
    return content.getvalue()


def _places(
    rows: npt.NDArray[np.integer[Any]], start: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Return the place of each of these rows in the order at the start; some may be there twice."""
    places = np.empty(len(start), np.int64)
    places[np.argsort(rows, kind="stable")] = np.argsort(start, kind="stable")
    return places


def _stored_options(options: Options) -> dict[str, Any]:
    """Return what the file holds of the options: the rule in place of what it is made of."""
    rule = options.rule
    return {
        "rule": None if rule is None else [type(rule).__name__, list(rule)],
        **{
            name: option.stored.write(getattr(options, name))
            for name, option in OPTIONS.items()
            if name not in _OF_RULE
        },
    }


def _checked(
    facts: dict[str, Any], arrays: dict[str, npt.NDArray[Any]], cost: Any, activations: list[Any]
) -> Checkpoint:
    sizes, dtype = layer_sizes(facts["sizes"]), float_type(facts["dtype"])
    state = {
        "sizes": sizes,
        "weights": layers_of(arrays, "weights", sizes),
        "biases": layers_of(arrays, "biases", sizes),
        "labels": facts["labels"],
        "scaling": scaling_in(arrays),
    }
    network = described(state, cost, activations, dtype)
    best = None
    if "best_biases_0" in arrays:
        best_weights = layers_of(arrays, "best_weights", sizes)
        best_biases = layers_of(arrays, "best_biases", sizes)
        weights, biases = checked_parameters(best_weights, best_biases, sizes)
        best = [w.astype(dtype) for w in weights], [b.astype(dtype) for b in biases]
    options, schedule_is_function = _read_options(facts["options"], len(sizes) - 2)
    version, gauss = facts["random"]
    random_state = (version, tuple(plain_values("random", arrays["random"], _RANDOM_WORDS)), gauss)
    random.Random().setstate(random_state)
    name, *rest = facts["numpy"]
    numpy_state = (name, arrays["numpy"], *rest)
    if not 0 <= rest[0] <= len(arrays["numpy"]):  # NumPy would read there without asking
        raise ValueError(f"it has the place {rest[0]} in the state of NumPy's generator")
    np.random.RandomState().set_state(numpy_state)
    digests = {
        name: checked_digests(name, stored) for name, stored in _named(arrays, "digests_").items()
    }
    order = permutation("order", arrays["order"], len(digests["training_data"]))
    if (
        options.monitor_evaluation_cost or options.monitor_evaluation_accuracy
    ) and "evaluation_data" not in digests:
        raise ValueError("it has no digests of the evaluation data that it measured")
    return Checkpoint(
        network,
        best,
        options,
        schedule_is_function,
        History.from_dict(facts["history"]),
        digests,
        order,
        random_state,
        numpy_state,
        _named(arrays, "memory_"),
    )


def _named(arrays: dict[str, npt.NDArray[Any]], prefix: str) -> dict[str, npt.NDArray[Any]]:
    """Return the arrays whose names begin with a prefix, by the rest of their names."""
    return {
        name.removeprefix(prefix): array
        for name, array in arrays.items()
        if name.startswith(prefix)
    }


def _read_options(stored: dict[str, Any], hidden_layers: int) -> tuple[Options, bool]:
    """Return the options, checked as `SGD` does, and whether their schedule was a function."""
    name, numbers = stored["rule"] or ("Momentum", [0.0])
    given = arguments_for(name, numbers)
    for name, value in stored.items():
        if name != "rule":
            given[name] = OPTIONS[name].stored.read(value)
    options = check_options(given, hidden_layers=hidden_layers, has_evaluation_data=True)
    return options, stored["schedule"] == "function"
