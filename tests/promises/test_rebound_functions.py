"""Functions that a script puts in the place of network2's, or of Python's, are called.

Training over `fastnn.network2` is compared with training over `fastnn.reference`, and both with
what the book's own program prints.
"""

from __future__ import annotations

import random
import types

import numpy as np
import pytest
from builders import (
    assert_close,
    digits,
    leaky_by_table,
    seed_generators,
)
from overriding import (
    FORKS,
    MODULES,
    SIZES,
    assert_agree,
    clipped_network,
    he_network,
    plain,
    train,
)

import fastnn
from fastnn import network, network2, reference

# The tests of warnings look for this one.
pytestmark = pytest.mark.filterwarnings("ignore:.* goes through Python, at NumPy speed")


# Functions of the modules ----------------------------------------------------------------------


def steep(z):
    """A sigmoid that is twice as steep."""
    return 1 / (1 + np.exp(-2 * z))


@pytest.mark.parametrize("cost", ["CrossEntropyCost", "QuadraticCost"])
@pytest.mark.parametrize("names", [["sigmoid"], ["sigmoid_prime"], ["sigmoid", "sigmoid_prime"]])
def test_a_sigmoid_that_is_rebound_is_the_sigmoid(names, cost, data, held_out, capsys, monkeypatch):
    functions = {"sigmoid": steep, "sigmoid_prime": lambda z: 2 * steep(z) * (1 - steep(z))}
    for module in MODULES:
        for name in names:
            monkeypatch.setattr(module, name, functions[name])
        assert module.sigmoid_prime(0.5) == pytest.approx(reference.sigmoid_prime(0.5))

    def with_cost(module):
        return lambda sizes: module.Network(sizes, getattr(module, cost))

    run = assert_agree(with_cost, data, held_out, capsys)
    monkeypatch.undo()
    usual = train(network2, with_cost, data, held_out)
    assert run.history.training_cost != usual.history.training_cost


def rebind_tanh(monkeypatch):
    """Exchange the sigmoid of both modules for tanh."""
    for module in MODULES:
        monkeypatch.setattr(module, "sigmoid", np.tanh)
        monkeypatch.setattr(module, "sigmoid_prime", lambda z: 1 - np.tanh(z) ** 2)


def halved(module):
    class Halved:
        fn = staticmethod(lambda a, y: 0.5 * module.QuadraticCost.fn(a, y))
        delta = staticmethod(lambda z, a, y: 0.5 * module.QuadraticCost.delta(z, a, y))

    return lambda sizes: module.Network(sizes, Halved)


def own_steps(module):
    """Return a step that computes the error of the outputs itself, on a matrix of columns."""

    class Matrices(module.Network):
        def update_mini_batch(self, mini_batch, eta, lmbda, n):
            activations = [np.hstack([x for x, _ in mini_batch])]
            for b, w in zip(self.biases, self.weights, strict=True):
                z = w @ activations[-1] + b
                activations.append(module.sigmoid(z))
            desired = np.hstack([y for _, y in mini_batch])
            delta = self.cost.delta(z, activations[-1], desired)
            rate = eta / len(mini_batch)
            self.weights = [*self.weights[:-1], self.weights[-1] - rate * delta @ activations[-2].T]

    return lambda sizes: Matrices(sizes, module.QuadraticCost)


def own_gradient(module):
    class Noted(module.Network):
        def backprop(self, x, y):
            return super().backprop(x, y)

    return lambda sizes: Noted(sizes, module.QuadraticCost)


@pytest.mark.filterwarnings("ignore:cost Halved cannot be compiled")
@pytest.mark.parametrize("make", [halved, own_steps, own_gradient])
def test_the_error_of_the_quadratic_cost_has_the_slope_that_is_rebound(
    make, data, held_out, capsys, monkeypatch
):
    before = train(network2, make, data, held_out)  # what is compiled now is of no use below
    capsys.readouterr()
    rebind_tanh(monkeypatch)
    run = assert_agree(make, data, held_out, capsys)
    assert run.history.training_cost != before.history.training_cost


def test_the_quadratic_cost_looks_for_the_slope_when_it_is_called(monkeypatch):
    z, a, y = np.array([[2.0]]), np.array([[0.9]]), np.array([[0.0]])
    usual = network2.QuadraticCost.delta(z, a, y)
    assert_close([usual], [0.9 * reference.sigmoid_prime(z)])
    rebind_tanh(monkeypatch)
    for module in MODULES:
        assert_close([module.QuadraticCost.delta(z, a, y)], [0.9 * (1 - np.tanh(z) ** 2)])
    monkeypatch.undo()
    assert network2.QuadraticCost.delta(z, a, y) == usual


@pytest.mark.parametrize("module", [network2, network])
@pytest.mark.parametrize(
    ("name", "other", "message"),
    [("np", types.ModuleType("cupy"), "np is rebound"), ("print", lambda *a: None, "print is set")],
)
def test_what_nothing_calls_in_the_module_is_refused_by_its_name(
    module, name, other, message, monkeypatch
):
    net, data = module.Network([9, 4, 3]), digits(20, 9, 3, seed=1)
    before = [w.copy() for w in net.weights]
    monkeypatch.setattr(module, name, other, raising=False)
    with pytest.raises(ValueError, match=rf"^{module.__name__[7:]}\.{message}, but"):
        net.SGD(data, 1, 10, 1.0)
    assert all(map(np.array_equal, net.weights, before))


def by_seed(pairs):
    """Reorder pairs without Python's generator, and differently every time."""
    pairs.sort(key=lambda pair: np.random.rand())


def reversing(pairs):
    pairs.reverse()


@pytest.mark.parametrize("shuffle", [by_seed, reversing])
@pytest.mark.parametrize("fork", [plain, he_network, clipped_network])
def test_a_shuffle_that_is_rebound_decides_the_order(
    fork, shuffle, data, held_out, capsys, monkeypatch
):
    examples = [*data, data[0], data[1]]  # some pairs are there twice
    monkeypatch.setattr(random, "shuffle", shuffle)
    assert_agree(fork, examples, held_out, capsys)


def test_a_shuffle_that_is_rebound_is_given_the_callers_own_list(data, monkeypatch):
    given = []
    monkeypatch.setattr(random, "shuffle", given.append)
    for examples in (data, fastnn.Dataset.from_pairs(data), tuple(data)):
        network2.Network(SIZES).SGD(examples, 2, 10, 0.3, verbose=False)
    assert [entry is data for entry in given] == [True, True, False, False, False, False]
    assert type(given[2]) is fastnn.Dataset
    assert [[id(pair) for pair in entry] for entry in given[4:]] == [[id(p) for p in data]] * 2


def test_a_shuffle_that_takes_examples_away_is_refused(data, monkeypatch):
    monkeypatch.setattr(random, "shuffle", lambda pairs: pairs.pop())
    net, order = network2.Network(SIZES), [id(pair) for pair in data]
    with pytest.raises(ValueError, match=r"random\.shuffle has been replaced"):
        net.SGD(data, 1, 10, 0.3, verbose=False)
    assert [id(pair) for pair in data] == order


# Labels and activations --------------------------------------------------------------------------


def smoothed(label):
    """Return a column that trusts its label by nine tenths."""
    column = np.full((4, 1), 0.025)
    column[label] += 0.9
    return column


@pytest.mark.parametrize("lmbda", [0.0, 3.0])
def test_a_vectorized_result_that_is_rebound_makes_columns_of_labels(lmbda, held_out, monkeypatch):
    columns = [(x, smoothed(label)) for x, label in held_out]
    net, oracle = network2.Network(SIZES), reference.Network(SIZES)
    oracle.weights, oracle.biases = net.weights, net.biases
    usual = net.total_cost(held_out, lmbda, convert=True)
    for module in MODULES:
        monkeypatch.setattr(module, "vectorized_result", smoothed)
    of_oracle = oracle.total_cost(held_out, lmbda, convert=True)
    assert of_oracle == oracle.total_cost(columns, lmbda)
    wanted = net.total_cost(columns, lmbda)
    assert net.total_cost(held_out, lmbda, convert=True) == wanted != usual
    assert net.total_cost(iter(held_out[:3]), lmbda, convert=True) == net.total_cost(
        columns[:3], lmbda
    )
    assert net.total_cost(columns, lmbda) == wanted


def test_a_vectorized_result_that_is_rebound_is_called_by_the_monitor_of_evaluation_data(
    data, held_out, monkeypatch, recwarn
):
    options = {"monitor_evaluation_cost": True, "monitor_evaluation_accuracy": True}
    options |= {"monitor_training_cost": True, "verbose": False}
    histories = []
    for evaluation in (held_out, [(x, smoothed(label)) for x, label in held_out]):
        seed_generators(6)
        net = network2.Network(SIZES)
        if evaluation is held_out:
            monkeypatch.setattr(network2, "vectorized_result", smoothed)
        histories.append(net.SGD(list(data), 2, 10, 0.3, 0.4, evaluation, **options))
        monkeypatch.undo()
    np.testing.assert_allclose(histories[0].evaluation_cost, histories[1].evaluation_cost, 1e-12)
    np.testing.assert_allclose(histories[0].training_cost, histories[1].training_cost, 1e-12)
    assert histories[0].evaluation_accuracy == histories[1].evaluation_accuracy
    assert len(recwarn) == 0


def test_a_vectorized_result_that_is_rebound_is_refused_where_it_cannot_be_stored(
    data, monkeypatch, tmp_path
):
    monkeypatch.setattr(network2, "vectorized_result", smoothed)
    with pytest.raises(ValueError, match=r"checkpoint= .*network2\.vectorized_result"):
        network2.Network(SIZES).SGD(data, 1, 10, 0.3, checkpoint=tmp_path / "run.npz")


def test_an_activation_that_only_python_computes_runs_there_and_says_so_once(
    data, held_out, capsys
):
    leaky = leaky_by_table()

    def make(module):
        return lambda sizes: module.Network(sizes, activation=leaky)

    with pytest.warns(RuntimeWarning, match="activation .*Leaky.* NumPy speed") as warned:
        run = assert_agree(make, data, held_out, capsys)
        run.net.SGD(list(data), 1, 10, 0.3, verbose=False)
        run.net.accuracy(held_out)
        run.net.predict(np.zeros((2, 12)))
        fastnn.gradients.layer_speeds(run.net, data)
    assert len(warned) == 1
    oracle = reference.Network(SIZES, activation=leaky)
    oracle.weights, oracle.biases = run.net.weights, run.net.biases
    for got, wanted in zip(run.net.backprop(*data[0]), oracle.backprop(*data[0]), strict=True):
        assert_close(got, wanted)
    assert_close([run.net.feedforward(data[0][0])], [oracle.feedforward(data[0][0])])
    assert run.net.accuracy(held_out) == oracle.accuracy(held_out)
    cost = oracle.total_cost(held_out, 2.0, convert=True)
    assert run.net.total_cost(held_out, 2.0, convert=True) == pytest.approx(cost, rel=1e-10)


@pytest.mark.filterwarnings("ignore:activation .*Leaky.* cannot be compiled")
@pytest.mark.parametrize("option", [{"dropout": 0.5}, {"momentum": 0.5}, {"checkpoint": "x.npz"}])
def test_what_python_cannot_do_with_such_an_activation_is_refused_by_name(option, data):
    net = network2.Network(SIZES, activation=leaky_by_table())
    with pytest.raises(
        ValueError, match=f"{next(iter(option))}= .*the activation Leaky"
    ) as refused:
        net.SGD(data, 1, 10, 0.3, verbose=False, **option)
    assert "overridden" not in str(refused.value)


# What the book's own program prints -------------------------------------------------------------


def table_costs(module, make, **options):
    """Return the costs of two epochs on the examples and from the seeds of the table."""
    rng = np.random.RandomState(0)
    pairs = [(rng.rand(4, 1), np.eye(3)[:, [i % 3]]) for i in range(60)]
    np.random.seed(1)
    net = make(module)([4, 5, 3])
    random.seed(1)
    costs = net.SGD(pairs, 2, 10, 0.5, monitor_training_cost=True, verbose=False, **options)[2]
    return [round(float(cost), 6) for cost in costs]


def no_step(module):
    class Step(module.Network):
        def update_mini_batch(self, mini_batch, eta, lmbda, n):
            pass

    return Step


def zero_gradient(module):
    class Gradient(module.Network):
        def backprop(self, x, y):
            return [[0 * g for g in part] for part in super().backprop(x, y)]

    return Gradient


def half_everywhere(module):
    class Outputs(module.Network):
        def feedforward(self, a):
            return 0 * super().feedforward(a) + 0.5

    return Outputs


def cost_42(module):
    class Cost(module.Network):
        def total_cost(self, data, lmbda, convert=False):
            return 42.0

    return Cost


TABLE = {
    plain: [1.944421, 1.907837],
    no_step: [2.691531, 2.691531],
    zero_gradient: [2.691531, 2.691531],
    half_everywhere: [2.079442, 2.079442],
    cost_42: [42.0, 42.0],
    FORKS["an __init__ of its own"]: [1.969185, 1.912207],
}


@pytest.mark.parametrize("module", MODULES, ids=["reference", "network2"])
@pytest.mark.parametrize("make", TABLE, ids=lambda make: make.__name__)
def test_scripts_give_the_books_own_numbers(module, make):
    assert table_costs(module, make) == TABLE[make]


@pytest.mark.parametrize("module", MODULES, ids=["reference", "network2"])
def test_a_sigmoid_of_a_script_gives_the_books_own_numbers(module, monkeypatch):
    monkeypatch.setattr(module, "sigmoid", lambda z: 0 * z + 0.25)
    assert table_costs(module, plain) == [1.961659, 1.961659]
