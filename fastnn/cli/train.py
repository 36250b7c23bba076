"""`fastnn train`: train a network on MNIST."""

from __future__ import annotations

import argparse
import random
import time
from typing import Any

import numpy as np

import fastnn
from fastnn import mnist_loader
from fastnn.checks import layer_sizes
from fastnn.costs import COSTS
from fastnn.files import check_writable
from fastnn.history import History

# What `--cost` calls the costs.
_COST_OPTIONS = {"cross-entropy": "CrossEntropyCost", "quadratic": "QuadraticCost"}


def add_parser(commands: Any) -> None:
    """Add the command to the program's subparsers."""
    parser = commands.add_parser(
        "train",
        help="train a network on MNIST",
        description="Train a network on MNIST's 50,000 training images and count after every epoch "
        "how many of the 10,000 validation images it gets right. Without options this is the "
        "first experiment of the book's chapter 5 (there 96.48 %%).",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.set_defaults(run=run)
    parser.add_argument(
        "--sizes", type=_sizes, default="784,30,10", help="neurons per layer, inputs first"
    )
    parser.add_argument("--epochs", type=int, default=30, help="times through the training data")
    parser.add_argument("--mini-batch-size", type=int, default=10, help="examples per step")
    parser.add_argument("--eta", type=float, default=0.1, help="learning rate")
    parser.add_argument("--lmbda", type=float, default=5.0, help="regularisation parameter lambda")
    parser.add_argument("--cost", choices=_COST_OPTIONS, default="cross-entropy", help="cost")
    parser.add_argument(
        "--dtype", choices=("float64", "float32"), default="float64", help="numbers"
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=argparse.SUPPRESS,
        help="seed of initial values and orders (default: a new one each time)",
    )
    parser.add_argument(
        "--save",
        metavar="FILE",
        default=argparse.SUPPRESS,
        help="write the trained network to this file, in network2's JSON format",
    )
    parser.add_argument("--quiet", action="store_true", help="print only the result")


def run(options: argparse.Namespace) -> None:
    """Run the command with the options that its parser found."""
    if "save" in options:
        check_writable(options.save)
    started = time.perf_counter()
    training_data, validation_data, _ = mnist_loader.load_data_wrapper()
    loading = time.perf_counter() - started
    if "seed" in options:
        random.seed(options.seed)
        np.random.seed(options.seed % 2**32)
    cost = COSTS[_COST_OPTIONS[options.cost]]
    network = fastnn.Network(options.sizes, cost=cost, dtype=options.dtype)
    history = network.SGD(
        training_data,
        options.epochs,
        options.mini_batch_size,
        options.eta,
        lmbda=options.lmbda,
        evaluation_data=validation_data,
        monitor_evaluation_accuracy=True,
        verbose=not options.quiet,
    )
    if "save" in options:
        network.save(options.save)
    _report(history, len(validation_data), loading)


def _sizes(text: str) -> list[int]:
    try:
        return layer_sizes([int(part) for part in text.split(",")])
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"expected two or more positive integers such as 784,30,10, got {text!r}"
        ) from None


def _report(history: History, n: int, loading: float) -> None:
    accuracies = history.evaluation_accuracy
    if accuracies:
        best = max(accuracies)
        print(
            f"Accuracy on validation data: {accuracies[-1] / n:.2%}"
            f" (best {best / n:.2%}, epoch {accuracies.index(best)})"
        )
    seconds = history.seconds
    print(
        f"Time: loading {loading + seconds['preparing']:.2f} s, "
        f"compiling {seconds['compiling']:.2f} s, training {seconds['training']:.2f} s, "
        f"evaluating {seconds['evaluating']:.2f} s"
    )
