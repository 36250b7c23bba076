"""What a worker does for a sweep, as a thread or as a process on any machine: train a network."""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from fastnn.model.history import History
from fastnn.network2 import Network
from fastnn.sweeps.sharing import Data, StoredData, data_for
from fastnn.training.options import Options
from fastnn.training.run import Run


@dataclass(frozen=True)
class Task:
    """A network to be trained."""

    seed: int
    network: dict[str, Any]  # the arguments of `Network`
    options: Options
    keep_network: bool


class Outcome(NamedTuple):
    """What comes back: a history, or the reason why there is none."""

    seconds: float
    history: History | None = None
    error: str | None = None
    network: Network | None = None


class _StopError(Exception):
    """The sweep has been interrupted."""


def train_network(
    task: Task, reference: Data | StoredData, stop: threading.Event | None = None
) -> Outcome:
    """Train a network to the bits that it gets after ``numpy.random.seed`` and ``random.seed``.

    Parameters
    ----------
    task : Task
    reference : Data or StoredData
        The data, or where they are.
    stop : threading.Event, optional
        Ends training soon after it is set.
    """

    def check() -> None:
        if stop is not None and stop.is_set():
            raise _StopError

    started = time.perf_counter()
    try:
        check()
        network = Network(**task.network, generator=np.random.RandomState(task.seed))
        data = data_for(reference, network.dtype)
        run = Run(
            network,
            task.options,
            data.training[:],  # the same arrays in an order of its own
            data.evaluation,
            data.speed,
            generator=random.Random(task.seed),
            before_call=check,
        )
        history = run.go()
    except _StopError:
        return Outcome(time.perf_counter() - started, error="interrupted")
    except Exception as problem:  # from a user's cost or schedule, or memory is short
        error = f"{type(problem).__name__}: {problem}"
        return Outcome(time.perf_counter() - started, error=error)
    kept = network if task.keep_network else None
    return Outcome(time.perf_counter() - started, history, network=kept)
