"""Messages of the program name what is typed, and ask what was meant."""

import argparse
import re
import shlex

import pytest
from small_program import SMALL, assert_one_line_of_error

from fastnn import cli
from fastnn.cli.wording import in_options, nearest

pytestmark = pytest.mark.usefixtures("_small_mnist")


@pytest.mark.parametrize(
    ("options", "begin"),
    [
        (["--mini-batch-size", 0], "fastnn: --mini-batch-size must be"),
        (["--halve-after", 0], "fastnn: --halve-after must be"),
        (["--early-stopping", 0], "fastnn: --early-stopping must be"),
        (["--eta", "nan"], "fastnn: --eta must be"),
        (["--dropout", "0.5,0.5"], "fastnn: --dropout must"),
        (["--frozen-layers", 7], "fastnn: --frozen-layers"),
    ],
    ids=str,
)
def test_errors_of_the_library_name_the_options(fastnn_program, options, begin):
    result = fastnn_program("train", *SMALL, *options)
    assert_one_line_of_error(result)
    assert result[2][0].startswith(begin)


def test_stopping_without_a_part_held_out_names_options_only(fastnn_program, table):
    options = ("--data", table, "--held-out", 0, "--early-stopping", 3)
    result = fastnn_program("train", *options, "--quiet")
    assert_one_line_of_error(result, "--early-stopping", "--held-out")
    assert "_" not in result[2][0]


@pytest.mark.parametrize(
    "message",
    [
        "'mini_batch_size' is no column",
        "data/mini_batch_size.csv is damaged",
        "the eta of the Greeks",
    ],
)
def test_what_is_the_users_own_is_left_alone(message):
    options = argparse.Namespace(mini_batch_size=1, eta=0.5)
    assert in_options(message, options) == message


def test_settings_of_a_sweep_stay_as_the_library_calls_them():
    options = argparse.Namespace(mini_batch_size=[0, 1])
    place = "grid at {'mini_batch_size': 0}: "
    assert in_options(f"{place}mini_batch_size must", options) == f"{place}--mini-batch-size must"


@pytest.mark.parametrize(
    ("arguments", "usage", "words"),
    [
        (["train", "--ettta", 3], "train", "--ettta 3; did you mean --eta?"),
        (["show", "net.npz", "more", "--hepl"], "show", "--hepl; did you mean --help?"),
        (["sweep", "--minibatch-size=3"], "sweep", "did you mean --mini-batch-size?"),
        (["chapter5", "vanishin"], "chapter5", "got 'vanishin'; did you mean vanishing?"),
        (["train", "--cost", "quadratc"], "train", "did you mean quadratic?"),
        (["swep"], "", "did you mean sweep?"),
        (["sweep", "--seed", 7], "sweep", "--seed 7; did you mean --seeds?"),
        (["train", "--epoch", 7], "train", "--epoch 7; did you mean --epochs?"),
        (["train", "--eta", "x"], "train", "expected a number, got 'x'"),
        (["train", "--seed", "x"], "train", "expected an integer, got 'x'"),
        (["train", "--epochs", "x"], "train", "expected an integer or auto, got 'x'"),
        (["train", "--dropout", "x"], "train", "expected RATE[,RATE...], got 'x'"),
    ],
    ids=str,
)
def test_a_wrong_command_line_is_answered_with_usage_and_a_question(
    fastnn_program, arguments, usage, words
):
    status, out, err = fastnn_program(*arguments)
    assert (status, out) == (2, [])
    assert err[0].startswith(f"usage: fastnn {usage}".rstrip())
    assert words in err[-1]


def test_nothing_is_asked_where_nothing_is_near():
    assert nearest("--zzz", ["--eta", "--epochs"]) == ""


@pytest.mark.parametrize("name", cli._parsers()[1])
def test_the_help_of_each_command_has_an_example_that_its_parser_takes(name):
    parser = cli._parsers()[1][name]
    example = parser.epilog.removeprefix("Example: ")
    program, command, *words = shlex.split(example)
    assert (program, command) == ("fastnn", name)
    parser.parse_intermixed_args(words)
    assert example in parser.format_help()  # in one line


@pytest.mark.parametrize("name", ["train", "sweep", "compare"])
def test_the_help_says_defaults_in_words(name):
    text = cli._parsers()[1][name].format_help()
    assert not re.search(r"default: (\(\)|None|False|\[|==)", text)
    assert "(default: none)" in text
