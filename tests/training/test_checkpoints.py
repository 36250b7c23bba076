"""Checkpoints: a run that was interrupted and resumed ends as one that was not, to the bit."""

from __future__ import annotations

import gc
import json
import random
import zipfile

import numpy as np
import pytest
from builders import assert_same_bits, digits, labelled, seed_generators

import fastnn
from fastnn import network2, schedules
from fastnn.common.writing import write_whole
from fastnn.engine import trainer as training

SIZES = [20, 12, 5]
ALL_MONITORS = {
    "monitor_evaluation_cost": True,
    "monitor_evaluation_accuracy": True,
    "monitor_training_cost": True,
    "monitor_training_accuracy": True,
}


class Cubic:
    """A cost that fastnn has not."""

    @staticmethod
    def fn(a, y):
        return np.sum(np.abs(a - y) ** 3) / 3

    @staticmethod
    def delta(z, a, y):
        return (a - y) * np.abs(a - y) * a * (1 - a)


class Leaky:
    """An activation that fastnn has not."""

    @staticmethod
    def fn(z):
        return z if z > 0 else 0.01 * z

    @staticmethod
    def prime(z):
        return 1.0 if z > 0 else 0.01


def examples():
    return digits(60, SIZES[0], SIZES[-1], seed=1), labelled(digits(40, 20, 5, seed=2))


def start(epochs, network=None, **options):
    """Train a new network for some epochs; return it with its history and the data."""
    seed_generators(3)
    data, held_out = examples()
    net = network2.Network(SIZES, **(network or {}))
    np.random.randn(3)  # leaves half a pair of normal numbers behind
    history = net.SGD(data, epochs, 7, 0.4, 0.3, held_out, **ALL_MONITORS, verbose=False, **options)
    return net, history, data


def comparable(history):
    content = history.to_dict()
    return {name: content[name] for name in content if "seconds" not in name}


def assert_resumes_to_the_same(tmp_path, epochs=6, done=2, again=None, network=None, **options):
    whole, history, data = start(epochs, network, **options)
    expected = (random.getstate(), np.random.get_state()[1].tolist(), np.random.get_state()[2:])
    file = tmp_path / "run.npz"
    start(done, network, checkpoint=file, **options)
    seed_generators(99)  # a new process knows nothing of the old one
    fresh, held_out = examples()
    random.Random(5).shuffle(fresh)
    net, resumed = fastnn.resume(file, fresh, epochs, held_out, verbose=False, **(again or {}))
    assert_same_bits(net, whole)
    assert comparable(resumed) == comparable(history)
    assert (
        random.getstate(),
        np.random.get_state()[1].tolist(),
        np.random.get_state()[2:],
    ) == expected
    for mine, theirs in zip(fresh, data, strict=True):
        np.testing.assert_array_equal(mine[0], theirs[0])
    return net, resumed


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"momentum": 0.5},
        {"momentum": 0.5, "nesterov": True},
        {"optimizer": "adam"},
        {"l1": 0.2, "dropout": 0.3},
        {"shuffle": False, "dropout": [0.5]},
        {"schedule": schedules.Halving(n=2)},
        {"early_stopping_n": 2},
        {"monitor_layer_speeds": True},
    ],
    ids=str,
)
def test_a_resumed_run_ends_with_the_bits_history_and_generators_of_a_whole_one(tmp_path, options):
    assert_resumes_to_the_same(tmp_path, **options)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("done", [1, 5, 6])
def test_it_does_so_after_any_epoch_and_in_both_types(tmp_path, done, dtype):
    assert_resumes_to_the_same(tmp_path, done=done, network={"dtype": dtype}, optimizer="adam")


@pytest.mark.thorough
def test_it_does_so_with_activations_outputs_and_classes_of_ones_own(tmp_path):
    network = {"activation": "tanh", "cost": fastnn.LogLikelihoodCost}
    assert_resumes_to_the_same(tmp_path, network=network)
    network = {"activation": Leaky, "cost": Cubic}
    again = {"activation": [Leaky], "cost": Cubic}
    assert_resumes_to_the_same(tmp_path, network=network, again=again)


def test_a_schedule_that_is_a_function_is_asked_for_again(tmp_path):
    def falling(epoch):
        return 0.9**epoch

    assert_resumes_to_the_same(tmp_path, schedule=falling, again={"schedule": falling})
    with pytest.raises(ValueError, match=r"^schedule must be that of the stored run, got none$"):
        fastnn.resume(tmp_path / "run.npz", *examples()[:1], 6, examples()[1])


def test_labels_and_scaling_come_back(tmp_path):
    file = tmp_path / "run.npz"
    seed_generators(3)
    data, _ = examples()
    net = network2.Network(SIZES)
    net.labels = ["a", "b", "c", "d", "e"]
    net.SGD(data, 1, 7, 0.4, verbose=False, checkpoint=file)
    resumed, _ = fastnn.resume(file, data, 2, verbose=False)
    assert resumed.labels == net.labels


def test_an_interrupted_run_goes_on_from_its_last_checkpoint(tmp_path):
    file = tmp_path / "run.npz"

    def interrupt(epoch, network, history):
        if epoch == 4:
            raise KeyboardInterrupt

    whole, history, _ = start(8)
    with pytest.raises(KeyboardInterrupt):
        start(8, checkpoint=file, checkpoint_every=2, callback=interrupt)
    data, held_out = examples()
    net, resumed = fastnn.resume(file, data, evaluation_data=held_out, verbose=False)
    assert_same_bits(net, whole)
    assert comparable(resumed) == comparable(history)


def test_resuming_a_finished_run_gives_it_back_and_more_epochs_go_on(tmp_path):
    file = tmp_path / "run.npz"
    whole, history, _ = start(3, checkpoint=file)
    data, held_out = examples()
    net, again = fastnn.resume(file, data, evaluation_data=held_out, verbose=False)
    assert_same_bits(net, whole)
    assert comparable(again) == comparable(history)
    longer, _, _ = start(5)
    net, _ = fastnn.resume(file, data, 5, held_out, verbose=False)
    assert_same_bits(net, longer)


# Refusals -------------------------------------------------------------------------------------


def refused(file, *arguments, match, **options):
    before = random.getstate(), np.random.get_state()[1].tolist(), file.read_bytes()
    with pytest.raises(ValueError, match=match):
        fastnn.resume(file, *arguments, verbose=False, **options)
    assert (random.getstate(), np.random.get_state()[1].tolist(), file.read_bytes()) == before


def test_other_data_or_another_network_is_refused(tmp_path):
    file = tmp_path / "run.npz"
    start(2, checkpoint=file)
    data, held_out = examples()
    refused(file, data[1:], 4, held_out, match="training_data must be that of the stored run")
    other = [*data[1:], (data[0][0] + 1, data[0][1])]
    refused(file, other, 4, held_out, match="training_data must be that of the stored run")
    refused(file, data, 4, match="evaluation_data must be that of the stored run, got none")
    refused(file, data, 4, held_out[1:], match="evaluation_data must be that of the stored run")
    refused(file, data, 4, held_out, cost=Cubic, match="cost must be CrossEntropyCost")
    refused(file, data, 4, held_out, activation=["tanh"], match="activation must be")
    refused(file, data, -1, held_out, match="epochs must be")


def test_a_damaged_checkpoint_is_refused_by_name(tmp_path):
    file = tmp_path / "run.npz"
    start(2, checkpoint=file)
    content = file.read_bytes()
    data, held_out = examples()
    rng = np.random.default_rng(6)
    for length in rng.integers(0, len(content), 20):
        file.write_bytes(content[:length])
        refused(file, data, 4, held_out, match="run.npz")
    np.savez(file, format=np.array("fastnn checkpoint 1"), facts=np.array("[]"))
    refused(file, data, 4, held_out, match="is not a checkpoint, or damaged")


def test_a_checkpoint_with_something_else_for_an_array_is_refused(tmp_path):
    file = tmp_path / "run.npz"
    start(2, checkpoint=file)
    data, held_out = examples()
    with zipfile.ZipFile(file) as stored:
        members = {name: stored.read(name) for name in stored.namelist()}
    for name in members:
        with zipfile.ZipFile(file, "w") as changed:
            for member, content in members.items():
                changed.writestr(
                    member, content.replace(b"NUMPY", b"NUMPF") if member == name else content
                )
        refused(file, data, 4, held_out, match=f"{name} is no array")


def change_facts(file, **changes):
    """Write other facts into a checkpoint; a name may lead into them, as options.eta."""
    with np.load(file) as stored:
        arrays = dict(stored)
    facts = json.loads(str(arrays["facts"]))
    for name, value in changes.items():
        *path, last = name.split("__")
        place = facts
        for step in path:
            place = place[step]
        place[last] = value
    np.savez(file, **{**arrays, "facts": np.array(json.dumps(facts))})


WRONG_FACTS = {
    "no examples in a mini-batch": ({"options__mini_batch_size": 0}, "mini_batch_size must be"),
    "text for a rate": ({"options__eta": "fast"}, "eta must be"),
    "a rate that is not finite": ({"options__eta": float("inf")}, "eta must be"),
    "dropout of all": ({"options__dropout": [1.0]}, "dropout"),
    "dropout of other layers": ({"options__dropout": [0.5] * 3}, "dropout"),
    "an unknown rule": ({"options__rule": ["system", [0.5]]}, "rule must be one of"),
    "too much momentum": ({"options__rule": ["Momentum", [1.5]]}, "momentum"),
    "an unknown option": ({"options__dance": True}, "dance"),
    "a place beyond NumPy's state": ({"numpy": ["MT19937", 10**9, 0, 0.0]}, "NumPy's generator"),
    "text for accuracies": ({"history__evaluation_accuracy": ["x", "y"]}, "damaged"),
    "accuracies of other epochs": ({"history__evaluation_accuracy": [1]}, "2 epochs"),
    "no seconds": ({"history__seconds": {}}, "damaged"),
}


@pytest.mark.parametrize("wrong", WRONG_FACTS)
def test_a_checkpoint_with_facts_that_cannot_be_is_refused(tmp_path, wrong):
    changes, words = WRONG_FACTS[wrong]
    file = tmp_path / "run.npz"
    start(2, checkpoint=file)
    change_facts(file, **changes)
    data, held_out = examples()
    refused(file, data, 4, held_out, match=f"^filename: .*run.npz.*{words}")


def test_checkpoints_are_refused_before_training_where_they_cannot_be_written(tmp_path):
    seed_generators(3)
    data, _ = examples()
    net, untouched = network2.Network(SIZES), network2.Network(SIZES)
    untouched.weights, untouched.biases = list(net.weights), list(net.biases)
    state = random.getstate()
    with pytest.raises(OSError, match="no_folder"):
        net.SGD(data, 1, 7, 0.4, verbose=False, checkpoint=tmp_path / "no_folder" / "run.npz")
    with pytest.raises(ValueError, match="checkpoint_every must be"):
        net.SGD(data, 1, 7, 0.4, checkpoint=tmp_path / "run.npz", checkpoint_every=0)
    assert_same_bits(net, untouched)
    assert random.getstate() == state


@pytest.mark.parametrize("go_on", [False, True])
def test_a_run_with_checkpoints_gives_its_memory_back_without_the_collector(tmp_path, go_on):
    file = tmp_path / "run.npz"
    gc.collect()
    gc.disable()
    try:
        start(2, checkpoint=file)
        if go_on:
            data, held_out = examples()
            fastnn.resume(file, data, 4, held_out, verbose=False)
        assert not any(type(each) is training.Trainer for each in gc.get_objects())
    finally:
        gc.enable()


def test_a_checkpoint_replaces_the_one_before_in_one_step(tmp_path, monkeypatch):
    file = tmp_path / "run.npz"
    written = []

    def watched(filename, content):
        written.append(file.exists())
        write_whole(filename, content)

    monkeypatch.setattr("fastnn.training.checkpoints.write_whole", watched)
    start(3, checkpoint=file)
    assert written == [False, True, True]
    assert [entry.name for entry in tmp_path.iterdir()] == ["run.npz"]
