"""A call of `SGD` on the data set of the last one gives the bits of a new run."""

from __future__ import annotations

import random

import numpy as np
import pytest
from builders import assert_same_bits, column, copies, parameters, seed_generators
from short_calls import assign_weights, other_eta, write_into_weights

from fastnn import Dataset, QuadraticCost, network2
from fastnn.training import repeats


def rows_of_numbers(n=60, inputs=4, outputs=3, dtype=np.float64):
    rng = np.random.default_rng(3)
    return rng.standard_normal((n, inputs)).astype(dtype), rng.integers(outputs, size=n)


def of_arrays():
    return Dataset(*rows_of_numbers())


def of_single_precision():
    return Dataset(*rows_of_numbers(dtype=np.float32))


def of_bytes():
    rng = np.random.default_rng(3)
    return Dataset(rng.integers(1, 256, (60, 4), dtype=np.uint8), np.arange(60) % 3, scale=1 / 256)


def of_zeros_mostly():
    inputs, labels = rows_of_numbers()
    inputs[np.random.default_rng(4).random(inputs.shape) < 0.8] = 0.0
    return Dataset(inputs, labels)


def of_vectors():
    inputs, _ = rows_of_numbers()
    return Dataset(inputs, np.random.default_rng(4).random((60, 3)))


def of_unit_columns():
    return Dataset(*rows_of_numbers(), classes=3)


def sliced():
    return Dataset(*rows_of_numbers(n=90))[7:67]


def of_one_number():
    inputs, _ = rows_of_numbers()
    return Dataset(inputs, np.sin(inputs.sum(axis=1)))


def large():
    return Dataset(*rows_of_numbers(n=900, inputs=60))


def wide_enough_for_two_threads():
    return Dataset(*rows_of_numbers(n=700, inputs=20))


def calls_on(make, new, change=None, dtype=np.float64, hidden=(7,), **options):
    """Call `SGD` six times for an epoch, and change something before the fourth."""
    seed_generators(4)
    dataset = make()
    one = dataset.store.answer_length is None and dataset.store.targets.dtype.kind == "f"
    sizes = [dataset.store.inputs.shape[1], *hidden, 1 if one else 3]
    net = network2.Network(sizes, QuadraticCost, dtype=dtype, output="identity")
    arguments = {"mini_batch_size": 10, "eta": 0.01, "verbose": False, **options}
    for call in range(6):
        if new:
            repeats._KEPT.clear()
        if call == 3 and change is not None:
            dataset = change(network2, net, dataset, arguments) or dataset
        history = net.SGD(dataset, 1, **arguments)
        assert history.stopped_because == "all epochs are done" and len(history.epoch_seconds) == 1
    return net, [x.tobytes() for x, _ in dataset], random.getstate()


def compare_on_data_sets(make, *arguments, **options):
    got = calls_on(make, False, *arguments, **options)
    wanted = calls_on(make, True, *arguments, **options)
    assert_same_bits(got[0], wanted[0])
    assert got[1:] == wanted[1:]


ARRAYS = [
    *(of_arrays, of_single_precision, of_bytes, of_zeros_mostly, of_vectors, of_unit_columns),
    *(sliced, of_one_number, large, wide_enough_for_two_threads),
]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("make", ARRAYS, ids=lambda make: make.__name__)
def test_arrays_of_all_kinds_give_the_bits_of_a_new_run(make, dtype, taken):
    compare_on_data_sets(make, dtype=dtype)
    assert taken == 5 * [True]


@pytest.mark.parametrize(
    "options",
    [
        {"optimizer": "adam"},
        {"momentum": 0.9, "lmbda": 0.3},
        {"l1": 0.1},
        {"shuffle": False},
        {"frozen_layers": (1,)},
        {"mini_batch_size": 7, "threads": 1},
    ],
    ids=lambda options: "-".join(options),
)
def test_options_give_the_bits_of_a_new_run(options, taken):
    compare_on_data_sets(of_arrays, **options)
    assert taken == 5 * [True]


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_threads_give_the_bits_of_a_new_run(optimizer, taken):
    options = {"hidden": (90, 40), "mini_batch_size": 100, "threads": 2, "optimizer": optimizer}
    compare_on_data_sets(wide_enough_for_two_threads, **options)
    assert taken == 5 * [True]


def write_into_an_input(module, net, dataset, arguments):
    dataset[5][0][2] = 7.5


def shuffle_by_hand(module, net, dataset, arguments):
    random.shuffle(dataset)


def a_slice(module, net, dataset, arguments):
    return dataset[::-1]


def other_arrays(module, net, dataset, arguments):
    inputs, labels = rows_of_numbers()
    return Dataset(inputs[::-1].copy(), labels)


def a_list(module, net, dataset, arguments):
    return [(x, np.eye(3)[:, [y]]) for x, y in dataset]


def a_pair_from_elsewhere(module, net, dataset, arguments):
    dataset[0] = (column(1, 2, 3, 4), 2)


@pytest.mark.parametrize(
    ("change", "stays"),
    [
        (write_into_an_input, False),
        (shuffle_by_hand, True),
        (a_slice, True),
        (other_arrays, False),
        (a_list, True),
        (a_pair_from_elsewhere, False),
        (write_into_weights, True),
        (assign_weights, False),
        (other_eta, True),
    ],
    ids=lambda change: getattr(change, "__name__", ""),
)
def test_what_a_script_changes_of_a_data_set_counts(change, stays, taken):
    compare_on_data_sets(of_arrays, change)
    assert taken[:3] == [True, True, stays]


def test_labels_beyond_the_outputs_are_no_matter_in_rows_that_are_left_out():
    def some():
        inputs, labels = rows_of_numbers(n=90)
        labels[70] = 3
        return Dataset(inputs, labels)[:60]

    compare_on_data_sets(some)


def test_labels_beyond_the_outputs_are_refused_as_always():
    inputs, labels = rows_of_numbers(n=90)
    labels[70] = 3
    dataset, net = Dataset(inputs, labels), network2.Network([4, 7, 3])
    for _ in range(2):
        net.SGD(dataset[:60], 1, 10, 0.1, verbose=False)
    before = copies(net)
    with pytest.raises(ValueError, match=r"training_data must have labels below 3.*got 3"):
        net.SGD(dataset[30:], 1, 10, 0.1, verbose=False)
    assert all(map(np.array_equal, parameters(net), before))
