"""`fastnn sweep`: train many networks and compare their mean accuracies."""

from __future__ import annotations

import argparse
import math
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from functools import partial
from typing import Any

import fastnn
from fastnn.cli.data import (
    TrainingTask,
    add_training_data,
    default_lmbda,
    refused_numbers,
    training_task,
)
from fastnn.cli.options import (
    add_network_options,
    add_several_sizes_and_types,
    add_training_options,
    cost_word,
    network_arguments,
    training_arguments,
)
from fastnn.cli.wording import tell
from fastnn.cli.written_files import check_written
from fastnn.common.checks import integer
from fastnn.common.libraries import check_libraries
from fastnn.common.writing import check_writable, write_whole
from fastnn.schedules import figure_of
from fastnn.sweeps import Sweep, SweepInterrupted
from fastnn.sweeps.settings import groups
from fastnn.sweeps.table import table_in_words
from fastnn.training.options import DEFAULTS, SWEPT

# What is in the table even if it does not vary.
_ALWAYS = ("mini_batch_size", "eta", "lmbda")

# Heads of columns that are not called as their options are.
_HEADS = {"mini_batch_size": "mini-batch", "early_stopping_n": "early-stopping"}


def add_parser(commands: Any) -> None:
    """Add the command to the program's subparsers."""
    parser = commands.add_parser(
        "sweep",
        help="train many networks and compare them",
        epilog="Example: fastnn sweep --seeds 5 --eta 0.1 0.5 --epochs 10 --results etas.jsonl",
        description="Train a network for each seed and each combination of the values given, on "
        "all processors, and print the mean accuracy of each combination with its 95 % "
        "interval over the seeds. Every option of network and training may have several values. "
        "Network and data are as for `fastnn train`.",
    )
    # The seed draws the examples held out, which must be the same when a sweep goes on.
    parser.set_defaults(run=run, seed=0)
    parser.add_argument(
        "--seeds",
        type=int,
        default=10,
        metavar="N",
        help="networks of each combination: seeds 0 to N-1 (default: 10)",
    )
    add_several_sizes_and_types(parser)
    parser.add_argument(
        "--results",
        metavar="FILE",
        default=argparse.SUPPRESS,
        help="add a line of JSON to this file for each network, and train none again that is there "
        "already: the same command goes on after an interruption",
    )
    parser.add_argument(
        "--threads",
        type=int,
        default=argparse.SUPPRESS,
        help="networks trained at once (default: as many as there are processors)",
    )
    parser.add_argument("--quiet", action="store_true", help="print only the result")
    add_plot_option(parser, "mean accuracies with their intervals")
    add_network_options(parser, several=True)
    add_training_options(parser, SWEPT, several=SWEPT)
    add_training_data(parser, with_test_data=False)


def run(options: argparse.Namespace) -> None:
    """Run the command with the options that its parser found.

    Raises ValueError after the table if networks have failed.
    """
    seeds = range(integer("--seeds", options.seeds, smallest=1))
    check_written(options, ("plot", "results"), ("data",))
    task = task_with_accuracies(options)
    grid, settings = _grid_and_settings(options, task)
    workers = _threads(options.threads) if "threads" in options else nullcontext(None)
    try:
        with workers as executor:
            sweep = fastnn.train_many(
                task.sizes,
                task.training,
                seeds=seeds,
                grid=grid,
                evaluation_data=task.evaluation,
                executor=executor,
                results=getattr(options, "results", None),
                progress=not options.quiet,
                **settings,
            )
    except SweepInterrupted as stop:
        _print_table(stop.sweep)
        raise
    _print_table(sweep)
    if len({row.seed for row in sweep if row.error is None}) == 1 and not options.quiet:
        print("one seed shows no spread: more --seeds give intervals", file=sys.stderr)
    if "plot" in options and any(row.final_accuracy is not None for row in sweep):
        _plot(sweep, options.plot)
    if sweep.failed:
        raise ValueError(
            f"{len(sweep.failed)} of {len(sweep)} networks failed; the first: "
            f"{sweep.failed[0].error}"
        )


def task_with_accuracies(options: argparse.Namespace) -> TrainingTask:
    """Return the data, if networks can be compared on them, and a picture can be written.

    What data of the user's own are is told on standard error: the table is for other programs, too.

    Raises
    ------
    ValueError, OSError
        If not.
    """
    task = training_task(options, for_classes=True)
    if task.regression:
        problem = "networks are compared by their accuracy: labels must be classes, got numbers"
        raise refused_numbers(problem, task.told, options, sys.stderr)
    if task.sample_weight is not None:
        raise ValueError("--class-weight and --weight-column are for fastnn train")
    if task.evaluation is None:
        raise ValueError("--held-out must leave examples to compare networks on, got 0")
    n = len(task.training) + len(task.evaluation)
    if task.own and task.sizes[-1] == n:
        raise ValueError(
            f"networks are compared by their accuracy: each of the {n} labels is a class of its "
            "own, which nothing can be learnt of; --label-column names another column, and fastnn "
            "train --task regression estimates numbers"
        )
    if "plot" in options:
        check_libraries(f"--plot {options.plot}", ["matplotlib"], "plot")
        check_writable(options.plot)
    told = list(task.told)
    if task.test:
        told.append("Note: the test data are not used: the part held out compares networks")
    tell(told, options, sys.stderr)
    return task


def _grid_and_settings(
    options: argparse.Namespace, task: TrainingTask
) -> tuple[dict[str, list[Any]], dict[str, Any]]:
    """Return the values of what varies or is always in the table, and the value of all else."""
    grid: dict[str, list[Any]] = {"sizes": getattr(options, "layer_sizes", [task.sizes])}
    settings: dict[str, Any] = {}
    given = {**network_arguments(options), **training_arguments(options, SWEPT)}
    lmbda = default_lmbda(task, options)
    if lmbda is not None:
        given["lmbda"] = lmbda
    for name, value in {"dtype": getattr(options, "dtype", "float64"), **given}.items():
        values = [value]
        if name in options:  # typed: a list, which is empty for a switch alone
            values = value or [not DEFAULTS[name]]
        if name in _ALWAYS or len(values) > 1:
            grid[name] = values
        else:
            settings[name] = values[0]
    for schedule in grid.get("schedule", [settings.get("schedule")]):
        figure = figure_of(schedule)
        if figure is not None:
            settings[f"monitor_{figure}"] = True
    return grid, settings


def add_plot_option(parser: argparse.ArgumentParser, what: str) -> None:
    """Add the option that says where to draw a figure of the results."""
    parser.add_argument(
        "--plot",
        type=_picture_option,
        metavar="FILE",
        default=argparse.SUPPRESS,
        help=f"draw {what} to this file, .svg or .png (needs matplotlib)",
    )


def _picture_option(name: str) -> str:
    if not name.endswith((".svg", ".png")):
        raise argparse.ArgumentTypeError(f"expected a name ending in .svg or .png, got {name!r}")
    return name


def draw(filename: str, drawing: Any) -> None:
    """Write the figure that a function of `fastnn.plots` draws on axes."""
    from fastnn.plots import render

    picture = render(drawing)
    write_whole(filename, picture.svg if filename.endswith(".svg") else picture.png)


def _plot(sweep: Sweep, filename: str) -> None:
    """Draw the setting with the most values along the axis, that with the next most in colours."""
    from fastnn import plots

    counts = {
        name: len(groups({name: row.settings[name]} for row in sweep)) for name in sweep[0].settings
    }
    x, hue, *_ = sorted(counts, key=lambda name: -counts[name])
    draw(filename, partial(plots.sweep, sweep, x=x, hue=hue if counts[hue] > 1 else None))


def _threads(count: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(integer("--threads", count, smallest=1))


def _print_table(sweep: Sweep) -> None:
    """Print a line for each combination; one that is wider than the terminal is folded."""
    if not len(sweep):
        return
    lines = table_in_words(sweep, _head, _cell)
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    most = shutil.get_terminal_size().columns if sys.stdout.isatty() else math.inf
    for line in lines:
        shown = ""
        for cell, width in zip(line, widths, strict=True):
            if shown and len(shown) + width > most:
                print(shown.rstrip())
                shown = "    "
            shown += cell.ljust(width) + "  "
        print(shown.rstrip())


def _head(name: str) -> str:
    """Return the name of a setting much as its option is called."""
    return _HEADS.get(name, name.replace("_", "-"))


def _cell(value: Any) -> str:
    """Return a setting as it is typed."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if figure_of(value) is not None:
        return _cell(value[0])
    if isinstance(value, (list, tuple)):
        return ",".join(map(_cell, value))
    return cost_word(value) if isinstance(value, type) else str(value)
