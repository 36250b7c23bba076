"""`fastnn evaluate`: how many examples a saved network gets right."""

from __future__ import annotations

import argparse
from typing import Any

import fastnn
from fastnn import mnist_loader
from fastnn.cli.data import accuracy_line, add_label_column, format_accuracy, read_labelled


def add_parser(commands: Any) -> None:
    """Add the command to the program's subparsers."""
    parser = commands.add_parser(
        "evaluate",
        help="evaluate a saved network on MNIST or on your own data",
        description="Print how many of MNIST's validation and test images, or of your own "
        "examples, a saved network gets right.",
    )
    parser.set_defaults(run=run)
    parser.add_argument("network", metavar="NETWORK", help="a network that was saved")
    parser.add_argument(
        "data",
        nargs="*",
        metavar="FILE",
        help="labelled examples in place of MNIST: an npz with arrays x and y, two IDX files "
        "(images and labels), or a CSV table",
    )
    add_label_column(parser)


def run(options: argparse.Namespace) -> None:
    """Run the command with the options that its parser found."""
    network = fastnn.load(options.network)
    label_column = getattr(options, "label_column", None)
    if options.data:
        examples = read_labelled(options.data, label_column, network.sizes[0])
        print(accuracy_line(options.data[0], network, examples))
        return
    if label_column is not None:
        raise ValueError("--label-column needs a FILE of examples, got none")
    _, validation_data, test_data = mnist_loader.load_data_wrapper()
    for name, data in (("validation", validation_data), ("test", test_data)):
        print(format_accuracy(f"{name} data", network.accuracy(data), len(data)))
