"""Context variables that own code reads: in threads they are the caller's, for each network."""

import contextvars
import decimal
from concurrent.futures import ThreadPoolExecutor

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
    assert "divide by zero" in rows[0].error


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
