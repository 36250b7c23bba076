"""What the program's commands train on and evaluate with: MNIST, or the user's own files."""

from __future__ import annotations

import argparse
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from fastnn import mnist_loader
from fastnn.common.checks import printable, real
from fastnn.datasets.dataset import Dataset
from fastnn.datasets.labels import are_plain, count_equal
from fastnn.network2 import Network
from fastnn.own_data import Examples, read_examples
from fastnn.scaling import Scaling

_HIDDEN = 30  # neurons of the hidden layer where no sizes are given
_HELD_OUT = 0.2
_ONLY_WITH_DATA = ("test_data", "held_out", "standardise", "label_column")


class TrainingTask(NamedTuple):
    """Data to train on, and what a network for them must be like."""

    training: Dataset
    evaluation: Dataset | None  # None where nothing is held out
    test: Examples | None
    sizes: list[int]
    labels: list[Any] | None
    scaling: Scaling | None


def add_label_column(parser: Any) -> None:
    """Add the option that says which column of a table holds labels."""
    parser.add_argument(
        "--label-column",
        metavar="NAME|INDEX",
        default=argparse.SUPPRESS,
        help="column of labels in a CSV table: its name in the header, or its place from 0, or "
        "from the end with -1 for the last (default: the last)",
    )


def add_training_data(parser: argparse.ArgumentParser, with_test_data: bool = True) -> None:
    """Add the options that say what to train on."""
    group = parser.add_argument_group("own data, in place of MNIST")
    group.add_argument(
        "--data",
        nargs="+",
        metavar="FILE",
        default=argparse.SUPPRESS,
        help="an npz with arrays x and y, two IDX files (images and labels, plain or gzipped), or "
        "a CSV table; labels are whole numbers or text",
    )
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
        f"drawn at random from the seed; 0 for none (default: {_HELD_OUT})",
    )
    group.add_argument(
        "--standardise",
        action="store_true",
        default=argparse.SUPPRESS,
        help="give each input zero mean and unit variance over the examples trained on",
    )
    add_label_column(group)


def training_task(options: argparse.Namespace) -> TrainingTask:
    """Read what the options say to train on: without `--data`, MNIST.

    Raises ValueError if options do not go together, or sizes do not fit the data.
    """
    if "data" in options:
        return _own_task(options)
    for name in _ONLY_WITH_DATA:
        if name in options:
            raise ValueError(f"--{name.replace('_', '-')} needs --data, got none")
    training, validation, _ = mnist_loader.load_data_wrapper()
    sizes = getattr(options, "sizes", [784, _HIDDEN, 10])
    return TrainingTask(training, validation, None, sizes, None, None)


def _own_task(options: argparse.Namespace) -> TrainingTask:
    label_column = getattr(options, "label_column", None)
    examples = read_examples(*options.data, label_column=label_column)
    if examples.labels is None:
        raise ValueError(
            f"--data must have labels to train with, {printable(options.data[0])} has none"
        )
    width, classes = examples.inputs.shape[1], examples.classes
    sizes = getattr(options, "sizes", [width, _HIDDEN, len(classes)])
    if (sizes[0], sizes[-1]) != (width, len(classes)):
        raise ValueError(
            f"--sizes must begin with {width} and end with {len(classes)}, the inputs and classes "
            f"of {printable(options.data[0])}; got {','.join(map(str, sizes))}"
        )
    test = None
    if "test_data" in options:
        test = read_labelled(options.test_data, label_column, width)
    training, held_out = _split(examples, options)
    scaling = Scaling.of(training.inputs) if "standardise" in options else None
    return TrainingTask(
        training.dataset(scaling),
        held_out.dataset(scaling) if held_out else None,
        test,
        sizes,
        None if are_plain(classes) else classes,
        scaling,
    )


def _split(examples: Examples, options: argparse.Namespace) -> tuple[Examples, Examples | None]:
    fraction = real("--held-out", getattr(options, "held_out", _HELD_OUT))
    if fraction == 0.0:
        return examples, None
    if not 0 < fraction < 1:
        raise ValueError(f"--held-out must be at least 0 and below 1, got {fraction}")
    seed = options.seed % 2**32 if "seed" in options else None
    return examples.split(fraction, seed)


def read_labelled(paths: list[str], label_column: str | None, inputs: int) -> Examples:
    """Read examples, each of this number of inputs.

    Raises ValueError if they have no labels.
    """
    examples = read_examples(*paths, label_column=label_column, inputs=inputs)
    if examples.labels is None:
        raise ValueError(f"{printable(paths[0])} must have labels to compare with, got none")
    return examples


def predicted_labels(network: Network, inputs: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The label of each example, also where `predict` gives the values of identity outputs."""
    if network.labels is None and network.sizes[-1] > 1:
        largest: npt.NDArray[Any] = np.argmax(network.outputs(inputs), axis=1)
        return largest
    return network.predict(inputs)


def accuracy_line(what: str, network: Network, examples: Examples) -> str:
    """Say how many of the examples a network gets right; a label that it does not know is wrong."""
    assert examples.labels is not None
    correct = count_equal(predicted_labels(network, examples.inputs), examples.labels)
    return format_accuracy(what, correct, len(examples.inputs))


def format_accuracy(what: str, correct: int, n: int) -> str:
    """Return the line about a data set that was evaluated once."""
    return f"Accuracy on {printable(what)}: {correct} / {n} ({correct / n:.2%})"
