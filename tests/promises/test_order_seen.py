"""What a script's functions see of the caller's list while a network is trained, and may not do.

network2 shuffles the list before each epoch, so that whatever is called meanwhile sees its order.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from builders import ALL_MONITORS, digits, labelled, parameters, seed_generators

from fastnn import network, network2, reference
from fastnn.reference import chapter1

pytestmark = [
    pytest.mark.filterwarnings("ignore:.* through Python, at NumPy speed"),
    pytest.mark.filterwarnings("ignore:cost .* cannot be compiled by Numba"),
]

SIZES = [12, 5, 4]
EPOCHS = 3


def examples():
    """Training and evaluation data that nobody else has."""
    return digits(31, 12, 4, seed=1), labelled(digits(17, 12, 4, seed=2))


def noting(base, method, note):
    """A subclass that calls `note` first in one of its methods."""
    inherited = getattr(base, method)

    def own(self, *arguments, **options):
        note()
        return inherited(self, *arguments, **options)

    return type("Noting", (base,), {method: own})


class Squares:
    """The quadratic cost by functions that Numba cannot compile, and that call `note` first."""

    def __init__(self, note, method):
        self._note, self._method = note, method

    def fn(self, a, y):
        if self._method == "fn":
            self._note()
        return 0.5 * float(np.sum((a - y) ** 2))

    def delta(self, z, a, y):
        if self._method == "delta":
            self._note()
        return (a - y) * a * (1 - a)


def seen_by(module, method, monitors):
    """Which example is the first of the list at each call, each as often as it stays so."""
    data, held_out = examples()
    places = {id(pair): place for place, pair in enumerate(data)}
    seen = []

    def note():
        seen.append([places[id(pair)] for pair in data[:3]])

    seed_generators(3)
    if hasattr(module, "CrossEntropyCost"):
        if method in ("fn", "delta"):
            net = module.Network(SIZES, cost=Squares(note, method))
        else:
            net = noting(module.Network, method, note)(SIZES)
        wanted = {name: True for name in monitors}
        net.SGD(data, EPOCHS, 5, 0.5, evaluation_data=held_out, **wanted)
    else:
        noting(module.Network, method, note)(SIZES).SGD(data, EPOCHS, 5, 0.5, held_out)
    return [places for places, _ in itertools.groupby(seen)]


OF_EVALUATION = [name for name in ALL_MONITORS if "evaluation" in name]


@pytest.mark.parametrize("monitors", [OF_EVALUATION, [*ALL_MONITORS]], ids=["evaluation", "all"])
@pytest.mark.parametrize(
    "method",
    ["accuracy", "total_cost", "feedforward", "backprop", "update_mini_batch", "fn", "delta"],
)
def test_whatever_is_called_sees_the_list_in_the_order_of_the_epoch(method, monitors):
    seen = seen_by(network2, method, monitors)
    assert seen == seen_by(reference, method, monitors)
    assert len(seen) == EPOCHS


@pytest.mark.parametrize(
    "method", ["evaluate", "feedforward", "backprop", "update_mini_batch", "cost_derivative"]
)
def test_methods_of_chapter_1_see_it_too(method):
    seen = seen_by(network, method, ())
    assert seen == seen_by(chapter1, method, ())
    assert len(seen) == EPOCHS


@pytest.mark.parametrize("method", ["accuracy", "total_cost", "feedforward"])
def test_what_a_method_writes_into_the_first_of_the_list_trains_as_in_network2(method):
    trained = []
    for module in (network2, reference):
        data, held_out = examples()

        def write(data=data):
            data[0][0][:] *= 1.01

        seed_generators(3)
        net = noting(module.Network, method, write)(SIZES)
        options = {name: True for name in OF_EVALUATION}
        net.SGD(data, EPOCHS, 5, 0.5, evaluation_data=held_out, **options)
        trained.append(parameters(net))
    for ours, wanted in zip(*trained, strict=True):
        np.testing.assert_allclose(ours, wanted, rtol=1e-10)


# What a cost may not do ---------------------------------------------------------------------------


def trained_with(act, method, **options):
    data, held_out = examples()
    net = network2.Network(SIZES)
    net.cost = Squares(lambda: act(net, data, held_out), method)
    net.SGD(data, EPOCHS, 5, 0.5, evaluation_data=held_out, verbose=False, **options)


def write_into_an_example(net, data, held_out):
    data[2][0][0] += 0.1


def write_into_evaluation_data(net, data, held_out):
    held_out[2][0][0] += 0.1


@pytest.mark.parametrize("act", [write_into_an_example, write_into_evaluation_data])
@pytest.mark.parametrize("method", ["fn", "delta"])
def test_a_cost_that_writes_into_examples_is_refused(method, act):
    with pytest.raises(ValueError, match=r"cost Squares writes into examples .* update_mini_batch"):
        trained_with(act, method, monitor_evaluation_cost=True)


def test_a_cost_that_writes_in_the_last_epoch_only_is_refused():
    calls = itertools.count()
    steps = 31 * (EPOCHS - 1)

    def act(net, data, held_out):
        if next(calls) >= steps:
            write_into_an_example(net, data, held_out)

    with pytest.raises(ValueError, match="cost Squares writes into examples"):
        trained_with(act, "delta")


def write_into_the_network(net, data, held_out):
    net.weights[0][0, 0] += 0.1


def exchange_the_weights(net, data, held_out):
    net.weights = [w + 0.1 for w in net.weights]


def exchange_one_array(net, data, held_out):
    net.biases[1] = net.biases[1] + 0.1


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (write_into_the_network, "Squares.*read-only"),
        (exchange_the_weights, "cost Squares changes the network"),
        (exchange_one_array, "cost Squares changes the network"),
    ],
)
def test_a_cost_that_changes_the_network_it_measures_is_refused(act, words):
    with pytest.raises(ValueError, match=words):
        trained_with(act, "fn", monitor_evaluation_cost=True)


def test_what_a_measured_cost_has_assigned_is_undone_with_its_epoch():
    data, held_out = examples()
    net = network2.Network(SIZES)
    before = [array.copy() for array in parameters(net)]
    net.cost = Squares(lambda: exchange_the_weights(net, data, held_out), "fn")
    with pytest.raises(ValueError, match="cost Squares changes the network"):
        net.SGD(data, 2, 5, 0.5, evaluation_data=held_out, monitor_evaluation_cost=True)
    assert net.history.epoch_seconds == []
    for array, old in zip(parameters(net), before, strict=True):
        np.testing.assert_array_equal(array, old)


@pytest.mark.parametrize("method", ["fn", "delta"])
@pytest.mark.parametrize("change", [lambda data: data.append(data[0]), list.clear, list.reverse])
def test_a_cost_that_changes_the_list_is_refused(method, change):
    with pytest.raises(ValueError, match="training_data cannot get, lose, exchange or reorder"):
        trained_with(lambda net, data, _: change(data), method, monitor_evaluation_cost=True)


@pytest.mark.parametrize("where", ["callback", "schedule"])
def test_a_callback_and_a_schedule_may_write_into_examples_beside_a_cost_in_python(where):
    data, _ = examples()
    net = network2.Network(SIZES)
    net.cost = Squares(lambda: None, "fn")

    def write(*_):
        data[2][0][0] += 0.1
        return 1.0

    net.SGD(data, EPOCHS, 5, 0.5, verbose=False, **{where: write})
    assert len(net.history.epoch_seconds) == EPOCHS


def test_a_cost_that_counts_measures_the_list_that_is_trained_on_in_its_order():
    costs = []
    for module in (network2, reference):
        pairs = [(x, y[:1]) for x, y in examples()[0]]  # of one output, where labels are numbers
        calls = itertools.count()

        class Counting(Squares):
            def fn(self, a, y, calls=calls):
                return super().fn(a, y) * (1 + next(calls) % 7)

        seed_generators(3)
        net = module.Network([12, 5, 1], cost=Counting(None, ""))
        history = net.SGD(
            pairs, EPOCHS, 5, 0.5, evaluation_data=pairs, monitor_evaluation_cost=True
        )
        costs.append(history[0])
    np.testing.assert_allclose(*costs, rtol=1e-10)


def test_the_network_can_be_written_into_after_a_cost_has_measured_it():
    data, held_out = examples()
    net = network2.Network(SIZES)
    net.cost = Squares(lambda: None, "fn")
    net.SGD(data, 1, 5, 0.5, evaluation_data=held_out, monitor_evaluation_cost=True, verbose=False)
    for array in [*net.weights, *net.biases]:
        array += 1.0
