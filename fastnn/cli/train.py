"""`fastnn train`: train a network on MNIST or on a user's own examples."""

from __future__ import annotations

import argparse
import csv
import io
import os
import random
import shlex
import sys
import time
from typing import Any

import numpy as np

import fastnn
from fastnn.cli.data import (
    TrainingTask,
    add_training_data,
    default_lmbda,
    refused_numbers,
    training_task,
)
from fastnn.cli.options import (
    add_checkpoint_options,
    add_network_options,
    add_training_options,
    network_arguments,
    sizes_option,
    training_arguments,
)
from fastnn.cli.resumed import check_same_options, resumed_task, speed_data_of
from fastnn.cli.wording import tell
from fastnn.cli.written_files import check_written
from fastnn.common.checks import check_seed, printable
from fastnn.common.writing import check_writable, names_beside, write_whole
from fastnn.datasets.dataset import Dataset
from fastnn.model.bare_model import network_of
from fastnn.model.costs import QuadraticCost
from fastnn.model.history import History
from fastnn.model.saving import check_format
from fastnn.own_data import NumberReport, Report, answers_of, evaluate_blocks, score
from fastnn.training.options import OPTIONS
from fastnn.training.stopping import FINISHED
from fastnn.training.stored_runs import read_checkpoint

_MOST_EPOCHS, _PATIENCE = 1000, 15  # of --epochs auto
_MOST_CLASSES = 10  # whose scores are printed
_SPEED_EXAMPLES = 1000  # that --layer-speeds measures on


def _epochs(text: str) -> int | str:
    try:
        return text if text == "auto" else int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected an integer or auto, got {text!r}") from None


def add_parser(commands: Any) -> None:
    """Add the command to the program's subparsers."""
    parser = commands.add_parser(
        "train",
        help="train a network on MNIST or on your own data",
        epilog="Example: fastnn train --data iris.csv --epochs 100 --save iris.npz",
        description="Train a network on MNIST's 50,000 training images and count after every epoch "
        "how many of the 10,000 validation images it gets right. Without options this is the "
        "first experiment of the book's chapter 5 (there 96.48 %). With --data it trains on your "
        "own examples, and holds some of them out to evaluate with.",
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
        "--dtype",
        choices=("float64", "float32"),
        default=argparse.SUPPRESS,
        help="numbers (default: float64)",
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
    parser.add_argument(
        "--layer-speeds",
        metavar="FILE",
        default=argparse.SUPPRESS,
        help="write how fast each layer learns to this CSV file, a row for each epoch and a column "
        "for each layer after the inputs: the norm of the averaged dC/db before the epoch, on the "
        f"first {_SPEED_EXAMPLES:,} training examples",
    )
    add_network_options(parser)
    parser.add_argument(
        "--epochs",
        type=_epochs,
        default=argparse.SUPPRESS,
        metavar="N|auto",
        help="times through the data; auto stops when the part held out has not got better for "
        f"{_PATIENCE} epochs, and keeps the best (default: {OPTIONS['epochs'].program_default})",
    )
    add_training_options(parser, [name for name in OPTIONS if name != "epochs"])
    add_checkpoint_options(parser)
    add_training_data(parser)


def run(options: argparse.Namespace) -> None:
    """Run the command with the options that its parser found."""
    started = time.perf_counter()
    if "seed" in options:
        check_seed("--seed", options.seed)
    check_written(options, ("save", "checkpoint", "layer_speeds"), ("data", "test_data", "resume"))
    stored = read_checkpoint(options.resume) if "resume" in options else None
    if "layer_speeds" in options:
        if stored is not None and not stored.options.monitor_layer_speeds:
            raise ValueError("--layer-speeds: the stored run did not measure them")
        check_writable(options.layer_speeds, "--layer-speeds")
    if stored is None:
        task = training_task(options)
    elif "data" in options:
        task = resumed_task(options, stored)
    else:
        if stored.network.columns is not None:
            raise ValueError("--resume needs the --data of the stored run, got none")
        check_same_options(options, stored)
        task = training_task(options)
    loading = time.perf_counter() - started
    if "seed" in options:
        random.seed(options.seed)
        np.random.seed(options.seed)
    if stored is not None:
        if "save" in options:
            check_writable(options.save, "--save")
            check_format(options.save, stored.network)
        network, history = _resume(options, task, speed_data_of(stored, task.training))
    else:
        network, history = _train(options, task)
    problem = _save(network, options.save) if "save" in options else None
    if "layer_speeds" in options:
        _write_speeds(history, options.layer_speeds)
    if history.stopped_because != FINISHED:
        print(f"Stopped: {history.stopped_because}")
    if task.evaluation is not None:
        _report_accuracy(history, len(task.evaluation))
        if task.own:
            _report_held_out(network, task, getattr(options, "verbose", True))
    if task.test:
        print("\n".join(evaluate_blocks(network, task.test).lines("test data")))
    _report_time(history.seconds, loading)
    if problem is not None:
        raise problem


def _train(options: argparse.Namespace, task: TrainingTask) -> tuple[fastnn.Network, History]:
    """Make a network for the data, and train it."""
    how = network_arguments(options)
    if task.regression:
        for name, needed in (("cost", "quadratic"), ("output", "identity")):
            if (got := getattr(options, name, needed)) != needed:
                problem = f"--{name} must be {needed} for a regression, got {got}"
                raise refused_numbers(problem, task.told, options)
        how |= {"cost": QuadraticCost, "output": "identity"}
    network = fastnn.Network(task.sizes, dtype=getattr(options, "dtype", "float64"), **how)
    task.equip(network)
    if "save" in options:
        network.check_saving(options.save)
    arguments = training_arguments(options, [name for name in OPTIONS if name != "epochs"])
    arguments["epochs"] = getattr(options, "epochs", OPTIONS["epochs"].program_default)
    lmbda, told = default_lmbda(task, options), task.told
    if lmbda is not None:
        arguments["lmbda"] = lmbda
        told = (*told, f"Note: lmbda = {lmbda:g} (default: 5 for each 50,000 examples)")
    if arguments["epochs"] == "auto":
        if task.evaluation is None:
            raise ValueError("--epochs auto needs a part held out to stop by, got --held-out 0")
        arguments["epochs"] = _MOST_EPOCHS
        if arguments.setdefault("early_stopping_n", _PATIENCE) == 0:
            raise ValueError("--epochs auto needs --early-stopping of at least 1, got 0")
    monitor = "cost" if task.regression else "accuracy"
    arguments[f"monitor_evaluation_{monitor}"] = task.evaluation is not None
    if task.sample_weight is not None:
        arguments["sample_weight"] = task.sample_weight
    if "layer_speeds" in options:
        arguments["monitor_layer_speeds"] = True
        arguments["speed_data"] = task.training[:_SPEED_EXAMPLES]
    tell(told, options)
    try:
        history = network.SGD(
            task.training,
            **arguments,
            evaluation_data=task.evaluation,
            checkpoint=getattr(options, "checkpoint", None),
        )
    except KeyboardInterrupt:
        _keep_interrupted(network, network.history, options)
        raise
    except OSError:  # such as of a print that nobody reads any more
        if network.history is not None:
            _keep_interrupted(network, network.history, options)
        raise
    return network, history


def _keep_interrupted(
    network: fastnn.Network, history: History | None, options: argparse.Namespace
) -> None:
    """Save what an interrupted run has left, of whole epochs only, and say how to go on."""
    epochs = 0 if history is None else len(history.epoch_seconds)
    if history is None or not epochs:
        if "save" in options:
            print("No epoch was done: nothing is saved", file=sys.stderr)
        return
    done = f"{epochs} whole epoch{'s' if epochs > 1 else ''}"
    problem = _save(network, options.save) if "save" in options else None
    if "layer_speeds" in options:
        _write_speeds(history, options.layer_speeds)
    if "save" in options:
        saved = f"{printable(options.save)} has the network after {done}"
        print(saved if problem is None else printable(problem), file=sys.stderr)
    run = getattr(options, "resume", getattr(options, "checkpoint", None))
    if run is not None:
        words = ["fastnn", "train", "--resume", run]
        for name in ("data", "save", "layer_speeds"):
            if name in options:
                value = getattr(options, name)
                values = value if isinstance(value, list) else [value]
                words += [f"--{name.replace('_', '-')}", *values]
        piped = ", with the same data on standard input" if "-" in words else ""
        print(f"To go on: {printable(shlex.join(words))}{piped}", file=sys.stderr)
    elif "save" in options:
        print(
            "To train it further: fastnn.load(...).SGD in Python; with --checkpoint FILE the run "
            "itself could go on",
            file=sys.stderr,
        )


def _write_speeds(history: History, filename: str) -> None:
    """Write the speeds of the layers, named as in `History.to_pandas`, as a CSV table."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    layers = len(history.layer_speeds[0]) if history.layer_speeds else 0
    writer.writerow(["epoch", *(f"layer_speed_{layer}" for layer in range(1, layers + 1))])
    for epoch, speeds in enumerate(history.layer_speeds):
        writer.writerow([epoch, *speeds.tolist()])
    write_whole(filename, text.getvalue().encode())


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


def _resume(
    options: argparse.Namespace, task: TrainingTask, speed_data: Dataset | None
) -> tuple[fastnn.Network, History]:
    """Go on from a checkpoint, which holds how to train."""
    epochs = getattr(options, "epochs", None)
    tell(task.told, options)
    try:
        return fastnn.resume(
            options.resume,
            task.training,
            None if epochs == "auto" else epochs,
            task.evaluation,
            speed_data=speed_data,
            **training_arguments(options, ("progress", "verbose")),
        )
    except (KeyboardInterrupt, OSError) as problem:
        if isinstance(problem, OSError) and problem.filename is not None:
            raise  # of a file: nothing was printed yet, or the checkpoint cannot be written
        stored = read_checkpoint(options.resume)  # it has all whole epochs
        _keep_interrupted(network_of(fastnn.Network, stored.network), stored.history, options)
        raise


def _report_accuracy(history: History, n: int) -> None:
    final = history.final_evaluation_accuracy
    if final is not None:
        best = max(history.evaluation_accuracy)
        print(
            f"Accuracy on validation data: {final / n:.2%}"
            f" (best {best / n:.2%}, epoch {history.evaluation_accuracy.index(best)})"
        )


def _report_held_out(network: fastnn.Network, task: TrainingTask, verbose: bool) -> None:
    """Say what always the same answer would be worth, and how the classes fare."""
    report = _held_out_report(network, task)
    lines = report.lines("validation data")
    if isinstance(report, NumberReport):
        print("\n".join(lines))
        return
    print(lines[1])
    if verbose and len(report.classes) <= _MOST_CLASSES:
        print("\n".join([*report.class_table(), "The confusion matrix: fastnn evaluate --report"]))


def _held_out_report(network: fastnn.Network, task: TrainingTask) -> Report:
    """Compare the network's answers with the labels, both as they were before training."""
    assert task.evaluation is not None
    labels = task.evaluation.labels
    if task.columns is not None and task.regression:
        labels = task.columns.estimates(labels[:, 0])
    else:
        places = labels.astype(int) if labels.ndim == 1 else np.argmax(labels, axis=1)
        labels = np.array(network.labels or range(max(task.sizes[-1], 2)))[places]
    scaling, network.scaling = network.scaling, None  # the inputs are standardised already
    try:
        return score(network, [labels], [answers_of(network, task.evaluation)])
    finally:
        network.scaling = scaling


def _report_time(seconds: dict[str, float], loading: float) -> None:
    print(
        f"Time: loading {loading + seconds['preparing']:.2f} s, "
        f"compiling {seconds['compiling']:.2f} s, training {seconds['training']:.2f} s, "
        f"evaluating {seconds['evaluating']:.2f} s"
    )
