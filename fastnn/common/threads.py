"""Threads that work beside this one, and that Ctrl-C at any moment leaves in order.

Conditions, threads and pools of the standard library are themselves written in Python: what a
signal raises within them may leave a lock taken, and whoever waits for it next, at the latest the
end of the pool, waits for ever. What is raised as such an object dies is lost. But
`_thread.start_new_thread` and `queue.SimpleQueue` are written in C: they have done what they do, or
have not.
"""

from __future__ import annotations

import os
from _thread import start_new_thread
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from typing import Any, TypeVar
from weakref import ref

import numba

Item = TypeVar("Item")
Result = TypeVar("Result")


def threads_available() -> int:
    """The processors this process may use, or fewer where NUMBA_NUM_THREADS says so."""
    if hasattr(os, "sched_getaffinity"):
        processors = len(os.sched_getaffinity(0))
    else:
        processors = os.cpu_count() or 1
    settings: Any = numba.config
    return min(processors, int(settings.NUMBA_NUM_THREADS))


class Threads:
    """So many threads beside this one, which begin with the first call and end with `close`.

    Or with the object, should `close` be interrupted.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._calls: list[SimpleQueue[Any]] = []
        self._ends: SimpleQueue[None] = SimpleQueue()
        self._all_begun = False

    def run(self, call: Callable[[int], Result]) -> Result:
        """Run call(0) in this thread and call(1), call(2), ... in the others, all at once.

        Returns what call(0) did. What one of them raises is raised here, and then there is nothing
        left to do but `close`.
        """
        if not self._all_begun:
            self._calls = [SimpleQueue() for _ in range(self._count)]
            for calls in self._calls:
                start_new_thread(_answer_all, (calls, self._ends, ref(self, calls.put)))
            self._all_begun = True
        answers: SimpleQueue[BaseException | None] = SimpleQueue()
        for rank, calls in enumerate(self._calls, 1):
            calls.put((call, rank, answers))
        result = call(0)
        for _ in self._calls:
            problem = answers.get()
            if problem is not None:
                raise problem
        return result

    def close(self) -> None:
        """End the threads, once they have done what they were called for."""
        all_begun, self._all_begun = self._all_begun, False
        for calls in self._calls:
            calls.put(None)
        if all_begun:
            for _ in self._calls:
                self._ends.get()


def map_in_threads(function: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """What the function returns for each item, in their order; a thread each, one of them this."""
    results: list[Any] = [None] * len(items)

    def call(rank: int) -> None:
        results[rank] = function(items[rank])

    threads = Threads(len(items) - 1)
    try:
        threads.run(call)
    finally:
        threads.close()
    return results


def _answer_all(calls: SimpleQueue[Any], ends: SimpleQueue[None], owner: ref[Threads]) -> None:
    """Run what is called for until there is the end, or `owner`, whose object has died."""
    while _answer(calls):
        pass
    ends.put(None)


def _answer(calls: SimpleQueue[Any]) -> bool:
    """Wait for a call and run it; return whether there may be another. Nothing of it is kept."""
    task = calls.get()
    if not isinstance(task, tuple):
        return False
    call, rank, answers = task
    try:
        call(rank)
    except BaseException as problem:
        answers.put(problem)
    else:
        answers.put(None)
    return True
