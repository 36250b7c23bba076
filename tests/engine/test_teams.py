"""What a team of threads splits, and which part of a network each thread owns."""

from __future__ import annotations

import itertools

import pytest

from fastnn.engine.teams import split_for
from fastnn.kernels.layout import section_of


@pytest.mark.parametrize(
    ("sizes", "examples", "density", "split"),
    [
        ([784, 100, 10], 10, 0.19, (4, 1)),
        ([784, 100, 10], 1, 0.19, None),  # too little work
        ([784, 256, 256, 10], 100, 0.19, (4, 2)),
        ([784, 30, 10], 10, 0.19, (2, 0)),  # one panel of columns: rows, by two
        ([784, 30, 10], 1, 0.19, None),
        ([784, 30, 256, 10], 100, 1.0, (2, 0)),  # split layers are the first ones
        ([784, 1000], 100, 1.0, None),  # and the last has its columns never split
        ([784, 10], 100, 1.0, (2, 0)),
    ],
)
def test_layers_are_split_where_that_is_worth_it(sizes, examples, density, split):
    assert split_for(sizes, examples, density, 4) == split
    assert split_for(sizes, examples, density, 1) is None


@pytest.mark.parametrize("stride", [16, 32, 48, 112, 1008])
@pytest.mark.parametrize("threads", [1, 2, 3, 5])
def test_threads_own_all_columns_between_them(stride, threads):
    sections = [section_of(stride, rank, threads) for rank in range(threads)]
    assert sections[0][0] == 0
    assert sections[-1][1] == stride
    for (_, end), (begin, _) in itertools.pairwise(sections):
        assert end == begin
        assert begin % 32 == 0 or begin == stride
