"""Helper threads that stay in order when Ctrl-C comes, whatever the moment.

The conditions, threads and pools of the standard library are written in Python. If a signal raises
inside them, a lock may stay taken, and whatever wants it next, such as the end of the pool, waits
for ever. Python drops an exception that is raised while such an object is deleted. But
`_thread.start_new_thread` and `queue.SimpleQueue` are written in C: a signal comes before or after
their work, never in the middle.
"""

from __future__ import annotations

import os
from _thread import start_new_thread
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
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

# Seconds without a call after which a helper ends.
_LONGEST_REST = 0.1

# The helpers whose threads run at present, of all objects.
_RUNNING: set[_Helper] = set()


class _Helper:
    """One thread, from its start until it ends."""

    def __init__(self) -> None:
        self.calls: SimpleQueue[Any] = SimpleQueue()
        self.end: SimpleQueue[None] = SimpleQueue()
        # Its only item is taken by whoever decides: the thread to end because no call comes, or
        # another one to give it a call. So it cannot end while it gets one.
        self.decision: SimpleQueue[None] = SimpleQueue()
        self.decision.put(None)

    def decide(self) -> bool:
        """Take the decision; False if somebody else has."""
        try:
            self.decision.get_nowait()
        except Empty:
            return False
        return True

    def next_call(self) -> Any:
        """Wait for the next call; None if none has come for some time, and none can come now."""
        while True:
            try:
                return self.calls.get(timeout=_LONGEST_REST)
            except Empty:
                if self.decide():
                    if self.calls.empty():
                        return None
                    self.decision.put(None)  # a call came just before the decision


class Threads:
    """A number of helper threads, which start with the first `run` and end with `close`.

    They also end when no call has come for a tenth of a second, and start anew with the next. If
    `close` is interrupted, they end when the object is deleted.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._helpers: list[_Helper] = []
        self._all_begun = False
        self._process = 0  # a fork has the helpers, but not their threads

    def run(
        self, call: Callable[[int], Result], all_have_ended: Callable[[], bool] = lambda: False
    ) -> Result:
        """Run call(0) in this thread and call(1), call(2), ... in the others, all at once.

        Return what call(0) returns. If one of them raises, so does this; only `close` may follow.
        `all_have_ended` is asked after call(0): if the others have done their work as well, they
        are not waited for, though they may still be on their way back from the call.
        """
        if not self._are_there():
            self._begin()
        answers: SimpleQueue[BaseException | None] = SimpleQueue()
        here = processor_in_use()
        for rank, helper in enumerate(self._helpers, 1):
            helper.calls.put((call, rank, here, answers))
            helper.decision.put(None)
        result = call(0)
        if all_have_ended():
            return result
        for _ in self._helpers:
            problem = answers.get()
            if problem is not None:
                raise problem
        return result

    def _are_there(self) -> bool:
        """Whether all helpers run; they then stay until they get a call."""
        return (
            self._all_begun
            and self._process == os.getpid()
            and all(helper.decide() for helper in self._helpers)
        )

    def _begin(self) -> None:
        """Start new helpers; if others are left, they end."""
        for helper in self._helpers:
            helper.calls.put(None)
        self._all_begun, self._process = False, os.getpid()
        self._helpers = [_Helper() for _ in range(self._count)]
        for helper in self._helpers:
            helper.decide()
            start_new_thread(_answer_all, (helper, ref(self, helper.calls.put)))
        self._all_begun = True

    def may_rest(self) -> bool:
        """Whether no helpers run but these, so that they may wait for another call.

        Many objects in turn would otherwise have many threads that wait.
        """
        return len(_RUNNING) <= self._count

    def close(self) -> None:
        """End the threads once they have finished their calls."""
        all_begun, self._all_begun = self._all_begun, False
        for helper in self._helpers:
            helper.calls.put(None)
        if all_begun and self._process == os.getpid():
            for helper in self._helpers:
                helper.end.get()


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


def _answer_all(helper: _Helper, owner: ref[Threads]) -> None:
    """Run calls until None comes, or `owner`, which comes when its object is deleted.

    Between calls a thread waits where the one that called it does not run: if it was woken there,
    it would have to wait once more until that one gives way.
    """
    taken: int | None = None
    more = True
    _RUNNING.add(helper)
    while more:
        allowed = be_woken_off(taken) if helper.calls.empty() else None
        task = helper.next_call()
        go_anywhere(allowed)
        more = isinstance(task, tuple)
        if more:
            taken = task[2]
            _answer(*task)
        del task  # it holds what the call does
    _RUNNING.discard(helper)
    helper.end.put(None)


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
