"""One copy of the data for all networks of a process, wherever that process runs."""

from __future__ import annotations

import functools
import pickle
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastnn.datasets.dataset import Dataset
from fastnn.engine.inputs import kernel_inputs


@dataclass(frozen=True)
class SweepData:
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


_preparing = threading.Lock()


def data_in_form(data: SweepData, dtype: Any) -> None:
    """Bring the data into the kernels' form, if no other network of the process has done so."""
    with _preparing:  # the first task of a process prepares them, and the others wait
        for _, dataset in data.named():
            kernel_inputs(dataset.store, dtype)


def write_data(data: SweepData, path: Path) -> None:
    """Write the data for the processes of this sweep."""
    path.write_bytes(pickle.dumps(data, pickle.HIGHEST_PROTOCOL))


def read_data(path: Path) -> SweepData:
    """Read, in a worker, what `write_data` has written: once in each process."""
    with _preparing:
        return _read(path)


@functools.lru_cache(maxsize=1)
def _read(path: Path) -> SweepData:
    data: SweepData = pickle.loads(path.read_bytes())
    return data
