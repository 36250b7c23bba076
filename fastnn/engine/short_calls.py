"""Cut long work into compiled calls, short enough for Ctrl-C and for other threads."""

from __future__ import annotations

import time
from collections.abc import Callable

# The longest that a compiled call should last, in seconds.
_LONGEST_CALL = 0.05

# The length of the first call is a guess: at most this many examples, and at most this many weights
# in all, which a slow machine gets through in that time with mini-batches of one.
_FIRST_CALL = 1024
_WEIGHTS_IN_A_CALL = 20_000_000

# A call takes at most this many times as many examples as the one before.
_MOST_GROWTH = 16


class ShortCalls:
    """Cut work on many examples into calls; earlier calls show how long they may be.

    Parameters
    ----------
    weights : int
        How many weights the network has, which measures the work per example.
    before_call : function, optional
        Called before each of the calls. If it raises, the work stops.
    """

    def __init__(self, weights: int, before_call: Callable[[], None] | None = None) -> None:
        self._examples = max(1, min(_FIRST_CALL, _WEIGHTS_IN_A_CALL // weights))
        self._before_call = before_call

    def expect(self, rate: float) -> None:
        """Let the first call be longer if so many examples a second are known from earlier."""
        self._examples = max(self._examples, int(rate * _LONGEST_CALL / 2))

    def takes_at_once(self, examples: int) -> bool:
        """Say whether the next call takes so many examples, with nothing called before it."""
        return self._before_call is None and examples <= self._examples

    def run(self, end: int, call: Callable[[int, int], int], block: int = 1) -> None:
        """Go from 0 to `end` by `call(begin, stop)`, which returns where it stopped.

        Calls take whole blocks of `block` examples, but for the last: what is summed block by block
        then does not depend on the clock.
        """
        position = 0
        while position < end:
            if self._before_call is not None:
                self._before_call()
            blocks = max(1, self._examples // block)
            stop = min(position + blocks * block, end)
            started = time.perf_counter()
            reached = call(position, stop)
            seconds = time.perf_counter() - started
            if seconds > _LONGEST_CALL:
                self._examples = max(1, self._examples // 2)
            elif reached - position >= self._examples:
                # Aim at half the longest call, because the next one may be slower.
                growth = min(_MOST_GROWTH, _LONGEST_CALL / 2 / max(seconds, 1e-9))
                self._examples *= max(1, int(growth))
            position = reached
