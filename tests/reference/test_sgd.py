"""The reference's `SGD`: order of examples, mini-batches, decay, printed lines, kinds of data."""

from __future__ import annotations

import random

import numpy as np
import pytest
from builders import assert_same_bits, column, dense_digits, labelled, seeded_network

from fastnn import reference


def tiny_problem():
    """Return a fresh network, training data and evaluation data, the same every time."""
    net = seeded_network(reference, [3, 4, 2], seed=13)
    return net, dense_digits(7, 3, 2, seed=14), labelled(dense_digits(5, 3, 2, seed=15))


def test_shuffle_order_and_random_state_are_those_of_a_bare_loop():
    net, data, _ = tiny_problem()
    order = {id(x): i for i, (x, _) in enumerate(data)}
    random.seed(16)
    for epochs in (3, 2):  # the second call starts from the order that the first one left
        net.SGD(data, epochs, 2, 0.1, verbose=False)
    state = random.getstate()

    bare = list(range(7))
    random.seed(16)
    for _ in range(5):
        random.shuffle(bare)
    assert [order[id(x)] for x, _ in data] == bare
    assert state == random.getstate()


def test_sgd_steps_through_consecutive_mini_batches():
    net, data, _ = tiny_problem()
    twin, twin_data, _ = tiny_problem()
    random.seed(17)
    net.SGD(data, 2, 3, 0.5, lmbda=0.1, verbose=False)

    random.seed(17)
    for _ in range(2):
        random.shuffle(twin_data)
        for mini_batch in (twin_data[:3], twin_data[3:6], twin_data[6:]):
            twin.update_mini_batch(mini_batch, 0.5, 0.1, 7)
    assert_same_bits(net, twin)


def test_short_last_mini_batch_is_divided_by_its_own_length():
    # Equal examples have the same mean gradient in a mini-batch of any length, so mini-batches of
    # three and one are two equal steps. Both decay by the length of the whole data, four.
    net, data, _ = tiny_problem()
    twin, _, _ = tiny_problem()
    net.SGD([data[0]] * 4, 1, 3, 0.5, lmbda=0.2, verbose=False)
    for _ in range(2):
        nabla_b, nabla_w = twin.backprop(*data[0])
        twin.biases = [b - 0.5 * nb for b, nb in zip(twin.biases, nabla_b, strict=True)]
        twin.weights = [0.975 * w - 0.5 * nw for w, nw in zip(twin.weights, nabla_w, strict=True)]
    for got, wanted in zip(net.biases + net.weights, twin.biases + twin.weights, strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-13)


def test_decay_leaves_biases_alone():
    # A cost without slope leaves only the decay: each step multiplies by 1 - 0.5 * 2 / 4 = 3/4.
    class Flat:
        @staticmethod
        def fn(a, y):
            return 0.0

        @staticmethod
        def delta(z, a, y):
            return 0.0 * a

    net = seeded_network(reference, [3, 4, 2], Flat, seed=18)
    biases, weights = net.biases, net.weights
    net.SGD(dense_digits(4, 3, 2, seed=19), 1, 2, 0.5, lmbda=2.0, verbose=False)
    for old, new in zip(biases, net.biases, strict=True):
        np.testing.assert_array_equal(new, old)
    for old, new in zip(weights, net.weights, strict=True):
        np.testing.assert_array_equal(new, 0.75 * (0.75 * old))


@pytest.mark.parametrize("size", [7, 100])
def test_one_mini_batch_holds_all_the_data(size):
    net, data, _ = tiny_problem()
    twin, twin_data, _ = tiny_problem()
    random.seed(20)
    net.SGD(data, 1, size, 0.5, lmbda=0.1, verbose=False)
    random.seed(20)
    random.shuffle(twin_data)
    twin.update_mini_batch(twin_data, 0.5, 0.1, 7)
    assert_same_bits(net, twin)


MONITORS = {
    "monitor_training_cost": "Cost on training data: {}",
    "monitor_training_accuracy": "Accuracy on training data: {} / 7",
    "monitor_evaluation_cost": "Cost on evaluation data: {}",
    "monitor_evaluation_accuracy": "Accuracy on evaluation data: {} / 5",
}


@pytest.mark.parametrize("on", [[], *([name] for name in MONITORS), list(MONITORS)])
def test_printed_lines_and_returned_lists(capsys, on):
    net, data, evaluation = tiny_problem()
    random.seed(21)
    history = net.SGD(data, 2, 3, 0.5, 0.1, evaluation, **dict.fromkeys(on, True))
    printed = capsys.readouterr().out

    # The same training, one epoch in each call, measured from outside after each call.
    twin, twin_data, _ = tiny_problem()
    random.seed(21)
    seen = {name: [] for name in MONITORS}
    lines = []
    for epoch in range(2):
        twin.SGD(twin_data, 1, 3, 0.5, 0.1, verbose=False)
        values = {
            "monitor_training_cost": twin.total_cost(twin_data, 0.1),
            "monitor_training_accuracy": twin.accuracy(twin_data, convert=True),
            "monitor_evaluation_cost": twin.total_cost(evaluation, 0.1, convert=True),
            "monitor_evaluation_accuracy": twin.accuracy(evaluation),
        }
        lines.append(f"Epoch {epoch} training complete")
        for name in on:
            seen[name].append(values[name])
            lines.append(MONITORS[name].format(values[name]))
        lines.append("")
    assert printed == "\n".join(lines) + "\n"
    assert history == (
        seen["monitor_evaluation_cost"],
        seen["monitor_evaluation_accuracy"],
        seen["monitor_training_cost"],
        seen["monitor_training_accuracy"],
    )
    assert isinstance(history, tuple)


def test_printed_text_literally(capsys):
    # All parameters are 0, so outputs are 1/2 and the cross-entropy is 2 ln 2; eta = 0 keeps that.
    net = seeded_network(reference, [1, 2])
    net.weights[0][:], net.biases[0][:] = 0.0, 0.0
    training = [(column(1), column(1, 0)), (column(1), column(0, 1))]
    net.SGD(training, 1, 2, 0.0, 0.0, [(column(1), 1)], True, True, True, True)
    assert capsys.readouterr().out == (
        "Epoch 0 training complete\n"
        "Cost on training data: 1.3862943611198906\n"
        "Accuracy on training data: 1 / 2\n"
        "Cost on evaluation data: 1.3862943611198906\n"
        "Accuracy on evaluation data: 0 / 1\n"
        "\n"
    )


def test_verbose_false_prints_nothing(capsys):
    net, data, evaluation = tiny_problem()
    history = net.SGD(data, 1, 3, 0.5, 0.1, evaluation, True, True, True, True, verbose=False)
    assert capsys.readouterr().out == ""
    assert [len(values) for values in history] == [1, 1, 1, 1]


class Shelf:
    """Data with a length and items to read and assign, which is neither a list nor an iterable."""

    def __init__(self, pairs):
        self.pairs = list(pairs)

    def __len__(self):
        return len(self.pairs)

    def __getitem__(self, i):
        if not isinstance(i, int):
            raise TypeError("single items only")
        return self.pairs[i]

    def __setitem__(self, i, pair):
        self.pairs[i] = pair


def table_of_pairs(pairs):
    """Return an array with two columns, what ``np.array(pairs, dtype=object)`` is taken for."""
    table = np.empty((len(pairs), 2), dtype=object)
    for i, pair in enumerate(pairs):
        table[i, 0], table[i, 1] = pair
    return table


@pytest.mark.parametrize(
    "kind",
    [
        tuple,
        iter,
        lambda data: zip(*zip(*data, strict=True), strict=True),
        Shelf,
        table_of_pairs,
    ],
    ids=["tuple", "iterator", "zip", "shelf", "table"],
)
def test_any_iterable_trains_like_a_list(kind):
    net, data, evaluation = tiny_problem()
    twin, twin_data, _ = tiny_problem()
    random.seed(22)
    expected = net.SGD(data, 2, 3, 0.5, 0.1, evaluation, True, True, True, True, verbose=False)
    random.seed(22)
    got = twin.SGD(
        kind(twin_data), 2, 3, 0.5, 0.1, kind(evaluation), True, True, True, True, verbose=False
    )
    assert got == expected
    assert_same_bits(net, twin)


def test_what_can_be_assigned_to_is_shuffled_in_place():
    net, data, _ = tiny_problem()
    shelf, bare = Shelf(data), list(data)
    random.seed(23)
    net.SGD(shelf, 1, 3, 0.5, verbose=False)
    random.seed(23)
    random.shuffle(bare)
    assert [id(pair) for pair in shelf.pairs] == [id(pair) for pair in bare]


def test_tables_and_tuples_of_the_caller_keep_their_order():
    net, data, _ = tiny_problem()
    table = table_of_pairs(data)
    net.SGD(table, 1, 3, 0.5, verbose=False)
    for (x, y), (same_x, same_y) in zip(table, data, strict=True):
        assert x is same_x
        assert y is same_y


def test_monitoring_without_evaluation_data_is_refused():
    net, data, _ = tiny_problem()
    for monitor in ("monitor_evaluation_cost", "monitor_evaluation_accuracy"):
        with pytest.raises(ValueError, match="evaluation_data"):
            net.SGD(data, 1, 3, 0.5, verbose=False, **{monitor: True})


def test_training_leaves_earlier_arrays_and_the_data_alone():
    net, data, _ = tiny_problem()
    arrays = net.biases + net.weights + [array for pair in data for array in pair]
    copies = [array.copy() for array in arrays]
    net.SGD(data, 1, 3, 0.5, 0.1, verbose=False)
    for array, copy in zip(arrays, copies, strict=True):
        np.testing.assert_array_equal(array, copy)


def test_float32_inputs_are_computed_in_float64():
    net, data, _ = tiny_problem()
    twin, twin_data, _ = tiny_problem()
    data = [(np.floor(256 * x) / 256, y) for x, y in data]  # k/256: exact in float32
    twin_data = [(x.astype(np.float32), y) for x, y in data]
    for network, examples in ((net, data), (twin, twin_data)):
        random.seed(24)
        network.SGD(examples, 2, 3, 0.5, 0.1, verbose=False)
    assert all(array.dtype == np.float64 for array in twin.biases + twin.weights)
    for got, wanted in zip(twin.biases + twin.weights, net.biases + net.weights, strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-13, atol=1e-15)


def test_it_learns():
    # A single layer can tell which of two inputs is larger.
    net = seeded_network(reference, [2, 2], seed=25)
    data = [(x, int(x[0, 0] < x[1, 0])) for x, _ in labelled(dense_digits(200, 2, 2, seed=26))]
    training = [(x, reference.vectorized_result(label, 2)) for x, label in data]
    random.seed(27)
    cost = net.SGD(training, 20, 10, 1.0, monitor_training_cost=True, verbose=False)[2]
    assert cost[-1] < cost[0] / 2
    assert net.accuracy(data) > 190


def test_mini_batches_are_slices_of_the_callers_list():
    class Zeroed(list):
        def __getitem__(self, place):
            taken = super().__getitem__(place)
            return [(0 * x, y) for x, y in taken] if isinstance(place, slice) else taken

    net, data, _ = tiny_problem()
    before = net.weights[0].copy()
    net.SGD(Zeroed(data), 1, 3, 0.5, verbose=False)
    assert np.array_equal(net.weights[0], before)  # inputs of 0 give its weights no gradient
