"""Go on with a run that was interrupted, from its checkpoint."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from fastnn.model.costs import Cost
from fastnn.model.history import History
from fastnn.network2 import Network
from fastnn.training.checkpoints import generators_kept_on_failure, keep_checkpoints, restore
from fastnn.training.options import RENEWABLE, renew_options
from fastnn.training.overrides import refuse_overridden
from fastnn.training.run import Run
from fastnn.training.stored_runs import read_checkpoint


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
    generator end with the bits that they would have had. Checkpoints go to the same file.

    Parameters
    ----------
    filename : str or path-like
        The checkpoint.
    training_data : Dataset or iterable of (x, y)
        The examples of the stored run, in any order.
    epochs : int, optional
        Epochs in all, including those already done; by default as many as the stored run asked
        for.
    evaluation_data, speed_data : Dataset or iterable of (x, y), optional
        Those of the stored run, where it had any.
    cost : class, optional
        The stored run's cost, if it was a class of your own.
    activation : list, optional
        The stored run's activations, one for each hidden layer, if any was a class of your own.
    schedule, callback : function, optional
        Those of the stored run, because no file can hold a function. It holds a `Halving`.
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
        If the file is damaged or no checkpoint, if data, cost or activations are not those of the
        stored run, or if an argument is wrong. Nothing has changed then.
    """
    asked = {name: value for name, value in locals().items() if name in RENEWABLE}
    stored = read_checkpoint(filename, cost, activation)
    for name in ("epochs", "schedule"):
        if asked[name] is None:  # as in the stored run
            del asked[name]
    options = renew_options(stored.options, asked)
    stored.check_given(
        options, schedule=schedule, evaluation_data=evaluation_data, speed_data=speed_data
    )
    with generators_kept_on_failure():
        network, data = Network.of(stored.network), (training_data, evaluation_data, speed_data)
        refuse_overridden(network, "resume cannot go on with")
        run = Run(network, options, *data, history=stored.history, arrange=stored.arranged)
        restore(run, stored)
        keep_checkpoints(run, filename, checkpoint_every)
    return network, run.go()
