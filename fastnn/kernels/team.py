"""Threads that work on one mini-batch together, and where they meet.

Every thread runs the same kernel on its part of the mini-batch and of the network (see
`layout.Team`). Where one needs what others compute, all meet: each thread adds one to a shared
counter and reads it until all have come.
"""

from __future__ import annotations

from .compiling import helper
from .simd import atomic_add, atomic_element, element, give_way, put

# Elements of the shared array, on cache lines of their own: arrivals, and whether to give up.
ARRIVALS, GIVEN_UP, MEETING_SIZE = 0, 8, 16

# Looks before a thread that waits gives way to others on its processor: some microseconds.
_PATIENCE = 2000


@helper
def meet(team):
    """Wait until every thread of the team has come here as often as this one."""
    if team.size > 1:
        expected = element(team.visits, 0) + team.size
        put(team.visits, 0, expected)
        atomic_add(team.meeting, ARRIVALS, 1)
        looks = 0
        while (
            atomic_element(team.meeting, ARRIVALS) < expected
            and atomic_element(team.meeting, GIVEN_UP) == 0
        ):
            looks += 1
            if looks > _PATIENCE:
                give_way()
