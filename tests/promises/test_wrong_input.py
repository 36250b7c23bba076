"""Wrong input gets one clear error, raised before anything has changed.

Each message names the argument, what came and what is expected; weights, the caller's data and both
random generators are then as they were, and nothing has been printed.
"""

import pickle
import random

import numpy as np
import pytest
from builders import assert_same_bits, digits, seeded_network
from refusals import assert_refused

import fastnn
from fastnn import gradients, network2

NAN, INF, HUGE = float("nan"), float("inf"), 10**400
SIZES = [3, 4, 2]


@pytest.fixture
def network():
    return seeded_network(network2, SIZES)


@pytest.fixture
def examples():
    random.seed(2)
    return digits(6, 3, 2, seed=3)


# --- data -------------------------------------------------------------------------------------

# Every way to hand data to a network, by what its errors call them.
TAKERS = {
    "training_data": lambda network, data, good: network.SGD(data, 1, 2, 0.1),
    "evaluation_data": lambda network, data, good: network.SGD(
        good, 1, 2, 0.1, evaluation_data=data, monitor_evaluation_accuracy=True
    ),
    "mini_batch": lambda network, data, good: network.update_mini_batch(data, 0.1, 0.0, 6),
    "data": lambda network, data, good: network.accuracy(data),
    "data ": lambda network, data, good: network.total_cost(data, 0.0),
    "data  ": lambda network, data, good: gradients.layer_speeds(network, data),
    "speed_data": lambda network, data, good: network.SGD(
        good, 1, 2, 0.1, monitor_layer_speeds=True, speed_data=[] if data is None else data
    ),
}

GOOD_X, GOOD_Y = [[0.0], [0.5], [1.0]], [[0.0], [1.0]]
GOOD = (GOOD_X, GOOD_Y)


def with_x(*x):
    return [GOOD, ([[value] for value in x], GOOD_Y)]


def with_label(label):
    return [(GOOD_X, 0), (GOOD_X, label)]


WRONG_DATA = {
    "none at all": ([], ValueError, "at least one example", "got none"),
    "no pairs of a zip": (zip((), (), strict=True), ValueError, "at least one example", "got none"),
    "no rows of a data set": (
        fastnn.Dataset(np.ones((2, 3)), [0, 1])[:0],
        ValueError,
        "at least one example",
        "got none",
    ),
    "too many inputs": ([([1, 2, 3, 4], 0)], ValueError, "3 inputs", "got 4"),
    "too few inputs in a data set": (
        fastnn.Dataset(np.ones((2, 2)), [0, 1]),
        ValueError,
        "3 inputs",
        "got 2",
    ),
    "too many outputs": ([(GOOD_X, [[0], [1], [0]])], ValueError, "length 2", "got 3"),
    "one output too few": ([(GOOD_X, [[0.5]])], ValueError, "length 2", "got 1"),
    "too many classes": (
        fastnn.Dataset(np.ones((2, 3)), [0, 1], classes=10),
        ValueError,
        "length 2",
        "got 10",
    ),
    "a label too large": (with_label(2), ValueError, "labels below 2", "got 2 in example 1"),
    "a negative label": (with_label(-1), ValueError, "labels", "between 0", "got -1 in example 1"),
    "a huge label": (with_label(2**40), ValueError, "labels", "between 0", f"got {2**40}"),
    "a label of float": (with_label(1.0), TypeError, "labels must be integers", "float64"),
    "a label of text": (with_label("1"), TypeError, "labels must be", "<U"),
    "a label of nothing": (with_label(None), TypeError, "labels must be", "object"),
    "labels and columns": ([GOOD, (GOOD_X, 1)], ValueError, "y of example 1", "all must be alike"),
    "a pixel not a number": (with_x(0, NAN, 1), ValueError, "finite", "got nan in input 1"),
    "an infinite pixel": (with_x(0, 1, INF), ValueError, "finite", "got inf in input 2"),
    "an output not a number": ([(GOOD_X, [[NAN], [1]])], ValueError, "finite", "got nan"),
    "a ragged input": (
        [GOOD, ([[0], [1], [1, 2]], GOOD_Y)],
        ValueError,
        "x of example 1",
        "ragged",
    ),
    "inputs of two lengths": (with_x(1, 2), ValueError, "x of example 1", "(2, 1)", "(3, 1)"),
    "a square of inputs": ([(np.eye(3), 0)], ValueError, "x must have the shape", "(3, 3)"),
    "no inputs": ([([], 0)], ValueError, "x of example 0", "column of numbers"),
    "a number for inputs": ([(0.5, 0)], ValueError, "x must have the shape", "got ()"),
    "inputs of text": ([("abc", 0)], ValueError, "x of example 0", "column of numbers", "'abc'"),
    "inputs of objects": (with_x(1, None, 2), ValueError, "x of example 1", "column of numbers"),
    "complex inputs": (with_x(1, 2j, 2), ValueError, "x of example", "column of numbers"),
    "numbers": ([1, 2, 3], TypeError, "pairs (x, y)", "example 0 is 1"),
    "pairs and a triple": ([GOOD, (*GOOD, 1)], TypeError, "pairs (x, y)", "example 1 is"),
    "an array of inputs": (np.ones((4, 3)), TypeError, "pairs (x, y)", "shape (3,)"),
    "inputs and labels": ((np.ones((4, 3)), [0, 1, 0, 1]), TypeError, "pairs (x, y)", "(4, 3)"),
    "text": ("abc", TypeError, "pairs (x, y)", "example 0 is 'a'"),
    "a number": (7, TypeError, "pairs (x, y)", "got 7"),
    "nothing": (None, TypeError, "pairs (x, y)", "got None"),
}


@pytest.mark.parametrize("taker", TAKERS)
@pytest.mark.parametrize("wrong", WRONG_DATA)
def test_wrong_data_are_refused(network, examples, taker, wrong):
    data, error, *words = WRONG_DATA[wrong]
    if taker == "evaluation_data" and data is None:
        error, words = ValueError, ["monitor_evaluation_accuracy"]
    if taker == "speed_data" and data is None:  # means the training data
        error, words = ValueError, ["at least one example"]
    assert_refused(
        lambda: TAKERS[taker](network, data, examples),
        error,
        taker.strip(),
        *words,
        network=network,
        examples=examples,
    )


@pytest.mark.parametrize("place", [0, 3, 5])
def test_one_wrong_example_in_the_callers_list_is_named(network, examples, place):
    examples[place] = (np.array([[0.0], [NAN], [0.0]]), examples[place][1])
    assert_refused(
        lambda: network.SGD(examples, 1, 2, 0.1),
        ValueError,
        f"training_data must be finite numbers, got nan in input 1 of example {place}",
        network=network,
        examples=examples,
    )


ROWS = np.ones((3, 2), np.float32)


@pytest.mark.parametrize(
    ("arguments", "options", "error", "words"),
    [
        ((ROWS[0], [0]), {}, ValueError, ["inputs must have the shape", "(2,)"]),
        ((ROWS[:0], []), {}, ValueError, ["inputs", "at least one", "(0, 2)"]),
        ((ROWS[:, :0], [0] * 3), {}, ValueError, ["inputs", "at least one", "(3, 0)"]),
        (([[1, 2], [3]], [0, 1]), {}, ValueError, ["inputs", "ragged"]),
        (([["a", "b"]], [0]), {}, TypeError, ["inputs must be an array of numbers", "<U1"]),
        ((ROWS.astype(object), [0] * 3), {}, TypeError, ["inputs must be", "object"]),
        ((ROWS * np.float32(INF), [0] * 3), {}, ValueError, ["inputs must be finite", "got inf"]),
        ((ROWS, [0, 1]), {}, ValueError, ["labels", "each of the 3 examples", "(2,)"]),
        ((ROWS, [[[0]]] * 3), {}, ValueError, ["labels", "(3, outputs)", "(3, 1, 1)"]),
        ((ROWS, 1), {}, ValueError, ["labels", "each of the 3 examples", "()"]),
        ((ROWS, [0, 1.5, 0]), {}, TypeError, ["labels must be integers", "float64"]),
        ((ROWS, [0, -1, 0]), {}, ValueError, ["labels", "between 0", "got -1 in example 1"]),
        (
            (ROWS, [0, 1, 2]),
            {"classes": 2},
            ValueError,
            ["labels", "0 and 1", "got 2"],
        ),
        ((ROWS, ROWS), {"classes": 3}, ValueError, ["classes is for integer", "got 3", "(3, 2)"]),
        ((ROWS, [0] * 3), {"classes": 0}, ValueError, ["classes", "at least 1", "got 0"]),
        ((ROWS, [0] * 3), {"classes": 2.0}, TypeError, ["classes must be an integer", "2.0"]),
        ((ROWS, [0] * 3), {"scale": 0.5}, ValueError, ["scale is for", "uint8", "float32"]),
        ((ROWS, [0] * 3), {"scale": NAN}, ValueError, ["scale must be a finite number", "nan"]),
        ((np.uint8(ROWS), [0] * 3), {"scale": 1e300}, ValueError, ["scale", "1e+300"]),
    ],
)
def test_wrong_arrays_make_no_data_set(arguments, options, error, words):
    assert_refused(lambda: fastnn.Dataset(*arguments, **options), error, *words)


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
    assert_refused(lambda: network.feedforward(GOOD_X), error, *words, network=network)


@pytest.mark.parametrize("dtype", [int, "float16", "double double", object, complex, 3])
def test_another_dtype_is_refused(dtype):
    assert_refused(
        lambda: fastnn.Network(SIZES, dtype=dtype),
        ValueError,
        "dtype must be float64 or float32",
        repr(dtype),
    )


class CostWithoutDelta:
    fn = staticmethod(network2.QuadraticCost.fn)


class CostWithoutFn:
    delta = staticmethod(network2.QuadraticCost.delta)


WRONG_COSTS = [None, 3, "QuadraticCost", CostWithoutDelta, CostWithoutFn]
COST_WORDS = ["cost must be", "fn(a, y)", "delta(z, a, y)", "got "]


@pytest.mark.parametrize("cost", WRONG_COSTS)
def test_a_cost_without_the_two_methods_is_refused(cost):
    assert_refused(lambda: fastnn.Network(SIZES, cost=cost), TypeError, *COST_WORDS)


@pytest.mark.parametrize("cost", WRONG_COSTS)
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
    [("eta", NAN, ValueError), ("lmbda", "x", TypeError), ("n", 0, ValueError)]
    + [("n", value, TypeError) for value in NO_INTEGERS],
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


# Orders ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("order", "error", "words"),
    [
        ([0, 10**6, 1], ValueError, ["0 to 2", "got 1000000 for example 1"]),
        ([0, 1, -1], ValueError, ["0 to 2", "got -1 for example 2"]),
        ([0, 1], ValueError, ["(3,)", "got (2,)"]),
        (1, ValueError, ["(3,)", "got ()"]),
        ([0.0, 1.0, 2.0], TypeError, ["integers", "[0.0, 1.0, 2.0]"]),
        ([None, 1, 2], TypeError, ["integers", "None"]),
    ],
    ids=repr,
)
def test_an_order_that_names_no_rows_is_refused(order, error, words):
    data = fastnn.Dataset(np.eye(3), [0, 1, 2])
    assert_refused(lambda: data.reorder(order), error, "order must", *words)
    assert data.order.tolist() == [0, 1, 2]
