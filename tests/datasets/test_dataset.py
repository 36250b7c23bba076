"""A Dataset behaves like the list of pairs that it was made from."""

import copy
import pickle
import random

import numpy as np
import pytest
from builders import arrays, assert_same_bits, digits, seeded_network
from small_dataset import CLASSES, INPUTS, N, assert_same_pairs, trained

from fastnn import Dataset, reference


@pytest.fixture
def pairs():
    return digits(N, INPUTS, CLASSES, seed=1)


@pytest.fixture
def data(pairs):
    return Dataset(*arrays(pairs), classes=CLASSES)


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


# --- copies -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "copied", [copy.deepcopy, lambda data: pickle.loads(pickle.dumps(data))], ids=["deep", "pickle"]
)
@pytest.mark.parametrize("part", [slice(None), slice(3, 30, 2)], ids=["all", "slice"])
def test_copies_hold_the_same_and_go_their_own_way(data, copied, part):
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
