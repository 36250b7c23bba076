"""Large tables: trained on in little more memory than their inputs need, predicted in blocks."""

import sys

import numpy as np
import pytest
from processes import finish, start
from table_files import write_covertype

import fastnn
from fastnn.own_data import read_labelled_table

# The most memory that commands took beyond a first one, on a small table, in MiB.
BEYOND = """
import resource, sys
from fastnn import cli
def most():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
small, large = sys.argv[1], sys.argv[2]
for path in small, large:
    before = most()
    status = cli.main([path if word == "FILE" else word for word in sys.argv[3:]])
print(status, most() - before)
"""

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="MiB as Linux counts them"),
]


def beyond(small, large, *words):
    status, extra = finish(start(BEYOND, small, large, *words))[-1].split()
    assert status == "0"
    return float(extra)


def test_a_table_of_covertypes_size_takes_two_and_a_half_times_its_inputs(tmp_path):
    small = write_covertype(tmp_path / "small.csv", 2000)
    large = write_covertype(tmp_path / "large.csv")
    how = ["--epochs", "1", "--mini-batch-size", "200", "--sizes", "54,10,7", "--quiet"]
    inputs = 581_012 * 54 * 4 / 2**20
    assert beyond(small, large, "train", "--data", "FILE", *how) < 2.5 * inputs


def test_a_million_rows_are_predicted_in_bounded_memory(tmp_path):
    small = write_covertype(tmp_path / "small.csv", 60_000)
    large = write_covertype(tmp_path / "large.csv", 1_000_000)
    columns = read_labelled_table(small).learn()
    net = fastnn.Network([54, 5, 7])
    net.columns, net.labels = columns, list(range(1, 8))
    net.save(tmp_path / "net.npz")
    table = tmp_path / "out.csv"
    extra = beyond(small, large, "predict", tmp_path / "net.npz", "FILE", "--output", table)
    assert extra < 0.5 * 1_000_000 * 54 * 4 / 2**20
    with table.open() as file:
        assert sum(1 for _ in file) == 1_000_001
    assert np.isfinite(net.outputs(np.zeros((1, 54)))).all()
