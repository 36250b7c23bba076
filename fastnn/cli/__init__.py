"""The program `fastnn`: one module for each of its commands.

From the bottom up:

- `options`: how to train, and what the network is.
- `table_options`: how a user's own data are to be read.
- `wording`: the words of messages.
- `final_tests`: a network on test data, at the end.
- `data`: what commands train on.
- `written_files`: refuses to overwrite an input file.
- `resumed`: the data of a stored run, found again.
- `train`: `fastnn train`.
- `evaluate`: `fastnn evaluate`.
- `predict`: `fastnn predict`.
- `show`: `fastnn show`.
- `sweep`: `fastnn sweep`.
- `sides`: the settings of one side of a comparison.
- `compare`: `fastnn compare`.
- `earlier_report`: what a new report would replace.
- `chapter5`: `fastnn chapter5`.
- `live`: `fastnn live`.
- `compile_ahead`: `fastnn compile`.
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import fastnn
from fastnn.cli import (
    chapter5,
    compare,
    compile_ahead,
    evaluate,
    live,
    predict,
    show,
    sweep,
    train,
)
from fastnn.cli.wording import in_options, with_suggestion
from fastnn.common.checks import printable
from fastnn.common.terminals import escaped_on_stdout, give_streams, say, stderr_is_terminal
from fastnn.kernels.compiling import BEFORE_COMPILING

__all__ = ["main"]

# Each has `add_parser(commands)`, which describes the command, and `run(options)`.
_COMMANDS = (train, evaluate, predict, show, sweep, compare, chapter5, live, compile_ahead)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program.

    Parameters
    ----------
    arguments : sequence of str, optional
        The command line without the program's name; that of the process by default.

    Returns
    -------
    int
        The exit status: 0, 1 for an error, 2 for a wrong command line, 130 when interrupted.
    """
    give_streams()
    options = _parsed(sys.argv[1:] if arguments is None else list(arguments))
    if _tell not in BEFORE_COMPILING:
        BEFORE_COMPILING.append(_tell)
    answers_are_data = options.run is predict.run  # and others are to be read by people
    try:
        with contextlib.nullcontext() if answers_are_data else escaped_on_stdout():
            options.run(options)
            sys.stdout.flush()
    except (fastnn.DivergedError, ImportError, OSError, TypeError, ValueError) as problem:
        if _is_closed_pipe(problem):
            # Nobody reads the output any more, so that nothing may be written at exit either.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 1
        told = _not_printed(problem) or in_options(str(problem), options)
        print(f"fastnn: {printable(told)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("fastnn: interrupted", file=sys.stderr)
        return 130
    return 0


def _is_closed_pipe(problem: Exception) -> bool:
    """Say whether nobody reads the output; Windows then calls the argument invalid."""
    if isinstance(problem, OSError) and os.name == "nt" and problem.filename is None:
        return problem.errno in (errno.EPIPE, errno.EINVAL)
    return isinstance(problem, BrokenPipeError)


def _not_printed(problem: Exception) -> str:
    """Say what to do where standard output cannot take a character; nothing of other errors."""
    if not isinstance(problem, UnicodeEncodeError):
        return ""
    text = problem.object[problem.start : problem.end]
    encoding = sys.stdout.encoding or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        if not any(0xD800 <= ord(sign) < 0xE000 for sign in text):  # which no encoding takes
            return (
                f"{text!r} cannot be printed where standard output is in {encoding}; "
                "PYTHONIOENCODING=utf-8 has it take every character"
            )
    return ""


class _Parser(argparse.ArgumentParser):
    """A parser whose messages suggest what was meant, and print what was typed harmlessly.

    Options are spelled out: what an abbreviation means changes with the command.
    """

    def __init__(self, **how: Any) -> None:
        super().__init__(allow_abbrev=False, **how)

    def error(self, message: str) -> NoReturn:
        known = [flag for action in self._actions for flag in action.option_strings]
        super().error(printable(with_suggestion(message, known)))


def _tell() -> None:
    """Say what takes so long: once, and only on a terminal."""
    BEFORE_COMPILING.remove(_tell)
    if stderr_is_terminal():
        say("compiling (once) ...")


def _parsed(arguments: list[str]) -> argparse.Namespace:
    """Parse a command line; options may stand before, between and after files."""
    parser, commands = _parsers()
    own = commands.get(arguments[0]) if arguments else None
    return parser.parse_args(arguments) if own is None else own.parse_intermixed_args(arguments[1:])


def _parsers() -> tuple[_Parser, dict[str, _Parser]]:
    """Return the parser of the program, and those of its commands."""
    parser = _Parser(
        prog="fastnn",
        description="Train small fully connected networks as the book's network2 does, compiled.",
    )
    parser.add_argument("--version", action="version", version=f"fastnn {fastnn.__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in _COMMANDS:
        command.add_parser(commands)
    return parser, commands.choices
