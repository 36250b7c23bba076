"""`fastnn train`: train a network on MNIST or on a user's own examples."""

from __future__ import annotations

import argparse
import os
import random
import time
from typing import Any

import numpy as np

import fastnn
from fastnn.cli.data import TrainingTask, accuracy_line, add_training_data, training_task
from fastnn.cli.options import (
    add_checkpoint_options,
    add_network_options,
    add_training_options,
    network_arguments,
    sizes_option,
    training_arguments,
)
from fastnn.common.writing import check_writable, names_beside
from fastnn.model.history import History
from fastnn.model.saving import check_format
from fastnn.training.run import FINISHED
from fastnn.training.stored_runs import read_checkpoint


def add_parser(commands: Any) -> None:
    """Add the command to the program's subparsers."""
    parser = commands.add_parser(
        "train",
        help="train a network on MNIST or on your own data",
        description="Train a network on MNIST's 50,000 training images and count after every epoch "
        "how many of the 10,000 validation images it gets right. Without options this is the "
        "first experiment of the book's chapter 5 (there 96.48 %). With --data it trains on your "
        "own examples, and holds some of them out to evaluate with.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.set_defaults(run=run)
    parser.add_argument(
        "--sizes",
        type=sizes_option,
        default=argparse.SUPPRESS,
        help="neurons per layer, inputs first (default: 30 between the data's inputs and classes, "
        "for MNIST 784,30,10)",
    )
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
        help="write the trained network to this file: with labels and scaling if the name ends in "
        ".npz, else in network2's JSON format",
    )
    add_network_options(parser)
    add_training_options(parser)
    add_checkpoint_options(parser)
    add_training_data(parser)


def run(options: argparse.Namespace) -> None:
    """Run the command with the options that its parser found."""
    started = time.perf_counter()
    task = training_task(options)
    loading = time.perf_counter() - started
    if "seed" in options:
        random.seed(options.seed)
        np.random.seed(options.seed % 2**32)
    if "resume" in options:
        if "save" in options:
            check_writable(options.save)
            check_format(options.save, read_checkpoint(options.resume).network)
        network, history = _resume(options, task)
    else:
        network = fastnn.Network(task.sizes, dtype=options.dtype, **network_arguments(options))
        network.labels, network.scaling = task.labels, task.scaling
        if "save" in options:
            network.check_saving(options.save)
        arguments = training_arguments(options)
        arguments["monitor_evaluation_accuracy"] = task.evaluation is not None
        history = network.SGD(
            task.training,
            **arguments,
            evaluation_data=task.evaluation,
            checkpoint=getattr(options, "checkpoint", None),
        )
    problem = _save(network, options.save) if "save" in options else None
    if history.stopped_because != FINISHED:
        print(f"Stopped: {history.stopped_because}")
    if task.evaluation is not None:
        _report_accuracy(history, len(task.evaluation))
    if task.test is not None:
        print(accuracy_line("test data", network, task.test))
    _report_time(history.seconds, loading)
    if problem is not None:
        raise problem


def _save(network: fastnn.Network, filename: str) -> OSError | None:
    """Save the network that was trained: if not where it should be, then beside.

    Returns the error that is to be reported in the end, if there was one; it says where the network
    is.
    """
    try:
        network.save(filename)
        return None
    except OSError as problem:
        reason = f"{problem}; the network that was trained"
    for name in names_beside(filename):
        try:
            network.save(name)
        except OSError:
            continue
        return OSError(f"{reason} is in {os.path.abspath(name)}")
    return OSError(f"{reason} could not be written to any other folder either")


def _resume(options: argparse.Namespace, task: TrainingTask) -> tuple[fastnn.Network, History]:
    """Go on from a checkpoint, which holds how to train."""
    return fastnn.resume(
        options.resume,
        task.training,
        getattr(options, "epochs", None),
        task.evaluation,
        **training_arguments(options, ("progress", "verbose")),
    )


def _report_accuracy(history: History, n: int) -> None:
    accuracies = history.evaluation_accuracy
    if accuracies:
        best = max(accuracies)
        last = accuracies[-1] if history.best_epoch is None else accuracies[history.best_epoch]
        print(
            f"Accuracy on validation data: {last / n:.2%}"
            f" (best {best / n:.2%}, epoch {accuracies.index(best)})"
        )


def _report_time(seconds: dict[str, float], loading: float) -> None:
    print(
        f"Time: loading {loading + seconds['preparing']:.2f} s, "
        f"compiling {seconds['compiling']:.2f} s, training {seconds['training']:.2f} s, "
        f"evaluating {seconds['evaluating']:.2f} s"
    )
