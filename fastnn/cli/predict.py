"""`fastnn predict`: the labels that a saved network gives to examples."""

from __future__ import annotations

import argparse
import csv
import io
import os
import sys
from typing import Any

import numpy as np

import fastnn
from fastnn.cli.data import accuracy_line, add_label_column, predicted_labels
from fastnn.common.writing import check_writable, write_whole
from fastnn.own_data import read_examples


def add_parser(commands: Any) -> None:
    """Add the command to the program's subparsers."""
    parser = commands.add_parser(
        "predict",
        help="print the labels that a saved network gives to examples",
        description="Print the label that a saved network gives to each example, each in a line. "
        "If the examples have labels of their own, a line on standard error says how many agree.",
    )
    parser.set_defaults(run=run)
    parser.add_argument("network", metavar="NETWORK", help="a network that was saved")
    parser.add_argument(
        "data",
        nargs="+",
        metavar="FILE",
        help="examples, with or without labels: an npz with an array x, one or two IDX files "
        "(images, labels), or a CSV table, which has labels if it has a column more than the "
        "network has inputs",
    )
    add_label_column(parser)
    parser.add_argument(
        "--probabilities",
        action="store_true",
        help="print all outputs in place of the labels: a CSV table under a header of labels",
    )
    parser.add_argument(
        "--out",
        metavar="FILE",
        default=argparse.SUPPRESS,
        help="write to this file, whole or not at all, in place of standard output",
    )


def run(options: argparse.Namespace) -> None:
    """Run the command with the options that its parser found."""
    if "out" in options:
        check_writable(options.out)
    network = fastnn.load(options.network)
    examples = read_examples(
        *options.data,
        label_column=getattr(options, "label_column", None),
        inputs=network.sizes[0],
    )
    if options.probabilities:
        text = _table(network, examples.inputs)
    else:
        labels = predicted_labels(network, examples.inputs)
        text = "".join(f"{label}\n" for label in labels.tolist())
    if "out" in options:
        write_whole(options.out, text.encode())
    else:
        _print_whole(text)
    if examples.labels is not None:
        print(accuracy_line(options.data[0], network, examples), file=sys.stderr)


def _print_whole(text: str) -> None:
    """Print a text: to a pipe or a file in UTF-8, unless PYTHONIOENCODING asks for another."""
    stream = sys.stdout
    asked = "PYTHONIOENCODING" in os.environ
    if isinstance(stream, io.TextIOWrapper) and not (stream.isatty() or asked):
        stream.reconfigure(encoding="utf-8")
    stream.write(text)


def _table(network: fastnn.Network, inputs: np.ndarray[Any, Any]) -> str:
    """Return all outputs as CSV, under a header with the label that each stands for."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(network.labels or range(network.sizes[-1]))
    writer.writerows(network.outputs(inputs).tolist())
    return table.getvalue()
