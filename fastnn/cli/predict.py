"""`fastnn predict`: the labels that a saved network gives to examples."""

from __future__ import annotations

import argparse
import csv
import io
import os
import sys
from typing import Any

import fastnn
from fastnn.cli.table_options import KINDS, add_label_column, add_reading_options, reading_options
from fastnn.cli.wording import in_typed_options, told_of
from fastnn.cli.written_files import check_written
from fastnn.common.writing import check_writable, writing_whole
from fastnn.datasets.applying import FileForNetwork
from fastnn.datasets.opening import Opened
from fastnn.own_data import answers_of, file_for, is_regression, score


def add_parser(commands: Any) -> None:
    """Add the command to the program's subparsers."""
    parser = commands.add_parser(
        "predict",
        help="print the labels that a saved network gives to examples",
        epilog="Example: fastnn predict iris.npz new.csv --output answers.csv",
        description="Print the label that a saved network gives to each example, each in a line. "
        "If the examples have labels of their own, a line on standard error says how many agree. "
        "Tables are read in blocks, so that they may be larger than the memory.",
    )
    parser.set_defaults(run=run)
    parser.add_argument("network", metavar="NETWORK", help="a network that was saved")
    parser.add_argument(
        "data",
        nargs="+",
        metavar="FILE",
        help=f"examples, with or without labels: {KINDS}; the columns of a table are found by name",
    )
    add_label_column(parser)
    add_reading_options(parser)
    parser.add_argument(
        "--probabilities",
        action="store_true",
        help="print all outputs in place of the labels: a CSV table under a header of labels",
    )
    place = parser.add_mutually_exclusive_group()
    place.add_argument(
        "--output",
        metavar="FILE",
        default=argparse.SUPPRESS,
        help="write a CSV table with the label and all outputs of each example to this file, whole "
        "or not at all",
    )
    place.add_argument(
        "--out",
        metavar="FILE",
        default=argparse.SUPPRESS,
        help="write what would be printed to this file, whole or not at all",
    )


def run(options: argparse.Namespace) -> None:
    """Run the command with the options that its parser found."""
    check_written(options, ("output", "out"), ("network", "data"))
    filename = getattr(options, "output", getattr(options, "out", None))
    if filename is not None:
        check_writable(filename)
    network = fastnn.load(options.network)
    label_column = getattr(options, "label_column", None)
    file = file_for(network, Opened(*options.data), label_column, reading_options(options))
    if filename is None:
        _use_utf8(sys.stdout)
        told = _write(network, file, options, sys.stdout)
    else:
        with writing_whole(filename) as stream:
            text = io.TextIOWrapper(stream, "utf-8", newline="", write_through=True)
            told = _write(network, file, options, text)
            text.detach()
    for line in map(in_typed_options, told_of(file)):
        print(line, file=sys.stderr)
    labels, answers = told
    if labels:
        lines = score(network, labels, answers).lines(file.name)
        print("\n".join([lines[0], *lines[2:]]), file=sys.stderr)


def _use_utf8(stream: Any) -> None:
    """Have a pipe or a file get UTF-8, unless PYTHONIOENCODING asks for another encoding."""
    asked = "PYTHONIOENCODING" in os.environ
    if isinstance(stream, io.TextIOWrapper) and not (stream.isatty() or asked):
        stream.reconfigure(encoding="utf-8")


def _write(
    network: fastnn.Network, file: FileForNetwork, options: argparse.Namespace, stream: Any
) -> tuple[list[Any], list[Any]]:
    """Write the answers block by block; return the labels that the file has, and their answers."""
    labels, answers = [], []
    header, regression = _header(network, options), is_regression(network)
    for number, block in enumerate(file.blocks()):
        outputs = network.outputs(block.inputs) if header and not regression else None
        given = answers_of(network, block.inputs)
        if header and not number:  # not before something in the file may be refused
            csv.writer(stream, lineterminator="\n").writerow(header)
        stream.write(_text(given, outputs, "output" in options))
        if block.labels is not None:
            labels.append(block.labels[block.labelled])
            answers.append(given[block.labelled])
    return labels, answers


def _header(network: fastnn.Network, options: argparse.Namespace) -> list[Any]:
    """Return the names of the columns that are written; none where only labels are."""
    size = network.sizes[-1]
    classes = network.labels or list(range(max(size, 2)))
    outputs = classes[1:2] if size == 1 else classes
    if "output" in options:
        return ["prediction"] + [f"p({label})" for label in outputs if not is_regression(network)]
    return list(outputs) if options.probabilities and not is_regression(network) else []


def _text(given: Any, outputs: Any, with_label: bool) -> str:
    """Return a block's lines: labels, or rows of CSV with all outputs."""
    if outputs is None:
        return "".join(f"{answer}\n" for answer in given.tolist())
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    if with_label:
        rows = zip(given.tolist(), outputs.tolist(), strict=True)
        writer.writerows([label, *row] for label, row in rows)
    else:
        writer.writerows(outputs.tolist())
    return table.getvalue()
