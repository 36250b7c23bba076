"""Hand networks out to workers, some at a time, and take back what they return or lose."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Mapping
from concurrent.futures import BrokenExecutor, CancelledError, Future
from queue import Empty, SimpleQueue

from fastnn.sweeps.collection import Collection
from fastnn.sweeps.executors import Workers
from fastnn.sweeps.worker import INTERRUPTED, Outcome, Task

TRIES = 10  # how often workers may die over a network before it is given up
SUSPECT = 3  # after which it is trained alone, so that others do not die with it
FRUITLESS = 3  # how often in a row workers may die before any has begun with a network
_LOOK_AGAIN = 0.25  # seconds after which to see what others who share the file have done


class Dispatch:
    """The networks of a sweep on their way: waiting, being trained, or back.

    When workers die, what they were training is sent out again, and so is what was only waiting
    for them. What is counted as a try is only what a worker had begun with.

    Parameters
    ----------
    tasks : mapping of int to Task
        By their places in the table.
    workers : Workers
        Who trains them.
    collection : Collection
        Where results go, and who says which networks others are training.
    """

    def __init__(self, tasks: Mapping[int, Task], workers: Workers, collection: Collection) -> None:
        self._tasks, self._workers, self._collection = tasks, workers, collection
        self._waiting = dict.fromkeys(tasks)
        self._suspects: list[int] = []
        self._under_way: dict[Future[Outcome], tuple[int, int]] = {}
        self._ended: SimpleQueue[Future[Outcome]] = SimpleQueue()
        self._sent: Counter[int] = Counter()
        self._pool = 0  # how many pools of workers have broken
        self._begun: dict[int, int] = defaultdict(int)  # when workers last died
        self._fruitless = 0
        self._next_claim = 0.0
        self._alone = False

    def run(self, stopped: SimpleQueue[None]) -> None:
        """Train all networks, or stop soon after something is in `stopped`."""
        try:
            while (self._waiting or self._suspects or self._under_way) and stopped.empty():
                self._send()
                self._take_back()
        finally:
            self._workers.stop()
            for future, (place, _) in self._under_way.items():
                if not future.cancel() and not stopped.empty():
                    self._keep_if_done(place, future)

    def _send(self) -> None:
        if self._alone:
            return
        free = self._workers.width() - len(self._under_way)
        if self._waiting and free > 0 and time.monotonic() >= self._next_claim:
            claimed, found = self._collection.claim(iter(self._waiting), free)
            for place in (*claimed, *found):
                del self._waiting[place]
            for place in claimed:
                self._submit(place)
            if len(claimed) < free:  # others have the rest, or there is no more
                self._next_claim = time.monotonic() + _LOOK_AGAIN
        if self._suspects and not self._waiting and not self._under_way:
            self._alone = True
            self._submit(self._suspects.pop())

    def _submit(self, place: int) -> None:
        self._sent[place] += 1
        try:
            future = self._workers.submit(place, self._tasks[place])
        except Exception as problem:  # its workers died before it had all tasks, or it was closed
            future = Future()
            future.set_exception(problem)
        self._under_way[future] = (place, self._pool)
        future.add_done_callback(self._ended.put)

    def _take_back(self) -> None:
        """Wait for a network that comes back, but not for long."""
        try:
            future = self._ended.get(timeout=_LOOK_AGAIN)
            while True:
                place, pool = self._under_way.pop(future)
                self._judge(place, pool, future)
                future = self._ended.get_nowait()
        except Empty:
            if self._workers.lost():
                for future in self._under_way:
                    future.cancel()  # so they come back, and are sent again

    def _judge(self, place: int, pool: int, future: Future[Outcome]) -> None:
        self._alone = False
        try:
            outcome = future.result()
        except Exception as problem:  # each executor raises errors of its own
            if _workers_died(problem) and self._go_on(place, pool):
                self._send_again(place, problem)
            else:
                self._collection.lose(place, _reason(problem))
        else:
            self._fruitless = 0
            self._collection.collect(place, outcome)

    def _go_on(self, place: int, pool: int) -> bool:
        """Return whether there are workers again, or will be."""
        if pool < self._pool:
            return self._fruitless < FRUITLESS  # they died together
        self._pool += 1
        begun = {
            other: self._workers.begun(other)
            for other in (place, *(other for other, _ in self._under_way.values()))
        }
        fruitful = any(begun[other] > self._begun[other] for other in begun)
        self._begun.update(begun)
        self._fruitless = 0 if fruitful else self._fruitless + 1
        return self._fruitless < FRUITLESS and self._workers.renew()

    def _send_again(self, place: int, problem: BaseException) -> None:
        begun = self._workers.begun(place)
        if begun >= TRIES or self._sent[place] >= 2 * TRIES:
            reason = f"{begun} workers died while they trained it, the last with {_reason(problem)}"
            self._collection.lose(place, reason)
        elif begun >= SUSPECT:
            self._suspects.append(place)
        else:
            self._waiting = {place: None, **self._waiting}

    def _keep_if_done(self, place: int, future: Future[Outcome]) -> None:
        if future.done() and not future.cancelled() and future.exception() is None:
            outcome = future.result()
            if outcome.error != INTERRUPTED:
                self._collection.collect(place, outcome)


def _workers_died(problem: BaseException) -> bool:
    if isinstance(problem, (BrokenExecutor, CancelledError)):
        return True
    return type(problem).__module__.partition(".")[0] == "distributed"


def _reason(problem: BaseException) -> str:
    return f"{type(problem).__name__}: {problem}".splitlines()[0]
