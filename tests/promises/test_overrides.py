"""What a subclass or a script overrides is called, with the numbers that network2 would give.

Each fork is trained over `fastnn.network2` and over `fastnn.reference`, which calls everything as
network2 does; `overriding.py` has the forks. `training/python_trainer.py` takes their steps.
"""

from __future__ import annotations

import random

import numpy as np
import pytest
from builders import (
    ALL_MONITORS,
    assert_close,
    copies,
    parameters,
    seed_generators,
    state_of_numpy,
)
from overriding import (
    FORKS,
    MODULES,
    SIZES,
    assert_agree,
    clipped_network,
    dropout_network,
    plain,
    train,
)

import fastnn
from fastnn import network2, reference

# The tests of warnings look for this one.
pytestmark = pytest.mark.filterwarnings("ignore:.* goes through Python, at NumPy speed")


# Forks of the book's code ---------------------------------------------------------------------


@pytest.mark.parametrize("fork", FORKS)
def test_forks_of_the_book_train_as_written(fork, data, held_out, capsys):
    run = assert_agree(FORKS[fork], data, held_out, capsys)
    usual = train(network2, plain, data, held_out)
    assert any(
        not np.array_equal(mine, theirs)
        for mine, theirs in zip(parameters(run.net), parameters(usual.net), strict=True)
    ) or (run.history != usual.history)


@pytest.mark.parametrize("fork", ["momentum", "dropout", "softmax", "monitors"])
def test_forks_train_on_all_kinds_of_data(fork, data, held_out, capsys):
    """A Dataset, a zip and a tuple of pairs, with and without zeros among the inputs."""
    wanted = train(reference, FORKS[fork], data, held_out)
    kinds = (
        fastnn.Dataset.from_pairs,
        tuple,
        lambda pairs: zip(*zip(*pairs, strict=True), strict=True),
    )
    for kind in kinds:
        seed_generators(5)
        net = FORKS[fork](network2)(SIZES)
        evaluation = fastnn.Dataset.from_pairs(held_out)
        history = net.SGD(kind(data), 3, 10, 0.3, 0.4, evaluation, **ALL_MONITORS)
        assert_close(parameters(net), parameters(wanted.net))
        np.testing.assert_allclose(history, wanted.history, rtol=1e-10)
        assert random.getstate() == wanted.random_state


def test_labels_and_rows_become_the_columns_that_a_method_expects(data):
    rows = [(x[:, 0], int(np.argmax(y))) for x, y in data]
    nets = []
    for examples in (data, rows, fastnn.Dataset(*zip(*rows, strict=True))):
        seed_generators(5)
        net = FORKS["momentum"](network2)(SIZES)
        net.SGD(examples[:], 2, 10, 0.3, 0.4, verbose=False)
        nets.append(net)
    for other in nets[1:]:
        assert_close(parameters(other), parameters(nets[0]))


@pytest.mark.parametrize(
    "answer",
    [np.ravel, lambda y: y[:, 0].tolist(), np.argmax, lambda y: float(np.argmax(y))],
    ids=["row", "list", "label", "whole float"],
)
def test_a_backprop_of_a_users_own_may_pass_on_all_kinds_of_answers(answer, data):
    class Own(network2.Network):
        def backprop(self, x, y):
            return super().backprop(x, y)

    nets = []
    for kind, examples in ((network2.Network, data), (Own, [(x, answer(y)) for x, y in data])):
        seed_generators(5)
        nets.append(kind(SIZES))
        nets[-1].SGD(examples, 2, 10, 0.3, 0.4, verbose=False)
    assert_close(parameters(nets[1]), parameters(nets[0]))


def test_a_backprop_of_a_users_own_is_given_pairs_or_nothing(data):
    class Own(network2.Network):
        def backprop(self, x, y):
            return super().backprop(x, y)

    net = Own(SIZES)
    for action in (
        lambda: net.SGD([*data, 3], 1, 10, 0.3),
        lambda: net.update_mini_batch([3, *data], 0.3, 0.0, 9),
    ):
        with pytest.raises(TypeError, match=r"must hold pairs \(x, y\); example \d+ is 3"):
            action()


def test_evaluation_data_of_a_users_own_accuracy_may_be_one_array(data, capsys):
    class Own(network2.Network):
        def accuracy(self, data, convert=False):
            return len(data)

    held_out = np.zeros((6, 3))
    Own(SIZES).SGD(data, 1, 10, 0.3, evaluation_data=held_out, monitor_evaluation_accuracy=True)
    assert "Accuracy on evaluation data: 6 / 6" in capsys.readouterr().out


def test_a_float32_network_stays_one(data):
    class Watched(network2.Network):
        def backprop(self, x, y):
            return super().backprop(x, y)

    seed_generators(5)
    net, twin = Watched(SIZES, dtype=np.float32), network2.Network(SIZES, dtype=np.float32)
    twin.weights, twin.biases = net.weights, net.biases
    for network in (net, twin):
        random.seed(6)
        network.SGD(list(data), 2, 10, 0.3, 0.4, verbose=False)
    assert {array.dtype for array in parameters(net)} == {np.dtype(np.float32)}
    assert_close(parameters(net), parameters(twin), rtol=1e-3)


# Where it is overridden ------------------------------------------------------------------------


def half_step(net):
    """Give one network a step of its own."""
    step = net.update_mini_batch
    net.update_mini_batch = lambda batch, eta, lmbda, n: step(batch, eta / 2, lmbda, n)


def no_gradient(net):
    backprop = net.backprop
    net.backprop = lambda x, y: [[0 * g for g in arrays] for arrays in backprop(x, y)]


def flat_outputs(net):
    net.feedforward = lambda a: np.full((4, 1), 0.25)


@pytest.mark.parametrize("prepare", [half_step, no_gradient, flat_outputs])
def test_a_method_set_on_one_network_is_called(prepare, data, held_out, capsys):
    assert_agree(plain, data, held_out, capsys, prepare)


@pytest.mark.parametrize("name", ["update_mini_batch", "backprop", "accuracy", "total_cost"])
def test_a_method_patched_on_the_class_is_called(name, data, held_out, capsys, monkeypatch):
    calls = {module: [] for module in MODULES}
    for module in MODULES:
        original = getattr(module.Network, name)

        def patched(net, *arguments, original=original, module=module, **named):
            calls[module].append([len(arguments[0]), *named])
            return original(net, *arguments, **named)

        monkeypatch.setattr(module.Network, name, patched)
    assert_agree(plain, data, held_out, capsys)
    assert len(calls[network2]) > 0
    assert calls[network2] == calls[reference]


def test_a_class_as_it_was_is_compiled_again(data, recwarn):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(network2.Network, "backprop", lambda net, x, y: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            network2.Network(SIZES).SGD(list(data), 1, 10, 0.3, verbose=False)
    warned = len(recwarn)
    network2.Network(SIZES).SGD(list(data), 1, 10, 0.3, verbose=False)
    assert len(recwarn) == warned


@pytest.mark.parametrize("name", ["default_weight_initializer", "large_weight_initializer"])
def test_an_initialiser_patched_on_the_class_is_called(name, monkeypatch):
    def constant(net):
        net.biases = [np.zeros((size, 1)) for size in net.sizes[1:]]
        net.weights = [np.full((7, 12), 0.5), np.full((4, 7), 0.5)]

    initializer = name.partition("_")[0]
    for module in MODULES:
        monkeypatch.setattr(module.Network, name, constant)
        state = state_of_numpy()
        net = module.Network(SIZES, initializer=initializer)
        assert net.weights[0][0].tolist() == [0.5] * 12
        assert state_of_numpy() == state


# What is called -------------------------------------------------------------------------------


def test_the_methods_are_called_in_the_order_of_network2_with_the_callers_own_objects(
    data, held_out
):
    logs = []
    for module in MODULES:
        log = []

        class Logged(module.Network):
            def update_mini_batch(self, mini_batch, eta, lmbda, n, log=log):
                log.append(("step", type(mini_batch), [id(p) for p in mini_batch], eta, lmbda, n))

            def total_cost(self, data, lmbda, convert=False, log=log):
                log.append(("cost", id(data), [id(pair) for pair in data], lmbda, convert))
                return 1.0

            def accuracy(self, data, convert=False, log=log):
                log.append(("accuracy", id(data), [id(pair) for pair in data], convert))
                return 3

        seed_generators(8)
        examples = data  # the very same list, shuffled on and on
        examples.sort(key=id)
        net = Logged(SIZES)
        net.SGD(examples, 2, 10, 0.3, 0.4, held_out, **ALL_MONITORS)
        logs.append(log)
    assert logs[0] == logs[1]
    assert len(logs[0]) == 2 * (4 + 4)


def test_methods_without_the_arguments_that_network2_does_not_give_will_do(data, held_out):
    class Short(network2.Network):
        def total_cost(self, data, lmbda):
            return 42.0

        def accuracy(self, data):
            return 17

    net = Short(SIZES)
    history = net.SGD(
        data, 1, 10, 0.3, evaluation_data=held_out,
        monitor_training_cost=True, monitor_evaluation_accuracy=True,
    )  # fmt: skip
    assert history == ([], [17], [42.0], [])


def test_monitors_of_a_fork_leave_its_epochs_compiled(data, held_out, recwarn):
    """The trained bits are those of the plain network."""
    runs = [train(network2, make, data, held_out) for make in (plain, FORKS["monitors"])]
    for mine, theirs in zip(*(parameters(run.net) for run in runs), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert len(recwarn) == 0


def test_single_calls_call_what_is_overridden(data, held_out):
    nets = []
    for module in MODULES:
        seed_generators(9)
        net = dropout_network(module)(SIZES)
        net.update_mini_batch(data[:10], 0.3, 0.4, 31)
        figures = [net.accuracy(held_out), net.accuracy(data, convert=True)]
        costs = [net.total_cost(data, 0.4), net.total_cost(held_out, 0.4, convert=True)]
        nets.append((net, figures, costs))
    (wanted, figures, costs), (net, own_figures, own_costs) = nets
    assert_close(parameters(net), parameters(wanted))
    assert own_figures == figures
    np.testing.assert_allclose(own_costs, costs, rtol=1e-10)


def test_outputs_and_predictions_are_those_of_an_overridden_feedforward(data):
    net = FORKS["softmax"](network2)(SIZES)
    rows = np.array([x[:, 0] for x, _ in data])
    wanted = np.array([net.feedforward(x)[:, 0] for x, _ in data])
    np.testing.assert_array_equal(net.outputs(rows), wanted)
    np.testing.assert_array_equal(net.predict(rows), wanted.argmax(axis=1))


def test_layer_speeds_are_those_of_an_overridden_backprop(data):
    speeds = []
    for module in MODULES:
        seed_generators(9)
        net = dropout_network(module)(SIZES)
        history = net.SGD(list(data), 2, 10, 0.3, monitor_layer_speeds=True, verbose=False)
        module_of_speeds = reference if module is reference else fastnn.gradients
        speeds.append([*history.layer_speeds, module_of_speeds.layer_speeds(net, data)])
    np.testing.assert_allclose(speeds[1], speeds[0], rtol=1e-10)


def test_gradients_call_an_overridden_backprop(data):
    net = network2.Network(SIZES)
    wanted = [fastnn.gradients.weight_speeds(net, data), fastnn.gradients.layer_speeds(net, data)]
    backprop = net.backprop
    net.backprop = lambda x, y: [[3 * g for g in arrays] for arrays in backprop(x, y)]
    found = [fastnn.gradients.weight_speeds(net, data), fastnn.gradients.layer_speeds(net, data)]
    for three_times, once in zip(found, wanted, strict=True):
        np.testing.assert_allclose(three_times, 3 * once, rtol=1e-10)
    ratios = fastnn.gradients.update_ratios(net, data, 0.5)
    sizes = [np.linalg.norm(w) for w in net.weights]
    np.testing.assert_allclose(ratios, 0.5 * found[0] / sizes, rtol=1e-10)


# What else Python's path does as the compiled one does ------------------------------------------


def test_early_stopping_gives_back_the_best_epoch(data, held_out):
    def train(module):
        seed_generators(3)
        net = FORKS["random steps"](module)(SIZES)
        best, kept = [], []

        class Watched(type(net)):
            def accuracy(self, data, convert=False):
                best.append(super().accuracy(data, convert))
                kept.append(copies(self))
                return best[-1]

        net.__class__ = Watched
        net.SGD(
            list(data), 30, 10, 3.0, evaluation_data=held_out, monitor_evaluation_accuracy=True,
            early_stopping_n=2, verbose=False,
        )  # fmt: skip
        return net, best, kept

    (wanted, best, _), (net, own_best, kept) = train(reference), train(network2)
    assert own_best == best
    assert len(best) < 30
    assert_close(parameters(net), parameters(wanted))
    for mine, theirs in zip(parameters(net), kept[best.index(max(best))], strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_schedules_and_callbacks_work(data):
    seen = []

    def schedule(epoch):
        return 1 / (1 + epoch)

    def callback(epoch, network, history):
        return epoch == 2

    class Step(network2.Network):
        def update_mini_batch(self, mini_batch, eta, lmbda, n):
            seen.append(eta)

    history = Step(SIZES).SGD(
        data, 9, 31, 0.6, schedule=schedule, callback=callback, shuffle=False, verbose=False
    )
    assert seen == pytest.approx([0.6, 0.3, 0.2])
    assert history.stopped_because == "the callback asked for it after epoch 2"


def test_parameters_that_stop_being_finite_are_divergence(data):
    class Explodes(network2.Network):
        def update_mini_batch(self, mini_batch, eta, lmbda, n):
            self.weights = [w * 1e200 for w in self.weights]

    with np.errstate(over="ignore"), pytest.raises(fastnn.DivergedError, match="weights"):
        Explodes(SIZES).SGD(data, 3, 10, 0.3, verbose=False)


def test_a_cost_that_is_not_a_number_is_divergence(data):
    class NoCost(network2.Network):
        def total_cost(self, data, lmbda, convert=False):
            return float("nan")

    with pytest.raises(fastnn.DivergedError, match="cost on training data"):
        NoCost(SIZES).SGD(data, 1, 10, 0.3, verbose=False, monitor_training_cost=True)


def test_a_network_is_still_trained_by_one_call_at_a_time(data):
    class Again(network2.Network):
        def update_mini_batch(self, mini_batch, eta, lmbda, n):
            self.SGD(mini_batch, 1, 10, 0.3)

    with pytest.raises(RuntimeError, match="trained already"):
        Again(SIZES).SGD(data, 1, 10, 0.3)
    net = clipped_network(network2)(SIZES)
    net.SGD(data, 1, 10, 0.3, verbose=False)
    net.update_mini_batch(data, 0.3, 0.0, 31)
