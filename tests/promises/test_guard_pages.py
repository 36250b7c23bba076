"""Kernels use bare pointers, but none reads or writes one element outside its arrays."""

from __future__ import annotations

import faulthandler
import os
import random
import subprocess
import sys
from itertools import product
from pathlib import Path

import guard_pages
import numba
import numpy as np
import pytest
from builders import (
    ALL_MONITORS,
    assert_same_bits,
    dense_digits,
    digits,
    labelled,
    seeded_network,
)
from forced_teams import form_small_teams
from forked import in_a_copy

from fastnn import gradients, network2
from fastnn.engine import two_way
from fastnn.kernels.simd import element, pointer

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="needs mprotect"),
    pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="there are no pointers then"),
]
every_edge = pytest.mark.parametrize(
    "edge", [guard_pages.before_the_edge, guard_pages.after_the_edge]
)

WAYS = [
    {},
    {"momentum": 0.5, "l1": 0.1, "dropout": 0.3},
    {"optimizer": "adam", "monitor_layer_speeds": True},
]
TYPES_AND_WAYS = [*product([np.float64], WAYS), (np.float32, WAYS[0])]
SHAPES = [[1, 1], [33, 70, 16, 64]]  # 64: examples in scratch lie further apart than that
CASES = [
    (sizes, build, dtype, way, mini_batch_size)
    for sizes, build, (dtype, way), mini_batch_size in product(
        SHAPES, (digits, dense_digits), TYPES_AND_WAYS, (50, 140, 150)
    )
]


def trained(sizes, build, dtype, way, mini_batch_size, patch, edge=None):
    """Train, evaluate and compute outputs in every kind of call, with all arrays at the edge."""
    data = build(150, sizes[0], sizes[-1], seed=1, dtype=np.float32)
    net = seeded_network(network2, sizes, dtype=dtype)
    random.seed(2)
    form_small_teams(patch, 2)
    patch.setattr(two_way, "WORTH_LISTING", 1)
    if edge is not None:
        guard_pages.guard_everything(patch, edge)
    history = net.SGD(
        data, 1, mini_batch_size, 0.1, 1.0, labelled(data[:9]), **ALL_MONITORS, verbose=False, **way
    )
    net.outputs(np.array([x[:, 0] for x, _ in data]))
    gradients.mean_slopes(net, data)
    return net, history


def trained_at(edge, usual):
    """Compare the bits at an edge with the usual ones; return the shapes listed by input."""
    listed = []
    visit = two_way.visit_pairs
    for case, (net, history) in zip(CASES, usual, strict=True):

        def noting(*given, sizes=case[0], **how):
            listed.append(sizes)
            return visit(*given, **how)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(two_way, "visit_pairs", noting)
            got = trained(*case, patch, edge)
        assert_same_bits(got[0], net)
        assert got[1] == history
    return listed


@numba.njit
def read(array, index):
    return element(pointer(array), index)


def read_at(edge, index):
    faulthandler.disable()  # it is expected to crash
    return read(edge(np.arange(5.0)), index)


@every_edge
def test_a_read_beyond_the_edge_is_seen(edge):
    inside, beyond = (4, 5) if edge is guard_pages.before_the_edge else (0, -1)
    read(np.arange(5.0), 0)
    assert in_a_copy(read_at, edge, inside) == inside
    with pytest.raises(AssertionError, match="SIGSEGV"):
        in_a_copy(read_at, edge, beyond)


@pytest.fixture(scope="module")
def usual():
    """What every case gives with arrays anywhere."""
    results = []
    for case in CASES:
        with pytest.MonkeyPatch.context() as patch:
            results.append(trained(*case, patch))
    return results


@every_edge
def test_no_kernel_reads_or_writes_beyond_its_arrays(edge, usual):
    assert len(CASES) == 48
    listed = in_a_copy(trained_at, edge, usual)
    assert [sizes for sizes in SHAPES if sizes not in listed] == []


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
