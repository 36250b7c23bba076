"""How much memory an epoch takes."""

from __future__ import annotations

from pathlib import Path

from fastnn import Dataset

from .shared import (
    DTYPES,
    IMPLEMENTATIONS,
    SIZES,
    AllDigits,
    FewDigits,
    examples_for,
    first_of,
    network,
    train,
)

Digits = tuple[Dataset, Dataset]

_FLOAT32 = 4
_STATUS, _RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


class Epoch(FewDigits):
    """The whole process on 2,000 examples: data, libraries and Python included."""

    params = (IMPLEMENTATIONS, SIZES[:1])
    param_names = ("implementation", "sizes")

    def peakmem_epoch(self, digits: Digits, implementation: str, sizes: str) -> None:
        """One epoch."""
        train(network(implementation, sizes), examples_for(implementation, digits[0]))


class Added(AllDigits):
    """What `SGD` adds to a process that holds all of MNIST; fastnn only. Needs Linux."""

    params = DTYPES
    param_names = ("dtype",)

    def setup(self, digits: Digits, dtype: str) -> None:
        """Compile on a few examples, because compiling takes memory too."""
        if not _STATUS.exists():
            raise NotImplementedError("no way to read the memory of the process")
        self.network = network("fastnn", SIZES[0], dtype)
        train(self.network, first_of(digits[0], 100))

    def track_added(self, digits: Digits, dtype: str) -> float:
        """How far the peak rises in two epochs, in per cent of the images as float32."""
        training, _ = digits
        _RESET.write_text("5")  # the peak starts again from the present memory
        before = _kilobytes("VmRSS")
        train(self.network, training, epochs=2)
        images = len(training) * training.store.inputs.shape[1] * _FLOAT32
        return round(100 * (_kilobytes("VmHWM") - before) * 1024 / images, 2)

    track_added.unit = "% of the data"


def _kilobytes(name: str) -> int:
    """One field of the process's status."""
    fields = dict(line.split(":", 1) for line in _STATUS.read_text().splitlines())
    return int(fields[name].split()[0])
