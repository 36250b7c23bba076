"""Checkpoints: a run that was interrupted and resumed ends as one that was not, to the bit."""

from __future__ import annotations

import gc
import json
import os
import random
import re

import numpy as np
import pytest
from builders import assert_same_bits, digits, seed_generators
from checkpointed_runs import SIZES, Cubic, change_facts, examples, start

import fastnn
from fastnn import network2, schedules
from fastnn.engine import trainer as training
from fastnn.scaling import Scaling


class Leaky:
    """An activation of a user's own."""

    @staticmethod
    def fn(z):
        return z if z > 0 else 0.01 * z

    @staticmethod
    def prime(z):
        return 1.0 if z > 0 else 0.01


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
        {"schedule": schedules.Halving(np.int64(2), np.float32(0.01))},
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
def test_it_does_so_with_activations_outputs_and_classes_of_your_own(tmp_path):
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


class Thirds(schedules.Halving):
    """A schedule of a user's own."""

    def factor(self, accuracies):
        return 3.0 ** -len(accuracies)


def test_a_schedule_of_your_own_kind_is_asked_for_again_as_a_function_is(tmp_path):
    own = {"schedule": Thirds(2, 0.0)}
    assert_resumes_to_the_same(tmp_path, **own, again=own)
    with pytest.raises(ValueError, match=r"^schedule must be that of the stored run, got none$"):
        fastnn.resume(tmp_path / "run.npz", *examples()[:1], 6, examples()[1])


@pytest.mark.parametrize("options", [{}, {"early_stopping_n": 2, "optimizer": "adam"}], ids=str)
def test_a_run_of_no_epochs_leaves_a_checkpoint_to_go_on_from(tmp_path, options):
    assert_resumes_to_the_same(tmp_path, epochs=2, done=0, **options)


@pytest.mark.parametrize("labels", [[3, 5, 7, 2**62, -1], np.array(list("abcde")), tuple("edcba")])
def test_labels_in_any_form_come_back(tmp_path, labels):
    data, _ = examples()
    net = network2.Network(SIZES)
    net.labels = labels
    net.scaling = Scaling(np.arange(SIZES[0]), np.ones(SIZES[0], np.float32))
    net.SGD(data, 1, np.int32(7), 0.4, verbose=False, checkpoint=tmp_path / "run.npz")
    resumed, _ = fastnn.resume(tmp_path / "run.npz", data, 2, verbose=False)
    assert resumed.labels == list(labels)
    assert resumed.scaling.mean.tolist() == list(range(SIZES[0]))


def test_labels_and_scaling_come_back(tmp_path):
    file = tmp_path / "run.npz"
    seed_generators(3)
    data, _ = examples()
    net = network2.Network(SIZES)
    net.labels = ["a", "b", "c", "d", "e"]
    net.scaling = Scaling(np.linspace(0.1, 0.9, SIZES[0]), np.arange(SIZES[0]) / 3)
    net.SGD(data, 1, 7, 0.4, verbose=False, checkpoint=file)
    resumed, _ = fastnn.resume(file, data, 2, verbose=False)
    assert resumed.labels == net.labels
    for restored, wanted in zip(resumed.scaling, net.scaling, strict=True):
        np.testing.assert_array_equal(restored, wanted)


def test_a_checkpoint_of_an_earlier_version_still_loads(tmp_path):
    """Its arrays stood in another order, and a schedule was a list of its numbers only."""
    file = tmp_path / "run.npz"
    options = {"schedule": schedules.Halving(n=2), "early_stopping_n": 5, "optimizer": "adam"}
    whole, _, _ = start(4, **options)
    start(2, checkpoint=file, **options)
    with np.load(file) as stored:
        arrays = {name: stored[name] for name in sorted(stored)}
    np.savez(file, **arrays)
    change_facts(file, options__schedule=list(schedules.Halving(n=2)))
    data, held_out = examples()
    net, _ = fastnn.resume(file, data, 4, held_out, verbose=False)
    assert_same_bits(net, whole)


def test_a_checkpoint_holds_the_network_by_the_names_of_its_format(tmp_path):
    file = tmp_path / "run.npz"
    seed_generators(3)
    data, _ = examples()
    net = network2.Network(SIZES, dtype=np.float32)
    net.scaling = Scaling(np.zeros(SIZES[0]), np.ones(SIZES[0]))
    net.SGD(data, 1, 7, 0.4, verbose=False, checkpoint=file)
    with np.load(file, allow_pickle=False) as stored:
        assert str(stored["format"]) == "fastnn checkpoint 1"
        facts = json.loads(str(stored["facts"]))
        network = ("sizes", "dtype", "cost", "activations", "labels")
        wanted = [SIZES, "float32", "CrossEntropyCost", ["sigmoid", "sigmoid"], None]
        assert [facts[name] for name in network] == wanted
        for layer in range(2):
            np.testing.assert_array_equal(stored[f"weights_{layer}"], net.weights[layer])
            np.testing.assert_array_equal(stored[f"biases_{layer}"], net.biases[layer])
        assert stored["scaling_mean"].shape == stored["scaling_deviation"].shape == (SIZES[0],)


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


def test_a_run_that_a_callback_ended_goes_on_and_asks_it_again(tmp_path):
    file = tmp_path / "run.npz"
    whole, _, _ = start(4)
    start(4, checkpoint=file, callback=lambda epoch, *_: epoch == 1)
    data, held_out = examples()
    _, ended = fastnn.resume(file, data, None, held_out, verbose=False, callback=lambda *_: True)
    assert len(ended.epoch_seconds) == 3
    net, ended = fastnn.resume(file, data, None, held_out, verbose=False)
    assert ended.stopped_because == "all epochs are done"
    assert_same_bits(net, whole)


def trainers():
    """Return the ids of all trainers that are alive."""
    return {id(each) for each in gc.get_objects() if type(each) is training.Trainer}


@pytest.mark.parametrize("go_on", [False, True])
def test_a_run_with_checkpoints_gives_its_memory_back_without_the_collector(tmp_path, go_on):
    file = tmp_path / "run.npz"
    gc.collect()
    gc.disable()
    before = trainers()  # other tests of this process may hold some
    try:
        start(2, checkpoint=file)
        if go_on:
            data, held_out = examples()
            fastnn.resume(file, data, 4, held_out, verbose=False)
        assert trainers() <= before
    finally:
        gc.enable()


def epochs_in(file):
    """How many epochs the run in a checkpoint has; 0 if there is none yet."""
    if not file.exists():
        return 0
    with np.load(file) as stored:
        return len(json.loads(str(stored["facts"]))["history"]["epoch_seconds"])


def test_a_checkpoint_replaces_the_one_before_and_never_writes_into_it(tmp_path):
    folder = tmp_path / "checkpoints"
    folder.mkdir()
    file = folder / "run.npz"

    def keep(epoch, network, history):
        if epoch:
            os.link(file, tmp_path / f"{epoch}.npz")

    start(3, checkpoint=file, callback=keep)
    assert [entry.name for entry in folder.iterdir()] == ["run.npz"]
    assert [epochs_in(tmp_path / name) for name in ("1.npz", "2.npz")] == [1, 2]


def test_both_generators_keep_the_second_number_of_a_pair(tmp_path):
    def started(epochs, **options):
        seed_generators(3)
        data, _ = examples()
        net = network2.Network(SIZES)
        random.gauss(0.0, 1.0)
        np.random.randn(2)  # after an odd number of initial values
        net.SGD(data, epochs, 7, 0.4, verbose=False, **options)

    def drawn():
        return random.gauss(0.0, 1.0), random.random(), np.random.randn(3).tolist()

    started(3)
    assert random.getstate()[2] is not None
    assert np.random.get_state()[3] == 1
    expected = drawn()
    started(2, checkpoint=tmp_path / "run.npz")
    seed_generators(99)
    fastnn.resume(tmp_path / "run.npz", examples()[0], 3, verbose=False)
    assert drawn() == expected


@pytest.mark.parametrize(
    ("every", "epochs"), [(1, [0, 1, 2, 3, 4, 5]), (2, [0, 0, 2, 2, 4, 5]), (9, [0, 0, 0, 0, 0, 5])]
)
def test_a_checkpoint_comes_after_every_so_many_epochs_and_the_last(tmp_path, every, epochs):
    file, found = tmp_path / "run.npz", []

    def look(epoch, network, history):  # before what is written after this epoch
        found.append(epochs_in(file))

    start(5, checkpoint=file, checkpoint_every=every, callback=look)
    assert [*found, epochs_in(file)] == epochs


def test_a_dataset_that_was_reordered_before_is_known_again_in_any_order(tmp_path):
    def started(epochs, **options):
        seed_generators(3)
        data = fastnn.Dataset.from_pairs(examples()[0])
        data.reorder(np.random.default_rng(8).permutation(len(data)))
        net = network2.Network(SIZES)
        net.SGD(data, epochs, 7, 0.4, verbose=False, **options)
        return net, data

    whole, expected = started(4)
    started(2, checkpoint=tmp_path / "run.npz")
    fresh = fastnn.Dataset.from_pairs(examples()[0])
    net, _ = fastnn.resume(tmp_path / "run.npz", fresh, 4, verbose=False)
    assert_same_bits(net, whole)
    np.testing.assert_array_equal(fresh.order, expected.order)


def test_speed_data_in_another_order_gives_the_same_bits_of_speeds(tmp_path):
    def speed_data():
        return digits(45, SIZES[0], SIZES[-1], seed=7)

    options = {"monitor_layer_speeds": True}
    _, history, _ = start(4, speed_data=speed_data(), **options)
    start(2, checkpoint=tmp_path / "run.npz", speed_data=speed_data(), **options)
    data, held_out = examples()
    _, resumed = fastnn.resume(
        tmp_path / "run.npz", data, 4, held_out, speed_data=speed_data()[::-1], verbose=False
    )
    assert comparable(resumed) == comparable(history)


def named(name, like):
    """Return a class of a user's own with the name of one of fastnn's."""
    return type(name, (like,), {})


@pytest.mark.parametrize("epoch", [0, 1], ids=["within a run", "after its last epoch"])
@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("activation", {"activations": [named("relu", Leaky), "sigmoid"]}),
        ("cost", {"cost": named("QuadraticCost", Cubic)}),
    ],
    ids=["activation", "cost"],
)
def test_what_a_callback_puts_in_under_a_name_of_fastnns_is_refused(tmp_path, epoch, part, change):
    """`resume` would go on with fastnn's own."""

    def exchange(now, network, history):
        if now == epoch:
            vars(network).update(change)

    with pytest.raises(ValueError, match=f"^checkpoint= cannot tell this {part} from fastnn's own"):
        start(2, checkpoint=tmp_path / "run.npz", checkpoint_every=9, callback=exchange)


def test_a_cost_with_a_name_of_fastnns_is_refused_by_resume_too(tmp_path):
    file = tmp_path / "run.npz"
    start(1, {"cost": fastnn.QuadraticCost}, checkpoint=file)
    data, held_out = examples()
    own = named("QuadraticCost", Cubic)
    with pytest.raises(ValueError, match="cannot tell this cost from fastnn's own QuadraticCost"):
        fastnn.resume(file, data, 2, held_out, cost=own, verbose=False)


def test_a_relative_name_is_that_of_the_folder_in_which_training_began(tmp_path, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    start(3, checkpoint="run.npz", callback=lambda *_: os.chdir(tmp_path / "elsewhere"))
    assert [entry.name for entry in (tmp_path / "elsewhere").iterdir()] == []
    data, held_out = examples()
    _, history = fastnn.resume(tmp_path / "run.npz", data, 3, held_out, verbose=False)
    assert len(history.epoch_seconds) == 3


@pytest.mark.skipif(os.name == "nt", reason="Windows does not remove the folder it is in")
def test_an_error_has_the_name_of_the_checkpoint_as_it_was_given(tmp_path, monkeypatch):
    folder = tmp_path / "runs"
    folder.mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OSError, match=re.escape(repr(os.path.join("runs", "run.npz")))):
        start(3, checkpoint=os.path.join("runs", "run.npz"), callback=lambda *_: remove(folder))


def remove(folder):
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()


@pytest.mark.parametrize(("name", "error"), [(5, TypeError), (True, TypeError), ("", ValueError)])
def test_what_is_no_name_of_a_checkpoint_is_refused_as_that_argument(name, error):
    with pytest.raises(error, match=r"^checkpoint must be .* got "):
        start(1, checkpoint=name)
