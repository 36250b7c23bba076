"""Single calls on the arrays themselves give what the usual way and the reference give."""

from __future__ import annotations

import copy
import gc
import pickle
import threading
import warnings

import numpy as np
import pytest
from builders import column, labelled
from short_calls import other_numbers_of_the_same_bits, turn_weights_over
from small_networks import (
    TOLERANCE,
    close,
    every_dtype,
    every_layer,
    every_shape,
    gradient,
    is_kept,
    net_for,
    pairs_for,
)

from fastnn import (
    CrossEntropyCost,
    Dataset,
    QuadraticCost,
    network2,
    reference,
)
from fastnn.engine import single, single_work

pytestmark = pytest.mark.compiled


# --- equal ------------------------------------------------------------------------------------


@every_dtype
@every_layer
@every_shape
def test_output_and_gradient_are_those_of_the_reference(sizes, layers, dtype):
    net, plain = net_for(sizes, layers, dtype), net_for(sizes, layers, module=reference)
    for x, y in pairs_for(sizes, 2) + pairs_for(sizes, 2, np.float32):
        out = net.feedforward(x)
        close([out], [plain.feedforward(x)], dtype)
        assert is_kept(net) and out.dtype == dtype and out.shape == (sizes[-1], 1)
        nabla_b, nabla_w = net.backprop(x, y)
        wanted_b, wanted_w = plain.backprop(x, y)
        close(nabla_b, wanted_b, dtype)
        close(nabla_w, wanted_w, dtype)
        assert is_kept(net) and {g.dtype for g in nabla_b + nabla_w} == {np.dtype(dtype)}


@every_dtype
@every_layer
@every_shape
def test_steps_are_those_of_the_reference(sizes, layers, dtype):
    net, plain = net_for(sizes, layers, dtype), net_for(sizes, layers, module=reference)
    for count in (1, 5, 2):
        batch = pairs_for(sizes, count)
        net.update_mini_batch(batch, 0.3, 0.5, 20)
        plain.update_mini_batch(batch, 0.3, 0.5, 20)
        assert is_kept(net)
    close(net.weights, plain.weights, dtype)
    close(net.biases, plain.biases, dtype)


@every_dtype
@every_layer
@every_shape
def test_accuracy_and_cost_are_those_of_the_reference(sizes, layers, dtype):
    net, plain = net_for(sizes, layers, dtype), net_for(sizes, layers, module=reference)
    pairs = pairs_for(sizes)
    limit = TOLERANCE[dtype]
    assert net.total_cost(pairs, 0.7) == pytest.approx(plain.total_cost(pairs, 0.7), rel=limit)
    assert is_kept(net)
    labels = labelled(pairs)
    wanted = plain.total_cost(labels, 0.7, convert=True)
    assert net.total_cost(labels, 0.7, convert=True) == pytest.approx(wanted, rel=limit)
    if sizes[-1] > 1 or layers[2] != "identity":
        assert net.accuracy(pairs) == plain.accuracy(pairs, convert=True)
        assert net.accuracy(labels) == plain.accuracy(labels)
        assert is_kept(net)


def test_the_usual_way_gives_the_same(monkeypatch):
    sizes, pairs = [40, 16, 10], pairs_for([40, 16, 10])
    fast, usual = net_for(sizes), net_for(sizes)
    for net in (fast, usual):
        if net is usual:
            monkeypatch.setattr(single, "work_for", lambda *_, **__: None)
        net.answers = [net.accuracy(pairs), net.total_cost(pairs, 1.0)]
        net.update_mini_batch(pairs, 0.1, 1.0, 10)
    assert fast.answers == pytest.approx(usual.answers, rel=1e-12)
    close(fast.weights + fast.biases, usual.weights + usual.biases)


def test_a_saturated_output_costs_what_it_costs_the_usual_way():
    net, pairs = net_for([3, 2]), [(column(1, 1, 1), column(0, 1))]
    net.weights[0][:] = 300.0
    assert net.total_cost(pairs, 0.0) == pytest.approx(
        net.total_cost(Dataset.from_pairs(pairs), 0.0), rel=1e-12
    )


def test_results_do_not_depend_on_how_many_examples_there_are():
    net, pairs = net_for([40, 16, 10]), pairs_for([40, 16, 10], 9)
    alone = [net.total_cost([pair], 0.0) for pair in pairs]
    assert net.total_cost(pairs, 0.0) == pytest.approx(np.mean(alone), rel=1e-14)


# --- what comes out is new --------------------------------------------------------------------


def test_results_are_new_arrays_each_time():
    net, (x, y) = net_for([5, 4, 3]), pairs_for([5, 4, 3], 1)[0]
    first = [net.feedforward(x), *gradient(net, x, y)]
    kept = copy.deepcopy(first)
    second = [net.feedforward(x), *gradient(net, -x, y)]
    for a, b in zip(first, second, strict=True):
        assert not np.shares_memory(a, b) and a.flags.writeable
    close(first, kept)


def test_a_step_leaves_the_old_arrays_alone():
    net, batch = net_for([5, 4, 3]), pairs_for([5, 4, 3])
    net.feedforward(batch[0][0])
    before = net.weights + net.biases
    kept = copy.deepcopy(before)
    net.update_mini_batch(batch, 0.5, 0.0, 10)
    close(before, kept)
    for old, new in zip(before, net.weights + net.biases, strict=True):
        assert not np.shares_memory(old, new)


# --- never stale ------------------------------------------------------------------------------


def assign(net):
    net.weights[1] = net.weights[1] * 2.0


def write(net):
    net.weights[0][:] += 1.0
    net.biases[1] -= 0.5


def swap(net):
    net.biases[0], net.biases[1] = net.biases[1], net.biases[0]


def new_lists(net):
    net.weights = [w + 0.5 for w in net.weights]
    net.biases = tuple(b.copy() for b in net.biases)


def fortran(net):
    net.weights[0] = np.asfortranarray(net.weights[0] * 3.0)


def rows(net):
    net.weights[0] = (net.weights[0] * 2.0).tolist()


def narrower(net):
    net.sizes = [4, 6, 4]
    net.weights = [np.ones((6, 4)), np.ones((4, 6))]
    net.biases = [np.ones((6, 1)), np.ones((4, 1))]


def other_activation(net):
    net.activations[0] = "tanh"


def other_cost(net):
    net.cost = QuadraticCost


def other_type(net):
    net.dtype = np.dtype(np.float32)


def type_by_class(net):
    net.dtype = np.float64


def step(net):
    net.update_mini_batch(pairs_for([4, 4, 4]), 0.5, 0.1, 10)


def train(net):
    net.SGD(pairs_for([4, 4, 4]), 1, 2, 0.5, verbose=False)


def turn_over(net):
    turn_weights_over(network2, net, None, None)


def whole_biases(net):
    other_numbers_of_the_same_bits(network2, net, None, None)


def flat_and_back(net):
    """Other memory of the same shape, twice."""
    for shape in ((16,), (4, 4)):
        net.weights[1].resize(shape, refcheck=False)
    net.weights[1][:] = np.arange(16).reshape(4, 4)


def restored(net):
    state = np.full((4, 4), 0.5).__reduce__()[2]
    net.weights[1].__setstate__(state)


CHANGES = [assign, write, swap, new_lists, fortran, rows, narrower, turn_over]
CHANGES += [
    whole_biases,
    flat_and_back,
    restored,
    other_activation,
    other_cost,
    other_type,
    type_by_class,
    step,
    train,
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_changes_of_the_network_count(change):
    net, pairs = net_for([4, 4, 4]), pairs_for([4, 4, 4])
    x, y = pairs[0]
    net.backprop(x, y)
    net.accuracy(pairs)
    change(net)
    fresh = network2.Network(
        net.sizes, cost=net.cost, dtype=net.dtype, activation=net.activations[:-1]
    )
    fresh.weights = [np.array(w, net.dtype) for w in net.weights]
    fresh.biases = [np.array(b, net.dtype) for b in net.biases]
    dtype = np.dtype(net.dtype).type
    close([net.feedforward(x)], [fresh.feedforward(x)], dtype)
    close(gradient(net, x, y), gradient(fresh, x, y), dtype)
    limit = TOLERANCE[dtype]
    assert net.total_cost(pairs, 1.0) == pytest.approx(fresh.total_cost(pairs, 1.0), rel=limit)


@pytest.mark.parametrize("kind", [list, tuple, np.array])
def test_sizes_of_any_kind_are_kept_and_their_changes_count(kind):
    net, x = net_for(kind([4, 3, 2])), np.ones((4, 1))
    before = net.feedforward(x)
    for _ in range(2):
        assert is_kept(net)
        np.testing.assert_array_equal(net.feedforward(x), before)
    net.sizes = kind([4, 3, 2])
    np.testing.assert_array_equal(net.feedforward(x), before)
    assert is_kept(net)
    if kind is tuple:
        net.sizes = (4, 5, 2)
    else:
        net.sizes[1] = 5
    with pytest.raises(ValueError, match=r"weights\[0\] must be .* of shape \(5, 4\)"):
        net.backprop(x, np.ones((2, 1)))


@pytest.mark.parametrize("name", ["weights", "biases"])
@pytest.mark.parametrize("layer", [0, 1])
def test_another_array_of_one_equal_number_counts(name, layer):
    """Its numbers do not tell it from the array before, until it is written into."""
    net, (x, y) = net_for([1, 1, 1]), pairs_for([1, 1, 1], 1)[0]
    before = net.feedforward(x)
    net.backprop(x, y)
    getattr(net, name)[layer] = getattr(net, name)[layer].copy()
    assert net.backprop(x, y)[0][-1] == before - y
    getattr(net, name)[layer] += 3.0
    fresh = copy.deepcopy(net)
    close(gradient(net, x, y), gradient(fresh, x, y))
    assert (net.backprop(x, y)[0][-1] != before - y).all()


def test_an_array_in_another_shape_is_refused():
    net, (x, y) = net_for([4, 4, 4]), pairs_for([4, 4, 4], 1)[0]
    net.backprop(x, y)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of NumPy, for setting a shape
        net.weights[1].shape = (2, 8)
    with pytest.raises(ValueError, match=r"weights\[1\] must be an array of numbers of shape"):
        net.backprop(x, y)


@pytest.mark.parametrize("name", ["weights", "biases"])
def test_a_layer_more_or_less_is_refused(name):
    for change in (lambda arrays: arrays.append(arrays[0]), lambda arrays: arrays.pop()):
        net, (x, y) = net_for([4, 4, 4]), pairs_for([4, 4, 4], 1)[0]
        net.backprop(x, y)
        change(getattr(net, name))
        with pytest.raises(ValueError, match=f"{name} must hold 2 arrays"):
            net.backprop(x, y)


@every_dtype
def test_gradients_kept_by_a_caller_stay_as_they_were(dtype):
    net, pairs = net_for([784, 12, 10], dtype=dtype), pairs_for([784, 12, 10])
    kept = [gradient(net, *pair) for pair in pairs]
    wanted = [gradient(net, *pair) for pair in pairs]
    for array in kept[0]:
        array *= 2.0
    for pair, (ours, again) in zip(pairs, zip(kept[1:], wanted[1:], strict=True), strict=False):
        gradient(net, *pair)
        for a, b in zip(pickle.loads(pickle.dumps(ours)), again, strict=True):
            np.testing.assert_array_equal(a, b)


def test_functions_put_in_place_of_a_costs_own_count(monkeypatch):
    net, (x, y) = net_for([4, 4, 4]), pairs_for([4, 4, 4], 1)[0]
    wanted = 2.0 * net.backprop(x, y)[0][-1]
    monkeypatch.setattr(CrossEntropyCost, "delta", staticmethod(lambda z, a, y: 2.0 * (a - y)))
    close([net.backprop(x, y)[0][-1]], [wanted])


def test_copies_and_pickles_have_nothing_of_it():
    net, (x, _) = net_for([4, 4, 4]), pairs_for([4, 4, 4], 1)[0]
    before = pickle.dumps(net)
    wanted = net.feedforward(x)
    assert pickle.dumps(net) == before
    for other in (copy.copy(net), copy.deepcopy(net), pickle.loads(before)):
        assert not is_kept(other)
        close([other.feedforward(x)], [wanted])


def test_nothing_of_a_network_outlives_it():
    net = net_for([4, 4, 4])
    net.feedforward(np.ones((4, 1)))
    key = id(net)
    assert key in single_work._WORKS
    del net
    gc.collect()
    assert key not in single_work._WORKS


def test_threads_that_share_a_network_get_their_own_results():
    net = net_for([30, 20, 10])
    pairs = pairs_for([30, 20, 10], 8)
    wanted = [gradient(net, *pair) for pair in pairs]
    wrong = []

    def work(pair, expected):
        for _ in range(300):
            found = gradient(net, *pair)
            if any((a != b).any() for a, b in zip(found, expected, strict=True)):
                wrong.append(pair)

    threads = [threading.Thread(target=work, args=both) for both in zip(pairs, wanted, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
