"""What each kind of executor needs to train the networks of a sweep."""

from __future__ import annotations

import os
import secrets
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from fastnn.sweeps.sharing import Data, read_data, write_data
from fastnn.sweeps.worker import Outcome, Task, train_network

_DASK_TOPIC = "fastnn-sweeps"  # of the events by which networks say that they have begun
_DASK_LEAST = 64  # networks that a cluster has to see, to judge how many workers it wants
_LOOK_AGAIN = 1.0  # seconds after which workers of a cluster are counted again


class Workers(Protocol):
    """An executor, as the dispatcher of a sweep sees it."""

    def width(self) -> int:
        """Return how many networks should be on their way at a time."""

    def submit(self, place: int, task: Task) -> Future[Outcome]:
        """Send a network out."""

    def begun(self, place: int) -> int:
        """Return how many times a worker has begun with a network, as far as is known."""

    def lost(self) -> bool:
        """Return whether networks that are on their way may never come back."""

    def renew(self) -> bool:
        """Go on after workers have died; return whether that is possible."""

    def stop(self) -> None:
        """Let networks that are being trained end soon, and return at once."""

    def close(self) -> None:
        """Give back all but the caller's executor."""


def workers_of(executor: Executor, data: Data) -> Workers:
    """Return what brings networks and data to an executor's workers."""
    if isinstance(executor, ThreadPoolExecutor):
        return _Threads(executor, data)
    if type(executor).__module__.partition(".")[0] == "distributed":
        return _Dask(executor, data)
    return _Processes(executor, data)


class _Threads:
    """They have the data already, and none dies alone."""

    def __init__(self, executor: ThreadPoolExecutor, data: Data) -> None:
        self._executor, self._data = executor, data
        self._over = threading.Event()

    def width(self) -> int:
        return _count(self._executor) + 1  # one more, so that none waits for work

    def submit(self, place: int, task: Task) -> Future[Outcome]:
        return self._executor.submit(train_network, task, self._data, self._over.is_set)

    def begun(self, place: int) -> int:
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
    over. A network that begins leaves a mark beside it, so that it is known what was being trained
    when a process died.
    """

    def __init__(self, executor: Executor, data: Data) -> None:
        self._executor = executor
        self._own: ProcessPoolExecutor | None = None  # in the place of one that has broken
        self._folder = tempfile.TemporaryDirectory(prefix="fastnn-", ignore_cleanup_errors=True)
        self._path = Path(self._folder.name, "data.pickle")
        write_data(data, self._path)

    def width(self) -> int:
        return 2 * _count(self._executor)

    def submit(self, place: int, task: Task) -> Future[Outcome]:
        arguments = task, str(self._path), str(self._mark(place))
        return (self._own or self._executor).submit(train_in_process, *arguments)

    def begun(self, place: int) -> int:
        with suppress(OSError):
            return self._mark(place).stat().st_size
        return 0

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

    def _mark(self, place: int) -> Path:
        return Path(self._folder.name, f"{place}.begun")


def train_in_process(task: Task, path: str, mark: str) -> Outcome:
    """Train a network in a process of another executor than dask's."""
    with suppress(OSError), open(mark, "ab") as begun:
        begun.write(b".")
    data = read_data(Path(path))
    return train_network(task, data, lambda: not os.path.exists(path))


class _Dask:
    """Workers that come and go. The data are a task of their own, which networks depend on.

    So each worker gets the data once, when it has its first network, from the scheduler or from
    another worker; and dask makes up for workers that die with them. Networks that are sent out
    before there is any worker wait, and tell the cluster that workers are wanted.
    """

    def __init__(self, executor: Executor, data: Data) -> None:
        # dask's executor has no public name for its client.
        self._executor: Any = executor
        self._client: Any = executor._client  # type: ignore[attr-defined]
        self._data, self._token, self._sent = data, secrets.token_hex(8), 0
        self._begun: Counter[int] = Counter()
        self._width, self._counted = _DASK_LEAST, -1e9
        self._client.subscribe_topic(_DASK_TOPIC, self._note)
        self._reference = self._share()

    def width(self) -> int:
        if time.monotonic() - self._counted > _LOOK_AGAIN:
            self._width = max(_DASK_LEAST, 4 * sum(self._client.nthreads().values()))
            self._counted = time.monotonic()
        return self._width

    def submit(self, place: int, task: Task) -> Future[Outcome]:
        self._sent += 1
        if self.lost():
            self._reference = self._share()
        future: Future[Outcome] = self._executor.submit(
            train_in_dask,
            task,
            self._reference,
            (self._token, place),
            key=f"fastnn-network-{self._token}-{self._sent}",
        )
        return future

    def begun(self, place: int) -> int:
        return self._begun[place]

    def lost(self) -> bool:
        """Return whether the data are gone, as after a restart of the cluster.

        dask then never completes futures whose results it was just fetching.
        """
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
            self._begun[place] += 1


def _same(data: Data) -> Data:
    return data


def train_in_dask(task: Task, data: Data, name: tuple[str, int]) -> Outcome:
    """Train a network in a worker of dask."""
    from distributed import get_worker

    get_worker().log_event(_DASK_TOPIC, name)
    return train_network(task, data, lambda: False)


def _count(executor: Any) -> int:
    """Return how many workers an executor has, as far as it says so."""
    for name in ("num_workers", "_max_workers"):
        count = getattr(executor, name, None)
        if isinstance(count, int) and count > 0:
            return count
    return os.cpu_count() or 1
