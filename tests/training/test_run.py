"""What a training run does besides steps: callbacks, stopping, schedules, order, history.

That its numbers are those of the reference is in promises/test_training_options.py.
"""

from __future__ import annotations

import json
import pickle
import random
import signal

import numpy as np
import pytest
from builders import (
    assert_same_bits,
    copies,
    digits,
    everything,
    parameters,
    run,
    seed_generators,
    seeded_network,
)
from training_runs import SIZES, N, assert_same_end, trained

from fastnn import network2, schedules
from fastnn.engine import short_calls
from fastnn.engine.evaluator import Evaluator
from fastnn.engine.trainer import Trainer
from fastnn.model.history import History

# Callbacks ------------------------------------------------------------------------------------


def test_a_callback_sees_each_epoch_with_the_network_and_figures_that_it_ended_with(data, held_out):
    seen = []

    def look(epoch, network, history):
        assert network is net
        assert history.evaluation_accuracy[-1] == network.accuracy(held_out)
        assert history.evaluation_cost[-1] == network.total_cost(held_out, 0.3)
        assert history.training_accuracy[-1] == network.accuracy(data)
        assert {len(figures) for figures in history} == {epoch + 1}
        assert len(history.epoch_seconds) == epoch + 1
        assert history.stopped_because is None
        seen.append((epoch, history, parameters(network), copies(network)))

    net = seeded_network(network2, SIZES)
    history = net.SGD(data, 3, 7, 0.5, 0.3, **everything(held_out), callback=look, verbose=False)
    assert [epoch for epoch, *_ in seen] == [0, 1, 2]
    assert all(shown is history for _, shown, *_ in seen)
    for _, _, arrays, at_the_time in seen:  # later epochs leave them alone
        for array, kept in zip(arrays, at_the_time, strict=True):
            np.testing.assert_array_equal(array, kept)


@pytest.mark.parametrize("answer", [True, np.True_])
def test_a_callback_that_returns_true_ends_training_there(data, held_out, answer):
    stopped = trained(
        data, callback=lambda epoch, *_: answer if epoch == 2 else None, **everything(held_out)
    )
    wanted = trained(data, epochs=3, **everything(held_out))
    assert_same_end(stopped, wanted)
    assert stopped.history == wanted.history
    assert stopped.history.stopped_because == "the callback asked for it after epoch 2"


@pytest.mark.parametrize("answer", [None, False, 0, 23, "", "written", np.ones(2)])
def test_a_callback_that_returns_anything_else_changes_nothing(data, answer):
    watched = trained(data, epochs=2, callback=lambda *_: answer)
    assert_same_end(watched, trained(data, epochs=2))
    assert watched.history.stopped_because == "all epochs are done"


def test_all_callbacks_of_a_list_are_called_and_one_may_end_training(data):
    calls = []

    def stop(epoch, *_):
        calls.append(("stop", epoch))
        return epoch == 1

    def look(epoch, *_):
        calls.append(("look", epoch))

    history = trained(data, epochs=4, callback=[stop, look]).history
    assert calls == [("stop", 0), ("look", 0), ("stop", 1), ("look", 1)]
    assert history.stopped_because == "the callback asked for it after epoch 1"


class CallbackError(Exception):
    """What a callback raises."""


def test_an_exception_in_a_callback_leaves_the_state_of_the_last_whole_epoch(data, held_out):
    def fail(epoch, network, history):
        if epoch == 2:
            raise CallbackError

    wanted = trained(data, epochs=3)
    seed_generators(1)
    net, examples = seeded_network(network2, SIZES), list(data)
    with pytest.raises(CallbackError):
        net.SGD(
            examples, 6, 7, 0.5, 0.3, held_out, True, callback=fail, verbose=False,
            early_stopping_n=5,
        )  # fmt: skip
    assert_same_bits(net, wanted.net)
    assert [id(example) for example in examples] == wanted.order
    assert random.getstate() == wanted.random_state


# Early stopping -------------------------------------------------------------------------------

WATCHED = {
    "accuracy": {"monitor_evaluation_accuracy": True},
    "cost": {"monitor_evaluation_cost": True},
    "accuracy before cost": {"monitor_evaluation_accuracy": True, "monitor_evaluation_cost": True},
}


@pytest.mark.parametrize("watched", WATCHED)
@pytest.mark.parametrize("n", [1, 3])
def test_early_stopping_says_why_and_gives_back_the_best_epoch(data, held_out, watched, n):
    after_epochs = []
    stopped = trained(
        data, epochs=80, eta=1.0, evaluation_data=held_out, early_stopping_n=n, **WATCHED[watched],
        callback=lambda epoch, network, history: after_epochs.append(copies(network)),
    )  # fmt: skip
    history, name = stopped.history, watched.split()[0]
    if name == "accuracy":
        figures, now = history.evaluation_accuracy, stopped.net.accuracy(held_out)
        best = figures.index(max(figures))
    else:
        figures, now = history.evaluation_cost, stopped.net.total_cost(held_out, 0.3)
        best = figures.index(min(figures))
    assert now == figures[best]
    assert history.best_epoch == best
    assert len(figures) == best + n + 1 < 80
    assert history.stopped_because == (
        f"the {name} on evaluation data has not improved in {n} epochs since epoch {best}"
    )
    for mine, kept in zip(parameters(stopped.net), after_epochs[best], strict=True):
        np.testing.assert_array_equal(mine, kept)


def test_the_best_epoch_comes_back_although_training_ran_to_its_end(data, held_out):
    options = {"evaluation_data": held_out, "monitor_evaluation_accuracy": True}
    ended = trained(data, epochs=12, eta=3.0, early_stopping_n=12, **options)
    accuracies = ended.history.evaluation_accuracy
    assert accuracies == trained(data, epochs=12, eta=3.0, **options).history.evaluation_accuracy
    assert accuracies[-1] < max(accuracies)
    assert ended.net.accuracy(held_out) == max(accuracies)
    assert ended.history.stopped_because == "all epochs are done"


@pytest.mark.parametrize("off", [{}, {"early_stopping_n": None}, {"early_stopping_n": 0}], ids=str)
def test_without_early_stopping_there_is_no_best_epoch(data, held_out, off):
    assert trained(data, epochs=2, **everything(held_out), **off).history.best_epoch is None
    assert trained(data, epochs=2, **off).history.best_epoch is None


# Schedules ------------------------------------------------------------------------------------


def test_halving_trains_with_the_rates_that_its_accuracies_ask_for(data, held_out):
    options = {"evaluation_data": held_out, "monitor_evaluation_accuracy": True}
    halving = schedules.Halving(n=1, smallest=1 / 16)
    halved = trained(data, epochs=80, schedule=halving, **options)
    accuracies = halved.history.evaluation_accuracy
    assert len(accuracies) < 80
    assert halving.factor(accuracies) == 1 / 16 < halving.factor(accuracies[:-1])
    assert halved.history.stopped_because == (
        "the learning rate has come down to 0.0625 of what it was"
    )
    factors = [halving.factor(accuracies[:epoch]) for epoch in range(len(accuracies))]
    by_function = trained(data, epochs=len(factors), schedule=factors.__getitem__, **options)
    assert_same_end(halved, by_function)


def test_a_schedule_is_asked_once_before_each_epoch_and_multiplies_eta(data):
    asked = []

    def schedule(epoch):
        asked.append(epoch)
        return [1.0, 0.5, 0.0, 2.0][epoch]

    scheduled = trained(data, epochs=4, schedule=schedule)
    assert asked == [0, 1, 2, 3]
    seed_generators(1)
    net, examples = seeded_network(network2, SIZES), list(data)
    for eta in (0.5, 0.25, 0.0, 1.0):
        net.SGD(examples, 1, 7, eta, 0.3, verbose=False)
    assert_same_bits(net, scheduled.net)
    assert [id(example) for example in examples] == scheduled.order


@pytest.mark.parametrize(
    ("factor", "error"), [(float("nan"), ValueError), (None, TypeError), ("1", TypeError)]
)
def test_a_schedule_that_gives_no_number_ends_training_after_the_last_whole_epoch(
    data, factor, error
):
    wanted = trained(data, epochs=2)
    seed_generators(1)
    net, examples = seeded_network(network2, SIZES), list(data)
    with pytest.raises(error, match=r"^schedule\(2\) must be a finite number, got "):
        net.SGD(
            examples, 6, 7, 0.5, 0.3, verbose=False,
            schedule=lambda epoch: factor if epoch == 2 else 1.0,
        )  # fmt: skip
    assert_same_bits(net, wanted.net)
    assert [id(example) for example in examples] == wanted.order
    assert random.getstate() == wanted.random_state


# Order ----------------------------------------------------------------------------------------


def test_without_shuffling_every_epoch_takes_the_mini_batches_as_they_lie(data):
    seed_generators(4)
    net, by_hand, examples = (*(seeded_network(network2, SIZES) for _ in range(2)), list(data))
    state = random.getstate()
    net.SGD(examples, 2, 7, 0.5, 0.3, shuffle=False, verbose=False)
    assert random.getstate() == state
    assert all(mine is theirs for mine, theirs in zip(examples, data, strict=True))
    for _ in range(2):
        for first in range(0, N, 7):
            by_hand.update_mini_batch(data[first : first + 7], 0.5, 0.3, N)
    for mine, theirs in zip(parameters(net), parameters(by_hand), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-12)


@pytest.mark.parametrize("dropout", [0.5, [0.3]])
def test_dropout_follows_the_seed_and_not_the_length_of_compiled_calls(data, monkeypatch, dropout):
    first, other_seed = (
        run(network2, SIZES, data, 3, 7, 0.5, seed=seed, dropout=dropout) for seed in (1, 2)
    )
    monkeypatch.setattr(short_calls, "_LONGEST_CALL", 0.0)  # calls get shorter and shorter
    again = run(network2, SIZES, data, 3, 7, 0.5, dropout=dropout)
    assert_same_end(again, first)
    assert not np.array_equal(first.net.biases[0], other_seed.net.biases[0])
    random.seed(1)
    same_start = seeded_network(network2, SIZES)
    random.seed(2)  # another order, other neurons
    same_start.SGD(list(data), 3, 7, 0.5, dropout=dropout, shuffle=False, verbose=False)
    unshuffled = run(network2, SIZES, data, 3, 7, 0.5, dropout=dropout, shuffle=False)
    assert not np.array_equal(unshuffled.net.biases[0], same_start.biases[0])


# History --------------------------------------------------------------------------------------


@pytest.fixture
def history(data, held_out):
    return trained(
        data, epochs=3, early_stopping_n=2, monitor_layer_speeds=True, **everything(held_out)
    ).history


def assert_same_content(got, wanted):
    assert type(got) is History
    assert got == wanted
    np.testing.assert_array_equal(got.layer_speeds, wanted.layer_speeds)
    assert all(speeds.dtype == np.float64 for speeds in got.layer_speeds)
    for name in ("epoch_seconds", "stopped_because", "best_epoch", "seconds"):
        assert getattr(got, name) == getattr(wanted, name)


def test_a_history_unpacks_as_network2s_four_lists_and_has_names(history):
    evaluation_cost, evaluation_accuracy, training_cost, training_accuracy = history
    assert evaluation_cost is history.evaluation_cost
    assert evaluation_accuracy is history.evaluation_accuracy
    assert training_cost is history.training_cost
    assert training_accuracy is history.training_accuracy
    assert {type(figures) for figures in history} == {list}


def test_a_history_goes_through_json_and_comes_back(history):
    assert_same_content(History.from_dict(json.loads(json.dumps(history.to_dict()))), history)


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_a_history_goes_through_pickle_with_all_that_it_knows(history, protocol):
    assert_same_content(pickle.loads(pickle.dumps(history, protocol)), history)


def test_what_to_dict_returns_is_a_copy(history):
    content = history.to_dict()
    content["training_cost"].clear()
    content["epoch_seconds"].clear()
    content["layer_speeds"][0][0] = -1.0
    content["seconds"].clear()
    assert len(history.training_cost) == len(history.epoch_seconds) == 3
    assert history.layer_speeds[0][0] > 0.0
    assert history.seconds["training"] > 0.0


def test_seconds_of_epochs_are_those_of_training(history):
    assert len(history.epoch_seconds) == 3
    assert all(seconds > 0.0 for seconds in history.epoch_seconds)
    assert history.seconds["training"] == pytest.approx(sum(history.epoch_seconds), abs=0.01)


def test_a_run_of_no_epochs_is_done(data):
    history = trained(data, epochs=0).history
    assert history.stopped_because == "all epochs are done"
    assert history.epoch_seconds == history.layer_speeds == []


def test_after_a_broken_epoch_the_data_have_the_order_of_the_last_whole_one(monkeypatch):
    def started(epochs):
        seed_generators(3)
        net, data = network2.Network(SIZES), digits(40, SIZES[0], SIZES[-1], seed=1)
        places = {id(pair): place for place, pair in enumerate(data)}
        try:
            net.SGD(data, epochs, 7, 0.4, monitor_training_cost=True, verbose=False)
        except KeyboardInterrupt:
            assert epochs == 3
        return net, [places[id(pair)] for pair in data], random.getstate()

    net, order, state = started(1)
    score, calls = Evaluator.score_packed, []

    def interrupted(*arguments):
        calls.append(arguments)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return score(*arguments)

    monkeypatch.setattr(Evaluator, "score_packed", interrupted)
    broken, *after = started(3)
    assert len(calls) == 2
    assert after == [order, state]
    assert_same_bits(broken, net)


def test_ctrl_c_while_a_kernel_is_compiled_is_heard_after_it(data, held_out, monkeypatch):
    compiled = []

    def compile_and_be_interrupted(self):
        compiled.append("begun")
        signal.raise_signal(signal.SIGINT)
        compiled.append("done")

    monkeypatch.setattr(Trainer, "compile", compile_and_be_interrupted)
    monkeypatch.setattr(Evaluator, "compile", lambda self: compiled.append("the next"))
    net = seeded_network(network2, SIZES)
    before = copies(net)
    with pytest.raises(KeyboardInterrupt):
        net.SGD(data, 2, 7, 0.5, verbose=False, **everything(held_out))
    assert compiled == ["begun", "done"]
    for mine, theirs in zip(parameters(net), before, strict=True):
        np.testing.assert_array_equal(mine, theirs)
