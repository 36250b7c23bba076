"""Values of contexts and of threads that own code reads: who has them, and what knows them."""

import contextvars
import decimal
import multiprocessing
import sys
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pytest
from small_sweeps import alone, results_of, sweep

RATE = contextvars.ContextVar("rate", default=1.0)


@pytest.fixture
def rate():
    """The context variable RATE, which has its default again after the test."""
    token = RATE.set(RATE.get())
    yield RATE
    RATE.reset(token)


def by_the_context(epoch):
    return RATE.get()


def costs_of(rows):
    return [row.error or row.history.training_cost for row in rows]


@pytest.mark.parametrize("own_executor", [False, True], ids=["default", "threads of the user's"])
def test_networks_in_threads_have_the_context_of_the_call(rate, own_executor):
    settings = {"schedule": by_the_context, "monitor_training_cost": True}
    with ThreadPoolExecutor(2) as pool:
        pool.submit(int).result()  # a thread that is older than the value
        rate.set(0.25)
        rows = sweep(executor=pool if own_executor else None, **settings)
    assert costs_of(rows) == [alone(seed, **settings)[1].training_cost for seed in (1, 2)]


def test_an_initializer_of_a_thread_pool_has_its_say():
    settings = {"schedule": by_the_context, "monitor_training_cost": True}
    with ThreadPoolExecutor(2, initializer=lambda: RATE.set(0.25)) as pool:
        of_pool = costs_of(sweep(executor=pool, **settings))
    context = contextvars.copy_context()
    context.run(RATE.set, 0.25)
    assert of_pool == context.run(lambda: costs_of(sweep(**settings)))
    assert of_pool != costs_of(sweep(**settings))


def test_the_precision_of_decimals_is_that_of_the_call():
    def schedule(epoch):
        return float(decimal.Decimal(2) / decimal.Decimal(3))

    settings = {"schedule": schedule, "monitor_training_cost": True}
    with decimal.localcontext() as context:
        context.prec = 1
        assert costs_of(sweep([1], **settings)) == [alone(1, **settings)[1].training_cost]


@pytest.mark.skipif(np.lib.NumpyVersion(np.__version__) < "2.0.0", reason="it belongs to a thread")
def test_what_numpy_does_with_errors_of_numbers_is_that_of_the_call():
    def schedule(epoch):
        return float(np.log(np.zeros(1))[0] * 0 + 1)

    with np.errstate(divide="raise"):
        rows = sweep([1], schedule=schedule)
    assert rows[0].error.startswith("FloatingPointError: divide by zero")


def test_what_a_network_sets_in_its_context_is_not_for_the_next():
    def fading(epoch):
        RATE.set(RATE.get() / 2)
        return RATE.get()

    with ThreadPoolExecutor(1) as pool:
        together = sweep(range(6), schedule=fading, executor=pool)
    assert results_of(together) == [
        *results_of(sweep([seed], schedule=fading)[0] for seed in range(6))
    ]
    assert RATE.get() == 1.0


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # is multi-threaded
def test_a_worker_with_another_value_in_its_context_trains_nothing(forked, rate):
    assert results_of(sweep(executor=forked, schedule=by_the_context)) == results_of(
        sweep(schedule=by_the_context)
    )
    rate.set(0.25)
    for row in sweep(executor=forked, schedule=by_the_context):
        assert "the worker has other code of schedule than the caller" in row.error
        assert "context variable" in row.error
        assert row.history is None


@pytest.mark.skipif(sys.platform != "linux", reason="processes do not fork here")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_an_initializer_may_set_the_value_in_workers(rate):
    rate.set(0.25)
    fork = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(1, fork, RATE.set, (0.25,)) as pool:
        rows = sweep(executor=pool, schedule=by_the_context)
    assert results_of(rows) == results_of(sweep(schedule=by_the_context))


def test_a_results_file_knows_the_value_in_the_context(tmp_path, trained, rate):
    file = tmp_path / "sweep.jsonl"
    sweep(results=file, grid={"schedule": [by_the_context]})
    rate.set(0.25)
    rows = sweep(results=file, grid={"schedule": [by_the_context]})
    assert len(trained) == 4
    assert results_of(rows) != results_of(sweep(grid={"schedule": [lambda epoch: 1.0]}))
    rate.set(1.0)
    sweep(results=file, grid={"schedule": [by_the_context]})
    assert len(trained) == 6


class OfThread(threading.local):
    def __init__(self, rate):
        self.rate = rate


def by_the_thread(local):
    return lambda epoch: local.rate


def test_a_results_file_knows_what_each_thread_begins_with(tmp_path, trained):
    file, local = tmp_path / "sweep.jsonl", OfThread(0.5)
    sweep(results=file, schedule=by_the_thread(local))
    local.rate = 0.25  # in this thread, where no network is trained
    sweep(results=file, schedule=by_the_thread(local))
    assert len(trained) == 2
    with pytest.raises(ValueError, match="not of this sweep: schedule is"):
        sweep(results=file, schedule=by_the_thread(OfThread(0.25)))
