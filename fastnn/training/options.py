"""The options of `SGD`, each declared once: how it is checked, kept, swept over and offered."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field
from functools import partial
from typing import Any, NamedTuple

from fastnn import schedules
from fastnn.common import checks
from fastnn.model.architecture import Architecture
from fastnn.optimisers import NAMES, Adam, kernel_rule
from fastnn.training import option_checks
from fastnn.training.option_checks import Check

# The declaration ------------------------------------------------------------------------------


class Flag(NamedTuple):
    """How the command line offers an option.

    An option whose default is True or False becomes a switch to the other of the two.
    """

    help: str
    type: Callable[[str], Any] = str  # from the text that is typed to the value
    name: str | None = None  # "--" and the option's own name, if None
    metavar: str | None = None
    choices: tuple[str, ...] | None = None


class Stored(NamedTuple):
    """What a checkpoint holds of an option: from its value to JSON, and back to an argument."""

    write: Callable[[Any], Any]
    read: Callable[[Any], Any]


class Fixed(NamedTuple):
    """The value that an option has for all networks of a sweep."""

    value: Any


class Option(NamedTuple):
    """What there is to know of an option besides its name and its default."""

    check: Check
    flags: tuple[Flag, ...] = ()  # one of them may be given; empty if the option is not offered
    program_default: Any = None  # of the command line, where it is not the default of `SGD`
    in_sweeps: Fixed | None = None  # None where it is a setting of a sweep
    stored: Stored = Stored(lambda value: value, lambda stored: stored)
    renewable: bool = False  # whether `resume` takes it anew


_NOT_STORED = Stored(lambda value: None, lambda stored: None)


def _option(check: Check, *flags: Flag, **others: Any) -> dict[str, Option]:
    """Return the metadata of a field of `Options`."""
    return {"option": Option(check, flags, **others)}


def _rates(text: str) -> float | list[float]:
    return [float(part) for part in text.split(",")] if "," in text else float(text)


def _places(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def _schedule_flags() -> list[Flag]:
    """Return the flags of schedules, each of which takes the first number of its schedule."""

    def typed(kind: type[Any]) -> Callable[[str], Any]:
        def number(text: str) -> Any:
            return kind(int(text))

        return number

    return [
        Flag(entry.help, typed(kind), name=entry.flag, metavar="N")
        for kind, entry in schedules.SCHEDULES.items()
    ]


@dataclass(frozen=True)
class Options:
    """How to train and what to watch: the checked arguments of `SGD`, except data and files.

    This is where an option is declared. It is also in the signature and the docstring of
    `Network.SGD`, which a test compares with this; everything else follows from here.
    """

    epochs: int = field(
        metadata=_option(
            partial(checks.integer, smallest=0),
            Flag("times through the data", int),
            program_default=30,
            renewable=True,
        )
    )
    mini_batch_size: int = field(
        metadata=_option(
            partial(checks.integer, smallest=1), Flag("examples per step", int), program_default=10
        )
    )
    eta: float = field(
        metadata=_option(checks.real, Flag("learning rate", float), program_default=0.1)
    )
    lmbda: float = field(
        default=0.0,
        metadata=_option(
            checks.real,
            Flag(
                "regularisation parameter lambda; the default is for MNIST, and for own data in "
                "proportion to its examples",
                float,
            ),
            program_default=5.0,
        ),
    )
    monitor_evaluation_cost: bool = field(default=False, metadata=_option(option_checks.truth))
    monitor_evaluation_accuracy: bool = field(default=False, metadata=_option(option_checks.truth))
    monitor_training_cost: bool = field(default=False, metadata=_option(option_checks.truth))
    monitor_training_accuracy: bool = field(default=False, metadata=_option(option_checks.truth))
    momentum: float = field(
        default=0.0, metadata=_option(checks.fraction, Flag("momentum for sgd", float))
    )
    nesterov: bool = field(
        default=False, metadata=_option(checks.flag, Flag("use momentum that looks ahead"))
    )
    optimizer: str | Adam = field(  # `kernel_rule` checks it, with momentum and nesterov
        default="sgd",
        metadata=_option(option_checks.anything, Flag("rule for each step", choices=NAMES)),
    )
    l1: float = field(
        default=0.0, metadata=_option(checks.not_negative, Flag("L1 regularisation", float))
    )
    dropout: Any = field(  # once checked, a tuple of a rate for each hidden layer, or of none
        default=0.0,
        metadata=_option(
            option_checks.dropout_rates,
            Flag(
                "part of the hidden neurons to leave out: one rate for all layers, or one each",
                _rates,
                metavar="RATE[,RATE...]",
            ),
            stored=Stored(list, lambda rates: rates or 0.0),
        ),
    )
    frozen_layers: Any = field(  # once checked, a tuple of places in increasing order
        default=(),
        metadata=_option(
            option_checks.layer_places,
            Flag(
                "layers of weights and biases to leave as they are, counted from 0",
                _places,
                metavar="LAYER[,LAYER...]",
            ),
            stored=Stored(list, tuple),
        ),
    )
    shuffle: bool = field(
        default=True,
        metadata=_option(
            checks.flag,
            Flag("take the examples in the same order in every epoch", name="--no-shuffle"),
        ),
    )
    schedule: schedules.Schedule | None = field(
        default=None,
        metadata=_option(
            schedules.check_schedule,
            *_schedule_flags(),
            stored=Stored(schedules.stored_schedule, schedules.read_schedule),
            renewable=True,
        ),
    )
    early_stopping_n: int | None = field(
        default=None,
        metadata=_option(
            option_checks.count_or_none,
            Flag(
                "stop when accuracy has not improved for N epochs, with the best epoch's network",
                int,
                name="--early-stopping",
                metavar="N",
            ),
        ),
    )
    callback: Any = field(  # once checked, a tuple of functions
        default=None,
        metadata=_option(
            option_checks.callbacks, in_sweeps=Fixed(None), stored=_NOT_STORED, renewable=True
        ),
    )
    monitor_layer_speeds: bool = field(default=False, metadata=_option(checks.flag))
    on_divergence: str = field(
        default="raise",
        metadata=_option(
            option_checks.on_divergence,
            Flag(
                "stop with an error when weights or costs are no longer finite, or go on",
                choices=("raise", "continue"),
            ),
        ),
    )
    progress: bool = field(
        default=False,
        metadata=_option(
            checks.flag,
            Flag("show on stderr how far training is, in place of a report of each epoch"),
            in_sweeps=Fixed(False),
            renewable=True,
        ),
    )
    verbose: bool = field(
        default=True,
        metadata=_option(
            option_checks.truth,
            Flag("print only the result", name="--quiet"),
            in_sweeps=Fixed(False),
            renewable=True,
        ),
    )
    threads: Any = field(  # once checked, a number
        default=None,
        metadata=_option(
            option_checks.thread_count,
            Flag("threads that may work together (default: all that help)", int),
            in_sweeps=Fixed(1),  # the other processors have other networks to train
            renewable=True,
        ),
    )
    seed: int | None = field(  # the program's own --seed seeds the initial values, too
        default=None,
        metadata=_option(
            option_checks.seed_or_none, in_sweeps=Fixed(None)
        ),  # a sweep has seeds of its own
    )

    @property
    def rule(self) -> Any:
        """The rule for a step as kernels take it; None for plain gradient descent."""
        return kernel_rule(self.optimizer, self.momentum, self.nesterov)


OPTIONS: dict[str, Option] = {
    each.name: each.metadata["option"] for each in dataclasses.fields(Options)
}
"""The options by their names, in the order of the arguments of `SGD`."""

DEFAULTS: dict[str, Any] = {
    each.name: each.default for each in dataclasses.fields(Options) if each.default is not MISSING
}
"""The defaults of the options that have one."""

SWEPT = tuple(name for name, option in OPTIONS.items() if option.in_sweeps is None)
"""The options that are settings of a sweep."""

RENEWABLE = tuple(name for name, option in OPTIONS.items() if option.renewable)
"""The options that `resume` takes anew."""


# What is made of it ---------------------------------------------------------------------------


def check_options(
    given: Mapping[str, Any], *, hidden_layers: int, has_evaluation_data: bool
) -> Options:
    """Check arguments of `SGD`, each by itself and all together.

    Parameters
    ----------
    given : mapping of str to object
        Options by name. Those that are not there have their defaults.
    hidden_layers : int
        How many the network has.
    has_evaluation_data : bool
        Whether there are data to monitor with.

    Raises
    ------
    KeyError
        If there is no option of a name.
    TypeError, ValueError
        If one is missing or wrong, or they do not go together.
    """
    arguments = {**DEFAULTS, **given}
    checked = {name: _checked(name, value) for name, value in arguments.items()}
    checked["dropout"] = _rates_by_layer(checked["dropout"], hidden_layers)
    options = Options(**checked)
    _check_together(options, has_evaluation_data)
    _check_frozen(options.frozen_layers, hidden_layers + 1)
    return options


def _checked(name: str, value: Any) -> Any:
    """Check an option. What is the default is known to be right: most options are."""
    default = DEFAULTS.get(name, MISSING)
    changes = name in ("callback", "threads")  # a check turns their defaults into something else
    if type(value) is type(default) and not changes and value == default:
        return default
    return OPTIONS[name].check(name, value)


def renew_options(options: Options, given: Mapping[str, Any]) -> Options:
    """Put options that `resume` was given in place of those of the stored run.

    Raises
    ------
    TypeError, ValueError
        If one is wrong, or does not go with the others.
    """
    checked = {name: OPTIONS[name].check(name, value) for name, value in given.items()}
    renewed = dataclasses.replace(options, **checked)
    _check_together(renewed, has_evaluation_data=True)
    return renewed


def _check_together(options: Options, has_evaluation_data: bool) -> None:
    for name in ("monitor_evaluation_cost", "monitor_evaluation_accuracy"):
        if getattr(options, name) and not has_evaluation_data:
            raise ValueError(f"{name} needs evaluation_data, got none")
    figure = schedules.figure_of(options.schedule)
    if figure is not None and not getattr(options, f"monitor_{figure}"):
        data, what = figure.split("_")
        raise ValueError(
            f"schedule={type(options.schedule).__name__}() goes by the {what} on {data} data: it "
            f"needs monitor_{figure}=True"
        )
    monitored = options.monitor_evaluation_accuracy or options.monitor_evaluation_cost
    if options.early_stopping_n is not None and not monitored:
        raise ValueError(
            "early_stopping_n goes by the figures on evaluation data: it needs "
            "monitor_evaluation_accuracy=True or monitor_evaluation_cost=True"
        )
    kernel_rule(options.optimizer, options.momentum, options.nesterov)


def _rates_by_layer(dropout: Any, hidden_layers: int) -> tuple[float, ...]:
    """Return a rate for each hidden layer; none at all if nothing is dropped anywhere."""
    rates = dropout if isinstance(dropout, tuple) else (dropout,) * hidden_layers
    if len(rates) != hidden_layers:
        raise ValueError(
            f"dropout must be one rate, or one for each of {hidden_layers} hidden layers, "
            f"got {len(rates)}"
        )
    return rates if any(rates) else ()


def _check_frozen(frozen_layers: tuple[int, ...], layers: int) -> None:
    if frozen_layers and frozen_layers[-1] >= layers:
        raise ValueError(
            f"frozen_layers must be below {layers}, the number of layers after the inputs, "
            f"got {frozen_layers[-1]}"
        )
    if len(frozen_layers) == layers:
        raise ValueError(f"frozen_layers must leave a layer to train, got all {layers}")


def check_monitors(options: Options, architecture: Architecture) -> None:
    """Raise ValueError if an accuracy is to be monitored that the network cannot have."""
    for name in ("monitor_training_accuracy", "monitor_evaluation_accuracy"):
        if getattr(options, name):
            architecture.check_tells_classes(name)
