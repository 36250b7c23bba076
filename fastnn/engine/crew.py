"""Whoever runs a kernel on a network: one thread, or several where that is faster."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from typing import Any

from fastnn.engine.packed_network import PackedNetwork, share_unsplit, team_of, values_of_team
from fastnn.engine.teams import Split, ThreadTeam, choice_for
from fastnn.kernels.layout import Net, Values
from fastnn.kernels.optimisers import Room

# Calls a kernel on examples begin to end as thread `rank`, and returns where that stopped:
# call(rank, net, room, begin, end).
Call = Callable[[int, Net, "Room | None", int, int], int]


class Crew:
    """The networks of one thread alone and of a team of threads, and a choice between them.

    Parameters
    ----------
    packed : PackedNetwork
        The network of the first thread, and of the one alone.
    room : Room or None
        What goes with it.
    split : Split or None
        How a team splits the network; None for one thread.
    work : hashable
        What speeds depend on besides the network: what was learnt about the same work counts here.
    """

    def __init__(
        self, packed: PackedNetwork, room: Room | None, split: Split | None, work: Hashable
    ) -> None:
        self._alone = packed.net, room
        self._team: ThreadTeam | None = None
        if split is None:
            return
        layers, threads = packed.layers, split.threads
        nets = team_of(packed.net, layers, split.layers, threads)
        self._nets = nets
        self._values: list[list[Values]] = []
        rooms: list[Any] = [None] * threads
        if room is not None:
            # A rule that needs less room names the same values twice; so do its copies.
            copies = {id(values): values_of_team(values, nets) for values in room}
            self._values += copies.values()
            rooms = [Room(*m) for m in zip(*(copies[id(values)] for values in room), strict=True)]
        self._members = list(zip(nets, rooms, strict=True))
        self._team = ThreadTeam(nets)
        self._choice = choice_for(layers, packed.dtype, split, work)
        self._choice.begin()

    def run_alone(self, call: Call, begin: int, end: int) -> int:
        """Call it in this thread."""
        return call(0, *self._alone, begin, end)

    def run(self, call: Call, begin: int, end: int) -> int:
        """Call it in this thread or in all at once, on fewer examples if that is a trial."""
        if self._team is None:
            return self.run_alone(call, begin, end)
        way = self._choice.next()
        if self._choice.trying:
            end = min(end, begin + self._choice.trial())
        started = time.perf_counter()
        if way == 0:
            reached = self.run_alone(call, begin, end)
        else:
            share_unsplit(self._nets, self._values)
            reached = self._team.run(lambda rank: call(rank, *self._members[rank], begin, end))
        self._choice.note(way, reached - begin, time.perf_counter() - started)
        return reached

    def close(self) -> None:
        """End the threads of the team, if there is one."""
        if self._team is not None:
            self._team.close()
