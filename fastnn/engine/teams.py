"""A team of threads that share a mini-batch: what it splits, and how it runs a kernel."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from fastnn.common.threads import Threads
from fastnn.engine.faster_way import choice_for
from fastnn.engine.packed_network import PackedNetwork
from fastnn.kernels import layout
from fastnn.kernels.layout import Net, halves_in, padded, section_of
from fastnn.kernels.optimisers import Room
from fastnn.kernels.panels import WIDE
from fastnn.kernels.team import GIVEN_UP, MEETING_SIZE, VISITS_SIZE

# How many multiplications in a mini-batch make it worth splitting. Threads lose about 0.3 us each
# time they meet.
_WORTH_SPLITTING = 20_000

# A hidden layer with so many weights is split by columns if a thread has few examples of a block:
# reading the weights then takes longer than to meet.
_MANY_WEIGHTS = 16_000
_FEW_EXAMPLES = 32

# The fewest mini-batches in a trial of the team: the first one brings weights near the cores that
# need them.
_LEAST_TRIAL = 3

# call(rank, net, room, begin, end) runs a kernel on examples begin to end as thread `rank`. It
# returns where it stopped.
Call = Callable[[int, Net, "Room | None", int, int], int]


class Split(NamedTuple):
    """How many threads split a network, and which of its layers by columns."""

    threads: int
    by_columns: tuple[bool, ...]


def split_for(
    sizes: Sequence[int], examples: int, density: float, threads: int, block: int
) -> Split | None:
    """Say how a team of at most `threads` threads splits a network; None if it is too small.

    `examples` is the length of a mini-batch, of which `block` at most are worked on together;
    `density` is the share of inputs that a kernel works on.
    """
    layers = list(pairwise(sizes))
    work = [fan_in * padded(fan_out) for fan_in, fan_out in layers]
    work[0] = int(work[0] * density)
    if threads == 1 or examples * sum(work) < _WORTH_SPLITTING:
        return None
    threads = min(range(2, threads + 1), key=lambda count: _largest_share(sizes[1], count))
    few = min(examples, block) < threads * _FEW_EXAMPLES
    by_columns = [
        few and fan_in * fan_out >= _MANY_WEIGHTS and padded(fan_out) > WIDE * (threads - 1)
        for fan_in, fan_out in layers
    ]
    by_columns[0] = by_columns[-1] = False
    return Split(threads, tuple(by_columns))


def _largest_share(width: int, threads: int) -> float:
    """The largest part of a first layer of this width that one of so many threads has."""
    halves = halves_in(threads)
    sections = [
        section_of(padded(width), WIDE, rank, threads // halves)
        for rank in range(threads // halves)
    ]
    return max(end - begin for begin, end in sections) / halves


class Team:
    """Run a kernel on a network, in one thread or in several at once, whichever is faster.

    Parameters
    ----------
    packed : PackedNetwork
        The network of the first thread, which it also uses when it works alone.
    room : Room or None
        Where its optimiser adds up gradients and keeps what it remembers.
    split : Split or None
        How several threads split the network; None for one thread.
    work : hashable
        What the speed depends on besides the network. A team starts from what earlier teams learnt
        about the same work.
    mini_batch_size : int, optional
        How many examples a mini-batch has; a trial takes some mini-batches.
    """

    def __init__(
        self,
        packed: PackedNetwork,
        room: Room | None,
        split: Split | None,
        work: Hashable,
        mini_batch_size: int = 1,
    ) -> None:
        self._alone = packed.net, room
        self._threads: Threads | None = None
        if split is None:
            return
        self._room = room
        self._nets = _networks_of(packed.net, packed.layers, split)
        self._threads = Threads(split.threads - 1)
        self._mini_batch_size = mini_batch_size
        self._choice = choice_for(packed.layers, packed.dtype, split, work)
        self.begin()

    @property
    def rate(self) -> float:
        """How many examples a second are known from earlier teams at such work; 0 if none are."""
        return 0.0 if self._threads is None else self._choice.rate()

    def begin(self) -> None:
        """Begin a run of calls."""
        if self._threads is not None:
            self._choice.begin()

    def run_alone(self, call: Call, begin: int, end: int) -> int:
        """Run the call in this thread."""
        return call(0, *self._alone, begin, end)

    def run(self, call: Call, begin: int, end: int) -> int:
        """Run the call in this thread or in all at once, on fewer examples if it is a trial.

        If one thread fails, the others stop waiting for it, and their results are useless. After
        that, or after an interrupt, only `close` may follow.
        """
        if self._threads is None:
            return self.run_alone(call, begin, end)
        way = self._choice.next()
        if self._choice.trying:
            least = _LEAST_TRIAL * self._mini_batch_size if way == 1 else 1
            end = min(end, begin + max(self._choice.trial(), least))
        started = time.perf_counter()
        if way == 0:
            reached = self.run_alone(call, begin, end)
        else:
            reached = self._run_together(self._threads, call, begin, end)
        self._choice.note(way, reached - begin, time.perf_counter() - started)
        return reached

    def rest(self) -> None:
        """End the threads that help, unless they may wait for another run of calls."""
        if self._threads is not None and not self._threads.may_rest():
            self.close()

    def close(self) -> None:
        """End the threads that help, if there are any."""
        if self._threads is not None:
            self._let_go_on()  # they may linger, or wait for one that has failed
            self._threads.close()
            self._nets[0].team.meeting[:] = 0
            for net in self._nets:
                net.team.visits[:] = 0

    def _run_together(self, threads: Threads, call: Call, begin: int, end: int) -> int:
        for net in self._nets:
            net.decay_scale[:] = self._nets[0].decay_scale

        def guarded(rank: int) -> int:
            try:
                return call(rank, self._nets[rank], self._room, begin, end)
            except BaseException:
                self._let_go_on()
                raise

        return threads.run(guarded, self._all_have_ended)

    def _all_have_ended(self) -> bool:
        """Whether the kernel's last meeting took place, so that every thread has done its work."""
        return not self._nets[0].team.meeting[GIVEN_UP]

    def _let_go_on(self) -> None:
        """Let no thread wait for one that has failed."""
        self._nets[0].team.meeting[GIVEN_UP] = 1


def _networks_of(net: Net, layers: layout.Layers, split: Split) -> list[Net]:
    """Make a network for each thread: the parameters of `net`, and an exchange that they share."""
    dtype = net.parameters.dtype
    meeting = layout.aligned_zeros(MEETING_SIZE, np.dtype(np.int64))
    exchange: npt.NDArray[Any] | None = None
    networks = []
    for rank in range(split.threads):
        table, _, room = layout.build_table(layers, split.by_columns, rank, split.threads)
        plan = net.plan._replace(table=table, room=room)
        shared, own = layout.scratch_for(plan)
        if exchange is None:
            exchange = layout.aligned_zeros(shared, dtype)
        gathered = net.work.own if rank == 0 else layout.aligned_zeros(own, dtype)
        networks.append(
            net._replace(
                plan=plan,
                decay_scale=net.decay_scale if rank == 0 else _on_a_line(1, np.float64),
                work=layout.Work(exchange, gathered),
                team=layout.Team(split.threads, rank, meeting, _on_a_line(VISITS_SIZE, np.int64)),
            )
        )
    return networks


def _on_a_line(count: int, kind: type[np.generic]) -> npt.NDArray[Any]:
    """So many numbers, on a cache line that holds no other thread's."""
    return layout.aligned_zeros(64 // np.dtype(kind).itemsize, np.dtype(kind))[:count]
