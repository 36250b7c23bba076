"""`fastnn show`: what a saved network is."""

from __future__ import annotations

import argparse
from typing import Any

import fastnn
from fastnn.common.checks import printable, shortened
from fastnn.datasets.tables.columns import Columns
from fastnn.model.description import describe_network
from fastnn.model.saving import names_of

_SHOWN = 20


def add_parser(commands: Any) -> None:
    """Add the command to the program's subparsers."""
    parser = commands.add_parser(
        "show",
        help="say what a saved network is",
        epilog="Example: fastnn show iris.npz",
        description="Print the layers of a saved network, its labels, and the columns of the table "
        "that it was trained on.",
    )
    parser.set_defaults(run=run)
    parser.add_argument("network", metavar="NETWORK", help="a network that was saved")


def run(options: argparse.Namespace) -> None:
    """Run the command with the options that its parser found."""
    network = describe_network(fastnn.load(options.network))
    architecture = network.architecture
    cost, activations = names_of(architecture)
    parameters = sum(array.size for array in (*network.weights, *network.biases))
    lines = [
        f"{printable(options.network)}: a network of {'-'.join(map(str, architecture.sizes))} "
        f"neurons, {parameters} weights and biases in {architecture.dtype}",
        f"Activations: {', '.join(activations)}; cost: {cost}",
    ]
    if network.labels is not None:
        labels = ", ".join(shortened(label) for label in network.labels[:_SHOWN])
        more = ", ..." if len(network.labels) > _SHOWN else ""
        lines.append(f"Labels: {labels}{more}")
    lines.append(f"Inputs are {'' if network.scaling else 'not '}standardised")
    if network.columns is not None:
        lines += _of_columns(network.columns)
    print("\n".join(lines))


def _of_columns(columns: Columns) -> list[str]:
    where = "by name" if columns.named else "by place"
    lines = [f"Task: {columns.task} of {printable(columns.label)}; columns are found {where}:"]
    if columns.task == "regression":
        lines.append(
            f"  target{_unit(columns.unit)}: mean {columns.mean:g}, "
            f"standard deviation {columns.deviation:g}"
        )
    for column in columns.inputs[:_SHOWN]:
        name = shortened(column.name)
        missing = ", and whether it is missing" if column.indicator else ""
        if column.values is None:
            lines.append(f"  {name}: number{_unit(column.unit)}{missing}; mean {column.fill:g}")
        else:
            values = ", ".join(shortened(value) for value in column.values[:_SHOWN])
            more = ", ..." if len(column.values) > _SHOWN else ""
            lines.append(f"  {name}: category of {values}{more}{missing}")
    if len(columns.inputs) > _SHOWN:
        lines.append(f"  and {len(columns.inputs) - _SHOWN} more")
    read = [f"--encoding {printable(columns.encoding)}"] if columns.encoding else []
    if columns.header is not None:
        read.append("--header" if columns.header else "--no-header")
    if read:
        lines.append(f"Tables are read with {', '.join(read)}")
    if columns.ignored:
        lines.append(f"Left out: {', '.join(shortened(name) for name in columns.ignored[:_SHOWN])}")
    return lines


def _unit(unit: str | None) -> str:
    return f" in {shortened(unit)}" if unit else ""
