"""Many networks: both dtypes, each number of threads, and a cluster that grows."""

import pytest

from benchmarks import many

pytestmark = [pytest.mark.thorough, pytest.mark.compiled]


def test_sweeps_are_timed_for_each_dtype_and_number_of_threads():
    lines = many.throughput(networks=2, examples=100, repeats=1)
    assert {"float64", "float32"} <= {line.split()[1] for line in lines[2:]}
    assert all(float(line.split()[3]) > 0 for line in lines[2:])


def test_a_cluster_that_grows_trains_every_network():
    pytest.importorskip("distributed")
    _, heads, row = many.adaptive(networks=20, sweeps=1)
    assert heads.split()[0] == "rows"
    assert row.split()[0] == "20"
