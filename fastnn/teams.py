"""Several threads on one mini-batch: how many, on which layers, and whether it pays."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import numba

from fastnn.kernels.dense import WIDE
from fastnn.kernels.layout import Net, padded
from fastnn.kernels.team import GIVEN_UP

# A layer is split from so many multiplications a mini-batch on: meeting costs some 0.3 us a time.
_WORTH_SPLITTING = 100_000

# The way that was slower is tried again after every 32 calls, for other programs come and go; and
# after 4, 8 and 16 if it was near, for one measurement may have been bad luck.
_TRY_AGAIN = 32

# A trial is kept as short as this, in examples: on a busy machine the slower way is much slower.
TRIAL = 128


def threads_available() -> int:
    """The processors this process may use, or fewer where NUMBA_NUM_THREADS says so."""
    if hasattr(os, "sched_getaffinity"):
        processors = len(os.sched_getaffinity(0))
    else:
        processors = os.cpu_count() or 1
    settings: Any = numba.config
    return min(processors, int(settings.NUMBA_NUM_THREADS))


def layers_to_split(sizes: Sequence[int], examples: int, density: float) -> int:
    """How many layers, from the first, are wide enough for a team of threads to split.

    The last layer never is. `examples` is the mini-batch, `density` the share of inputs that count.
    """
    split = 0
    for fan_in, fan_out in pairwise(sizes[:-1]):
        work = examples * fan_in * padded(fan_out) * (density if split == 0 else 1.0)
        if padded(fan_out) <= WIDE or work < _WORTH_SPLITTING:
            break
        split += 1
    return split


class ThreadTeam:
    """Threads that run the same kernel, each with its own network of a team.

    Parameters
    ----------
    networks : sequence of Net
        From `packing.team_of`.
    """

    def __init__(self, networks: Sequence[Net]) -> None:
        self._networks = networks
        self._helpers = ThreadPoolExecutor(len(networks) - 1, "fastnn")

    def run(self, call: Callable[[int], int]) -> int:
        """Run `call(rank)` in every thread at once and return what the first one, this, returned.

        If one fails, the others are let go on; what they leave is then of no use.
        """
        self._networks[0].team.meeting[:] = 0
        for network in self._networks:
            network.team.visits[:] = 0
        try:
            others = [
                self._helpers.submit(self._guarded, call, rank)
                for rank in range(1, len(self._networks))
            ]
            result = self._guarded(call, 0)
        except BaseException:
            self._networks[0].team.meeting[GIVEN_UP] = 1
            raise
        for other in others:
            other.result()
        return result

    def close(self) -> None:
        """End the threads."""
        self._helpers.shutdown()

    def _guarded(self, call: Callable[[int], int], rank: int) -> int:
        try:
            return call(rank)
        except BaseException:
            self._networks[0].team.meeting[GIVEN_UP] = 1
            raise


class Choice:
    """Which of two ways of doing the same is faster, learnt by trying each now and then."""

    def __init__(self) -> None:
        self._rates = [0.0, 0.0]  # what was done in a second; 0 where not yet tried
        self._calls = 0
        self.trying = False  # whether the way to go now is to be measured, not the better one

    def next(self) -> int:
        """The way to go now, 0 or 1."""
        self._calls += 1
        self.trying = 0.0 in self._rates
        if self.trying:
            return self._rates.index(0.0)
        best = int(self._rates[1] > self._rates[0])
        near = 2 * min(self._rates) > max(self._rates)
        self.trying = (near and self._calls in (4, 8, 16)) or self._calls % _TRY_AGAIN == 0
        return 1 - best if self.trying else best

    def note(self, way: int, amount: int, seconds: float) -> None:
        """Remember that so much was done in so many seconds that way."""
        self._rates[way] = amount / max(seconds, 1e-9)
