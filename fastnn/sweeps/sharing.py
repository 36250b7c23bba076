"""One copy of the data for all networks of a process, wherever that process runs."""

from __future__ import annotations

import functools
import pickle
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastnn.datasets.dataset import Dataset
from fastnn.engine.inputs import kernel_inputs


@dataclass(frozen=True)
class Data:
    """The data sets of a sweep, which its networks share and do not change."""

    training: Dataset
    evaluation: Dataset | None
    speed: Dataset | None

    def named(self) -> list[tuple[str, Dataset]]:
        """Return the data sets that there are, each with the name of its argument."""
        sets = (
            ("training_data", self.training),
            ("evaluation_data", self.evaluation),
            ("speed_data", self.speed),
        )
        return [(name, dataset) for name, dataset in sets if dataset is not None]


@dataclass(frozen=True)
class StoredData:
    """Data in a file: a task carries only the name of the file."""

    path: str


@contextmanager
def shared_data(data: Data, executor: Executor) -> Iterator[Any]:
    """Bring the data within reach of an executor's workers; yield a reference for their tasks.

    Threads have the data already, and dask sends them once to each of its workers. For any other
    executor they go into a temporary file, which each worker process reads once: where workers run
    on several machines, `tempfile.gettempdir()` must be a folder that all of them see.
    """
    if isinstance(executor, ThreadPoolExecutor):
        yield data
    elif type(executor).__module__.partition(".")[0] == "distributed":
        # dask's executor has no public name for its client.
        yield executor._client.scatter(data, broadcast=True, hash=False)  # type: ignore[attr-defined]
    else:
        with tempfile.TemporaryDirectory(prefix="fastnn-") as folder:
            path = Path(folder, "data.pickle")
            path.write_bytes(pickle.dumps(data, pickle.HIGHEST_PROTOCOL))
            yield StoredData(str(path))


def is_lost(reference: Any) -> bool:
    """Return whether the data are gone with the workers that had them, as happens with dask."""
    return getattr(reference, "status", None) in ("cancelled", "lost")


_preparing = threading.Lock()


def data_for(reference: Data | StoredData, dtype: Any) -> Data:
    """Return, in a worker, the data that a task refers to, in the kernels' form."""
    with _preparing:  # the first task of a process prepares them, and the others wait
        data = _read(reference.path) if isinstance(reference, StoredData) else reference
        for _, dataset in data.named():
            kernel_inputs(dataset.store, dtype)
    return data


@functools.lru_cache(maxsize=1)
def _read(path: str) -> Data:
    data: Data = pickle.loads(Path(path).read_bytes())
    return data
