"""A call of `SGD` on a few pairs again does what network2 does, whatever a script changes."""

from __future__ import annotations

import random
import warnings

import numpy as np
import pytest
from builders import (
    assert_same_bits,
    assert_same_networks,
    column,
    copies,
    parameters,
    seed_generators,
)

from fastnn import CrossEntropyCost, Dataset, DivergedError, QuadraticCost, network2, reference
from fastnn.engine.short_epoch import ShortEpoch
from fastnn.training import repeats

XOR = [(0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 0)]


def xor():
    return [(column(a, b), column(c)) for a, b, c in XOR]


def three_classes():
    rng = np.random.default_rng(2)
    return [(rng.random((4, 1)), np.eye(3)[:, [i % 3]]) for i in range(60)]


@pytest.fixture
def taken(monkeypatch):
    """Note of each call whether pairs and parameters were taken."""
    seen = []
    take = ShortEpoch.take

    def noted(self, *arguments):
        seen.append(take(self, *arguments))
        return seen[-1]

    monkeypatch.setattr(ShortEpoch, "take", noted)
    return seen


def loop(module, change=None, data=None, sizes=(2, 3, 1), cost="CrossEntropyCost", **options):
    """Call `SGD` six times for an epoch, and change something before the fourth."""
    seed_generators(4)
    net = module.Network(list(sizes), getattr(module, cost))
    pairs = xor() if data is None else data()
    arguments = {"mini_batch_size": 3, "eta": 2.0, "verbose": False, **options}
    lengths = []
    for call in range(6):
        if call == 3 and change is not None:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                pairs = change(module, net, pairs, arguments) or pairs
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", ".* goes through Python, at NumPy speed")
            history = net.SGD(pairs, 1, **arguments)
        lengths.append([len(figures) for figures in history])
    return net, [(x.tolist(), np.ravel(y).tolist()) for x, y in pairs], random.getstate(), lengths


def both(change=None, **options):
    got, wanted = loop(network2, change, **options), loop(reference, change, **options)
    assert_same_networks(got[0], wanted[0])
    assert got[1:] == wanted[1:]
    return got


def test_calls_are_those_of_the_reference(taken):
    both()
    assert taken == 5 * [True]


@pytest.mark.parametrize(
    "options",
    [
        {"mini_batch_size": 1},
        {"lmbda": 0.3},
        {"momentum": 0.5},
        {"optimizer": "adam", "eta": 0.1},
        {"l1": 0.1},
        {"shuffle": False},
        {"cost": "QuadraticCost"},
        {"frozen_layers": (0,)},
        {"data": three_classes, "sizes": (4, 40, 3)},
        {"data": three_classes, "sizes": (4, 20, 17, 3), "momentum": 0.5},
    ],
    ids=lambda options: "-".join(options),
)
def test_options_are_those_of_the_reference(options, taken):
    both(**options)
    assert taken == 5 * [True]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("data", [xor, three_classes])
def test_bits_are_those_of_a_new_run(data, dtype, taken):
    def train(new):
        seed_generators(4)
        pairs = [(x.astype(dtype), y) for x, y in data()]
        net = network2.Network([len(pairs[0][0]), 33, len(pairs[0][1])], dtype=dtype)
        for _ in range(4):
            if new:
                repeats._KEPT.clear()
            net.SGD(pairs, 1, 3, 0.7, 0.1, verbose=False)
        return net, [x.tobytes() for x, _ in pairs], random.getstate()

    short, usual = train(False), train(True)
    assert taken == 3 * [True]
    assert_same_bits(short[0], usual[0])
    assert short[1:] == usual[1:]


# What a script may change between two calls ------------------------------------------------------


def write_into_a_pair(module, net, pairs, arguments):
    pairs[1][0][0] = 0.25
    pairs[2][1][:] = 0.5


def make_pairs_sparse(module, net, pairs, arguments):
    for x, _ in pairs:
        x[:] = 0.0
    pairs[0][0][0] = 1.0


def other_pairs(module, net, pairs, arguments):
    return [(2.0 * x, 1.0 - y) for x, y in pairs]


def more_pairs(module, net, pairs, arguments):
    pairs.append((column(0.5, 0.5), column(0.0)))


def list_of_own_kind(module, net, pairs, arguments):
    class Pairs(list):
        pass

    return Pairs(pairs)


def numbers_for_answers(module, net, pairs, arguments):
    pairs[:] = [(x, np.array([[int(y[0, 0])]])) for x, y in pairs]


def whole_numbers(module, net, pairs, arguments):
    pairs[:] = [(x.astype(np.int64), y) for x, y in pairs]


def views(module, net, pairs, arguments):
    pairs[:] = [(np.repeat(x, 2)[::2].reshape(-1, 1), y) for x, y in pairs]


def write_into_weights(module, net, pairs, arguments):
    net.weights[0][1, 1] = 3.0
    net.biases[0] -= 0.25


def assign_weights(module, net, pairs, arguments):
    net.weights = [np.asfortranarray(2.0 * w) for w in net.weights]
    net.biases[0] = net.biases[0] + 1.0


def other_eta(module, net, pairs, arguments):
    arguments["eta"] = 0.5


def other_lmbda(module, net, pairs, arguments):
    arguments["lmbda"] = 0.5


def other_mini_batches(module, net, pairs, arguments):
    arguments["mini_batch_size"] = 2


def momentum(module, net, pairs, arguments):
    arguments["momentum"] = 0.5


def monitored(module, net, pairs, arguments):
    arguments["monitor_training_cost"] = True


def other_cost(module, net, pairs, arguments):
    net.cost = module.QuadraticCost


def own_cost(module, net, pairs, arguments):
    class Halved(module.CrossEntropyCost):
        @staticmethod
        def delta(z, a, y):
            return 0.5 * (a - y)

    net.cost = Halved


def own_step(module, net, pairs, arguments):
    def update_mini_batch(mini_batch, eta, lmbda, n):
        module.Network.update_mini_batch(net, mini_batch, eta / 2.0, lmbda, n)

    net.update_mini_batch = update_mini_batch


def own_backprop(module, net, pairs, arguments):
    def backprop(x, y):
        nabla_b, nabla_w = module.Network.backprop(net, x, y)
        return nabla_b, [2.0 * nw for nw in nabla_w]

    net.backprop = backprop


def draw_and_seed(module, net, pairs, arguments):
    random.seed(77)
    random.gauss(0.0, 1.0)


CHANGES = [
    *(write_into_a_pair, make_pairs_sparse, other_pairs, more_pairs, list_of_own_kind),
    *(numbers_for_answers, whole_numbers, views, write_into_weights, assign_weights),
    *(other_eta, other_lmbda, other_mini_batches, momentum, monitored, other_cost),
    *(own_cost, own_step, own_backprop, draw_and_seed),
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_what_a_script_changes_counts_as_in_the_reference(change, taken):
    both(change)
    assert taken[:2] == [True, True]


def test_methods_replaced_on_the_class_are_called(monkeypatch):
    calls = []

    def noted(step):
        def update_mini_batch(self, mini_batch, eta, lmbda, n):
            calls.append(len(mini_batch))
            step(self, mini_batch, eta, lmbda, n)

        return update_mini_batch

    def replace(module, net, pairs, arguments):
        step = module.Network.update_mini_batch
        monkeypatch.setattr(module.Network, "update_mini_batch", noted(step))

    both(replace)
    assert calls == 2 * 3 * [3, 1]


def test_a_delta_put_in_place_of_a_costs_own_is_called(monkeypatch):
    def replace(module, net, pairs, arguments):
        delta = staticmethod(lambda z, a, y: 3.0 * (a - y))
        monkeypatch.setattr(module.CrossEntropyCost, "delta", delta)

    both(replace)


# Data sets: bit by bit as a new run ---------------------------------------------------------------


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


# What is refused, and what is left then ----------------------------------------------------------


@pytest.fixture
def trained():
    seed_generators(1)
    net, pairs = network2.Network([2, 3, 1]), xor()
    for _ in range(3):
        net.SGD(pairs, 1, 2, 1.0, verbose=False)
    return net, pairs


def put_nan(net, pairs):
    pairs[2][0][1] = np.nan


def put_infinity(net, pairs):
    pairs[1][1][0] = np.inf


def put_a_longer_column(net, pairs):
    pairs[0] = column(1, 2, 3), pairs[0][1]


def put_three_in_a_pair(net, pairs):
    pairs[3] = (*pairs[3], 1)


def put_wrong_weights(net, pairs):
    net.weights[1] = np.ones((2, 3))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (put_nan, "training_data must be finite.*example 2"),
        (put_infinity, "training_data.*must be finite"),
        (put_a_longer_column, "training_data"),
        (put_three_in_a_pair, "training_data must hold pairs"),
        (put_wrong_weights, r"weights\[1\]"),
    ],
)
def test_what_is_wrong_is_refused_with_nothing_changed(wrong, message, trained):
    net, pairs = trained
    wrong(net, pairs)
    arrays, before, history = parameters(net), copies(net), net.history
    ids, state = list(map(id, pairs)), random.getstate()
    with pytest.raises((TypeError, ValueError), match=message):
        net.SGD(pairs, 1, 2, 1.0, verbose=False)
    assert all(map(lambda now, then: now is then, parameters(net), arrays))
    assert all(map(np.array_equal, parameters(net), before))
    assert (list(map(id, pairs)), random.getstate(), net.history) == (ids, state, history)


def test_a_call_that_diverges_leaves_all_as_it_was():
    seed_generators(1)
    net, pairs = network2.Network([2, 3, 1], QuadraticCost, output="identity"), xor()
    for _ in range(3):
        net.SGD(pairs, 1, 2, 0.1, verbose=False)
    before, ids, state = copies(net), list(map(id, pairs)), random.getstate()
    with pytest.raises(DivergedError):
        net.SGD(pairs, 1, 2, 1e300, verbose=False)
    assert all(map(np.array_equal, parameters(net), before))
    assert (list(map(id, pairs)), random.getstate()) == (ids, state)
    net.SGD(pairs, 1, 2, 1e300, verbose=False, on_divergence="continue")
    assert not all(np.isfinite(array).all() for array in parameters(net))


def test_each_call_gives_new_arrays(trained):
    net, pairs = trained
    kept = parameters(net)
    before = copies(net)
    net.SGD(pairs, 1, 2, 1.0, verbose=False)
    assert all(map(np.array_equal, kept, before))
    for old in kept:
        for new in parameters(net):
            assert new.flags.owndata and not np.shares_memory(old, new)


def test_pairs_given_are_never_written_into(trained):
    net, pairs = trained
    before = [(x.copy(), y.copy()) for x, y in pairs]
    ids = list(map(id, pairs))
    net.SGD(pairs, 1, 2, 1.0, verbose=False)
    for pair, number in zip(pairs, map(id, pairs), strict=True):
        assert all(map(np.array_equal, pair, before[ids.index(number)]))


def test_lines_and_history_are_those_of_a_run(trained, capsys):
    net, pairs = trained
    history = net.SGD(pairs, 1, 2, 1.0)
    assert history is net.history and history.stopped_because == "all epochs are done"
    assert len(history.epoch_seconds) == 1 and list(history) == [[], [], [], []]
    assert net.cost is CrossEntropyCost
    net.SGD(pairs, 1, 2, 1.0)
    assert capsys.readouterr().out == 2 * "Epoch 0 training complete\n\n"
