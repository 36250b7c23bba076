"""`train_many`: hand networks out to an executor and collect their results."""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import (
    BrokenExecutor,
    Executor,
    Future,
    ThreadPoolExecutor,
    as_completed,
)
from concurrent.futures import TimeoutError as StillRunning
from contextlib import contextmanager, suppress
from typing import Any

from fastnn.common.checks import check_seeds, describe
from fastnn.common.processors import threads_available
from fastnn.datasets.dataset import as_dataset
from fastnn.sweeps.collection import Collection
from fastnn.sweeps.grid import Point, points_of
from fastnn.sweeps.results import ResultsFile
from fastnn.sweeps.sharing import Data, is_lost, shared_data
from fastnn.sweeps.table import Sweep
from fastnn.sweeps.worker import Outcome, Task, train_network
from fastnn.training.progress import SweepProgress

ATTEMPTS = 3  # how often a network is sent out before its executor has cancelled it for good
_LOOK_AGAIN = 1.0  # seconds after which to see whether the data are still there


class SweepInterrupted(KeyboardInterrupt):
    """Ctrl-C in a sweep; `sweep` has the networks that were done by then."""

    def __init__(self, sweep: Sweep, networks: int) -> None:
        super().__init__(f"{len(sweep)} of {networks} networks are done, see .sweep")
        self.sweep = sweep


def train_many(
    sizes: Sequence[int],
    training_data: Iterable[tuple[Any, Any]],
    *,
    seeds: Iterable[int] = range(100),
    grid: Mapping[str, Sequence[Any]] | None = None,
    epochs: int | None = None,
    mini_batch_size: int | None = None,
    eta: float | None = None,
    lmbda: float = 0.0,
    evaluation_data: Iterable[tuple[Any, Any]] | None = None,
    speed_data: Iterable[tuple[Any, Any]] | None = None,
    executor: Executor | None = None,
    results: str | os.PathLike[str] | None = None,
    keep_networks: bool = False,
    progress: bool = True,
    **settings: Any,
) -> Sweep:
    """Train independent networks side by side, one for each seed and point of a grid.

    Each ends with the bits that it would have alone, after ``numpy.random.seed(seed)`` and
    ``random.seed(seed)``. The global generators and the order of the data stay as they are.

    Parameters
    ----------
    sizes : sequence of int
        Neurons per layer, inputs first.
    training_data : Dataset or iterable of (x, y)
        One copy serves all networks of a process.
    seeds : iterable of int, optional
        One network for each, at every point of the grid.
    grid : dict of str to sequence, optional
        Values to try, for any of the settings here and below; all combinations are trained. They
        take the place of an argument of the same name.
    epochs, mini_batch_size, eta, lmbda
        As for `Network.SGD`. All but `lmbda` must be given here or in the grid.
    evaluation_data, speed_data : Dataset or iterable, optional
        As for `Network.SGD`. With `evaluation_data`, ``monitor_evaluation_accuracy`` is on by
        default.
    executor : concurrent.futures.Executor, optional
        Who does the work: by default as many threads as there are processors; or a
        `ProcessPoolExecutor`, the `get_executor()` of a `dask.distributed.Client`, and so on. It is
        not shut down.
    results : str or path-like, optional
        A file to which each network's row is added, as a line of JSON, as soon as it is trained.
        What is in it already is not trained again, so that the same call goes on with a sweep that
        was interrupted.
    keep_networks : bool, optional
        Keep the trained networks in the rows.
    progress : bool, optional
        Show on stderr how far the sweep is: a bar on a terminal, if tqdm is installed, else lines.
    **settings
        Other arguments of `Network` and `SGD`, such as `activation`, `dtype`, `momentum` or
        `monitor_training_cost`.

    Returns
    -------
    Sweep
        A row for each network. If one fails, its row has the error, and the others go on.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as above, or wrong at a point of the grid; or if `results` is the file
        of another sweep. Nothing has then been trained.
    OSError
        If `results` cannot be read or written.
    SweepInterrupted
        At Ctrl-C: a KeyboardInterrupt with the rows done so far.

    Warns
    -----
    RuntimeWarning
        If an executor lost networks with its workers.
    """
    if executor is not None and not isinstance(executor, Executor):
        raise TypeError(
            "executor must be a concurrent.futures.Executor, or None for threads, "
            f"got {describe(executor)}"
        )
    if results is not None and keep_networks:
        raise ValueError("keep_networks is not for a sweep with results: the file holds none")
    data = Data(
        as_dataset("training_data", training_data)[:],
        None if evaluation_data is None else as_dataset("evaluation_data", evaluation_data)[:],
        None if speed_data is None else as_dataset("speed_data", speed_data)[:],
    )
    settings |= {
        **{"sizes": sizes, "epochs": epochs, "mini_batch_size": mini_batch_size},
        **{"eta": eta, "lmbda": lmbda},
    }
    chosen = check_seeds(seeds)
    points = points_of(settings, grid, data)
    networks = [(point, seed) for point in points for seed in chosen]
    file = None if results is None else _results_file(results, points[0], data)
    collection = Collection(networks, len(data.evaluation or ()), file)
    tasks = {
        place: Task(seed, point.network, point.options, keep_networks)
        for place, (point, seed) in enumerate(networks)
        if place not in collection.rows
    }
    if progress:
        collection.shown = SweepProgress(len(networks), len(collection.rows))
    try:
        if tasks:
            with _executor(executor, len(tasks)) as workers:
                _train(tasks, data, workers, collection)
    except KeyboardInterrupt:
        raise SweepInterrupted(collection.sweep(), len(networks)) from None
    finally:
        if collection.shown is not None:
            collection.shown.close()
    if collection.lost:
        warnings.warn(
            f"{collection.lost} of {len(networks)} networks were lost with their workers or could "
            "not be sent to them; their rows say why. Call train_many again, with an executor that "
            "works: with the same results file it trains only these",
            RuntimeWarning,
            stacklevel=2,
        )
    return collection.sweep()


def _results_file(filename: Any, point: Point, data: Data) -> ResultsFile:
    fixed = {name: value for name, value in point.settings.items() if name not in point.varied}
    return ResultsFile(filename, fixed, list(point.varied), data)


@contextmanager
def _executor(executor: Executor | None, networks: int) -> Iterator[Executor]:
    """Yield the caller's executor, which stays open, or threads for the time of the sweep."""
    if executor is not None:
        yield executor
        return
    threads = max(1, min(threads_available(), networks))
    with ThreadPoolExecutor(threads, thread_name_prefix="fastnn-sweep") as own:
        yield own


def _train(
    tasks: Mapping[int, Task], data: Data, executor: Executor, collection: Collection
) -> None:
    """Train; networks whose data are lost, because all workers died, are sent out again."""
    for attempts_left in reversed(range(ATTEMPTS)):
        cancelled = _attempt(tasks, data, executor, collection, again=attempts_left > 0)
        tasks = {place: tasks[place] for place in cancelled}
        if not tasks:
            return


def _attempt(
    tasks: Mapping[int, Task], data: Data, executor: Executor, collection: Collection, again: bool
) -> list[int]:
    """Train; when interrupted, stop as soon as possible and collect the networks that are done.

    With `again`, return the places of networks that the executor cancelled, and do not collect
    them.
    """
    cancelled = []
    places: dict[Future[Outcome], int] = {}
    stop = threading.Event()
    # Only threads can see the event; processes finish the networks that they have begun.
    event = (stop,) if isinstance(executor, ThreadPoolExecutor) else ()
    with shared_data(data, executor) as reference:
        try:
            for place, task in tasks.items():
                places[_submit(executor, task, reference, *event)] = place
            for future in _completed(places, reference):
                if again and future.cancelled():
                    cancelled.append(places[future])
                else:
                    collection.collect(places[future], future)
        except KeyboardInterrupt:
            for future, place in places.items():
                if place not in collection.rows and _has_result(future):
                    collection.collect(place, future)
            raise
        finally:
            stop.set()
            for future in places:
                future.cancel()
    return cancelled


def _completed(futures: Iterable[Future[Outcome]], reference: Any) -> Iterator[Future[Outcome]]:
    """Yield futures as `as_completed` does; once the data are lost, cancel and yield the rest.

    When its workers die, dask never completes futures whose results it was just fetching.
    """
    pending = set(futures)
    while pending and not is_lost(reference):
        with suppress(StillRunning):
            for future in as_completed(pending, timeout=_LOOK_AGAIN):
                pending.remove(future)
                yield future
    for future in pending:
        future.cancel()
        yield future


def _has_result(future: Future[Outcome]) -> bool:
    return future.done() and not future.cancelled() and future.exception() is None


def _submit(executor: Executor, *arguments: Any) -> Future[Outcome]:
    try:
        return executor.submit(train_network, *arguments)
    except BrokenExecutor as problem:  # its workers died before it had all tasks
        future: Future[Outcome] = Future()
        future.set_exception(problem)
        return future
