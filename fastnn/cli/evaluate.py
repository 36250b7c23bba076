"""`fastnn evaluate`: how many images a saved network gets right."""

from __future__ import annotations

import argparse
from typing import Any

import fastnn
from fastnn import mnist_loader


def add_parser(commands: Any) -> None:
    """Add the command to the program's subparsers."""
    parser = commands.add_parser(
        "evaluate",
        help="evaluate a saved network on MNIST",
        description="Print how many validation and test images a saved network gets right.",
    )
    parser.set_defaults(run=run)
    parser.add_argument("network", metavar="FILE", help="a network in network2's JSON format")


def run(options: argparse.Namespace) -> None:
    """Run the command with the options that its parser found."""
    network = fastnn.load(options.network)
    _, validation_data, test_data = mnist_loader.load_data_wrapper()
    for name, data in (("validation", validation_data), ("test", test_data)):
        correct = network.accuracy(data)
        print(f"Accuracy on {name} data: {correct} / {len(data)} ({correct / len(data):.2%})")
