"""Where the seeds of an experiment run: in this process or in several, and with a bar to watch."""

from __future__ import annotations

import multiprocessing
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any

from fastnn.chapter5.experiment import Mapper

_PATIENCE = 2.0  # seconds before a bar is shown


@contextmanager
def mapper_of(jobs: int) -> Iterator[Mapper]:
    """Offer a `map` over so many processes; for one job, over this process.

    They are processes and not threads, as every training run draws from the global generators of
    its process. New ones are started, not forked: a fork with threads may hang.
    """
    if jobs == 1:
        yield map
        return
    executor = ProcessPoolExecutor(
        jobs, multiprocessing.get_context("spawn"), initializer=_leave_interrupts_to_the_parent
    )
    try:
        yield executor.map
    finally:
        executor.shutdown(cancel_futures=True)


def watched(mapper: Mapper, name: str) -> Mapper:
    """The same `map` with a bar on stderr while it works, on a terminal and if there is tqdm."""

    def watch(function: Callable[[Any], Any], tasks: Iterable[Any], /) -> Iterable[Any]:
        tasks = list(tasks)
        outcomes = mapper(function, tasks)
        if not sys.stderr.isatty():
            return outcomes
        try:
            from tqdm import tqdm
        except ImportError:
            return outcomes
        bar: Iterable[Any] = tqdm(
            outcomes, name, total=len(tasks), unit="run", delay=_PATIENCE, leave=False
        )
        return bar

    return watch


def _leave_interrupts_to_the_parent() -> None:
    """Ctrl-C reaches all processes of a terminal; one of them has to say so."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
