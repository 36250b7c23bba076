"""A Dataset is a list of pairs in arrays: same behaviour, same training bits, no conversion."""

import copy
import pickle
import random
import statistics
import time
import tracemalloc

import numpy as np
import pytest
from builders import arrays, assert_same_bits, dense_digits, digits, seeded_network

from fastnn import Dataset, mnist_loader, network2, reference
from fastnn.kernels.epoch import train

N, INPUTS, CLASSES = 40, 12, 3


@pytest.fixture
def pairs():
    return digits(N, INPUTS, CLASSES, seed=1)


@pytest.fixture
def data(pairs):
    return Dataset(*arrays(pairs), classes=CLASSES)


def assert_same_pairs(got, wanted):
    """Compare two sequences of (column, column or label), types and shapes too."""
    assert len(got) == len(wanted)
    for mine, theirs in zip(got, wanted, strict=True):
        for part, other in zip(mine, theirs, strict=True):
            assert type(part) is type(other)
            if isinstance(part, np.ndarray):
                assert (part.dtype, part.shape) == (other.dtype, other.shape)
            assert np.array_equal(part, other)


def trained(data, epochs=2):
    """A network after training on data, with seeds of its own."""
    net = seeded_network(network2, [INPUTS, 5, CLASSES], seed=2)
    random.seed(3)
    net.SGD(data, epochs, 7, 0.5, lmbda=0.1, verbose=False)
    return net


# --- as a list --------------------------------------------------------------------------------


def test_it_holds_the_pairs_it_was_made_of(data, pairs):
    assert_same_pairs(data, pairs)


@pytest.mark.parametrize("index", [0, 7, N - 1, -1, -N, np.int64(5), np.uint8(3), np.int8(-2)])
def test_an_index_gives_the_pair_that_a_list_gives(data, pairs, index):
    assert_same_pairs([data[index]], [pairs[index]])


@pytest.mark.parametrize("index", [N, -N - 1, 10**30, np.int64(N)])
def test_an_index_out_of_range_is_an_index_error(data, index):
    with pytest.raises(IndexError, match=rf"index {index} of a Dataset of {N} examples"):
        data[index]
    with pytest.raises(IndexError):
        data[index] = data[0]


@pytest.mark.parametrize("index", [1.0, "1", None, (0, 1), [0, 1]])
def test_an_index_of_another_type_is_a_type_error(data, index):
    with pytest.raises(TypeError):
        data[index]


SLICES = [
    slice(None),
    slice(5),
    slice(-5, None),
    slice(3, 30, 4),
    slice(None, None, -1),
    slice(30, 3, -7),
    slice(10, 10),
    slice(N, 2 * N),
]


@pytest.mark.parametrize("part", SLICES, ids=str)
def test_a_slice_holds_what_a_lists_slice_holds(data, pairs, part):
    random.Random(4).shuffle(data)
    random.Random(4).shuffle(pairs)
    assert isinstance(data[part], Dataset)
    assert_same_pairs(data[part], pairs[part])
    assert_same_pairs(data[part][::-2], pairs[part][::-2])


def test_a_slice_shares_the_arrays_and_has_an_order_of_its_own(data, pairs):
    half = data[:20]
    assert half.store is data.store
    trained(half)
    assert_same_pairs(data, pairs)
    kept = list(half)
    random.Random(5).shuffle(data)
    assert_same_pairs(half, kept)


def test_it_is_iterated_over_as_often_as_one_likes(data, pairs):
    first, second = iter(data), iter(data)
    assert_same_pairs(list(first), pairs)
    assert_same_pairs(list(second), pairs)
    assert_same_pairs(list(reversed(data)), pairs[::-1])


def test_it_can_be_unzipped(data, pairs):
    columns, answers = zip(*data, strict=True)
    wanted_columns, wanted_answers = zip(*pairs, strict=True)
    assert np.array_equal(columns, wanted_columns)
    assert np.array_equal(answers, wanted_answers)


def test_random_shuffle_reorders_it_as_a_list(data, pairs):
    for examples in (data, pairs):
        random.seed(6)
        random.shuffle(examples)
        random.shuffle(examples)
    assert_same_pairs(data, pairs)


def test_its_own_examples_can_be_put_elsewhere(data, pairs):
    data[0], data[-1] = data[-1], data[0]
    pairs[0], pairs[-1] = pairs[-1], pairs[0]
    data[np.int64(3)] = data[10:][2]
    pairs[3] = pairs[12]
    assert_same_pairs(data, pairs)


def test_foreign_pairs_are_refused(data, pairs):
    other = Dataset(*arrays(pairs), classes=CLASSES)
    for pair in (pairs[0], tuple(data[0]), other[0], copy.deepcopy(data)[0], None, 5):
        with pytest.raises(TypeError, match="only takes examples of its own"):
            data[1] = pair
    assert_same_pairs(data, pairs)


def test_its_repr_is_short(data):
    assert repr(data[:7]) == f"Dataset(7 examples of {INPUTS} inputs)"


def test_the_reference_trains_on_it_as_on_a_list(data, pairs):
    nets = []
    for examples in (data, pairs):
        net = seeded_network(reference, [INPUTS, 5, CLASSES])
        random.seed(7)
        net.SGD(examples, 2, 7, 0.5, verbose=False)
        nets.append(net)
    assert_same_bits(*nets)
    assert_same_pairs(data, pairs)


# --- what it is made of -----------------------------------------------------------------------


def test_labels_without_classes_are_integers(pairs):
    rows, labels = arrays(pairs)
    assert_same_pairs(Dataset(rows, labels), [(x, int(np.argmax(y))) for x, y in pairs])


@pytest.mark.parametrize("form", [np.float64, np.float32, np.uint8, bool])
def test_unit_vectors_are_given_out_as_unit_columns(pairs, form):
    rows, labels = arrays(pairs)
    assert_same_pairs(Dataset(rows, np.eye(CLASSES)[labels].astype(form)), pairs)


def test_other_vectors_are_given_out_as_they_are(pairs):
    rows, _ = arrays(pairs)
    outputs = np.random.default_rng(8).random((N, CLASSES))
    wanted = [(x, y.reshape(-1, 1)) for (x, _), y in zip(pairs, outputs, strict=True)]
    assert_same_pairs(Dataset(rows, outputs), wanted)
    assert np.array_equal(Dataset(rows, outputs).labels, outputs)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_pairs_of_columns_or_vectors_make_the_same_data_set(pairs, dtype):
    wanted = [(x.astype(dtype), y) for x, y in pairs]
    flat = [(x[:, 0], y[:, 0].tolist()) for x, y in wanted]
    columns = zip(*wanted, strict=True)
    for examples in (wanted, flat, tuple(wanted), iter(wanted), zip(*columns, strict=True)):
        assert_same_pairs(Dataset.from_pairs(examples), wanted)


def test_bytes_stand_for_their_number_times_the_scale():
    grey = np.arange(256, dtype=np.uint8).reshape(-1, 4)
    scaled = Dataset(grey, [0] * 64, scale=1 / 256)
    assert scaled.inputs.dtype == np.float32
    assert np.array_equal(scaled.inputs * 256, grey)
    assert np.array_equal(Dataset(grey, [0] * 64).inputs, grey)


def test_inputs_and_labels_follow_the_present_order_and_are_copies(data, pairs):
    random.Random(9).shuffle(data)
    random.Random(9).shuffle(pairs)
    rows, labels = arrays(pairs)
    for examples, part in ((data, slice(None)), (data[5:25:3], slice(5, 25, 3))):
        assert np.array_equal(examples.inputs, rows[part])
        assert np.array_equal(examples.labels, labels[part])
    data.inputs[:] = 0
    data.labels[:] = 0
    assert_same_pairs(data, pairs)


@pytest.mark.parametrize("classes", [None, CLASSES])
def test_labels_that_the_caller_changes_later_do_not_change_with_them(pairs, classes):
    rows, labels = arrays(pairs)
    given = labels.astype(np.int32)
    data = Dataset(rows, given, classes=classes)
    given[:] = 10**6  # kernels would write there
    assert np.array_equal(data.labels, labels)


# --- the same bits from every form ------------------------------------------------------------


def strided(rows):
    """A view of every second row and third column of a larger array."""
    larger = np.full((2 * rows.shape[0], 3 * rows.shape[1]), 99, rows.dtype)
    view = larger[::2, ::3]
    view[:] = rows
    return view


def reversed_view(array):
    return array[::-1].copy()[::-1]


def read_only(array):
    array = array.copy()
    array.flags.writeable = False
    return array


def swapped(array):
    return array.astype(array.dtype.newbyteorder())


def grey(rows):
    return np.round(rows * 256).astype(np.uint8)


FORMS = {
    "C order": lambda rows, labels: Dataset(rows, labels, classes=CLASSES),
    "pairs": lambda rows, labels: Dataset.from_pairs(
        zip(rows, np.eye(CLASSES)[labels], strict=True)
    ),
    "integers": lambda rows, labels: Dataset(rows, labels),
    "one-hot": lambda rows, labels: Dataset(rows, np.eye(CLASSES)[labels]),
    "nested lists": lambda rows, labels: Dataset(rows.tolist(), labels.tolist()),
    "Fortran order": lambda rows, labels: Dataset(np.asfortranarray(rows), labels),
    "strided": lambda rows, labels: Dataset(strided(rows), strided(labels[:, None])[:, 0]),
    "reversed": lambda rows, labels: Dataset(reversed_view(rows), reversed_view(labels)),
    "mirrored": lambda rows, labels: Dataset(rows[:, ::-1].copy()[:, ::-1], labels),
    "big-endian": lambda rows, labels: Dataset(swapped(rows), swapped(labels)),
    "big-endian float64": lambda rows, labels: Dataset(swapped(rows.astype(np.float64)), labels),
    "float64": lambda rows, labels: Dataset(rows.astype(np.float64), labels),
    "float16": lambda rows, labels: Dataset(rows.astype(np.float16), labels),
    "long double": lambda rows, labels: Dataset(rows.astype(np.longdouble), labels),
    "bytes": lambda rows, labels: Dataset(grey(rows), labels, scale=1 / 256),
    "bytes in Fortran order": lambda rows, labels: Dataset(
        np.asfortranarray(grey(rows)), labels, scale=1 / 256
    ),
    "read-only": lambda rows, labels: Dataset(read_only(rows), read_only(np.int32(labels))),
    "labels of bytes": lambda rows, labels: Dataset(rows, labels.astype(np.int8)),
    "unsigned labels": lambda rows, labels: Dataset(rows, labels.astype(np.uint64)),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_the_data_trains_to_the_same_bits(pairs, form):
    assert_same_bits(trained(FORMS[form](*arrays(pairs))), trained(pairs))


@pytest.mark.parametrize("dtype", ["i1", "i2", ">i4", "i8", "u1", "u2", ">u4", "u8", "f4", "f8"])
def test_inputs_of_every_type_of_number_train_to_the_same_bits(dtype):
    rng = np.random.default_rng(10)
    numbers = rng.integers(0, 100, (N, INPUTS)) * (rng.random((N, INPUTS)) < 0.2)
    labels = rng.integers(0, CLASSES, N)
    wanted = trained(Dataset(numbers.astype(np.float64), labels))
    assert_same_bits(trained(Dataset(numbers.astype(dtype), labels)), wanted)


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", ["<f4", ">f4", "<f8", "u1"])
def test_read_only_memory_maps_train_to_the_same_bits(pairs, tmp_path, dtype, order):
    rows, labels = arrays(pairs)
    stored = grey(rows) if dtype == "u1" else rows.astype(dtype)
    np.save(tmp_path / "rows.npy", np.asarray(stored, order=order))
    np.save(tmp_path / "labels.npy", labels.astype(np.int32))
    mapped, mapped_labels = (
        np.load(tmp_path / name, mmap_mode="r") for name in ("rows.npy", "labels.npy")
    )
    assert not mapped.flags.writeable
    scale = 1 / 256 if dtype == "u1" else 1.0
    assert_same_bits(trained(Dataset(mapped, mapped_labels, scale=scale)), trained(pairs))


def test_read_only_arrays_without_zeros_need_no_kernel_of_their_own():
    dense = dense_digits(N, INPUTS, CLASSES, seed=11)
    rows, labels = arrays(dense)
    wanted = trained(Dataset(rows, labels))
    known = len(getattr(train, "signatures", ()))
    assert_same_bits(trained(Dataset(read_only(rows), read_only(np.int32(labels)))), wanted)
    assert len(getattr(train, "signatures", ())) == known


def test_a_data_set_in_another_order_trains_as_the_list_in_that_order(data, pairs):
    random.Random(12).shuffle(data)
    random.Random(12).shuffle(pairs)
    for _ in range(2):
        assert_same_bits(trained(data), trained(pairs))
        assert_same_pairs(data, pairs)


# --- no conversion ----------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.uint8])
@pytest.mark.parametrize("make", [np.array, read_only])
def test_arrays_in_c_order_are_kept_as_they_are(pairs, dtype, make):
    rows, labels = arrays(pairs)
    rows = make(rows.astype(dtype))
    data = Dataset(rows, labels)
    assert data.store.inputs is rows
    trained(data)
    assert data.store.inputs is rows


def test_a_memory_map_is_not_read_into_memory(pairs, tmp_path):
    np.save(tmp_path / "rows.npy", arrays(pairs)[0])
    mapped = np.load(tmp_path / "rows.npy", mmap_mode="r")
    assert np.shares_memory(Dataset(mapped, arrays(pairs)[1]).store.inputs, mapped)


@pytest.mark.parametrize("density", [0.2, 1.0], ids=["sparse", "dense"])
def test_training_again_makes_no_copy_of_the_data(density):
    rows, labels = arrays(digits(1500, 100, CLASSES, 13, density, np.float64))
    data = Dataset(rows, labels)
    net = seeded_network(network2, [100, 4, CLASSES])
    net.SGD(data, 1, 10, 0.1, verbose=False)
    tracemalloc.start()
    try:
        net.SGD(data, 1, 10, 0.1, verbose=False)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 0.75 * rows.nbytes * density


@pytest.mark.timed
def test_mnist_comes_as_data_sets_in_half_a_second():
    # 0.12 s on one core of a 4 GHz machine; the margin is for slower and busier ones.
    seconds = []
    for _ in range(3):
        started = time.perf_counter()
        loaded = mnist_loader.load_data_wrapper()
        seconds.append(time.perf_counter() - started)
    assert all(isinstance(part, Dataset) for part in loaded)
    assert statistics.median(seconds) < 0.5


# --- copies -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "copied", [copy.deepcopy, lambda data: pickle.loads(pickle.dumps(data))], ids=["deep", "pickle"]
)
@pytest.mark.parametrize("part", [slice(None), slice(3, 30, 2)], ids=["all", "slice"])
def test_copies_hold_the_same_and_go_their_own_way(data, pairs, copied, part):
    random.Random(14).shuffle(data)
    data = data[part]
    trained(data)  # what kernels need is now kept with the data
    kept = list(data)
    twin = copied(data)
    assert_same_pairs(twin, kept)
    assert not np.shares_memory(twin.store.inputs, data.store.inputs)
    assert_same_bits(trained(twin), trained(data))
    random.shuffle(twin)
    assert_same_pairs(data, data[:])


def test_a_pickle_holds_nothing_that_can_be_made_again(data):
    size = len(pickle.dumps(data))
    trained(data)
    assert len(pickle.dumps(data)) == size


def test_a_pickled_example_is_a_pair_and_not_the_whole_data_set():
    rows, labels = arrays(digits(500, 100, CLASSES, seed=15))
    data = Dataset(rows, labels)
    pickled = pickle.dumps(data[3])
    assert len(pickled) < rows.nbytes / 10
    assert_same_pairs([pickle.loads(pickled)], [tuple(data[3])])


def test_the_order_can_be_read_but_not_written():
    data = Dataset(*arrays(digits(10, 4, CLASSES, seed=16)))
    with pytest.raises(ValueError, match="read-only"):
        data.order[0] = 10**6
