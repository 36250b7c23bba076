"""Drawn networks have the reference's numbers, and what must not matter does not."""

from __future__ import annotations

import random

import numpy as np
import pytest
from builders import (
    assert_close,
    assert_same_bits,
    assert_same_histories,
    assert_same_networks,
    digits,
    labelled,
    parameters,
    run,
    seeded_network,
)
from forced_teams import form_small_teams
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from training_options import OPTIMISERS

from fastnn import network2, reference
from fastnn.engine import inputs

COSTS_AND_OUTPUTS = [
    ("CrossEntropyCost", "sigmoid"),
    ("LogLikelihoodCost", "softmax"),
    ("QuadraticCost", "sigmoid"),
    ("QuadraticCost", "identity"),
    ("PoissonCost", "exponential"),
]
NUMBERS = ("identity", "exponential")  # outputs that tell no classes


@st.composite
def cases(draw):
    """Draw a network, data and a way to train as dictionaries of arguments."""
    hidden = draw(st.lists(st.integers(1, 40), max_size=3))
    cost, output = draw(st.sampled_from(COSTS_AND_OUTPUTS))
    dtype = draw(st.sampled_from([np.float64, np.float64, np.float32]))
    # Adam divides by gradients however small; in float32, some are nothing but noise.
    optimiser = draw(st.sampled_from(list(OPTIMISERS))) if dtype is np.float64 else "plain"
    eta, steps = OPTIMISERS[optimiser]
    n = draw(st.sampled_from([1, 2, 7, 20, 45, 150]))
    return {
        "sizes": [draw(st.integers(1, 30)), *hidden, draw(st.integers(1, 12))],
        "cost": cost,
        "dtype": dtype,
        "network": {
            "activation": [draw(st.sampled_from(["sigmoid", "tanh", "relu"])) for _ in hidden],
            "output": output,
            "initializer": draw(st.sampled_from(["default", "large", "glorot", "he"])),
        },
        "n": n,
        "density": draw(st.sampled_from([0.0, 0.1, 0.5, 1.0])),
        "sparse_below": draw(st.sampled_from([0.0, 0.4, 2.0])),
        "threads": draw(st.integers(1, 3)),
        "seed": draw(st.integers(0, 2**32 - 1)),
        "arguments": (
            draw(st.integers(1, 2)),  # epochs
            draw(st.one_of(st.integers(1, n), st.just(10**6))),  # mini-batch size
            eta / (10 if output in NUMBERS else 1),
            draw(st.sampled_from([0.0, 0.5, 3.0])),  # lmbda
        ),
        "options": {
            **steps,
            "l1": draw(st.sampled_from([0.0, 0.2])),
            "dropout": draw(st.sampled_from([0.0, 0.4])),
            "shuffle": draw(st.booleans()),
        },
    }


def assert_case_agrees(case):
    sizes, dtype = case["sizes"], case["dtype"]
    tells_classes = sizes[-1] > 1 or case["network"]["output"] not in NUMBERS
    data = digits(case["n"], sizes[0], sizes[-1], case["seed"], case["density"])
    everything = {
        "cost": case["cost"],
        "seed": case["seed"],
        "evaluation_data": labelled(data[:20]),
        "monitor_evaluation_cost": True,
        # float32 may tip a tie
        "monitor_training_accuracy": tells_classes and dtype is np.float64,
        **case["options"],
    }
    with np.errstate(divide="ignore", invalid="ignore"):  # NumPy warns of ln 0, as network2 does
        wanted = run(
            reference, sizes, data, *case["arguments"], network=case["network"], **everything
        )
    # float32 cannot follow float64 where training is about to explode, which exponential outputs do
    # so fast that their rounding counts too.
    if dtype is np.float32 or case["network"]["output"] == "exponential":
        assume(all(np.abs(array).max() < 100 for array in parameters(wanted.net)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inputs, "SPARSE_BELOW", case["sparse_below"])
        form_small_teams(patch, 3)
        network = {**case["network"], "dtype": dtype}
        everything["threads"] = case["threads"]
        got = run(network2, sizes, data, *case["arguments"], network=network, **everything)
    assert got.order == wanted.order
    assert got.random_state == wanted.random_state
    assert got.numpy_state == wanted.numpy_state
    if dtype is np.float64:
        # Adam divides by sqrt(v) + 1e-8, and so magnifies the rounding of gradients close to zero.
        adam = "optimizer" in case["options"]
        assert_same_networks(got.net, wanted.net, rtol=1e-8 if adam else 1e-10)
        assert_same_histories(got.history, wanted.history)
    else:
        for mine, theirs in zip(parameters(got.net), parameters(wanted.net), strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=1e-3, atol=1e-4)


drawn = settings(
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate, Phase.shrink],
)


@pytest.mark.compiled
@settings(drawn, max_examples=200)
@given(case=cases())
def test_any_network_trained_in_any_way_has_the_numbers_of_the_reference(case):
    assert_case_agrees(case)


@pytest.mark.long
@settings(drawn, max_examples=2500)
@given(case=cases())
def test_two_thousand_networks_have_the_numbers_of_the_reference(case):
    assert_case_agrees(case)


# What must not matter -------------------------------------------------------------------------

SIZES = [20, 33, 17, 5]
every_optimiser = pytest.mark.parametrize("optimiser", OPTIMISERS)


def trained(net, data, *, epochs=2, mini_batch_size=7, lmbda=2.0, optimiser="plain", **more):
    eta, steps = OPTIMISERS[optimiser]
    net.SGD(data, epochs, mini_batch_size, eta, lmbda, verbose=False, **steps, **more)
    return net


@pytest.fixture
def data():
    return digits(150, SIZES[0], SIZES[-1], seed=3)


@every_optimiser
def test_hidden_neurons_may_stand_in_any_order(data, optimiser):
    order = np.random.default_rng(4).permutation(SIZES[1])
    net, permuted = (seeded_network(network2, SIZES) for _ in range(2))

    def permute(network):
        network.weights[0], network.biases[0] = network.weights[0][order], network.biases[0][order]
        network.weights[1] = network.weights[1][:, order]

    permute(permuted)
    for network in (net, permuted):
        random.seed(5)
        trained(network, list(data), optimiser=optimiser)
    permute(net)
    assert_close(parameters(permuted), parameters(net))


def trained_with_blank_inputs(data, optimiser, before, after):
    """Train a network, and one with extra zero inputs, then removed from it; return both."""
    net = seeded_network(network2, SIZES)
    wide = seeded_network(network2, [before + SIZES[0] + after, *SIZES[1:]])
    wide.biases = [b.copy() for b in net.biases]
    blanks = [np.ones((SIZES[1], count)) for count in (before, after)]
    first = np.hstack([blanks[0], net.weights[0], blanks[1]])
    wide.weights = [first, *(w.copy() for w in net.weights[1:])]
    zeros = [np.zeros((count, 1), np.float32) for count in (before, after)]
    for network, examples in (
        (net, list(data)),
        (wide, [(np.concatenate([zeros[0], x, zeros[1]]), y) for x, y in data]),
    ):
        random.seed(5)
        trained(network, examples, optimiser=optimiser)
    wide.weights[0] = wide.weights[0][:, before : before + SIZES[0]]
    return wide, net


@every_optimiser
@pytest.mark.parametrize("blank", [(0, 12), (5, 0)], ids=str)
def test_inputs_that_are_always_zero_change_nothing(data, optimiser, blank):
    wide, net = trained_with_blank_inputs(data, optimiser, *blank)
    assert_close(parameters(wide), parameters(net))


@every_optimiser
@pytest.mark.parametrize("blank", [(0, 1), (6, 6)], ids=str)
def test_not_even_a_bit_where_the_same_inputs_are_in_each_half(data, optimiser, blank):
    assert_same_bits(*trained_with_blank_inputs(data, optimiser, *blank))


@pytest.mark.parametrize("mini_batch_size", [7, 140])
@pytest.mark.parametrize("options", [{}, {"l1": 0.3}, {"shuffle": False}], ids=str)
def test_two_calls_of_sgd_end_with_the_bits_of_one(data, mini_batch_size, options):
    once, twice = (seeded_network(network2, SIZES) for _ in range(2))
    first, second = list(data), list(data)
    random.seed(5)
    trained(once, first, epochs=5, mini_batch_size=mini_batch_size, **options)
    state = random.getstate()
    random.seed(5)
    for epochs in (2, 3):
        trained(twice, second, epochs=epochs, mini_batch_size=mini_batch_size, **options)
    assert_same_bits(twice, once)
    assert list(map(id, second)) == list(map(id, first))
    assert random.getstate() == state


@every_optimiser
def test_a_batch_that_holds_every_example_twice_takes_the_same_steps(data, optimiser):
    once, twice = (seeded_network(network2, SIZES) for _ in range(2))
    full = {"mini_batch_size": 10**6, "epochs": 5, "optimiser": optimiser}
    trained(once, data, lmbda=2.0, **full)
    trained(twice, data + data, lmbda=4.0, **full)  # lmbda is divided by twice as many examples
    assert_close(parameters(twice), parameters(once))


def test_half_the_rate_takes_half_of_a_step(data):
    start, whole, half = (seeded_network(network2, SIZES) for _ in range(3))
    for network, eta in ((whole, 0.5), (half, 0.25)):
        network.SGD(list(data), 1, 10**6, eta, verbose=False)
    for before, one, other in zip(*map(parameters, (start, whole, half)), strict=True):
        np.testing.assert_allclose(other - before, (one - before) / 2, rtol=1e-9, atol=1e-15)
