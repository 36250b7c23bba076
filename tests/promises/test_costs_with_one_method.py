"""A cost needs only those of its methods that are called: delta by steps, fn where it is measured.

Forks whose `backprop` is their own may call whatever they like of it.
"""

from __future__ import annotations

import numpy as np
import pytest
from builders import assert_close, labelled, parameters, seed_generators, seeded_network
from overriding import MODULES, SIZES, assert_agree, swept_back
from refusals import assert_refused

from fastnn import gradients, network2, train_many

pytestmark = pytest.mark.filterwarnings("ignore:.* goes through Python, at NumPy speed")


class OnlyFn:
    """As homework has them: the fork's own `backprop` takes the error from the derivative."""

    @staticmethod
    def fn(a, y):
        return -np.sum(y * np.log(a))

    @staticmethod
    def derivative(a, y):
        return -y / a


class OnlyDelta:
    delta = staticmethod(network2.CrossEntropyCost.delta)


def chained(module):
    """Multiplies the cost's derivative by the slope, layer by layer."""

    class Chained(module.Network):
        def __init__(self, sizes, cost=OnlyFn):
            super().__init__(sizes, cost)

        def error(self, a, y):
            return self.cost.derivative(a, y)

        def backprop(self, x, y):
            outputs = [x]
            for b, w in zip(self.biases, self.weights, strict=True):
                outputs.append(module.sigmoid(np.dot(w, outputs[-1]) + b))
            delta = self.error(outputs[-1], y) * outputs[-1] * (1 - outputs[-1])
            return swept_back(self.weights, outputs, delta)

    return Chained


def without_cost(module):
    """Knows its cost itself."""

    class WithoutCost(chained(module)):
        def __init__(self, sizes):
            super().__init__(sizes, None)

        def error(self, a, y):
            return a - y

        def total_cost(self, data, lmbda, convert=False):
            return float(sum(np.sum(self.feedforward(x)) for x, _ in data))

    return WithoutCost


def cost_as_a_method(module):
    """Has a method in the place of the class."""

    class WithMethod(without_cost(module)):
        def __init__(self, sizes):
            self.num_layers, self.sizes = len(sizes), sizes
            self.default_weight_initializer()

        def cost(self, a, y):
            return 0.5 * np.sum((a - y) ** 2)

        def total_cost(self, data, lmbda, convert=False):
            return sum(float(self.cost(self.feedforward(x), 0.5)) for x, _ in data)

    return WithMethod


@pytest.mark.parametrize("make", [chained, without_cost, cost_as_a_method])
def test_a_fork_with_a_gradient_of_its_own_needs_no_delta(make, data, held_out, capsys):
    assert_agree(make, data, held_out, capsys)


def test_single_calls_and_files_of_such_a_fork_are_those_of_the_reference(data, tmp_path):
    nets = []
    for module in MODULES:
        seed_generators(5)
        nets.append(chained(module)(SIZES))
        nets[-1].update_mini_batch(data[:5], 0.1, 0.0, 60)
    oracle, net = nets
    assert_close(parameters(net), parameters(oracle))
    assert net.accuracy(labelled(data)) == oracle.accuracy(labelled(data))
    assert net.total_cost(data, 0.1) == pytest.approx(oracle.total_cost(data, 0.1), rel=1e-12)
    with pytest.warns(RuntimeWarning, match="give load cost=OnlyFn"):
        net.save(tmp_path / "net.json")
    loaded = network2.load(tmp_path / "net.json", cost=OnlyFn)
    assert loaded.total_cost(data, 0.1) == net.total_cost(data, 0.1)
    with pytest.raises(TypeError, match="got None"):
        without_cost(network2)(SIZES).save(tmp_path / "other.json")


def test_a_cost_that_is_never_measured_needs_no_fn(data, held_out):
    nets = [seeded_network(network2, SIZES, cost) for cost in (OnlyDelta, "CrossEntropyCost")]
    options = {"monitor_evaluation_accuracy": True, "shuffle": False, "verbose": False}
    for net in nets:
        net.SGD(data, 2, 10, 0.5, evaluation_data=held_out, **options)
    assert_close(*map(parameters, nets))


USERS = {
    "delta": {
        "SGD": lambda net, data: net.SGD(data, 1, 10, 0.1),
        "the speeds of layers": lambda net, data: gradients.layer_speeds(net, data),
        "a step": lambda net, data: net.update_mini_batch(data[:5], 0.1, 0.0, 60),
        "a longer step": lambda net, data: net.update_mini_batch(data, 0.1, 0.0, 60),
        "backprop": lambda net, data: net.backprop(*data[0]),
        "a sweep": lambda net, data: train_many(
            SIZES, data, cost=net.cost, seeds=[1], epochs=1, mini_batch_size=10, eta=0.1
        ),
    },
    "fn": {
        "a monitor": lambda net, data: net.SGD(data, 1, 10, 0.1, monitor_training_cost=True),
        "another": lambda net, data: net.SGD(
            data, 1, 10, 0.1, evaluation_data=data, monitor_evaluation_cost=True
        ),
        "total_cost": lambda net, data: net.total_cost(data, 0.0),
    },
}


@pytest.mark.parametrize(
    ("lacking", "user"), [(part, user) for part, users in USERS.items() for user in users]
)
def test_a_method_that_is_called_and_not_there_is_named_before_anything_changes(
    lacking, user, data
):
    net = seeded_network(network2, SIZES, OnlyFn if lacking == "delta" else OnlyDelta)
    words = "cost must be", "delta(z, a, y)", "got <class ", f"which has no {lacking}"
    assert_refused(
        lambda: USERS[lacking][user](net, data), TypeError, *words, network=net, examples=data
    )


def test_steps_that_only_lead_through_python_need_a_delta(data):
    class Watched(network2.Network):
        def __setattr__(self, name, value):
            object.__setattr__(self, name, value)

    net = Watched(SIZES, OnlyFn)
    assert_refused(
        lambda: net.SGD(data, 1, 10, 0.1),
        TypeError,
        "which has no delta",
        network=net,
        examples=data,
    )
