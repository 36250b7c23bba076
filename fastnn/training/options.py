"""The options of `SGD`, each declared once: how it is checked, kept, swept over and offered."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import MISSING, dataclass, field
from functools import partial
from typing import Any, NamedTuple

from fastnn import schedules
from fastnn.common import checks
from fastnn.engine.step_settings import StepSettings
from fastnn.optimisers import NAMES, Adam, kernel_rule
from fastnn.training import option_checks
from fastnn.training.option_checks import Check


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

    def step_settings(self, n: int, epochs_to_come: int) -> StepSettings:
        """Return what the trainer needs to know of the options, for n training examples."""
        return StepSettings(
            mini_batch_size=min(self.mini_batch_size, n),
            lmbda=self.lmbda,
            n=n,
            l1=self.l1,
            rule=self.rule,
            dropout=self.dropout,
            frozen_layers=self.frozen_layers,
            shuffle=self.shuffle,
            threads=self.threads,
            stay_finite=self.on_divergence == "raise",
            epochs=epochs_to_come,
        )


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
