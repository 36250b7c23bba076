"""Kernels use bare pointers, but none reads or writes one element outside its arrays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import numba
import pytest

# Trains and evaluates with every array at the edge, and compares the bits with usual arrays.
PROGRAM = """
import random, sys
import numpy as np, pytest
import guard_pages
from builders import (ALL_MONITORS, assert_same_bits, dense_digits, digits, labelled,
                      seeded_network)
from fastnn import network2
from fastnn.engine import two_way as by_input
from fastnn.training import option_checks
from fastnn.engine import short_calls
from fastnn.engine import teams
edge = getattr(guard_pages, sys.argv[1])
WAYS = [
    {},
    {"momentum": 0.5, "l1": 0.1, "dropout": 0.3},
    {"optimizer": "adam", "monitor_layer_speeds": True},
]
SHAPES = [[1, 1], [33, 70, 16, 3]]
LISTED = []

def trained(sizes, build, dtype, mini_batch_size, way, guarded):
    data = build(150, sizes[0], sizes[-1], seed=1, dtype=np.float32)
    net = seeded_network(network2, sizes, dtype=dtype)
    random.seed(2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(option_checks, "threads_available", lambda: 2)
        patch.setattr(teams, "_WORTH_SPLITTING", 1)
        patch.setattr(teams, "_WORTH_SPLITTING_ROWS", 1)
        patch.setattr(short_calls, "_LONGEST_CALL", 0.0)
        patch.setattr(by_input, "WORTH_LISTING", 1)
        visit = by_input.visit_pairs
        patch.setattr(by_input, "visit_pairs",
                      lambda *given, **how: LISTED.append(sizes) or visit(*given, **how))
        if guarded:
            guard_pages.guard_everything(patch, edge)
        history = net.SGD(data, 1, mini_batch_size, 0.1, 1.0, labelled(data[:9]), **ALL_MONITORS,
                          verbose=False, **way)
        net.outputs(np.array([x[:, 0] for x, _ in data]))
    return net, history

count = 0
for sizes in SHAPES:
    for build in (digits, dense_digits):
        for dtype, ways in ((np.float64, WAYS), (np.float32, WAYS[:1])):
            for way in ways:
                for mini_batch_size in (50, 140, 150):
                    usual, guarded = (
                        trained(sizes, build, dtype, mini_batch_size, way, guard)
                        for guard in (False, True)
                    )
                    assert_same_bits(guarded[0], usual[0])
                    assert guarded[1] == usual[1]
                    count += 1
assert all(LISTED.count(sizes) > 0 for sizes in SHAPES)
print(count)
"""

# Reads the last element of an array at the edge, then the one beyond it.
TRESPASSER = """
import sys
import numba, numpy as np
import guard_pages
from fastnn.kernels.simd import element, pointer
@numba.njit
def read(array, index):
    return element(pointer(array), index)
edge = getattr(guard_pages, sys.argv[1])
inside, beyond = ((4, 5) if sys.argv[1] == "before_the_edge" else (0, -1))
print(read(edge(np.arange(5.0)), inside), flush=True)
read(edge(np.arange(5.0)), beyond)
"""

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="needs mprotect"),
    pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="there are no pointers then"),
]
every_edge = pytest.mark.parametrize("edge", ["before_the_edge", "after_the_edge"])


def run_program(program, edge):
    path = os.pathsep.join([os.path.dirname(__file__), *sys.path])
    return subprocess.run(
        [sys.executable, "-c", program, edge],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


@every_edge
def test_a_read_beyond_the_edge_is_seen(edge):
    done = run_program(TRESPASSER, edge)
    assert done.stdout.strip() in ("4.0", "0.0"), done.stderr
    assert done.returncode == -signal.SIGSEGV


@every_edge
def test_no_kernel_reads_or_writes_beyond_its_arrays(edge):
    done = run_program(PROGRAM, edge)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "48\n"


@pytest.mark.long
def test_the_kernels_tests_pass_with_numbas_bounds_checking(tmp_path):
    tests = Path(__file__).resolve().parents[1]
    files = [
        "kernels/test_dense.py",
        "kernels/test_shuffle.py",
        "kernels/simd/test_functions.py",
        "engine/test_packed_network.py",
        "datasets/test_dataset_forms.py",
    ]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-n", "0", *(tests / file for file in files)],
        env={**os.environ, "NUMBA_BOUNDSCHECK": "1", "NUMBA_CACHE_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]
