"""What a team of threads splits, and which part of a network each thread owns."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from builders import sigmoid_layers

from fastnn.engine.teams import split_for
from fastnn.kernels import layout
from fastnn.kernels.layout import section_of


@pytest.mark.parametrize(
    ("sizes", "examples", "density", "threads"),
    [
        ([784, 100, 10], 10, 0.19, 4),  # two by halves of the inputs, two by columns
        ([784, 100, 10], 1, 0.19, None),  # too little work
        ([784, 90, 10], 100, 0.19, 3),  # three panels of columns
        ([784, 60, 10], 100, 0.19, 4),
        ([784, 1000], 100, 1.0, 4),
        ([784, 30, 10], 10, 0.19, 2),  # one panel of columns
        ([784, 30, 10], 1, 0.19, None),
        ([4, 10, 200, 3], 100, 1.0, 2),  # the work is in the hidden layers
        ([784, 10], 100, 1.0, 2),
    ],
)
def test_a_network_is_split_where_that_is_worth_it(sizes, examples, density, threads):
    split = split_for(sizes, examples, density, 4, 128)
    assert (None if split is None else split.threads) == threads
    assert split_for(sizes, examples, density, 1, 128) is None


def test_hidden_layers_with_many_weights_are_split_by_columns_where_examples_are_few():
    sizes = [200, 200, 200, 32, 600, 200]
    assert split_for(sizes, 40, 1.0, 2, 128).by_columns == (False, True, False, True, False)
    assert not any(split_for(sizes, 64, 1.0, 2, 128).by_columns)
    # Of a block of a long mini-batch each of many threads has few.
    assert any(split_for([784, 512, 512, 10], 5000, 1.0, 8, 128).by_columns)


@pytest.mark.parametrize(
    ("count", "unit"), [(16, 32), (32, 32), (48, 32), (1008, 32), (30, 6), (7, 6), (1008, 16)]
)
@pytest.mark.parametrize("threads", [1, 2, 3, 5])
def test_threads_own_all_columns_or_rows_between_them(count, unit, threads):
    sections = [section_of(count, unit, rank, threads) for rank in range(threads)]
    assert sections[0][0] == 0
    assert sections[-1][1] == count
    for (_, end), (begin, _) in itertools.pairwise(sections):
        assert end == begin
        assert begin % unit == 0 or begin == count


@pytest.mark.parametrize("threads", [1, 2, 3, 4])
@pytest.mark.parametrize("by_columns", [False, True])
def test_every_weight_and_bias_is_changed_by_one_thread(threads, by_columns):
    sizes = [41, 150, 70, 33, 5]
    changes = None
    for rank in range(threads):
        table, parameters, _ = layout.build_table(
            sigmoid_layers(sizes), [by_columns] * 4, rank, threads
        )
        changes = np.zeros(parameters, int) if changes is None else changes
        for row in table:
            stride, fan_in = row[layout.STRIDE], row[layout.FAN_IN]
            owned = np.zeros((fan_in, stride))
            rows = slice(row[layout.ROW], row[layout.ROWS_END])
            owned[rows, row[layout.OWN] : row[layout.END]] = 1
            begin = row[layout.WEIGHTS]
            place = np.zeros(fan_in * stride)
            layout.pack_panels(owned, place)
            changes[begin : begin + fan_in * stride] += place.astype(int)
            biases = row[layout.BIASES]
            changes[biases + row[layout.BIAS] : biases + row[layout.BIASES_END]] += 1
    assert (changes == 1).all()
