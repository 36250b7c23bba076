"""Layers that a script adds to a network, and what network2 takes from their number."""

from __future__ import annotations

import numpy as np
import pytest
from builders import assert_same_networks, dense_digits, seed_generators, seeded_network

from fastnn import network, network2, reference
from fastnn.reference import chapter1

SIZES = [4, 3, 2]
PAIRS = [(reference, network2), (chapter1, network)]


@pytest.fixture
def data():
    return dense_digits(20, 4, 2, seed=1)


def new(module, sizes=None):
    np.random.seed(1)
    return module.Network(list(SIZES) if sizes is None else sizes)


def train(net, data):
    seed_generators(3)
    net.SGD(list(data), 2, 5, 0.5)


def add_layer(net):
    """Copy the first hidden layer, as a script does that grows a network."""
    net.sizes.insert(1, 3)
    net.num_layers += 1
    net.weights.insert(1, np.eye(3))
    net.biases.insert(1, np.zeros((3, 1)))


KINDS = [list(SIZES), (4, 3, 2), range(4, 1, -1), np.array(SIZES), (np.int64(4), 3, 2)]


@pytest.mark.parametrize("sizes", KINDS, ids=repr)
@pytest.mark.parametrize("modules", PAIRS, ids=["network2", "chapter 1"])
def test_sizes_are_what_was_given_and_the_network_is_the_same(modules, sizes, data):
    nets = [new(module, sizes) for module in modules]
    assert [type(net.sizes) for net in nets] == [type(sizes)] * 2
    assert [list(net.sizes) for net in nets] == [SIZES] * 2
    for net in nets:
        for _ in range(3):
            train(net, data)
    assert_same_networks(*nets, rtol=1e-12)
    for x, y in (np.zeros((5, 1)), data[0][1]), (data[0][0], np.zeros((3, 1))):
        with pytest.raises(ValueError, match=r"must have the shape \([42], 1\), got"):
            nets[1].backprop(x, y)


@pytest.mark.parametrize("module", [network2, network])
@pytest.mark.parametrize("kind", [list, np.array])
def test_a_list_or_array_of_sizes_may_be_changed_for_the_next_network(module, kind, data):
    sizes = kind(SIZES)
    net = new(module, sizes)
    sizes[1] = 7
    assert new(module, sizes).weights[0].shape == (7, 4)
    assert list(net.sizes) == SIZES
    train(net, data)


@pytest.mark.parametrize("modules", PAIRS, ids=["network2", "chapter 1"])
def test_a_layer_that_is_added_is_trained(modules, data):
    nets = list(map(new, modules))
    for net in nets:
        train(net, data)
        add_layer(net)
        net.backprop(*data[0])
        train(net, data)
    assert_same_networks(*nets, rtol=1e-12)


@pytest.mark.parametrize("cost", ["CrossEntropyCost", "LogLikelihoodCost"])
def test_a_layer_that_is_added_is_known_to_all_that_a_network_does(cost, data, tmp_path):
    net = seeded_network(network2, list(SIZES), cost)
    add_layer(net)
    net.save(tmp_path / "net.npz")
    again = network2.load(tmp_path / "net.npz")
    x = data[0][0]
    np.testing.assert_allclose(again.feedforward(x), net.feedforward(x), rtol=1e-12)
    assert net.accuracy(data) == again.accuracy(data)


def test_the_activation_of_a_layer_that_is_added_has_to_be_named(data):
    net = seeded_network(network2, list(SIZES), activation="tanh")
    add_layer(net)
    with pytest.raises(ValueError, match="who adds a layer has to name its activation"):
        net.backprop(*data[0])
    net.activations = ["tanh", "sigmoid", "sigmoid"]
    train(net, data)


@pytest.mark.parametrize("modules", PAIRS, ids=["network2", "chapter 1"])
def test_fewer_layers_to_go_back_through_are_honoured_or_refused(modules, data):
    oracle, net = map(new, modules)
    first, last = net.backprop(*data[0])[0]
    train(net, data)
    for one in (oracle, net):
        one.num_layers = 2
    (zeros, same), _ = oracle.backprop(*data[0])
    assert not zeros.any()
    np.testing.assert_allclose(same, last, rtol=1e-12)
    assert first.any()
    for call in (train, lambda net, data: net.backprop(*data[0])):
        with pytest.raises(ValueError, match="num_layers must be 3, the length of sizes, got 2"):
            call(net, data)


@pytest.mark.parametrize("module", [network2, network])
def test_an_array_in_place_of_a_number_of_layers_is_refused_by_name(module, data):
    for calls_before in (0, 1):  # of the second call fastnn knows what the first one has prepared
        net = new(module)
        for _ in range(calls_before):
            net.SGD(data, 1, 5, 0.5)
        net.num_layers = np.array([2, 3])
        with pytest.raises(ValueError, match=r"num_layers must be 3, .* got an array of shape"):
            net.SGD(data, 1, 5, 0.5)


def bits_on_top(net):
    """Append the layer of the exercise in chapter 1, which tells a class in binary digits."""
    net.weights.append(np.array([[-9.0, 9.0], [9.0, 9.0], [-3.0, -9.0]]))
    net.biases.append(np.full((3, 1), -4.0))


def hidden_only(net):
    """Take the last layer away, to look at what is below it."""
    net.weights, net.biases = net.weights[:1], net.biases[:1]


@pytest.mark.parametrize("change", [bits_on_top, hidden_only])
@pytest.mark.parametrize("modules", PAIRS, ids=["network2", "chapter 1"])
def test_outputs_are_those_of_the_weights_whatever_sizes_say(modules, change, data):
    outputs = []
    for net in map(new, modules):
        net.feedforward(data[0][0])  # what is known from now on is of no use below
        change(net)
        outputs.append([net.feedforward(x) for x, _ in data])
        outputs[-1].append(net.feedforward(np.hstack([x for x, _ in data])))
    for got, wanted in zip(outputs[1], outputs[0], strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-12)


@pytest.mark.parametrize("change", [bits_on_top, hidden_only])
def test_what_is_measured_is_that_of_the_weights_whatever_sizes_say(change, data):
    figures = []
    for net in map(new, PAIRS[0]):
        change(net)
        outputs = len(net.weights[-1])
        labelled = [(x, place % outputs) for place, (x, _) in enumerate(data)]
        columns = [(x, np.eye(outputs)[:, [label]]) for x, label in labelled]
        for examples in (slice(None), slice(3)):
            figures.append([net.accuracy(labelled[examples])])
            figures[-1].append(net.total_cost(columns[examples], 0.3))
    np.testing.assert_allclose(figures[2:], figures[:2], rtol=1e-10)


def test_layers_that_are_added_have_to_be_counted_for_training_and_named_unless_sigmoid(data):
    net = new(network2)
    bits_on_top(net)
    for call in (train, lambda net, data: net.backprop(*data[0])):
        with pytest.raises(ValueError, match=r"got 3; who adds .* sets sizes and num_layers too"):
            call(net, data)
    for options in ({"activation": "tanh"}, {"output": "identity", "cost": "QuadraticCost"}):
        net = seeded_network(network2, list(SIZES), **options)
        bits_on_top(net)
        with pytest.raises(ValueError, match="weights must hold 2 arrays"):
            net.feedforward(data[0][0])
    for weights in ([], [1.0], [np.eye(3), np.eye(4)], [np.eye(4), np.zeros((4, 0))]):
        net = new(network2)
        net.weights, net.biases = weights, [np.zeros((len(np.shape(w)), 1)) for w in weights]
        with pytest.raises(ValueError, match=r"^weights(\[0\])? must"):
            net.feedforward(data[0][0])


def without_sizes(module):
    class Given(module.Network):
        def __init__(self, weights, biases):
            self.num_layers = len(weights) + 1
            self.weights, self.biases = weights, biases
            self.cost = getattr(module, "CrossEntropyCost", None)

    return Given


@pytest.mark.parametrize("module", [network2, network])
def test_a_network_without_sizes_has_those_of_its_weights(module, data):
    wanted = new(module)
    net = without_sizes(module)(list(wanted.weights), list(wanted.biases))
    for one in (wanted, net):
        train(one, data)
    assert net.sizes == SIZES
    for mine, theirs in zip(net.weights, wanted.weights, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    net.weights = [1.0, 2.0]
    with pytest.raises(TypeError, match="weights of a network without sizes must be a list"):
        net.feedforward(data[0][0])
