"""How many processors there are: those of the machine, of a container, or fewer if asked for."""

from __future__ import annotations

import math
import os
import sys

import numba
import pytest

from fastnn.common import processors
from fastnn.common.processors import (
    be_woken_off,
    go_anywhere,
    leave_processor,
    processor_in_use,
    quota,
    threads_available,
)
from fastnn.common.threads import map_in_threads


def group(folder, **files):
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name.replace("__", ".")).write_text(f"{content}\n")


@pytest.mark.parametrize(
    ("limit", "count"),
    [
        *(("200000 100000", 2), ("150000 100000", 2), ("50000 100000", 1), ("400000 50000", 8)),
        *(("max 100000", None), ("nonsense", None), ("1 0", None)),
    ],
)
def test_a_quota_of_version_2_counts_as_processors_do_rounded_up(tmp_path, limit, count):
    group(tmp_path / "groups", cpu__max=limit)
    group(tmp_path, own="0::/some/group/that/is/outside")
    assert quota(tmp_path / "groups", tmp_path / "own") == (count or os.cpu_count())


def test_the_smallest_quota_of_a_group_and_those_around_it_counts(tmp_path):
    group(tmp_path / "groups/a/b", cpu__max="max 100000")
    group(tmp_path / "groups/a", cpu__max="300000 100000")
    group(tmp_path / "groups", cpu__max="900000 100000")
    group(tmp_path, own="0::/a/b", cpu__max="100000 100000")  # beside the groups
    assert quota(tmp_path / "groups", tmp_path / "own") == 3


def test_a_quota_of_version_1_counts_too(tmp_path):
    limit = {"cpu__cfs_quota_us": 250000, "cpu__cfs_period_us": 100000}
    group(tmp_path / "groups/cpu,cpuacct/docker", **limit)
    group(tmp_path / "groups/cpu,cpuacct", cpu__cfs_quota_us=-1, cpu__cfs_period_us=100000)
    group(tmp_path, own="9:cpuset:/x\n4:cpu,cpuacct:/docker\n0::/docker")
    assert quota(tmp_path / "groups", tmp_path / "own") == 3


def test_a_system_without_groups_has_no_quota(tmp_path):
    assert quota(tmp_path, tmp_path / "own") == os.cpu_count()


def test_the_least_of_processors_quota_and_numba_threads_is_available(monkeypatch):
    monkeypatch.setattr(numba.config, "NUMBA_NUM_THREADS", 64)
    monkeypatch.setattr(processors, "quota", lambda: math.inf)
    monkeypatch.setattr(processors.os, "process_cpu_count", lambda: 7, raising=False)
    assert threads_available() == 7
    monkeypatch.setattr(processors, "quota", lambda: 5)
    assert threads_available() == 5
    monkeypatch.setattr(numba.config, "NUMBA_NUM_THREADS", 1)
    assert threads_available() == 1
    monkeypatch.delattr(processors.os, "process_cpu_count")
    monkeypatch.setattr(processors.os, "sched_getaffinity", lambda pid: range(3), raising=False)
    monkeypatch.setattr(numba.config, "NUMBA_NUM_THREADS", 64)
    assert threads_available() == 3


on_linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")


def in_a_thread(call):
    (result,) = map_in_threads(lambda _: call(), [0, 1])[1:]
    return result


@on_linux
def test_a_thread_leaves_a_processor_and_may_run_everywhere_afterwards():
    if len(os.sched_getaffinity(0)) < 2:
        pytest.skip("there is one processor")

    def leaves():
        before, allowed = processor_in_use(), os.sched_getaffinity(0)
        leave_processor(before)
        return processor_in_use() != before, os.sched_getaffinity(0) == allowed

    # The system may bring a thread back at once, if others are busy.
    moved, free = zip(*(in_a_thread(leaves) for _ in range(50)), strict=True)
    assert any(moved)
    assert all(free)


@on_linux
def test_a_thread_that_waits_off_a_processor_may_run_everywhere_once_it_is_awake():
    if len(os.sched_getaffinity(0)) < 2:
        pytest.skip("there is one processor")

    def waits():
        number, allowed = processor_in_use(), os.sched_getaffinity(0)
        before = be_woken_off(number)
        waiting, there = os.sched_getaffinity(0), processor_in_use()
        go_anywhere(before)
        off = waiting == allowed - {number} and there != number
        return off and os.sched_getaffinity(0) == allowed

    assert all(in_a_thread(waits) for _ in range(20))


@on_linux
def test_a_thread_that_has_one_processor_or_may_not_use_that_one_waits_where_it_is(monkeypatch):
    calls = []
    monkeypatch.setattr(os, "sched_setaffinity", lambda *arguments: calls.append(arguments))
    monkeypatch.setattr(os, "sched_getaffinity", lambda thread: {3})
    assert [be_woken_off(number) for number in (3, 4, None)] == [None, None, None]
    go_anywhere(None)
    assert not calls


@on_linux
def test_a_thread_stays_if_it_has_one_processor_or_runs_elsewhere(monkeypatch):
    def stays():
        only = {processor_in_use()}
        os.sched_setaffinity(0, only)  # of this thread
        leave_processor(*only)
        return os.sched_getaffinity(0) == only

    assert in_a_thread(stays)
    calls = []
    monkeypatch.setattr(os, "sched_setaffinity", lambda *arguments: calls.append(arguments))
    leave_processor(None)
    leave_processor(-1)
    assert not calls


@on_linux
def test_a_change_of_what_is_allowed_is_no_error(monkeypatch):
    def fail(*arguments):
        raise OSError(22, "Invalid argument")

    monkeypatch.setattr(os, "sched_setaffinity", fail)
    leave_processor(processor_in_use())
    assert be_woken_off(processor_in_use()) is None
    go_anywhere({0})


def test_nobody_is_moved_where_the_system_does_not_tell(monkeypatch):
    monkeypatch.setattr(processors, "_current_processor", lambda: None)
    assert processor_in_use() is None
    leave_processor(0)
