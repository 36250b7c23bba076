"""Count the processors that this process may use, and keep threads on different ones."""

from __future__ import annotations

import contextlib
import ctypes
import functools
import math
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numba


def threads_available() -> int:
    """Count the processors this process may use, or how many a container's quota is worth.

    NUMBA_NUM_THREADS may set a lower limit.
    """
    if hasattr(os, "process_cpu_count"):  # Python 3.13, which also hears PYTHON_CPU_COUNT
        processors = os.process_cpu_count() or 1
    elif hasattr(os, "sched_getaffinity"):
        processors = len(os.sched_getaffinity(0))
    else:
        processors = os.cpu_count() or 1
    settings: Any = numba.config
    return min(processors, quota(), int(settings.NUMBA_NUM_THREADS))


def processor_in_use() -> int | None:
    """Return the number of the processor that runs this thread, where Linux tells."""
    current = _current_processor()
    return None if current is None else int(current())


def leave_processor(number: int | None) -> None:
    """Go on with this thread on another processor if it runs on that one and may leave it.

    Linux often wakes a thread where the one runs that wakes it, above all in a virtual machine. It
    takes milliseconds until it parts two such threads.
    """
    if sys.platform != "linux" or number is None or processor_in_use() != number:
        return
    allowed = os.sched_getaffinity(0)  # of this thread
    others = allowed - {number}
    if others:
        with contextlib.suppress(OSError):  # the allowed processors have just changed
            os.sched_setaffinity(0, others)
            os.sched_setaffinity(0, allowed)


def be_woken_off(number: int | None) -> set[int] | None:
    """Let this thread be woken on other processors than that one.

    Return the processors that it was allowed, for `go_anywhere` once it is awake; None if nothing
    has changed.
    """
    if sys.platform != "linux" or number is None:
        return None
    allowed = os.sched_getaffinity(0)  # of this thread
    others = allowed - {number}
    if not others or others == allowed:
        return None
    try:
        os.sched_setaffinity(0, others)
    except OSError:  # the allowed processors have just changed
        return None
    return allowed


def go_anywhere(allowed: set[int] | None) -> None:
    """Let this thread run on what `be_woken_off` returned again."""
    if sys.platform == "linux" and allowed is not None:
        with contextlib.suppress(OSError):
            os.sched_setaffinity(0, allowed)


@functools.cache
def _current_processor() -> Any:
    if sys.platform != "linux":
        return None
    try:
        return ctypes.CDLL(None).sched_getcpu
    except (AttributeError, OSError):  # a C library without it
        return None


@functools.cache
def quota(groups: Path = Path("/sys/fs/cgroup"), own: Path = Path("/proc/self/cgroup")) -> int:
    """Return how many processors' time the control groups of this process allow, rounded up.

    Parameters
    ----------
    groups : Path
        Where the system shows control groups, of version 1 or 2.
    own : Path
        The file with a line for each group of this process: number, controllers, path.
    """
    try:
        lines = own.read_text().splitlines()
    except OSError:  # this system has no such groups
        lines = []
    shares = [share for line in lines for share in _shares(groups, line)]
    return max(1, math.ceil(min(shares))) if shares else os.cpu_count() or 1


def _shares(groups: Path, line: str) -> Iterator[float]:
    """Yield the processors that a group allows, and each group that it lies in."""
    _, controllers, path = line.split(":", 2)
    if controllers and "cpu" not in controllers.split(","):
        return
    # In a container the path may be that outside, which cannot be seen: its own is the root.
    top = groups / controllers
    folder = top / path.strip("/")
    for group in [folder, *folder.parents]:
        if group.is_relative_to(top):
            yield from _share_of(group)


def _share_of(group: Path) -> Iterator[float]:
    names = ["cpu.max"], ["cpu.cfs_quota_us", "cpu.cfs_period_us"]
    for files in names:
        try:
            time, period = " ".join((group / name).read_text() for name in files).split()
            if time not in ("max", "-1"):
                yield int(time) / int(period)
        except (OSError, ValueError, ZeroDivisionError):
            pass  # a group of the other version, or without such a limit
