"""0 times a weight that is not finite is no number, also where kernels leave zeros out."""

from __future__ import annotations

import numpy as np
import pytest
from builders import copies, digits, labelled, parameters, seed_generators, seeded_network

from fastnn import Dataset, gradients, network, network2, reference
from fastnn.reference import chapter1
from fastnn.reference.gradients import layer_speeds

SIZES = [20, 17, 5]
DATA = digits(140, 20, 5, seed=1)
OTHERS = labelled(digits(90, 20, 5, seed=2))

# A fifth of the inputs are not zero. The errors of such weights are told in NumPy's warnings.
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")

WEIGHTS = pytest.mark.parametrize("weight", [np.inf, -np.inf, np.nan])


def with_weight(weight, module=network2):
    """A network in which an input leads to a neuron by this weight."""
    net = seeded_network(module, SIZES)
    net.weights[0][3, 7] = weight
    return net


@WEIGHTS
def test_answers_costs_and_outputs_are_those_of_the_reference(weight):
    net, plain = with_weight(weight), with_weight(weight, reference)
    assert net.accuracy(OTHERS) == plain.accuracy(OTHERS)
    np.testing.assert_allclose(
        net.total_cost(OTHERS, 0.1, convert=True), plain.total_cost(OTHERS, 0.1, convert=True)
    )
    wanted = np.hstack([plain.feedforward(x) for x, _ in OTHERS]).T
    np.testing.assert_allclose(net.outputs(Dataset.from_pairs(OTHERS)), wanted, rtol=1e-10)
    assert np.isnan(wanted).any()


@WEIGHTS
def test_chapter_1_counts_what_its_reference_counts(weight):
    counts = []
    for module in (network, chapter1):
        seed_generators(1)
        net = module.Network(SIZES)
        net.weights[0][3, 7] = weight
        counts.append(net.evaluate(OTHERS))
    assert counts[0] == counts[1]


@WEIGHTS
def test_a_step_spreads_it_as_in_the_reference(weight):
    nets = [with_weight(weight, module) for module in (network2, reference)]
    for net in nets:
        net.update_mini_batch(DATA, 0.5, 0.1, 140)
    for got, wanted in zip(*map(parameters, nets), strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-10)


@WEIGHTS
@pytest.mark.parametrize("mini_batch_size", [10, 140])
def test_training_that_is_to_continue_does_so_as_in_the_reference(weight, mini_batch_size):
    got, plain = with_weight(weight), with_weight(weight, reference)
    wanted = plain.SGD(list(DATA), 2, mini_batch_size, 0.5, 0.0, OTHERS, False, True)
    history = got.SGD(
        list(DATA), 2, mini_batch_size, 0.5, 0.0, OTHERS, False, True,
        on_divergence="continue", verbose=False,
    )  # fmt: skip
    assert history.evaluation_accuracy == wanted[1]
    for array, other in zip(parameters(got), parameters(plain), strict=True):
        np.testing.assert_allclose(array, other, rtol=1e-10)


@pytest.mark.parametrize("mini_batch_size", [10, 140])
def test_a_network_that_is_finite_again_trains_with_the_bits_of_a_new_one(mini_batch_size):
    net, fresh = with_weight(0.5), with_weight(0.5)
    data = Dataset.from_pairs(DATA)
    starts = copies(net)

    def spoil_and_mend(epoch, net, history):
        assert net.accuracy(data) == net.accuracy(list(data))
        if epoch == 1:
            net.weights[0][3, 7] = np.nan
        if epoch == 2:
            net.biases, net.weights = starts[: len(net.biases)], starts[len(net.biases) :]

    how = {"on_divergence": "continue", "shuffle": False, "verbose": False}
    net.SGD(data, 8, mini_batch_size, 0.5, callback=spoil_and_mend, **how)
    fresh.SGD(data, 5, mini_batch_size, 0.5, **how)
    for array, other in zip(parameters(net), parameters(fresh), strict=True):
        np.testing.assert_array_equal(array, other)


def test_calls_on_data_of_another_form_count_zeros_as_the_reference_does():
    nets = []
    for module in (network2, reference):
        net = with_weight(0.5, module)
        how = {"on_divergence": "continue", "verbose": False} if module is network2 else {}
        make = Dataset.from_pairs if module is network2 else list
        dense, sparse = make(digits(30, 20, 5, seed=1, density=1.0)), make(DATA[:30])
        for data in (dense, sparse):
            net.SGD(data, 1, 10, 0.5, **how)
        net.weights[0][3, 7] = np.inf
        net.SGD(sparse, 1, 10, 0.5, **how)
        nets.append(net)
    for got, wanted in zip(*map(parameters, nets), strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-10)


def test_a_schedule_may_put_a_finite_weight_in_its_place():
    net = with_weight(np.nan)

    def mend(epoch):
        net.weights = [np.nan_to_num(w) for w in net.weights]
        return 1.0

    with pytest.raises(ValueError, match=r"weights\[0\]\[3, 7\] must be finite"):
        net.SGD(list(DATA), 2, 10, 0.5, schedule=lambda epoch: 1.0, verbose=False)
    net.SGD(list(DATA), 2, 10, 0.5, schedule=mend, verbose=False)
    assert all(np.isfinite(array).all() for array in parameters(net))


@WEIGHTS
def test_layer_speeds_are_those_of_the_reference(weight):
    net, plain = with_weight(weight), with_weight(weight, reference)
    speeds = gradients.layer_speeds(net, DATA)
    np.testing.assert_allclose(speeds, layer_speeds(plain, DATA))


@WEIGHTS
@pytest.mark.parametrize("epochs", [1, 3])
def test_training_from_it_is_refused_by_the_place_of_the_weight(weight, epochs):
    net = with_weight(weight)
    before = copies(net)
    match = rf"weights\[0\]\[3, 7\] must be finite for training to begin, got {weight}"
    with pytest.raises(ValueError, match=match):
        net.SGD(list(DATA), epochs, 10, 0.5, verbose=False)
    for array, other in zip(parameters(net), before, strict=True):
        np.testing.assert_array_equal(array, other)


def test_a_repeated_call_refuses_it_as_the_first_does():
    net = with_weight(0.5)
    data = list(digits(30, 20, 5, seed=1, density=1.0))
    net.SGD(data, 1, 10, 0.5, verbose=False)
    net.biases[1][2] = np.nan
    history = net.history
    with pytest.raises(ValueError, match=r"biases\[1\]\[2, 0\] must be finite .* got nan"):
        net.SGD(data, 1, 10, 0.5, verbose=False)
    assert net.history is history
