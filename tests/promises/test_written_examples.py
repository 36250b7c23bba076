"""What a user's methods write into examples counts from then on, as in network2."""

from __future__ import annotations

import random

import numpy as np
import pytest
from builders import digits, labelled
from overriding import MODULES, SIZES, assert_same_lines, fading_outputs, plain, train

from fastnn import Dataset, network2

# Other tests look for this one.
pytestmark = pytest.mark.filterwarnings("ignore:.* goes through Python, at NumPy speed")


def fading_steps(module):
    """Each step leaves its examples paler."""

    class Fading(module.Network):
        def update_mini_batch(self, mini_batch, eta, lmbda, n):
            super().update_mini_batch(mini_batch, eta, lmbda, n)
            for x, _ in mini_batch:
                x *= 0.9

    return Fading


def fading_gradients(module):
    """The gradient softens what is desired, and its input."""

    class Fading(module.Network):
        def backprop(self, x, y):
            x *= 0.95
            y *= 0.99
            return super().backprop(x, y)

    return Fading


def fading_counts(module):
    """What counts right answers changes what it counts; all else is compiled."""

    class Fading(module.Network):
        def accuracy(self, data, convert=False):
            for x, _ in data:
                x *= 0.9
            return super().accuracy(data, convert)

    return Fading


WRITERS = [fading_steps, fading_gradients, fading_outputs, fading_counts]


def trained(module, make, capsys, kind=list, prepare=None):
    """Train on examples of its own; return the run, what was printed, and the examples."""
    data, held_out = digits(31, 12, 4, seed=1), labelled(digits(17, 12, 4, seed=2))
    run = train(module, make, kind(data), kind(held_out), prepare)
    return run, capsys.readouterr().out, [np.copy(x) for x, _ in data + held_out]


def assert_same_run(capsys, make, kind=list):
    (wanted, lines, written), (run, printed, found) = (
        trained(module, make, capsys, kind) for module in MODULES
    )
    assert_same_lines(printed, lines)
    np.testing.assert_allclose(run.history, wanted.history, rtol=1e-10)
    for mine, theirs in zip(run.net.weights, wanted.net.weights, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-9)
    np.testing.assert_array_equal(found, written)
    assert run[3:] == wanted[3:]


@pytest.mark.parametrize("make", WRITERS)
def test_what_a_method_writes_into_examples_counts(make, capsys):
    assert_same_run(capsys, make)


@pytest.mark.parametrize("make", WRITERS)
def test_what_a_method_writes_into_a_dataset_counts(make, capsys):
    plain_run, _, _ = trained(network2, make, capsys)
    run, _, _ = trained(network2, make, capsys, Dataset.from_pairs)
    np.testing.assert_allclose(run.history, plain_run.history, rtol=1e-9)


def test_what_a_shuffle_of_ones_own_writes_counts(capsys, monkeypatch):
    own = random.shuffle

    def fading(pairs):
        own(pairs)
        for x, _ in pairs:
            x *= 0.9

    monkeypatch.setattr(random, "shuffle", fading)
    assert_same_run(capsys, plain)


def test_what_is_written_into_training_data_counts_in_evaluation_data_that_share_it(capsys):
    histories = []
    for module in MODULES:
        data = digits(31, 12, 4, seed=1)
        shared = [(x, int(np.argmax(y))) for x, y in data[:9]]
        run = train(module, fading_steps, data, shared)
        histories.append(run.history)
    np.testing.assert_allclose(histories[1], histories[0], rtol=1e-10)


def test_numbers_that_cannot_be_trained_on_are_refused_where_they_are_written():
    class Broken(network2.Network):
        def update_mini_batch(self, mini_batch, eta, lmbda, n):
            mini_batch[0][0][0] = np.nan

    with pytest.raises(ValueError, match="training_data must be finite numbers, got nan"):
        Broken(SIZES).SGD(digits(31, 12, 4, seed=1), 1, 10, 0.1)


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.append(data[0]),
        lambda data: data.pop(),
        lambda data: data.__setitem__(0, (data[0][0] * 2, data[0][1])),
        lambda data: data.reverse(),
    ],
    ids=["one more", "one less", "another one", "another order"],
)
@pytest.mark.parametrize("epochs", [1, 3])
def test_examples_that_a_callback_exchanges_are_refused_and_not_put_back(change, epochs):
    data = digits(31, 12, 4, seed=1)
    wanted = []

    def callback(*_):
        change(data)
        wanted[:] = map(id, data)

    with pytest.raises(ValueError, match="training_data cannot get, lose, exchange or"):
        network2.Network(SIZES).SGD(data, epochs, 10, 0.1, callback=callback, verbose=False)
    assert list(map(id, data)) == wanted
