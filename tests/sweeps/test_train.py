"""Many networks at once: the bits of each alone, Ctrl-C, and nothing lost on the way."""

import pickle
import random
import signal
import sys
import time
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
import sweep_schedules
from builders import assert_same_bits, leaky_by_table, state_of_numpy
from interrupting import in_time, interrupted
from refusals import assert_refused
from small_sweeps import alone, results_of, sweep
from sweep_schedules import training_data

from fastnn import Dataset, LogLikelihoodCost
from fastnn.sweeps import SweepInterrupted, dispatch
from fastnn.sweeps.worker import train_batch

# --- each network -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("network", "training"),
    [
        ({}, {}),
        ({"activation": "tanh", "initializer": "glorot"}, {"momentum": 0.9, "dropout": 0.3}),
        ({"cost": LogLikelihoodCost, "initializer": "he"}, {"optimizer": "adam", "eta": 0.01}),
        ({"dtype": np.float32, "initializer": "large"}, {"early_stopping_n": 1}),
    ],
    ids=["plain", "tanh", "adam", "float32"],
)
def test_each_network_has_the_bits_that_it_has_alone(network, training):
    rows = sweep(seeds=[3, 1, 4], keep_networks=True, **network, **training)
    for row, seed in zip(rows, [3, 1, 4], strict=True):
        net, history = alone(seed, network, **training)
        assert row.seed == seed
        assert_same_bits(row.network, net)
        assert tuple(row.history) == tuple(history)


class Leaky:
    """An activation that remembers how often it was asked."""

    def __init__(self):
        self.calls = 0

    def fn(self, z):
        self.calls += 1
        return z * (1.0 if z > 0 else 1.0 / self.calls)

    def prime(self, z):
        return 1.0 if z > 0 else 1.0 / self.calls


@pytest.mark.filterwarnings("ignore:activation .*Leaky.* cannot be compiled")
@pytest.mark.parametrize("make", [leaky_by_table, Leaky])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_networks_with_an_activation_of_python_have_the_bits_that_they_have_alone(dtype, make):
    network = {"activation": make(), "dtype": dtype}
    rows = sweep(seeds=range(3), keep_networks=True, grid={"lmbda": [0.1]}, **network)
    with ThreadPoolExecutor(3) as threads:
        again = sweep(seeds=range(3), executor=threads, grid={"lmbda": [0.1]}, **network)
    assert results_of(rows) == results_of(again)
    for row in rows:
        net, history = alone(row.seed, {**network, "activation": make()})
        assert_same_bits(row.network, net)
        assert tuple(row.history) == tuple(history)


def test_one_warning_says_why_networks_are_trained_in_python():
    with pytest.warns(RuntimeWarning, match="Leaky cannot be compiled.*reads slopes") as said:
        sweep(seeds=range(3), activation=leaky_by_table())
    assert len(said) == 1


@pytest.mark.filterwarnings("ignore:activation .*Leaky.* cannot be compiled")
def test_what_python_cannot_do_with_such_an_activation_is_refused_by_name(trained):
    grid = {"activation": ["tanh", leaky_by_table()], "momentum": [0.0, 0.5]}
    assert_refused(lambda: sweep(grid=grid), ValueError, "momentum= ", "the activation Leaky")
    assert not trained


def test_generators_and_data_stay_as_they_are():
    data = training_data()
    order = [id(example) for example in data]
    arrays = Dataset.from_pairs(data)
    before = random.getstate(), state_of_numpy()
    sweep(data=data)
    sweep(data=arrays)
    assert (random.getstate(), state_of_numpy()) == before
    assert [id(example) for example in data] == order
    np.testing.assert_array_equal(arrays.order, np.arange(len(data)))


# --- interruption -----------------------------------------------------------------------------


def test_an_interrupted_sweep_goes_through_pickle_with_its_rows():
    stop = SweepInterrupted(sweep(seeds=[1]), 2)
    again = pickle.loads(pickle.dumps(stop))
    assert str(again) == str(stop) == "1 of 2 networks are done, see .sweep"
    assert results_of(again.sweep) == results_of(stop.sweep)


class Pressing:
    """Presses Ctrl-C when it is deleted, where Python drops it."""

    def __del__(self):
        signal.raise_signal(signal.SIGINT)


# That Python drops it is the point.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_ctrl_c_that_python_drops_is_heard(ctrl_c):
    def seeds():
        pressing = Pressing()
        yield from range(100)
        del pressing

    with pytest.raises(SweepInterrupted) as stopped:
        sweep(seeds=seeds(), epochs=1000)
    assert len(stopped.value.sweep) < 100
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


# It may come between opening the file of results and the block that closes it.
@pytest.mark.compiled
@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
def test_ctrl_c_stops_soon_and_keeps_what_is_done(tmp_path, trained, ctrl_c):
    file = tmp_path / "sweep.jsonl"
    grid = {"schedule": [sweep_schedules.plain, sweep_schedules.interrupting]}
    started = time.process_time()
    with ThreadPoolExecutor(1) as thread, pytest.raises(SweepInterrupted) as stopped:
        sweep(seeds=range(3), results=file, grid=grid, executor=thread, epochs=1000)
    assert time.process_time() - started < 30
    assert "3 of 6 networks" in str(stopped.value)
    assert [row.seed for row in stopped.value.sweep] == [0, 1, 2]
    assert [row.error for row in stopped.value.sweep] == [None] * 3
    assert len(trained) == 4
    assert len(file.read_bytes().splitlines()) == 4


@pytest.mark.compiled
@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
@pytest.mark.parametrize("with_file", [False, True])
def test_an_interrupt_at_any_step_leaves_nobody_waiting(tmp_path, monkeypatch, with_file):
    sweep()  # compiles, and imports
    outcomes = []
    dropped = []  # Python drops what comes while the lock of a file is deleted, and calls this
    monkeypatch.setattr(sys, "unraisablehook", lambda lost: dropped.append(lost.exc_type))
    for step in range(0, 10**6, 499):
        call = partial(sweep, results=tmp_path / f"{step}.jsonl" if with_file else None)
        outcomes.append(in_time(partial(interrupted, call, step)))
        if with_file:
            assert len(in_time(call)) == 2
        if outcomes[-1] == "late":
            break
    assert outcomes.pop() == "late"
    assert set(dropped) <= {KeyboardInterrupt}
    assert outcomes.count("heard") + len(dropped) == len(outcomes)


# --- other executors --------------------------------------------------------------------------


class Forgetful(Executor):
    """Stands for dask: the workers die with the data of the first networks, and nobody says so.

    It is its own client, and the loop of that client.
    """

    __module__ = "distributed"
    status = "running"

    def __init__(self, deaths):
        self.deaths = deaths
        self.shared = []
        self._client = self.loop = self
        self._kwargs = {}

    def subscribe_topic(self, topic, handler):
        pass

    def unsubscribe_topic(self, topic):
        pass

    def nthreads(self):
        return {"tcp://worker": 1}

    def add_callback(self, function, *arguments):
        with suppress(StopIteration):
            function(*arguments).send(None)

    async def gather(self, futures, asynchronous):
        assert asynchronous
        return [await future for future in futures]

    def submit(self, function, first, *others, key):
        if not others:  # the data
            self.shared.append(SimpleNamespace(data=first, status="finished"))
            return self.shared[-1]
        reference, _ = others
        if len(self.shared) <= self.deaths:
            reference.status = "cancelled"
            return Result(None)
        return Result(train_batch(first, reference.data, lambda: False))


class Result:
    """Stands for a future of dask; if the outcomes are None, they never come."""

    status = "pending"

    def __init__(self, outcomes):
        self.outcomes = outcomes

    def __await__(self):
        if self.outcomes is None:
            yield
        return self.outcomes

    def release(self):
        pass


def test_networks_that_nobody_answers_for_are_sent_out_again_with_the_data():
    executor = Forgetful(deaths=2)
    assert results_of(sweep(executor=executor)) == results_of(sweep())
    assert len(executor.shared) == 3


def test_a_scheduler_that_does_not_say_how_many_workers_it_has_is_no_hindrance(monkeypatch):
    def silent(self):
        raise TimeoutError("no answer")

    monkeypatch.setattr(Forgetful, "nthreads", silent)
    assert results_of(sweep(executor=Forgetful(deaths=0))) == results_of(sweep())


def test_networks_that_are_lost_each_time_are_reported():
    executor = Forgetful(deaths=1000)
    with pytest.warns(RuntimeWarning, match="lost with their workers"):
        rows = sweep(executor=executor)
    assert len(rows.failed) == len(rows)
    assert len(executor.shared) <= 2 * dispatch.TRIES + 1
