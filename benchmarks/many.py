"""Time many networks at once, on one core and on all, beside JAX's vmap, and what executors add.

Run as ``python -m benchmarks.many``; ``--help`` lists the options.
"""

from __future__ import annotations

import argparse
import importlib.util
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.programs.protocol import Task
from benchmarks.support.arguments import DTYPES
from benchmarks.support.machine import describe_machine
from benchmarks.support.race import make_tasks
from benchmarks.support.threads import cores, limit_threads
from fastnn import Dataset, reference, train_many
from fastnn.sweeps import Sweep

SIZES, MINI_BATCH_SIZE = [784, 30, 10], 10


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print."""
    arguments = _parser().parse_args(argv)
    limit_threads(1)  # inside the libraries; `train_many` gets threads of its own
    print(*throughput(arguments.networks, arguments.examples, arguments.repeats), sep="\n")
    print()
    print(*overhead(arguments.tasks), sep="\n")
    print()
    if arguments.adaptive:
        print(*adaptive(arguments.adaptive), sep="\n")
        print()
    print(*describe_machine(), sep="\n")
    return 0


def throughput(networks: int, examples: int | None, repeats: int) -> list[str]:
    """The table of milliseconds that a network takes for an epoch, as lines of text."""
    lines = [
        f"{networks} networks {SIZES}, mini-batch {MINI_BATCH_SIZE}: milliseconds a network and "
        f"epoch, best of {repeats}",
        f"{'program':16}{'dtype':9}{'threads':>8}{'ms':>9}{'/fastnn':>9}",
    ]
    for task in make_tasks(SIZES, DTYPES, MINI_BATCH_SIZE, 1, examples):
        times = {
            ("fastnn", threads): _best_of(repeats, _fastnn_epochs(task, networks, threads))
            for threads in sorted({1, cores()})
        }
        fastest = min(times.values())
        if importlib.util.find_spec("jax"):
            times["jax.vmap", cores()] = _best_of(repeats, _jax_epochs(task, networks))
        for (name, threads), seconds in times.items():
            lines.append(
                f"{name:16}{task.dtype.name:9}{threads:8}{seconds / networks * 1e3:9.1f}"
                f"{seconds / fastest:9.2f}"
            )
    return lines


def _best_of(repeats: int, run: Callable[[], object]) -> float:
    """Seconds of the fastest call. A first one, in which programs compile, does not count."""
    run()
    seconds = []
    for _ in range(repeats):
        started = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - started)
    return min(seconds)


def _fastnn_epochs(task: Task, networks: int, threads: int) -> Callable[[], object]:
    def run() -> None:
        with ThreadPoolExecutor(threads) as executor:
            train_many(
                task.sizes,
                task.data,
                seeds=range(networks),
                epochs=1,
                mini_batch_size=task.mini_batch_size,
                eta=task.eta,
                lmbda=task.lmbda,
                dtype=task.dtype,
                executor=executor,
                progress=False,
            )

    return run


def _jax_epochs(task: Task, networks: int) -> Callable[[], object]:
    """All networks in one compiled epoch; each has its own weights and its own order."""
    import jax

    from benchmarks.programs.jax_scan import epoch_of

    jax.config.update("jax_enable_x64", True)
    starts = []
    for seed in range(networks):
        np.random.seed(seed)
        starts.append(reference.Network(task.sizes))
    parameters = [
        (
            jax.numpy.asarray(np.stack([net.weights[i].T for net in starts]).astype(task.dtype)),
            jax.numpy.asarray(np.stack([net.biases[i][:, 0] for net in starts]).astype(task.dtype)),
        )
        for i in range(len(task.sizes) - 1)
    ]
    inputs, targets = jax.numpy.asarray(task.inputs), jax.numpy.asarray(task.targets)
    epoch = jax.jit(jax.vmap(epoch_of(task), in_axes=(0, None, None, 0)))
    rng = np.random.default_rng(1)

    def run() -> None:
        orders = [rng.permutation(len(task.inputs)).astype(np.int32) for _ in range(networks)]
        jax.block_until_ready(epoch(parameters, inputs, targets, np.stack(orders)))

    return run


def overhead(tasks: int) -> list[str]:
    """The table of what an executor adds to each network: how long networks without work take."""
    lines = [
        f"{tasks} networks [1, 1] on 10 examples: milliseconds a network",
        f"{'executor':24}{'ms':>9}",
    ]
    for name, opened in _executors().items():
        with opened() as executor:
            run = partial(_without_work, tasks, executor)
            lines.append(f"{name:24}{_best_of(3, run) / tasks * 1e3:9.2f}")
    return lines


def _without_work(networks: int, executor: Executor) -> Sweep:
    data = Dataset(np.ones((10, 1)), np.zeros(10, np.int64), classes=1)
    return train_many(
        [1, 1], data, seeds=range(networks), epochs=1, mini_batch_size=10, eta=0.1,
        executor=executor, progress=False,
    )  # fmt: skip


def adaptive(networks: int, sweeps: int = 3) -> list[str]:
    """The table of sweeps on a cluster of dask that has no worker yet and wants 2 to 8.

    The sweeps run in a process of their own, so that the memory is that of the scheduler alone.
    """
    from distributed import LocalCluster

    lines = [
        f"{networks} networks [1, 1] on 10 examples, dask with 2 to 8 workers, one sweep after the "
        "other: what the scheduler holds",
        f"{'rows':>6}{'seconds':>9}{'ms':>7}{'workers':>9}{'MB before':>11}{'most':>7}{'after':>7}",
    ]
    spawn = multiprocessing.get_context("spawn")
    with LocalCluster(
        n_workers=0, threads_per_worker=1, processes=True, dashboard_address=":0"
    ) as cluster:
        cluster.adapt(minimum=2, maximum=8)
        for _ in range(sweeps):
            ours, theirs = spawn.Pipe()
            caller = spawn.Process(
                target=_sweep_on_cluster, args=(cluster.scheduler_address, networks, theirs)
            )
            caller.start()
            ours.recv()  # it has loaded fastnn
            megabytes, workers = [_megabytes()], [0]
            started = time.perf_counter()
            while not ours.poll(0.1):
                megabytes.append(_megabytes())
                workers.append(len(cluster.scheduler.workers))
            seconds = time.perf_counter() - started
            lines.append(
                f"{ours.recv():6}{seconds:9.1f}{seconds / networks * 1e3:7.2f}{max(workers):9}"
                f"{megabytes[0]:11.0f}{max(megabytes):7.0f}{_megabytes():7.0f}"
            )
            caller.join()
    return lines


def _sweep_on_cluster(address: str, networks: int, pipe: Any) -> None:
    from distributed import Client

    with Client(address) as client:
        pipe.send(None)
        sweep = _without_work(networks, client.get_executor())
        pipe.send(len(sweep) - len(sweep.failed))


def _megabytes() -> float:
    """Return the memory of this process that is not shared with files, in megabytes."""
    pages = Path("/proc/self/statm").read_text().split()
    return (int(pages[1]) - int(pages[2])) * os.sysconf("SC_PAGE_SIZE") / 2**20


def _executors() -> dict[str, Callable[[], AbstractContextManager[Executor]]]:
    spawn = multiprocessing.get_context("spawn")
    executors: dict[str, Callable[[], AbstractContextManager[Executor]]] = {
        "one thread": lambda: ThreadPoolExecutor(1),
        f"{cores()} threads": lambda: ThreadPoolExecutor(cores()),
        f"{cores()} processes": lambda: ProcessPoolExecutor(cores(), mp_context=spawn),
    }
    if importlib.util.find_spec("distributed"):
        executors[f"dask, {cores()} processes"] = _dask
    return executors


@contextmanager
def _dask() -> Iterator[Executor]:
    from distributed import Client, LocalCluster

    with (
        LocalCluster(
            n_workers=cores(), threads_per_worker=1, processes=True, dashboard_address=":0"
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client.get_executor()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.many",
        description=__doc__,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--networks", type=int, default=32, help="networks to train together")
    parser.add_argument("--examples", type=int, help="train on the first EXAMPLES; None for all")
    parser.add_argument("--repeats", type=int, default=3, help="timed epochs of each program")
    parser.add_argument("--tasks", type=int, default=500, help="networks without work")
    parser.add_argument(
        "--adaptive", type=int, default=0, help="networks on a cluster of dask that grows (Linux)"
    )
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
