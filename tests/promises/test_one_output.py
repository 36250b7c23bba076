"""Networks with one output: y is 0 or 1, or any number of a regression, as network2 trains them."""

from __future__ import annotations

import random

import numpy as np
import pytest
from builders import (
    ALL_MONITORS,
    assert_same_histories,
    assert_same_networks,
    seed_generators,
    seeded_network,
)
from refusals import assert_refused

import fastnn
from fastnn import Dataset, QuadraticCost, network2, reference, resume, train_many
from fastnn.schedules import Halving

SIZES = [3, 4, 1]
RNG = np.random.default_rng(1)
ROWS = RNG.standard_normal((40, 3))
LABELS = (ROWS[:, 0] + ROWS[:, 1] > 0).astype(int)
VALUES = ROWS @ [1.0, 2.0, 3.0] + 10
REGRESSION = {"output": "identity"}


def pairs(answers):
    return [(x.reshape(-1, 1), y) for x, y in zip(ROWS, answers, strict=True)]


def runs(data, oracles_data, *arguments, network=None, cost="CrossEntropyCost", **options):
    """Networks that fastnn and the reference trained, and their histories."""
    made = []
    for module, examples in ((network2, data), (reference, oracles_data)):
        net = seeded_network(module, SIZES, cost, **(network or {}))
        random.seed(2)
        made.append((net, net.SGD(examples, *arguments, verbose=False, **options)))
    return made


FORMS = {
    "integers": lambda y: pairs(y.tolist()),
    "floats": lambda y: pairs(y.astype(float).tolist()),
    "NumPy's integers": lambda y: pairs(y),
    "truth values": lambda y: pairs(y.astype(bool).tolist()),
    "arrays of one": lambda y: pairs(y.reshape(-1, 1)),
    "columns": lambda y: pairs(y.reshape(-1, 1, 1)),
    "scalar arrays": lambda y: pairs([np.array(value) for value in y]),
    "numbers and arrays": lambda y: [*pairs(y.tolist())[:20], *pairs(y.reshape(-1, 1))[20:]],
    "a data set of integers": lambda y: Dataset(ROWS, y),
    "a data set of floats": lambda y: Dataset(ROWS, y.astype(np.float32)),
    "a data set of columns": lambda y: Dataset(ROWS, y[:, None]),
    "a data set of pairs": lambda y: Dataset.from_pairs(pairs(y.tolist())),
    "a part of a data set": lambda y: Dataset(
        np.vstack([ROWS[:5], ROWS]), np.concatenate([5 + y[:5], y])
    )[5:],
}


@pytest.mark.parametrize("form", FORMS)
def test_labels_0_and_1_train_in_every_form(form):
    wanted = pairs(LABELS.reshape(-1, 1, 1))
    held_out = pairs(LABELS.tolist())
    (net, history), (oracle, oracles_history) = runs(
        FORMS[form](LABELS), wanted, 3, 7, 0.5, 0.1, evaluation_data=held_out, **ALL_MONITORS
    )
    assert_same_networks(net, oracle)
    assert_same_histories(history, oracles_history)
    data = FORMS[form](LABELS)
    assert net.accuracy(data) == oracle.accuracy(wanted)
    assert net.total_cost(data, 0.2) == pytest.approx(oracle.total_cost(wanted, 0.2), rel=1e-10)
    net.update_mini_batch(data, 0.5, 0.1, 40)
    oracle.update_mini_batch(wanted, 0.5, 0.1, 40)
    assert_same_networks(net, oracle)


REGRESSIONS = {
    "floats": VALUES,
    "whole floats": np.round(VALUES),
    "negative integers": np.round(VALUES - 20).astype(int),
    "large integers": 2**33 + np.arange(40),
}


@pytest.mark.parametrize("values", REGRESSIONS)
@pytest.mark.parametrize("form", [form for form in FORMS if form != "truth values"])
def test_scalars_of_a_regression_train_in_every_form(form, values):
    y = REGRESSIONS[values]
    scale = 1e-9 if values == "large integers" else 0.01
    made = FORMS[form](y)
    if form == "a data set of floats":
        y = y.astype(np.float32)
    monitors = {"monitor_training_cost": True, "monitor_evaluation_cost": True}
    (net, history), (oracle, oracles_history) = runs(
        *(made, pairs(y.reshape(-1, 1, 1).astype(float)), 3, 7, scale),
        evaluation_data=pairs(y.tolist()),
        network=REGRESSION,
        cost="QuadraticCost",
        **monitors,
    )
    assert_same_networks(net, oracle)
    assert_same_histories(history, oracles_history)


class Absolute:
    """A cost that Numba cannot compile: it reads the shapes of what it is given from a dict."""

    seen: dict = {}  # noqa: RUF012 - all calls write into it

    @staticmethod
    def fn(a, y):
        Absolute.seen["fn"] = a.shape, np.shape(y)
        return float(np.sum(np.abs(a - y)))

    @staticmethod
    def delta(z, a, y):
        Absolute.seen["delta"] = z.shape, a.shape, np.shape(y)
        return (a - y) * a * (1 - a)


@pytest.mark.filterwarnings("ignore:.*NumPy speed")
def test_a_cost_in_python_gets_the_labels_as_columns():
    (net, _), (oracle, _) = runs(
        *(pairs(LABELS.tolist()), pairs(LABELS.tolist()), 2, 7, 0.5), cost=Absolute
    )
    assert_same_networks(net, oracle)


def test_the_gradient_of_one_example_takes_a_number():
    net, oracle = (seeded_network(module, SIZES) for module in (network2, reference))
    x = ROWS[:1].T
    for y in (1, 0.0, True, np.array([1]), np.array([[0.5]])):
        for mine, theirs in zip(net.backprop(x, y), oracle.backprop(x, y), strict=True):
            for got, wanted in zip(mine, theirs, strict=True):
                np.testing.assert_allclose(got, wanted, rtol=1e-12)


@pytest.mark.parametrize(("a", "b", "c", "d"), [(0, 0, 0, 1), (0, 1, 1, 0)], ids=["AND", "XOR"])
def test_logic_is_learned(a, b, c, d):
    seed_generators(1)
    net = network2.Network([2, 4, 1])
    corners = [[0, 0], [0, 1], [1, 0], [1, 1]]
    data = [(np.array(x).reshape(-1, 1), y) for x, y in zip(corners, (a, b, c, d), strict=True)]
    ordered = list(data)
    net.SGD(data, 1500, 4, 3.0, verbose=False)
    assert net.predict(corners).tolist() == [a, b, c, d]
    assert net.accuracy(ordered) == 4
    assert [round(net.feedforward(x)[0, 0]) for x, _ in ordered] == [a, b, c, d]


def test_an_output_of_one_half_is_no_one():
    net = network2.Network([1, 1])
    net.weights[0][:], net.biases[0][:] = 1.0, 0.0
    rows = [[-1e-9], [0.0], [1e-9]]
    assert net.predict(rows).tolist() == [0, 0, 1]
    data = Dataset(rows, [0, 0, 1])
    assert net.accuracy(data) == 3
    assert net.accuracy(Dataset(rows, [1, 1, 0])) == 0


@pytest.mark.parametrize("labels", [["no", "yes"], [-1, 1]])
def test_two_labels_stand_for_both_sides_of_one_half(labels, tmp_path):
    net = network2.Network(SIZES)
    net.labels = labels
    wanted = [labels[int(a > 0.5)] for a in net.outputs(ROWS)[:, 0]]
    assert net.predict(ROWS).tolist() == wanted
    net.save(tmp_path / "net.npz")
    assert fastnn.load(tmp_path / "net.npz").predict(ROWS).tolist() == wanted
    for wrong in (labels[:1], [*labels, labels[0] * 2]):
        net.labels = wrong
        words = (
            "labels must be a list of 2 different integers or texts, for an output of 0 and of 1"
        )
        assert_refused(lambda: net.predict(ROWS), ValueError, words)


@pytest.mark.parametrize("outputs", [1, 3])
def test_identity_outputs_are_predicted_as_they_are(outputs):
    net = network2.Network([3, 4, outputs], QuadraticCost, output="identity")
    wanted = net.outputs(ROWS)
    assert np.array_equal(net.predict(ROWS), wanted[:, 0] if outputs == 1 else wanted)
    net.labels = ["a", "b", "c"][: max(2, outputs)]
    assert set(net.predict(ROWS)) <= set(net.labels)


def test_a_regressor_of_scikit_learn_predicts_the_same():
    neural = pytest.importorskip("sklearn.neural_network")
    mlp = neural.MLPRegressor(hidden_layer_sizes=[5], solver="lbfgs", max_iter=300, random_state=0)
    mlp.fit(ROWS, VALUES)
    np.testing.assert_allclose(fastnn.from_sklearn(mlp).predict(ROWS), mlp.predict(ROWS))


REFUSED = {
    "accuracy": lambda net, data: net.accuracy(data),
    "monitor_training_accuracy": lambda net, data: net.SGD(
        data, 1, 5, 0.1, monitor_training_accuracy=True
    ),
    "monitor_evaluation_accuracy": lambda net, data: net.SGD(
        *(data, 1, 5, 0.1),
        evaluation_data=data,
        monitor_evaluation_accuracy=True,
        early_stopping_n=3,
    ),
    "monitor_evaluation_accuracy ": lambda net, data: net.SGD(
        *(data, 1, 5, 0.1),
        evaluation_data=data,
        monitor_evaluation_accuracy=True,
        schedule=Halving(n=3),
    ),
    "monitor_evaluation_accuracy  ": lambda net, data: train_many(
        *(SIZES, data),
        epochs=1,
        mini_batch_size=5,
        eta=0.1,
        cost=QuadraticCost,
        output="identity",
        evaluation_data=data,
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_right_answers_of_one_identity_output_are_not_counted(name):
    net = network2.Network(SIZES, QuadraticCost, output="identity")
    weights, state = net.weights, random.getstate()
    words = f"{name.strip()} counts right classes", "total_cost, monitor_evaluation_cost"
    assert_refused(lambda: REFUSED[name](net, pairs(VALUES)), ValueError, *words)
    assert net.weights is weights
    assert net.history is None
    assert random.getstate() == state


def test_nor_does_the_reference_count_them():
    net = reference.Network(SIZES, reference.QuadraticCost, output="identity")
    words = "accuracy counts right classes"
    assert_refused(lambda: net.accuracy(pairs(VALUES)), ValueError, words)


def test_early_stopping_by_the_cost_of_a_regression_goes_on():
    net = seeded_network(network2, SIZES, "QuadraticCost", output="identity")
    data = pairs(VALUES)
    options = {"evaluation_data": data, "monitor_evaluation_cost": True, "early_stopping_n": 2}
    history = net.SGD(data, 5, 5, 0.01, verbose=False, **options)
    assert history.best_epoch is not None


@pytest.mark.parametrize("values", [[0, 1, 2, -1], [0, 1, 2, 0.5], [0, 1, 2, 2**40]])
def test_numbers_that_are_no_labels_are_refused_for_several_outputs(values):
    data = Dataset(ROWS[:4], values)
    net = network2.Network([3, 3])
    words = "training_data must have labels below 3", f"got {values[-1]} in example 3"
    assert_refused(lambda: net.SGD(data, 1, 2, 0.1), ValueError, *words)
    assert data[3][1] == values[-1]


def test_the_same_data_serve_one_output_and_several():
    data = Dataset(ROWS, LABELS)
    wanted = pairs(LABELS.reshape(-1, 1, 1))
    for _ in range(2):
        for sizes, oracles_data in (
            (SIZES, wanted),
            ([3, 4, 2], pairs(np.eye(2)[LABELS][:, :, None])),
        ):
            net, oracle = (seeded_network(module, sizes) for module in (network2, reference))
            for each, examples in ((net, data[:]), (oracle, list(oracles_data))):
                random.seed(3)
                each.SGD(examples, 1, 7, 0.5, verbose=False)
            assert_same_networks(net, oracle)


def test_a_binary_problem_is_resumed_from_its_checkpoint(tmp_path):
    whole, stopped = (seeded_network(network2, SIZES) for _ in range(2))
    random.seed(4)
    whole.SGD(pairs(LABELS.tolist()), 3, 7, 0.5, verbose=False)
    random.seed(4)
    path = tmp_path / "run.npz"
    stopped.SGD(pairs(LABELS.tolist()), 1, 7, 0.5, verbose=False, checkpoint=path)
    resumed, _ = resume(path, Dataset(ROWS, LABELS), epochs=3, verbose=False)
    assert_same_networks(resumed, whole, rtol=0)


def test_a_sweep_counts_a_binary_problem():
    data = Dataset(ROWS, LABELS)
    how = {"epochs": 30, "mini_batch_size": 5, "eta": 1.0, "progress": False}
    sweep = train_many(SIZES, data, seeds=range(2), evaluation_data=data, **how)
    assert not sweep.failed
    assert all(row.history.evaluation_accuracy[-1] > 30 for row in sweep)
