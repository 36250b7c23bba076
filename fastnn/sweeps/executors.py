"""What each kind of executor needs to train the networks of a sweep."""

from __future__ import annotations

import math
import os
import secrets
import tempfile
import threading
import time
import warnings
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import (
    CancelledError,
    Executor,
    Future,
    InvalidStateError,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
)
from contextlib import suppress
from contextvars import copy_context
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from fastnn.sweeps.sharing import SweepData, read_data, write_data
from fastnn.sweeps.worker import Outcome, Task, train_batch

_DASK_TOPIC = "fastnn-sweeps"  # of the events by which networks say that they have begun
_DASK_LEAST = 64  # batches that a cluster has to see, to judge how many workers it wants
_DASK_MOST = 1000  # and at most, as its scheduler has to hold them
_DASK_SECONDS = 10.0  # of work for each thread: an adaptive cluster wants a worker for every 5
_WITHOUT_WORKERS = 60.0  # seconds after which the user is told that there are none
_LOOK_AGAIN = 1.0  # seconds after which workers of a cluster are counted again


class Workers(Protocol):
    """An executor, as the dispatcher of a sweep sees it."""

    def count(self) -> int:
        """Return how many networks are trained at a time, as far as is known."""

    def width(self, seconds: float) -> int:
        """Return how many batches should be on their way at a time, each of so many seconds."""

    def submit(self, tasks: Mapping[int, Task]) -> Future[dict[int, Outcome]]:
        """Send out a batch of networks, as `train_batch` gets and returns them."""

    def begun(self, place: int) -> int:
        """Return how many times a worker has begun with a network alone, as far as is known."""

    def batches_begun(self) -> int:
        """Return how many times workers have begun with anything, as far as is known."""

    def lost(self) -> bool:
        """Return whether networks that are on their way may never come back."""

    def renew(self) -> bool:
        """Go on after workers have died; return whether that is possible."""

    def stop(self) -> None:
        """Let networks that are being trained end soon, and return at once."""

    def close(self) -> None:
        """Give back all but the caller's executor."""


def workers_of(executor: Executor, data: SweepData) -> Workers:
    """Return what brings networks and data to an executor's workers."""
    if isinstance(executor, ThreadPoolExecutor):
        return _Threads(executor, data)
    if type(executor).__module__.partition(".")[0] == "distributed":
        return _Dask(executor, data)
    return _Processes(executor, data)


class _Threads:
    """They have the data already, and none dies alone."""

    def __init__(self, executor: ThreadPoolExecutor, data: SweepData) -> None:
        self._executor, self._data = executor, data
        self._over = threading.Event()

    def count(self) -> int:
        return _count(self._executor)

    def width(self, seconds: float) -> int:
        return self.count() + 1  # one more, so that none waits for work

    def submit(self, tasks: Mapping[int, Task]) -> Future[dict[int, Outcome]]:
        work = partial(train_batch, tasks, self._data, self._over.is_set)
        if getattr(self._executor, "_initializer", None) is not None:
            return self._executor.submit(work)  # it may have set context variables
        # They are the caller's, as where a network is trained alone.
        return self._executor.submit(copy_context().run, work)

    def begun(self, place: int) -> int:
        return 0

    def batches_begun(self) -> int:
        return 0

    def lost(self) -> bool:
        return False

    def renew(self) -> bool:
        return False

    def stop(self) -> None:
        self._over.set()

    def close(self) -> None:
        self._over.set()


class _Processes:
    """Processes that share a folder: `tempfile.gettempdir()` must be one that all of them see.

    The data are in a file there, which each process reads once. When the file is gone, the sweep is
    over. What begins leaves marks beside it, so that it is known what was being trained when a
    process died.
    """

    def __init__(self, executor: Executor, data: SweepData) -> None:
        self._executor = executor
        self._own: ProcessPoolExecutor | None = None  # in the place of one that has broken
        self._folder = tempfile.TemporaryDirectory(prefix="fastnn-", ignore_cleanup_errors=True)
        self._path = Path(self._folder.name, "data.pickle")
        write_data(data, self._path)

    def count(self) -> int:
        return _count(self._executor)

    def width(self, seconds: float) -> int:
        return 2 * self.count()

    def submit(self, tasks: Mapping[int, Task]) -> Future[dict[int, Outcome]]:
        return (self._own or self._executor).submit(train_in_process, tasks, str(self._path))

    def begun(self, place: int) -> int:
        return _count_marks(self._path, str(place))

    def batches_begun(self) -> int:
        return _count_marks(self._path, _ANY)

    def lost(self) -> bool:
        return False

    def renew(self) -> bool:
        """Make a pool like the caller's, which is broken for good."""
        if not isinstance(self._executor, ProcessPoolExecutor):
            return False
        if self._own is not None:
            self._own.shutdown(wait=False)  # what is broken may not come to an end
        # A pool has no public names for what it was made with.
        made_with: Any = self._executor
        more = {}
        if getattr(made_with, "_max_tasks_per_child", None) is not None:
            more["max_tasks_per_child"] = made_with._max_tasks_per_child
        self._own = ProcessPoolExecutor(
            made_with._max_workers,
            made_with._mp_context,
            made_with._initializer,
            made_with._initargs,
            **more,
        )
        return True

    def stop(self) -> None:
        self._path.unlink(missing_ok=True)

    def close(self) -> None:
        self._folder.cleanup()
        if self._own is not None:
            self._own.shutdown(cancel_futures=True)


_ANY = "any"  # the name of the marks of all batches


def _mark(path: Path, name: str) -> None:
    with suppress(OSError), open(path.with_name(f"{name}.begun"), "ab") as begun:
        begun.write(b".")


def _count_marks(path: Path, name: str) -> int:
    with suppress(OSError):
        return path.with_name(f"{name}.begun").stat().st_size
    return 0


def train_in_process(tasks: Mapping[int, Task], path: str) -> dict[int, Outcome]:
    """Train networks in a process of another executor than dask's."""
    _mark(Path(path), _ANY)
    if len(tasks) == 1:
        _mark(Path(path), str(*tasks))
    data = read_data(Path(path))
    return train_batch(tasks, data, lambda: not os.path.exists(path))


class _Dask:
    """Workers that come and go. The data are a task of their own, which networks depend on.

    So each worker gets the data once, when it has its first network, from the scheduler or from
    another worker; and dask makes up for workers that die with them. Networks that are sent out
    before there is any worker wait, and tell the cluster that workers are wanted.
    """

    def __init__(self, executor: Executor, data: SweepData) -> None:
        # dask's executor has no public name for its client.
        self._executor: Any = executor
        self._client: Any = executor._client  # type: ignore[attr-defined]
        self._data, self._token, self._sent = data, secrets.token_hex(8), 0
        self._begun: Counter[int | None] = Counter()  # None stands for batches of any size
        self._threads, self._counted, self._had_workers = 0, -math.inf, time.monotonic()
        self._client.subscribe_topic(_DASK_TOPIC, self._note)
        self._reference = self._share()

    def count(self) -> int:
        now = time.monotonic()
        if now - self._counted > _LOOK_AGAIN:
            self._counted = now
            with suppress(OSError):  # the scheduler does not answer now: as many as before
                self._threads = sum(self._client.nthreads().values())
            self._tell_if_none(now)
        return max(1, self._threads)

    def _tell_if_none(self, now: float) -> None:
        if self._threads:
            self._had_workers = now
        elif now - self._had_workers > _WITHOUT_WORKERS:
            self._had_workers = math.inf  # once, until workers come and go
            warnings.warn(
                f"the cluster has had no workers for {_WITHOUT_WORKERS:.0f} s; the sweep waits for "
                "them. Ctrl-C ends it and keeps what is done",
                RuntimeWarning,
                stacklevel=1,
            )

    def width(self, seconds: float) -> int:
        enough = min(_DASK_MOST, int(_DASK_SECONDS * self.count() / seconds))
        return max(_DASK_LEAST, 4 * self.count(), enough)

    def submit(self, tasks: Mapping[int, Task]) -> Future[dict[int, Outcome]]:
        self._sent += 1
        if self.lost():
            self._reference = self._share()
        future = self._client.submit(
            train_in_dask,
            tasks,
            self._reference,
            self._token,
            key=f"fastnn-networks-{self._token}-{self._sent}",
            # What `Client.get_executor` was given, such as resources, has no public name either.
            **self._executor._kwargs,
        )
        result: Future[dict[int, Outcome]] = Future()
        result.add_done_callback(lambda _: future.release())
        self._client.loop.add_callback(_pass_on, self._client, future, result)
        return result

    def begun(self, place: int) -> int:
        return self._begun[place]

    def batches_begun(self) -> int:
        return self._begun[None]

    def lost(self) -> bool:
        """Return whether the data are gone, as after a restart of the cluster."""
        return self._reference.status in ("cancelled", "lost", "error")

    def renew(self) -> bool:
        return self._client.status in ("running", "connecting")

    def stop(self) -> None:
        pass

    def close(self) -> None:
        with suppress(Exception):  # there may be no scheduler any more
            self._reference.release()
            self._client.unsubscribe_topic(_DASK_TOPIC)

    def _share(self) -> Any:
        import dask

        self._sent += 1
        key = f"fastnn-data-{self._token}-{self._sent}"
        with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1 TiB"}):
            return self._client.submit(_same, self._data, key=key)

    def _note(self, event: Any) -> None:
        token, place = event[1]
        if token == self._token:
            self._begun[None] += 1
            if place is not None:
                self._begun[place] += 1


def _same(data: SweepData) -> SweepData:
    return data


async def _pass_on(client: Any, future: Any, result: Future[dict[int, Outcome]]) -> None:
    """Wait for a future of dask and pass on what comes of it, whatever that is.

    The executor of a client does not where the result is lost on its way and cannot be had again:
    its future then never ends.
    """
    try:
        (outcomes,) = await client.gather([future], asynchronous=True)
    except BaseException as problem:
        is_gone = future.status in ("cancelled", "lost") or not isinstance(problem, Exception)
        with suppress(InvalidStateError):  # nobody waits for it any more
            result.set_exception(CancelledError(str(problem)) if is_gone else problem)
    else:
        with suppress(InvalidStateError):
            result.set_result(outcomes)


def train_in_dask(tasks: Mapping[int, Task], data: SweepData, token: str) -> dict[int, Outcome]:
    """Train networks in a worker of dask."""
    from distributed import get_worker

    # The scheduler keeps the last thousand events: they are small.
    alone = next(iter(tasks)) if len(tasks) == 1 else None
    get_worker().log_event(_DASK_TOPIC, (token, alone))
    return train_batch(tasks, data, lambda: False)


def _count(executor: Any) -> int:
    """Return how many workers an executor has, as far as it says so."""
    for name in ("num_workers", "_max_workers"):
        count = getattr(executor, name, None)
        if isinstance(count, int) and count > 0:
            return count
    return os.cpu_count() or 1
