"""Every example is in one share, whatever the number of threads."""

from __future__ import annotations

import itertools
import threading

import numpy as np
import pytest

from fastnn.engine import shares
from fastnn.engine.packed_network import PackedNetwork
from fastnn.engine.shares import Shares, threads_for
from fastnn.engine.short_calls import ShortCalls
from fastnn.kernels.layout import Layers


def packed():
    return PackedNetwork(Layers([3, 2], [0], [False], [False]), np.dtype(np.float64), 8)


@pytest.mark.parametrize("examples", [0, 1, 7, 2000])
@pytest.mark.parametrize("threads", [1, 2, 3])
def test_every_example_is_in_one_share(threads, examples):
    seen = [[] for _ in range(threads)]
    made = Shares(packed(), threads)
    made.run(examples, ShortCalls(6), lambda net, rank, *ends: seen[rank].extend(range(*ends)))
    made.close()
    assert sorted(itertools.chain(*seen)) == list(range(examples))
    if examples > threads:
        assert all(seen)


def test_networks_share_parameters_and_nothing_that_kernels_write():
    nets, first = {}, packed()
    made = Shares(first, 2)
    made.run(10, ShortCalls(6), lambda net, rank, *_: nets.update({rank: net}))
    made.close()
    assert nets[0] is first.net
    assert nets[1].parameters is first.net.parameters
    assert not np.shares_memory(nets[0].work.own, nets[1].work.own)


def test_what_a_thread_raises_comes_out():
    def fail(net, rank, *_):
        if rank == 1:
            raise MemoryError("no room")

    made = Shares(packed(), 2)
    with pytest.raises(MemoryError, match="no room"):
        made.run(10, ShortCalls(6), fail)
    made.close()


def test_threads_end_with_close():
    idents = set()
    made = Shares(packed(), 2)
    made.run(10, ShortCalls(6), lambda *_: idents.add(threading.get_ident()))
    made.close()
    assert len(idents) == 2


def test_little_work_is_done_by_one_thread(monkeypatch):
    monkeypatch.setattr(shares, "threads_available", lambda: 4)
    assert threads_for(10, 100) == 1
    assert threads_for(10**6, 100) == 4
