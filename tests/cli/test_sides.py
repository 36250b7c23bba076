"""The settings of one side of `fastnn compare` are typed as the options of these names."""

import argparse

import pytest

from fastnn import QuadraticCost
from fastnn.cli.sides import settings_option
from fastnn.schedules import Halving
from fastnn.training.options import OPTIONS, SWEPT


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ("eta=0.5 sizes=784,30,10", {"eta": 0.5, "sizes": [784, 30, 10]}),
        ("cost=quadratic dtype=float32", {"cost": QuadraticCost, "dtype": "float32"}),
        ("activation=tanh", {"activation": "tanh"}),
        ("activation=relu,tanh output=none", {"activation": ["relu", "tanh"], "output": None}),
        ("frozen_layers=0 dropout=0.5", {"frozen_layers": [0], "dropout": 0.5}),
        ("frozen-layers=none dropout=0.5,0.2", {"frozen_layers": (), "dropout": [0.5, 0.2]}),
        ("halve-after=5", {"schedule": Halving(5)}),
        ("early-stopping=2", {"early_stopping_n": 2}),
        ("early_stopping_n=2", {"early_stopping_n": 2}),
        ("early-stopping-n=None", {"early_stopping_n": None}),
        ("nesterov=yes momentum=0.9", {"nesterov": True, "momentum": 0.9}),
        ("nesterov=True no-shuffle=yes", {"nesterov": True, "shuffle": False}),
        ("shuffle=no", {"shuffle": False}),
        ("shuffle=True", {"shuffle": True}),
    ],
)
def test_settings_are_typed_as_options_are(text, settings):
    assert settings_option(text) == settings


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("cost=QuadraticCost", "cost: invalid choice: 'QuadraticCost'"),
        ("cost=QuadraticCost", "; did you mean quadratic?"),
        ("eta=x", "eta: expected a number, got 'x'"),
        ("epochs=2.5", "epochs: expected an integer, got '2.5'"),
        ("sizes=none", "sizes: expected two or more positive integers"),
        ("halve-after=x", "halve-after: expected N, got 'x'"),
        ("nesterov=1", "nesterov: expected yes or no, got '1'"),
        ("early-stoping=2", "early-stoping is no setting; did you mean early-stopping?"),
        ("quiet=yes", "quiet is no setting"),
        ("early-stopping=2 early_stopping_n=3", "expected each setting once"),
    ],
)
def test_what_no_option_takes_is_refused_with_what_is_expected(text, message):
    with pytest.raises(argparse.ArgumentTypeError) as caught:
        settings_option(text)
    assert message in str(caught.value)


def test_every_option_of_a_sweep_may_differ():
    flags = {name: OPTIONS[name].flags for name in SWEPT}
    for name, flag in [(name, flag) for name, several in flags.items() for flag in several]:
        typed = (flag.name or name).removeprefix("--")
        texts = flag.choices or ("1", "yes")
        assert any(list(read(f"{typed}={text}")) == [name] for text in texts), typed


def read(text):
    try:
        return settings_option(text)
    except argparse.ArgumentTypeError:
        return {}
