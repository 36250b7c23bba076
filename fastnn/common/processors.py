"""Count the processors that this process may use."""

from __future__ import annotations

import functools
import math
import os
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
