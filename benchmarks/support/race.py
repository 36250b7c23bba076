"""The race: train the same network in every program, in turn, and compare the results."""

from __future__ import annotations

import importlib.util
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.programs.protocol import Arrays, Program, Task
from fastnn import Dataset, mnist_loader, reference

ETA, LMBDA = 0.1, 5.0  # chapter 5's

# How far a program may end from the first one: in the loss, relative to the first one's, and in
# weights and biases, relative to the largest. After fifteen thousand steps float64 programs differ
# by about 1e-13. float32 rounds 5e8 times more coarsely, and programs differ by about 1e-4.
_TOLERANCES = {"float64": 1e-9, "float32": 2e-3}

# Adam divides a mean of gradients by the root of a mean of their squares. For pixels that are
# hardly ever on, both are close to zero, and rounding errors grow a million times before they
# vanish again.
_TOLERANCES_WITH_ADAM = {"float64": 1e-6, "float32": 2e-3}

# Whether a rectified neuron learns from an example depends on the sign of z. Close to zero,
# rounding decides that sign: now and then a float32 network goes another way, and ends some per
# cent apart.
_TOLERANCES_WITH_RELU = {"float64": 1e-9, "float32": 0.1}

_ROWS_AT_A_TIME = 5000

_ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": np.tanh,
    "relu": lambda z: np.maximum(z, 0),
}

# The summed cost of several examples, one a row, from the weighted inputs z of the output layer.
_COSTS: dict[str, Callable[[Any, Any], float]] = {
    "cross-entropy": lambda z, y: float(np.sum(np.logaddexp(0, z) - y * z)),
    "log-likelihood": lambda z, y: float(
        np.sum(y * (np.logaddexp.reduce(z, axis=1, keepdims=True) - z))
    ),
}


@dataclass
class Entry:
    """One program with one dtype in the race, and its results."""

    program: Program
    task: Task
    first: float = float("nan")  # seconds of the warm-up epoch, with compiling
    seconds: list[float] = field(default_factory=list)  # of each epoch after that
    failure: str = ""
    loss: float = float("nan")
    loss_apart: float = float("nan")  # relative to the first program's
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
        """Median seconds of an epoch."""
        return float(np.median(self.seconds))

    @property
    def spread(self) -> str:
        """The shortest and the longest epoch, in milliseconds."""
        return f"{min(self.seconds) * 1e3:.1f} - {max(self.seconds) * 1e3:.1f}"

    @property
    def agrees(self) -> bool:
        """Whether the program ended where the first one did, within tolerance."""
        tolerance = tolerances(self.task)[self.dtype]
        return self.loss_apart <= tolerance and self.weights_apart <= tolerance


def tolerances(task: Task) -> dict[str, float]:
    """How far from the first program others may end, by dtype."""
    if task.optimizer == "adam":
        return _TOLERANCES_WITH_ADAM
    return _TOLERANCES_WITH_RELU if task.activation == "relu" else _TOLERANCES


def is_installed(program: type[Program]) -> bool:
    """Whether the program's library is there to import; it is not imported."""
    return importlib.util.find_spec(program.module) is not None


def make_tasks(
    sizes: Sequence[int],
    dtypes: Sequence[str],
    mini_batch_size: int,
    threads: int,
    examples: int | None = None,
    *,
    eta: float | None = None,
    **options: Any,
) -> list[Task]:
    """The same training for each dtype, on the first `examples` of MNIST's training data.

    Parameters
    ----------
    eta : float, optional
        Learning rate. By default one that suits the options.
    **options
        How the training differs from network2's: the optional fields of `Task`.
    """
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
                eta=_usual_eta(**options) if eta is None else eta,
                lmbda=LMBDA,
                data=data,
                inputs=data.inputs.astype(dtype),
                targets=np.eye(sizes[-1], dtype=dtype)[data.labels],
                weights=[w.astype(dtype) for w in start.weights],
                biases=[b.astype(dtype) for b in start.biases],
                threads=threads,
                **options,
            )
        )
    return tasks


def _usual_eta(optimizer: str = "sgd", momentum: float = 0.0, **others: Any) -> float:
    """The paper's eta for Adam, else chapter 5's, times 1 - mu.

    Momentum makes steps 1 / (1 - mu) times as long.
    """
    return 0.001 if optimizer == "adam" else ETA * (1.0 - momentum)


def run_race(programs: Sequence[type[Program]], tasks: Sequence[Task], repeats: int) -> list[Entry]:
    """Train in all programs in turn, one warm-up epoch and `repeats` timed ones each.

    Returns
    -------
    list of Entry
        One for each program and each dtype that it supports. A program does not race if it cannot
        do the task or if its library fails in the warm-up; `failure` says why.
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
        entry.failure = entry.program.unable(entry.task)
        if entry.failure:
            continue
        try:
            entry.program.prepare(entry.task)
            entry.first = _time_epoch(entry.program, seed, order)
        except Exception as error:  # a third-party library may raise anything
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
    """Yield a seed for each epoch, and the order into which `random.shuffle` brings n rows."""
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
    """Fill in the losses, and the distances from the first program."""
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
    """The task's regularised cost on all examples (the book's eq. 87), computed in float64."""
    activation, cost = _ACTIVATIONS[task.activation], _COSTS[task.cost]
    total = 0.0
    for first in range(0, len(task.inputs), _ROWS_AT_A_TIME):
        rows = slice(first, first + _ROWS_AT_A_TIME)
        z: npt.NDArray[Any] = task.inputs[rows].astype(np.float64)
        for layer, (w, b) in enumerate(zip(weights, biases, strict=True)):
            a = z if layer == 0 else activation(z)
            z = a @ w.T.astype(np.float64) + b.astype(np.float64).T
        total += cost(z, task.targets[rows])
    squares = sum(float(np.sum(w.astype(np.float64) ** 2)) for w in weights)
    return (total + 0.5 * task.lmbda * squares) / len(task.inputs)
