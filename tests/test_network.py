"""The program of chapter 1: the numbers and lines of its plain reference, overrides included."""

from __future__ import annotations

import copy
import gc
import pickle
import random
import weakref
from itertools import pairwise

import numpy as np
import pytest
from builders import assert_close, assert_same_bits, digits, labelled, parameters, seed_generators
from overriding import bounded_network, fading_outputs

from fastnn import Dataset, network, network2
from fastnn.model.overrides import watched_parameters
from fastnn.reference import chapter1

SIZES = [12, 7, 4]
MODULES = (chapter1, network)

pytestmark = [
    pytest.mark.filterwarnings("ignore:.* goes through Python, at NumPy speed"),
    pytest.mark.filterwarnings("ignore:cost .*cost_derivative cannot be compiled"),
]


@pytest.fixture
def data():
    return digits(31, 12, 4, seed=1)


@pytest.fixture
def tests():
    return labelled(digits(17, 12, 4, seed=2))


def cross_entropy(module):
    class CrossEntropy(module.Network):
        def cost_derivative(self, output_activations, y):
            return (output_activations - y) / (output_activations * (1 - output_activations))

    return CrossEntropy


def weighed_by_weights(module):
    class Weighed(module.Network):
        def cost_derivative(self, output_activations, y):
            return (output_activations - y) * np.abs(self.weights[-1]).mean()

    return Weighed


def doubled_gradient(module):
    class Doubled(module.Network):
        def backprop(self, x, y):
            return [[2 * part for part in parts] for parts in super().backprop(x, y)]

    return Doubled


def decaying(module):
    class Decaying(module.Network):
        def update_mini_batch(self, mini_batch, eta):
            super().update_mini_batch(mini_batch, eta)
            self.weights = [0.99 * w for w in self.weights]

    return Decaying


def reversed_outputs(module):
    class Reversed(module.Network):
        def feedforward(self, a):
            return 1 - super().feedforward(a)

    return Reversed


def telling(module):
    class Telling(module.Network):
        def evaluate(self, test_data):
            print("evaluating", len(test_data), type(test_data).__name__)
            return super().evaluate(test_data) + 100

    return Telling


def own_start(module):
    class OwnStart(module.Network):
        def __init__(self, sizes):
            self.sizes, self.num_layers = sizes, len(sizes)
            self.biases = [np.random.randn(y, 1) for y in sizes[1:]]
            self.weights = [np.random.randn(y, x) / 3 for x, y in pairwise(sizes)]

        def accuracy(self):
            """Do something else than a method that fastnn has elsewhere."""
            return "none of fastnn's business"

    return OwnStart


def plain(module):
    return module.Network


def train(make, data, tests):
    """Train over both modules; return the networks, orders, random states."""
    results = []
    for module in MODULES:
        seed_generators(3)
        net, examples = make(module)(SIZES), list(data)
        assert net.SGD(examples, 3, 10, 0.7, test_data=tests) is None
        results.append((net, [id(pair) for pair in examples], random.getstate()))
    return results


def fading_steps(module):
    class Fading(module.Network):
        def update_mini_batch(self, mini_batch, eta):
            super().update_mini_batch(mini_batch, eta)
            for x, _ in mini_batch:
                x *= 0.9

    return Fading


FORKS = [
    cross_entropy,
    weighed_by_weights,
    doubled_gradient,
    decaying,
    reversed_outputs,
    telling,
    own_start,
    bounded_network,
]


@pytest.mark.parametrize("with_tests", [True, False])
@pytest.mark.parametrize("make", [plain, *FORKS])
def test_training_is_that_of_the_reference(make, with_tests, data, tests, capsys):
    (oracle, *wanted), (net, *got) = train(make, data, tests if with_tests else None)
    assert_close(parameters(net), parameters(oracle))
    assert got == wanted
    lines = capsys.readouterr().out.splitlines()
    assert lines[: len(lines) // 2] == lines[len(lines) // 2 :]
    assert lines[-1] == (f"Epoch 2: {net.evaluate(tests)} / 17" if with_tests else lines[-1])


@pytest.mark.parametrize("make", [plain, *FORKS])
def test_single_calls_are_those_of_the_reference(make, data, tests):
    oracle, net = (make(module)(SIZES) for module in MODULES)
    net.weights, net.biases = copy.deepcopy((oracle.weights, oracle.biases))
    assert net.num_layers == oracle.num_layers == 3
    x, y = data[0]
    assert_close([net.feedforward(x)], [oracle.feedforward(x)])
    for got, wanted in zip(net.backprop(x, y), oracle.backprop(x, y), strict=True):
        assert_close(got, wanted)
    net.update_mini_batch(data[:10], 0.5)
    oracle.update_mini_batch(data[:10], 0.5)
    assert_close(parameters(net), parameters(oracle))
    assert net.evaluate(tests) == oracle.evaluate(tests)


def test_single_calls_give_the_bits_of_network2s_which_takes_the_same_way(data, tests):
    net, other = network.Network(SIZES), network2.Network(SIZES, cost=network2.QuadraticCost)
    other.weights, other.biases = copy.deepcopy((net.weights, net.biases))
    for x, y in data:
        assert net.feedforward(x).tobytes() == other.feedforward(x).tobytes()
        for own, known in zip(net.backprop(x, y), other.backprop(x, y), strict=True):
            assert [part.tobytes() for part in own] == [part.tobytes() for part in known]
    assert net.evaluate(tests[:9]) == other.accuracy(tests[:9])
    net.update_mini_batch(data[:9], 0.5)
    other.update_mini_batch(data[:9], 0.5, 0.0, 9)
    assert_same_bits(net, other)


def test_initial_values_are_normal_and_drawn_biases_first():
    np.random.seed(4)
    net = network.Network((3, 4, 2))
    np.random.seed(4)
    shapes = [(4, 1), (2, 1), (4, 3), (2, 4)]
    for got, shape in zip(net.biases + net.weights, shapes, strict=True):
        np.testing.assert_array_equal(got, np.random.randn(*shape))
    assert net.sizes == (3, 4, 2)


def test_methods_patched_on_the_class_or_set_on_the_network_are_called(data, monkeypatch):
    net = network.Network(SIZES)
    before = copy.deepcopy(parameters(net))
    net.update_mini_batch = lambda mini_batch, eta: None
    net.SGD(data, 1, 10, 0.5)
    for got, wanted in zip(parameters(net), before, strict=True):
        np.testing.assert_array_equal(got, wanted)
    del net.update_mini_batch
    monkeypatch.setattr(network.Network, "cost_derivative", lambda self, a, y: 0 * a)
    net.SGD(data, 1, 10, 0.5)
    for got, wanted in zip(parameters(net), before, strict=True):
        np.testing.assert_array_equal(got, wanted)
    monkeypatch.undo()
    net.SGD(data, 1, 10, 0.5)
    assert not np.array_equal(net.weights[0], before[0])


@pytest.mark.parametrize("name", ["sigmoid", "sigmoid_prime"])
@pytest.mark.parametrize("make", [plain, cross_entropy])
def test_a_function_of_the_module_that_is_rebound_is_called(
    name, make, data, tests, capsys, monkeypatch
):
    for module in MODULES:
        monkeypatch.setattr(module, name, lambda z: 1 / (1 + np.exp(-2 * z)))
    (oracle, *wanted), (net, *got) = train(make, data, tests)
    assert_close(parameters(net), parameters(oracle))
    assert got == wanted
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == lines[3:]


def test_a_warning_names_what_leads_through_python(data):
    net = decaying(network)(SIZES)
    with pytest.warns(RuntimeWarning, match=r"Decaying\.update_mini_batch is overridden"):
        net.SGD(data, 1, 10, 0.5)


def test_an_own_feedforward_leaves_the_epochs_compiled_and_the_warning_says_so(data, tests):
    net = reversed_outputs(network)(SIZES)
    with pytest.warns(RuntimeWarning, match="feedforward is overridden, so what SGD measures goes"):
        net.SGD(data, 1, 10, 0.5, tests)


def test_an_evaluate_that_takes_steps_has_the_books_numbers(data, tests):
    trained = []
    for module in MODULES:

        class Learning(module.Network):
            def evaluate(self, test_data):
                self.update_mini_batch(data[:3], 0.3)
                return super().evaluate(test_data)

        seed_generators(5)
        trained.append(Learning(SIZES))
        trained[-1].SGD(list(data), 3, 10, 0.7, tests)
    assert_close(*map(parameters, trained))


@pytest.mark.parametrize("with_tests", [True, False])
def test_no_epochs_print_nothing(with_tests, data, tests, capsys):
    for module in MODULES:
        module.Network(SIZES).SGD(data, 0, 10, 0.5, tests if with_tests else None)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("make", [fading_steps, fading_outputs])
def test_what_a_method_writes_into_examples_counts_in_tests_that_share_them(make, capsys):
    written = []
    for module in MODULES:
        seed_generators(3)
        data = digits(31, 12, 4, seed=1)
        net = make(module)(SIZES)
        net.SGD(data, 3, 10, 0.7, test_data=[(x, int(np.argmax(y))) for x, y in data[:20]])
        written.append([x for x, _ in data])
    np.testing.assert_array_equal(*written)
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == lines[3:]


def test_only_a_class_of_ones_own_can_watch_the_parameters():
    net = network.Network(SIZES)
    assert watched_parameters(network._compiled(net)) == []
    net = bounded_network(network)(SIZES)
    assert watched_parameters(network._compiled(net)) == ["Bounded.weights"]


def test_an_evaluate_of_ones_own_is_given_the_callers_data(data, tests):
    given = []
    net = network.Network(SIZES)
    net.evaluate = lambda test_data: given.append(test_data) or 0
    net.SGD(data, 2, 10, 0.5, test_data=tests)
    assert [entry is tests for entry in given] == [True, True]
    del net.evaluate
    net.SGD(data, 1, 10, 0.5, test_data=iter(tests))
    assert len(given) == 2


def test_data_may_be_a_data_set_or_an_iterator(data, tests, capsys):
    for examples, held_out in ((data, tests), (Dataset.from_pairs(data), iter(tests))):
        seed_generators(5)
        network.Network(SIZES).SGD(examples, 2, 10, 0.5, held_out)
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == lines[2:]


def test_copies_are_networks_of_their_own(data):
    net = network.Network(SIZES)
    net.SGD(data, 1, 10, 0.5)
    x = data[0][0]
    for other in (copy.copy(net), copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        np.testing.assert_array_equal(other.feedforward(x), net.feedforward(x))
        other.weights = [0 * w for w in other.weights]
        assert not np.array_equal(other.feedforward(x), net.feedforward(x))


def test_the_attributes_are_the_books_and_the_users(data):
    net = network.Network(SIZES)
    net._compiled = "a user's own"
    names = set(vars(net))
    net.SGD(data, 1, 10, 0.5)
    net.feedforward(data[0][0])
    assert set(vars(net)) == names == {"sizes", "num_layers", "biases", "weights", "_compiled"}
    assert net._compiled == "a user's own"


class Keeping(network.Network):
    """It keeps a copy of itself whenever it is evaluated."""

    def evaluate(self, test_data):
        kept = pickle.loads(pickle.dumps(self)), copy.deepcopy(self)
        self.kept = [one.feedforward(test_data[0][0]) for one in kept]
        return super().evaluate(test_data)


def test_a_network_can_be_copied_while_it_is_evaluated(data, tests):
    net = Keeping(SIZES)
    net.SGD(data, 1, 10, 0.5, tests)
    for output in net.kept:
        np.testing.assert_array_equal(output, net.feedforward(tests[0][0]))


def test_nothing_of_a_network_stays_when_it_is_gone(data):
    net = network.Network(SIZES)
    net.cost_derivative = lambda a, y: a - y
    net.SGD(data, 1, 10, 0.5)
    gone = weakref.ref(net)
    known = len(network._VIEWS)
    del net
    gc.collect()
    assert gone() is None
    assert len(network._VIEWS) < known
