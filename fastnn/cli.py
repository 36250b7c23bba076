"""The program `fastnn`: train a network on MNIST, evaluate a saved one."""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections.abc import Sequence

import numpy as np

import fastnn
from fastnn.checks import layer_sizes
from fastnn.costs import COSTS
from fastnn.files import check_writable
from fastnn.history import History
from fastnn.mnist_loader import load_data_wrapper

# What `--cost` calls the costs.
_COST_OPTIONS = {"cross-entropy": "CrossEntropyCost", "quadratic": "QuadraticCost"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program.

    Parameters
    ----------
    arguments : sequence of str, optional
        The command line without the program's name; that of the process by default.

    Returns
    -------
    int
        The exit status: 0, 1 for an error, 2 for a wrong command line, 130 when interrupted.
    """
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except BrokenPipeError:
        # Who reads the output has heard enough; nothing may be written at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (OSError, TypeError, ValueError) as problem:
        print(f"fastnn: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("fastnn: interrupted", file=sys.stderr)
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="fastnn",
        description="Train small fully connected networks as the book's network2 does, compiled.",
    )
    parser.add_argument("--version", action="version", version=f"fastnn {fastnn.__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    train = commands.add_parser(
        "train",
        help="train a network on MNIST",
        description="Train a network on MNIST's 50,000 training images and count after every epoch "
        "how many of the 10,000 validation images it gets right. Without options this is the "
        "first experiment of the book's chapter 5 (there 96.48 %%).",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    train.set_defaults(run=_train)
    train.add_argument(
        "--sizes", type=_sizes, default="784,30,10", help="neurons per layer, inputs first"
    )
    train.add_argument("--epochs", type=int, default=30, help="times through the training data")
    train.add_argument("--mini-batch-size", type=int, default=10, help="examples per step")
    train.add_argument("--eta", type=float, default=0.1, help="learning rate")
    train.add_argument("--lmbda", type=float, default=5.0, help="regularisation parameter lambda")
    train.add_argument("--cost", choices=_COST_OPTIONS, default="cross-entropy", help="cost")
    train.add_argument("--dtype", choices=("float64", "float32"), default="float64", help="numbers")
    train.add_argument(
        "--seed",
        type=int,
        default=argparse.SUPPRESS,
        help="seed of initial values and orders (default: a new one each time)",
    )
    train.add_argument(
        "--save",
        metavar="FILE",
        default=argparse.SUPPRESS,
        help="write the trained network to this file, in network2's JSON format",
    )
    train.add_argument("--quiet", action="store_true", help="print only the result")

    evaluate = commands.add_parser(
        "evaluate",
        help="evaluate a saved network on MNIST",
        description="Print how many validation and test images a saved network gets right.",
    )
    evaluate.set_defaults(run=_evaluate)
    evaluate.add_argument("network", metavar="FILE", help="a network in network2's JSON format")
    return parser


def _sizes(text: str) -> list[int]:
    try:
        return layer_sizes([int(part) for part in text.split(",")])
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"expected two or more positive integers such as 784,30,10, got {text!r}"
        ) from None


def _train(options: argparse.Namespace) -> None:
    if "save" in options:
        check_writable(options.save)
    started = time.perf_counter()
    training_data, validation_data, _ = load_data_wrapper()
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


def _evaluate(options: argparse.Namespace) -> None:
    network = fastnn.load(options.network)
    _, validation_data, test_data = load_data_wrapper()
    for name, data in (("validation", validation_data), ("test", test_data)):
        correct = network.accuracy(data)
        print(f"Accuracy on {name} data: {correct} / {len(data)} ({correct / len(data):.2%})")
