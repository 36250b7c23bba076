"""Interrupt work at any step of Python, and give up if it then waits for ever."""

from __future__ import annotations

import sys
import threading


def in_time(work):
    """Run the work in a thread, for at most a minute; return its result."""
    results = []
    thread = threading.Thread(target=lambda: results.append(work()), daemon=True)
    thread.start()
    thread.join(60)
    assert results, "It failed, or somebody waits for ever."
    return results[0]


def interrupted(work, step):
    """Interrupt the work at a step; return "heard", "lost" or, if it ends before, "late".

    A step is a place where Python hears signals: a Python function begins, or one in C ends.
    """
    left = step

    def look(frame, event, argument):
        nonlocal left
        # Python 3.10 would end a generator that goes on without its finally, as no signal does.
        goes_on = sys.version_info < (3, 11) and event == "call" and frame.f_lasti >= 0
        left -= event in ("call", "c_return") and not goes_on
        if left < 0:
            raise KeyboardInterrupt  # which also ends the profiling

    sys.setprofile(look)
    try:
        work()
    except KeyboardInterrupt:
        return "heard"
    finally:
        sys.setprofile(None)
    return "lost" if left < 0 else "late"
