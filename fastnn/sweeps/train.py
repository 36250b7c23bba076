"""`train_many`: hand networks out to an executor and collect their results."""

from __future__ import annotations

import os
import signal
import warnings
from _thread import start_new_thread
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from contextvars import copy_context
from functools import partial
from queue import Empty, SimpleQueue
from threading import current_thread, main_thread
from typing import Any, TypeVar, cast

from fastnn.common.checks import check_seeds, describe
from fastnn.common.processors import threads_available
from fastnn.datasets.dataset import as_dataset
from fastnn.sweeps.collection import Collection
from fastnn.sweeps.dispatch import Dispatch
from fastnn.sweeps.executors import workers_of
from fastnn.sweeps.grid import Grid, Point, points_of
from fastnn.sweeps.progress import SweepProgress
from fastnn.sweeps.results import ResultsFile
from fastnn.sweeps.sharing import SweepData
from fastnn.sweeps.table import Sweep
from fastnn.sweeps.worker import Task

Result = TypeVar("Result")
Problem = TypeVar("Problem", bound=BaseException)

_HEAR_SIGNALS = 0.5  # seconds; Windows hears Ctrl-C only between two waits


class SweepInterrupted(KeyboardInterrupt):
    """Ctrl-C in a sweep; `sweep` has those of its `networks` that were done by then."""

    def __init__(self, sweep: Sweep, networks: int) -> None:
        super().__init__(f"{len(sweep)} of {networks} networks are done, see .sweep")
        self.sweep, self.networks = sweep, networks

    def __reduce__(self) -> tuple[Any, ...]:
        """Go through pickle with what it was made of, and not with its words."""
        return type(self), (self.sweep, self.networks)


def with_sweep(problem: Problem, sweep: Sweep) -> Problem:
    """Return what ended a sweep, with the rows that are done as its attribute `sweep`."""
    vars(problem)["sweep"] = sweep
    return problem


def train_many(
    sizes: Sequence[int] | None,
    training_data: Iterable[tuple[Any, Any]],
    *,
    seeds: Iterable[int] = range(100),
    grid: Grid | None = None,
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
    sizes : sequence of int or None
        Neurons per layer, inputs first; None where the grid has them.
    training_data : Dataset or iterable of (x, y)
        One copy serves all networks of a process.
    seeds : iterable of int, optional
        One network for each, at every point of the grid.
    grid : dict of str to sequence, or list of dict, optional
        Values to try, for any of the settings here and below, which are then left out there; all
        combinations are trained. Or a list of the points to try: a setting that
        only some of them have is that of the argument of the same name, or its default, at the
        others.
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
        was interrupted. Any number of processes may make this call with one file at the same time:
        they share the networks, and each returns the whole table. Needs filelock.
    keep_networks : bool, optional
        Keep the trained networks in the rows.
    progress : bool, optional
        Show on stderr how far the sweep is: a bar on a terminal, if tqdm is installed, else lines.
    **settings
        Other arguments of `Network` and `SGD`, such as `activation`, `dtype`, `momentum` or
        `monitor_training_cost`; but not `callback`, `checkpoint`, `generator`, `sample_weight`,
        `seed`, `threads` and `verbose`.

    Returns
    -------
    Sweep
        A row for each network. If one fails, its row has the error, and the others go on.

    Raises
    ------
    ImportError
        If there are `results`, and filelock is not installed.
    TypeError, ValueError
        If an argument is not as above, or wrong at a point of the grid; or if `results` is the file
        of another sweep. Nothing has then been trained.
    OSError
        If `results` cannot be read or written. Once networks are being trained, the rest of them
        is trained first; so it is, with a ValueError, if somebody puts another file in its place.
    SweepInterrupted
        At Ctrl-C: a KeyboardInterrupt with the rows done so far. Every other error that ends
        training has them too, as `sweep`.

    Warns
    -----
    RuntimeWarning
        If an executor lost networks with its workers; or if lines of `results` are damaged, or of
        another sweep: their networks are trained again.
    """
    if executor is not None and not isinstance(executor, Executor):
        raise TypeError(
            "executor must be a concurrent.futures.Executor, or None for threads, "
            f"got {describe(executor)}"
        )
    if results is not None and keep_networks:
        raise ValueError("keep_networks is not for a sweep with results: the file holds none")
    with _noting_interrupts() as heard:
        data = SweepData(
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
        file, stopped = None, SimpleQueue[None]()
        if results is not None:
            read = partial(_results_file, results, points[0], data, stopped)
            file = _out_of_reach(read, heard, stopped)
            file.warn_of_damage(stacklevel=2)
        collection = Collection(networks, len(data.evaluation or ()), file)
        is_here = executor is None or isinstance(executor, ThreadPoolExecutor)
        tasks = {
            place: Task(
                seed, point.network, point.options, keep_networks, {} if is_here else point.code
            )
            for place, (point, seed) in enumerate(networks)
            if place not in collection.rows
        }
        if progress:
            collection.shown = SweepProgress(len(networks), len(collection.rows))
        try:
            if tasks:
                _train(tasks, data, executor, collection, heard, stopped)
        except KeyboardInterrupt:
            raise SweepInterrupted(collection.sweep(), len(networks)) from None
        except BaseException as problem:
            raise with_sweep(problem, collection.sweep()) from problem.__cause__
        finally:
            if collection.shown is not None:
                collection.shown.close()
        if collection.lost:
            warnings.warn(
                f"{collection.lost} of {len(networks)} networks were lost with their workers or "
                "could not be sent to them; their rows say why. Call train_many again, with an "
                "executor that works: with the same results file it trains only these",
                RuntimeWarning,
                stacklevel=2,
            )
        return collection.sweep()


def _results_file(
    filename: Any, point: Point, data: SweepData, stopped: SimpleQueue[None]
) -> ResultsFile:
    fixed = {name: value for name, value in point.settings.items() if name not in point.varied}
    return ResultsFile(filename, fixed, list(point.varied), data, stopped)


@contextmanager
def _noting_interrupts() -> Iterator[list[int]]:
    """Note each Ctrl-C while the block runs, in the list that it gets.

    Python drops one that comes while garbage is collected, which takes its time beside dask.
    """
    heard: list[int] = []

    def note(number: int, frame: Any) -> None:
        heard.append(number)
        signal.default_int_handler(number, frame)

    if not (current_thread() is main_thread() and _ctrl_c_interrupts()):
        yield heard
        return
    signal.signal(signal.SIGINT, note)
    try:
        yield heard
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _ctrl_c_interrupts() -> bool:
    return signal.getsignal(signal.SIGINT) is signal.default_int_handler


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
    tasks: Mapping[int, Task],
    data: SweepData,
    executor: Executor | None,
    collection: Collection,
    heard: list[int],
    stopped: SimpleQueue[None],
) -> None:
    """Train, and after Ctrl-C end what is being trained."""

    def work() -> None:
        with collection.kept(), _executor(executor, len(tasks)) as given:
            workers = workers_of(given, data)
            try:
                Dispatch(tasks, workers, collection).run(stopped)
            finally:
                workers.close()
            collection.write_rest()

    _out_of_reach(work, heard, stopped)


def _out_of_reach(
    work: Callable[[], Result], heard: list[int], stopped: SimpleQueue[None]
) -> Result:
    """Work in a thread of its own, to which Ctrl-C does not come, and wait for its end.

    Executors, their futures and locks of files are written in Python: a signal that raises inside
    them may leave a lock taken for ever. All that a signal can hit here is the waiting; by what is
    then put into `stopped`, the work knows that it is to end soon.
    """
    outcome: list[tuple[Any, BaseException | None]] = []
    ended: SimpleQueue[None] = SimpleQueue()  # a signal may come when one has been taken from it

    def tell() -> None:
        try:
            outcome.append((work(), None))
        except BaseException as problem:
            outcome.append((None, problem))
        ended.put(None)

    def wait(heard: list[int]) -> None:
        while not outcome:
            if heard:  # Python dropped the signal; otherwise we would not be here
                raise KeyboardInterrupt
            with suppress(Empty):
                ended.get(timeout=_HEAR_SIGNALS)

    run = copy_context().run
    try:
        start_new_thread(run, (tell,))  # no signal comes between the two
        wait(heard)
    except BaseException:
        stopped.put(None)
        wait([])
        raise
    result, problem = outcome[0]
    if problem is not None:
        raise problem
    return cast(Result, result)
