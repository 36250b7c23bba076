"""How examples are kept, and which are refused, on both sides of every limit."""

from __future__ import annotations

import numpy as np
import pytest
from refusals import assert_refused
from scipy import sparse

from fastnn import Dataset
from fastnn.datasets.store import store_from_arrays, store_from_pairs

ROWS = np.eye(4, 3) + 0.5
UNITS = np.eye(3)[[2, 0, 1, 2]]


def kept(labels, classes=None):
    """Return how the labels of four examples are kept."""
    store = store_from_arrays(ROWS, labels, classes, 1.0)
    return store.targets.tolist(), store.classes


def test_unit_vectors_are_kept_as_labels():
    assert kept(UNITS) == ([2, 0, 1, 2], 3)
    assert kept(UNITS[:, :2] + [[1, 0], [0, 0], [0, 0], [0, 1]]) == ([0, 0, 1, 1], 2)
    assert kept(UNITS.astype(int), classes=3) == ([2, 0, 1, 2], 3)
    pairs = [(x.reshape(-1, 1), y.reshape(-1, 1)) for x, y in zip(ROWS, UNITS, strict=True)]
    store = store_from_pairs("pairs", pairs)
    assert (store.targets.tolist(), store.classes) == ([2, 0, 1, 2], 3)


NEARLY_UNITS = {
    "two ones": [1, 1, 0],
    "no one": [0, 0, 0],
    "another number": [0, 2, 0],
    "a one and another number": [1, 0, 0.5],
    "minus one": [0, -1, 0],
    "a one and minus one": [1, -1, 0],
    "ones everywhere": [1, 1, 1],
    "nearly one": [0, 0, np.nextafter(1, 0)],
}


@pytest.mark.parametrize("vector", NEARLY_UNITS)
@pytest.mark.parametrize("place", [0, 3])
def test_one_vector_that_is_no_unit_vector_leaves_all_as_they_are(vector, place):
    vectors = UNITS.copy()
    vectors[place] = NEARLY_UNITS[vector]
    assert kept(vectors) == (vectors.tolist(), None)


def test_columns_that_would_be_unit_vectors_lying_down_are_none():
    vectors = np.array([[1.0, 1.0], [0.0, 0.0], [0.0, 0.0], [0.0, 0.0]])
    assert kept(vectors) == (vectors.tolist(), None)


@pytest.mark.parametrize("value", [0.0, 1.0, 0.5])
def test_vectors_of_length_one_are_no_labels(value):
    assert kept(np.full((4, 1), value)) == ([[value]] * 4, None)


@pytest.mark.parametrize("classes", [2, 4])
def test_classes_beside_vectors_of_another_length_are_refused(classes):
    words = f"classes is for integer labels; got {classes} with labels of shape (4, 3)"
    assert_refused(lambda: Dataset(ROWS, UNITS, classes=classes), ValueError, words)


@pytest.mark.parametrize("count", [3, 5])
@pytest.mark.parametrize("make", [np.asarray, sparse.csr_array])
def test_labels_are_as_many_as_examples(count, make):
    words = "one entry for each of the 4 examples"
    assert_refused(lambda: Dataset(make(ROWS), [0] * count), ValueError, words)
    assert_refused(lambda: Dataset(make(ROWS), np.ones((count, 2))), ValueError, words)


@pytest.mark.parametrize("shape", [(4,), (4, 3, 1), (0, 3), (4, 0)])
def test_inputs_have_examples_and_inputs(shape):
    words = "inputs must have the shape (examples, inputs), at least one of each"
    assert_refused(lambda: Dataset(np.ones(shape), [0] * 4), ValueError, words)


@pytest.mark.parametrize("shape", [(), (4, 3, 1)])
def test_labels_are_integers_or_vectors(shape):
    words = "labels must have one entry for each of the 4 examples"
    assert_refused(lambda: Dataset(ROWS, np.ones(shape)), ValueError, words)


@pytest.mark.parametrize("scale", [0.5, 2.0])
@pytest.mark.parametrize("make", [np.asarray, sparse.csr_array])
def test_only_bytes_are_scaled(scale, make):
    words = f"scale is for inputs of type uint8, got {scale} with"
    assert_refused(lambda: Dataset(make(ROWS), [0] * 4, scale=scale), ValueError, words)


def test_bytes_may_stand_for_what_float32_can_hold():
    largest = float(np.finfo(np.float32).max) / 255
    grey = np.array([[0, 255]], np.uint8)
    for scale in (largest, -largest):
        assert np.isfinite(Dataset(grey, [0], scale=scale).inputs).all()
    for scale in (1.002 * largest, -1.002 * largest):
        words = "scale must leave inputs finite in float32"
        assert_refused(lambda scale=scale: Dataset(grey, [0], scale=scale), ValueError, words)


@pytest.mark.parametrize("row", [0, 4095, 4096, 5001])
def test_the_input_that_is_not_finite_is_named(row):
    rows = np.ones((5002, 3))
    rows[row, 1] = np.inf
    rows[-1, 2] = np.nan  # the first is named, not the last
    words = f"inputs must be finite numbers, got inf in input 1 of example {row}"
    assert_refused(lambda: Dataset(rows, [0] * 5002), ValueError, words)


@pytest.mark.parametrize("lengths", [(3, 2), (2, 3)])
def test_the_first_column_of_another_length_is_named(lengths):
    pairs = [(np.ones((length, 1)), 0) for length in lengths]
    first, second = ((length, 1) for length in lengths)
    words = f"x of example 1 has the shape {second}, that of example 0 is {first}"
    assert_refused(lambda: store_from_pairs("pairs", pairs), ValueError, words)


def test_labels_lie_below_the_number_of_classes():
    assert kept([0, 2, 0, 1], 3) == ([0, 2, 0, 1], 3)
    for wrong in (3, -1):
        words = f"must lie between 0 and 2, got {wrong} in example 1"
        assert_refused(lambda wrong=wrong: kept([0, wrong, 0, 1], 3), ValueError, words)


@pytest.mark.parametrize("form", [list, np.float32, np.float64, np.longdouble, np.uint8])
def test_whole_numbers_are_kept_as_labels(form):
    labels = store_from_arrays(ROWS, form([1, 0, 2, 1]), None, 1.0).targets
    assert (labels.tolist(), labels.dtype) == ([1, 0, 2, 1], np.int32)
    assert kept(form([1, 0, 2, 1]), 3) == ([1, 0, 2, 1], 3)


@pytest.mark.parametrize("form", [list, np.array])
def test_truth_values_are_the_labels_0_and_1(form):
    assert kept(form([True, False, False, True])) == ([1, 0, 0, 1], None)


@pytest.mark.parametrize("value", [-1, 2**31 - 1, 2**40, 0.5, -1e300])
def test_numbers_that_cannot_be_labels_are_kept_as_they_are(value):
    targets = store_from_arrays(ROWS, [0, value, 2, 1], None, 1.0).targets
    assert (targets.tolist(), targets.dtype) == ([0, value, 2, 1], np.float64)
    pairs = [(x, y) for x, y in zip(ROWS, [0, value, 2, 1], strict=True)]
    assert store_from_pairs("pairs", pairs).targets.tolist() == targets.tolist()


def test_labels_with_and_without_classes_are_integers_and_columns():
    with_classes, without = Dataset(ROWS, [1, 0, 2, 1], classes=3), Dataset(ROWS, [1, 0, 2, 1])
    assert with_classes[0][1].tolist() == [[0], [1], [0]]
    assert without[0][1] == 1
    assert Dataset(ROWS, ROWS)[1][1].tolist() == ROWS[1].reshape(-1, 1).tolist()


def test_a_store_offers_itself_and_what_it_made_for_one_output():
    numbers, others = (store_from_arrays(ROWS, [0, 1, 2, 1], None, 1.0) for _ in range(2))
    assert numbers.offers(numbers) and not numbers.offers(others)
    assert numbers.offers(numbers.for_one_output())
    assert not numbers.offers(others.for_one_output())


def test_what_lies_below_a_mask_is_refused_wherever_it_is():
    rows = np.ma.masked_equal(ROWS, 1.5)
    labels = np.ma.masked_equal([0, 1, 2, 0], 2)
    words = ["must have no masked values", "fill them"]
    assert_refused(lambda: Dataset(rows, [0, 1, 2, 0]), ValueError, "inputs", *words)
    assert_refused(lambda: Dataset(ROWS, labels), ValueError, "labels", *words)
    assert_refused(lambda: Dataset(ROWS, np.ma.array(UNITS, mask=UNITS)), ValueError, *words)
    for pairs in (zip(rows, UNITS, strict=True), zip(ROWS, labels, strict=True)):
        assert_refused(lambda pairs=pairs: Dataset.from_pairs(pairs), ValueError, "pairs", *words)
    assert np.array_equal(Dataset(np.ma.array(ROWS), [0, 1, 2, 0]).inputs, ROWS)
