"""Examples to compute outputs of come in parts, and what is not finite is told by its row."""

from __future__ import annotations

import numpy as np
import pytest
from builders import seeded_network

from fastnn import Dataset, network2
from fastnn.model import many_examples
from fastnn.model.many_examples import check_finite, parts_of, put_outputs, rows_of
from fastnn.scaling import Scaling

ROWS = np.arange(20.0).reshape(10, 2)
SCALING = Scaling(np.array([1.0, 2.0]), np.array([2.0, 4.0]))


@pytest.fixture(autouse=True)
def few_at_a_time(monkeypatch):
    monkeypatch.setattr(many_examples, "_ROWS_AT_A_TIME", 4)


@pytest.mark.parametrize("scaling", [None, SCALING])
@pytest.mark.parametrize("given", [ROWS, Dataset(ROWS, np.zeros(10, int), classes=2)])
def test_parts_are_all_examples_standardised_in_order(given, scaling):
    parts = list(parts_of(given, scaling, np.dtype(np.float32), copy=False))
    assert [start for start, _ in parts] == [0, 4, 8]
    rows = np.concatenate([part for _, part in parts])
    wanted = ROWS if scaling is None else scaling.apply(ROWS)
    np.testing.assert_array_equal(rows, wanted.astype(np.float32))


def test_parts_are_copied_if_somebody_may_write_to_them():
    for copy in (True, False):
        ((_, part), *_) = parts_of(ROWS, None, np.dtype(np.float64), copy=copy)
        assert np.shares_memory(part, ROWS) is not copy


def test_the_first_row_that_is_not_finite_is_told():
    rows = ROWS.copy()
    check_finite(rows, 0)
    rows[3, 1] = rows[7, 0] = np.inf
    with pytest.raises(ValueError, match="X must be finite numbers, got others in row 103"):
        check_finite(rows, 100)


class Doubtful:
    """A faster way that is never sure of its inputs."""

    def put_rows(self, rows, out):
        out[:] = rows.sum(axis=1, keepdims=True)
        return False

    def close(self):
        """There is nothing to end."""


def test_a_doubt_is_looked_into():
    outputs = np.empty((10, 1))
    put_outputs(Doubtful(), ROWS, None, outputs)
    np.testing.assert_array_equal(outputs[:, 0], ROWS.sum(axis=1))
    rows = ROWS.copy()
    rows[9, 1] = np.nan
    with pytest.raises(ValueError, match="row 9"):
        put_outputs(Doubtful(), rows, None, outputs)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_finite_inputs_whose_sums_overflow_have_outputs(dtype):
    net = seeded_network(network2, [2, 3, 2], dtype=dtype)
    net.weights[0][:] = 1.0
    rows = np.full((6, 2), np.finfo(dtype).max, dtype)
    np.testing.assert_array_equal(net.outputs(rows), np.tile(net.outputs(rows[:1]), (6, 1)))
    rows[5, 0] = np.inf
    with pytest.raises(ValueError, match="X must be finite numbers, got others in row 5"):
        net.outputs(rows)


def test_rows_must_be_as_wide_as_the_network():
    assert rows_of(ROWS, 2, None) is ROWS
    with pytest.raises(ValueError, match=r"X must have the shape \(n, 3\), got \(10, 2\)"):
        rows_of(ROWS, 3, None)
