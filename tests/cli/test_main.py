"""The program itself: its exit status, and errors in one line."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from small_program import SMALL, assert_one_line_of_error

import fastnn
from fastnn import mnist_loader

pytestmark = pytest.mark.usefixtures("_small_mnist")


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ([], "COMMAND"),
        (["fly"], "fly"),
        (["evaluate"], "NETWORK"),
        (["train", "--epochs", "many"], "--epochs"),
        (["train", "--eta", "x"], "--eta"),
        (["train", "--cost", "hinge"], "cross-entropy"),
        (["train", "--dtype", "float16"], "float32"),
        (["train", "--speed", "9"], "--speed"),
    ],
    ids=" ".join,
)
def test_a_wrong_command_line_is_refused(fastnn_program, arguments, word):
    status, out, err = fastnn_program(*arguments)
    assert (status, out) == (2, [])
    assert word in err[-1]


def test_missing_data_are_one_line_of_error(fastnn_program, monkeypatch):
    def missing():
        raise FileNotFoundError("the MNIST that comes with fastnn is nowhere")

    monkeypatch.setattr(mnist_loader, "load_data_wrapper", missing)
    assert_one_line_of_error(fastnn_program("train"), "the MNIST that comes with fastnn")


@pytest.mark.parametrize("command", ["train --data", "predict net.npz", "train --resume"])
def test_control_characters_of_a_file_name_do_not_reach_the_terminal(
    fastnn_program, tmp_path, monkeypatch, command
):
    monkeypatch.chdir(tmp_path)
    fastnn.Network([2, 2]).save("net.npz")
    name = "a\x1b[2J\n.csv"
    result = fastnn_program(*command.split(), name)
    assert_one_line_of_error(result, "a\\x1b[2J\\n.csv")
    (tmp_path / name).write_text("1,2,x\n3,inf,y\n")
    result = fastnn_program(*command.split(), name)
    assert_one_line_of_error(result, "a\\x1b[2J\\n.csv")
    assert "\x1b" not in result[2][0]


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_a_label_that_cannot_be_printed_is_refused_with_a_way_on(tmp_path, encoding):
    net = fastnn.Network([2, 3])
    net.labels = ["犬1", "犬2", "犬3"]
    net.save(tmp_path / "net.npz")
    (tmp_path / "rows.csv").write_text("1,2\n3,4\n")
    files = str(tmp_path / "net.npz"), str(tmp_path / "rows.csv")
    command = [sys.executable, "-m", "fastnn", "predict", *files]
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"fastnn: '\\u72ac' cannot be printed where standard output is in {encoding}; "
        "PYTHONIOENCODING=utf-8 has it take every character\n"
    )


def test_an_interrupt_ends_with_status_130(fastnn_program, monkeypatch):
    def interrupted(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(fastnn.Network, "SGD", interrupted)
    assert fastnn_program("train", *SMALL) == (130, [], ["fastnn: interrupted"])


@pytest.mark.parametrize(
    ("option", "first"),
    [("--version", f"fastnn {fastnn.__version__}"), ("--help", "usage: fastnn")],
)
def test_the_package_is_the_program(option, first):
    finished = subprocess.run(
        [sys.executable, "-m", "fastnn", option],
        capture_output=True,
        text=True,
        cwd=Path(fastnn.__file__).resolve().parent.parent,
    )
    assert (finished.returncode, finished.stderr) == (0, "")
    assert finished.stdout.startswith(first)


@pytest.mark.parametrize(
    "arguments", [["train", "\x1b[31mred"], ["--\x07bell"], ["evaluate", "a", "-\x1bx"]]
)
def test_what_was_typed_reaches_no_terminal_as_it_is(fastnn_program, arguments):
    status, out, err = fastnn_program(*arguments)
    assert (status, out) == (2, [])
    assert "\n".join(err).replace("\n", "").isprintable()


@pytest.mark.parametrize("on_a_terminal", [True, False])
def test_on_a_terminal_the_program_says_once_that_it_compiles(
    fastnn_program, monkeypatch, on_a_terminal
):
    from fastnn import cli
    from fastnn.kernels.compiling import BEFORE_COMPILING

    def compile_twice(options):
        monkeypatch.setattr(sys.stderr, "isatty", lambda: on_a_terminal)
        for _ in range(2):
            for call in list(BEFORE_COMPILING):
                call()

    monkeypatch.setattr(cli.evaluate, "run", compile_twice)
    status, _, errors = fastnn_program("evaluate", "network.json")
    assert status == 0
    assert errors == (["compiling (once) ..."] if on_a_terminal else [])
