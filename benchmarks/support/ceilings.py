"""Measure what one core can do at most: fused multiply-adds, and bytes through its caches."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from fastnn.common.threads import map_in_threads
from fastnn.kernels.layout import aligned_zeros
from fastnn.kernels.simd import fma, lanes_of, load, pointer, splat, store, zeros

# Lanes of each of the two chains. There must be enough independent operations to hide their
# latency, but few enough to stay in registers. The right number depends on the CPU: all are tried,
# and the best one counts.
_LANES = (16, 32, 64)
_TURNS = 100_000
_BYTES_READ = 1 << 26


def _chains(lanes: int) -> Callable[[npt.NDArray[Any], int], None]:
    @numba.njit(nogil=True)
    def chains(values, turns):
        zero = zeros(values, lanes)
        a, b = zero, splat(zero, 1.0)
        factor, term = splat(zero, 0.5), splat(zero, 0.25)
        for _ in range(turns):
            a = fma(a, factor, term)
            b = fma(b, factor, term)
        store(values, 0, a + b)

    return chains


@numba.njit(nogil=True)
def _read(values, sweeps):
    """Load every element once a sweep; the sums keep LLVM from leaving out the loads."""
    memory = pointer(values)
    sum0 = sum1 = zeros(memory, 32)
    step = 2 * lanes_of(sum0)
    for _ in range(sweeps):
        for k in range(0, values.size - step + 1, step):
            sum0 = sum0 + load(sum0, memory, k)
            sum1 = sum1 + load(sum1, memory, k + 32)
    store(memory, 0, sum0 + sum1)


@numba.njit(nogil=True)
def _read_and_write(values, sweeps):
    """Load and store every element once a sweep."""
    memory = pointer(values)
    zero = zeros(memory, 32)
    for _ in range(sweeps):
        for k in range(0, values.size - lanes_of(zero) + 1, lanes_of(zero)):
            store(memory, k, load(zero, memory, k) + zero)


def seconds_of(call: Callable[[], Any]) -> float:
    """The seconds that one call takes."""
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def fma_peak(dtype: npt.DTypeLike) -> list[Callable[[], float]]:
    """Several measurements of fused multiply-adds, each in FLOP/s; the largest result counts."""
    values = aligned_zeros(max(_LANES), np.dtype(dtype))

    def measurement(lanes: int) -> Callable[[], float]:
        chains = _chains(lanes)
        chains(values, 1)  # compiles
        operations = 2 * 2 * lanes * _TURNS
        return lambda: operations / seconds_of(lambda: chains(values, _TURNS))

    return [measurement(lanes) for lanes in _LANES]


def fma_peak_of_all(dtype: npt.DTypeLike, threads: int) -> float:
    """The most FLOP/s of several threads at once, best of five.

    Cores that all compute may be slower than one alone. Each works for some milliseconds, so that
    the time in which not all of them have begun counts for little.
    """
    begin = threading.Barrier(threads)
    best = 0.0
    for lanes in _LANES:
        chains = _chains(lanes)
        chains(aligned_zeros(lanes, np.dtype(dtype)), 1)  # compiles
        turns = _TURNS * 2560 // lanes

        def rate(lanes: int, chains: Any = chains, turns: int = turns) -> float:
            values = aligned_zeros(lanes, np.dtype(dtype))
            begin.wait()
            return 2 * 2 * lanes * turns / seconds_of(lambda: chains(values, turns))

        for _ in range(5):
            best = max(best, sum(map_in_threads(rate, [lanes] * threads)))
    return best


def read_bandwidth(dtype: npt.DTypeLike, size: int) -> Callable[[], float]:
    """A measurement of the bytes read per second from an array of `size` bytes."""
    return _bandwidth(_read, dtype, size, 1)


def update_bandwidth(dtype: npt.DTypeLike, size: int) -> Callable[[], float]:
    """A measurement of the bytes per second when each is read and written; both count."""
    return _bandwidth(_read_and_write, dtype, size, 2)


def _bandwidth(sweep: Any, dtype: npt.DTypeLike, size: int, uses: int) -> Callable[[], float]:
    values = aligned_zeros(max(size // np.dtype(dtype).itemsize, 64), np.dtype(dtype))
    sweep(values, 1)  # compiles
    sweeps = max(1, _BYTES_READ // values.nbytes)
    return lambda: uses * sweeps * values.nbytes / seconds_of(lambda: sweep(values, sweeps))
