"""The state of a training run in a file: everything that the epochs to come depend on."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt

from fastnn.common.archives import npz_content
from fastnn.common.checks import integer
from fastnn.common.writing import check_writable, naming, write_whole
from fastnn.datasets.digests import example_digests
from fastnn.datasets.tables.columns_in_files import columns_entries
from fastnn.model.description import describe_network
from fastnn.model.saving import names_of, parameter_entries, scaling_entries
from fastnn.training.options import OPTIONS, Options
from fastnn.training.overrides import check_storable
from fastnn.training.recorded import check_kept
from fastnn.training.run import Run
from fastnn.training.stored_runs import FORMAT, Checkpoint

_OF_RULE = ("momentum", "nesterov", "optimizer")


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
        If `checkpoint` or `checkpoint_every` is wrong, `labels` or `scaling` does not fit the
        network, or an activation or a cost of the user's own has a name of fastnn's.
    OSError
        If the file cannot be written.
    """
    every = integer("checkpoint_every", every, smallest=1)
    check_writable(filename, "checkpoint")
    path = os.path.abspath(os.fsdecode(filename))  # wherever a callback may go
    # As `write` does, but before training and not after an epoch.
    describe_network(run.network)
    check_storable(run.network)
    of_run = run.data
    sets = (
        ("training", of_run.training),
        ("evaluation", of_run.evaluation),
        ("speed", of_run.speed),
    )
    digests = {
        f"digests_{name}_data": example_digests(data)[data.order]
        for name, data in sets
        if data is not None
    }

    def write(run: Run) -> None:  # an argument: a cycle would keep the run until it is collected
        # A callback may have put in another cost or activation, or figures of its own.
        check_storable(run.network)
        check_kept(run.history, run.options, len(run.network.sizes) - 1)
        epochs = len(run.history.epoch_seconds)
        if epochs % every == 0 or run.history.stopped_because is not None:
            content = _content(run, digests)
            with naming(filename):
                write_whole(path, content)

    run.after_epoch = write


def restore(run: Run, checkpoint: Checkpoint) -> None:
    """Put a run that has just been made where the stored one was.

    Raises
    ------
    ValueError
        If its data or its network are not those of the stored run. Nothing has changed then.
    """
    order = run.data.training.order[checkpoint.order]
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
        "format": np.array(FORMAT),
        "facts": np.array(json.dumps(facts)),
        "order": _places(run.order, run.data.training.order),
        **digests,
        "random": np.array(words, np.int64),
        "numpy": keys,
    }
    arrays |= scaling_entries(network.scaling) | columns_entries(network.columns)
    arrays |= parameter_entries(network.weights, network.biases)
    if run.data.sample_weight is not None:
        arrays["sample_weight"] = run.data.sample_weight
    if run.best is not None:
        arrays |= parameter_entries(*run.best, prefix="best_")
    for name, array in run.trainer.memory().items():
        if name != "order":
            arrays[f"memory_{name}"] = array
    return npz_content(arrays)


def _places(
    rows: npt.NDArray[np.integer[Any]], start: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Return the place of each of these rows in the order at the start; some may be there twice."""
    places = np.empty(len(start), np.int64)
    places[np.argsort(rows, kind="stable")] = np.argsort(start, kind="stable")
    return places


def _stored_options(options: Options) -> dict[str, Any]:
    """Return the options as the file holds them: one rule in place of those that make it up."""
    rule = options.rule
    return {
        "rule": None if rule is None else [type(rule).__name__, list(rule)],
        **{
            name: option.stored.write(getattr(options, name))
            for name, option in OPTIONS.items()
            if name not in _OF_RULE
        },
    }
