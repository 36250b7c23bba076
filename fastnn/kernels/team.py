"""Threads that work on one mini-batch together, and where they meet.

Every thread runs the same kernel on its part of the mini-batch and of the network (see
`layout.Team`). Where one needs what others compute, all meet: each thread adds one to a shared
counter and reads it until all have come.
"""

from __future__ import annotations

from .compiling import helper
from .simd import atomic_add, atomic_element, element, give_way, put

# Elements of the shared array, on cache lines of their own: arrivals, whether to give up, and how
# many calls the first thread has begun.
ARRIVALS, GIVEN_UP, BEGUN, MEETING_SIZE = 0, 8, 16, 24

# Elements of a thread's own array: arrivals that it has waited for, and calls that it has ended.
_VISITS, _ENDED, VISITS_SIZE = 0, 1, 2

# Looks before a thread that waits gives way to others on its processor: some microseconds.
_PATIENCE = 2000

# How often a thread gives way until it no longer waits for the next call: some 0.2 ms.
_LONGEST_LINGERING = 1000


@helper
def meet(team):
    """Wait until every thread of the team has come here as often as this one."""
    if team.size > 1:
        expected = element(team.visits, _VISITS) + team.size
        put(team.visits, _VISITS, expected)
        atomic_add(team.meeting, ARRIVALS, 1)
        looks = 0
        while (
            atomic_element(team.meeting, ARRIVALS) < expected
            and atomic_element(team.meeting, GIVEN_UP) == 0
        ):
            looks += 1
            if looks > _PATIENCE:
                give_way()


@helper
def begin_call(team):
    """Let the threads begin that still wait in `end_call` of the call before."""
    if team.size > 1 and team.rank == 0:
        atomic_add(team.meeting, BEGUN, 1)


@helper
def end_call(team):
    """Wait until all threads have done their work; threads other than the first then linger.

    A thread that sleeps takes 50 us and more to wake, longer than the first one takes from one
    call to the next. So the others wait here for some time until that has begun the next call.
    """
    meet(team)
    if team.rank > 0:
        ended = element(team.visits, _ENDED) + 1
        put(team.visits, _ENDED, ended)
        looks = 0
        while (
            atomic_element(team.meeting, BEGUN) <= ended
            and atomic_element(team.meeting, GIVEN_UP) == 0
            and looks < _PATIENCE + _LONGEST_LINGERING
        ):
            looks += 1
            if looks > _PATIENCE:
                give_way()
