"""What a user's methods change while a network is trained counts at once, as in network2."""

from __future__ import annotations

import numpy as np
import pytest
from builders import assert_close, digits, labelled, parameters
from overriding import MODULES, assert_agree, assert_same_lines, plain, train

from fastnn import network2

pytestmark = pytest.mark.filterwarnings("ignore:.* goes through Python, at NumPy speed")


def examples():
    """Training and evaluation data that nobody else has."""
    return digits(31, 12, 4, seed=1), labelled(digits(17, 12, 4, seed=2))


# The network ------------------------------------------------------------------------------------


def clipping_count(module):
    class ClippingCount(module.Network):
        def accuracy(self, data, convert=False):
            self.weights = [w.clip(-0.3, 0.3) for w in self.weights]
            return super().accuracy(data, convert)

    return ClippingCount


def fading_cost(module):
    class FadingCost(module.Network):
        def total_cost(self, data, lmbda, convert=False):
            for w in self.weights:
                w *= 0.9
            return super().total_cost(data, lmbda, convert)

    return FadingCost


def training_count(module):
    more = digits(3, 12, 4, seed=3)

    class TrainingCount(module.Network):
        def accuracy(self, data, convert=False):
            self.update_mini_batch(more, 0.1, 0.0, 3)
            return super().accuracy(data, convert)

    return TrainingCount


def training_outputs(module):
    more = digits(3, 12, 4, seed=3)

    class TrainingOutputs(module.Network):
        def feedforward(self, a):
            self.update_mini_batch(more, 0.01, 0.0, 3)
            return super().feedforward(a)

    return TrainingOutputs


def changing_cost(module):
    class ChangingCost(module.Network):
        steps = 0

        def update_mini_batch(self, mini_batch, eta, lmbda, n):
            self.steps += 1
            self.cost = module.QuadraticCost if self.steps > 3 else module.CrossEntropyCost
            super().update_mini_batch(mini_batch, eta, lmbda, n)

    return ChangingCost


def cost_by_size(module):
    class CostBySize(module.Network):
        @property
        def cost(self):
            large = hasattr(self, "weights") and np.abs(self.weights[-1]).max() > 1.0
            return module.QuadraticCost if large else module.CrossEntropyCost

        @cost.setter
        def cost(self, cost):
            pass

    return CostBySize


@pytest.mark.parametrize(
    "make",
    [
        *(clipping_count, fading_cost, training_count, training_outputs),
        *(changing_cost, cost_by_size),
    ],
)
def test_what_a_method_makes_of_the_network_is_what_is_measured_next(make, capsys):
    run = assert_agree(make, *examples(), capsys)
    usual = train(network2, plain, *examples())
    assert run.history != usual.history


# The data ---------------------------------------------------------------------------------------


def writing_step(module, data):
    class WritingStep(module.Network):
        def update_mini_batch(self, mini_batch, eta, lmbda, n):
            super().update_mini_batch(mini_batch, eta, lmbda, n)
            for x, _ in data:
                x *= 0.97

    return WritingStep


def writing_count(module, data):
    class WritingCount(module.Network):
        def accuracy(self, given, convert=False):
            for x, _ in data:
                x *= 0.97
            return super().accuracy(given, convert)

    return WritingCount


@pytest.mark.parametrize("which", [0, 1], ids=["training data", "evaluation data"])
@pytest.mark.parametrize("make", [writing_step, writing_count])
def test_what_a_method_writes_into_any_data_counts_from_then_on(make, which, capsys):
    runs, printed = [], []
    for module in MODULES:
        sets = examples()
        runs.append(train(module, lambda module, sets=sets: make(module, sets[which]), *sets))
        printed.append(capsys.readouterr().out)
    assert_same_lines(printed[1], printed[0])
    assert_close(parameters(runs[1].net), parameters(runs[0].net))
    assert runs[1].random_state == runs[0].random_state


@pytest.mark.parametrize("change", [list.reverse, list.pop, lambda data: data.append(data[0])])
def test_a_method_that_changes_the_list_of_evaluation_data_is_refused(change):
    class Changing(network2.Network):
        def accuracy(self, data, convert=False):
            change(held_out)
            return super().accuracy(data, convert)

    data, held_out = examples()
    with pytest.raises(ValueError, match="evaluation_data cannot get, lose, exchange or reorder"):
        Changing([12, 7, 4]).SGD(
            data, 2, 10, 0.3, 0.0, held_out, monitor_evaluation_accuracy=True, verbose=False
        )
