"""A Dataset made from any form of the data trains to the same bits, without a conversion."""

import random
import statistics
import time
import tracemalloc

import numpy as np
import pytest
from builders import arrays, assert_same_bits, dense_digits, digits, read_only, seeded_network
from small_dataset import CLASSES, INPUTS, N, assert_same_pairs, trained

from fastnn import Dataset, mnist_loader, network2
from fastnn.kernels.epoch import train


@pytest.fixture
def pairs():
    return digits(N, INPUTS, CLASSES, seed=1)


@pytest.fixture
def data(pairs):
    return Dataset(*arrays(pairs), classes=CLASSES)


def test_numbers_that_are_no_labels_do_not_matter_in_rows_that_are_left_out(pairs):
    rows, labels = arrays(pairs)
    some = Dataset(rows, np.append(labels[:-1], 0.5))[:-1]
    same = Dataset(rows[:-1], labels[:-1])
    assert_same_bits(trained(some), trained(same))
    net = seeded_network(network2, [INPUTS, 5, CLASSES])
    assert net.accuracy(some) == net.accuracy(same)
    assert net.total_cost(some, 0.1, convert=True) == net.total_cost(same, 0.1, convert=True)


# --- the same bits from every form ------------------------------------------------------------


def strided(rows):
    """A view of every second row and third column of a larger array."""
    larger = np.full((2 * rows.shape[0], 3 * rows.shape[1]), 99, rows.dtype)
    view = larger[::2, ::3]
    view[:] = rows
    return view


def reversed_view(array):
    return array[::-1].copy()[::-1]


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
    rows, labels = arrays(digits(6000, 100, CLASSES, 13, density, np.float64))
    data = Dataset(rows, labels)
    net = seeded_network(network2, [100, 4, CLASSES])
    for _ in range(2):  # the first call compiles, the second what a call like the last needs
        net.SGD(data, 1, 10, 0.1, verbose=False)
    tracemalloc.start()
    try:
        net.SGD(data, 1, 10, 0.1, verbose=False)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 0.75 * rows.nbytes * density


def test_mnist_comes_as_data_sets_in_half_a_second():
    # Of the processor, as other programs may be at work. 0.12 s on one core of a 4 GHz machine.
    seconds = []
    for _ in range(3):
        started = time.process_time()
        loaded = mnist_loader.load_data_wrapper()
        seconds.append(time.process_time() - started)
    assert all(isinstance(part, Dataset) for part in loaded)
    assert statistics.median(seconds) < 0.5


def test_a_dataframe_may_have_several_types_of_numbers():
    pandas = pytest.importorskip("pandas")
    whole = pandas.array([1, 2, 3, 4], dtype="Int64")
    frame = pandas.DataFrame({"a": np.arange(4) / 2, "b": whole, "c": list("wxyz")})
    read = Dataset(frame[["a", "b"]], [0, 1, 0, 1]).inputs
    assert read.tolist() == [[0, 1], [0.5, 2], [1, 3], [1.5, 4]]
    with pytest.raises(TypeError, match=r"array of numbers.*the column c of type"):
        Dataset(frame, [0, 1, 0, 1])
    frame.loc[2, "b"] = None
    with pytest.raises(ValueError, match="got nan in input 1 of example 2"):
        Dataset(frame[["a", "b"]], [0, 1, 0, 1])
