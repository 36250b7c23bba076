"""The settings of one side of a comparison, such as "eta=0.5 cost=quadratic"."""

from __future__ import annotations

import argparse
from typing import Any, NoReturn

from fastnn.cli.options import (
    add_network_options,
    add_several_sizes_and_types,
    add_training_options,
    cost_of,
)
from fastnn.cli.wording import nearest, with_suggestion
from fastnn.common.checks import describe
from fastnn.training.options import DEFAULTS, OPTIONS, SWEPT

# The settings whose flags are called otherwise: both names may be typed.
_FLAGS = {
    name.replace("_", "-"): flag.name.removeprefix("--")
    for name in SWEPT
    for flag in OPTIONS[name].flags
    if flag.name is not None and name != "schedule"  # of which there may be several kinds
}


def settings_option(text: str) -> dict[str, Any]:
    """Read settings such as "eta=0.5 sizes=784,30,10": values as the options of these names take.

    Switches take yes or no. What an option is without being typed may be said by "none".
    """
    parser = _Parser(add_help=False, allow_abbrev=False)
    add_several_sizes_and_types(parser)
    add_network_options(parser, several=True)
    add_training_options(parser, SWEPT, several=SWEPT)
    settings: dict[str, Any] = {}
    for setting in text.split():
        typed, equals, value = setting.partition("=")
        if not (typed and equals and value):
            raise argparse.ArgumentTypeError(
                f"expected settings such as eta=0.5 momentum=0.9, got {describe(text)}"
            )
        name, value = parser.read(typed.replace("_", "-"), value)
        if name in settings:
            raise argparse.ArgumentTypeError(f"expected each setting once, got {describe(text)}")
        settings[name] = value
    return settings


class _Parser(argparse.ArgumentParser):
    """A parser of the options that a side may have, one at a time."""

    def read(self, typed: str, text: str) -> tuple[str, Any]:
        """Return the name of a setting in Python, and its value."""
        names = {
            flag.removeprefix("--"): action.dest
            for action in self._actions
            for flag in action.option_strings
        }
        flag = _FLAGS.get(typed, typed)
        if flag not in names:
            raise argparse.ArgumentTypeError(f"{typed} is no setting{nearest(typed, names)}")
        name = "sizes" if names[flag] == "layer_sizes" else names[flag]
        usual = {**DEFAULTS, "output": None}.get(name, name)
        if text.lower() == "none" and usual in (None, ()):
            return name, usual
        if isinstance(usual, bool):
            text = {"True": "yes", "False": "no"}.get(text, text)
        [value] = getattr(self.parse_args([f"--{flag}={text}"]), names[flag])
        if isinstance(usual, bool) and flag != typed:
            value = not value
        return name, cost_of(value) if name == "cost" else value

    def error(self, message: str) -> NoReturn:
        message = message.removeprefix("argument --")
        raise argparse.ArgumentTypeError(with_suggestion(message, ()))
