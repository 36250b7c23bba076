"""One copy of the data for all networks of a process."""

import pickle
import time
from concurrent.futures import Executor, Future, ThreadPoolExecutor

from builders import digits
from small_sweeps import results_of, sweep
from sweep_schedules import SIZES

from fastnn.sweeps import sharing


def test_the_data_are_prepared_once_for_all_threads(monkeypatch):
    made = []
    prepare = sharing.kernel_inputs

    def noting(store, dtype):
        if "sparse" not in store.prepared:
            made.append(len(store.inputs))
            time.sleep(0.05)  # in which another thread would begin the same
        return prepare(store, dtype)

    monkeypatch.setattr(sharing, "kernel_inputs", noting)
    with ThreadPoolExecutor(3) as threads:
        sweep(seeds=range(6), executor=threads)
    assert sorted(made) == [30, 60]


class Inline(Executor):
    """Does everything at once, in copies as another process would have them."""

    def __init__(self):
        self.sent = []

    def submit(self, function, /, *arguments, **options):
        content = pickle.dumps(arguments)
        self.sent.append(len(content))
        future = Future()
        future.set_result(function(*pickle.loads(content), **options))
        return future


def test_an_executor_gets_the_name_of_the_data_and_a_process_reads_them_once():
    reads = sharing._read.cache_info().misses
    executor = Inline()
    data = digits(5000, SIZES[0], SIZES[-1], seed=1)
    rows = sweep(seeds=range(5), data=data, executor=executor)
    assert results_of(rows) == results_of(sweep(seeds=range(5), data=data))
    assert len(executor.sent) == 5
    assert max(executor.sent) < 5000
    assert sharing._read.cache_info().misses == reads + 1
