"""Code of a user's own in a sweep: workers have what the caller has."""

import subprocess
import sys

import pytest
from refusals import assert_refused
from small_sweeps import results_of, sweep

from fastnn import CrossEntropyCost
from fastnn.sweeps.code_in_settings import digests_of_code

FACTOR = 1.0


def by_global(epoch):
    return FACTOR


class Weighted:
    @staticmethod
    def fn(a, y):
        return FACTOR * float(((a - y) ** 2).sum())

    @staticmethod
    def delta(z, a, y):
        return FACTOR * (a - y)


SEEN = []


def noting(epoch):
    SEEN.append(epoch)
    return 1.0


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # is multi-threaded
@pytest.mark.parametrize("own", [{"schedule": by_global}, {"cost": Weighted}], ids=["f", "class"])
def test_a_worker_with_other_code_than_the_caller_trains_nothing(forked, monkeypatch, own):
    before = sweep(executor=forked, **own)
    assert results_of(before) == results_of(sweep(**own))
    monkeypatch.setattr(sys.modules[__name__], "FACTOR", 3.0)
    after = sweep(executor=forked, **own)
    (name,) = own
    for row in after:
        assert f"the worker has other code of {name} than the caller" in row.error
        assert row.history is None
    monkeypatch.setattr(sys.modules[__name__], "FACTOR", 1.0)
    assert results_of(sweep(executor=forked, **own)) == results_of(before)


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_code_that_notes_what_it_was_called_with_stays_the_same_code(forked):
    sweep(executor=forked)  # it has been running since before
    noting(0)
    rows = [*sweep(executor=forked, schedule=noting), *sweep(executor=forked, schedule=noting)]
    assert [row.error for row in rows] == [None] * 4


def test_a_worker_takes_code_that_another_process_has_made():
    """As dask sends it, which makes classes and functions of a script or within a function anew."""
    cloudpickle = pytest.importorskip("cloudpickle")
    script = """
import cloudpickle, contextlib, sys
from dataclasses import dataclass
from typing import NamedTuple, Protocol, TypeVar
from fastnn.sweeps.code_in_settings import digests_of_code

class Rates(NamedTuple):
    first: float
    decay: float = 0.5

    def __call__(self, epoch):
        return self.first * self.decay**epoch

class Scheduling(Protocol):
    def __call__(self, epoch): ...

class Halving(Scheduling):
    def __call__(self, epoch):
        return 0.5**epoch

def within():
    class Schedule:
        def __call__(self, epoch):
            return 0.5**epoch
    return Schedule()

Kind = TypeVar("Kind")

def typed(epoch):
    return 1.0 if Kind else 0.5

@dataclass(frozen=True, order=True)
class Decay:
    rate: float = 0.5

    def __call__(self, epoch):
        return self.rate**epoch

@dataclass
class Config:
    rate: float = 0.5

CONFIG = Config()

def configured(epoch):
    return CONFIG.rate

@contextlib.contextmanager
def rate():
    yield 0.5

def in_a_context(epoch):
    with rate() as now:
        return now

own = [Rates(0.5), Halving(), within(), typed, Decay(), configured, in_a_context]
sent = [(digests_of_code({"schedule": schedule}), schedule) for schedule in own]
sys.stdout.buffer.write(cloudpickle.dumps([cloudpickle.dumps(one) for one in sent]))
"""
    sent = subprocess.check_output([sys.executable, "-c", script])
    for one in cloudpickle.loads(sent):
        digests, schedule = cloudpickle.loads(one)
        assert digests_of_code({"schedule": schedule}) == digests


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_worker_in_which_a_built_in_cost_is_patched_trains_nothing(forked, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(CrossEntropyCost, "delta", staticmethod(lambda z, a, y: 3 * (a - y)))
        forked.submit(int).result()
    assert "other code of cost" in sweep(executor=forked)[0].error


def test_a_cost_whose_base_is_patched_is_refused(monkeypatch):
    class Derived(CrossEntropyCost):
        pass

    sweep(cost=Derived)
    monkeypatch.setattr(CrossEntropyCost, "delta", staticmethod(lambda z, a, y: 3 * (a - y)))
    assert_refused(lambda: sweep(cost=Derived), ValueError, "CrossEntropyCost.delta")
