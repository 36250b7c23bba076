"""Each experiment of the chapter, at a size that takes no time: what it shows, as statements."""

import random

import numpy as np
import pytest
from builders import seed_generators, state_of_numpy
from refusals import assert_refused

from fastnn import Network
from fastnn.chapter5 import (
    EXPERIMENTS,
    chain,
    circuits,
    depth,
    exploding,
    gates,
    initial_gradient,
    initial_speeds,
    input_range,
    networks,
    obstacles,
    single_neurons,
    training_speeds,
    unstable,
    vanishing,
)
from fastnn.chapter5.experiment import Measurement
from fastnn.chapter5.results import single_runs, summary
from fastnn.chapter5.workers import mapper_of
from fastnn.network2 import sigmoid, sigmoid_prime

TINY = {"images": 40}


def measured(measurements, beginning):
    """The values of the one measurement whose quantity begins so."""
    (found,) = (one for one in measurements if one.quantity.startswith(beginning))
    return found.values


# --- one neuron in each layer -------------------------------------------------------------------


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
    result = vanishing.Vanishing([0], single_neurons.factors(w, z).reshape(1, 1, 3))
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


# --- many neurons in each layer -----------------------------------------------------------------


def test_the_product_of_matrices_is_what_backprop_computes():
    result = unstable.run(range(2), deepest=8)
    assert np.all(result.disagreement < 1e-10)
    assert np.all(result.disagreement > 0)  # they are two computations


def test_the_gradient_vanishes_exponentially_with_depth():
    result = unstable.run(range(3), deepest=10)
    assert np.all(result.growth("N(0, 1)/√fan-in") < 0.3)
    assert np.all(result.fit("N(0, 1)/√fan-in") > 0.98)


def test_the_gradient_explodes_exponentially_where_every_neuron_is_at_its_steepest():
    result = unstable.run(range(3), deepest=10)
    assert np.all(result.growth("16 times that, z = 0") > 3)
    assert np.all(result.fit("16 times that, z = 0") > 0.98)


def test_a_growth_is_read_off_an_exponential():
    depths = [2, 3, 4, 5]
    first = np.array([[3.0 * 0.5**n, 7.0 * 2.0**n] for n in depths])
    result = unstable.Unstable([0, 1], depths, {"w": first}, {"w": np.ones((4, 2))}, {}, first[0])
    np.testing.assert_allclose(result.growth("w"), [0.5, 2.0])
    np.testing.assert_allclose(result.fit("w"), [1.0, 1.0])


# --- the range of inputs ------------------------------------------------------------------------


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


# --- circuits -----------------------------------------------------------------------------------


def test_both_circuits_know_the_parity_of_every_input():
    result = circuits.run(most_bits=10)
    for name in ("two layers", "tree of pairs"):
        assert np.all(result.wrong[name] == 0)
        assert np.all(result.wrong_networks[name] == 0)


def test_gates_grow_exponentially_in_two_layers_and_linearly_in_a_tree():
    result = circuits.run(most_bits=10)
    np.testing.assert_array_equal(
        result.gates["two layers"], [2 ** (n - 1) + 1 for n in result.bits]
    )
    np.testing.assert_array_equal(result.gates["tree of pairs"], [3 * (n - 1) for n in result.bits])
    assert set(result.layers["two layers"]) == {2}


@pytest.mark.parametrize(
    ("kind", "table"), [("AND", [0, 0, 0, 1]), ("OR", [0, 1, 1, 1]), ("NAND", [1, 1, 1, 0])]
)
def test_a_gate_and_its_neuron_have_the_same_table(kind, table):
    circuit = [[gates.Gate(kind, (gates.Literal(0), gates.Literal(1)))]]
    inputs = gates.all_inputs(2)
    assert gates.run_circuit(circuit, inputs)[:, 0].tolist() == [bool(bit) for bit in table]
    outputs = gates.as_network(circuit, 2).feedforward(inputs.T)[0]
    np.testing.assert_allclose(outputs, table, atol=1e-8)


def test_a_circuit_without_one_of_its_gates_is_found_out():
    minterms, final = gates.shallow_parity(4)
    inputs = gates.all_inputs(4)
    wrong = gates.run_circuit([[*minterms[:3], minterms[0], *minterms[4:]], final], inputs)[:, 0]
    assert np.sum(wrong != (inputs.sum(axis=1) % 2 == 1)) == 1


# --- networks on MNIST --------------------------------------------------------------------------


def mean_gradient(net, data):
    """The mean over the data of dC/db, one example after the other."""
    each = [net.backprop(x, y)[0] for x, y in data]
    return [np.mean(layer, axis=0) for layer in zip(*each, strict=True)]


def test_speeds_are_norms_of_the_gradient_averaged_first():
    result = initial_speeds.run([5], **TINY)
    for hidden_layers, speeds in result.speeds.items():
        nabla_b = mean_gradient(
            networks.new_network(hidden_layers, 5), networks.training_images(40)
        )
        np.testing.assert_allclose(speeds[0], [np.linalg.norm(b) for b in nabla_b], rtol=1e-10)


def test_bars_are_the_averaged_gradient_of_each_neuron():
    result = initial_gradient.run([5], **TINY)
    nabla_b = mean_gradient(networks.new_network(2, 5), networks.training_images(40))
    for layer, wanted in zip(result.nabla_b, nabla_b, strict=True):
        np.testing.assert_allclose(layer[0], wanted[:, 0], rtol=1e-10)
    np.testing.assert_allclose(result.bars[0, 1], np.abs(nabla_b[1][:6]).mean(), rtol=1e-10)


def test_earlier_layers_begin_more_slowly_and_as_fast_as_the_book_says():
    result = initial_speeds.run(range(5), images=1000)
    for measurement in initial_speeds.measurements(result):
        low, high = single_runs(measurement)
        digits = len(measurement.published.partition(".")[2])
        assert low - 0.5 * 10**-digits <= float(measurement.published) <= high + 0.5 * 10**-digits
    for hidden_layers in (2, 3, 4):
        assert np.all(result.ratios(hidden_layers) > 1)


def test_training_speeds_begin_with_the_initial_ones():
    result = training_speeds.run([1], epochs=3, **TINY)
    initial = initial_speeds.run([1], **TINY)
    for hidden_layers in (2, 3, 4):
        assert result.speeds[hidden_layers].shape == (1, 3, hidden_layers + 1)
        np.testing.assert_allclose(
            result.speeds[hidden_layers][0, 0], initial.speeds[hidden_layers][0], rtol=1e-10
        )


def test_drop_and_rebound_are_read_off_the_last_hidden_layer():
    last = [8.0, 4.0, 1.0, 3.0, 2.0]
    speeds = np.array([[[0.5, speed, 9.0] for speed in last]])
    result = training_speeds.TrainingSpeeds([0], {2: speeds})
    assert result.drop(2) == 8.0
    assert result.rebound(2) == 3.0
    np.testing.assert_array_equal(result.last_over_first(2)[0], np.array(last) / 0.5)


def test_depth_trains_as_a_script_of_the_chapter_does():
    result = depth.run([2], epochs=2, images=300)
    for place, hidden_layers in enumerate(depth.DEPTHS):
        seed_generators(2)
        net = Network(networks.network_sizes(hidden_layers))
        seed_generators(2)
        history = net.SGD(
            networks.training_images(300),
            2,
            10,
            0.1,
            lmbda=5.0,
            evaluation_data=networks.validation_images(),
            monitor_evaluation_accuracy=True,
            verbose=False,
        )
        wanted = [correct / 100 for correct in history.evaluation_accuracy]
        np.testing.assert_allclose(result.accuracies[0, place], wanted)


@pytest.mark.parametrize(
    ("gain", "words"),
    [(0.5, "two is an improvement"), (-0.5, "two is a loss"), (0.0, "two cannot be told")],
)
def test_depth_says_whether_the_differences_are_more_than_chance(gain, words):
    accuracies = np.full((4, 4, 1), 96.0) + np.array([-0.1, 0.1, -0.1, 0.1]).reshape(4, 1, 1)
    accuracies[:, 1:, 0] += gain + np.array([[0.01, -0.01, 0.02]]).T[[0, 1, 2, 0]] * [1, -1, 1]
    assert words in depth.findings(depth.Depth([0, 1, 2, 3], accuracies))[0]


def test_obstacles_measure_every_setting():
    result = obstacles.run([0], epochs=1, images=60)
    assert len(result.speeds) == len(result.accuracies) == 14
    assert result.slopes.shape == (1, 2, 5)
    assert np.all((result.activity > 0) & (result.activity < 1))
    plain = initial_speeds.run([0], images=1000).speeds[4]
    np.testing.assert_allclose(result.speeds[obstacles.Setting()], plain, rtol=1e-10)


@pytest.mark.compiled
def test_slopes_of_the_saturation_are_those_of_the_network():
    result = obstacles.run([0], epochs=1, images=60)
    net = networks.new_network(4, 0)
    a = networks.validation_images(1000).inputs.T.astype(np.float64)
    for layer, (w, b) in enumerate(zip(net.weights, net.biases, strict=True)):
        z = w @ a + b
        a = sigmoid(z)
        assert result.slopes[0, 0, layer] == pytest.approx(sigmoid_prime(z).mean(), rel=1e-10)
        if layer == 3:
            assert result.activity[0, 0] == pytest.approx(a.mean(), rel=1e-10)


# --- all of them --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def workers():
    with mapper_of(2) as mapper:
        yield mapper


@pytest.mark.compiled
@pytest.mark.parametrize("module", [initial_speeds, training_speeds], ids=lambda m: m.__name__)
def test_results_do_not_depend_on_the_processes(module, workers):
    options = {"images": 60} | ({"epochs": 2} if module is training_speeds else {})
    here = module.run([3, 1, 2], **options)
    there = module.run([3, 1, 2], mapper=workers, **options)
    for hidden_layers, speeds in here.speeds.items():
        np.testing.assert_array_equal(speeds, there.speeds[hidden_layers])


@pytest.mark.compiled
def test_a_seed_gives_the_same_whatever_others_run_beside_it():
    alone = initial_speeds.run([2], **TINY).speeds
    beside = initial_speeds.run([1, 2], **TINY).speeds
    for hidden_layers in alone:
        np.testing.assert_array_equal(alone[hidden_layers][0], beside[hidden_layers][1])


def test_experiments_leave_the_generators_as_they_were():
    seed_generators(4)
    before = random.getstate(), state_of_numpy()
    chain.run([0])
    exploding.run([0])
    circuits.run(most_bits=2)
    training_speeds.run([0], epochs=1, **TINY)
    assert (random.getstate(), state_of_numpy()) == before


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_seeds_that_are_none_are_refused(name):
    run = EXPERIMENTS[name].run
    assert_refused(lambda: run([]), ValueError, "seeds", "[]")
    assert_refused(lambda: run([1, 1]), ValueError, "seeds", "different")
    assert_refused(lambda: run([0.5]), TypeError, "seeds[0]", "0.5")
    assert_refused(lambda: run(7), TypeError, "seeds", "7")


def test_a_seed_gives_the_same_network_in_both_types_of_numbers():
    wide, narrow = networks.new_network(2, 3), networks.new_network(2, 3, np.float32)
    for mine, theirs in zip(narrow.weights, wide.weights, strict=True):
        np.testing.assert_array_equal(mine, theirs.astype(np.float32))


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_the_code_of_an_experiment_is_two_lines_that_name_its_module(name):
    first, second = EXPERIMENTS[name].code.splitlines()
    module = EXPERIMENTS[name].run.__module__.rpartition(".")[2]
    assert first == f"from fastnn.chapter5 import {module}"
    compile(second, name, "exec")
    assert f"{module}.run(" in second


def test_ratios_are_summed_up_by_their_geometric_mean():
    measurement = Measurement("factor", None, np.array([1.0, 4.0, 16.0]), "geometric mean")
    mean, low, high = summary(measurement)
    assert mean == pytest.approx(4.0)
    assert low * high == pytest.approx(16.0)
    assert single_runs(measurement)[0] < low


def test_differences_are_summed_up_by_the_largest():
    measurement = Measurement("difference", "equal", np.array([1e-12, 3e-12]), "largest")
    assert summary(measurement).mean == 3e-12
    assert single_runs(measurement) == (None, None)
