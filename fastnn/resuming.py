"""Going on with a training run that was stored in a checkpoint."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from fastnn.common.checks import integer
from fastnn.model.activations import HIDDEN, activation_name
from fastnn.model.costs import COSTS, Cost, cost_name
from fastnn.model.history import History
from fastnn.network2 import Network
from fastnn.schedules import check_schedule
from fastnn.training.checkpoints import Checkpoint, keep_checkpoints, read_checkpoint, restore
from fastnn.training.options import check_callback, check_threads
from fastnn.training.run import Run

__all__ = ["resume"]


def resume(
    filename: str | os.PathLike[str],
    training_data: Iterable[tuple[Any, Any]],
    epochs: int | None = None,
    evaluation_data: Iterable[tuple[Any, Any]] | None = None,
    *,
    speed_data: Iterable[tuple[Any, Any]] | None = None,
    cost: type[Cost] | None = None,
    activation: Sequence[Any] | None = None,
    schedule: Callable[[int], float] | None = None,
    callback: Callable[[int, Network, History], Any] | None = None,
    checkpoint_every: int = 1,
    progress: bool = False,
    verbose: bool = True,
    threads: int | None = None,
) -> tuple[Network, History]:
    """Go on with a run of ``SGD(..., checkpoint=filename)`` as if it had never been interrupted.

    Weights, history, the order of the data and the states of `random` and of NumPy's global
    generator end with the bits that they would have had. The same file is written to again.

    Parameters
    ----------
    filename : str or path-like
        The checkpoint.
    training_data : Dataset or iterable of (x, y)
        The examples of the stored run, in any order.
    epochs : int, optional
        Epochs in all, those done included; by default as many as the stored run was to have.
    evaluation_data, speed_data : Dataset or iterable of (x, y), optional
        Those of the stored run, where it had any.
    cost : class, optional
        The stored run's cost, if it was a class of one's own.
    activation : list, optional
        The stored run's activations, one for each hidden layer, if any was a class of one's own.
    schedule, callback : function, optional
        Those of the stored run: functions cannot be stored. A `Halving` is.
    checkpoint_every, progress, verbose, threads
        As for `SGD`.

    Returns
    -------
    network : Network
    history : History
        Of all epochs, the stored ones included.

    Raises
    ------
    OSError
        If the file cannot be read or written.
    TypeError, ValueError
        If it is damaged or no checkpoint, if data, cost or activations are not those of the stored
        run, or if an argument is wrong; nothing has then been changed.
    """
    stored = read_checkpoint(filename)
    functions: dict[str, Any] = {
        "schedule": check_schedule(schedule),
        "callback": check_callback(callback),
    }
    if schedule is None:
        functions["schedule"] = stored.options.schedule
    asked: dict[str, Any] = {
        "progress": progress,
        "verbose": verbose,
        "threads": check_threads(threads),
    }
    if epochs is not None:
        asked["epochs"] = integer("epochs", epochs, smallest=0)
    options = stored.options._replace(**functions, **asked)
    watches = options.monitor_evaluation_cost or options.monitor_evaluation_accuracy
    for name, given, needed in (
        ("schedule", schedule, stored.schedule_is_function),
        ("evaluation_data", evaluation_data, watches),
        ("speed_data", speed_data, "speed_data" in stored.digests),
    ):
        if needed and given is None:
            raise ValueError(f"{name} must be that of the stored run, got none")
    numpy_state, random_state = np.random.get_state(), random.getstate()
    try:
        network = _network_of(stored, cost, activation)
        data = (training_data, evaluation_data, speed_data)
        run = Run(network, options, *data, history=stored.history, arrange=stored.arranged)
        restore(run, stored)
        keep_checkpoints(run, filename, checkpoint_every)
    except BaseException:
        np.random.set_state(numpy_state)
        random.setstate(random_state)
        raise
    return network, run.go()


def _network_of(stored: Checkpoint, cost: Any, activation: Sequence[Any] | None) -> Network:
    """The stored network, with the user's own classes in place of their names."""
    if cost is None and stored.cost in COSTS:
        cost = COSTS[stored.cost]
    if cost is None or cost_name(cost) != stored.cost:
        raise ValueError(
            f"cost must be {stored.cost}, which the stored run had, "
            f"got {None if cost is None else cost_name(cost)}"
        )
    *hidden, output = stored.activations
    given = hidden if activation is None else list(activation)
    unknown = [name for name in given if isinstance(name, str) and name not in HIDDEN]
    if [activation_name(a) for a in given] != hidden or unknown:
        raise ValueError(
            f"activation must be {hidden}, which the stored run had, with classes of your own as "
            f"classes; got {activation}"
        )
    network = Network(stored.sizes, cost, dtype=stored.dtype, activation=given, output=output)
    network.weights, network.biases = stored.parameters
    network.labels, network.scaling = stored.labels, stored.scaling
    return network
