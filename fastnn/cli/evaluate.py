"""`fastnn evaluate`: how good a saved network's answers are."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import fastnn
from fastnn import mnist_loader
from fastnn.cli.table_options import KINDS, add_label_column, add_reading_options, reading_options
from fastnn.cli.wording import format_accuracy, in_typed_options, told_of
from fastnn.cli.written_files import check_written
from fastnn.common.checks import printable
from fastnn.common.libraries import check_libraries
from fastnn.common.writing import check_writable, write_whole
from fastnn.datasets.opening import Opened
from fastnn.own_data import ClassReport, Report, evaluate_file, file_for

_PICTURES = (".png", ".svg", ".pdf")


def add_parser(commands: Any) -> None:
    """Add the command to the program's subparsers."""
    parser = commands.add_parser(
        "evaluate",
        help="evaluate a saved network on MNIST or on your own data",
        epilog="Example: fastnn evaluate iris.npz new.csv --report report.json",
        description="Print how many of MNIST's validation and test images, or of your own "
        "examples, a saved network gets right, beside what always the largest class would; for a "
        "regression the errors in the targets' units.",
    )
    parser.set_defaults(run=run)
    parser.add_argument("network", metavar="NETWORK", help="a network that was saved")
    parser.add_argument(
        "data",
        nargs="*",
        metavar="FILE",
        help=f"labelled examples in place of MNIST: {KINDS}",
    )
    add_label_column(parser)
    add_reading_options(parser)
    parser.add_argument(
        "--report",
        metavar="FILE",
        default=argparse.SUPPRESS,
        help="write each class's precision, recall and F1 and the confusion matrix to this file: "
        "as text, as JSON if its name ends in .json, as a picture if in .png, .svg or .pdf; - is "
        "standard output",
    )


def run(options: argparse.Namespace) -> None:
    """Run the command with the options that its parser found."""
    check_written(options, ("report",), ("network", "data"))
    network = fastnn.load(options.network)
    if not options.data:
        for name in ("label_column", "report", "encoding", "header"):
            if name in options:
                raise ValueError(f"--{name.replace('_', '-')} needs a FILE of examples, got none")
        _, validation_data, test_data = mnist_loader.load_data_wrapper()
        _refuse_mnist(network, printable(options.network), len(validation_data[0][0]))
        for name, data in (("validation", validation_data), ("test", test_data)):
            print(format_accuracy(f"{name} data", network.accuracy(data), len(data)))
        return
    if "report" in options and options.report != "-":
        if Path(options.report).suffix.lower() in _PICTURES:
            check_libraries(f"--report {options.report}", ["matplotlib"], "plot")
        check_writable(options.report, "--report")
    label_column = getattr(options, "label_column", None)
    file = file_for(network, Opened(*options.data), label_column, reading_options(options))
    report = evaluate_file(network, file)
    lines = report.lines(file.name)
    told = [in_typed_options(line) for line in told_of(file)]
    print("\n".join([*lines, *(line for line in told if line.startswith("Note"))]))
    for line in told:
        if line.startswith("Warning"):
            print(line, file=sys.stderr)
    if "report" in options:
        _write(report, lines, options.report)


def _refuse_mnist(network: fastnn.Network, name: str, inputs: int) -> None:
    """Raise ValueError if a network cannot be for MNIST, which is meant for lack of a file."""
    meant = "without a FILE of examples it is evaluated on MNIST"
    if network.sizes[0] != inputs:
        raise ValueError(
            f"{name} must have {inputs} inputs, as {meant}, got {network.sizes[0]}; name a FILE"
        )
    if network.scaling is not None or network.columns is not None:
        raise ValueError(f"{name} was trained on other data than MNIST, but {meant}; name a FILE")


def _write(report: Report, lines: list[str], filename: str) -> None:
    """Write a report in the form that the file's name asks for."""
    ending = Path(filename).suffix.lower()
    if filename == "-":
        print("\n".join(["", *report.table()]))
    elif ending == ".json":
        write_whole(filename, json.dumps(report.to_dict(), indent=1).encode())
    elif ending in _PICTURES:
        if not isinstance(report, ClassReport):
            raise ValueError("--report: a regression has no confusion matrix to draw; use .json")
        write_whole(filename, _picture(report, ending[1:]))
    else:
        write_whole(filename, "\n".join([*lines, "", *report.table(), ""]).encode())


def _picture(report: ClassReport, form: str) -> bytes:
    import io

    from matplotlib.figure import Figure

    from fastnn.plots import confusion

    figure = Figure(layout="constrained")
    confusion(report.confusion, [score.label for score in report.classes], ax=figure.subplots())
    content = io.BytesIO()
    figure.savefig(content, format=form, dpi=150)
    return content.getvalue()
