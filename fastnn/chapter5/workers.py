"""Run the seeds of an experiment in this process or in several, with a progress bar."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any

from fastnn.chapter5.experiment import Mapper
from fastnn.common.terminals import bar_on_a_terminal

_PATIENCE = 2.0  # seconds before the bar appears


@contextmanager
def mapper_of(jobs: int) -> Iterator[Mapper]:
    """Offer a `map` over `jobs` processes; a single job runs in this process.

    Threads could not be ended in the middle of their work, as processes are if anything interrupts
    the block: they keep nothing. They are spawned, because a fork of a process with threads may
    hang.
    """
    if jobs == 1:
        yield map
        return
    others = multiprocessing.active_children()
    executor = ProcessPoolExecutor(
        jobs, multiprocessing.get_context("spawn"), initializer=_leave_interrupts_to_the_parent
    )

    def mapper(function: Callable[[Any], Any], tasks: Iterable[Any], /) -> Iterator[Any]:
        with _interrupts_held_back():  # for the processes that start here, for good
            return executor.map(function, tasks)

    try:
        yield mapper
    except BaseException:
        for process in set(multiprocessing.active_children()).difference(others):
            process.terminate()
        raise
    finally:
        executor.shutdown(cancel_futures=True)


def watched(mapper: Mapper, name: str) -> Mapper:
    """Show a progress bar while `mapper` works, if stderr is a terminal and tqdm is installed."""

    def watch(function: Callable[[Any], Any], tasks: Iterable[Any], /) -> Iterable[Any]:
        tasks = list(tasks)
        outcomes = mapper(function, tasks)
        bar: Iterable[Any] | None = bar_on_a_terminal(
            outcomes, name, total=len(tasks), unit="run", delay=_PATIENCE, leave=False
        )
        return outcomes if bar is None else bar

    return watch


@contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """Hold Ctrl-C back for the block, and for ever in the processes that it starts.

    The initializer of a worker would be too late: one that is still importing would print where it
    was. Windows cannot hold it back.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _leave_interrupts_to_the_parent() -> None:
    """Ignore Ctrl-C, which reaches every process of a terminal: the parent alone answers it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
