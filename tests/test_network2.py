"""What scripts see of `SGD` besides the numbers: lines, lists, and the state it leaves."""

from __future__ import annotations

import contextlib
import copy
import itertools
import json
import pickle
import random
import re
import sys

import numpy as np
import pytest
from builders import (
    ALL_MONITORS,
    Run,
    assert_same_bits,
    assert_same_histories,
    assert_same_networks,
    assert_same_runs,
    copies,
    digits,
    everything,
    labelled,
    parameters,
    seed_generators,
    seeded_network,
    state_of_numpy,
)

import fastnn
from fastnn import network, network2, reference
from fastnn.engine import evaluator as evaluation
from fastnn.engine.teams import Team
from fastnn.reference import chapter1

SIZES = [20, 17, 5]
MODULES = (network2, reference)


@pytest.fixture
def data():
    return digits(53, 20, 5, seed=1)


@pytest.fixture
def held_out():
    return labelled(digits(31, 20, 5, seed=2))


def through_pickle(value):
    return pickle.loads(pickle.dumps(value))


# Printed lines and returned lists -------------------------------------------------------------

COST_LINE = re.compile(r"(Cost on (?:training|evaluation) data: )(\S+)")


def texts_and_costs(printed):
    """Split printed lines into the text without costs, and the costs."""
    costs = [float(number) for _, number in COST_LINE.findall(printed)]
    return COST_LINE.sub(r"\1...", printed), costs


@pytest.mark.parametrize(
    "monitors",
    [
        dict(zip(ALL_MONITORS, wanted, strict=True))
        for wanted in itertools.product([False, True], repeat=4)
    ],
    ids=lambda monitors: " ".join(name[8:] for name, on in monitors.items() if on) or "none",
)
def test_lines_and_lists_are_those_of_the_reference_for_every_set_of_monitors(
    data, held_out, monitors, capsys
):
    printed, histories = [], []
    for module in MODULES:
        seed_generators(3)
        net = module.Network(SIZES)
        history = net.SGD(list(data), 2, 10, 0.5, 1.0, evaluation_data=held_out, **monitors)
        histories.append(history)
        printed.append(capsys.readouterr().out)
    (text, costs), (wanted_text, wanted_costs) = map(texts_and_costs, printed)
    assert text == wanted_text
    np.testing.assert_allclose(costs, wanted_costs, rtol=1e-10)

    assert_same_histories(*histories)
    evaluation_cost, evaluation_accuracy, training_cost, training_accuracy = histories[0]
    lists = (evaluation_cost, evaluation_accuracy, training_cost, training_accuracy)
    for figures, on in zip(lists, monitors.values(), strict=True):
        assert type(figures) is list
        assert len(figures) == (2 if on else 0)


def test_printed_costs_are_the_returned_ones_to_the_last_digit(data, held_out, capsys):
    net = seeded_network(network2, SIZES)
    history = net.SGD(data, 3, 10, 0.5, 1.0, **everything(held_out))
    numbers = [number for _, number in COST_LINE.findall(capsys.readouterr().out)]
    returned = zip(history.training_cost, history.evaluation_cost, strict=True)
    assert numbers == [str(cost) for costs in returned for cost in costs]
    assert all(type(cost) is float for cost in history.training_cost)


@pytest.mark.parametrize("calls", [1, 3])
def test_a_print_of_the_scripts_own_gets_each_line(data, held_out, monkeypatch, calls):
    lines = {module: [] for module in (network2, reference)}
    for module, printed in lines.items():
        monkeypatch.setattr("builtins.print", lambda line, printed=printed: printed.append(line))
        seed_generators(8)
        net, pairs = module.Network(SIZES), list(data)
        for _ in range(calls):
            net.SGD(pairs, 1, 10, 0.5)
        net.SGD(pairs, 2, 10, 0.5, 0.0, held_out, monitor_evaluation_accuracy=True)
    assert lines[network2] == lines[reference]
    assert len(lines[network2]) == 2 * calls + 2 * 3


def test_verbose_false_prints_nothing_and_changes_nothing_else(data, held_out, capsys):
    loud, silent = seeded_network(network2, SIZES), seeded_network(network2, SIZES)
    histories = []
    for net, verbose in ((loud, True), (silent, False)):
        random.seed(4)
        capsys.readouterr()
        histories.append(net.SGD(list(data), 2, 10, 0.5, verbose=verbose, **everything(held_out)))
    assert capsys.readouterr() == ("", "")
    assert histories[0] == histories[1]
    assert_same_bits(loud, silent)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, through_pickle])
def test_figures_can_be_copied_and_kept_in_files(data, copied):
    net = seeded_network(network2, SIZES)
    history = net.SGD(data, 1, 10, 0.5, verbose=False, monitor_training_cost=True)
    again = copied(history)
    assert again == history
    assert again.training_cost == history.training_cost
    assert again.seconds == history.seconds


def test_the_figures_are_those_that_the_methods_give_afterwards(data, held_out):
    net = seeded_network(network2, SIZES)
    history = net.SGD(data, 1, 10, 0.5, 1.0, verbose=False, **everything(held_out))
    assert history.training_accuracy == [net.accuracy(data, convert=True)]
    assert history.evaluation_accuracy == [net.accuracy(held_out)]
    assert history.training_cost == pytest.approx([net.total_cost(data, 1.0)], rel=1e-12)
    assert history.evaluation_cost == [net.total_cost(held_out, 1.0, convert=True)]


# One call after another -----------------------------------------------------------------------


def test_a_second_call_goes_on_from_the_order_and_the_generator_of_the_first(data, held_out):
    runs = []
    for module in MODULES:
        seed_generators(5)
        net, examples = module.Network(SIZES), list(data)
        net.SGD(examples, 2, 10, 0.5, 1.0, verbose=False)
        history = net.SGD(examples, 3, 7, 0.3, verbose=False, **everything(held_out))
        order = [id(example) for example in examples]
        runs.append(Run(net, history, order, random.getstate(), state_of_numpy()))
    assert_same_runs(*runs)


def test_random_numbers_of_a_script_between_calls_stay_those_of_the_reference(data):
    states = []
    for module in MODULES:
        seed_generators(18)
        net, examples = module.Network(SIZES), list(data)
        random.gauss(0, 1)  # draws two and keeps the second one for later
        net.SGD(examples, 1, 10, 0.5, verbose=False)
        random.gauss(0, 1)
        net.SGD(examples, 1, 10, 0.5, verbose=False)
        states.append((random.getstate(), random.gauss(0, 1), [id(pair) for pair in examples]))
    assert states[0] == states[1]


def test_two_calls_of_one_epoch_are_one_call_of_two(data):
    nets = []
    for epochs in ([2], [1, 1]):
        seed_generators(6)
        net, examples = network2.Network(SIZES), list(data)
        for count in epochs:
            net.SGD(examples, count, 10, 0.5, 1.0, verbose=False)
        nets.append(net)
    assert_same_bits(*nets)


def test_training_starts_from_what_scripts_have_assigned_and_written(data):
    nets = []
    for module in MODULES:
        seed_generators(7)
        net, examples = module.Network(SIZES), list(data)
        net.SGD(examples, 1, 10, 0.5, 1.0, verbose=False)
        net.weights[0][3, 4] = 0.5
        net.weights[1] *= 2.0
        net.biases[0] = np.full((17, 1), 0.25)
        net.SGD(examples, 1, 10, 0.5, 1.0, verbose=False)
        net.weights = [w / 2 for w in net.weights]
        net.biases[1][:] = 0.0
        net.update_mini_batch(examples[:10], 0.5, 1.0, 53)
        net.large_weight_initializer()
        net.SGD(examples, 1, 10, 0.5, 1.0, verbose=False)
        nets.append(net)
    assert_same_networks(*nets)


def test_arrays_taken_before_training_keep_their_values(data):
    net = seeded_network(network2, SIZES)
    taken = [*parameters(net), *(array for pair in data for array in pair)]
    before = [array.copy() for array in taken]
    net.SGD(data, 2, 10, 0.5, 1.0, verbose=False)
    after_sgd = copies(net)
    trained = parameters(net)
    net.update_mini_batch(data[:10], 0.5, 1.0, 53)
    for array, kept in zip(taken + trained, before + after_sgd, strict=True):
        np.testing.assert_array_equal(array, kept)


def test_no_epochs_change_nothing_and_draw_nothing(data, held_out, capsys):
    net = seeded_network(network2, SIZES)
    before, arrays_before, order = copies(net), parameters(net), list(data)
    seed_generators(8)
    state, numpy_state = random.getstate(), state_of_numpy()
    history = net.SGD(data, 0, 10, 0.5, 1.0, **everything(held_out))
    assert history == ([], [], [], [])
    assert capsys.readouterr().out == ""
    assert (random.getstate(), state_of_numpy()) == (state, numpy_state)
    assert all(mine is theirs for mine, theirs in zip(data, order, strict=True))
    for array, now, kept in zip(arrays_before, parameters(net), before, strict=True):
        assert now is array
        np.testing.assert_array_equal(now, kept)


# Interruptions --------------------------------------------------------------------------------


def interrupt_training_in_epoch(monkeypatch, epoch):
    """Stop the compiled call of that epoch (from 0) half-way, as Ctrl-C would."""
    run, epochs = Team.run, itertools.count()

    def interrupted(this, call, begin, end):
        if next(epochs) == epoch:
            run(this, call, begin, end // 2)
            raise KeyboardInterrupt
        return run(this, call, begin, end)

    monkeypatch.setattr(Team, "run", interrupted)


def interrupt_evaluation_in_epoch(monkeypatch, epoch):
    score, epochs = evaluation.Evaluator.score_packed, itertools.count()

    def interrupted(*arguments):
        if next(epochs) == epoch:
            raise KeyboardInterrupt
        return score(*arguments)

    monkeypatch.setattr(evaluation.Evaluator, "score_packed", interrupted)


@pytest.mark.parametrize(
    ("interrupt", "whole_epochs"),
    [(interrupt_training_in_epoch, 2), (interrupt_evaluation_in_epoch, 2)],
    ids=["training", "evaluating"],
)
@pytest.mark.parametrize("kind", [list, fastnn.Dataset.from_pairs], ids=["list", "Dataset"])
def test_an_interrupted_call_leaves_everything_as_after_the_last_whole_epoch(
    data, held_out, monkeypatch, kind, interrupt, whole_epochs
):
    monitors = {"evaluation_data": held_out, "monitor_evaluation_accuracy": True}

    def train(epochs, error):
        seed_generators(17)
        net, examples = network2.Network(SIZES), kind(list(data))
        with error:
            net.SGD(examples, epochs, 10, 0.5, 1.0, verbose=False, **monitors)
        order = [x.tobytes() for x, _ in examples]
        return net, order, random.getstate()

    wanted, wanted_order, wanted_state = train(whole_epochs, contextlib.nullcontext())
    interrupt(monkeypatch, 2)
    net, order, state = train(5, pytest.raises(KeyboardInterrupt))
    assert_same_bits(net, wanted)
    assert order == wanted_order
    assert state == wanted_state


# Names and single calls -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("module", "names"),
    [("network2", ["np", "random", "json", "sys"]), ("network", ["np", "random"])],
)
def test_a_star_brings_what_the_books_program_imports(module, names):
    """Notebooks draw and seed by these names."""
    there = {}
    exec(f"from fastnn.{module} import *", there)
    modules = {"np": np, "random": random, "json": json, "sys": sys}
    assert [there[name] for name in names] == [modules[name] for name in names]
    assert there["Network"]([2, 1]).sizes == [2, 1]


@pytest.mark.parametrize("module", [network2, network])
def test_another_random_in_its_place_is_refused_by_name(module, data, monkeypatch):
    net = module.Network(SIZES)
    monkeypatch.setattr(module, "random", random.Random(1))
    with pytest.raises(ValueError, match=r"\.random is rebound, .* rebind random\.shuffle"):
        net.SGD(data, 1, 10, 0.3)
    if module is network2:
        net.SGD(data, 1, 10, 0.3, seed=3)  # which draws from Python's own generator


def in_a_matrix(column):
    return np.repeat(column, 3, axis=1)[:, 1:2]


def backwards(column):
    return column[::-1].copy()[::-1]


def read_only(column):
    column = column.copy()
    column.setflags(write=False)
    return column


@pytest.mark.parametrize("module", [network2, network])
@pytest.mark.parametrize(
    "of_kind", [list, np.float32, np.ma.array, np.int64, in_a_matrix, backwards, read_only]
)
def test_any_kind_of_column_gives_the_bits_of_an_array(module, of_kind):
    for seed in range(20):
        np.random.seed(seed)
        net = module.Network([9, 30, 5])
        column = np.random.randint(5, size=(9, 1)).astype(float)
        y = np.eye(5)[:, [seed % 5]]
        given, y_given = (of_kind(a) if of_kind is not list else a.tolist() for a in (column, y))
        np.testing.assert_array_equal(net.feedforward(given), net.feedforward(column))
        for arrays, same in zip(net.backprop(given, y_given), net.backprop(column, y), strict=True):
            assert all(map(np.array_equal, arrays, same))


@pytest.mark.parametrize("module", [*MODULES, network, chapter1])
@pytest.mark.parametrize("none", [list, tuple, lambda: zip((), (), strict=True)])
def test_of_no_examples_none_is_right(module, none):
    net = module.Network([3, 2])
    assert getattr(net, "accuracy", getattr(net, "evaluate", None))(none()) == 0


@pytest.mark.parametrize("module", [network2, network])
@pytest.mark.parametrize("number", [0.5, 1, np.float64(0.5), np.array(0.5)])
def test_a_network_with_one_input_takes_a_number(module, number):
    for seed in range(20):
        np.random.seed(seed)
        net = module.Network([1, 8, 1])
        column = np.array([[number]], np.float64)
        np.testing.assert_array_equal(net.feedforward(number), net.feedforward(column))
    with pytest.raises(ValueError, match=r"a must have the shape \(2, 1\), got \(\)"):
        module.Network([2, 1]).feedforward(number)
