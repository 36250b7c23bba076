"""How many threads numerical libraries may use."""

from __future__ import annotations

import os

_VARIABLES = (
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


def limit_threads(count: int) -> None:
    """Limit every library that is loaded after this call to `count` threads.

    JAX ignores these variables and takes all cores.
    """
    for variable in _VARIABLES:
        os.environ[variable] = str(count)


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
