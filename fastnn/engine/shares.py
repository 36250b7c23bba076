"""Examples in equal shares, one for each thread, which runs a kernel on scratch of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from fastnn.common.processors import threads_available
from fastnn.common.threads import Threads
from fastnn.engine.packed_network import PackedNetwork
from fastnn.engine.short_calls import ShortCalls
from fastnn.kernels import layout

# Below this many multiplications, threads take longer to begin than to compute.
_WORTH_THREADS = 20_000_000

# part(net, rank, first, behind) runs a kernel on examples first to behind.
Part = Callable[[layout.Net, int, int, int], None]


def threads_for(examples: int, weights: int) -> int:
    """How many threads are worth having to compute the outputs of so many examples."""
    return threads_available() if examples * weights >= _WORTH_THREADS else 1


class Shares:
    """A network for each thread, all with the same parameters.

    The helper threads start with the first `run` and end with `close`.

    Parameters
    ----------
    packed : PackedNetwork
        The network of the first thread.
    threads : int
        How many threads there are.
    """

    def __init__(self, packed: PackedNetwork, threads: int) -> None:
        copies = (_with_scratch(packed.net, packed.dtype) for _ in range(1, threads))
        self._nets = [packed.net, *copies]
        self._threads = Threads(threads - 1)

    def run(self, examples: int, calls: ShortCalls, part: Part) -> None:
        """Call `part` for all examples: in each of the calls, a share in each thread."""

        def call(begin: int, end: int) -> int:
            count = len(self._nets)
            cuts = [begin + (end - begin) * rank // count for rank in range(count + 1)]
            self._threads.run(lambda rank: part(self._nets[rank], rank, cuts[rank], cuts[rank + 1]))
            return end

        calls.run(examples, call)

    def close(self) -> None:
        """End the threads that help."""
        self._threads.close()


def _with_scratch(net: layout.Net, dtype: np.dtype[Any]) -> layout.Net:
    exchange, own = (layout.aligned_zeros(size, dtype) for size in layout.scratch_for(net.plan))
    return net._replace(work=layout.Work(exchange, own))
