"""One neuron in each layer: gradients of chains, and which inputs let a gradient pass."""

import numpy as np
import pytest

from fastnn.chapter5 import (
    EXPERIMENTS,
    chain,
    exploding,
    input_range,
    single_neurons,
    vanishing,
)
from fastnn.network2 import sigmoid, sigmoid_prime


def measured(measurements, beginning):
    """Return the values of the only measurement with such a beginning of its name."""
    (found,) = (one for one in measurements if one.quantity.startswith(beginning))
    return found.values


def test_the_chain_rule_written_out_is_what_backprop_computes():
    result = chain.run(range(20))
    np.testing.assert_allclose(result.formula[:, -1], result.backprop, rtol=1e-10)


def test_every_step_of_the_chain_is_the_central_difference():
    result = chain.run(range(20))
    np.testing.assert_allclose(result.formula, result.differences, rtol=1e-6)


def test_the_first_step_of_the_chain_is_the_slope_of_the_first_neuron():
    result = chain.run([3])
    assert result.formula[0, 0] == sigmoid_prime(result.passes.z[0, 0])


def test_a_wrong_chain_rule_would_be_seen():
    result = chain.run([0, 1])
    result.formula[1, 4] *= 1.001
    assert measured(chain.measurements(result), "The same for the steps")[1] == pytest.approx(
        1e-3, rel=0.01
    )
    assert measured(chain.measurements(result), "The same for the steps")[0] < 1e-8


def test_chains_pass_forward_as_networks_do():
    rng = np.random.default_rng(1)
    w, b, a0 = rng.standard_normal(4), rng.standard_normal(4), rng.random()
    passed = single_neurons.forward(w, b, a0)
    net = single_neurons.chain_network(w, b)
    assert net.feedforward([[a0]])[0, 0] == pytest.approx(passed.a[-1], rel=1e-12)
    np.testing.assert_array_equal(passed.a[1:], sigmoid(passed.z))


def test_most_factors_are_below_a_quarter_and_most_gradients_16_times_smaller():
    result = vanishing.run(range(3), chains=2000)
    table = vanishing.measurements(result)
    assert np.all(measured(table, "Factors with") > 75)
    assert np.all(measured(table, "Chains with") > 85)
    assert np.all(measured(table, "|∂C/∂b₃| over") > 16)


def test_the_shrinkage_is_the_ratio_of_two_gradients():
    rng = np.random.default_rng(2)
    w, b, a0 = rng.standard_normal(4), rng.standard_normal(4), rng.random()
    z = single_neurons.forward(w, b, a0).z
    result = vanishing.Vanishing(
        [0], single_neurons.factors(w, z).reshape(1, 1, 3), w.reshape(1, 1, 4)
    )
    nabla_b, _ = single_neurons.chain_network(w, b).backprop([[a0]], [[0.5]])
    wanted = abs(nabla_b[2].item() / nabla_b[0].item())
    assert result.shrinkage[0, 0] == pytest.approx(wanted, rel=1e-10)


@pytest.mark.parametrize("layers", [2, 4, 7])
def test_exploding_factors_are_25_exactly(layers):
    result = exploding.run(range(30), layers=layers)
    np.testing.assert_array_equal(result.factors, np.full((30, layers - 1), 25.0))


def test_the_slope_of_the_sigmoid_is_a_quarter_at_most_at_zero():
    table = EXPERIMENTS["sigmoid-prime"].measurements(EXPERIMENTS["sigmoid-prime"].run([0]))
    assert measured(table, "Maximum") == 0.25
    assert measured(table, "z at the maximum") == 0.0


def test_the_widest_interval_is_045_at_a_weight_of_69():
    result = input_range.run(range(4))
    assert np.all(np.round(result.widest, 2) == 0.45)
    assert np.all(np.round(result.at, 1) == 6.9)


def test_search_and_closed_form_find_the_same_interval():
    result = input_range.run(range(4))
    np.testing.assert_allclose(result.numeric, np.tile(result.closed_form, (4, 1)), atol=1e-7)


def test_weights_below_4_let_no_gradient_pass():
    result = input_range.run(range(4))
    assert np.all(result.smallest == 4.0)
    assert np.all(result.numeric[:, result.weights < 4] == 0.0)
