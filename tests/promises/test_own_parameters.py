"""A subclass that takes only the loop of `SGD` may have weights of any shape, or none.

With a step, an answer and a cost of its own, nothing of fastnn's looks at them; the book's programs
do not either.
"""

from __future__ import annotations

import numpy as np
import pytest
from builders import digits, labelled, seed_generators

from fastnn import network, network2, reference
from fastnn.reference import chapter1

pytestmark = pytest.mark.filterwarnings("ignore:.* through Python, at NumPy speed")

INPUTS, OUTPUTS = 12, 4


def folded(module):
    """One layer whose weights have a column for the biases, as an exercise has it."""

    class Folded(module.Network):
        def take(self, weights, biases):
            self.W, self.weights, self.biases = np.zeros((OUTPUTS, INPUTS + 1)), weights, biases

        def feedforward(self, a):
            return 1.0 / (1.0 + np.exp(-(self.W @ np.append(a, 1.0).reshape(-1, 1))))

        def update_mini_batch(self, mini_batch, eta, *others):
            for x, y in mini_batch:
                column = np.append(x, 1.0).reshape(-1, 1)
                self.W = self.W - eta / len(mini_batch) * (self.feedforward(x) - y) @ column.T

        def total_cost(self, data, lmbda, convert=False):
            return float(np.abs(self.W).sum())

    return Folded


PARAMETERS = {
    "one more column": ([np.zeros((OUTPUTS, INPUTS + 1))], [np.zeros((OUTPUTS, 1))]),
    "four dimensions": ([np.zeros((2, 1, 3, 3)), np.zeros((4, 12))], [np.zeros((4, 1))]),
    "a flat vector": (np.zeros(60), np.zeros(4)),
    "complex": ([np.zeros((OUTPUTS, INPUTS), complex)], [np.zeros((OUTPUTS, 1))]),
    "objects": ([object()], [object()]),
    "empty": ([], []),
    "None": (None, None),
}
OF_NETWORK2 = {"one more column", "four dimensions", "complex", "empty"}


def trained(module, parameters, monitors):
    seed_generators(2)
    net = folded(module)([INPUTS, OUTPUTS])
    net.take(*parameters)
    data, held_out = digits(31, INPUTS, OUTPUTS, seed=1), labelled(digits(17, INPUTS, OUTPUTS, 2))
    if monitors is None:
        net.SGD(data, 3, 5, 0.5, held_out)
    else:
        net.SGD(data, 3, 5, 0.5, evaluation_data=held_out, **dict.fromkeys(monitors, True))
    return net.W


@pytest.mark.parametrize("kind", PARAMETERS)
def test_chapter_1_trains_whatever_the_weights_are(kind, capsys):
    ours = trained(network, PARAMETERS[kind], None)
    lines = capsys.readouterr().out
    np.testing.assert_allclose(ours, trained(chapter1, PARAMETERS[kind], None), rtol=1e-12)
    assert capsys.readouterr().out == lines != ""


@pytest.mark.parametrize("kind", sorted(OF_NETWORK2))
def test_network2_trains_and_measures_whatever_the_weights_are(kind, capsys):
    monitors = ["monitor_evaluation_accuracy", "monitor_evaluation_cost", "monitor_training_cost"]
    ours = trained(network2, PARAMETERS[kind], monitors)
    lines = capsys.readouterr().out
    np.testing.assert_allclose(ours, trained(reference, PARAMETERS[kind], monitors), rtol=1e-12)
    assert capsys.readouterr().out == lines != ""


@pytest.mark.parametrize("kind", PARAMETERS)
@pytest.mark.parametrize("option", [{"monitor_layer_speeds": True}, {"early_stopping_n": 2}])
def test_what_looks_at_the_weights_refuses_them(kind, option):
    net = folded(network2)([INPUTS, OUTPUTS])
    net.take(*PARAMETERS[kind])
    held_out = labelled(digits(17, INPUTS, OUTPUTS, seed=2))
    options = {"evaluation_data": held_out, "monitor_evaluation_accuracy": True, **option}
    with pytest.raises((TypeError, ValueError), match="weights"):
        net.SGD(digits(31, INPUTS, OUTPUTS, seed=1), 3, 5, 0.5, **options)


def test_an_interrupted_epoch_leaves_such_weights_as_they_are():
    data = digits(31, INPUTS, OUTPUTS, seed=1)

    class Interrupted(folded(network)):
        def evaluate(self, test_data):
            raise KeyboardInterrupt

    net = Interrupted([INPUTS, OUTPUTS])
    net.take(None, None)
    with pytest.raises(KeyboardInterrupt):
        net.SGD(data, 2, 5, 0.5, labelled(data))
    assert net.weights is None and net.biases is None and net.W.any()
