"""What only methods of a user's own look at may be anything that these understand."""

from __future__ import annotations

import numpy as np
import pytest
from builders import assert_close, digits, parameters, seed_generators
from overriding import MODULES, assert_same_lines

from fastnn import network, network2
from fastnn.reference import chapter1

pytestmark = pytest.mark.filterwarnings("ignore:.* goes through Python, at NumPy speed")

SIZES = [12, 7, 3]


def bits(label):
    """Return the three binary digits of a label."""
    return np.array([[float(label >> place & 1)] for place in range(3)])


@pytest.fixture
def data():
    return [(x, bits(int(np.argmax(y)))) for x, y in digits(31, 12, 7, seed=1)]


@pytest.fixture
def held_out():
    return [(x, int(np.argmax(y))) for x, y in digits(17, 12, 7, seed=2)]


def assert_all_train_alike(make, data, capsys, **options):
    """Train over both modules, and compare networks, figures and printed lines."""
    nets, histories, lines = [], [], []
    for module in MODULES:
        seed_generators(5)
        net = make(module)(SIZES)
        histories.append(net.SGD(list(data), 2, 10, 0.5, **options))
        nets.append(net)
        lines.append(capsys.readouterr().out)
    assert_close(parameters(nets[1]), parameters(nets[0]))
    for got, wanted in zip(*histories, strict=True):
        assert got == pytest.approx(wanted, rel=1e-10)
    assert_same_lines(lines[1], lines[0])


def counted_by(is_right):
    """Return a class whose `accuracy` counts the examples that are right."""

    def make(module):
        class Counting(module.Network):
            def accuracy(self, data, convert=False):
                return sum(is_right(self.feedforward(example[0]), *example[1:]) for example in data)

        return Counting

    return make


def has_bits(a, label):
    return bool(((a > 0.5) == (bits(label) > 0.5)).all())


def has_letter(a, letter):
    return "abcdefg"[int(np.argmax(a))] == letter


def has_number(a, label, number):
    return int(np.argmax(a)) == (label + number) % 3


@pytest.mark.parametrize(
    ("is_right", "given"),
    [
        (has_bits, lambda x, label: (x, label)),
        (has_letter, lambda x, label: (x, "abcdefg"[label])),
        (has_number, lambda x, label: (x, label, 100 + label)),
        (has_bits, lambda x, label: (np.vstack([x[:12]]), np.array(label))),
    ],
    ids=["labels beyond the outputs", "text", "triples", "arrays"],
)
def test_evaluation_data_are_as_an_own_accuracy_understands_them(
    is_right, given, data, held_out, capsys
):
    evaluation = [given(x, label) for x, label in held_out]
    make = counted_by(is_right)
    options = {"evaluation_data": evaluation, "monitor_evaluation_accuracy": True}
    assert_all_train_alike(make, data, capsys, **options)


def test_evaluation_data_may_be_two_arrays(data, held_out, capsys):
    columns = np.hstack([x for x, _ in held_out]), np.array([label for _, label in held_out])

    def make(module):
        class OfArrays(module.Network):
            def accuracy(self, data, convert=False):
                assert data is columns
                outputs = [self.feedforward(data[0][:, [place]]) for place in range(17)]
                return sum(map(has_bits, outputs, data[1].tolist()))

            def total_cost(self, data, lmbda, convert=False):
                return float(data[0].sum())

        return OfArrays

    options = {"evaluation_data": columns, "monitor_evaluation_accuracy": True}
    assert_all_train_alike(make, data, capsys, monitor_evaluation_cost=True, **options)


def test_a_vectorized_result_of_ones_own_knows_more_labels_than_outputs(
    data, held_out, monkeypatch
):
    net = network2.Network(SIZES)
    wanted = net.total_cost([(x, bits(label)) for x, label in held_out], 0.3)
    monkeypatch.setattr(network2, "vectorized_result", bits)
    assert net.total_cost(held_out, 0.3, convert=True) == wanted
    history = net.SGD(data, 1, 10, 0.0, 0.3, held_out, monitor_evaluation_cost=True)
    assert history.evaluation_cost == [pytest.approx(wanted, rel=1e-10)]


def images(module):
    """Return a class that takes its inputs as pictures."""

    class Images(module.Network):
        def feedforward(self, a):
            return super().feedforward(np.reshape(a, (12, 1)))

    return Images


def test_inputs_are_as_an_own_feedforward_understands_them(data, held_out, capsys):
    pictures = [(np.reshape(x, (3, 4)), label % 3) for x, label in held_out]
    options = {"monitor_evaluation_accuracy": True, "monitor_evaluation_cost": True}
    assert_all_train_alike(images, data, capsys, evaluation_data=pictures, **options)
    nets = [images(module)(SIZES) for module in MODULES]
    nets[1].weights, nets[1].biases = nets[0].weights, nets[0].biases
    wanted, got = (net.total_cost(pictures, 0.1, convert=True) for net in nets)
    assert got == pytest.approx(wanted, rel=1e-10)


def test_what_fastnn_measures_has_to_fit_before_anything_changes(data, held_out):
    net = counted_by(has_letter)(network2)(SIZES)
    before = parameters(net)
    text = [(x, "abcdefg"[label]) for x, label in held_out]
    for evaluation, words in (
        (text, "evaluation_data labels must be an array of numbers"),
        (held_out, "evaluation_data must have labels below 3"),
        ([(x, label, 0) for x, label in held_out], "evaluation_data must hold pairs"),
    ):
        for kind in (network2.Network, type(net), images(network2)):
            monitors = {"monitor_evaluation_accuracy": True, "monitor_evaluation_cost": True}
            with pytest.raises((TypeError, ValueError), match=words):
                kind(SIZES).SGD(data, 1, 10, 0.5, evaluation_data=evaluation, **monitors)
    with pytest.raises(ValueError, match="evaluation_data must hold at least one example"):
        net.SGD(data, 1, 10, 0.5, evaluation_data=[], monitor_evaluation_accuracy=True)
    for array, old in zip(parameters(net), before, strict=True):
        assert array is old


def test_evaluation_data_for_an_own_accuracy_are_not_read(data):
    class Sized:
        """Data that cannot even be gone through."""

        def __len__(self):
            return 5

    net, given = network2.Network(SIZES), Sized()
    net.accuracy = lambda data: 3 if data is given else 0
    history = net.SGD(data, 1, 10, 0.5, evaluation_data=given, monitor_evaluation_accuracy=True)
    assert history.evaluation_accuracy == [3]


# Training data ----------------------------------------------------------------------------------


def of_labels(module):
    """Return a class that makes the desired output of a label itself."""

    class OfLabels(module.Network):
        def backprop(self, x, y):
            return super().backprop(x, bits(y))

    return OfLabels


def of_pictures(module):
    class OfPictures(module.Network):
        def backprop(self, x, y):
            return super().backprop(x.reshape(12, 1), y)

    return OfPictures


def of_weighted(module):
    """Return a class whose steps unpack triples."""

    class OfWeighted(module.Network):
        def update_mini_batch(self, mini_batch, eta, lmbda, n):
            for x, y, weight in mini_batch:
                super().update_mini_batch([(x, y)], eta * weight, lmbda, n)

    return OfWeighted


def with_a_one(module):
    """Return a class that puts a last input of 1 to each example."""

    class WithAOne(module.Network):
        def backprop(self, x, y):
            return super().backprop(np.vstack([x, [[1.0]]]), y)

        def feedforward(self, a):
            return super().feedforward(np.vstack([a, [[1.0]]]))

    return WithAOne


@pytest.mark.parametrize(
    ("make", "given"),
    [
        (of_labels, lambda x, label: (x, label)),
        (of_labels, lambda x, label: [x, label % 3]),
        (of_pictures, lambda x, label: (x.reshape(4, 3), bits(label))),
        (of_weighted, lambda x, label: (x, bits(label), label / 5)),
        (with_a_one, lambda x, label: (x[1:], bits(label))),
    ],
    ids=["labels beyond the outputs", "labels", "pictures", "triples", "an input less"],
)
def test_training_data_are_as_own_steps_understand_them(make, given, held_out, capsys):
    assert_all_train_alike(make, [given(x, label) for x, label in held_out], capsys)


def test_monitors_of_training_data_may_be_a_users_own_too(held_out, capsys):
    smaller = [(x[1:], bits(label)) for x, label in held_out]
    monitors = {"monitor_training_accuracy": True, "monitor_training_cost": True}
    assert_all_train_alike(with_a_one, smaller, capsys, **monitors)


def test_a_step_of_fastnns_calls_an_own_gradient_with_what_it_is_given(held_out):
    nets = []
    for module in MODULES:
        seed_generators(5)
        nets.append(of_labels(module)(SIZES))
        nets[-1].update_mini_batch(held_out, 0.5, 0.1, 17)
    assert_close(parameters(nets[1]), parameters(nets[0]))


def test_a_gradient_takes_a_label_as_training_does():
    net, (x, _) = network2.Network(SIZES), digits(1, 12, 3, seed=3)[0]
    for label in (2, np.int64(2)):
        got, wanted = net.backprop(x, label), net.backprop(x, np.eye(3)[:, [2]])
        for mine, theirs in zip(got, wanted, strict=True):
            assert_close(mine, theirs)
    with pytest.raises(ValueError, match="y must have the shape"):
        net.backprop(x, 3)


def test_training_data_that_fastnn_takes_have_to_fit_before_anything_changes(data):
    triples = [(x, y, 1) for x, y in data]
    monitors = [{}, {"monitor_training_accuracy": True}, {"monitor_layer_speeds": True}]
    kinds = network2.Network, of_weighted(network2), of_labels(network2)
    for kind, asked in zip(kinds, monitors, strict=True):
        net = kind(SIZES)
        before = parameters(net)
        with pytest.raises(TypeError, match="training_data must hold pairs"):
            net.SGD(triples, 1, 10, 0.5, **asked)
        assert all(array is old for array, old in zip(parameters(net), before, strict=True))


# Chapter 1 --------------------------------------------------------------------------------------


def test_tests_of_chapter_1_are_as_an_own_evaluate_understands_them(data, held_out, capsys):
    letters = [(x, "abcdefg"[label], None) for x, label in held_out]
    pictures = [(np.reshape(x, (4, 3)), label % 3) for x, label in held_out]
    lines = []
    for module in (chapter1, network):

        class Letters(module.Network):
            def evaluate(self, test_data):
                return sum(has_letter(self.feedforward(x), letter) for x, letter, _ in test_data)

        for kind, tests in ((Letters, letters), (images(module), pictures)):
            seed_generators(5)
            kind(SIZES).SGD(list(data), 2, 10, 0.5, tests)
        lines.append(capsys.readouterr().out)
    assert lines[0] == lines[1] != ""
    with pytest.raises((TypeError, ValueError), match="test_data must hold pairs"):
        images(network)(SIZES).SGD(data, 1, 10, 0.5, letters)
