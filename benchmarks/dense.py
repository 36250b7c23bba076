"""fastnn on data without zeros, beside JAX and scikit-learn, and beside what a core can do.

Run as ``python -m benchmarks.dense``; ``--help`` lists the options. The first table is for ReLU,
softmax and Adam, an epoch a turn: milliseconds of fastnn, and how many times as long the others
take, with the aims beside them. Before the epoch that is timed each program rests, and trains for
one that is not. The second is for plain gradient descent: the share of the cores' peak of fused
multiply-adds over a whole epoch, gathering, activations and update included.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from benchmarks.programs.fastnn_sgd import FastnnSGD
from benchmarks.programs.jax_scan import JaxScan
from benchmarks.programs.protocol import Program, Task
from benchmarks.programs.sklearn_mlp import SklearnMLP
from benchmarks.support.arguments import DTYPES
from benchmarks.support.ceilings import fma_peak_of_all
from benchmarks.support.machine import Others
from benchmarks.support.race import is_installed
from benchmarks.support.threads import cores
from fastnn import Dataset, reference

# Seconds between two programs. The threads of a linear algebra library spin for a while when their
# work is done, and would take a core from the next program.
PAUSE = 0.2

WIDTHS = (128, 500, 512, 1000, 1024)
AIM_OF_ONE, AIM_OF_ALL = 85, 80  # per cent of the peak, on one core and on all


class Row(NamedTuple):
    """A shape of data and network that users have, and how many times as fast to be."""

    examples: int
    sizes: list[int]
    mini_batch_size: int
    jax: float
    sklearn: float


ROWS = (
    Row(150, [4, 10, 3], 10, 3.0, 10.0),
    Row(1797, [64, 100, 10], 32, 2.0, 10.0),
    Row(1797, [64, 100, 10], 200, 2.0, 6.0),
    Row(20_000, [20, 32, 32, 2], 32, 2.0, 10.0),
    Row(20_000, [20, 64, 64, 64, 2], 128, 2.0, 6.0),
    Row(20_000, [54, 128, 64, 7], 256, 2.0, 6.0),
    Row(5000, [784, 128, 10], 64, 2.0, 6.0),
    Row(5000, [784, 512, 512, 10], 128, 1.5, 2.5),
    Row(2000, [5000, 100, 4], 64, 2.0, 6.0),
    Row(5000, [784, 1024, 1024, 1024, 10], 256, 1.2, 1.8),
)


def task_of(
    examples: int, sizes: Sequence[int], mini_batch_size: int, dtype: str, **options: Any
) -> Task:
    """A task on normally distributed inputs with random labels."""
    rng = np.random.default_rng(1)
    inputs = rng.standard_normal((examples, sizes[0])).astype(dtype)
    labels = rng.integers(sizes[-1], size=examples)
    labels[: sizes[-1]] = np.arange(sizes[-1])  # each occurs
    np.random.seed(1)
    start = reference.Network(list(sizes))
    return Task(
        **{"sizes": list(sizes), "dtype": np.dtype(dtype), "mini_batch_size": mini_batch_size},
        **{"eta": 1e-3, "lmbda": 0.0, "data": Dataset(inputs, labels), "inputs": inputs},
        targets=np.eye(sizes[-1], dtype=dtype)[labels],
        weights=[w.astype(dtype) for w in start.weights],
        biases=[b.astype(dtype) for b in start.biases],
        **{"activation": "relu", "cost": "log-likelihood", **options},
    )


def race(programs: Sequence[Program], task: Task, repeats: int) -> list[float]:
    """The median seconds of an epoch of each program, which take turns; the first is not timed.

    In each turn an epoch goes before that brings code and data near: after a rest they are in no
    cache, which takes any program 0.5 to 1 ms.
    """
    rng = np.random.default_rng(2)
    seconds: npt.NDArray[np.float64] = np.zeros((repeats + 1, len(programs)))
    for program in programs:
        program.prepare(task)
    for turn in range(repeats + 1):
        order = rng.permutation(len(task.inputs))
        for place, program in enumerate(programs):
            time.sleep(PAUSE)
            program.run_epoch(order)
            started = time.perf_counter()
            program.run_epoch(order)
            seconds[turn, place] = time.perf_counter() - started
    medians: list[float] = np.median(seconds[1:], axis=0).tolist()
    return medians


def compare(row: Row, dtype: str, repeats: int, most_examples: int | None) -> str:
    """A line of the first table."""
    examples = min(row.examples, most_examples or row.examples)
    task = task_of(
        examples, row.sizes, row.mini_batch_size, dtype, threads=cores(), optimizer="adam"
    )
    others: list[type[Program]] = [p for p in (JaxScan, SklearnMLP) if is_installed(p)]
    fastnn, *rest = race([FastnnSGD(), *(program() for program in others)], task, repeats)
    line = f"{dtype:8} {examples:6} {row.sizes!s:28} {row.mini_batch_size:5} {fastnn * 1e3:9.2f}"
    for program, seconds in zip(others, rest, strict=True):
        aim = row.jax if program is JaxScan else row.sklearn
        mark = " " if seconds / fastnn >= aim else "*"
        line += f"   {seconds / fastnn:6.2f}{mark} {aim:5.1f}"
    return line


def share_of_peak(
    width: int, mini_batch_size: int, dtype: str, threads: int, peak: float, examples: int
) -> float:
    """Per cent of the peak that plain gradient descent on [784, width, width, 10] reaches.

    `peak` is that of all threads together.
    """
    sizes = [784, width, width, 10]
    task = task_of(examples, sizes, mini_batch_size, dtype, threads=threads, optimizer="sgd")
    (seconds,) = race([FastnnSGD()], task, 3)
    # Forward and update take a multiplication for each weight, and so does the way back, which ends
    # at the first layer.
    products = 3 * sum(a * b for a, b in pairwise(sizes)) - sizes[0] * sizes[1]
    return 100 * 2 * products * examples / seconds / peak


def main(argv: Sequence[str] | None = None) -> int:
    """Print both tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.dense", description=__doc__)
    parser.add_argument("--repeats", type=int, default=5, help="timed turns (5)")
    parser.add_argument("--examples", type=int, help="at most EXAMPLES of each data set (all)")
    parser.add_argument("--dtype", choices=DTYPES, help="only this one (both)")
    parser.add_argument("--rows", type=int, nargs="*", help="first table: only these, from 1 (all)")
    parser.add_argument("--mini-batch-size", type=int, default=128, help="second table (128)")
    parser.add_argument("--widths", type=int, nargs="*", default=WIDTHS, help="second table")
    arguments = parser.parse_args(argv)
    dtypes = DTYPES if arguments.dtype is None else (arguments.dtype,)
    others = Others()
    names = [program.name for program in (JaxScan, SklearnMLP) if is_installed(program)]
    print(
        f"{'dtype':8} {'n':>6} {'network':28} {'batch':>5} {'fastnn ms':>9}"
        + "".join(f"   {name + '/f':>7} {'aim':>5}" for name in names)
    )
    for dtype in dtypes:
        for number, row in enumerate(ROWS, 1):
            if arguments.rows is not None and number not in arguments.rows:
                continue
            print(compare(row, dtype, arguments.repeats, arguments.examples), flush=True)
    print("* below the aim")
    counts = sorted({1, cores()})
    print(f"\n{'dtype':8} {'width':>6}" + "".join(f"   {n} thread(s) %" for n in counts))
    for dtype in dtypes:
        peaks = {threads: fma_peak_of_all(dtype, threads) for threads in counts}
        for width in arguments.widths:
            shares = [
                share_of_peak(
                    *(width, arguments.mini_batch_size, dtype, threads, peaks[threads]),
                    examples=min(5120, arguments.examples or 5120),
                )
                for threads in counts
            ]
            print(f"{dtype:8} {width:6}" + "".join(f"   {share:13.1f}" for share in shares))
        found = ", ".join(f"{peak / 1e9:.0f} with {n}" for n, peak in peaks.items())
        print(f"{dtype:8}   peak: {found} thread(s), GFLOP/s")
    print(f"aims: {AIM_OF_ONE} % of one core, {AIM_OF_ALL} % of all, from mini-batches of 64 on")
    share = others.share()
    if share is not None:
        print(f"other programs took {100 * share:.0f} % of all cores meanwhile")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
