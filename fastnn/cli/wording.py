"""The words of the program: options as they are typed, what was meant, what data are."""

from __future__ import annotations

import argparse
import ast
import difflib
import re
import shlex
import sys
from collections.abc import Container, Iterable, Sequence
from typing import TextIO

from fastnn.cli.options import cost_word
from fastnn.common.checks import printable
from fastnn.datasets.applying import FileForNetwork
from fastnn.model.activations import HIDDEN, OUTPUT
from fastnn.model.costs import COSTS
from fastnn.model.initialisers import INITIALISERS
from fastnn.optimisers import NAMES
from fastnn.schedules import SCHEDULES
from fastnn.training.options import OPTIONS

_PLACE = re.compile(r"grid at \{.*?\}: ")  # of a sweep: settings, as the library calls them
_UNKNOWN = re.compile(r"unrecognized arguments: (?:.*\s)?(--[^\s=]+)")
_NO_NUMBER = re.compile(r"invalid (int|float) value:")
_NOT_A_CHOICE = re.compile(r"invalid choice: '([^']*)' \(choose from (.*)\)", re.DOTALL)

# The names of what `--cost` and others choose from, where they stand behind the option's name.
_CHOICES = (*COSTS, *OUTPUT, *HIDDEN, *INITIALISERS, *NAMES)

# What `SGD` asks for that no option is called after.
_OTHERS = {
    "monitor_evaluation_accuracy=True or monitor_evaluation_cost=True": "--held-out above 0",
    "monitor_evaluation_accuracy=True": "--held-out above 0",
    "evaluation_data": "--held-out",
}

# What Python calls the file that a message names first; no option is called so.
_OF_FILES = re.compile(r"(?:path|filename): ")

# What stands in quotation marks is the user's own, and so is the name of a column in parentheses.
_TEXT = r"""(?: '(?: [^'\\\x00-\x1f] | \\['\\] )*' | "(?: [^"\\\x00-\x1f] | \\["\\] )*" )"""
_OWN = rf"""
    \bcolumn\ \d+\ \( [^()]* (?: \([^()]*\) [^()]* )* \)
    | (?<!\w) {_TEXT} (?!\w)
"""

# What readers of tables advise, as label_column='kind', drop_missing=True or encoding= alone.
_ADVICE = re.compile(
    rf"""
    {_OWN}
    | (?<![\w'"/.-])
      (?:
        (?P<name> label_column | weight_column | ignore_columns | categories | task
                | drop_missing | encoding | header)
        = (?P<value> True | False | {_TEXT} | \[{_TEXT}\] )? (?![\w'"\[])
        | (?P<alone> label_column | weight_column | ignore_columns) (?![\w'"/.=-])
      )
    """,
    re.VERBOSE,
)


def in_options(message: str, options: argparse.Namespace) -> str:
    """Return a message of the library with the options' names in place of Python's.

    A name of one word, such as eta, is replaced only where a message begins with it or a value
    follows, as in eta=0.5 or cost QuadraticCost: elsewhere it may be a word. What stands in
    quotation marks is the user's own.

    Parameters
    ----------
    message : str
        What an exception says.
    options : Namespace
        What was typed: only options that are there are named, and, unless a setting of a grid is
        meant, others for the training that the command has.
    """
    where = _PLACE.match(message)
    begin = where.end() if where else 0
    place, message = message[:begin], message[begin:]
    if named := _OF_FILES.match(message):
        message = message[named.end() :]
    flags = _typed_names(options, () if place else getattr(options, "offered", ()))

    def as_typed(found: re.Match[str]) -> str:
        name, value = found["name"], found["value"] or found["choice"]
        if name is None or not (value or found.start() == 0 or re.search(r"[_.]", name)):
            return found[0]
        if value is None or value in ("True", "False") or value.endswith("()"):
            return flags[name]
        value = value.strip("'\"")
        return f"{flags[name]} {cost_word(COSTS[value]) if value in COSTS else value}"

    longest_first = sorted(map(re.escape, flags), key=len, reverse=True)
    known = rf"""
        {_OWN}
        | (?<![\w'"/.-]) (?P<name> {"|".join(longest_first)} )
          (?: = (?P<value> {_TEXT} | -?\d[\d.]*(?:e[-+]\d+)? | \w+\(\) | True | False )
            | \ (?P<choice> {"|".join(_CHOICES)} ) )?
          (?![\w'"/.-])
    """
    message = re.sub(known, as_typed, message, flags=re.VERBOSE) if flags else message
    return place + in_typed_options(message)


def in_typed_options(message: str) -> str:
    """Return what a reader of tables says with the options' names in place of Python's.

    Parameters
    ----------
    message : str
        A message as the library has it. What has been through here must not come again: a column
        may be called as advice is written.
    """
    return _ADVICE.sub(_as_typed, message)


def _as_typed(advice: re.Match[str]) -> str:
    name, value = advice["name"] or advice["alone"], advice["value"]
    if name is None:
        return advice[0]
    dashed = name.replace("_", "-")
    if value in (None, "True", "False"):
        return f"--no-{dashed}" if value == "False" else f"--{dashed}"
    text = ast.literal_eval(value.strip("[]"))
    return f"--{dashed} {shlex.quote(text)}"


def _typed_names(options: argparse.Namespace, offered: Container[str]) -> dict[str, str]:
    """Return what is typed for each name of Python's that a message may have."""
    names: dict[str, str] = {}
    if "held_out" in options:
        names |= _OTHERS
    schedule = getattr(options, "schedule", None)
    for kind, entry in SCHEDULES.items():
        if isinstance(schedule[0] if isinstance(schedule, list) else schedule, kind):
            names |= {"schedule": entry.flag, "schedule.n": entry.flag}
    for name in (
        "sizes",
        "dtype",
        "activation",
        "initializer",
        "output",
        "cost",
        "host",
        "port",
        "most_seeds",
        "seeds",
        "smallest",
        *OPTIONS,
    ):
        if (name in options or name in offered) and name != "schedule":
            flags = OPTIONS[name].flags if name in OPTIONS else ()
            dashed = f"--{name.replace('_', '-')}"
            names[name] = flags[0].name or dashed if flags else dashed
    return names


def tell(lines: Sequence[str], options: argparse.Namespace, stream: TextIO | None = None) -> None:
    """Print what data are: with warnings on standard error, else only unless `--quiet` is given.

    `stream` is where what has no warnings goes, standard output by default.
    """
    verbose = getattr(options, "verbose", not getattr(options, "quiet", False))
    lines = [in_typed_options(line) for line in lines]
    if any(line.startswith("Warning") for line in lines):
        print(
            "\n".join(line for line in lines if verbose or not line.startswith("Note")),
            file=sys.stderr,
        )
    elif verbose and lines:
        print("\n".join(lines), file=stream)


def told_of(file: FileForNetwork, before: str = "") -> list[str]:
    """Return lines about how a file for a network was understood, in the library's words.

    `before` says which file it is.
    """
    return [
        *(f"Note: {before}{note}" for note in file.notes),
        *(f"Warning: {before}{warning}" for warning in file.warnings),
    ]


def format_accuracy(what: str, correct: int, n: int) -> str:
    """Return the line about a data set that was evaluated once."""
    return f"Accuracy on {printable(what)}: {correct} / {n} ({correct / n:.2%})"


def nearest(word: str, known: Iterable[str]) -> str:
    """Return a question about what was meant, to stand behind a message; empty if nothing is near.

    Parameters
    ----------
    word : str
        What was typed.
    known : iterable of str
        What could have been.
    """
    found = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean {found[0]}?" if found else ""


def with_suggestion(message: str, flags: Iterable[str]) -> str:
    """Return a message of argparse with a question about what was meant, where it can be told.

    Parameters
    ----------
    message : str
        What the parser says.
    flags : iterable of str
        The options that the parser knows.
    """
    message = _NO_NUMBER.sub(
        lambda kind: f"expected {'an integer' if kind[1] == 'int' else 'a number'}, got", message
    )
    unknown = _UNKNOWN.match(message)
    if unknown:
        return message + nearest(unknown[1], flags)
    choice = _NOT_A_CHOICE.search(message)
    if choice:
        return message + nearest(choice[1], re.findall(r"[\w-]+", choice[2]))
    return message
