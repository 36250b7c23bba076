"""The limit on threads, which asv's plugin sets too."""

import os
import subprocess
import sys

from benchmarks.support import one_thread, threads


def test_libraries_that_are_loaded_later_keep_to_the_limit(monkeypatch):
    monkeypatch.setattr(os, "environ", os.environ.copy())
    threads.limit_threads(3)
    print_threads = "import numba; print(numba.config.NUMBA_NUM_THREADS)"
    process = subprocess.run(
        [sys.executable, "-c", print_threads],
        check=True,
        capture_output=True,
        text=True,
        env=os.environ,
    )
    assert process.stdout.strip() == "3"


def test_asv_has_one_thread(monkeypatch):
    monkeypatch.setattr(os, "environ", {})
    one_thread.setup()
    assert set(os.environ.values()) == {"1"}


def test_there_is_a_core():
    assert 1 <= threads.cores() <= os.cpu_count()
