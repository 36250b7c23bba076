"""Helper threads that stay in order when Ctrl-C comes, whatever the moment.

The conditions, threads and pools of the standard library are written in Python. If a signal raises
inside them, a lock may stay taken, and whatever wants it next, such as the end of the pool, waits
for ever. Python drops an exception that is raised while such an object is deleted. But
`_thread.start_new_thread` and `queue.SimpleQueue` are written in C: a signal comes before or after
their work, never in the middle.
"""

from __future__ import annotations

from _thread import start_new_thread
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from typing import Any, TypeVar
from weakref import ref

from fastnn.common.processors import (
    be_woken_off,
    go_anywhere,
    leave_processor,
    processor_in_use,
)

Item = TypeVar("Item")
Result = TypeVar("Result")


class Threads:
    """A number of helper threads, which start with the first `run` and end with `close`.

    If `close` is interrupted, they end when the object is deleted.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._calls: list[SimpleQueue[Any]] = []
        self._ends: SimpleQueue[None] = SimpleQueue()
        self._all_begun = False

    def run(self, call: Callable[[int], Result]) -> Result:
        """Run call(0) in this thread and call(1), call(2), ... in the others, all at once.

        Return what call(0) returns. If one of them raises, so does this; only `close` may follow.
        """
        if not self._all_begun:
            self._calls = [SimpleQueue() for _ in range(self._count)]
            for calls in self._calls:
                start_new_thread(_answer_all, (calls, self._ends, ref(self, calls.put)))
            self._all_begun = True
        answers: SimpleQueue[BaseException | None] = SimpleQueue()
        here = processor_in_use()
        for rank, calls in enumerate(self._calls, 1):
            calls.put((call, rank, here, answers))
        result = call(0)
        for _ in self._calls:
            problem = answers.get()
            if problem is not None:
                raise problem
        return result

    def close(self) -> None:
        """End the threads once they have finished their calls."""
        all_begun, self._all_begun = self._all_begun, False
        for calls in self._calls:
            calls.put(None)
        if all_begun:
            for _ in self._calls:
                self._ends.get()


def map_in_threads(function: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """Return the function's results in the order of the items; run each item in its own thread."""
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
    """Run calls until None comes, or `owner`, which comes when its object is deleted.

    Between calls a thread waits where the one that called it does not run: if it was woken there,
    it would have to wait once more until that one gives way.
    """
    taken: int | None = None
    more = True
    while more:
        allowed = be_woken_off(taken)
        task = calls.get()
        go_anywhere(allowed)
        more = isinstance(task, tuple)
        if more:
            taken = task[2]
            _answer(*task)
        del task  # it holds what the call does
    ends.put(None)


def _answer(
    call: Callable[[int], Any],
    rank: int,
    taken: int | None,
    answers: SimpleQueue[BaseException | None],
) -> None:
    """Run a call and answer with what it raises, or None."""
    try:
        leave_processor(taken)
        call(rank)
    except BaseException as problem:
        answers.put(problem)
    else:
        answers.put(None)
