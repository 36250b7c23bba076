"""When a Dataset equals another, or a list of pairs: the same examples in the same order."""

import copy
import pickle

import pytest
from builders import arrays, digits
from small_dataset import CLASSES, INPUTS, N

from fastnn import Dataset

PAIRS = digits(N, INPUTS, CLASSES, seed=1)


@pytest.fixture
def data():
    return Dataset(*arrays(PAIRS), classes=CLASSES)


def remade(inputs, labels, classes=CLASSES):
    return Dataset(inputs, labels, classes=classes)


EQUAL = {
    "itself": lambda data: data,
    "a copy": lambda data: data.copy(),
    "a slice": lambda data: data[:],
    "a list of its pairs": list,
    "pairs of the same numbers": lambda data: [(x.copy(), y.copy()) for x, y in data],
    "other arrays of the same numbers": lambda data: remade(data.inputs, data.labels),
    "one read from a pickle": lambda data: pickle.loads(pickle.dumps(data)),
    "a deep copy": copy.deepcopy,
    "one with a pair from elsewhere": lambda data: data[:-1] + PAIRS[-1:],
}
DIFFERENT = {
    "one example less": lambda data: data[:-1],
    "another order": lambda data: data[::-1],
    "another list": lambda data: [*data[:-1], data[0]],
    "labels in place of columns": lambda data: Dataset(data.inputs, data.labels),
    "inputs of another number": lambda data: remade(data.inputs[:, 1:], data.labels),
    "pairs as lists": lambda data: [list(pair) for pair in data],
    "a tuple of its pairs": tuple,
    "something else": lambda data: 7,
    "no pairs": lambda data: [7] * N,
}


@pytest.mark.parametrize("kind", EQUAL)
def test_a_data_set_equals_what_has_the_same_examples_in_its_order(data, kind):
    other = EQUAL[kind](data)
    assert data == other
    assert other == data
    assert (data != other) is False
    assert data[2:5] == other[2:5]


@pytest.mark.parametrize("kind", DIFFERENT)
def test_a_data_set_differs_from_anything_else(data, kind):
    other = DIFFERENT[kind](data)
    assert data != other
    assert other != data


def test_what_is_written_into_a_pair_makes_a_data_set_another(data):
    before, slice_of_it = Dataset(*arrays(PAIRS), classes=CLASSES), data[:]
    data[3][0][0] += 1
    assert data != before
    assert data == slice_of_it


def test_equal_data_sets_hand_out_no_pairs_to_be_compared(data):
    other = Dataset(*arrays(PAIRS), classes=CLASSES)
    assert data == other
    assert not data._given._by_row


def test_a_data_set_is_no_more_hashable_than_a_list(data):
    with pytest.raises(TypeError, match="unhashable"):
        hash(data)
