"""A network beside `SGD`: what its methods see, float32, outputs and predictions."""

from __future__ import annotations

import random

import numpy as np
import pytest
import scipy.sparse
from builders import (
    ALL_MONITORS,
    assert_close,
    assert_same_networks,
    digits,
    labelled,
    parameters,
    seed_generators,
    seeded_network,
)
from memory import peak_bytes
from refusals import assert_refused

from fastnn import Dataset, network2, reference
from fastnn.scaling import Scaling

SIZES = [20, 17, 5]
MODULES = (network2, reference)


# What methods see -----------------------------------------------------------------------------


def test_methods_see_what_scripts_have_assigned_and_written():
    data, held_out = digits(53, 20, 5, seed=1), labelled(digits(31, 20, 5, seed=2))
    net, oracle = (seeded_network(module, SIZES) for module in MODULES)
    for network in (net, oracle):
        network.weights[0][:, 2] = 1.5
        network.biases[1] = -network.biases[1]
    assert net.accuracy(held_out) == oracle.accuracy(held_out)
    assert net.total_cost(data, 2.0) == pytest.approx(oracle.total_cost(data, 2.0), rel=1e-12)
    x, y = data[0]
    assert_close([net.feedforward(x)], [oracle.feedforward(x)], rtol=1e-12)
    assert_close(net.backprop(x, y)[1], oracle.backprop(x, y)[1], rtol=1e-12)


def test_a_cost_assigned_later_is_the_one_that_counts():
    data, nets = digits(53, 20, 5, seed=3), []
    for module in MODULES:
        seed_generators(4)
        net, examples = module.Network(SIZES), list(data)
        net.SGD(examples, 1, 10, 0.5, verbose=False)
        net.cost = module.QuadraticCost
        net.SGD(examples, 1, 10, 0.5, verbose=False)
        net.update_mini_batch(examples[:10], 0.5, 1.0, 53)
        nets.append(net)
    net, oracle = nets
    assert_same_networks(net, oracle)
    assert net.total_cost(data, 1.0) == pytest.approx(oracle.total_cost(data, 1.0), rel=1e-10)


# float32 --------------------------------------------------------------------------------------


@pytest.mark.parametrize("cost", ["CrossEntropyCost", "QuadraticCost"])
@pytest.mark.parametrize("mini_batch_size", [10, 150])
def test_float32_trains_to_about_the_numbers_of_float64(mini_batch_size, cost):
    examples, unseen = digits(200, 20, 5, seed=14), labelled(digits(100, 20, 5, seed=15))
    trained = []
    for dtype in (np.float64, np.float32):
        net = seeded_network(network2, SIZES, cost, dtype=dtype)
        random.seed(16)
        history = net.SGD(
            list(examples),
            20,
            mini_batch_size,
            0.5,
            1.0,
            verbose=False,
            evaluation_data=unseen,
            **ALL_MONITORS,
        )
        trained.append((net, history))
    (wide, wide_history), (narrow, narrow_history) = trained
    for mine, theirs in zip(parameters(narrow), parameters(wide), strict=True):
        assert mine.dtype == np.float32
        assert np.linalg.norm(mine - theirs) < 1e-3 * np.linalg.norm(theirs)
    np.testing.assert_allclose(narrow_history.training_cost, wide_history.training_cost, rtol=1e-4)
    for mine, theirs in zip(
        narrow_history.evaluation_accuracy, wide_history.evaluation_accuracy, strict=True
    ):
        assert abs(mine - theirs) <= 2
    x, y = examples[0]
    assert narrow.feedforward(x).dtype == np.float32
    assert all(array.dtype == np.float32 for part in narrow.backprop(x, y) for array in part)


@pytest.mark.parametrize("dtype", [np.float32, "float32", np.dtype(np.float32)], ids=repr)
def test_a_number_type_may_be_assigned_in_any_form(dtype):
    net = seeded_network(network2, SIZES)
    net.dtype = dtype
    x, y = digits(1, 20, 5, seed=1)[0]
    assert net.feedforward(x).dtype == net.outputs(x.T).dtype == np.float32
    assert net.backprop(x, y)[1][0].dtype == np.float32
    net.SGD(digits(10, 20, 5, seed=1), 1, 5, 0.1, verbose=False)
    assert all(array.dtype == np.float32 for array in parameters(net))


@pytest.mark.parametrize("dtype", [np.int64, "unknown", ">f8"])
def test_a_number_type_that_is_none_of_the_two_is_refused_by_name(dtype):
    net = seeded_network(network2, SIZES)
    net.dtype = dtype
    x, y = digits(1, 20, 5, seed=1)[0]
    calls = [lambda: net.feedforward(x), lambda: net.backprop(x, y), lambda: net.outputs(x.T)]
    for call in calls:
        assert_refused(call, ValueError, "dtype must be float64 or float32, got")


# Outputs and predictions ----------------------------------------------------------------------


def network_that_tells_signs():
    """Output 0 for a positive first input, 1 for a negative one."""
    net = seeded_network(network2, [2, 2])
    net.weights, net.biases = [np.array([[5.0, 0.0], [-5.0, 0.0]])], [np.zeros((2, 1))]
    return net


ROWS = np.array([[1.0, 7.0], [-2.0, 7.0], [3.0, -7.0], [0.0, 0.0]])


@pytest.mark.parametrize(
    ("labels", "wanted"),
    [
        (None, [0, 1, 0, 0]),
        ([-1, 1], [-1, 1, -1, -1]),
        (["plus", "minus"], ["plus", "minus", "plus", "plus"]),
    ],
    ids=repr,
)
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64, ">f4"])
def test_predict_gives_the_label_of_the_first_largest_output(labels, wanted, dtype):
    net = network_that_tells_signs()
    net.labels = labels
    assert net.predict(ROWS.astype(dtype)).tolist() == wanted


def test_predict_takes_a_dataset_in_its_present_order():
    data = Dataset(ROWS, [0, 0, 0, 0])
    data.reorder(np.array([1, 0, 3, 2]))
    assert network_that_tells_signs().predict(data).tolist() == [1, 0, 0, 0]


def test_predict_standardises_as_the_network_was_trained():
    net = network_that_tells_signs()
    net.scaling = Scaling(np.array([2.0, 0.0]), np.array([1.0, 0.0]))
    assert net.predict(ROWS).tolist() == [1, 1, 0, 1]
    wanted = net.feedforward(net.scaling.apply(ROWS).T).T
    assert np.array_equal(net.outputs(ROWS), wanted)
    assert np.array_equal(net.feedforward([[1.0], [0.0]]), net.outputs([[3.0, 9.0]]).T)


def test_more_rows_than_are_worked_on_at_a_time_are_predicted():
    rows = np.random.default_rng(1).standard_normal((10_000, 2))
    assert np.array_equal(network_that_tells_signs().predict(rows), (rows[:, 0] < 0).astype(int))


@pytest.mark.parametrize("as_data", [False, True], ids=["matrix", "Dataset"])
@pytest.mark.parametrize("scaling", [None, Scaling(np.full(3000, 0.5), np.full(3000, 2.0))])
def test_sparse_inputs_are_made_full_a_few_rows_at_a_time(as_data, scaling):
    n, inputs = 6000, 3000
    places = np.arange(n), np.arange(n) * 7 % inputs
    rows = scipy.sparse.csr_matrix((np.arange(1.0, n + 1), places), shape=(n, inputs))
    net = seeded_network(network2, [inputs, 2])
    net.scaling = scaling
    X = Dataset(rows, np.zeros(n, int), classes=2) if as_data else rows
    assert peak_bytes(lambda: net.outputs(X)) < 0.9 * n * inputs * 8
    some = [0, 349, 350, 4095, 4096, n - 1]
    wanted = net.outputs(rows[some].toarray())
    np.testing.assert_allclose(net.outputs(X)[some], wanted, rtol=1e-10)
    assert np.array_equal(net.predict(X)[some], net.predict(rows[some].toarray()))


def test_no_rows_have_no_labels():
    assert network_that_tells_signs().predict(np.empty((0, 2))).tolist() == []


@pytest.mark.parametrize(
    ("rows", "error", "words"),
    [
        (ROWS[0], ValueError, ["X must have the shape (n, 2)", "(2,)"]),
        (ROWS[:, :1], ValueError, ["X must have the shape (n, 2)", "(4, 1)"]),
        ([["a", "b"]], TypeError, ["X must be an array of numbers of shape (n, 2)"]),
        ([[1, 2], [3]], ValueError, ["X", "ragged"]),
        (scipy.sparse.csr_matrix(ROWS[:, :1]), ValueError, ["X must have the shape (n, 2)"]),
        (scipy.sparse.csr_matrix([[1, np.nan]]), ValueError, ["X must be finite", "example 0"]),
        (Dataset([[1.0]], [0]), ValueError, ["X must have the shape (n, 2), got (1, 1)"]),
        ([[1, 2], [np.nan, 3]], ValueError, ["X must be finite", "row 1"]),
        ([[1, 2], [1e300, 3]], ValueError, ["X must be finite", "row 1"]),
    ],
)
def test_rows_that_cannot_be_predicted_are_refused(rows, error, words):
    net = seeded_network(network2, [2, 2], dtype=np.float32)
    assert_refused(lambda: net.predict(rows), error, *words, network=net)


def test_labels_that_do_not_fit_are_refused():
    net = network_that_tells_signs()
    net.labels = ["one"]
    assert_refused(lambda: net.predict(ROWS), ValueError, "labels must be a list of 2 different")
