"""State of a user's own code in a sweep: each network has its own."""

import functools
import random
import sys
import threading

import numpy as np
import pytest
from builders import state_of_numpy
from refusals import assert_refused
from small_sweeps import alone, results_of, sweep
from sweep_schedules import Remembering, Squared

OWN_GENERATOR = np.random.RandomState(1)


class Noisy(Squared):
    @staticmethod
    def delta(z, a, y):
        return (a - y) * (np.random.rand(*a.shape) > 0.5)


@pytest.mark.parametrize(
    ("own", "words"),
    [
        ({"cost": Noisy}, "np.random.rand"),
        ({"schedule": lambda epoch: random.random()}, "random.random"),
        ({"schedule": lambda epoch: OWN_GENERATOR.rand()}, "OWN_GENERATOR.rand"),
        ({"grid": {"schedule": [None, lambda epoch: random.random()]}}, "random.random"),
    ],
    ids=["cost", "schedule", "a generator of the module", "in a grid"],
)
def test_code_that_draws_from_a_generator_that_networks_share_is_refused(trained, own, words):
    before = random.getstate(), state_of_numpy()
    assert_refused(lambda: sweep(**own), ValueError, "must not draw from", words)
    assert (random.getstate(), state_of_numpy()) == before
    assert not trained


def test_code_may_draw_from_a_generator_that_it_makes():
    def schedule(epoch):
        return np.random.RandomState(epoch).rand() + random.Random(epoch).random()

    first, second = (sweep(schedule=schedule) for _ in range(2))
    assert results_of(first) == results_of(second)


def test_each_network_draws_from_a_copy_of_a_generator_that_partial_has_by_name():
    def drawing(epoch, generator):
        return generator.uniform(0.5, 1.5)

    own = {"schedule": functools.partial(drawing, generator=np.random.RandomState(0))}
    (_, after_another), (by_itself,) = (
        [row.history.training_cost for row in sweep(seeds, monitor_training_cost=True, **own)]
        for seeds in ([1, 2], [2])
    )
    assert after_another == by_itself


def assert_networks_remember_only_their_own_epochs(schedule):
    """Two sweeps with a schedule that counts its calls train each network as if it were alone."""
    costs = {"monitor_training_cost": True}
    wanted = [alone(seed, schedule=Remembering(), **costs)[1].training_cost for seed in range(4)]
    for _ in range(2):
        rows = sweep(seeds=range(4), schedule=schedule, **costs)
        assert [row.history.training_cost for row in rows] == wanted


def test_each_network_has_a_schedule_that_remembers_only_its_own_epochs():
    schedule = Remembering()
    assert_networks_remember_only_their_own_epochs(schedule)
    assert schedule.calls == 0


def test_schedules_share_what_cannot_be_copied_and_nothing_else(tmp_path):
    wanted = results_of(sweep(schedule=Remembering()))
    schedule = Remembering()
    schedule.lock, schedule.helpers = threading.Lock(), {"module": sys}
    with (tmp_path / "log").open("w") as schedule.log:
        assert results_of(sweep(schedule=schedule)) == wanted
    assert schedule.calls == 0


def counting():
    calls = 0

    def schedule(epoch):
        nonlocal calls
        calls += 1
        return 1.0 / calls

    return schedule


def noting_in_a_closure():
    seen = []

    def note(epoch):
        seen.append(epoch)

    def schedule(epoch):
        note(epoch)
        return 1.0 / len(seen)

    return schedule


def noting_in_a_default(epoch, seen=[]):  # noqa: B006 - a default that remembers
    seen.append(epoch)
    return 1.0 / len(seen)


def counting_in_an_attribute():
    def schedule(epoch):
        schedule.calls += 1
        return 1.0 / schedule.calls

    schedule.calls = 0
    return schedule


def stepping():
    rates = iter(np.array([1.0, 0.5, 1.0 / 3]))
    return lambda epoch: float(next(rates))


MAKERS = {
    "nonlocal": counting,
    "a closure within": noting_in_a_closure,
    "a default": lambda: noting_in_a_default,
    "an attribute": counting_in_an_attribute,
    "an iterator": stepping,
    "a method": lambda: Remembering().__call__,
    "partial": lambda: functools.partial(Remembering.__call__, Remembering()),
    "a keyword of partial": lambda: functools.partial(noting_in_a_default, seen=[]),
    "a function of partial": lambda: functools.partial(counting()),
}


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_each_network_has_a_function_that_remembers_only_its_own_epochs(make):
    assert_networks_remember_only_their_own_epochs(make())
    assert noting_in_a_default.__defaults__ == ([],)


class Clock(Squared):
    """A schedule that tells a cost, which may be itself, what epoch it is."""

    def __init__(self):
        self.epoch = 0

    def __call__(self, epoch):
        self.epoch = epoch
        return 1.0

    def delta(self, z, a, y):
        return (a - y) * 0.3**self.epoch


class Told(Squared):
    def __init__(self, clock):
        self.clock = clock

    def delta(self, z, a, y):
        return self.clock.delta(z, a, y)


def in_one():
    clock = Clock()
    return {"cost": clock, "schedule": clock}


def by_an_object():
    clock = Clock()
    return {"cost": Told(clock), "schedule": clock}


def by_partial():
    clock = Clock()
    return {
        "cost": Told(clock),
        "schedule": functools.partial(lambda told, epoch: told(epoch), clock),
    }


def by_a_function():
    clock, clocks = Clock(), []
    clocks.append([clock])
    return {"cost": Told(clock), "schedule": lambda epoch: clocks[0][0](epoch)}


@pytest.mark.filterwarnings("ignore:cost .* cannot be compiled")
@pytest.mark.parametrize("make", [in_one, by_an_object, by_partial, by_a_function])
def test_cost_and_schedule_of_a_network_share_their_copy_of_what_both_hold(make):
    own = make()
    rows = sweep(seeds=range(3), **own, monitor_training_cost=True)
    for seed, row in enumerate(rows):
        cost, schedule = make().values()
        history = alone(seed, {"cost": cost}, schedule=schedule, monitor_training_cost=True)[1]
        assert row.history.training_cost == history.training_cost
    assert getattr(own["cost"], "clock", own["cost"]).epoch == 0


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_networks_of_a_worker_do_not_share_what_a_function_remembers(forked):
    wanted = results_of(sweep(seeds=range(4), schedule=Remembering()))
    rows = sweep(seeds=range(4), schedule=noting_in_a_default, executor=forked)
    assert results_of(rows) == wanted
