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
    seed_generators(99)  # the checkpoint has other states of both
    refused(file, data, 4, held_out, checkpoint_every=0, match="checkpoint_every must be")


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
    "no figures of a monitor": ({"history__training_cost": []}, "history.training_cost .* of 0"),
    "speeds that were not asked for": ({"history__layer_speeds": [[1.0]] * 2}, "layer_speeds must"),
    "a best epoch of no early stopping": ({"history__best_epoch": 1}, "best_epoch must .* got 1"),
    "text for the half of a pair": ({"random": [3, "x"]}, "random must be a finite number"),
    "text for NumPy's half of a pair": ({"numpy": ["MT19937", 5, 1, "x"]}, "numpy must be"),
    "another generator of NumPy's": ({"numpy": ["PCG64", 5, 0, 0.0]}, "MT19937"),
    "labels of other outputs": ({"labels": [1, 2]}, "labels must be"),
    "dropout where no layer is": ({"sizes": [20, 5]}, "damaged"),
}


@pytest.mark.parametrize("wrong", WRONG_FACTS)
def test_a_checkpoint_with_facts_that_cannot_be_is_refused(tmp_path, wrong):
    changes, words = WRONG_FACTS[wrong]
    file = tmp_path / "run.npz"
    start(2, checkpoint=file)
    change_facts(file, **changes)
    data, held_out = examples()
    refused(file, data, 4, held_out, match=f"^filename: .*run.npz.*{words}")


WRONG_ARRAYS = {
    "complex weights": ("weights_0", lambda w: w + 1j, "weights"),
    "text for weights": ("weights_1", lambda w: w.astype("U8"), "weights"),
    "weights of another layer": ("weights_0", lambda w: w.T, "weights"),
    "complex memory": ("memory_first", lambda m: m + 1j, "no first that fits"),
    "too little memory": ("memory_gradient", lambda m: m[:-1], "gradient"),
    "more mini-batches than there were": (
        "memory_counts",
        lambda c: c + np.array([0, 1]),
        "counts",
    ),
    "more epochs than there were": ("memory_counts", lambda c: c + np.array([2**60, 0]), r"got \["),
    "fewer epochs than none": ("memory_counts", lambda c: -c, "counts"),
    "text for counts": ("memory_counts", lambda c: c.astype("U8"), "counts"),
    "an example twice": ("order", lambda order: order * 0, "order must have each number"),
    "signed digests": ("digests_training_data", lambda d: d.view(np.int64), "digests"),
    "too few words of random": ("random", lambda words: words[:-1], "damaged"),
    "too few words of NumPy's": ("numpy", lambda words: words[:-1], "623 words"),
    "too many words of NumPy's": ("numpy", lambda words: np.tile(words, 2), "1248 words"),
    "complex words of NumPy's": ("numpy", lambda words: words.astype(complex), "in complex128"),
    "wider words of NumPy's": ("numpy", lambda words: words.astype(np.int64), "in int64"),
    "zeros for ever from NumPy": ("numpy", lambda words: words * 0, "numpy has a state of zeros"),
    "zeros for ever from Python": (
        "random",
        lambda words: np.append(words[:1] & 1, [0] * 623 + [624]),
        "random has a state of zeros",
    ),
    "complex best weights": ("best_weights_0", lambda w: w + 1j, "weights"),
}


def test_a_place_is_compared_with_the_words_that_numpys_generator_keeps(tmp_path):
    file = tmp_path / "run.npz"
    start(2, checkpoint=file)
    with np.load(file) as stored:
        arrays = dict(stored)
    np.savez(file, **{**arrays, "numpy": np.tile(arrays["numpy"], 2)})
    change_facts(file, numpy=["MT19937", 1000, 0, 0.0])  # NumPy would read behind its 624 words
    data, held_out = examples()
    refused(file, data, 4, held_out, match="1248 words of the state of NumPy's generator")


@pytest.mark.parametrize("wrong", WRONG_ARRAYS)
def test_a_checkpoint_with_arrays_that_cannot_be_is_refused(tmp_path, wrong):
    name, change, words = WRONG_ARRAYS[wrong]
    file = tmp_path / "run.npz"
    start(2, checkpoint=file, optimizer="adam", early_stopping_n=5)
    with np.load(file) as stored:
        arrays = dict(stored)
    np.savez(file, **{**arrays, name: change(arrays[name])})
    data, held_out = examples()
    refused(file, data, 4, held_out, match=f"^filename: .*{words}")


def test_a_checkpoint_without_the_best_network_is_refused(tmp_path):
    file = tmp_path / "run.npz"
    start(2, checkpoint=file, early_stopping_n=5)
    with np.load(file) as stored:
        arrays = {name: array for name, array in stored.items() if not name.startswith("best")}
    np.savez(file, **arrays)
    data, held_out = examples()
    refused(file, data, 4, held_out, match="best_weights_0")


def test_speeds_that_were_measured_on_training_data_cannot_be_on_others(tmp_path):
    file = tmp_path / "run.npz"
    start(2, checkpoint=file, monitor_layer_speeds=True)
    data, held_out = examples()
    refused(file, data, 4, held_out, speed_data=data[:9], match="^speed_data must be left out")


def test_an_activation_with_a_name_of_fastnns_is_refused_before_training(tmp_path):
    class Cubed:
        fn = staticmethod(lambda z: z * z * z)
        prime = staticmethod(lambda z: 3 * z * z)

    Cubed.__name__ = "tanh"
    net = network2.Network(SIZES, activation=Cubed)
    state, before = random.getstate(), list(net.weights)
    with pytest.raises(ValueError, match=r"checkpoint= cannot tell this activation from .* tanh"):
        net.SGD(examples()[0], 1, 7, 0.4, verbose=False, checkpoint=tmp_path / "run.npz")
    assert random.getstate() == state
    assert all(mine is theirs for mine, theirs in zip(net.weights, before, strict=True))


def test_an_activation_argument_that_is_no_list_is_refused(tmp_path):
    file = tmp_path / "run.npz"
    start(1, checkpoint=file)
    with pytest.raises(TypeError, match=r"^activation must be a list, got 5$"):
        fastnn.resume(file, examples()[0], activation=5)


def test_checkpoints_are_refused_before_training_where_they_cannot_be_written(tmp_path):
    seed_generators(3)
    data, _ = examples()
    net, untouched = network2.Network(SIZES), network2.Network(SIZES)
    untouched.weights, untouched.biases = list(net.weights), list(net.biases)
    state = random.getstate()
    with pytest.raises(OSError, match="no_folder"):
        net.SGD(data, 1, 7, 0.4, verbose=False, checkpoint=tmp_path / "no_folder" / "run.npz")
    for file in (tmp_path / "run.npz", None):
        with pytest.raises(ValueError, match="checkpoint_every must be"):
            net.SGD(data, 1, 7, 0.4, checkpoint=file, checkpoint_every=0)
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
