"""The options of commands that train follow from the declaration of the options of `SGD`."""

import argparse

import pytest

from fastnn.cli.options import (
    add_network_options,
    add_training_options,
    network_arguments,
    training_arguments,
)
from fastnn.model.costs import COSTS
from fastnn.schedules import SCHEDULES, Halving
from fastnn.training.checked_options import check_options
from fastnn.training.options import DEFAULTS, OPTIONS, SWEPT

OFFERED = [name for name, option in OPTIONS.items() if option.flags]
PROGRAM = {"epochs": 30, "mini_batch_size": 10, "eta": 0.1, "lmbda": 5.0}


def parser_of(*arguments, **options):
    parser = argparse.ArgumentParser(exit_on_error=False)
    add_training_options(parser, *arguments, **options)
    return parser


def arguments_of(*words):
    return training_arguments(parser_of().parse_args(words))


def test_without_flags_the_program_has_its_own_defaults_and_leaves_the_rest_to_sgd():
    assert arguments_of() == PROGRAM
    assert {*PROGRAM} <= {*OFFERED}


TYPED = {
    "--epochs 3": {"epochs": 3},
    "--mini-batch-size 7": {"mini_batch_size": 7},
    "--eta 0.5": {"eta": 0.5},
    "--lmbda 0": {"lmbda": 0.0},
    "--momentum 0.5": {"momentum": 0.5},
    "--nesterov": {"nesterov": True},
    "--optimizer adam": {"optimizer": "adam"},
    "--l1 0.25": {"l1": 0.25},
    "--dropout 0.5": {"dropout": 0.5},
    "--dropout 0,0.5": {"dropout": [0.0, 0.5]},
    "--frozen-layers 0,1": {"frozen_layers": [0, 1]},
    "--no-shuffle": {"shuffle": False},
    "--halve-after 3": {"schedule": Halving(3), "monitor_evaluation_accuracy": True},
    "--early-stopping 4": {"early_stopping_n": 4},
    "--on-divergence continue": {"on_divergence": "continue"},
    "--progress": {"progress": True},
    "--quiet": {"verbose": False},
    "--threads 2": {"threads": 2},
}


@pytest.mark.parametrize("words", TYPED)
def test_a_flag_says_what_its_option_is_in_sgd(words):
    assert arguments_of(*words.split()) == {**PROGRAM, **TYPED[words]}


def test_every_flag_of_the_declaration_is_offered():
    typed = {words.split()[0] for words in TYPED} | {entry.flag for entry in SCHEDULES.values()}
    assert typed == {action.option_strings[0] for action in parser_of()._actions[1:]}
    assert {name for options in TYPED.values() for name in options} >= {*OFFERED}


def test_every_schedule_has_a_flag_that_takes_its_first_number_and_its_figure_is_monitored():
    for kind, entry in SCHEDULES.items():
        wanted = {"schedule": kind(3), f"monitor_{entry.figure}": True}
        assert arguments_of(entry.flag, "3") == {**PROGRAM, **wanted}


@pytest.mark.parametrize(
    "words",
    [
        "--halve-after many",
        "--epochs 1.5",
        "--dropout x",
        "--optimizer newton",
        "--on-divergence x",
    ],
)
def test_what_cannot_be_read_is_refused_with_the_name_of_the_flag(words):
    flag = words.split()[0]
    with pytest.raises(argparse.ArgumentError, match=rf"^argument {flag}: (invalid|expected) "):
        arguments_of(*words.split())


def test_the_defaults_of_the_program_are_good_options():
    options = check_options(arguments_of(), hidden_layers=1, has_evaluation_data=True)
    assert options.eta == PROGRAM["eta"]


def test_a_sweep_offers_only_what_it_may_set_and_some_with_several_values():
    parser = parser_of(SWEPT, several={"eta"})
    flags = {action.dest for action in parser._actions[1:]}
    assert flags == {name for name in OFFERED if name in SWEPT}
    assert parser.parse_args(["--eta", "0.1", "0.5"]).eta == [0.1, 0.5]


def test_help_has_the_default_of_each_flag_that_takes_a_value():
    for action in parser_of()._actions[1:]:
        default = PROGRAM.get(action.dest, DEFAULTS.get(action.dest))
        worded = "none" if default == () else str(default).removesuffix(".0")
        shown = f"(default: {worded})" in action.help
        assert shown == (not isinstance(default, bool) and default is not None)
        assert "None" not in action.help


def test_costs_are_called_by_the_words_of_their_classes():
    parser = argparse.ArgumentParser()
    add_network_options(parser)
    called = [
        network_arguments(parser.parse_args(["--cost", name]))["cost"]
        for name in ("cross-entropy", "quadratic", "log-likelihood", "poisson")
    ]
    assert called == list(COSTS.values())
