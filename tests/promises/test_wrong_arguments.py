"""Wrong arguments get one clear error, raised before anything has changed.

Each message names the argument, what came and what is expected. Weights, the caller's data and both
random generators stay as they were, and nothing is printed. Wrong data are in test_wrong_data.py.
"""

import pickle
import random

import numpy as np
import pytest
from builders import assert_same_bits, digits, seeded_network
from refusals import assert_refused

import fastnn
from fastnn import network2

NAN, INF, HUGE = float("nan"), float("inf"), 10**400
SIZES = [3, 4, 2]


@pytest.fixture
def network():
    return seeded_network(network2, SIZES)


@pytest.fixture
def examples():
    random.seed(2)
    return digits(6, 3, 2, seed=3)


# --- networks ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sizes", "error", "words"),
    [
        ([3, 0, 2], ValueError, ["sizes[1]", "integer of at least 1", "got 0"]),
        ([3, -4, 2], ValueError, ["sizes[1]", "integer of at least 1", "got -4"]),
        ([3.0, 2], TypeError, ["sizes[0]", "integer", "got 3.0"]),
        ([3, NAN], TypeError, ["sizes[1]", "integer", "got nan"]),
        (np.array([3.0, 2.0]), TypeError, ["sizes[0]", "integer", "3.0"]),
        ([3, True], TypeError, ["sizes[1]", "integer", "got True"]),
        (["3", "2"], TypeError, ["sizes[0]", "integer", "got '3'"]),
        ([[3], [2]], TypeError, ["sizes[0]", "integer", "got [3]"]),
        ("784,30,10", TypeError, ["sizes", "sequence of integers", "got '784,30,10'"]),
        ({784, 30, 10}, TypeError, ["sizes", "sequence of integers"]),
        (b"ab", TypeError, ["sizes", "sequence of integers"]),
        ([3], ValueError, ["sizes", "at least two layers", "got [3]"]),
        ([], ValueError, ["sizes", "at least two layers", "got []"]),
        (784, TypeError, ["sizes", "sequence of integers", "got 784"]),
        (None, TypeError, ["sizes", "sequence of integers", "got None"]),
    ],
)
def test_wrong_sizes_are_refused_and_nothing_is_drawn(network, sizes, error, words):
    assert_refused(lambda: fastnn.Network(sizes), error, *words)
    network.sizes = sizes
    assert_refused(
        lambda: network.feedforward([[0.0], [0.5], [1.0]]), error, *words, network=network
    )


@pytest.mark.parametrize("dtype", [int, "float16", "double double", object, complex, 3])
def test_another_dtype_is_refused(dtype):
    assert_refused(
        lambda: fastnn.Network(SIZES, dtype=dtype),
        ValueError,
        "dtype must be float64 or float32",
        repr(dtype),
    )


NO_COSTS = [None, 3, "QuadraticCost", object]
COST_WORDS = ["cost must be", "fn(a, y)", "delta(z, a, y)", "got "]


@pytest.mark.parametrize("cost", NO_COSTS)
def test_a_cost_with_neither_of_the_two_methods_is_refused(cost):
    assert_refused(lambda: fastnn.Network(SIZES, cost=cost), TypeError, *COST_WORDS)


@pytest.mark.parametrize("cost", NO_COSTS)
def test_a_wrong_cost_assigned_later_is_refused(network, examples, cost):
    network.cost = cost
    assert_refused(
        lambda: network.SGD(examples, 1, 2, 0.1),
        TypeError,
        *COST_WORDS,
        network=network,
        examples=examples,
    )


USERS_OF_WEIGHTS = {
    "SGD": lambda network, examples, path: network.SGD(examples, 1, 2, 0.1),
    "update_mini_batch": lambda network, examples, path: network.update_mini_batch(
        examples, 0.1, 0.0, 6
    ),
    "backprop": lambda network, examples, path: network.backprop(*examples[0]),
    "feedforward": lambda network, examples, path: network.feedforward(examples[0][0]),
    "accuracy": lambda network, examples, path: network.accuracy(examples),
    "total_cost": lambda network, examples, path: network.total_cost(examples, 0.0),
    "save": lambda network, examples, path: network.save(path),
}


@pytest.mark.parametrize("user", USERS_OF_WEIGHTS)
@pytest.mark.parametrize(
    ("name", "values", "error", "words"),
    [
        ("weights", [np.ones((3, 4)), np.ones((2, 4))], ValueError, ["[0]", "(4, 3)", "(3, 4)"]),
        ("weights", [np.ones((4, 3)), np.ones(4)], ValueError, ["[1]", "(2, 4)", "(4,)"]),
        ("weights", [np.ones((4, 3))], ValueError, ["2 arrays", "got 1"]),
        ("weights", [np.ones((4, 3))] * 3, ValueError, ["2 arrays", "got 3"]),
        ("weights", [np.ones((4, 3), object), np.ones((2, 4))], TypeError, ["[0]", "object"]),
        ("weights", [np.ones((4, 3)), [[1], [1, 2]]], ValueError, ["[1]", "(2, 4)", "ragged"]),
        ("weights", [np.ones((4, 3)), "w"], TypeError, ["[1]", "numbers", "got 'w'"]),
        ("weights", None, TypeError, ["list of arrays", "got None"]),
        ("biases", [np.ones(4), np.ones((2, 1))], ValueError, ["[0]", "(4, 1)", "(4,)"]),
        ("biases", [np.ones((4, 1)), np.ones((1, 2))], ValueError, ["[1]", "(2, 1)", "(1, 2)"]),
        ("biases", [], ValueError, ["2 arrays", "got 0"]),
        ("biases", [np.ones((4, 1)), np.ones((2, 1)) * 1j], TypeError, ["[1]", "complex128"]),
        ("biases", 0.5, TypeError, ["list of arrays", "got 0.5"]),
    ],
)
def test_wrong_weights_and_biases_are_refused(
    network, examples, tmp_path, user, name, values, error, words
):
    setattr(network, name, values)
    assert_refused(
        lambda: USERS_OF_WEIGHTS[user](network, examples, tmp_path / "net.json"),
        error,
        name,
        *words,
        network=network,
        examples=examples,
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("column", "error", "words"),
    [
        (np.ones((4, 1)), ValueError, ["(3, 1)", "(4, 1)"]),
        (np.ones(3), ValueError, ["(3, 1)", "(3,)"]),
        (np.ones((1, 3)), ValueError, ["(3, 1)", "(1, 3)"]),
        (0.5, ValueError, ["(3, 1)", "()"]),
        ([[1], [2], [3, 4]], ValueError, ["(3, 1)", "ragged"]),
        ("abc", TypeError, ["(3, 1)", "'abc'"]),
    ],
    ids=str,
)
def test_wrong_columns_are_refused(network, column, error, words):
    good = np.ones((2, 1))
    for name, action in (
        ("a must", lambda: network.feedforward(column)),
        ("x must", lambda: network.backprop(column, good)),
    ):
        assert_refused(action, error, name, *words, network=network)


def test_a_weight_beside_desired_outputs_is_refused(network):
    desired = (np.ones((2, 1)), 0.5)
    assert_refused(
        lambda: network.backprop(np.ones((3, 1)), desired),
        ValueError,
        "y must be an array of numbers of shape (2, 1), got a ragged list",
        network=network,
    )


# --- numbers ----------------------------------------------------------------------------------

NO_INTEGERS = [2.5, 1.0, "10", True, None, NAN, np.float64(3.0), [1]]
NO_NUMBERS = ["x", None, 1j, [0.1], True, np.ones(2)]


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        *(("mini_batch_size", value, TypeError) for value in NO_INTEGERS),
        *(("mini_batch_size", value, ValueError) for value in (0, -1, np.int64(-5))),
        *(("epochs", value, TypeError) for value in NO_INTEGERS),
        ("epochs", -1, ValueError),
        *(("eta", value, TypeError) for value in NO_NUMBERS),
        *(("eta", value, ValueError) for value in (NAN, INF, -INF, np.float32(NAN), HUGE)),
        *(("lmbda", value, TypeError) for value in NO_NUMBERS),
        *(("lmbda", value, ValueError) for value in (NAN, INF, HUGE)),
    ],
    ids=lambda value: f"{value}"[:20],
)
def test_wrong_numbers_are_refused(network, examples, name, value, error):
    arguments = {"epochs": 1, "mini_batch_size": 2, "eta": 0.1, "lmbda": 0.0, name: value}
    kind = "an integer of at least" if name in ("mini_batch_size", "epochs") else "a finite number"
    assert_refused(
        lambda: network.SGD(examples, **arguments),
        error,
        f"{name} must be {kind}",
        "got ",
        network=network,
        examples=examples,
    )


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [("eta", NAN, ValueError), ("lmbda", "x", TypeError)]
    + [("n", value, ValueError) for value in (0, 0.0, -2.5, NAN)]
    + [("n", value, TypeError) for value in NO_NUMBERS],
)
def test_wrong_numbers_for_one_step_are_refused(network, examples, name, value, error):
    arguments = {"eta": 0.1, "lmbda": 0.0, "n": 6, name: value}
    assert_refused(
        lambda: network.update_mini_batch(examples, **arguments),
        error,
        f"{name} must be",
        network=network,
        examples=examples,
    )


@pytest.mark.parametrize("monitor", ["monitor_evaluation_cost", "monitor_evaluation_accuracy"])
def test_a_monitor_without_evaluation_data_is_refused(network, examples, monitor):
    assert_refused(
        lambda: network.SGD(examples, 1, 2, 0.1, **{monitor: True}),
        ValueError,
        monitor,
        "needs evaluation_data",
        network=network,
        examples=examples,
    )


def test_no_epochs_are_allowed_and_do_nothing(network, examples, capsys):
    def everything():
        kept = {name: value for name, value in vars(network).items() if name != "history"}
        return pickle.dumps((kept, examples, random.getstate()))

    before = everything()
    assert network.SGD(examples, 0, 2, 0.1) == ([], [], [], [])
    assert everything() == before
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("size", [6, 7, 2**31, 2**63, 10**30])
def test_a_mini_batch_however_large_is_all_of_the_data(network, examples, size):
    wanted = seeded_network(network2, SIZES)
    for net, mini_batch_size in ((wanted, 6), (network, size)):
        random.seed(4)
        net.SGD(list(examples), 2, mini_batch_size, 0.5, lmbda=0.1, verbose=False)
    assert_same_bits(network, wanted)
