"""Calls of `SGD` that go on from the one before do what a network does that has no such call."""

from __future__ import annotations

import copy
import gc
import pickle
import random
import weakref

import numpy as np
import pytest
from builders import assert_same_bits, copies, dense_digits, digits, parameters, seed_generators
from waiting import running_threads, wait_until

from fastnn import Dataset, DivergedError, LogLikelihoodCost, QuadraticCost, network2
from fastnn.engine.teams import Team
from fastnn.training import repeats

SIZES = [12, 7, 4]


@pytest.fixture
def data():
    return dense_digits(23, 12, 4, seed=1)


def scripts(change, make=list, kept=True, net=None, **options):
    """Train four epochs, a call each, and change something before the third."""
    seed_generators(5)
    net = network2.Network(SIZES) if net is None else net()
    data = make(dense_digits(23, 12, 4, seed=1))
    for call in range(4):
        if not kept:
            repeats._KEPT.clear()
        if call == 2:
            net, data, options = change(net, data, options) or (net, data, options)
        arguments = {"epochs": 1, "mini_batch_size": 5, "eta": 0.5, "verbose": False, **options}
        net.SGD(data, **arguments)
    return net, [x.tobytes() for x, _ in data], random.getstate(), net.history.to_dict()


def nothing(net, data, options):
    pass


def write_into_data(net, data, options):
    data[3][0][2] = 0.75
    data[4][1][:] = np.roll(data[4][1], 1)


def other_data(net, data, options):
    return net, type(data)(data[:-1]) if isinstance(data, list) else data[:-1], options


def sparse_data(net, data, options):
    return net, digits(23, 12, 4, seed=8), options


def other_targets(net, data, options):
    return net, [(x, y * 0.5) for x, y in data], options


def write_into_weights(net, data, options):
    net.weights[0][1, 2] = 2.0
    net.biases = [b + 1.0 for b in net.biases]


def other_cost(net, data, options):
    net.cost = QuadraticCost


def other_activations(net, data, options):
    net.activations = ["tanh", "sigmoid"]


def write_into_activations(net, data, options):
    net.activations[0] = "relu"


def float32(net, data, options):
    net.dtype = np.dtype(np.float32)


def other_sizes(net, data, options):
    net.sizes[1] = 3
    net.weights = [net.weights[0][:3], net.weights[1][:, :3]]
    net.biases = [net.biases[0][:3], net.biases[1]]


def other_eta(net, data, options):
    return net, data, {**options, "eta": 0.1}


def other_lmbda(net, data, options):
    return net, data, {**options, "lmbda": 3.0}


def more_epochs(net, data, options):
    return net, data, {**options, "epochs": 3}


def adam(net, data, options):
    return net, data, {**options, "optimizer": "adam"}


def larger_mini_batches(net, data, options):
    return net, data, {**options, "mini_batch_size": 23}


def own_step(net, data, options):
    net.update_mini_batch = lambda mini_batch, eta, lmbda, n: None


def copied(net, data, options):
    return copy.deepcopy(net), data, options


def pickled(net, data, options):
    return pickle.loads(pickle.dumps(net)), data, options


CHANGES = [
    *(nothing, write_into_data, other_data, sparse_data, other_targets, write_into_weights),
    *(other_cost, other_activations, write_into_activations, float32, other_sizes),
    *(other_eta, other_lmbda, more_epochs, adam, larger_mini_batches, own_step, copied, pickled),
]


@pytest.mark.filterwarnings("ignore:.* goes through Python, at NumPy speed")
@pytest.mark.parametrize("make", [list, Dataset.from_pairs], ids=["list", "Dataset"])
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_what_changes_between_calls_counts(change, make, again):
    got, wanted = scripts(change, make), scripts(change, make, kept=False)
    assert_same_bits(got[0], wanted[0])
    assert got[1:3] == wanted[1:3]
    for history in (got[3], wanted[3]):
        del history["seconds"], history["epoch_seconds"]
    assert got[3] == wanted[3]
    assert again[:2] == [False, True]
    assert not any(again[4:])


@pytest.mark.parametrize(
    "options",
    [{"optimizer": "adam"}, {"momentum": 0.9}, {"l1": 0.1}, {"shuffle": False}, {"lmbda": 2.0}],
    ids=str,
)
def test_options_stay_what_they_were(options, again):
    got, wanted = scripts(nothing, **options), scripts(nothing, kept=False, **options)
    assert_same_bits(got[0], wanted[0])
    assert again == [False, True, True, True, False, False, False, False]


def test_softmax_and_relu_are_kept_too(again):
    def net():
        return network2.Network(SIZES, LogLikelihoodCost, activation="relu", initializer="he")

    got, wanted = scripts(nothing, net=net), scripts(nothing, net=net, kept=False)
    assert_same_bits(got[0], wanted[0])
    assert again[:4] == [False, True, True, True]


def test_lines_are_printed_as_always(data, capsys, again):
    net = network2.Network(SIZES)
    for _ in range(3):
        net.SGD(data, 1, 5, 0.5)
    assert capsys.readouterr().out == 3 * "Epoch 0 training complete\n\n"
    assert again == [False, True, True]


def test_a_call_with_anything_to_watch_is_a_new_run(data, again):
    net = network2.Network(SIZES)
    held_out = [(x, int(np.argmax(y))) for x, y in data]
    watch = {"evaluation_data": held_out, "monitor_evaluation_accuracy": True}
    for options in (watch, {"callback": print}, {"dropout": 0.5}, {"monitor_layer_speeds": True}):
        for _ in range(2):
            net.SGD(data, 1, 5, 0.5, verbose=False, **options)
    assert not any(again)


def test_a_shuffle_that_is_rebound_is_called(data, monkeypatch):
    net = network2.Network(SIZES)
    net.SGD(data, 1, 5, 0.5, verbose=False)
    given = []
    monkeypatch.setattr(random, "shuffle", given.append)
    net.SGD(data, 1, 5, 0.5, verbose=False)
    assert given == [data]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"eta": float("nan")}, "eta"),
        ({"epochs": -1}, "epochs"),
        ({"training_data": 23 * [(np.zeros((3, 1)), np.zeros((4, 1)))]}, "training_data"),
        ({"training_data": 23 * [(np.full((12, 1), np.nan), np.zeros((4, 1)))]}, "training_data"),
    ],
)
def test_a_wrong_argument_is_refused_as_always(wrong, message, data):
    net = network2.Network(SIZES)
    usual = {"training_data": data, "epochs": 1, "mini_batch_size": 5, "eta": 0.5}
    net.SGD(**usual, verbose=False)
    before, history, state = copies(net), net.history, random.getstate()
    with pytest.raises(ValueError, match=message):
        net.SGD(**{**usual, **wrong}, verbose=False)
    assert net.history is history
    assert random.getstate() == state
    for got, wanted in zip(parameters(net), before, strict=True):
        np.testing.assert_array_equal(got, wanted)


def test_an_interrupted_call_leaves_everything_as_it_was(data, monkeypatch):
    net = network2.Network(SIZES)
    net.SGD(data, 1, 5, 0.5, verbose=False)
    arrays, order, state = parameters(net), [id(pair) for pair in data], random.getstate()

    def interrupted(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(Team, "run", interrupted)
    with pytest.raises(KeyboardInterrupt):
        net.SGD(data, 1, 5, 0.5, verbose=False)
    monkeypatch.undo()
    assert all(now is then for now, then in zip(parameters(net), arrays, strict=True))
    assert [id(pair) for pair in data] == order
    assert random.getstate() == state
    assert net.history.epoch_seconds == []
    net.SGD(data, 1, 5, 0.5, verbose=False)
    assert len(net.history.epoch_seconds) == 1


def test_a_call_that_diverges_leaves_the_network_as_it_was(data):
    net = network2.Network(SIZES, QuadraticCost, output="identity")
    net.SGD(data, 1, 5, 0.01, verbose=False)
    before = copies(net)
    with pytest.raises(DivergedError):
        net.SGD(data, 1, 5, 1e200, verbose=False)
    for got, wanted in zip(parameters(net), before, strict=True):
        np.testing.assert_array_equal(got, wanted)


def test_what_is_kept_goes_with_the_network(data):
    net = network2.Network(SIZES)
    net.SGD(data, 1, 5, 0.5, verbose=False)
    key = id(net)
    assert key in repeats._KEPT
    del net
    gc.collect()
    assert key not in repeats._KEPT


def many_rows():
    rng = np.random.default_rng(1)
    return Dataset(rng.random((5_000, 12)), rng.integers(4, size=5_000))


def test_large_data_are_kept_for_no_longer_than_their_data_set(again):
    net, data = network2.Network(SIZES), many_rows()
    for _ in range(4):  # the first calls find out how long an epoch takes
        net.SGD(data, 1, 50, 0.5, verbose=False)
    assert again[-1]
    key, inputs = id(net), weakref.ref(data.store.inputs)
    assert key in repeats._KEPT
    del data
    gc.collect()
    assert key not in repeats._KEPT
    assert inputs() is None


def test_large_data_are_no_part_of_what_a_list_leaves(again):
    net, data = network2.Network(SIZES), list(many_rows())
    for _ in range(4):
        net.SGD(data, 1, 50, 0.5, verbose=False)
    assert id(net) not in repeats._KEPT
    assert not any(again)


@pytest.mark.parametrize("change", [lambda data: many_rows(), list], ids=["others", "list"])
def test_after_large_data_other_data_are_a_new_run(change, again):
    net, data = network2.Network(SIZES), many_rows()
    for _ in range(4):
        net.SGD(data, 1, 50, 0.5, verbose=False)
    net.SGD(change(data), 1, 50, 0.5, verbose=False)
    assert again[-2:] == [True, False]


def test_nothing_is_kept_with_a_very_large_network(data, again):
    net = network2.Network([12, 120_000, 4])
    for _ in range(2):
        net.SGD(data, 1, 5, 0.5, verbose=False)
    assert again == [False, False]


def test_helper_threads_end_with_each_call(again):
    rng = np.random.default_rng(1)
    data = Dataset(rng.random((500, 20)), rng.integers(4, size=500))
    net = network2.Network([20, 90, 4])
    before = running_threads()
    for _ in range(5):
        net.SGD(data, 1, 100, 0.5, verbose=False, threads=2)
        wait_until(lambda: running_threads() <= before)
    assert again == [False, True, True, True, True]
