"""The options of commands that train: what the network is, and how to train it."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Container, Iterable
from typing import Any

from fastnn.common.checks import layer_sizes
from fastnn.model.activations import HIDDEN, OUTPUT
from fastnn.model.costs import COSTS
from fastnn.model.initialisers import INITIALISERS
from fastnn.schedules import figure_of
from fastnn.training.options import DEFAULTS, OPTIONS, Flag

# The costs by what `--cost` calls them: cross-entropy for CrossEntropyCost.
_COSTS = {
    "-".join(re.findall("[A-Z][a-z]*", name.removesuffix("Cost"))).lower(): cost
    for name, cost in COSTS.items()
}


def add_several_sizes_and_types(parser: argparse.ArgumentParser) -> None:
    """Add the options that say how large the networks are, and of which numbers."""
    parser.add_argument(
        "--sizes",
        dest="layer_sizes",
        type=sizes_option,
        nargs="+",
        metavar="SIZES",
        default=argparse.SUPPRESS,
        help="neurons per layer, inputs first, as 784,30,10 784,100,10 (default: 30 between the "
        "data's inputs and classes)",
    )
    parser.add_argument(
        "--dtype",
        choices=("float64", "float32"),
        nargs="+",
        default=argparse.SUPPRESS,
        help="numbers (default: float64)",
    )


def add_network_options(parser: argparse.ArgumentParser, several: bool = False) -> None:
    """Add the options that say what the network is; `several` values of each, or one."""
    group = parser.add_argument_group("the network")
    nargs = "+" if several else None
    group.add_argument(
        "--cost",
        nargs=nargs,
        choices=_COSTS,
        default=argparse.SUPPRESS,
        help="cost (default: cross-entropy, quadratic for a regression)",
    )
    group.add_argument(
        "--activation",
        nargs=nargs,
        type=lambda text: text.split(",") if "," in text else text,
        default=argparse.SUPPRESS,
        metavar="NAME[,NAME...]",
        help=f"of the hidden layers ({', '.join(HIDDEN)}): one for all, or one each (default: "
        "sigmoid)",
    )
    group.add_argument(
        "--output",
        nargs=nargs,
        choices=OUTPUT,
        default=argparse.SUPPRESS,
        help="of the output layer (default: softmax with log-likelihood, identity for a "
        "regression, else sigmoid)",
    )
    group.add_argument(
        "--initializer",
        nargs=nargs,
        choices=INITIALISERS,
        default=argparse.SUPPRESS,
        help="how weights are drawn (default: default)",
    )


def add_training_options(
    parser: argparse.ArgumentParser, names: Iterable[str] = OPTIONS, several: Container[str] = ()
) -> None:
    """Add the options that say how to train it.

    What is not given on the command line is not in the namespace; see `training_arguments`. All
    names are, as `offered`, for messages, and so are those of the network's options.

    Parameters
    ----------
    parser : ArgumentParser
    names : iterable of str, optional
        The options that the command offers, by their names in `SGD`.
    several : container of str, optional
        Those that may have several values; a switch among them takes yes, no or both.
    """
    group = parser.add_argument_group("the training")
    names = list(names)
    parser.set_defaults(offered=[*names, "cost", "activation", "output", "initializer"])
    for name in names:
        flags = OPTIONS[name].flags
        place = group.add_mutually_exclusive_group() if len(flags) > 1 else group
        for flag in flags:
            _add_flag(place, name, flag, name in several)


def _add_flag(group: Any, name: str, flag: Flag, several: bool) -> None:
    default = OPTIONS[name].program_default
    if default is None:
        default = DEFAULTS[name]
    typed = flag.name or f"--{name.replace('_', '-')}"
    how: dict[str, Any] = {"dest": name, "default": argparse.SUPPRESS}
    if isinstance(default, bool) and several:
        how |= {"nargs": "*", "metavar": "yes|no", "type": _switch(not default)}
        group.add_argument(typed, help=flag.help, **how)
        return
    if isinstance(default, bool):
        group.add_argument(typed, action="store_const", const=not default, help=flag.help, **how)
        return
    if several:
        how["nargs"] = "+"
    group.add_argument(
        typed,
        type=_reader(flag),
        choices=flag.choices,
        metavar=flag.metavar,
        help=flag.help if default is None else f"{flag.help} (default: {_worded(default)})",
        **how,
    )


def _switch(on: bool) -> Callable[[str], bool]:
    """Return what reads yes as this value and no as the other."""

    def read(text: str) -> bool:
        if text not in ("yes", "no"):
            raise argparse.ArgumentTypeError(f"expected yes or no, got {text!r}")
        return on if text == "yes" else not on

    return read


def _worded(default: Any) -> str:
    """Return a default as one would type it."""
    if isinstance(default, float):
        return f"{default:g}"
    return "none" if default == () else str(default)


def _reader(flag: Flag) -> Callable[[str], Any]:
    """Return what reads an option's value, and says what it expects as its help does."""
    if flag.metavar is None:
        return flag.type

    def read(text: str) -> Any:
        try:
            return flag.type(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"expected {flag.metavar}, got {text!r}") from None

    return read


def add_checkpoint_options(parser: argparse.ArgumentParser) -> None:
    """Add the options for runs that may be interrupted."""
    group = parser.add_argument_group("interrupted runs").add_mutually_exclusive_group()
    group.add_argument(
        "--checkpoint",
        metavar="FILE",
        default=argparse.SUPPRESS,
        help="write the state of training to this npz file after every epoch",
    )
    group.add_argument(
        "--resume",
        metavar="FILE",
        default=argparse.SUPPRESS,
        help="go on from such a file, with the same --data: it holds the network, how to train it "
        "and what is held out; --epochs (in all), --save, --quiet and --progress count, and other "
        "options must be those of the stored run",
    )


def sizes_option(text: str) -> list[int]:
    """Read layer sizes such as 784,30,10."""
    try:
        return layer_sizes([int(part) for part in text.split(",")])
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"expected two or more positive integers such as 784,30,10, got {text!r}"
        ) from None


def cost_of(word: str) -> Any:
    """Return the cost that `--cost` calls so."""
    return _COSTS[word]


def cost_word(cost: type) -> str:
    """Return what `--cost` calls a cost."""
    return next(word for word, known in _COSTS.items() if known is cost)


def network_arguments(options: argparse.Namespace) -> dict[str, Any]:
    """Return the options of the network as `Network` takes them, or lists of such values."""
    cost = getattr(options, "cost", "cross-entropy")
    return {
        "cost": [_COSTS[one] for one in cost] if isinstance(cost, list) else _COSTS[cost],
        "activation": getattr(options, "activation", "sigmoid"),
        "output": getattr(options, "output", None),
        "initializer": getattr(options, "initializer", "default"),
    }


def training_arguments(
    options: argparse.Namespace, names: Iterable[str] = OPTIONS
) -> dict[str, Any]:
    """Return the options of training, by name, as `SGD` takes them.

    An option that was not given has the program's default, or else is left to `SGD`. A schedule
    comes with the monitor of the figure that it goes by.
    """
    arguments = {}
    for name in names:
        if not OPTIONS[name].flags:  # the program's own options of such a name mean something else
            continue
        value = getattr(options, name, OPTIONS[name].program_default)
        if value is not None:
            arguments[name] = value
    figure = figure_of(arguments.get("schedule"))
    if figure is not None:
        arguments[f"monitor_{figure}"] = True
    return arguments
