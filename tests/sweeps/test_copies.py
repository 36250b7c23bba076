"""A copy of an object or a function remembers for itself, and shares what cannot be copied."""

import copy
import sys
import threading

import numpy as np

from fastnn.sweeps.copies import copy_with_functions


def test_functions_of_one_closure_share_their_copy_of_it():
    calls = 0

    def count():
        nonlocal calls
        calls += 1

    count_here, told_here = copy_with_functions([count, lambda: calls])
    count_here()
    count_here()
    assert (told_here(), calls) == (2, 0)


def test_a_function_that_names_itself_is_copied_whole():
    def factorial(n):
        return 1 if n < 2 else n * factorial(n - 1)

    copied = copy_with_functions(factorial)
    assert copied is not factorial
    assert copied.__closure__[0].cell_contents is copied
    assert copied(4) == 24
    assert (copied.__qualname__, copied.__module__) == (factorial.__qualname__, __name__)


def test_functions_that_hold_nothing_classes_and_modules_stay_the_same():
    same = [test_a_function_that_names_itself_is_copied_whole, np.mean, dict, sys, len]
    assert all(map(lambda one, other: one is other, copy_with_functions(same), same))


def test_objects_copy_functions_and_arrays_that_they_hold():
    class Holding:
        def __init__(self):
            self.lock, self.rates = threading.Lock(), np.ones(3)
            self.next_rate = lambda epoch, seen=[]: seen.append(epoch) or len(seen)

    held = Holding()
    copied = copy_with_functions(held)
    copied.rates[0] = 2.0
    copied.next_rate(0)
    assert (held.rates[0], held.next_rate.__defaults__) == (1.0, ([],))
    assert copied.lock is held.lock


def test_what_says_how_it_is_copied_is_asked():
    class Counted:
        copies = 0

        def __deepcopy__(self, memo):
            Counted.copies += 1
            return copy.copy(self)

    assert isinstance(copy_with_functions([Counted()])[0], Counted)
    assert Counted.copies == 1


def test_what_has_no_copies_is_handed_on():
    frames = sys._getframe()
    assert copy_with_functions(frames) is frames


def test_a_variable_without_a_value_stays_without_one():
    def reading():
        return later

    copied = copy_with_functions(reading)
    later = 1.0
    assert reading() == 1.0
    assert copied.__closure__[0] != reading.__closure__[0]
