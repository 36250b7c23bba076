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
from short_calls import (
    assign_weights,
    other_eta,
    other_numbers_of_the_same_bits,
    turn_weights_over,
    write_into_weights,
)

from fastnn import CrossEntropyCost, DivergedError, QuadraticCost, network2, reference
from fastnn.training import repeats

XOR = [(0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 0)]


def xor():
    return [(column(a, b), column(c)) for a, b, c in XOR]


def three_classes():
    rng = np.random.default_rng(2)
    return [(rng.random((4, 1)), np.eye(3)[:, [i % 3]]) for i in range(60)]


def loop(module, change=None, data=None, sizes=(2, 3, 1), cost="CrossEntropyCost", **options):
    """Call `SGD` six times for an epoch, and change something before the fourth."""
    seed_generators(4)
    net = module.Network(list(sizes), getattr(module, cost))
    pairs = xor() if data is None else data()
    arguments = {"mini_batch_size": 3, "eta": 2.0, "verbose": False, **options}
    lengths = []
    for call in range(6):
        if call == 3 and change is not None:
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
        {"data": three_classes, "sizes": (4, 140, 33, 3)},
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
    *(turn_weights_over, other_numbers_of_the_same_bits),
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
