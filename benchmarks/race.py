"""The race: the same training in every program, in turn, and whether all come to the same."""

from __future__ import annotations

import importlib.util
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.programs.protocol import Arrays, Program, Task
from fastnn import Dataset, mnist_loader, reference

ETA, LMBDA = 0.1, 5.0  # chapter 5's

# How far a program may end from the first one: the loss relative to that one's, weights and biases
# relative to the largest. In fifteen thousand steps float64 programs part by about 1e-13; float32
# rounds 5e8 times more coarsely, and they part by about 1e-4.
TOLERANCES = {"float64": 1e-9, "float32": 2e-3}

_ROWS_AT_A_TIME = 5000


@dataclass
class Entry:
    """One program with one dtype in the race, and how it fares."""

    program: Program
    task: Task
    first: float = float("nan")  # seconds of the first epoch, with compilation
    seconds: list[float] = field(default_factory=list)  # of the epochs after it
    failure: str = ""
    loss: float = float("nan")
    loss_apart: float = float("nan")  # from the first program's, relative
    weights_apart: float = float("nan")

    @property
    def name(self) -> str:
        """The program's name."""
        return self.program.name

    @property
    def dtype(self) -> str:
        """float64 or float32."""
        return self.task.dtype.name

    @property
    def median(self) -> float:
        """Seconds of an epoch."""
        return float(np.median(self.seconds))

    @property
    def agrees(self) -> bool:
        """Whether the program has come to where the first one has."""
        tolerance = TOLERANCES[self.dtype]
        return self.loss_apart <= tolerance and self.weights_apart <= tolerance


def is_installed(program: type[Program]) -> bool:
    """Whether the program's library can be imported, without importing it."""
    return importlib.util.find_spec(program.module) is not None


def make_tasks(
    sizes: Sequence[int],
    dtypes: Sequence[str],
    mini_batch_size: int,
    threads: int,
    examples: int | None = None,
) -> list[Task]:
    """The same training for each dtype, on the first examples of MNIST's training data."""
    training = mnist_loader.load_data_wrapper()[0][:examples]
    data = Dataset(
        training.store.inputs[training.order], training.labels, classes=10, scale=1 / 256
    )
    np.random.seed(1)
    start = reference.Network(list(sizes))
    tasks = []
    for dtype in map(np.dtype, dtypes):
        tasks.append(
            Task(
                sizes=list(sizes),
                dtype=dtype,
                mini_batch_size=mini_batch_size,
                eta=ETA,
                lmbda=LMBDA,
                data=data,
                inputs=data.inputs.astype(dtype),
                targets=np.eye(sizes[-1], dtype=dtype)[data.labels],
                weights=[w.astype(dtype) for w in start.weights],
                biases=[b.astype(dtype) for b in start.biases],
                threads=threads,
            )
        )
    return tasks


def run_race(programs: Sequence[type[Program]], tasks: Sequence[Task], repeats: int) -> list[Entry]:
    """Train in all programs in turn, one warm-up epoch and `repeats` timed ones each.

    Returns
    -------
    list of Entry
        One for each program and dtype that it knows. A library that fails in the warm-up is left
        out, with the reason in `failure`.
    """
    entries = [
        Entry(program(), task)
        for task in tasks
        for program in programs
        if task.dtype.name in program.dtypes
    ]
    orders = _orders(len(tasks[0].data))
    seed, order = next(orders)
    for entry in entries:
        try:
            entry.program.prepare(entry.task)
            entry.first = _time_epoch(entry.program, seed, order)
        except Exception as error:  # whatever a library of others may raise
            if entry.program.module in ("fastnn", "numpy"):
                raise
            entry.failure = f"{type(error).__name__}: {error}".splitlines()[0]
    running = [entry for entry in entries if not entry.failure]
    for _ in range(repeats):
        seed, order = next(orders)
        for entry in running:
            entry.seconds.append(_time_epoch(entry.program, seed, order))
    _compare(running)
    return entries


def _orders(n: int) -> Iterator[tuple[int, npt.NDArray[np.int64]]]:
    """Seeds, and the orders into which `random.shuffle` brings n examples epoch after epoch."""
    order = list(range(n))
    seed = 0
    while True:
        seed += 1
        random.seed(seed)
        random.shuffle(order)
        yield seed, np.array(order)


def _time_epoch(program: Program, seed: int, order: npt.NDArray[np.int64]) -> float:
    random.seed(seed)
    started = time.perf_counter()
    program.run_epoch(order)
    return time.perf_counter() - started


def _compare(entries: Sequence[Entry]) -> None:
    """Enter losses, and distances from the first program of all."""
    if not entries:
        return
    first_parameters = _flat(entries[0])
    for entry in entries:
        entry.loss = loss(entry.task, *entry.program.parameters())
        entry.loss_apart = abs(entry.loss - entries[0].loss) / entries[0].loss
        difference = np.max(np.abs(_flat(entry) - first_parameters))
        entry.weights_apart = float(difference / np.max(np.abs(first_parameters)))


def _flat(entry: Entry) -> npt.NDArray[np.float64]:
    weights, biases = entry.program.parameters()
    return np.concatenate([np.ravel(values).astype(np.float64) for values in weights + biases])


def loss(task: Task, weights: Arrays, biases: Arrays) -> float:
    """Regularised cross-entropy on all examples (the book's eq. 87), in float64."""
    total = 0.0
    for first in range(0, len(task.inputs), _ROWS_AT_A_TIME):
        rows = slice(first, first + _ROWS_AT_A_TIME)
        z: npt.NDArray[Any] = task.inputs[rows].astype(np.float64)
        for layer, (w, b) in enumerate(zip(weights, biases, strict=True)):
            a = z if layer == 0 else 1 / (1 + np.exp(-z))
            z = a @ w.T.astype(np.float64) + b.astype(np.float64).T
        total += float(np.sum(np.logaddexp(0, z) - task.targets[rows] * z))
    squares = sum(float(np.sum(w.astype(np.float64) ** 2)) for w in weights)
    return (total + 0.5 * task.lmbda * squares) / len(task.inputs)
