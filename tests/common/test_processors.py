"""How many processors there are: those of the machine, of a container, or fewer if asked for."""

from __future__ import annotations

import math
import os

import numba
import pytest

from fastnn.common import processors
from fastnn.common.processors import quota, threads_available


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
