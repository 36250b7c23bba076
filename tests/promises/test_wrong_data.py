"""Wrong data get one clear error, raised before anything has changed.

Each message says which argument or array is wrong, what came and what is expected.
"""

import numpy as np
import pytest
from builders import digits, seeded_network
from refusals import assert_refused

import fastnn
from fastnn import gradients, network2

NAN, INF = float("nan"), float("inf")
SIZES = [3, 4, 2]


@pytest.fixture
def network():
    return seeded_network(network2, SIZES)


@pytest.fixture
def examples():
    return digits(6, 3, 2, seed=3)


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
    "a label in an array": (
        [(GOOD_X, np.array([1]))],
        ValueError,
        "desired outputs of length 2",
        "got 1",
        "not an array of one",
    ),
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
    "half a label": (with_label(0.5), ValueError, "whole numbers", "got 0.5 in example 1"),
    "a label not a number": (with_label(NAN), ValueError, "labels must be finite", "got nan"),
    "a label of text": (with_label("1"), TypeError, "labels must be", "<U"),
    "a label of nothing": (with_label(None), TypeError, "labels must be", "object"),
    "labels and columns": ([GOOD, (GOOD_X, 1)], ValueError, "y of example 1", "all must be alike"),
    "a pixel not a number": (with_x(0, NAN, 1), ValueError, "finite", "got nan in input 1"),
    "an infinite pixel": (with_x(0, 1, INF), ValueError, "finite", "got inf in input 2"),
    "an output not a number": ([(GOOD_X, [[NAN], [1]])], ValueError, "finite", "nan in output 0"),
    "a ragged input": (
        [GOOD, ([[0], [1], [1, 2]], GOOD_Y)],
        ValueError,
        "x of example 1",
        "ragged",
    ),
    "a weight beside outputs": ([(GOOD_X, (GOOD_Y, 2.0))], ValueError, "y of example 0", "ragged"),
    "a weight beside inputs": ([((GOOD_X, 2.0), GOOD_Y)], ValueError, "x of example 0", "ragged"),
    "inputs of two lengths": (with_x(1, 2), ValueError, "x of example 1", "(2, 1)", "(3, 1)"),
    "a square of inputs": ([(np.eye(3), 0)], ValueError, "x must have the shape", "(3, 3)"),
    "no inputs": ([([], 0)], ValueError, "x of example 0", "column of numbers"),
    "a number for inputs": ([(0.5, 0)], ValueError, "x must have the shape", "got ()"),
    "inputs of text": ([("abc", 0)], ValueError, "x of example 0", "column of numbers", "'abc'"),
    "inputs of objects": (with_x(1, None, 2), ValueError, "x of example 1", "column of numbers"),
    "complex inputs": (with_x(1, 2j, 2), ValueError, "x of example", "column of numbers"),
    "numbers": ([1, 2, 3], TypeError, "pairs (x, y)", "example 0 is 1"),
    "pairs and a triple": (
        [GOOD, (*GOOD, 1)],
        TypeError,
        "pairs (x, y)",
        "example 1 has 3 items: ",
    ),
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
    if taker == "data" and "at least one example" in words:  # as in network2
        assert network.accuracy(data) == 0
        return
    assert_refused(
        lambda: TAKERS[taker](network, data, examples),
        error,
        taker.strip(),
        *words,
        network=network,
        examples=examples,
    )


@pytest.mark.parametrize("taker", ["training_data", "evaluation_data", "speed_data"])
def test_a_zip_that_is_used_up_is_refused_with_what_to_do(network, examples, taker):
    pairs = zip(*zip(*examples, strict=True), strict=True)
    list(pairs)
    assert_refused(
        lambda: TAKERS[taker](network, pairs, examples),
        ValueError,
        f"{taker} must hold at least one example, got none; a zip or a generator",
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
        ((ROWS, [0, NAN, 0]), {}, ValueError, ["labels must be finite", "got nan", "example 1"]),
        (
            (ROWS, [0, 1.5, 0]),
            {"classes": 2},
            TypeError,
            ["labels must be integers", "got 1.5 in example 1"],
        ),
        (
            (ROWS, [0, -1, 0]),
            {"classes": 2},
            ValueError,
            ["labels", "between 0", "got -1 in example 1"],
        ),
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
