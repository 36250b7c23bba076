"""When workers die: which networks are sent out again, and when a sweep gives up."""

from concurrent.futures import BrokenExecutor, Future
from queue import SimpleQueue

import pytest

from fastnn.sweeps.dispatch import FRUITLESS, TRIES, Dispatch
from fastnn.sweeps.worker import Outcome

OUTCOME = Outcome(0.0)
DIES, BEGINS, TRAINS = "dies", "begins and dies", "trains"


class Pools:
    """Workers two of which work at a time; each pool of them fares as `fates` says, in turn."""

    def __init__(self, fates, width=2):
        self.fates, self.at_a_time = fates, width
        self.pool = 0
        self.marks = {}
        self.sent = []

    def count(self):
        return self.at_a_time

    def width(self, seconds):
        return self.at_a_time

    def submit(self, tasks):
        (place,) = tasks  # so few are sent one by one
        fate = self.fates[min(self.pool, len(self.fates) - 1)]
        self.sent.append((self.pool, place))
        self.marks[place] = self.begun(place) + (fate != DIES)
        future = Future()
        if fate == TRAINS:
            future.set_result({place: OUTCOME})
        else:
            future.set_exception(BrokenExecutor("a worker died"))
        return future

    def begun(self, place):
        return self.marks.get(place, 0)

    def batches_begun(self):
        return sum(self.marks.values())

    def lost(self):
        return False

    def renew(self):
        self.pool += 1
        return True

    def stop(self):
        pass


class Results:
    """Where results go: nobody else trains these networks."""

    def __init__(self):
        self.trained, self.lost = [], {}

    def claim(self, places, most):
        return [place for place, _ in zip(places, range(most), strict=False)], []

    def collect(self, place, outcome):
        assert outcome is OUTCOME
        self.trained.append(place)

    def lose(self, place, reason):
        self.lost[place] = reason


def dispatched(fates, places=range(4), width=2):
    workers, results = Pools(fates, width), Results()
    Dispatch(dict.fromkeys(places), workers, results).run(SimpleQueue())
    assert sorted([*results.trained, *results.lost]) == sorted(places)
    return workers, results


def test_after_some_pools_in_which_nothing_begins_all_is_given_up():
    workers, results = dispatched([DIES])
    assert results.trained == []
    assert workers.pool == FRUITLESS - 1  # the first was the caller's
    # Two networks were tried in each; the two others are tried once, in case there are workers.
    assert [pool for pool, _ in workers.sent] == [
        *sorted([*range(FRUITLESS)] * 2),
        *[FRUITLESS - 1] * 2,
    ]
    assert set(results.lost.values()) == {"BrokenExecutor: a worker died"}


@pytest.mark.parametrize("width", [1, 2, 4])
def test_one_pool_fewer_is_forgiven(width):
    """However many networks were under way, the end of a pool counts once."""
    workers, results = dispatched([*[DIES] * (FRUITLESS - 1), TRAINS], width=width)
    assert sorted(results.trained) == [0, 1, 2, 3]
    assert workers.pool == FRUITLESS - 1


def test_a_pool_in_which_a_network_begins_is_not_fruitless():
    some = [DIES] * (FRUITLESS - 1)
    _, results = dispatched([*some, BEGINS, *some, TRAINS])
    assert sorted(results.trained) == [0, 1, 2, 3]


def test_what_began_in_an_earlier_pool_makes_a_later_one_no_better():
    workers, results = dispatched([BEGINS, DIES])
    assert results.trained == []
    assert workers.pool == FRUITLESS


def test_a_pool_that_trains_a_network_makes_up_for_those_before():
    class OneEach(Pools):
        """Every second network is trained, the others meet pools in which nothing begins."""

        def submit(self, tasks):
            self.fates = [TRAINS if len(self.sent) % FRUITLESS == 2 else DIES]
            return super().submit(tasks)

    workers, results = OneEach([], width=1), Results()
    Dispatch(dict.fromkeys(range(4)), workers, results).run(SimpleQueue())
    assert results.trained == [0, 1, 2, 3]
    assert workers.pool == 4 * (FRUITLESS - 1)


def test_a_network_that_every_worker_dies_of_has_ten_tries():
    workers, results = dispatched([BEGINS], places=[0])
    assert len(workers.sent) == TRIES
    assert results.lost[0].startswith(f"{TRIES} workers died while they trained it, the last with")
