"""What a worker does for a sweep, as a thread or as a process on any machine: train a network."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Mapping
from contextvars import copy_context
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from fastnn.model.history import History
from fastnn.network2 import Network
from fastnn.sweeps.code_in_settings import digests_of_code, with_own_state
from fastnn.sweeps.sharing import SweepData, data_in_form
from fastnn.training.options import Options
from fastnn.training.run import Run

INTERRUPTED = "interrupted"  # the error of a network that was stopped
BATCH_SECONDS = 0.05  # of training that are sent together, so that sending costs little beside it


@dataclass(frozen=True)
class Task:
    """A network to be trained."""

    seed: int
    network: dict[str, Any]  # the arguments of `Network`
    options: Options
    keep_network: bool
    # What code among them does where the call was made; empty where that is this process.
    code: dict[str, str]

    def settings(self) -> dict[str, Any]:
        """Return the arguments of `Network`, and what of those of `SGD` may be code."""
        return {**self.network, "schedule": self.options.schedule}


class Outcome(NamedTuple):
    """What comes back: a history, or the reason why there is none."""

    seconds: float
    history: History | None = None
    error: str | None = None
    network: Network | None = None


class _StopError(Exception):
    """The sweep has been interrupted."""


def train_batch(
    tasks: Mapping[int, Task], data: SweepData, is_over: Callable[[], bool]
) -> dict[int, Outcome]:
    """Train networks one after the other, until that has taken long enough.

    Parameters
    ----------
    tasks : mapping of int to Task
        By their places in the table.
    data, is_over
        As for `train_network`.

    Returns
    -------
    dict of int to Outcome
        Of the first network at least. Those that are not in it have not been begun.
    """
    outcomes = {}
    started = time.perf_counter()
    for place, task in tasks.items():
        # In a context of its own, as what one network sets there is not for the next.
        outcomes[place] = copy_context().run(train_network, task, data, is_over)
        if time.perf_counter() - started >= BATCH_SECONDS:
            break
    return outcomes


def train_network(task: Task, data: SweepData, is_over: Callable[[], bool]) -> Outcome:
    """Train a network to the bits that it gets after ``numpy.random.seed`` and ``random.seed``.

    Parameters
    ----------
    task : Task
    data : SweepData
    is_over : function
        Says whether the sweep has been interrupted; training then ends soon.
    """

    def check() -> None:
        if is_over():
            raise _StopError

    started = time.perf_counter()
    try:
        check()
        _check_code(task)
        own = with_own_state(task.settings())
        options = replace(task.options, schedule=own.pop("schedule"))
        network = Network(**own, generator=np.random.RandomState(task.seed))
        data_in_form(data, network.dtype)
        run = Run(
            network,
            options,
            data.training[:],  # the same arrays in an order of its own
            data.evaluation,
            data.speed,
            generator=random.Random(task.seed),
            before_call=check,
        )
        history = run.go()
    except _StopError:
        return Outcome(time.perf_counter() - started, error=INTERRUPTED)
    except KeyboardInterrupt:
        raise
    except BaseException as problem:  # from a user's function, or memory is short
        error = f"{type(problem).__name__}: {problem}"
        return Outcome(time.perf_counter() - started, error=error)
    kept = network if task.keep_network else None
    return Outcome(time.perf_counter() - started, history, network=kept)


# By process, as one that is forked may have other code by then: what was found to be the same.
_SAME: set[tuple[int, str, str]] = set()


def _check_code(task: Task) -> None:
    """Raise RuntimeError if code does something else here than where the call was made.

    A worker that has been running since before a change, or that imports what the caller has
    changed, would train other networks in silence. It is asked once: code that remembers things
    changes as it trains.
    """
    wanted = {(os.getpid(), *item) for item in task.code.items()}
    if wanted <= _SAME:
        return
    here = digests_of_code(task.settings())
    other = [name for name, digest in task.code.items() if here[name] != digest]
    if other:
        raise RuntimeError(
            f"the worker has other code of {' and '.join(other)} than the caller, or a context "
            "variable that it reads has another value there: start the workers after the change, "
            "or put what has changed into an argument of the code"
        )
    _SAME.update(wanted)
