"""State of a user's own code that all networks of a sweep would share is told by its name."""

import functools
import warnings
from typing import ClassVar

import pytest
from refusals import assert_refused
from small_sweeps import results_of, sweep
from sweep_schedules import Remembering, Squared

SEEN = []


def counting_in_itself(epoch):
    counting_in_itself.calls = getattr(counting_in_itself, "calls", 0) + 1
    return 1.0 / counting_in_itself.calls


def noting_and_reading(epoch):
    SEEN.append(epoch)
    return 1.0 / len(SEEN)


SHARED = Remembering()


class Stepping:
    """A scheduler as some write them: a method moves it on, and another tells where it is."""

    def __init__(self):
        self.rate, self.seen = 1.0, []

    def step(self):
        self.seen.append(self.rate)
        self.rate *= 0.5
        return self.now()

    def now(self):
        return self.rate


SCHEDULER = Stepping()


def endless_rates():
    while True:
        yield 1.0


class SteppingBy:
    def __init__(self, rates):
        self.rates = rates

    def __call__(self, epoch):
        return next(self.rates)


def stepping_by(epoch, rates):
    return next(rates)


class CountingCost(Squared):
    calls = 0

    @staticmethod
    def delta(z, a, y):
        CountingCost.calls += 1
        return (a - y) / CountingCost.calls


class CountingByMethod(CountingCost):
    @classmethod
    def delta(cls, z, a, y):
        cls.calls += 1
        return (a - y) / cls.calls


class NotingInTheClass:
    seen, calls = [], 0

    def __call__(self, epoch):
        self.seen.append(epoch)
        return 1.0 / len(self.seen)


class CountingInTheClass:
    calls = 0

    def __call__(self, epoch):
        self.__class__.calls += 1
        return 1.0 / self.calls


class CountingInItsType:
    calls = 0

    def __call__(self, epoch):
        type(self).calls += 1
        return 1.0 / self.calls


COUNTING = CountingInItsType()


class RememberingFromZero(NotingInTheClass):
    """Each object has its own, though the class has one, too."""

    __slots__ = ("kept",)

    def __init__(self):
        self.seen = []
        self.kept = Remembering()

    def __call__(self, epoch):
        if not epoch:
            self.later = Remembering()
        self.calls += 1
        self.kept.calls += 1
        self.later.calls += 1
        return super().__call__(epoch) / self.calls / self.kept.calls / self.later.calls


@pytest.mark.parametrize(
    "own",
    [
        {"schedule": SteppingBy(endless_rates())},
        {"schedule": functools.partial(next, endless_rates())},
        {"schedule": functools.partial(stepping_by, rates=endless_rates())},
    ],
    ids=["an object's", "a function's", "a keyword's"],
)
def test_a_generator_that_networks_would_share_is_refused(trained, own):
    assert_refused(lambda: sweep(**own), ValueError, "must not go on with", "generator")
    assert not trained


@pytest.mark.parametrize(
    ("own", "words"),
    [
        ({"schedule": noting_and_reading}, "SEEN"),
        ({"schedule": lambda epoch: noting_and_reading(epoch)}, "SEEN"),
        ({"schedule": lambda epoch: SHARED(epoch)}, "Remembering.calls"),
        ({"schedule": lambda epoch: SCHEDULER.step()}, "Stepping.rate"),
        ({"schedule": counting_in_itself}, "counting_in_itself.calls"),
        ({"cost": CountingCost}, "CountingCost.calls"),
        ({"cost": CountingByMethod}, "CountingCost.calls"),
        ({"schedule": NotingInTheClass()}, "NotingInTheClass.seen"),
        ({"schedule": CountingInTheClass()}, "CountingInTheClass.calls"),
        ({"schedule": CountingInItsType()}, "CountingInItsType.calls"),
        ({"schedule": lambda epoch: COUNTING(epoch)}, "CountingInItsType.calls"),
    ],
    ids=[
        "a global",
        "a helper",
        "an object",
        "a method",
        "its name",
        "a class",
        "a method of a class",
        "a list of a class",
        "the class of an object",
        "the type of an object",
        "the type of an object of the module",
    ],
)
def test_code_that_remembers_what_networks_share_is_named(own, words):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        sweep(**own)
    said = [warning for warning in caught if "changes and reads" in str(warning.message)]
    assert [f"reads {words}, which all networks" in str(one.message) for one in said] == [True]
    assert said[0].filename.endswith("small_sweeps.py")  # which calls train_many


def test_attributes_that_objects_have_for_themselves_are_not_named():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sweep(schedule=RememberingFromZero())


class Registered(Squared):
    """A cost with a register of its kinds, which training does not ask for."""

    kinds: ClassVar = []

    def __init_subclass__(cls):
        cls.kinds.append(cls.__name__)

    @classmethod
    def known(cls):
        return list(cls.kinds)

    @classmethod
    def add(cls, name):
        cls.kinds.append(name)

    @staticmethod
    def delta(z, a, y):
        return a - y


def test_class_methods_that_training_does_not_call_are_not_named():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sweep(cost=Registered)


NOW = {"epoch": 0}


def by_a_global():
    def schedule(epoch):
        NOW["epoch"] = epoch
        return 1.0

    class Told(Squared):
        @staticmethod
        def delta(z, a, y):
            return (a - y) * 0.3 ** NOW["epoch"]

    return {"cost": Told, "schedule": schedule}


def by_a_closure_of_a_class():
    now = [0]

    def schedule(epoch):
        now[0] = epoch
        return 1.0

    class Told(Squared):
        def delta(self, z, a, y):
            return (a - y) * 0.3 ** now[0]

    return {"cost": Told(), "schedule": schedule}


@pytest.mark.filterwarnings("ignore:cost .* cannot be compiled")
@pytest.mark.parametrize(
    ("make", "words"), [(by_a_global, "read NOW"), (by_a_closure_of_a_class, "read now")]
)
def test_what_one_setting_changes_and_another_reads_is_named_once(make, words):
    own = make()
    grid = {"schedule": [own["schedule"], None], "mini_batch_size": [3, 5]}
    with pytest.warns(RuntimeWarning, match=f"cost and schedule together .*{words}") as caught:
        sweep(cost=own["cost"], grid=grid)
    assert len([one for one in caught if "together" in str(one.message)]) == 1


def test_code_may_read_objects_that_it_leaves_as_they_are(monkeypatch):
    monkeypatch.setattr(SCHEDULER, "rate", 1.0)
    rows = sweep(schedule=lambda epoch: SCHEDULER.now() * SCHEDULER.rate)
    assert results_of(rows) == results_of(sweep())
