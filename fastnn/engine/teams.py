"""Several threads on one mini-batch: how many, on which layers, and whether it pays."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Hashable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numba

from fastnn.common.threads import Threads
from fastnn.kernels.dense import WIDE
from fastnn.kernels.layout import Net, padded
from fastnn.kernels.team import GIVEN_UP

# Columns are split from so many multiplications a layer and mini-batch on, rows from so many in the
# first layer: meeting costs some 0.3 us a time.
_WORTH_SPLITTING = 100_000
_WORTH_SPLITTING_ROWS = 20_000

# The way that was slower is tried again after every 32 calls, for other programs come and go; and
# after 4, 8 and 16 if it was near, for one measurement may have been bad luck. The team, way 1, is
# in any case after 4: its first trial also began its threads. Calls are counted from when the other
# way became the better one: that too may have been bad luck.
_TRY_AGAIN = 32

# A trial is as short as this, in examples and in seconds of the other way, whichever is longer: on
# a busy machine the slower way is much slower. If it was not, trials are longer, for waking threads
# takes some 0.3 ms, which calls of the usual length hardly notice.
TRIAL = 128
_TRIAL_SECONDS = 0.002
_LONGER_TRIAL_SECONDS = 0.008


def threads_available() -> int:
    """The processors this process may use, or fewer where NUMBA_NUM_THREADS says so."""
    if hasattr(os, "sched_getaffinity"):
        processors = len(os.sched_getaffinity(0))
    else:
        processors = os.cpu_count() or 1
    settings: Any = numba.config
    return min(processors, int(settings.NUMBA_NUM_THREADS))


class Split(NamedTuple):
    """What a team of threads splits: the columns of layers, or the rows of the first one."""

    threads: int
    layers: int  # how many, from the first, have their columns split; 0: rows


def split_for(sizes: Sequence[int], examples: int, density: float, threads: int) -> Split | None:
    """How a team of at most so many threads splits a network; None if it is too small for one.

    Layers are split by columns where they are wide enough, though never the last layer. Where the
    first one is not, two threads split its rows. `examples` is the mini-batch, `density` the share
    of inputs that count.
    """
    if threads == 1:
        return None
    layers = 0
    for fan_in, fan_out in pairwise(sizes[:-1]):
        work = examples * fan_in * padded(fan_out) * (density if layers == 0 else 1.0)
        if padded(fan_out) <= WIDE or work < _WORTH_SPLITTING:
            break
        layers += 1
    if layers > 0:
        return Split(threads, layers)
    work = examples * sizes[0] * padded(sizes[1]) * density
    # In one panel, the rows of a half lie together.
    narrow = padded(sizes[1]) <= WIDE
    return Split(2, 0) if narrow and work >= _WORTH_SPLITTING_ROWS else None


class ThreadTeam:
    """Threads that run the same kernel, each with its own network of a team.

    Parameters
    ----------
    networks : sequence of Net
        From `packing.team_of`.
    """

    def __init__(self, networks: Sequence[Net]) -> None:
        self._networks = networks
        self._threads = Threads(len(networks) - 1)

    def run(self, call: Callable[[int], int]) -> int:
        """Run `call(rank)` in every thread at once and return what the first one, this, returned.

        If one fails, the others are let go on; what they leave is then of no use. After that, or an
        interrupt, there is nothing left to do but `close`.
        """
        self._networks[0].team.meeting[:] = 0
        for network in self._networks:
            network.team.visits[:] = 0
        return self._threads.run(functools.partial(self._guarded, call))

    def close(self) -> None:
        """End the threads."""
        self._let_go_on()  # of an interrupted run
        self._threads.close()

    def _guarded(self, call: Callable[[int], int], rank: int) -> int:
        try:
            return call(rank)
        except BaseException:
            self._let_go_on()
            raise

    def _let_go_on(self) -> None:
        """Let nobody wait for a thread that has failed."""
        self._networks[0].team.meeting[GIVEN_UP] = 1


class Choice:
    """Which of two ways of doing the same is faster, learnt by trying each now and then."""

    def __init__(self) -> None:
        self._rates = [0.0, 0.0]  # what was done in a second; 0 where not yet tried
        self._calls = 0
        self._calls_of_run = 0
        self._passing_over = False
        self.trying = False  # whether the way to go now is to be measured, not the better one

    def begin(self) -> None:
        """Say that a run of calls begins.

        Its first call fills caches and wakes threads, and so tells nothing about the rest; but runs
        of a single call have nothing else to go by.
        """
        self._passing_over = self._calls_of_run > 1
        self._calls_of_run = 0

    def next(self) -> int:
        """The way to go now, 0 or 1."""
        self._calls_of_run += 1
        best = self._best()
        if self._passing_over:
            self.trying = False
            return best
        self._calls += 1
        self.trying = 0.0 in self._rates
        if self.trying:
            return self._rates.index(0.0)
        retry = self._near() and self._calls in (4, 8, 16)
        retry = retry or (self._calls == 4 and best == 0)
        self.trying = retry or self._calls % _TRY_AGAIN == 0
        return 1 - best if self.trying else best

    def trial(self) -> int:
        """How many examples the trial of a way is."""
        seconds = _LONGER_TRIAL_SECONDS if self._near() else _TRIAL_SECONDS
        return max(TRIAL, int(max(self._rates) * seconds))

    def note(self, way: int, amount: int, seconds: float) -> None:
        """Remember that so much was done in so many seconds that way; short calls tell little."""
        if self._passing_over:
            self._passing_over = False
        elif self.trying or seconds >= _TRIAL_SECONDS:
            best, both_known = self._best(), 0.0 not in self._rates
            self._rates[way] = amount / max(seconds, 1e-9)
            if both_known and self._best() != best:
                self._calls = 0

    def _best(self) -> int:
        return int(self._rates[1] > self._rates[0])

    def _near(self) -> bool:
        return 2 * min(self._rates) > max(self._rates)


@functools.lru_cache(maxsize=64)
def choice_for(*work: Hashable) -> Choice:
    """What has been learnt about such work, by earlier calls of SGD too."""
    return Choice()
