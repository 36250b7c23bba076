"""What a script writes into the arrays of a pair counts, as it does in network2's list."""

from __future__ import annotations

import copy
import pickle
import random
import threading

import numpy as np
import pytest
from builders import arrays, assert_same_networks, digits, read_only, seeded_network
from scipy import sparse

from fastnn import Dataset, gradients, network2, reference, resume, train_many
from fastnn.datasets.given_pairs import GivenPairs
from fastnn.datasets.sparse_rows import SparseRows

N, INPUTS, CLASSES = 30, 9, 3
SIZES = [INPUTS, 5, CLASSES]
ROWS, LABELS = arrays(digits(N, INPUTS, CLASSES, seed=1))
GREY = np.round(ROWS * 256).astype(np.uint8)
VECTORS = np.random.default_rng(2).random((N, CLASSES))


MAKE = {
    "uint8": lambda _: Dataset(GREY, LABELS, classes=CLASSES, scale=1 / 256),
    "float32": lambda _: Dataset(ROWS, LABELS, classes=CLASSES),
    "float64": lambda _: Dataset(ROWS.astype(np.float64), LABELS, classes=CLASSES),
    "vectors": lambda _: Dataset(ROWS, VECTORS),
    "sparse": lambda _: Dataset(sparse.csr_array(ROWS), LABELS, classes=CLASSES),
    "sparse vectors": lambda _: Dataset(sparse.csr_array(ROWS.astype(np.float64)), VECTORS),
    "read-only array": lambda _: Dataset(read_only(ROWS), LABELS, classes=CLASSES),
    "memory map": lambda path: Dataset(mapped(path, "r+"), LABELS, classes=CLASSES),
    "list form": lambda _: with_a_foreign_pair(),
}


def with_a_foreign_pair():
    data = Dataset(ROWS[:-1], LABELS[:-1], classes=CLASSES)
    data.append((ROWS[-1:].T.copy(), np.eye(CLASSES)[:, [LABELS[-1]]]))
    return data


def mapped(path, mode):
    np.save(path / "rows.npy", ROWS)
    return np.load(path / "rows.npy", mmap_mode=mode)


@pytest.fixture(params=MAKE)
def data(request, tmp_path):
    return MAKE[request.param](tmp_path)


def as_list(data):
    """The same pairs in a plain list, with arrays of their own."""
    return [(x.copy(), y.copy()) for x, y in copy.deepcopy(data)]


def assert_same_pairs(got, wanted):
    assert len(got) == len(wanted)
    for (x, y), (wanted_x, wanted_y) in zip(got, wanted, strict=True):
        np.testing.assert_array_equal(x, wanted_x)
        np.testing.assert_array_equal(y, wanted_y)


def trained(module, examples, epochs=2):
    net = seeded_network(module, SIZES, seed=3)
    random.seed(4)
    net.SGD(examples, epochs, 7, 0.5, lmbda=0.1, verbose=False)
    return net


def assert_train_alike(data, pairs):
    assert_same_networks(trained(network2, data), trained(reference, pairs))
    assert_same_pairs(data, pairs)


def scale_all(examples):
    for x, _ in examples:
        x *= 0.5


def erase_one(examples):
    examples[3][0][:] = 0


def smooth_labels(examples):
    for _, y in examples:
        y *= 0.9
        y += 0.1 / CLASSES


def change_a_label(examples):
    _, y = examples[5]
    y[:] = np.roll(y, 1)


def write_through_a_slice(examples):
    for x, y in examples[4:20:3]:
        x[2:5] += 0.25
        y[0] = 0.5


def write_through_a_copy(examples):
    examples.copy()[-1][0][1] = 0.75
    (examples + examples)[N + 2][0][0] = 1.5


WRITES = {
    function.__name__: function
    for function in (
        scale_all,
        erase_one,
        smooth_labels,
        change_a_label,
        write_through_a_slice,
        write_through_a_copy,
    )
}


@pytest.mark.parametrize("write", WRITES)
def test_what_is_written_before_between_and_after_trainings_counts(write, data):
    pairs = as_list(data)
    for _ in range(2):
        WRITES[write](data)
        WRITES[write](pairs)
        assert_train_alike(data, pairs)
    WRITES[write](data)
    WRITES[write](pairs)
    assert_same_pairs(data, pairs)


@pytest.mark.parametrize("write", WRITES)
def test_what_is_written_counts_in_slices_that_were_made_before(write, data):
    pairs = as_list(data)
    part = data[3:27:2]
    WRITES[write](data)
    WRITES[write](pairs)
    assert_train_alike(part, pairs[3:27:2])
    smooth_labels(part)
    smooth_labels(pairs[3:27:2])
    assert_train_alike(data, pairs)


def test_what_is_written_counts_in_everything_that_reads_data(data):
    net = seeded_network(network2, SIZES)
    oracle = seeded_network(reference, SIZES)
    pairs = as_list(data)
    for examples in (data, pairs):
        scale_all(examples)
        smooth_labels(examples)
    assert net.accuracy(data) == oracle.accuracy(pairs, convert=True)
    assert net.total_cost(data, 0.1) == pytest.approx(oracle.total_cost(pairs, 0.1), rel=1e-10)
    assert np.array_equal(data.inputs, np.hstack([x for x, _ in pairs]).T)
    assert np.array_equal(data.labels, np.hstack([y for _, y in pairs]).T)
    assert np.allclose(gradients.layer_speeds(net, data), gradients.layer_speeds(net, pairs))
    net.update_mini_batch(data, 0.5, 0.1, N)
    oracle.update_mini_batch(pairs, 0.5, 0.1, N)
    assert_same_networks(net, oracle)


@pytest.mark.parametrize("twin", [copy.deepcopy, lambda data: pickle.loads(pickle.dumps(data))])
def test_copies_have_what_was_written_and_go_their_own_way(twin, data):
    scale_all(data)
    pairs = as_list(data)
    copied = twin(data)
    scale_all(data)
    assert_same_pairs(copied, pairs)
    smooth_labels(copied)
    for (x, y), (copied_x, copied_y), (_, kept_y) in zip(data, copied, pairs, strict=True):
        np.testing.assert_array_equal(x, copied_x * 0.5)
        np.testing.assert_array_equal(y, kept_y)
        np.testing.assert_array_equal(copied_y, kept_y * 0.9 + 0.1 / CLASSES)


def test_a_sweep_trains_on_what_was_written(data):
    scale_all(data)
    smooth_labels(data)
    settings = dict(epochs=2, mini_batch_size=7, eta=0.5, seeds=[3], progress=False)
    sweep = train_many(SIZES, data, keep_networks=True, **settings)
    np.random.seed(3)
    random.seed(3)
    net = network2.Network(SIZES)
    net.SGD(as_list(data), 2, 7, 0.5, verbose=False)
    assert_same_networks(sweep[0].network, net, rtol=0)


def test_a_checkpoint_knows_data_that_were_written_into(data, tmp_path):
    scale_all(data)
    start, whole = data.copy(), trained(network2, data.copy(), 3)
    net = seeded_network(network2, SIZES, seed=3)
    random.seed(4)
    net.SGD(data, 1, 7, 0.5, lmbda=0.1, verbose=False, checkpoint=tmp_path / "run.npz")
    resumed, _ = resume(tmp_path / "run.npz", start, epochs=3, verbose=False)
    assert_same_networks(resumed, whole, rtol=0)
    erase_one(start)
    with pytest.raises(ValueError, match="training_data must be that of the stored run"):
        resume(tmp_path / "run.npz", start, epochs=4, verbose=False)


def test_the_callers_arrays_do_not_change():
    rows, vectors = ROWS.copy(), VECTORS.copy()
    data = Dataset(rows, vectors)
    scale_all(data)
    smooth_labels(data)
    trained(network2, data)
    assert np.array_equal(rows, ROWS)
    assert np.array_equal(vectors, VECTORS)


def test_labels_smoothed_and_back_are_labels_again():
    data = Dataset(GREY, LABELS, classes=CLASSES, scale=1 / 256)
    store = data.store
    for _, y in data:
        y *= 0.5
    assert data.labels.shape == (N, CLASSES)
    assert data.store.inputs is store.inputs
    for _, y in data:
        y *= 2
    assert np.array_equal(data.labels, LABELS)


@pytest.mark.parametrize("write", [lambda x, y: x.fill(np.nan), lambda x, y: y.fill(np.inf)])
def test_numbers_that_are_not_finite_are_refused_until_they_are_mended(write, data):
    x, y = data[4]
    kept = x.copy(), y.copy()
    write(x, y)
    for _ in range(2):
        with pytest.raises(ValueError, match=r"training_data .*must be finite|in example 4"):
            trained(network2, data)
    x[:], y[:] = kept
    trained(network2, data)


@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
def test_pairs_of_a_read_only_memory_map_cannot_be_written(dtype, tmp_path):
    np.save(tmp_path / "rows.npy", GREY.astype(dtype))
    data = Dataset(np.load(tmp_path / "rows.npy", mmap_mode="r"), LABELS, classes=CLASSES)
    for x, y in (data[3], next(iter(data)), data[2:][0]):
        for part in (x, y):
            with pytest.raises(ValueError, match="read-only"):
                part *= 0.5
    random.Random(5).shuffle(data)
    assert data.index(data[3]) == 3
    assert_train_alike(data, as_list(data))


def test_pairs_handed_out_from_several_threads_are_the_same():
    data = Dataset(ROWS, LABELS, classes=CLASSES)
    found = [[] for _ in range(4)]
    threads = [threading.Thread(target=lambda f=f: f.extend(data)) for f in found]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(a is b for others in found for a, b in zip(found[0], others, strict=True))


def test_pairs_that_were_interrupted_do_not_count(monkeypatch):
    data = Dataset(ROWS, LABELS, classes=CLASSES)
    pairs = as_list(data)
    calls = []

    def interrupted(self, row, x, y, make=GivenPairs._example):
        calls.append(row)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return make(self, row, x, y)

    monkeypatch.setattr(GivenPairs, "_example", interrupted)
    with pytest.raises(KeyboardInterrupt):
        list(data)
    for _ in range(2):
        scale_all(data)
        scale_all(pairs)
        assert_train_alike(data, pairs)


def test_rows_of_a_sparse_matrix_can_be_replaced():
    rng = np.random.default_rng(6)
    full = rng.random((20, 7)) * (rng.random((20, 7)) < 0.3)
    matrix = sparse.csr_array(full)
    rows = SparseRows(
        matrix.indptr.astype(np.int64), matrix.indices.astype(np.uint16), matrix.data, full.shape
    )
    for places in ([0], [19], [3, 4, 11], [11, 3], list(range(20))):
        other = rng.random((len(places), 7)) * (rng.random((len(places), 7)) < 0.5)
        wanted = full.copy()
        wanted[places] = other
        changed = rows.with_rows(np.array(places), other)
        assert np.array_equal(changed[:], wanted)
        assert np.array_equal(rows[:], full)
        assert np.count_nonzero(wanted) == len(changed.values) == changed.starts[-1]
        assert (changed.starts.dtype, changed.indices.dtype) == (np.int64, np.uint16)
