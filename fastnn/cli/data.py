"""What the program's commands train on: MNIST, or the user's own files."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any, NamedTuple, TextIO

import numpy as np
import numpy.typing as npt

from fastnn import mnist_loader
from fastnn.cli.final_tests import test_blocks
from fastnn.cli.table_options import (
    KINDS,
    ONLY_WITH_DATA,
    add_column_options,
    add_learning_options,
    reading_options,
)
from fastnn.cli.wording import tell
from fastnn.common.checks import counted, printable, real
from fastnn.datasets.applying import Block
from fastnn.datasets.dataset import Dataset
from fastnn.datasets.examples import Examples, class_weights
from fastnn.datasets.files.array_files import StoredExamples
from fastnn.datasets.labels import are_plain
from fastnn.datasets.opening import Opened, examples_of_arrays, labelled_table
from fastnn.datasets.sparse_rows import is_sparse
from fastnn.datasets.tables.columns import Columns
from fastnn.network2 import Network
from fastnn.scaling import Scaling
from fastnn.training.options import OPTIONS

_HIDDEN = 30  # neurons of the hidden layer where no sizes are given
_HELD_OUT = 0.2
_LARGE = 50.0  # inputs beyond this saturate neurons
_MNIST_SIZE = 50_000  # examples that the program's lambda is for


class TrainingTask(NamedTuple):
    """Data to train on, and what a network for them must be like."""

    training: Dataset
    evaluation: Dataset | None  # None where nothing is held out
    test: list[Block]
    sizes: list[int]
    labels: list[Any] | None = None
    scaling: Scaling | None = None
    columns: Columns | None = None
    sample_weight: npt.NDArray[np.float64] | None = None
    own: bool = False  # whether it is the user's own data
    told: tuple[str, ...] = ()  # what the data are, and what looks wrong

    @property
    def regression(self) -> bool:
        """Whether numbers are to be estimated."""
        return self.columns is not None and self.columns.task == "regression"

    def equip(self, network: Network) -> None:
        """Tell a network what its inputs and outputs stand for."""
        network.labels, network.scaling = self.labels, self.scaling
        network.columns = self.columns


def add_training_data(parser: argparse.ArgumentParser, with_test_data: bool = True) -> None:
    """Add the options that say what to train on."""
    group = parser.add_argument_group("own data, in place of MNIST")
    group.add_argument("--data", nargs="+", metavar="FILE", default=argparse.SUPPRESS, help=KINDS)
    if with_test_data:
        group.add_argument(
            "--test-data",
            nargs="+",
            metavar="FILE",
            default=argparse.SUPPRESS,
            help="more such files: how many of these examples the network gets right is printed at "
            "the end",
        )
    group.add_argument(
        "--held-out",
        type=float,
        metavar="FRACTION",
        default=argparse.SUPPRESS,
        help="part of the data to evaluate with after every epoch, in place of training on it, "
        "drawn at random from the seed, of each class its share; 0 for none (default: "
        f"{_HELD_OUT})",
    )
    add_learning_options(group)
    add_column_options(group)


def training_task(options: argparse.Namespace, for_classes: bool = False) -> TrainingTask:
    """Read what the options say to train on: without `--data`, MNIST.

    `for_classes` says that only classes can be trained; other options may say so, too.
    Raises ValueError if options do not go together, or sizes do not fit the data.
    """
    if "data" in options:
        return _own_task(options, for_classes or _ask_for_classes(options))
    for name in ONLY_WITH_DATA:
        if name in options:
            raise ValueError(f"--{name.replace('_', '-')} needs --data, got none")
    training, validation, _ = mnist_loader.load_data_wrapper()
    sizes = getattr(options, "sizes", [784, _HIDDEN, 10])
    return TrainingTask(training, validation, [], sizes)


def _ask_for_classes(options: argparse.Namespace) -> bool:
    """Say whether there are options that only go with classes."""
    return (
        "class_weight" in options
        or getattr(options, "sizes", [1])[-1] > 1
        or getattr(options, "output", None) in ("sigmoid", "softmax")
        or getattr(options, "cost", None) in ("cross-entropy", "log-likelihood")
    )


def refused_numbers(
    problem: str, told: Sequence[str], options: argparse.Namespace, stream: TextIO | None = None
) -> ValueError:
    """Return an error about labels that are numbers to estimate, after telling what the data are.

    Nobody may have asked for that: the description says why it was taken; see `tell` for `stream`.
    """
    tell(told, options, stream)
    return ValueError(f"{problem}; --task classification makes each label a class")


def _own_task(options: argparse.Namespace, for_classes: bool) -> TrainingTask:
    fraction = held_out_fraction(options)
    told: list[str] = []
    if "-" in options.data and "-" in getattr(options, "test_data", []):
        raise ValueError(
            "--test-data must be another file where --data is standard input, which is read once "
            "only; got - for both"
        )
    opened = Opened(*options.data)
    arrays = None
    if opened.is_table:
        training, held_out = _parts_of_table(opened, options, fraction, told, for_classes)
    else:
        arrays = opened.arrays(measured=getattr(options, "task", None) == "regression")
        training, held_out = _parts_of_arrays(opened, arrays, options, fraction, told)
    sizes = _sizes(training, options)
    test = test_blocks(options, opened, arrays, training, told)
    weights = _sample_weight(training, options, told)
    scaling = _scaling(training, options, opened.is_table, told)
    outputs, columns, classes = sizes[-1], training.columns, training.classes
    if scaling is not None:  # in place: both are this function's own, and may be large
        for part in (training, held_out):
            if part is not None:
                scaling.apply(part.inputs, out=part.inputs)
    evaluation = None if held_out is None else held_out.dataset(None, outputs)
    data = training.dataset(None, outputs)
    labels = None if not classes or are_plain(classes) else classes
    return TrainingTask(
        data, evaluation, test, sizes, labels, scaling, columns, weights, True, tuple(told)
    )


def held_out_fraction(options: argparse.Namespace) -> float:
    """Return the part to hold out, after checking it."""
    fraction = real("--held-out", getattr(options, "held_out", _HELD_OUT))
    if fraction != 0.0 and not 0 < fraction < 1:
        raise ValueError(f"--held-out must be at least 0 and below 1, got {fraction}")
    return fraction


def _parts_of_table(
    opened: Opened,
    options: argparse.Namespace,
    fraction: float,
    told: list[str],
    for_classes: bool,
) -> tuple[Examples, Examples | None]:
    table = labelled_table(
        opened,
        reading_options(options),
        getattr(options, "label_column", None),
        task=getattr(options, "task", None),
        drop_missing=getattr(options, "drop_missing", False),
        weight=getattr(options, "weight_column", None),
        ignored=getattr(options, "ignore_columns", ()),
        categories=getattr(options, "categories", ()),
        for_classes=for_classes,
    )
    lines = table.describe()
    numbers = any(place in table.table.numbers for place in table.table.inputs)
    if numbers and "standardise" not in options:
        lines.insert(1, "Note: numbers are standardised; --no-standardise leaves them as they are")
    told += lines
    training, held_out = table, None
    if fraction:
        training, held_out = table.split(fraction, getattr(options, "seed", None))
    columns = training.learn()
    examples = training.examples(columns)
    return examples, None if held_out is None else held_out.examples(columns)


def _parts_of_arrays(
    opened: Opened,
    arrays: StoredExamples,
    options: argparse.Namespace,
    fraction: float,
    told: list[str],
) -> tuple[Examples, Examples | None]:
    refuse_table_options(options, opened)
    if arrays.labels is None:
        raise ValueError(
            f"--data must have labels to train with, {printable(opened.name)} has none"
            + ("; name the file of its labels after it" if opened.kind in ("idx", "npy") else "")
            + "".join(f"; {note}" for note in arrays.notes if note.startswith("not used: "))
        )
    examples = examples_of_arrays(arrays, getattr(options, "task", None))
    n, inputs = examples.inputs.shape
    targets = f"targets from {examples.labels.min():g} to {examples.labels.max():g}" if (
        not examples.classes and examples.labels is not None
    ) else counted(len(examples.classes), "class")  # fmt: skip
    lines = [
        f"{counted(n, 'example')}, {counted(inputs, 'input')}, {targets}",
        *(f"Note: {note}" for note in arrays.notes),
    ]
    if len(examples.classes) == 1:
        raise ValueError(
            f"{printable(opened.name)}: all labels are {examples.classes[0]!r}: one class is "
            "nothing to learn"
        )
    if len(examples.classes) == n:
        lines.append(f"Warning: each of the {n} examples is a class of its own")
    told += lines
    if not fraction:
        return examples, None
    return examples.split(fraction, getattr(options, "seed", None), stratified=True)


def refuse_table_options(options: argparse.Namespace, opened: Opened) -> None:
    """Raise ValueError if an option is given that only tables have, for what is no table."""
    for name in ("label_column", "ignore_columns", "categories", "weight_column", "encoding",
                 "header", "drop_missing"):  # fmt: skip
        if name in options:
            raise ValueError(
                f"--{name.replace('_', '-')} is for tables; {printable(opened.name)} is not one"
            )


def _sizes(training: Examples, options: argparse.Namespace) -> list[int]:
    width, classes = training.inputs.shape[1], len(training.classes)
    outputs = classes or 1
    sizes: list[int] = getattr(options, "sizes", [width, _HIDDEN, outputs])
    allowed = {outputs, 1} if classes == 2 else {outputs}
    if sizes[0] != width or sizes[-1] not in allowed:
        what = "classes" if classes else "targets"
        raise ValueError(
            f"--sizes must begin with {width} and end with {outputs}, the inputs and {what} "
            f"of {printable(options.data[0])}; got {','.join(map(str, sizes))}"
        )
    return sizes


def _scaling(
    training: Examples, options: argparse.Namespace, is_table: bool, told: list[str]
) -> Scaling | None:
    sparse = is_sparse(training.inputs)
    if getattr(options, "standardise", is_table):
        if sparse:
            raise ValueError("--standardise would fill sparse inputs; scale them before")
        columns = training.columns
        if columns is not None and is_table:
            return columns.scaling(training.inputs)
        return Scaling.of(training.inputs)
    largest = abs(training.inputs).max()
    if largest > _LARGE:
        told.append(
            f"Warning: inputs go up to {largest:g}, which few networks learn from; --standardise "
            "brings them to zero mean and unit variance"
        )
    return None


def _sample_weight(
    training: Examples, options: argparse.Namespace, told: Sequence[str]
) -> npt.NDArray[np.float64] | None:
    weights = training.weights
    if "class_weight" in options:
        if not training.classes or training.labels is None:
            problem = "--class-weight is for classes, not for a regression"
            raise refused_numbers(problem, told, options)
        balanced = class_weights(training.labels)
        weights = balanced if weights is None else weights * balanced
    if weights is None:
        return None
    if not weights.sum():
        raise ValueError("--weight-column: all weights are 0")
    normal: npt.NDArray[np.float64] = weights / weights.mean()
    return normal


def default_lmbda(task: TrainingTask, options: argparse.Namespace) -> float | None:
    """Return the lambda for data of the user's own where none is given; None for all else.

    It is the program's in proportion to the examples, so that weights decay as fast as on MNIST.
    """
    if not task.own or "lmbda" in options:
        return None
    lmbda: float = OPTIONS["lmbda"].program_default
    return lmbda * len(task.training) / _MNIST_SIZE
