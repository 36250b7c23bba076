"""SciPy's sparse matrices as inputs of data sets: they are never made full."""

from __future__ import annotations

import numpy as np
import pytest
from builders import arrays, assert_same_bits, digits, seed_generators, seeded_network
from scipy import sparse

from fastnn import Dataset, network2
from fastnn.datasets import sparse_rows
from fastnn.datasets.sparse_rows import SparseRows, check_places, rows_of_sparse

FORMATS = ["csr_matrix", "csr_array", "csc_matrix", "coo_array", "lil_matrix"]
ROWS, LABELS = arrays(digits(40, 30, 3, seed=1))


def trained(inputs, dtype=np.float64):
    seed_generators(2)
    net = seeded_network(network2, [30, 8, 3], dtype=dtype)
    net.SGD(Dataset(inputs, LABELS, classes=3), 2, 7, 0.5, lmbda=0.1, verbose=False)
    return net


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("form", FORMATS)
def test_sparse_inputs_train_to_the_bits_of_full_ones(form, dtype):
    assert_same_bits(trained(getattr(sparse, form)(ROWS), dtype), trained(ROWS, dtype))


def test_a_sparse_matrix_that_is_mostly_full_trains_to_the_same_bits():
    full = ROWS + np.float32(0.25)
    assert_same_bits(trained(sparse.csr_matrix(full)), trained(full))


def test_more_inputs_than_a_short_index_can_tell_apart_are_told_apart():
    matrix = sparse.csr_matrix(([1.0, 2.0], ([0, 1], [70_000, 4464])), shape=(2, 70_001))
    rows = Dataset(matrix, [0, 1], classes=2).store.inputs
    assert rows.indices.tolist() == [70_000, 4464]
    assert (rows[0][70_000], rows[1][4464]) == (1.0, 2.0)


def test_the_numbers_of_a_sparse_matrix_are_kept_and_not_copied():
    matrix = sparse.csr_matrix(ROWS)
    rows = Dataset(matrix, LABELS, classes=3).store.inputs
    assert isinstance(rows, SparseRows)
    assert np.shares_memory(rows.values, matrix.data)


def test_indices_are_copied_only_to_be_shorter_or_to_last():
    wide = sparse.csr_matrix(([1.0, 2.0], ([0, 1], [70_000, 4464])), shape=(2, 70_001))
    rows = rows_of_sparse("X", wide)
    assert rows.indices.dtype == np.uint32
    assert np.shares_memory(rows.indices, wide.indices)
    kept = Dataset(wide, [0, 1], classes=2).store.inputs
    assert isinstance(kept, SparseRows)
    wide.indices[:] = 1 << 30  # a kernel would go there
    assert kept.indices.tolist() == [70_000, 4464]


@pytest.mark.parametrize("at_a_time", [1, 2, 3, 7, 1000])
def test_a_check_of_some_numbers_at_a_time_finds_what_a_whole_one_finds(at_a_time, monkeypatch):
    monkeypatch.setattr(sparse_rows, "_NUMBERS_AT_A_TIME", at_a_time)
    rng = np.random.default_rng(at_a_time)
    for _ in range(60):
        matrix = sparse.random(5, 6, 0.4, "csr", random_state=rng)
        matrix.sort_indices()
        if matrix.nnz and rng.random() < 0.7:
            matrix.indices[rng.integers(matrix.nnz)] = rng.integers(6)
        full = matrix.toarray()
        rows = rows_of_sparse("X", matrix)
        np.testing.assert_array_equal(rows[:], full)
        parts = np.split(rows.indices.astype(int), rows.starts[1:-1])
        assert all((np.diff(part) > 0).all() for part in parts)
        if matrix.nnz:
            place = rng.integers(matrix.nnz)
            matrix.data[place] = np.nan
            example = np.searchsorted(matrix.indptr, place, side="right") - 1
            matrix.sum_duplicates()
            where = rf"got nan in input \d+ of example {example}"
            with pytest.raises(ValueError, match=where):
                rows_of_sparse("X", matrix)


def test_numbers_in_disorder_and_named_twice_are_brought_into_order_in_a_copy():
    values, places = [1.0, 2.0, 4.0], [2, 0, 2]
    matrix = sparse.csr_matrix((values, places, [0, 3]), shape=(1, 3))
    data = Dataset(matrix, [0], classes=1)
    np.testing.assert_array_equal(data.inputs, [[2, 0, 5]])
    assert matrix.indices.tolist() == places


def test_examples_of_sparse_inputs_are_those_of_full_ones():
    data, full = (Dataset(x, LABELS, classes=3) for x in (sparse.csr_matrix(ROWS), ROWS))
    np.testing.assert_array_equal(data.inputs, full.inputs)
    for (x, y), (x_full, y_full) in zip(data[5:9], full[5:9], strict=True):
        np.testing.assert_array_equal(x, x_full)
        np.testing.assert_array_equal(y, y_full)


def test_whole_numbers_become_floating_point_numbers():
    data = Dataset(sparse.csr_matrix([[0, 3]]), [0], classes=1)
    assert data.inputs.dtype == np.float64
    assert data.inputs.tolist() == [[0, 3]]


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        (sparse.csr_matrix((0, 3)), r"inputs must have the shape \(examples, inputs\)"),
        (sparse.csr_matrix([[1j]]), "inputs must be a sparse matrix of numbers"),
        (sparse.csr_matrix([[0, 1.0], [0, np.nan]]), "got nan in input 1 of example 1"),
        (sparse.csr_matrix([[0, np.inf], [0, 1.0]]), "got inf in input 1 of example 0"),
        (sparse.csr_matrix([[0, 1.0], [1.0, 1.0], [0, 0]]), "labels must have one entry for each"),
    ],
)
def test_sparse_inputs_that_are_none_are_refused(inputs, message):
    with pytest.raises((TypeError, ValueError), match=message):
        Dataset(inputs, [0, 1])


def test_numbers_that_float32_cannot_hold_are_refused_where_it_is_the_networks_type():
    with pytest.raises(ValueError, match="inputs must be finite in float32"):
        trained(sparse.csr_matrix(ROWS.astype(np.float64) * 1e300), np.float32)


def test_examples_that_are_nothing_but_zeros_train():
    nothing = sparse.csr_matrix(ROWS.shape)
    assert_same_bits(trained(nothing, np.float32), trained(np.zeros(ROWS.shape), np.float32))


def test_a_scale_for_sparse_inputs_is_refused():
    with pytest.raises(ValueError, match="scale is for inputs of type uint8"):
        Dataset(sparse.csr_matrix(ROWS), LABELS, scale=0.5)


# --- places that a matrix lacks; promises/test_hostile_sparse.py has them at random -------------


def changed(form, array, place, value):
    """A sparse matrix of ROWS with one entry of one of its arrays changed."""
    matrix = sparse.csr_matrix(ROWS).asformat(form)
    getattr(matrix, array)[place] = value
    return matrix


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        (changed("csr", "indices", 7, 60_000), "indices from 0 to 29, .* got 60000 at place 7"),
        (changed("csr", "indices", 0, -1), "indices from 0 to 29, .* got -1 at place 0"),
        (changed("csr", "indices", 7, 30), "indices from 0 to 29, .* got 30 at place 7"),
        (changed("csc", "indices", 7, 40), "indices from 0 to 39, .* got 40 at place 7"),
        (changed("coo", "row", 7, 40), "row from 0 to 39, .* got 40 at place 7"),
        (changed("coo", "col", 7, 30), "col from 0 to 29, .* got 30 at place 7"),
        (changed("csr", "indptr", 20, 10**8), "indptr that ascends .* got 100000000 before"),
        (changed("csr", "indptr", 3, -5), r"indptr that ascends .* got \d+ before -5"),
        (changed("csr", "indptr", 0, 1), "indptr that ascends from 0 .* got one from 1 to"),
        (changed("csr", "indptr", -1, 10**6), "indptr that ascends .* got one from 0 to 1000000"),
        (changed("bsr", "indices", 3, 30), "indices from 0 to"),
        (changed("lil", "rows", 3, [1, 2, 29]), "a number for each of its indices"),
        (changed("lil", "data", 3, []), "a number for each of its indices"),
    ],
)  # fmt: skip
def test_a_matrix_that_names_places_it_lacks_is_refused(matrix, message):
    for what in (lambda: Dataset(matrix, LABELS), lambda: check_places("inputs", matrix)):
        with pytest.raises(ValueError, match=f"inputs must have .*{message}"):
            what()


def test_an_index_that_wraps_around_to_a_good_one_is_refused():
    matrix = sparse.csr_matrix(ROWS)
    matrix.indices = matrix.indices.astype(np.int64)
    matrix.indices[7] += 1 << 32
    with pytest.raises(ValueError, match="at place 7"):
        Dataset(matrix, LABELS)


def test_indices_that_are_no_integers_are_refused():
    matrix = sparse.csr_matrix(ROWS)
    matrix.indices = matrix.indices * 1.0
    with pytest.raises(TypeError, match="inputs must have integers as indices, got an array"):
        Dataset(matrix, LABELS)


def test_more_inputs_than_an_index_can_number_are_refused():
    matrix = sparse.csr_matrix((1, (1 << 32) + 1))
    with pytest.raises(ValueError, match="inputs must have at most 4294967296 inputs"):
        Dataset(matrix, [0])


def test_what_scipy_found_before_numbers_were_moved_is_not_believed():
    matrix = sparse.csr_matrix(([1.0, 2.0], [0, 2], [0, 2]), shape=(1, 3))
    assert matrix.has_canonical_format
    matrix.indices[:] = [2, 2]
    np.testing.assert_array_equal(Dataset(matrix, [0]).inputs, [[0, 0, 3]])


def test_numbers_that_do_not_lie_side_by_side_train_to_the_same_bits():
    matrix = sparse.csr_matrix(ROWS)
    apart = np.repeat(matrix.data, 2)[::2]
    strided = sparse.csr_matrix((apart, matrix.indices, matrix.indptr), shape=matrix.shape)
    assert_same_bits(trained(strided), trained(ROWS))


def test_what_is_not_sparse_names_no_places():
    for value in (ROWS, ROWS.tolist(), None, "text"):
        check_places("inputs", value)
