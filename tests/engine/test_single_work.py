"""What is known of a network serves on when it gets other arrays, and for one that is alike."""

from __future__ import annotations

import copy
import gc
import weakref

import numpy as np
import pytest
from builders import read_only, seeded_network
from small_networks import (
    LAYERS,
    every_dtype,
    every_layer,
    every_shape,
    gradient,
    is_kept,
    net_for,
    pairs_for,
)

from fastnn import LogLikelihoodCost, QuadraticCost, network2
from fastnn.engine import single_work
from fastnn.reference.network import Network as Plain

pytestmark = pytest.mark.compiled

SIZES = [6, 5, 4]


@pytest.fixture(autouse=True)
def made(monkeypatch):
    """The identities of the networks of which all was found out."""
    networks, make = [], single_work._made

    def noting(network, examples):
        networks.append(id(network))
        return make(network, examples)

    monkeypatch.setattr(single_work, "_made", noting)
    single_work._LAST.clear()
    return networks


def results_of(net, pairs):
    x, y = pairs[0]
    figures = [net.accuracy(pairs), net.total_cost(pairs, 0.5)]
    return [net.feedforward(x), *gradient(net, x, y), np.array(figures)]


def same_as_fresh(net, pairs, rtol=0.0):
    """Compare with a network of these parameters of which nothing is known."""
    fresh = copy.deepcopy(net)
    known = single_work._LAST[:]
    single_work._LAST.clear()
    for ours, wanted in zip(results_of(net, pairs), results_of(fresh, pairs), strict=True):
        np.testing.assert_allclose(ours, wanted, rtol=rtol, atol=0.0)
    single_work._LAST[:] = known


def others_of(arrays):
    return [array * 0.9 + 0.01 for array in arrays]


# --- other arrays -------------------------------------------------------------------------------


@every_dtype
@every_layer
@every_shape
def test_assigned_arrays_are_taken_without_finding_out_all_anew(sizes, layers, dtype, made):
    if layers[2] == "identity" and sizes[-1] == 1:
        layers = LAYERS[0]  # one number tells no classes
    net, pairs = net_for(sizes, layers, dtype), pairs_for(sizes)
    results_of(net, pairs)
    before = len(made)
    net.weights, net.biases = others_of(net.weights), others_of(net.biases)
    results = results_of(net, pairs)
    net.weights[-1] = net.weights[-1] + 0.1
    after = results_of(net, pairs)
    assert len(made) == before and is_kept(net)
    assert any(not np.array_equal(one, other) for one, other in zip(results, after, strict=True))
    same_as_fresh(net, pairs)


def fortran(array):
    return np.asfortranarray(np.vstack([array, array]))[: len(array)]


OTHER_KINDS = {
    "of another type": lambda array: array.astype(np.float32),
    "big-endian": lambda array: array.astype(">f8"),
    "read-only": read_only,
    "in columns": np.asfortranarray,
    "with gaps": fortran,
    "a view of a view": lambda array: np.stack([array, array])[1:][0],
    "a subclass": lambda array: array.view(type("Own", (np.ndarray,), {})),
}


@pytest.mark.parametrize("kind", OTHER_KINDS.values(), ids=OTHER_KINDS)
def test_arrays_of_any_kind_count(kind):
    net, pairs = net_for(SIZES), pairs_for(SIZES)
    results_of(net, pairs)
    net.weights = [kind(w * 0.5) for w in net.weights]
    same_as_fresh(net, pairs, rtol=1e-12)  # a copy's arrays may be plain ones again


@pytest.mark.parametrize(
    "change",
    [
        lambda net: setattr(net, "cost", QuadraticCost),
        lambda net: setattr(net, "activations", ["tanh", "sigmoid"]),
        lambda net: (
            net.__dict__.update(sizes=[6, 4], num_layers=2, weights=[np.ones((4, 6))])
            or setattr(net, "biases", [np.ones((4, 1))])
        ),
    ],
    ids=["cost", "activations", "layers"],
)
def test_what_else_is_changed_with_the_arrays_counts(change):
    net, pairs = net_for(SIZES), pairs_for(SIZES)
    results_of(net, pairs)
    net.weights, net.biases = others_of(net.weights), others_of(net.biases)
    change(net)
    same_as_fresh(net, pairs)


@pytest.mark.parametrize(
    "weights",
    [[np.ones((5, 6))], [np.ones((5, 6)), np.ones((5, 4))], [np.ones((6, 5)), np.ones((4, 5))]],
)
def test_arrays_that_do_not_fit_are_refused_as_ever(weights):
    net, pairs = net_for(SIZES), pairs_for(SIZES)
    net.backprop(*pairs[0])
    net.weights = weights
    with pytest.raises(ValueError, match="weights"):
        net.backprop(*pairs[0])


@pytest.mark.parametrize(
    "owner, step", [(single_work, "tell_places"), (single_work.Work, "move_to")]
)
def test_an_array_that_is_exchanged_while_others_are_taken_counts(owner, step, monkeypatch):
    """As another thread may do at any moment."""
    net, pairs = net_for(SIZES), pairs_for(SIZES)
    results_of(net, pairs)
    before = net.weights[:]  # held, so that nothing else comes to be where they are
    taken = getattr(owner, step)

    def exchanging(first, weights, biases):
        taken(first, weights, biases)
        net.weights[1] = net.weights[1] + 0.5

    with monkeypatch.context() as patched:
        patched.setattr(owner, step, exchanging)
        net.weights[0] = net.weights[0].copy()
        net.feedforward(pairs[0][0])
    same_as_fresh(net, pairs)
    assert before[1] is not net.weights[1]


# --- another network ----------------------------------------------------------------------------


@every_dtype
@every_layer
def test_a_network_that_is_alike_is_known_by_the_last(layers, dtype, made):
    first, pairs = net_for(SIZES, layers, dtype), pairs_for(SIZES)
    results_of(first, pairs)
    before = len(made)
    second = copy.deepcopy(first)
    second.weights = others_of(second.weights)
    results_of(second, pairs)
    assert len(made) == before and is_kept(second)
    same_as_fresh(second, pairs)
    same_as_fresh(first, pairs)


@pytest.mark.parametrize(
    "options",
    [
        {"cost": QuadraticCost},
        {"cost": LogLikelihoodCost},
        {"activation": "tanh"},
        {"dtype": np.float32},
    ],
    ids=str,
)
def test_a_network_that_is_not_alike_is_not_taken_for_the_last(options):
    pairs = pairs_for(SIZES)
    results_of(net_for(SIZES), pairs)
    other = seeded_network(network2, SIZES, **options)
    same_as_fresh(other, pairs)


def test_calls_of_two_networks_in_turn_do_not_mix():
    pairs = pairs_for(SIZES)
    nets = [net_for(SIZES), seeded_network(network2, SIZES, seed=5)]
    plain = []
    for net in nets:
        one = Plain(SIZES)
        one.weights, one.biases = net.weights, net.biases
        plain.append(one)
    for _ in range(3):
        for net, one in zip(nets, plain, strict=True):
            np.testing.assert_allclose(
                net.feedforward(pairs[0][0]), one.feedforward(pairs[0][0]), rtol=1e-12
            )


def test_nothing_of_a_network_is_kept_for_others():
    net, pairs = net_for(SIZES), pairs_for(SIZES)
    results_of(net, pairs)
    gone = [weakref.ref(net), *map(weakref.ref, net.weights + net.biases)]
    del net
    gc.collect()
    assert single_work._LAST
    assert [ref() for ref in gone] == [None] * len(gone)
