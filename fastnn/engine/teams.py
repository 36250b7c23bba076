"""A team of threads that share a mini-batch: what it splits, and how it runs a kernel."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from fastnn.common.threads import Threads
from fastnn.engine.faster_way import choice_for
from fastnn.engine.packed_network import PackedNetwork
from fastnn.kernels import layout
from fastnn.kernels.layout import Net, Values, padded
from fastnn.kernels.optimisers import Room
from fastnn.kernels.panels import WIDE
from fastnn.kernels.team import GIVEN_UP, MEETING_SIZE

# How many multiplications in a mini-batch make it worth splitting a layer's columns, or the rows of
# the first layer. Threads lose about 0.3 us each time they meet.
_WORTH_SPLITTING = 100_000
_WORTH_SPLITTING_ROWS = 20_000

# The fewest mini-batches in a trial of the team: the first one brings weights near the cores that
# need them.
_LEAST_TRIAL = 3

# call(rank, net, room, begin, end) runs a kernel on examples begin to end as thread `rank`. It
# returns where it stopped.
Call = Callable[[int, Net, "Room | None", int, int], int]


class Split(NamedTuple):
    """What a team of threads splits: the columns of layers, or the rows of the first layer."""

    threads: int
    layers: int  # how many first layers have their columns split; 0 splits rows


def split_for(sizes: Sequence[int], examples: int, density: float, threads: int) -> Split | None:
    """Say how a team of at most `threads` threads splits a network; None if it is too small.

    The columns of wide layers are split, but never those of the last layer. If the first layer is
    too narrow for that, two threads split its rows. `examples` is the length of a mini-batch,
    `density` the share of inputs that a kernel works on.
    """
    if threads == 1:
        return None
    layers = 0
    for fan_in, fan_out in pairwise(sizes[:-1]):
        work = examples * fan_in * padded(fan_out) * (density if layers == 0 else 1.0)
        if padded(fan_out) <= WIDE or work < _WORTH_SPLITTING:
            break
        layers += 1
    if layers > 0:
        return Split(threads, layers)
    work = examples * sizes[0] * padded(sizes[1]) * density
    # In a single panel, the rows of one half lie next to each other.
    narrow = padded(sizes[1]) <= WIDE
    return Split(2, 0) if narrow and work >= _WORTH_SPLITTING_ROWS else None


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
        self._nets = _networks_of(packed.net, packed.layers, split)
        self._values: list[list[Values]] = []
        rooms: list[Any] = [None] * split.threads
        if room is not None:
            # A rule that needs less room names the same values twice, so its copies do, too.
            copies = {id(values): _copies_of(values, split.threads) for values in room}
            self._values += copies.values()
            rooms = [Room(*m) for m in zip(*(copies[id(values)] for values in room), strict=True)]
        self._members = list(zip(self._nets, rooms, strict=True))
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

    def close(self) -> None:
        """End the threads that help, if there are any."""
        if self._threads is not None:
            self._let_go_on()  # after an interrupted run
            self._threads.close()

    def _run_together(self, threads: Threads, call: Call, begin: int, end: int) -> int:
        _share_unsplit(self._nets, self._values)
        self._nets[0].team.meeting[:] = 0
        for net in self._nets:
            net.team.visits[:] = 0

        def guarded(rank: int) -> int:
            try:
                return call(rank, *self._members[rank], begin, end)
            except BaseException:
                self._let_go_on()
                raise

        return threads.run(guarded)

    def _let_go_on(self) -> None:
        """Let no thread wait for one that has failed."""
        self._nets[0].team.meeting[GIVEN_UP] = 1


def _networks_of(net: Net, layers: layout.Layers, split: Split) -> list[Net]:
    """Make a network for each thread; the first thread's has the parameters of `net` itself.

    The others hold copies of what is not split; `_share_unsplit` brings them up to date.
    """
    dtype, plan = net.values.parameters.dtype, net.plan
    meeting = layout.aligned_zeros(MEETING_SIZE, np.dtype(np.int64))
    exchange = layout.aligned_zeros(2 * plan.room * plan.capacity, dtype)
    networks = []
    for rank in range(split.threads):
        table, parameters, _ = layout.build_table(layers, split.layers, rank, split.threads)
        own = net
        if rank > 0:
            copy = layout.aligned_zeros(parameters, dtype)
            scratch = layout.aligned_zeros(layout.scratch_for(plan.room, plan.capacity), dtype)
            own = net._replace(
                values=net.values._replace(parameters=copy),
                decay_scale=np.ones(1),
                work=net.work._replace(own=scratch),
            )
        networks.append(
            own._replace(
                plan=plan._replace(table=table, split=split.layers),
                work=own.work._replace(exchange=exchange),
                team=layout.Team(split.threads, meeting, np.zeros(1, np.int64)),
            )
        )
    return networks


def _copies_of(values: Values, threads: int) -> list[Values]:
    """Give each thread the same values; the others get copies of what is not split."""
    room = values.parameters
    copies = [layout.aligned_zeros(room.size, room.dtype) for _ in range(1, threads)]
    return [values, *(values._replace(parameters=copy) for copy in copies)]


def _share_unsplit(networks: Sequence[Net], values: Sequence[Sequence[Values]]) -> None:
    """Copy what is not split from the first thread's network and values to the others'.

    `values` are lists from `_copies_of`.
    """
    first = networks[0]
    split = first.plan.split
    start = first.plan.table[split, layout.WEIGHTS if split > 0 else layout.BIASES]
    parts: list[Sequence[Values]] = [[network.values for network in networks], *values]
    for own, *others in parts:
        for other in others:
            other.parameters[start:] = own.parameters[start:]
    for network in networks[1:]:
        network.decay_scale[:] = first.decay_scale
