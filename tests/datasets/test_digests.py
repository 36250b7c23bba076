"""Examples are known again by their digests; those in stored files stay what they are."""

from __future__ import annotations

import random

import numpy as np
import pytest
from memory import peak_bytes
from scipy import sparse

import fastnn
from fastnn import Dataset
from fastnn.datasets.digests import checked_digests, example_digests

ROWS = np.arange(6).reshape(3, 2)
LABELS = [0, 1, 1]

# Checkpoints and results of sweeps hold these numbers: another digest would make them useless.
STORED = {
    "float64": (
        lambda: Dataset(ROWS / 4, LABELS, classes=2),
        [14171275625478286761, 16591074845452950443, 13492180437811868706],
    ),
    "float32": (
        lambda: Dataset((ROWS / 4).astype(np.float32), LABELS),
        [4421719395433009897, 13611945831307852855, 12879063163023587198],
    ),
    "bytes": (
        lambda: Dataset(ROWS.astype(np.uint8), LABELS, scale=1 / 256),
        [7785690509027596569, 14881237623170218483, 3349052228133703872],
    ),
    "desired outputs": (
        lambda: Dataset(ROWS / 4, ROWS / 2),
        [13479734617375016198, 1670612827287231589, 6442349958644070092],
    ),
    "sparse": (
        lambda: Dataset(sparse.csr_matrix(ROWS / 4), LABELS, classes=2),
        [8548132506207431422, 1751095110195253713, 14203441122535964869],
    ),
}


@pytest.mark.parametrize("kind", STORED)
def test_a_digest_stays_what_it_is_in_files(kind):
    make, digests = STORED[kind]
    assert example_digests(make()).tolist() == digests
    assert example_digests(make()[::-1]).tolist() == digests  # of the arrays, not of the order


def test_an_example_that_differs_in_anything_has_another_digest():
    rows = np.array([[0, 1, 0, 0], [0, 0, 1, 0], [0, 2, 0, 0], [0, 1, 1, 0], [0, 0, 0, 0]]) / 4

    def wider(rows):
        return sparse.csr_matrix(np.pad(rows, [(0, 0), (0, 1)]))

    def in_float32(rows):
        return sparse.csr_matrix(rows, dtype=np.float32)

    sets = [
        Dataset(make(rows), labels, **options)
        for make in (sparse.csr_matrix, wider, in_float32, np.array)
        for labels, options in (([0] * 5, {}), ([1] * 5, {}), ([1] * 5, {"classes": 2}))
    ]
    assert len(np.unique([example_digests(data) for data in sets])) == 5 * len(sets)


def test_sparse_rows_of_equal_numbers_have_equal_digests_however_they_are_stored():
    rows = np.array([[0, 0.5, 0], [0.25, 0, 1]])
    wanted = example_digests(Dataset(sparse.csr_matrix(rows), [0, 1]))
    stored_zeros = sparse.csr_matrix(rows + 1)
    stored_zeros.data -= 1
    assert stored_zeros.nnz == 6
    disorder = sparse.csr_matrix(([0.5, 1, 0.25], [1, 2, 0], [0, 1, 3]), shape=(2, 3))
    for matrix in (stored_zeros, disorder, sparse.csc_array(rows), sparse.lil_matrix(rows)):
        assert np.array_equal(example_digests(Dataset(matrix, [0, 1])), wanted)


def test_sparse_examples_are_never_made_full_for_a_checkpoint_or_for_results(tmp_path):
    n, width = 2000, 60_000  # 0.9 GiB as a full matrix
    places = np.arange(n) * 7 % width
    data = Dataset(sparse.csr_matrix((np.ones(n), (np.arange(n), places)), (n, width)), places % 2)
    checkpoint, results = tmp_path / "run.npz", tmp_path / "results.jsonl"

    def train():
        net = fastnn.Network([width, 1, 2])
        net.SGD(data, 1, 1000, 0.1, verbose=False, checkpoint=checkpoint)

    def resume():
        fastnn.resume(checkpoint, data, 2, verbose=False)

    def sweep():
        settings = {"epochs": 1, "mini_batch_size": 1000, "eta": 0.1, "progress": False}
        fastnn.train_many([width, 1, 2], data, seeds=[1], **settings, results=results)

    for work in (train, resume, sweep):
        assert peak_bytes(work) < 300e6, work  # most of it are weights


def test_a_run_on_sparse_inputs_is_resumed_with_sparse_ones_only(tmp_path):
    rows = np.eye(4) / 2
    net = fastnn.Network([4, 2])
    checkpoint = tmp_path / "run.npz"
    data = Dataset(sparse.csr_matrix(rows), [0, 1, 0, 1], classes=2)
    net.SGD(data, 1, 2, 0.1, verbose=False, checkpoint=checkpoint)
    shuffled = Dataset(sparse.csc_matrix(rows), [0, 1, 0, 1], classes=2)[::-1]
    fastnn.resume(checkpoint, shuffled, 2, verbose=False)
    with pytest.raises(ValueError, match="training_data must be that of the stored run"):
        fastnn.resume(checkpoint, Dataset(rows, [0, 1, 0, 1], classes=2), 2, verbose=False)


@pytest.mark.parametrize(
    "digests", [np.zeros(4), np.zeros(4, np.int64), np.zeros((4, 1), np.uint64), np.array("x")]
)
def test_digests_in_a_file_that_are_none_are_refused(digests):
    assert checked_digests("training_data", np.zeros(4, np.uint64)).tolist() == [0] * 4
    with pytest.raises(ValueError, match="digests of training_data must be uint64, got an array"):
        checked_digests("training_data", digests)


HOSTILE_PLACES = {
    "far": lambda stored: np.where(stored == stored[0], 10**8, stored),
    "negative": lambda stored: -stored.astype(np.int64) - 1,
    "none": lambda stored: stored[:0],
    "one": lambda stored: stored[:1],
    "twice": lambda stored: np.repeat(stored[:1], len(stored)),
    "columns": lambda stored: stored[:, np.newaxis],
    "a number": lambda stored: stored[0],
    "floats": lambda stored: stored * 1.0,
    "text": lambda stored: stored.astype(str),
}


@pytest.mark.parametrize("name", ["order", "digests_training_data", "digests_evaluation_data"])
@pytest.mark.parametrize("change", HOSTILE_PLACES)
def test_an_order_or_digests_of_a_checkpoint_that_are_none_are_refused(tmp_path, change, name):
    file, data = tmp_path / "run.npz", Dataset(np.eye(4), [0, 1, 0, 1], classes=2)
    options = {"evaluation_data": data, "monitor_evaluation_accuracy": True, "verbose": False}
    net = fastnn.Network([4, 2])
    net.SGD(data, 1, 2, 0.1, checkpoint=file, **options)
    with np.load(file) as stored:
        arrays = dict(stored)
    arrays[name] = HOSTILE_PLACES[change](arrays[name])
    np.savez(file, **arrays)
    state = random.getstate()
    reasons = r"must (have each number|be uint64|be that of the|be \[1, \d\])"
    with pytest.raises(ValueError, match=reasons):
        fastnn.resume(file, data, 2, data, verbose=False)
    assert random.getstate() == state
