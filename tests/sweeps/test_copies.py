"""A copy of an object, or of a function that remembers, remembers for itself."""

import copy
import functools
import queue
import sys
import threading

import numpy as np
import pytest

from fastnn.sweeps.copies import copy_of

MARK = object()


def counting(floor=None, mark=MARK, usual=MARK, rate=np.nan):
    calls = 0

    def count(usual=usual):
        nonlocal calls
        calls += 1
        return calls, floor, mark is MARK, usual is MARK, rate is np.nan

    return count


def test_a_copy_of_a_function_counts_for_itself_and_knows_marks_again():
    count = counting()
    copied = copy_of(count)
    assert [copied(), copied()] == [(n, None, True, True, True) for n in (1, 2)]
    assert count()[0] == 1
    assert (copied.__qualname__, copied.__module__) == (count.__qualname__, __name__)


def test_functions_of_one_closure_share_their_copy_of_it():
    seen, blocks = [], [np.ones(3)]

    def note(epoch):
        seen.append(epoch)

    def told(epoch, note=note):
        note(epoch)
        return len(seen), blocks

    copied = copy_of(told)
    assert [copied(7)[0], copied(8)[0], seen] == [1, 2, []]
    assert copied(9)[1] is not blocks


def test_a_function_that_names_itself_is_copied_whole():
    def schedule(epoch):
        schedule.calls += 1
        return schedule.calls

    schedule.calls = 0
    copied = copy_of(schedule)
    assert [copied(0), copied(1), schedule.calls] == [1, 2, 0]


def test_partial_functions_are_copied_with_their_function():
    partial = functools.partial(counting(), usual=3)
    copied = copy_of(partial)
    assert [copied()[0], copied()[0], partial()[0]] == [1, 2, 1]


def reading():
    held = {"rows": np.ones(5)}
    return lambda epoch: held["rows"][epoch]


def noting_elsewhere():
    heard, numbers = threading.Event(), queue.Queue()

    def schedule(epoch):
        heard.set()
        numbers.put(epoch)

    return schedule


@pytest.mark.parametrize("make", [reading, noting_elsewhere, lambda: np.mean, lambda: dict])
def test_what_does_not_remember_stays_the_same(make):
    value = make()
    assert copy_of(value) is value


def test_copies_share_what_is_there_to_be_shared():
    class Holding:
        def __init__(self):
            self.lock, self.heard, self.rates = threading.Lock(), threading.Event(), np.ones(3)

    held = Holding()
    copied = copy_of(held)
    copied.rates[0] = 2.0
    assert held.rates[0] == 1.0
    assert (copied.lock, copied.heard) == (held.lock, held.heard)


def test_what_says_how_it_is_copied_is_asked():
    class Counted:
        copies = 0

        def __deepcopy__(self, memo):
            Counted.copies += 1
            return copy.copy(self)

    assert isinstance(copy_of(Counted()), Counted)
    assert Counted.copies == 1


def test_what_has_no_copies_is_handed_on():
    frames = sys._getframe()
    assert copy_of(frames) is frames


def test_a_variable_without_a_value_stays_without_one():
    def reading(seen=[]):  # noqa: B006 - a default that remembers
        seen.append(1)
        return len(seen) if later is None else later

    copied = copy_of(reading)
    with pytest.raises(NameError):
        copied()
    later = 1.0
    assert reading() == 1.0
