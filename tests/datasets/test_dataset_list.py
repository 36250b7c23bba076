"""What scripts do with network2's lists of pairs, done to a Dataset: same list, same training."""

from __future__ import annotations

import copy
import functools
import operator
import random
import tracemalloc

import numpy as np
import pytest
from builders import assert_same_networks, digits, labelled, seeded_network

from fastnn import Dataset, mnist_loader, network2, reference

N, INPUTS, CLASSES = 30, 9, 3
SIZES = [INPUTS, 5, CLASSES]
PAIRS = digits(N, INPUTS, CLASSES, seed=1)
FOREIGN = digits(7, INPUTS, CLASSES, seed=2, dtype=np.float64)


@pytest.fixture
def pairs():
    return [(x.copy(), y.copy()) for x, y in PAIRS]


@pytest.fixture
def data(pairs):
    return Dataset.from_pairs(pairs)


def assert_same_pairs(got, wanted):
    got, wanted = list(got), list(wanted)
    assert len(got) == len(wanted)
    for (x, y), (wanted_x, wanted_y) in zip(got, wanted, strict=True):
        assert x.dtype == wanted_x.dtype
        np.testing.assert_array_equal(x, wanted_x)
        np.testing.assert_array_equal(y, wanted_y)


def trained(module, examples):
    """A network trained on the examples, and the state in which that leaves `random`."""
    net = seeded_network(module, SIZES, seed=3)
    random.seed(4)
    net.SGD(examples, 2, 7, 0.5, lmbda=0.1, verbose=False)
    return net, random.getstate()


def assert_train_alike(data, pairs):
    """fastnn trains on the data set as the reference on the list, and leaves it in its order."""
    got, got_state = trained(network2, data)
    wanted, wanted_state = trained(reference, pairs)
    assert_same_networks(got, wanted)
    assert got_state == wanted_state
    assert_same_pairs(data, pairs)


def setting(index, make):
    def operation(examples):
        examples[index] = make(examples)

    return operation


def deleting(index):
    def operation(examples):
        del examples[index]

    return operation


def growing_in_place(examples):
    examples += FOREIGN
    examples *= 2


def swapping(examples):
    examples[2], examples[5] = examples[5], examples[2]


def moving_while_iterating(examples):
    seen = []
    for pair in examples:
        seen.append(pair)
        if len(seen) < 4:
            examples.append(pair)
            del examples[0]
    return seen


def label_of(pair):
    return int(np.argmax(pair[1]))


# Each is done to the data set and to the list. What it returns is compared too.
OPERATIONS = {
    "append": lambda d: d.append(FOREIGN[0]),
    "append its own": lambda d: d.append(d[3]),
    "clear and extend": lambda d: (d.clear(), d.extend(FOREIGN))[0],
    "copy": lambda d: d.copy(),
    "copy.copy": copy.copy,
    "copy.deepcopy": copy.deepcopy,
    "del": deleting(4),
    "del a negative index": deleting(-4),
    "del a slice": deleting(slice(3, 9)),
    "del every third": deleting(slice(None, None, 3)),
    "extend": lambda d: d.extend(FOREIGN),
    "extend by a generator": lambda d: d.extend(pair for pair in FOREIGN),
    "extend by itself": lambda d: d.extend(d),
    "extend by a slice": lambda d: d.extend(d[5:20:2]),
    "filter": lambda d: [pair for pair in d if label_of(pair) != 1],
    "insert": lambda d: d.insert(3, FOREIGN[0]),
    "insert its own": lambda d: d.insert(-2, d[7]),
    "insert beyond the end": lambda d: d.insert(1000, d[7]),
    "iterate and change": moving_while_iterating,
    "pop": lambda d: [d.pop()],
    "pop an index": lambda d: [d.pop(2), d.pop(-3)],
    "plus a list": lambda d: d + FOREIGN,
    "plus an empty list": lambda d: operator.add(d, []),
    "plus itself": lambda d: d + d,
    "plus a slice": lambda d: d[20:] + d[:10],
    "a list plus it": lambda d: FOREIGN + d,
    "sum of folds": lambda d: functools.reduce(operator.add, [d[::3], d[2::3]], []),
    "in place": growing_in_place,
    "random.sample": lambda d: random.Random(1).sample(d, 12),
    "random.shuffle": lambda d: random.Random(1).shuffle(d),
    "reverse": lambda d: d.reverse(),
    "reversed": lambda d: list(reversed(d)),
    "set": setting(3, lambda d: FOREIGN[0]),
    "set its own": setting(3, lambda d: d[-1]),
    "set a slice": setting(slice(3, 6), lambda d: FOREIGN),
    "set a slice of its own": setting(slice(3, 6), lambda d: d[10:20]),
    "set everything": setting(slice(None), lambda d: d[::-1]),
    "set every second": setting(slice(0, 14, 2), lambda d: iter(FOREIGN)),
    "set nothing": setting(slice(2, 9), lambda d: []),
    "sort": lambda d: d.sort(key=label_of),
    "sort downwards": lambda d: d.sort(key=lambda pair: pair[0].sum(), reverse=True),
    "sorted": lambda d: sorted(d, key=label_of),
    "swap": swapping,
    "times": lambda d: d * 2,
    "times from the left": lambda d: 2 * d[:4],
    "unpack": lambda d: (lambda first, *rest: [first, *rest])(*d),
    "zip and zip again": lambda d: list(zip(*zip(*d, strict=True), strict=True)),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_data_set_trains_as_the_list_to_which_the_same_was_done(name, data, pairs):
    returned, wanted = OPERATIONS[name](data), OPERATIONS[name](pairs)
    assert_same_pairs(data, pairs)
    assert_train_alike(data, pairs)
    assert (returned is None) == (wanted is None)
    if wanted is not None:
        assert_same_pairs(returned, wanted)
    if wanted is not None and len(wanted) > 3:
        assert_train_alike(returned, wanted)


@pytest.mark.parametrize("name", ["append", "append its own", "in place", "pop", "swap"])
def test_so_does_one_that_was_trained_on_before(name, data, pairs):
    assert_train_alike(data, pairs)
    for examples in (data, pairs):
        OPERATIONS[name](examples)
    assert_train_alike(data, pairs)


def test_a_sum_of_data_sets_shares_the_pairs_of_both(data):
    other = Dataset.from_pairs(FOREIGN)
    both = data + other
    assert isinstance(both, Dataset)
    assert both[0] is data[0]
    assert both[-1] is other[-1]
    for examples in (data, other):
        examples[2][0][:] = 0.25
    assert_train_alike(both, [*[(x.copy(), y) for x, y in data], *list(other)])


def test_float32_stays_float32_and_beside_float64_becomes_it(data):
    data.append(PAIRS[0])
    assert data.inputs.dtype == np.float32
    data.append(FOREIGN[0])
    assert data.inputs.dtype == np.float64


def test_a_pair_is_the_same_object_each_time(data):
    assert data[3] is data[3]
    assert data[3] is list(data)[3]
    assert data[3] is data[2:5][1]
    assert data[3] is data.copy()[3]
    assert data[3] is (data * 2)[N + 3]
    kept = data[3]
    data.append(FOREIGN[0])
    assert data[3] is kept
    assert data[-1] is FOREIGN[0]


@pytest.mark.parametrize("foreign", [False, True])
def test_its_pairs_are_found(data, foreign):
    if foreign:
        data.insert(0, FOREIGN[0])
    data.append(data[5])
    pair = data[5]
    assert (data.index(pair), data.index(pair, 6), data.count(pair)) == (5, len(data) - 1, 2)
    assert pair in data
    data.remove(pair)
    assert data.index(pair) == len(data) - 1
    del data[-1]
    with pytest.raises(ValueError, match=r"not in list|ambiguous"):  # as a list of arrays says
        data.remove(pair)


def test_pairs_of_its_arrays_that_are_elsewhere_are_not_found(data):
    pair = data[5]
    rest = data[6:]
    assert pair not in rest
    assert rest.count(pair) == 0
    with pytest.raises(ValueError, match="not in list"):
        rest.index(pair)


@pytest.mark.parametrize("foreign", [False, True])
def test_what_a_list_refuses_is_refused(data, foreign):
    if foreign:
        data.append(FOREIGN[0])
    kept = list(data)
    for wrong, error in (
        (lambda: data.pop(99), IndexError),
        (deleting(99).__get__(data), IndexError),
        (lambda: data.__setitem__(99, data[0]), IndexError),
        (lambda: data.__setitem__(slice(0, 6, 2), data[:2]), ValueError),
        (lambda: data.__setitem__(slice(0, 6, 2), data[:0]), ValueError),
        (lambda: data + tuple(kept), TypeError),
        (lambda: data + 1, TypeError),
        (lambda: 1 + data, TypeError),
        (lambda: data * 1.5, TypeError),
        (lambda: data.extend(5), TypeError),
        (lambda: data.__setitem__(slice(3), 5), TypeError),
        (lambda: data.insert("1", data[0]), TypeError),
        (lambda: data["1"], TypeError),
    ):
        with pytest.raises(error):
            wrong()
        assert len(data) == len(kept)
        assert all(mine is theirs for mine, theirs in zip(data, kept, strict=True))


WRONG = {
    "no pair": (5, TypeError, "training_data must hold pairs (x, y); example 30 is 5"),
    "a triple": ((1, 2, 3), TypeError, "example 30 has 3 items: (1, 2, 3)"),
    "another length": ((np.ones((4, 1)), PAIRS[0][1]), ValueError, "x of example 30 has the shape"),
    "another y": ((PAIRS[0][0], np.ones((4, 1))), ValueError, "y of example 30 has the shape"),
    "nan": ((PAIRS[0][0] * np.nan, PAIRS[0][1]), ValueError, "training_data must be finite"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_does_not_fit_is_refused_when_it_is_to_be_trained(data, wrong):
    pair, error, words = WRONG[wrong]
    data.append(pair)
    net = seeded_network(network2, SIZES)
    weights = net.weights
    with pytest.raises(error) as caught:
        net.SGD(data, 1, 5, 0.5, verbose=False)
    assert words in str(caught.value)
    assert net.weights is weights
    data.pop()
    net.SGD(data, 1, 5, 0.5, verbose=False)


def test_an_empty_one_can_be_filled_but_not_trained_on(data, pairs):
    kept = data.copy()
    data.clear()
    with pytest.raises(ValueError, match="training_data must hold at least one example"):
        trained(network2, data)
    for pair in kept:
        data.append(pair)
    assert_train_alike(data, pairs)


def test_labelled_data_grow_and_are_evaluated_as_lists():
    net = seeded_network(network2, SIZES)
    oracle = seeded_network(reference, SIZES)
    x, y = zip(*labelled(PAIRS), strict=True)
    held_out = Dataset(np.array(x)[:, :, 0], y)
    longer, wanted = held_out + labelled(FOREIGN), labelled(PAIRS) + labelled(FOREIGN)
    assert net.accuracy(longer) == oracle.accuracy(wanted)
    assert net.total_cost(longer, 0.3) == pytest.approx(
        oracle.total_cost(wanted, 0.3, convert=True), rel=1e-10
    )


def test_a_list_grows_in_place_by_a_copy_of_the_data(data):
    examples = list(FOREIGN)
    examples.extend(data)
    assert len(examples) == len(FOREIGN) + N


def test_a_checkpoint_of_doubled_data_can_be_resumed(data, tmp_path):
    from fastnn import resume

    doubled = data * 2
    random.seed(5)
    net = seeded_network(network2, SIZES)
    net.SGD(doubled.copy(), 3, 7, 0.5, verbose=False)
    random.seed(5)
    stopped = seeded_network(network2, SIZES)
    stopped.SGD(doubled.copy(), 1, 7, 0.5, verbose=False, checkpoint=tmp_path / "run.npz")
    resumed, _ = resume(tmp_path / "run.npz", doubled.copy(), epochs=3, verbose=False)
    assert_same_networks(resumed, net, rtol=0)


def test_training_on_mnist_makes_no_pairs():
    training, validation, _ = mnist_loader.load_data_wrapper()
    net = seeded_network(network2, [784, 5, 10])
    monitored = {"evaluation_data": validation, "monitor_evaluation_accuracy": True}
    net.SGD(training, 1, 10, 0.1, verbose=False, **monitored)
    tracemalloc.start()
    try:
        net.SGD(training, 1, 10, 0.1, verbose=False, **monitored)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # The order is there in several forms. A tuple and two arrays would take 300 bytes each.
    assert peak < 100 * len(training)
