"""Long work cut into compiled calls that are short enough for Ctrl-C and for other threads."""

from __future__ import annotations

import time
from collections.abc import Callable

# A compiled call lasts about this long at the most.
_LONGEST_CALL = 0.05

# How many examples the first one takes is a guess: no more than this, and no more than train in
# that time on a slow machine, which with mini-batches of one gets through so many weights.
_FIRST_CALL = 1024
_WEIGHTS_IN_A_CALL = 20_000_000

# A call takes no more than so many times as many examples as the one before.
_MOST_GROWTH = 16


class ShortCalls:
    """Cuts work on many examples into calls of a length learnt from earlier ones.

    Parameters
    ----------
    weights : int
        How many weights the network has: the work that an example is.
    before_call : function, optional
        Called before each of the calls. What it raises ends the work.
    """

    def __init__(self, weights: int, before_call: Callable[[], None] | None = None) -> None:
        self._examples = max(1, min(_FIRST_CALL, _WEIGHTS_IN_A_CALL // weights))
        self._before_call = before_call

    def run(self, end: int, call: Callable[[int, int], int]) -> None:
        """Call `call(begin, stop)`, which returns where it stopped, from 0 to `end`."""
        position = 0
        while position < end:
            if self._before_call is not None:
                self._before_call()
            stop = min(position + self._examples, end)
            started = time.perf_counter()
            reached = call(position, stop)
            seconds = time.perf_counter() - started
            if seconds > _LONGEST_CALL:
                self._examples = max(1, self._examples // 2)
            elif reached - position >= self._examples:
                # Half the longest call is aimed at, for the next one may be slower.
                growth = min(_MOST_GROWTH, _LONGEST_CALL / 2 / max(seconds, 1e-9))
                self._examples *= max(1, int(growth))
            position = reached
