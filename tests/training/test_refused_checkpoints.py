"""Checkpoints that are damaged, or are those of another run, are refused; nothing changes then."""

from __future__ import annotations

import random
import zipfile

import numpy as np
import pytest
from builders import assert_same_bits, seed_generators
from checkpointed_runs import SIZES, Cubic, change_facts, examples, start

import fastnn
from fastnn import network2


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


def test_classes_of_your_own_are_asked_for_by_name(tmp_path):
    file = tmp_path / "run.npz"
    start(2, checkpoint=file)
    data, held_out = examples()
    change_facts(file, cost="Cubic")
    words = "^cost must be Cubic, which the stored run had, got None$"
    refused(file, data, 4, held_out, match=words)
    words = "^cost must be Cubic, which the stored run had, got CrossEntropyCost$"
    refused(file, data, 4, held_out, cost=fastnn.CrossEntropyCost, match=words)
    change_facts(file, cost="CrossEntropyCost", activations=["Leaky", "sigmoid"])
    words = r"^activation must be \['Leaky'\], which the stored run had, .* got "
    refused(file, data, 4, held_out, match=words + "None$")
    refused(file, data, 4, held_out, activation=["Leaky"], match=words + r"\['Leaky'\]$")


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


def test_labels_that_cannot_be_stored_are_refused_before_training(tmp_path):
    seed_generators(3)
    data, _ = examples()
    net = network2.Network(SIZES)
    net.labels, before = ["a", "b"], list(net.weights)
    with pytest.raises(ValueError, match="labels must be a list of 5 different"):
        net.SGD(data, 1, 7, 0.4, verbose=False, checkpoint=tmp_path / "run.npz")
    assert all(mine is theirs for mine, theirs in zip(net.weights, before, strict=True))
    assert list(tmp_path.iterdir()) == []
