"""Signals that come where nothing would hear them, or where they would break something."""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # no stubs
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread
from typing import Any

_NUMBERS = [int(number) for number in signal.valid_signals()]


@contextmanager
def interrupts_later() -> Iterator[None]:
    """Call the handlers of signals, Ctrl-C's and a user's own, after the block.

    Each is called once, if its signal came meanwhile, in the order in which they came first. In
    other threads than the main one nothing has to be done: signals are not handled there.

    This is for blocks that compile, too: an exception in a function that LLVM calls is dropped.
    """
    handlers = _handlers() if current_thread() is main_thread() else {}
    came: dict[int, Any] = {}
    note = came.setdefault
    try:
        for number in handlers:
            signal.signal(number, note)
        yield
    finally:
        for number, handler in handlers.items():
            if _signal.getsignal(number) is note:  # else the block has set another one
                signal.signal(number, handler)
        _call(handlers, iter(came.items()))


def _call(handlers: dict[int, Any], came: Iterator[tuple[int, Any]]) -> None:
    """Call a handler for each signal; one that raises does not keep the others from being called.

    An exception is the context of the next one, as in Python's own `finally`.
    """
    for number, frame in came:
        try:
            handlers[number](number, frame)
        finally:
            _call(handlers, came)


def _handlers() -> dict[int, Any]:
    """Return the handlers that are functions of Python, by the numbers of their signals."""
    # `signal.getsignal` makes enumerations of them, for as long as a short epoch takes.
    present = {number: _signal.getsignal(number) for number in _NUMBERS}
    return {number: handler for number, handler in present.items() if callable(handler)}
