"""Hand networks out to workers, some at a time, and take back what they return or lose."""

from __future__ import annotations

import math
import time
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from concurrent.futures import BrokenExecutor, CancelledError, Future
from queue import Empty, SimpleQueue
from typing import NamedTuple

from fastnn.common.checks import describe
from fastnn.sweeps.collection import Collection
from fastnn.sweeps.executors import Workers
from fastnn.sweeps.worker import BATCH_SECONDS, INTERRUPTED, Outcome, Task

TRIES = 10  # how often workers may die over a network before it is given up
SUSPECT = 3  # after which it is trained alone, so that others do not die with it
FRUITLESS = 3  # how often in a row workers may die before any has begun with a network
_RECENT = 5  # batches from which it is judged how many networks fit into one
_LOOK_AGAIN = 0.25  # seconds after which to see what others who share the file have done


class _Batch(NamedTuple):
    """Networks that are on their way together."""

    places: list[int]
    pool: int  # how many pools of workers had broken when it was sent


class Dispatch:
    """The networks of a sweep on their way: waiting, being trained, or back.

    Small networks travel in batches, as sending one takes longer than training it. When workers
    die, what they were training is sent out again, and so is what was only waiting for them. What
    is counted as a try is only what a worker had begun with. So networks of a batch that has died
    are sent one by one: nobody knows which of them was at fault.

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
        self._single: set[int] = set()  # of those waiting, what was in a batch that died
        self._suspects: list[int] = []
        self._under_way: dict[Future[dict[int, Outcome]], _Batch] = {}
        self._ended: SimpleQueue[Future[dict[int, Outcome]]] = SimpleQueue()
        # What a network of the last batches took; the first ones of a process take longer.
        self._seconds: deque[float] = deque([math.inf], _RECENT)
        self._lost: Counter[int] = Counter()  # how often each network did not come back
        self._pool = 0  # how many pools of workers have broken
        self._begun = 0  # how many batches had been begun when the last of them broke
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
            for future in self._under_way:
                if not future.cancel() and not stopped.empty():
                    self._keep_if_done(future)

    def _send(self) -> None:
        width = self._workers.width(max(min(self._seconds), BATCH_SECONDS))
        if self._alone:
            return
        free = width - len(self._under_way)
        if self._waiting and free > 0 and time.monotonic() >= self._next_claim:
            size = self._batch_size()
            claimed, found = self._collection.claim(self._waiting, free * size)
            for place in (*claimed, *found):
                del self._waiting[place]
            for places in self._batches(claimed, size):
                self._submit(places)
            if len(claimed) < free * size:  # others have the rest, or there is no more
                self._next_claim = time.monotonic() + _LOOK_AGAIN
        if self._suspects and not self._waiting and not self._under_way:
            self._alone = True
            self._submit([self._suspects.pop()])

    def _batch_size(self) -> int:
        """Return how many networks to send together: a few, if all workers have some then."""
        fit = int(BATCH_SECONDS / max(min(self._seconds), 1e-6))
        return max(1, min(fit, len(self._waiting) // (4 * self._workers.count())))

    def _batches(self, places: list[int], size: int) -> Iterator[list[int]]:
        together = [place for place in places if place not in self._single]
        for first in range(0, len(together), size):
            yield together[first : first + size]
        for place in places:
            if place in self._single:
                yield [place]

    def _submit(self, places: list[int]) -> None:
        try:
            future = self._workers.submit({place: self._tasks[place] for place in places})
        except Exception as problem:  # its workers died before it had all tasks, or it was closed
            future = Future()
            future.set_exception(problem)
        if not isinstance(future, Future):
            raise TypeError(
                f"executor.submit must return a concurrent.futures.Future, got {describe(future)}"
            )
        self._under_way[future] = _Batch(places, self._pool)
        future.add_done_callback(self._ended.put)

    def _take_back(self) -> None:
        """Wait for networks that come back, but not for long."""
        try:
            future = self._ended.get(timeout=_LOOK_AGAIN)
            while True:
                self._judge(self._under_way.pop(future), future)
                future = self._ended.get_nowait()
        except Empty:
            if self._workers.lost():
                for future in self._under_way:
                    future.cancel()  # so they come back, and are sent again

    def _judge(self, batch: _Batch, future: Future[dict[int, Outcome]]) -> None:
        self._alone = False
        try:
            outcomes = future.result()
        except (Exception, SystemExit) as problem:  # each executor raises errors of its own
            if _workers_died(problem) and self._go_on(batch.pool):
                self._send_again(batch.places, problem)
            else:
                for place in batch.places:
                    self._collection.lose(place, _reason(problem))
        else:
            self._fruitless = 0
            seconds = sum(outcome.seconds for outcome in outcomes.values())
            self._seconds.append(seconds / len(outcomes))
            for place, outcome in outcomes.items():
                self._collection.collect(place, outcome)
            not_begun = [place for place in batch.places if place not in outcomes]
            if not_begun:
                self._wait_again(not_begun)

    def _go_on(self, pool: int) -> bool:
        """Return whether there are workers again, or will be."""
        if pool < self._pool:
            return self._fruitless < FRUITLESS  # they died together
        self._pool += 1
        begun = self._workers.batches_begun()
        self._fruitless = 0 if begun > self._begun else self._fruitless + 1
        self._begun = begun
        return self._fruitless < FRUITLESS and self._workers.renew()

    def _send_again(self, places: list[int], problem: BaseException) -> None:
        again = []
        for place in places:
            self._lost[place] += 1
            begun = self._workers.begun(place)
            if begun >= TRIES:
                reason = f"{begun} workers died while they trained it"
                self._collection.lose(place, f"{reason}, the last with {_reason(problem)}")
            elif self._lost[place] >= 2 * TRIES:
                reason = f"it was sent out {self._lost[place]} times and did not come back"
                self._collection.lose(place, f"{reason}, the last time with {_reason(problem)}")
            elif begun >= SUSPECT:
                self._suspects.append(place)
            else:
                again.append(place)
        if len(places) > 1:
            self._single.update(again)
        self._wait_again(again)

    def _wait_again(self, places: list[int]) -> None:
        self._waiting = {**dict.fromkeys(places), **self._waiting}
        self._next_claim = 0.0

    def _keep_if_done(self, future: Future[dict[int, Outcome]]) -> None:
        if future.done() and not future.cancelled() and future.exception() is None:
            for place, outcome in future.result().items():
                if outcome.error != INTERRUPTED:
                    self._collection.collect(place, outcome)


def _workers_died(problem: BaseException) -> bool:
    if isinstance(problem, (BrokenExecutor, CancelledError)):
        return True
    return type(problem).__module__.partition(".")[0] == "distributed"


def _reason(problem: BaseException) -> str:
    return f"{type(problem).__name__}: {problem}".splitlines()[0]
