"""The chapter's experiment on the real MNIST."""

from __future__ import annotations

import random
import re

import numpy as np
import pytest

import fastnn
from fastnn import mnist_loader

pytestmark = pytest.mark.compiled


@pytest.mark.parametrize(("dtype", "percent"), [(np.float64, 94), (np.float32, 93)])
def test_three_epochs_recognise_the_validation_digits(dtype, percent):
    training_data, validation_data, _ = mnist_loader.load_data_wrapper()
    np.random.seed(1)
    random.seed(2)
    net = fastnn.Network([784, 30, 10], dtype=dtype)
    _, accuracy, _, _ = net.SGD(
        training_data,
        3,
        10,
        0.1,
        lmbda=5.0,
        evaluation_data=validation_data,
        monitor_evaluation_accuracy=True,
        verbose=False,
    )
    assert accuracy[-1] > percent * 100  # of 10,000
    assert accuracy[-1] == net.accuracy(validation_data)

    answers = [np.argmax(net.feedforward(x)) for x, _ in validation_data[:1000]]
    labels = [label for _, label in validation_data[:1000]]
    by_hand = sum(int(answer == label) for answer, label in zip(answers, labels, strict=True))
    assert net.accuracy(validation_data[:1000]) == by_hand


# What the chapter types at the prompt, except for the two import lines.
CHAPTER = """
from fastnn import mnist_loader
from fastnn import network2

training_data, validation_data, test_data = \\
    mnist_loader.load_data_wrapper()

net = network2.Network([784, 30, 10])
net.SGD(training_data, 30, 10, 0.1, lmbda=5.0,
    evaluation_data=validation_data, monitor_evaluation_accuracy=True)

net = network2.Network([784, 30, 30, 10])
net.SGD(training_data, 30, 10, 0.1, lmbda=5.0,
    evaluation_data=validation_data, monitor_evaluation_accuracy=True)

net = network2.Network([784, 30, 30, 30, 10])
net.SGD(training_data, 30, 10, 0.1, lmbda=5.0,
    evaluation_data=validation_data, monitor_evaluation_accuracy=True)

net = network2.Network([784, 30, 30, 30, 30, 10])
net.SGD(training_data, 30, 10, 0.1, lmbda=5.0,
    evaluation_data=validation_data, monitor_evaluation_accuracy=True)
"""


def test_the_chapters_script_runs_but_for_its_imports(capsys):
    np.random.seed(3)
    random.seed(4)
    three_epochs = CHAPTER.replace("(training_data, 30,", "(training_data, 3,")
    exec(compile(three_epochs, "chapter", "exec"), {})
    printed = capsys.readouterr().out
    epoch = r"Epoch (\d) training complete\nAccuracy on evaluation data: (\d+) / 10000\n\n"
    assert re.fullmatch(f"({epoch}){{12}}", printed)
    found = re.findall(epoch, printed)
    assert [int(number) for number, _ in found] == [0, 1, 2] * 4
    for _, correct in found[2::3]:
        assert int(correct) > 9000, found
