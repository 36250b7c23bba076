"""Examples of a further call are taken where kernels would get the same, and refused elsewhere."""

from __future__ import annotations

import gc

import numpy as np
import pytest
from builders import column, dense_digits

from fastnn import Dataset
from fastnn.engine.inputs import kernel_inputs, kernel_order, kernel_targets
from fastnn.engine.short_examples import KnownRows, listed_pairs_of
from fastnn.kernels.arguments import NO_WEIGHTS, Data

DTYPE = np.dtype(np.float64)


def data_of(dataset, dtype=DTYPE):
    store = dataset.store
    arrays = kernel_inputs(store, dtype), kernel_targets(store), kernel_order(dataset)
    return Data(*arrays, NO_WEIGHTS)


def pairs(dtype=np.float64):
    return dense_digits(9, 3, 2, seed=1, dtype=dtype)


def listed(dtype=np.float64):
    return listed_pairs_of(data_of(Dataset.from_pairs(pairs(dtype))), [3, 4, 2], DTYPE)


# Lists of pairs ----------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_kernels_get_copies_of_listed_pairs(dtype):
    room, others = listed(dtype), pairs(dtype)[::-1]
    assert room.take(others)
    taken = room.data
    np.testing.assert_array_equal(taken.inputs.values, np.ravel([x for x, _ in others]))
    assert taken.targets.labels.tolist() == [int(np.argmax(y)) for _, y in others]
    assert taken.order.tolist() == list(range(9))
    assert not any(np.shares_memory(x, taken.inputs.values) for x, _ in others)


@pytest.mark.parametrize(
    "wrong",
    [
        (column(1, 2), column(0, 1)),
        (column(1, 2, 3), column(0, 1, 0)),
        (column(1, 2, 3), column(0, 2)),
        (column(1, 2, np.nan), column(0, 1)),
        (column(1, 2, 3), column(0, np.inf)),
        (column(1, 2, 3).astype(np.float32), column(0, 1)),
        (column(1, 2, 3), column(0, 1).astype(np.float32)),
        (np.ma.array(column(1, 2, 3)), column(0, 1)),
        (column(1, 2, 3), 1),
        [column(1, 2, 3), column(0, 1)],
        (column(1, 2, 3), column(0, 1), 0),
    ],
    ids=repr,
)
def test_a_list_with_another_kind_of_pair_is_not_taken(wrong):
    assert not listed().take([*pairs()[:-1], wrong])


def test_more_pairs_and_many_zeros_are_not_taken():
    assert not listed().take(pairs() + pairs()[:1])
    assert not listed().take([(column(0, 0, 1), y) for _, y in pairs()])


def test_a_list_is_put_into_the_order_of_the_kernels():
    room, given = listed(), pairs()
    before = list(given)
    assert room.take(given)
    room.data.order[:] = np.arange(9)[::-1]
    room.reorder(given)
    assert all(map(lambda now, then: now is then, given, before[::-1]))


def seen_before():
    """Room for pairs, and the pairs that it has taken before."""
    room, given = listed(), pairs()
    assert room.take(given)
    room.reorder(given)
    return room, given


def test_what_is_written_into_the_pairs_of_the_last_call_counts():
    room, given = seen_before()
    given[2][0][1], given[3][1][:] = 7.5, column(0, 1)
    assert room.take(given)
    assert room.data.inputs.values[7] == 7.5
    assert room.data.targets.labels[3] == 1


def another_shape(pairs):
    for x, _ in pairs:
        x.shape = 1, 3


def another_shape_of_one(pairs):
    pairs[4][0].shape = (3,)


def another_type(pairs):
    pairs[4][0].dtype = "S8"


def another_length(pairs):
    pairs[4][1].resize((3, 1), refcheck=False)


def no_number(pairs):
    pairs[4][0][0] = np.nan


def another_pair(pairs):
    pairs[4] = (column(1, 2), column(0, 1))


@pytest.mark.parametrize(
    "change",
    [another_shape, another_shape_of_one, another_type, another_length, no_number, another_pair],
)
@pytest.mark.filterwarnings("ignore:Setting the")  # newer NumPys advise against such changes
def test_pairs_of_the_last_call_that_have_changed_in_kind_are_not_taken(change):
    room, given = seen_before()
    change(given)
    assert not room.take(given)


def test_there_is_no_room_for_lists_where_inputs_are_sparse_or_lose_digits():
    sparse = Dataset(np.eye(20), np.zeros(20, int))
    assert listed_pairs_of(data_of(sparse), [20, 1], DTYPE) is None
    narrow = np.dtype(np.float32)
    dense = data_of(Dataset.from_pairs(pairs()), narrow)
    assert listed_pairs_of(dense, [3, 4, 2], narrow) is None


# Data sets ---------------------------------------------------------------------------------------


def test_a_data_set_of_known_arrays_is_taken_in_its_present_order():
    dataset = Dataset.from_pairs(pairs())
    rows = KnownRows(data_of(dataset), dataset.store)
    dataset.reverse()
    assert rows.take(dataset)
    assert rows.data.order.tolist() == [*range(8, -1, -1)]
    rows.data.order[:] = np.roll(rows.data.order, 1)
    rows.reorder(dataset)
    assert dataset.order.tolist() == [0, *range(8, 0, -1)]


def test_a_data_set_whose_pairs_were_only_read_is_taken():
    dataset = Dataset.from_pairs(pairs())
    rows = KnownRows(data_of(dataset), dataset.store)
    assert float(sum(x.sum() for x, _ in dataset)) > 0
    assert rows.take(dataset)


def write_an_input(dataset):
    dataset[4][0][1] = 5.0


def write_an_answer(dataset):
    dataset[4][1][:] = 0.5


def change_the_number(dataset):
    del dataset[0]


def put_a_pair_from_elsewhere(dataset):
    dataset[3] = (column(1, 2, 3), column(0, 1))


@pytest.mark.parametrize(
    "change", [write_an_input, write_an_answer, change_the_number, put_a_pair_from_elsewhere]
)
def test_a_data_set_that_has_changed_is_not_taken(change):
    dataset = Dataset.from_pairs(pairs())
    rows = KnownRows(data_of(dataset), dataset.store)
    change(dataset)
    assert not rows.take(dataset)


def test_what_was_written_and_is_not_finite_is_refused():
    dataset = Dataset.from_pairs(pairs())
    rows = KnownRows(data_of(dataset), dataset.store)
    dataset[2][0][0] = np.nan
    with pytest.raises(ValueError, match=r"training_data must be finite.*example 2"):
        rows.take(dataset)


def test_arrays_are_known_only_for_as_long_as_they_are_there():
    dataset = Dataset.from_pairs(pairs())
    rows = KnownRows(data_of(dataset), dataset.store)
    other = Dataset.from_pairs(pairs())
    assert not rows.take(other)
    del dataset
    gc.collect()
    assert not rows.take(other)
