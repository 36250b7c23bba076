"""What a checkpoint's file holds of a training run, read and checked."""

from __future__ import annotations

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
    layer_sizes,
    permutation,
    printable,
    real,
    shortened,
)
from fastnn.common.reading import open_npz, parse_json, plain_values
from fastnn.common.writing import checked_path
from fastnn.datasets.dataset import Dataset
from fastnn.datasets.digests import checked_digests, example_digests
from fastnn.datasets.tables.columns_in_files import columns_in
from fastnn.model.activations import HIDDEN, activation_name
from fastnn.model.costs import COSTS, check_cost, cost_name
from fastnn.model.description import Description, checked_parameters
from fastnn.model.history import History
from fastnn.model.saving import described, layers_of, scaling_in
from fastnn.optimisers import arguments_for
from fastnn.training.checked_options import check_options
from fastnn.training.options import OPTIONS, Options
from fastnn.training.recorded import check_kept, check_recorded
from fastnn.training.sample_weight import checked_weights

FORMAT = "fastnn checkpoint 1"
_RANDOM_WORDS = 625  # of the state of Python's generator
_NUMPY_WORDS = 624  # of the state of NumPy's
_TOP_BIT = 1 << 31

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
    sample_weight: npt.NDArray[np.float64] | None  # of the training data as it came
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

        `given` are the schedule, evaluation_data and speed_data, or None for each. Speeds that
        were measured on the training data cannot be measured on others from now on.
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
        anew = options.monitor_layer_speeds and not needed["speed_data"]
        if anew and given["speed_data"] is not None:
            raise ValueError("speed_data must be left out: the stored run had none")


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
            if "format" not in file or str(file["format"]) != FORMAT:
                raise ValueError(f"it is no checkpoint; expected the format {FORMAT!r}")
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
    if not (activation is None or isinstance(activation, (list, tuple))):
        raise TypeError(f"activation must be a list, got {describe(activation)}")
    given = hidden if activation is None else list(activation)
    unknown = [name for name in given if isinstance(name, str) and name not in HIDDEN]
    if [activation_name(a) for a in given] != hidden or unknown:
        raise ValueError(
            f"activation must be {describe(hidden)}, which the stored run had, with classes of "
            f"your own as classes; got {describe(activation)}"
        )
    return [*given, output]


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
        "columns": columns_in(arrays),
    }
    options, schedule_is_function = _read_options(facts["options"], len(sizes) - 2)
    digests = {
        name: checked_digests(name, stored) for name, stored in _named(arrays, "digests_").items()
    }
    if (
        options.monitor_evaluation_cost or options.monitor_evaluation_accuracy
    ) and "evaluation_data" not in digests:
        raise ValueError("it has no digests of the evaluation data that it measured")
    history = History.from_dict(facts["history"])
    check_recorded(history, options, len(history.epoch_seconds))
    check_kept(history, options, len(sizes) - 1)
    memory = _named(arrays, "memory_")
    _check_counts(memory["counts"], history, options, len(digests["training_data"]))
    random_state = _read_random(facts["random"], arrays["random"])
    sample_weight = arrays.get("sample_weight")
    if sample_weight is not None:
        sample_weight = checked_weights(sample_weight, len(digests["training_data"]))
    return Checkpoint(
        described(state, cost, activations, dtype),
        _read_best(arrays, sizes, dtype, needed=history.best_epoch is not None),
        options,
        schedule_is_function,
        history,
        digests,
        permutation("order", arrays["order"], len(digests["training_data"])),
        sample_weight,
        random_state,
        _read_numpy(facts["numpy"], arrays["numpy"]),
        memory,
    )


def _read_best(
    arrays: dict[str, npt.NDArray[Any]], sizes: list[int], dtype: np.dtype[Any], needed: bool
) -> Parameters | None:
    """Return weights and biases after the best epoch, which early stopping ends with."""
    if not needed:
        return None
    best_weights = layers_of(arrays, "best_weights", sizes)
    best_biases = layers_of(arrays, "best_biases", sizes)
    weights, biases = checked_parameters(best_weights, best_biases, sizes)
    return [w.astype(dtype) for w in weights], [b.astype(dtype) for b in biases]


def _check_counts(
    counts: npt.NDArray[Any], history: History, options: Options, examples: int
) -> None:
    """Raise ValueError unless these are the epochs and mini-batches that have been."""
    epochs = len(history.epoch_seconds)
    wanted = [epochs, epochs * -(-examples // options.mini_batch_size)]
    if counts.dtype != np.int64 or counts.tolist() != wanted:
        got = describe(counts.tolist())
        raise ValueError(f"its counts of epochs and mini-batches must be {wanted}, got {got}")


def _read_random(facts: list[Any], words: npt.NDArray[Any]) -> tuple[Any, ...]:
    """Return a state that Python's generator has been seen to accept."""
    version, gauss = facts
    state = (
        version,
        tuple(plain_values("random", words, _RANDOM_WORDS)),
        None if gauss is None else real("random", gauss),
    )
    random.Random().setstate(state)
    _check_turning("random", words[:-1])
    return state


def _read_numpy(facts: list[Any], keys: npt.NDArray[Any]) -> tuple[Any, ...]:
    """Return a state that NumPy's generator has been seen to accept."""
    name, position, has_gauss, gauss = facts
    state = (name, keys, position, has_gauss, real("numpy", gauss))
    if len(keys) != _NUMPY_WORDS:  # NumPy takes the first of more words
        raise ValueError(f"it has {len(keys)} words of the state of NumPy's generator")
    if not np.can_cast(keys.dtype, np.uint32, "equiv"):  # NumPy takes the real parts of others
        raise ValueError(f"it has words of the state of NumPy's generator in {keys.dtype}")
    if not 0 <= position <= _NUMPY_WORDS:  # NumPy would read there without asking
        raise ValueError(f"it has the place {position} in the state of NumPy's generator")
    np.random.RandomState().set_state(state)
    _check_turning("numpy", keys)
    return state


def _check_turning(name: str, words: npt.NDArray[Any]) -> None:
    """Raise ValueError if a Mersenne Twister in this state would give zeros for ever.

    Whoever then asks for normal numbers waits without end: they are drawn again until they fit.
    """
    if not (words[0] & _TOP_BIT or words[1:].any()):  # it never reads the other bits of the first
        raise ValueError(f"{name} has a state of zeros, which no seed leads to")


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
