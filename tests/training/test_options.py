"""The options of `SGD`: declared once, for signature, docstring, checkpoints and `resume`."""

from __future__ import annotations

import dataclasses
import inspect
import pickle
import random
import re

import pytest
from builders import digits, labelled, seeded_network

import fastnn
from fastnn import network2
from fastnn.schedules import Halving
from fastnn.training.options import DEFAULTS, OPTIONS, RENEWABLE, Options
from fastnn.training.stored_runs import read_checkpoint

SIZES = [3, 4, 5, 2]


@pytest.fixture
def network():
    return seeded_network(network2, SIZES)


@pytest.fixture
def examples():
    random.seed(2)
    return digits(6, 3, 2, seed=3)


# Arguments of `SGD` that are data and files.
NO_OPTIONS = {"self", "training_data", "evaluation_data", "speed_data", "sample_weight"}
NO_OPTIONS |= {"checkpoint", "checkpoint_every"}


# A value of each option, other than its default where that goes with the others.
OTHERS = {
    "epochs": 3,
    "mini_batch_size": 4,
    "eta": 0.25,
    "lmbda": 0.5,
    "monitor_evaluation_cost": True,
    "monitor_evaluation_accuracy": True,
    "monitor_training_cost": True,
    "monitor_training_accuracy": True,
    "momentum": 0.75,
    "nesterov": True,
    "optimizer": "sgd",
    "l1": 0.125,
    "dropout": [0.5, 0.25],
    "frozen_layers": [1, 0],
    "shuffle": False,
    "schedule": Halving(3),
    "early_stopping_n": 5,
    "callback": print,
    "monitor_layer_speeds": True,
    "on_divergence": "continue",
    "progress": True,
    "verbose": False,
    "threads": 1,
    "seed": 7,
}


# What some of them are once they are checked.
CHECKED = {"dropout": (0.5, 0.25), "frozen_layers": (0, 1), "callback": (print,)}


def signature_of(function):
    """Return the parameters that are options, by name."""
    parameters = inspect.signature(function).parameters
    return {name: each for name, each in parameters.items() if name not in NO_OPTIONS}


def documented_in(function):
    """Return the names in the first section, that of parameters, of a NumPy docstring."""
    section = inspect.getdoc(function).split("Parameters\n----------\n")[1].split("\n\n")[0]
    heads = re.findall(r"^(\w.*?)(?: :.*)?$", section, re.MULTILINE)
    return [name for head in heads for name in head.split(", ")]


def test_the_signature_of_sgd_has_every_option_in_order_and_with_its_default():
    signature = signature_of(network2.Network.SGD)
    assert list(signature) == list(OPTIONS)
    defaults = {name: each.default for name, each in signature.items()}
    assert {
        name: value for name, value in defaults.items() if value is not inspect.Parameter.empty
    } == DEFAULTS


def test_every_option_is_documented_in_the_order_of_the_signature():
    documented = documented_in(network2.Network.SGD)
    assert documented == [*inspect.signature(network2.Network.SGD).parameters][1:]


def test_every_option_reaches_the_run(network, examples, monkeypatch):
    reached = []

    def run(network, options, *data, sample_weight):
        reached.append(options)
        raise KeyboardInterrupt  # training need not begin

    monkeypatch.setattr(network2, "Run", run)
    with pytest.raises(KeyboardInterrupt):
        network.SGD(examples, **OTHERS, evaluation_data=labelled(examples))
    assert reached == [Options(**{**OTHERS, **CHECKED})]


def test_a_checkpoint_keeps_every_option_but_functions(network, examples, tmp_path):
    file = tmp_path / "run.npz"
    network.SGD(examples, **OTHERS, evaluation_data=labelled(examples), checkpoint=file)
    kept = dataclasses.asdict(read_checkpoint(file).options)
    assert kept == {**OTHERS, **CHECKED, "callback": ()}


def test_resume_takes_the_options_anew_that_are_declared_so():
    taken = {*signature_of(fastnn.resume)} & {*OPTIONS}
    assert taken == {*RENEWABLE}


def test_a_process_of_a_sweep_gets_the_same_options():
    options = Options(**{**OTHERS, **CHECKED})
    assert pickle.loads(pickle.dumps(options)) == options
