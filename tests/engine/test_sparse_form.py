"""The sparse form of inputs: what it lists where, and as which numbers."""

from __future__ import annotations

import tracemalloc
from itertools import pairwise

import numpy as np
import pytest
from builders import assert_same_bits, seed_generators, seeded_network
from scipy import sparse

from fastnn import Dataset, network2
from fastnn.engine import inputs
from fastnn.engine import sparse_form as making
from fastnn.kernels.inputs import DenseInputs, SparseInputs

WIDTHS = [1, 2, 7, 64, 65]


def few_numbers(shape, dtype, different, seed=1):
    """Rows with a fifth of non-zero inputs, which are `different` numbers, each at least once."""
    rng = np.random.default_rng(seed)
    numbers = np.concatenate([[-1e-30, 5e-39], rng.normal(0, 1, different - 2)]).astype(dtype)
    rows = np.zeros(shape, dtype)
    places = rng.permutation(rows.size)[: rows.size // 5]
    rows.flat[places] = numbers[np.arange(len(places)) % different]
    return rows


def sparse_form(rows, dtype=np.float64):
    """Return the form that kernels take, and the rows that it stands for."""
    store = Dataset(rows, np.zeros(rows.shape[0], np.int64), classes=1).store
    form = inputs.kernel_inputs(store, np.dtype(dtype))
    assert hasattr(form, "starts")
    places, values = listed(form, rows.shape[1])
    said = np.zeros(rows.shape, dtype)
    for e in range(len(said)):
        place = slice(form.starts[2 * e], form.starts[2 * e + 2])
        assert np.all(np.diff(places[place]) > 0)
        said[e, places[place]] = values[place]
    return form, said


def listed(form, width):
    """Return which inputs are listed, and their values: zero for entries that only bridge a gap."""
    if isinstance(form, SparseInputs):
        return form.indices.astype(int), form.values
    places = form.entries.astype(int) // 256
    for part, (begin, end) in enumerate(pairwise(form.starts)):
        places[begin:end] = np.cumsum(places[begin:end]) + part % 2 * (width // 2)
    return places, form.table[form.entries % 256]


@pytest.mark.parametrize("kind", [np.float64, np.float32, np.uint8])
@pytest.mark.parametrize("width", WIDTHS)
def test_the_sparse_form_says_every_number_and_nothing_else(kind, width):
    rows = few_numbers((50, width), np.float64, 5)
    rows = (255 * np.abs(rows)).astype(kind) if kind == np.uint8 else rows.astype(kind)
    form, said = sparse_form(rows)
    np.testing.assert_array_equal(said, rows.astype(np.float64))
    places, values = listed(form, width)
    assert len(places) == len(values) == np.count_nonzero(rows)


@pytest.mark.parametrize("make", [np.asarray, sparse.csr_matrix])
@pytest.mark.parametrize("width", WIDTHS)
def test_the_second_half_of_an_example_begins_in_the_middle_of_the_inputs(width, make):
    rows = few_numbers((50, width), np.float64, 5)
    form, _ = sparse_form(make(rows))
    places, _ = listed(form, width)
    for e in range(len(rows)):
        low, middle, high = form.starts[2 * e : 2 * e + 3]
        assert np.all(places[low:middle] < width // 2)
        assert np.all(places[middle:high] >= width // 2)


@pytest.mark.parametrize("kind", [np.float64, np.float32])
@pytest.mark.parametrize("different", [3, 254, 255])
def test_numbers_that_bytes_can_tell_apart_are_kept_as_bytes(kind, different):
    rows = few_numbers((100, 64), kind, different)
    form, said = sparse_form(rows)
    assert form.entries.dtype == np.uint16
    assert said.tobytes() == rows.astype(np.float64).tobytes()


@pytest.mark.parametrize("kind", [np.float64, np.float32])
@pytest.mark.parametrize("different", [256, 1200])
def test_more_numbers_are_kept_as_they_are(kind, different):
    rows = few_numbers((100, 64), kind, different)
    form, said = sparse_form(rows)
    assert form.values.dtype == kind
    assert said.tobytes() == rows.astype(np.float64).tobytes()


@pytest.mark.parametrize("kind", [np.float64, np.uint8])
@pytest.mark.parametrize("gap", [1, 254, 255, 256, 257, 510, 511, 765, 766, 1000])
@pytest.mark.parametrize("first", [0, 1, 255, 256, 999])
def test_gaps_of_any_length_between_inputs_are_said(kind, gap, first):
    rows = np.zeros((3, 2001), kind)
    rows[0, first::gap] = rows[2, : first + 1 : gap] = 7
    _, said = sparse_form(rows)
    assert said.tolist() == rows.tolist()


@pytest.mark.parametrize("kind", [np.float64, np.float32, np.uint8])
@pytest.mark.parametrize("threads", [1, 3])
def test_where_most_entries_would_only_bridge_gaps_indices_are_listed(kind, threads, monkeypatch):
    monkeypatch.setattr(making, "WORTH_A_THREAD", 1)
    monkeypatch.setattr(making, "threads_available", lambda: threads)
    rows = np.zeros((50, 3000), kind)
    rows[np.arange(50), np.random.default_rng(1).integers(3000, size=50)] = 3
    form, said = sparse_form(rows)
    assert isinstance(form, SparseInputs)
    assert form.values.dtype == (np.float32 if kind == np.uint8 else kind)
    assert said.tolist() == rows.tolist()
    rows[:, ::10] = 1
    assert not isinstance(sparse_form(rows)[0], SparseInputs)


def test_a_zero_with_a_sign_is_a_zero():
    rows = np.array([[-0.0, 1.0, 0.0, -0.0, 0.0]])
    form, _ = sparse_form(rows)
    assert listed(form, 5)[0].tolist() == [1]


@pytest.mark.parametrize("share", [0.39, 0.41])
def test_inputs_that_are_mostly_full_stay_so(share):
    rows = np.zeros((100, 100))
    rows.flat[: int(share * rows.size)] = 1.0
    store = Dataset(rows, np.zeros(100, np.int64), classes=1).store
    assert hasattr(inputs.kernel_inputs(store, np.dtype(float)), "starts") == (share < 0.4)


@pytest.mark.parametrize("kind", [np.float64, np.float32, np.uint8])
@pytest.mark.parametrize("different", [3, 255, 256])
@pytest.mark.parametrize("threads", [2, 3, 200])
def test_several_threads_make_the_form_that_one_makes(kind, different, threads, monkeypatch):
    rows = few_numbers((100, 64), np.float64, different)
    rows = (255 * np.abs(rows)).astype(kind) if kind == np.uint8 else rows.astype(kind)
    rows[:40][rows[:40] == rows[99].max()] = 0  # a number that only the last rows have
    alone, said = sparse_form(rows)
    assert said.tobytes() == rows.astype(np.float64).tobytes()
    monkeypatch.setattr(making, "WORTH_A_THREAD", 1)
    monkeypatch.setattr(making, "threads_available", lambda: threads)
    together, _ = sparse_form(rows)
    for wanted, got in zip(alone, together, strict=True):
        assert_same_arrays(got, wanted)


def assert_same_arrays(got, wanted):
    if isinstance(wanted, np.ndarray):
        assert (got.dtype, got.flags.writeable) == (wanted.dtype, True)
        assert got.tolist() == wanted.tolist()
    else:
        assert got == wanted


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("kind", [np.float64, np.float32])
@pytest.mark.parametrize("different", [200, 1200])
@pytest.mark.parametrize("apart", [1, 20])
def test_bytes_numbers_and_full_rows_train_to_the_same_bits(
    dtype, kind, different, apart, monkeypatch
):
    rows = np.zeros((100, 64 * apart), kind)
    rows[:, ::apart] = few_numbers((100, 64), kind, different)
    labels = np.arange(100) % 3
    if different == 200 and apart == 20:  # some gaps are bridged
        form, _ = sparse_form(rows)
        assert len(form.entries) > np.count_nonzero(rows)

    def trained(form):
        seed_generators(2)
        net = seeded_network(network2, [64 * apart, 8, 3], dtype=dtype)
        net.SGD(Dataset(form, labels, classes=3), 2, 7, 0.5, lmbda=0.1, verbose=False)
        return net

    short = trained(rows)
    assert_same_bits(trained(sparse.csr_matrix(rows)), short)
    monkeypatch.setattr(inputs, "SPARSE_BELOW", 0.0)
    assert_same_bits(trained(rows), short)


@pytest.mark.parametrize("kind", [np.float64, np.float32])
@pytest.mark.parametrize("different", [5, 400])
def test_a_form_for_little_memory_is_the_same_or_none(kind, different):
    rows = few_numbers((100, 64), kind, different)
    wanted = making.sparse_form(rows, rows.size)
    parts = (wanted.listed, wanted.values)
    needed = sum(part.nbytes for part in parts if part is not None)
    got = making.sparse_form(rows, rows.size, most_bytes=2 * needed)
    np.testing.assert_array_equal(got.listed, wanted.listed)
    assert (got.values is None) == (different == 5)
    assert making.sparse_form(rows, rows.size, most_bytes=needed) is None


def test_no_memory_is_asked_for_in_vain():
    store = Dataset(np.ones((2000, 64)), np.zeros(2000, np.int64), classes=1).store
    tracemalloc.start()
    inputs.list_sparse_inputs(store, store.inputs.nbytes // 10)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10_000
    assert isinstance(inputs.kernel_inputs(store, np.dtype(float)), DenseInputs)
