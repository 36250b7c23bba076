"""Messages of the program name what is typed, and ask what was meant."""

import argparse
import ast
import re
import shlex
from types import SimpleNamespace

import pytest
from house import FILES, tree_of
from small_program import SMALL, assert_one_line_of_error
from table_files import write

import fastnn
from fastnn import cli
from fastnn.cli.wording import in_options, nearest, tell, told_of
from fastnn.schedules import Halving

pytestmark = pytest.mark.usefixtures("_small_mnist")


@pytest.mark.parametrize(
    ("options", "begin"),
    [
        (["--mini-batch-size", 0], "fastnn: --mini-batch-size must be"),
        (["--halve-after", 0], "fastnn: --halve-after must be"),
        (["--early-stopping", -1], "fastnn: --early-stopping must be"),
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


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("--cost quadratic --output softmax", "--cost quadratic goes with --output sigmoid or"),
        ("--cost log-likelihood --output sigmoid", "--cost log-likelihood goes with --output soft"),
        ("--output identity", "--cost cross-entropy goes with --output sigmoid, got 'identity'"),
        ("--cost poisson --output softmax", "--cost poisson goes with --output exponential"),
        ("--nesterov", "--nesterov needs a momentum above 0, got --momentum 0.0"),
        (
            "--optimizer adam --momentum 0.5",
            "--momentum is for --optimizer sgd only, got --momentum 0.5 with Adam",
        ),
    ],
)
def test_values_in_errors_of_the_library_are_written_as_they_are_typed(
    fastnn_program, options, said
):
    assert_one_line_of_error(fastnn_program("train", *SMALL, *options.split()), f"fastnn: {said}")


def test_a_schedule_in_errors_of_the_library_is_written_as_its_option(fastnn_program, table):
    words = ["--data", table, "--held-out", 0, "--halve-after", 3, "--quiet"]
    said = "fastnn: --halve-after goes by the accuracy on evaluation data: it needs --held-out"
    assert_one_line_of_error(fastnn_program("train", *words), said)


@pytest.mark.parametrize("side", ["optimizer=adam momentum=0.5", "nesterov=yes"])
def test_settings_of_a_side_stay_as_they_are_typed(fastnn_program, side):
    result = fastnn_program("compare", "--a", side, "--b", "eta=1")
    assert_one_line_of_error(result, "momentum=0.")
    assert "--" not in result[2][0]


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
        "no column is called 'an eta=0.5'",
        "column 2 (eta=0.5) is text",
        "theta=0.5, or eta= alone",
        "cannot read eta=0.5.csv",
    ],
)
def test_what_is_the_users_own_is_left_alone(message):
    options = argparse.Namespace(mini_batch_size=1, eta=0.5)
    assert in_options(message, options) == message


@pytest.mark.parametrize(
    ("said", "typed"),
    [
        ("label_column: no column is called 'kind'", "--label-column: no column is called 'kind'"),
        ("label_column='kind' has 2 values", "--label-column kind has 2 values"),
        ("; ignore_columns=['the id'] leaves it out", "; --ignore-columns 'the id' leaves it out"),
        ('ignore_columns=["it\'s"]', """--ignore-columns 'it'"'"'s'"""),
        ('task="regression" needs numbers', "--task regression needs numbers"),
        ("header=False if line 1 is an example", "--no-header if line 1 is an example"),
        ("header=True if it is a header", "--header if it is a header"),
        ("drop_missing=True leaves them out", "--drop-missing leaves them out"),
        ("in categories= or ignore_columns=", "in --categories or --ignore-columns"),
        ("3 categories; encoding= names another", "3 categories; --encoding names another"),
        ("the class 'task=1', not \"header=False\"", "the class 'task=1', not \"header=False\""),
        ("data/task=1/label_column.csv is damaged", "data/task=1/label_column.csv is damaged"),
        ('column 1 (its task= "q") is text', 'column 1 (its task= "q") is text'),
        ("a cell has task=1 or header='", "a cell has task=1 or header='"),
    ],
)
def test_advice_about_tables_is_what_can_be_typed(said, typed):
    assert in_options(said, argparse.Namespace()) == typed


def test_advice_is_put_into_options_once(capsys):
    """A column may be called as advice is written."""
    file = SimpleNamespace(notes=(), warnings=["ignore_columns=['header=True'] leaves it out"])
    tell(told_of(file), argparse.Namespace())
    assert capsys.readouterr().err == "Warning: --ignore-columns header=True leaves it out\n"


def test_warnings_and_notes_about_tables_name_the_options(fastnn_program, tmp_path):
    lines = ["the id,x,label", *[f"{n},{n % 4},{n / 8}" for n in range(40, 80)]]
    words = ["train", "--data", write(tmp_path / "t.csv", lines), "--epochs", 1]
    status, _, err = fastnn_program(*words)
    assert status == 0
    assert any("have fractions: --task regression is taken" in line for line in err)
    assert any(line.endswith("leave it out with --ignore-columns 'the id'") for line in err)


@pytest.mark.parametrize(
    "module", [name for name in FILES if name.startswith(("fastnn.datasets", "fastnn.own_data"))]
)
def test_what_reads_tables_names_no_option_of_the_program(module):
    texts = [
        node.value
        for node in ast.walk(tree_of(module))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    assert not [text for text in texts if re.search(r"(?<!-)--[a-z]", text)]


def test_settings_of_a_sweep_stay_as_the_library_calls_them():
    options = argparse.Namespace(mini_batch_size=[0, 1], schedule=[Halving(0), Halving(1)])
    place = "grid at {'mini_batch_size': 0}: "
    assert in_options(f"{place}mini_batch_size must", options) == f"{place}--mini-batch-size must"
    assert in_options(f"{place}schedule.n must", options) == f"{place}--halve-after must"


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


@pytest.mark.parametrize("command", ["train --data", "predict net.npz", "train --resume"])
@pytest.mark.parametrize("content", ["x,y\n", None], ids=["wrong", "missing"])
def test_errors_of_files_begin_with_the_file_and_no_argument_of_python(
    fastnn_program, tmp_path, monkeypatch, command, content
):
    monkeypatch.chdir(tmp_path)
    fastnn.Network([2, 2], seed=1).save("net.npz")
    if content is not None:
        (tmp_path / "t.csv").write_text(content)
    _, _, [line] = fastnn_program(*command.split(), "t.csv")
    assert not re.match(r"fastnn: \w+: ", line)
    assert "t.csv" in line


def test_texts_of_the_user_keep_what_python_calls_files():
    options = argparse.Namespace()
    for own in ("got 'path: x'", "column 1 (filename: q) has 'path: x'", "x: cannot read path: z"):
        assert in_options(own, options) == own
    assert in_options("path: cannot read path: z.csv", options) == "cannot read path: z.csv"
