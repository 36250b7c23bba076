"""`fastnn.gradients`: averaged gradients and what chapter 5 measures with them."""

from __future__ import annotations

import pickle
import random

import numpy as np
import pytest
from builders import (
    CubicCost,
    FourthPower,
    Softplus,
    assert_close,
    central_difference,
    column,
    copies,
    dense_digits,
    digits,
    examples,
    labelled,
    parameters,
    seeded_network,
    state_of_numpy,
)
from refusals import assert_refused

from fastnn import Dataset, gradients, network, network2, reference
from fastnn.engine import short_calls

SIZES = [25, 17, 3, 10]
PAIRS = {
    "quadratic": ("QuadraticCost", "sigmoid"),
    "regression": ("QuadraticCost", "identity"),
    "cross-entropy": ("CrossEntropyCost", "sigmoid"),
    "log-likelihood": ("LogLikelihoodCost", "softmax"),
    "Poisson": ("PoissonCost", "exponential"),
    "own, softmax": (CubicCost, "softmax"),
    "own, in Python": (FourthPower, "sigmoid"),
}
BUILT_IN = [name for name in PAIRS if not name.startswith("own")]
# A user's own function is compiled in every process, so not all are combined with all.
CASES = [(pair, activation) for pair in BUILT_IN for activation in ("sigmoid", "tanh", "relu")]
CASES += [("own, in Python", "relu")]
OWN_CASES = [("own, softmax", Softplus), ("own, in Python", ["tanh", Softplus])]
CASES += [pytest.param(*case, marks=pytest.mark.thorough) for case in OWN_CASES]
every_case = pytest.mark.parametrize(("pair", "activation"), CASES, ids=str)
# It is meant for Python: model/test_costs.py checks the warning itself.
pytestmark = pytest.mark.filterwarnings("ignore:cost FourthPower cannot be compiled")


@pytest.fixture
def training():
    return list(examples(25, 10)[0])  # more than a block of the kernels


def networks(pair, activation, **options):
    """The same network in fastnn and in the reference."""
    cost, output = PAIRS[pair]
    options |= {"activation": activation, "output": output}
    return tuple(seeded_network(m, SIZES, cost, **options) for m in (network2, reference))


def arrays_of(net, data):
    """All arrays of the averaged gradient."""
    nabla_b, nabla_w = gradients.average_gradient(net, data)
    return [*nabla_b, *nabla_w]


# The averaged gradient ------------------------------------------------------------------------


@every_case
def test_the_averaged_gradient_is_that_of_the_reference(training, pair, activation):
    net, oracle = networks(pair, activation)
    for data in (training, dense_digits(40, 25, 10, seed=3)):
        got, wanted = (
            gradients.average_gradient(net, data),
            reference.average_gradient(oracle, data),
        )
        for mine, theirs in zip(got, wanted, strict=True):
            assert_close(mine, theirs, rtol=1e-11)


@pytest.mark.parametrize(
    ("pair", "activation"), [case for case in CASES if "relu" not in case], ids=str
)
def test_the_averaged_gradient_is_the_slope_of_the_mean_cost(training, pair, activation):
    net, _ = networks(pair, activation)
    data = Dataset.from_pairs(training[:20])
    nabla_b, nabla_w = gradients.average_gradient(net, data)
    for array, nabla in [*zip(net.biases, nabla_b, strict=True), (net.weights[1], nabla_w[1])]:
        slopes = central_difference(lambda: net.total_cost(data, 0.0), array)
        np.testing.assert_allclose(nabla, slopes, rtol=1e-6, atol=1e-9)


def test_the_averaged_gradient_of_one_example_is_backprops(training):
    net, _ = networks("cross-entropy", "sigmoid")
    x, y = training[0]
    got = gradients.average_gradient(net, [(x, y)])
    for mine, theirs in zip(got, net.backprop(x, y), strict=True):
        assert_close(mine, theirs, rtol=1e-12)


@pytest.mark.parametrize("pair", [*BUILT_IN, "own, in Python"])
def test_a_float32_network_has_the_gradient_to_seven_digits(training, pair):
    wide, _ = networks(pair, "tanh")
    cost, output = PAIRS[pair]
    narrow = seeded_network(
        network2, SIZES, cost, activation="tanh", output=output, dtype=np.float32
    )
    got, wanted = (arrays_of(net, training) for net in (narrow, wide))
    for mine, theirs in zip(got, wanted, strict=True):
        assert mine.dtype == np.float32
        np.testing.assert_allclose(mine, theirs, atol=2e-6 * np.max(np.abs(theirs)))


KINDS = {
    "a tuple": tuple,
    "a zip": lambda pairs: zip(*zip(*pairs, strict=True), strict=True),
    "a generator": lambda pairs: (pair for pair in pairs),
    "integer labels": labelled,
    "a data set": Dataset.from_pairs,
    "a data set of labels": lambda pairs: Dataset(
        np.array([x[:, 0] for x, _ in pairs]), [int(np.argmax(y)) for _, y in pairs], classes=10
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_data_gives_the_same_bits(training, kind):
    net, _ = networks("log-likelihood", "relu")
    wanted, got = arrays_of(net, training), arrays_of(net, KINDS[kind](training))
    for mine, theirs in zip(got, wanted, strict=True):
        np.testing.assert_array_equal(mine, theirs)


MEASURES = {
    "average_gradient": gradients.average_gradient,
    "layer_speeds": gradients.layer_speeds,
    "weight_speeds": gradients.weight_speeds,
    "mean_slopes": gradients.mean_slopes,
    "update_ratios": lambda net, data: gradients.update_ratios(net, data, 0.1),
}


@pytest.mark.parametrize("measure", MEASURES)
def test_measuring_changes_nothing(training, measure):
    net, _ = networks("cross-entropy", "sigmoid")
    before = pickle.dumps(vars(net)), list(map(id, training)), random.getstate(), state_of_numpy()
    MEASURES[measure](net, training)
    after = pickle.dumps(vars(net)), list(map(id, training)), random.getstate(), state_of_numpy()
    assert after == before


# Norms, slopes and ratios ---------------------------------------------------------------------


@every_case
def test_speeds_are_norms_of_the_averaged_gradient(training, pair, activation):
    net, _ = networks(pair, activation)
    nabla_b, nabla_w = gradients.average_gradient(net, training)
    for got, arrays in (
        (gradients.layer_speeds(net, training), nabla_b),
        (gradients.weight_speeds(net, training), nabla_w),
    ):
        assert got.dtype == np.float64
        np.testing.assert_allclose(got, [np.sqrt(np.sum(array**2)) for array in arrays], rtol=1e-12)


def test_gradients_are_averaged_before_their_norm_is_taken():
    net = seeded_network(network2, [1, 1], "QuadraticCost", output="identity")
    net.weights, net.biases = [np.array([[1.0]])], [column(0.0)]
    data = [(column(1), column(3)), (column(1), column(-1))]  # errors of -2 and 2
    assert gradients.layer_speeds(net, data).tolist() == [0.0]
    assert gradients.layer_speeds(net, data[:1]).tolist() == [2.0]


SLOPES = {
    "sigmoid": lambda z: network2.sigmoid_prime(z),
    "tanh": lambda z: np.cosh(z) ** -2,
    "relu": lambda z: (z > 0) * 1.0,
    "identity": np.ones_like,
    "exponential": np.exp,
    "softmax": lambda z: softmax(z) * (1 - softmax(z)),
    Softplus: lambda z: network2.sigmoid(z),
}


def softmax(z):
    return np.exp(z) / np.sum(np.exp(z), axis=0)


@every_case
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_mean_slopes_are_those_of_the_activations_at_the_weighted_inputs(
    training, pair, activation, dtype
):
    net, _ = networks(pair, activation)
    cost, output = PAIRS[pair]
    narrow = seeded_network(
        network2, SIZES, cost, activation=activation, output=output, dtype=dtype
    )
    a, wanted = np.hstack([x for x, _ in training]).astype(np.float64), []
    functions = {"sigmoid": network2.sigmoid, "tanh": np.tanh, "relu": lambda z: np.maximum(z, 0)}
    functions[Softplus] = lambda z: np.log1p(np.exp(z))
    for w, b, name in zip(net.weights, net.biases, net.activations, strict=True):
        z = w @ a + b
        wanted.append(np.mean(SLOPES[name](z)))
        a = functions.get(name, np.copy)(z)  # those of the outputs are not needed
    got = gradients.mean_slopes(narrow, training)
    assert got.shape == (3,)
    assert got.dtype == np.float64
    np.testing.assert_allclose(got, wanted, rtol=1e-12 if dtype == np.float64 else 1e-5)


def test_a_saturated_layer_has_hardly_any_slope(training):
    net = seeded_network(network2, SIZES)
    net.biases[1][:] = 30.0
    slopes = gradients.mean_slopes(net, training)
    assert slopes[1] < 1e-10 < 1e-2 < slopes[0] < 0.25


@pytest.mark.parametrize("lmbda", [0.0, 5.0])
def test_update_ratios_are_how_far_a_full_step_moves_the_weights(training, lmbda):
    net = seeded_network(network2, SIZES)
    ratios = gradients.update_ratios(net, training, 0.1, lmbda)
    before = copies(net)
    net.update_mini_batch(training, 0.1, lmbda, len(training))
    moved = [
        np.linalg.norm(now - then) / np.linalg.norm(then)
        for now, then in zip(parameters(net)[3:], before[3:], strict=True)
    ]
    assert ratios.dtype == np.float64
    np.testing.assert_allclose(ratios, moved, rtol=1e-9)


def test_the_ratio_of_weights_that_are_all_zero_is_infinite(training):
    net = seeded_network(network2, SIZES)
    net.weights[1][:] = 0.0
    ratios = gradients.update_ratios(net, training, 0.1)
    assert np.isinf(ratios).tolist() == [False, True, False]


# Refusals (those of data are in promises/test_wrong_data.py) -----------------------------------


@pytest.mark.parametrize(
    ("arguments", "error", "word"),
    [
        ({"eta": "x"}, TypeError, "eta must be"),
        ({"eta": float("nan")}, ValueError, "eta must be"),
        ({"eta": 0.1, "lmbda": None}, TypeError, "lmbda must be"),
        ({"eta": 0.1, "lmbda": float("inf")}, ValueError, "lmbda must be"),
    ],
)
def test_rates_that_are_no_numbers_are_refused(training, arguments, error, word):
    net = seeded_network(network2, SIZES)
    assert_refused(
        lambda: gradients.update_ratios(net, training, **arguments),
        error, word, "finite number", network=net, examples=training,
    )  # fmt: skip


@pytest.mark.parametrize("measure", MEASURES)
def test_wrong_weights_are_refused(training, measure):
    net = seeded_network(network2, SIZES)
    net.weights[1] = np.ones((3, 4))
    assert_refused(
        lambda: MEASURES[measure](net, training),
        ValueError, "weights[1]", "(3, 17)", "(3, 4)", network=net, examples=training,
    )  # fmt: skip


@pytest.mark.parametrize("first_call", [1, 100, 300])
def test_slow_and_fast_machines_measure_the_same_bits(monkeypatch, first_call):
    net = seeded_network(network2, SIZES)
    data = digits(700, SIZES[0], SIZES[-1], seed=8)

    def measured():
        speeds, slopes = gradients.layer_speeds(net, data), gradients.mean_slopes(net, data)
        return [speeds, slopes, *gradients.average_gradient(net, data)[0]]

    wanted = measured()
    monkeypatch.setattr(short_calls, "_FIRST_CALL", first_call)
    for mine, theirs in zip(measured(), wanted, strict=True):
        assert mine.tobytes() == theirs.tobytes()


@pytest.mark.parametrize(
    "measure", [getattr(gradients, name) for name in gradients.__all__], ids=lambda f: f.__name__
)
@pytest.mark.parametrize(
    "net", [network.Network([25, 3, 10]), reference.Network([25, 3, 10]), None, [25, 3, 10]]
)
def test_what_is_no_network_of_network2_is_refused(measure, net):
    more = (0.1,) if measure is gradients.update_ratios else ()
    data = digits(3, 25, 10, seed=1)
    assert_refused(lambda: measure(net, data, *more), TypeError, "net", "network2")
