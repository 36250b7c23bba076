"""Which of two ways of doing the same is faster, learnt while the work is done."""

from __future__ import annotations

import functools
from collections.abc import Hashable

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
