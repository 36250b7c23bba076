"""Learn which of two ways is faster while the work is done."""

from __future__ import annotations

import functools
from collections.abc import Hashable

# The slower way is tried again after every 32 calls, because other programs come and go. It is also
# tried after 4: the first trial of one thread found nothing in a cache, or had a kernel compiled,
# and that of the team, way 1, started its threads. If it was nearly as fast, it is also tried after
# 8 and 16: one measurement may have been bad luck.
# A team that took more than four times as long is left alone for as many more calls, since a trial
# may be a whole call: that happens where threads of other libraries wait on the processors.
# Calls are counted from the last change of the better way, which may have been bad luck, too.
_TRY_AGAIN, _FAR = 32, 4

# The length of a trial: this many examples, or those that the other way does in this many seconds,
# whichever are more. It is short because the slower way is much slower on a busy machine. If it was
# two thirds as fast, trials are longer: waking threads takes about 0.3 ms, which matters less then.
TRIAL = 128
_TRIAL_SECONDS = 0.002
_LONGER_TRIAL_SECONDS = 0.008


class Choice:
    """A choice between two ways of doing the same, made by trying each now and then."""

    def __init__(self) -> None:
        self._rates = [0.0, 0.0]  # examples per second of each way; 0 before its first trial
        self._calls = 0
        self._calls_of_run = 0
        self._passing_over = False
        self.trying = False  # whether the present call is a trial, not the better way

    def begin(self) -> None:
        """Begin a run of calls.

        The first one fills caches and wakes threads, so it says nothing about the rest. It is
        measured only after runs of a single call, which offer nothing else.
        """
        self._passing_over = self._calls_of_run > 1
        self._calls_of_run = 0

    def next(self) -> int:
        """Choose the way of the next call, 0 or 1."""
        self._calls_of_run += 1
        best = self._best()
        if self._passing_over:
            self.trying = False
            return best
        self._calls += 1
        self.trying = 0.0 in self._rates
        if self.trying:
            return self._rates.index(0.0)
        retry = self._calls == 4 or (self._near(2.0) and self._calls in (8, 16))
        self.trying = retry or self._calls % self._pause(best) == 0
        return 1 - best if self.trying else best

    def rate(self) -> float:
        """Return the examples per second of the better way; 0 before both have been tried."""
        return max(self._rates) if min(self._rates) > 0.0 else 0.0

    def trial(self) -> int:
        """Return how many examples a trial takes."""
        seconds = _LONGER_TRIAL_SECONDS if self._near(1.5) else _TRIAL_SECONDS
        return max(TRIAL, int(max(self._rates) * seconds))

    def note(self, way: int, amount: int, seconds: float) -> None:
        """Note how many examples a way did in how many seconds; short calls tell little."""
        if self._passing_over:
            self._passing_over = False
        elif self.trying or seconds >= _TRIAL_SECONDS:
            best, both_known = self._best(), 0.0 not in self._rates
            self._rates[way] = amount / max(seconds, 1e-9)
            if both_known and self._best() != best:
                self._calls = 0

    def _pause(self, best: int) -> int:
        """After how many calls the slower way is tried again."""
        lost_by = self._rates[0] / self._rates[1] if best == 0 else 1.0
        return _TRY_AGAIN * max(1, int(lost_by / _FAR))

    def _best(self) -> int:
        return int(self._rates[1] > self._rates[0])

    def _near(self, factor: float) -> bool:
        return factor * min(self._rates) > max(self._rates)


@functools.lru_cache(maxsize=64)
def choice_for(*work: Hashable) -> Choice:
    """Return the choice for such work, which keeps what earlier calls of SGD have learnt."""
    return Choice()
