"""`fastnn compare`: train two ways with the same seeds until it is clear which is better."""

from __future__ import annotations

import argparse
import math
from functools import partial
from typing import Any

import fastnn
from fastnn.cli.data import add_training_data, default_lmbda
from fastnn.cli.options import (
    add_network_options,
    add_training_options,
    network_arguments,
    training_arguments,
)
from fastnn.cli.sides import settings_option
from fastnn.cli.sweep import add_plot_option, draw, task_with_accuracies
from fastnn.cli.written_files import check_written
from fastnn.common.intervals import Interval
from fastnn.sweeps import Comparison
from fastnn.training.options import SWEPT


def add_parser(commands: Any) -> None:
    """Add the command to the program's subparsers."""
    parser = commands.add_parser(
        "compare",
        help="train two ways until it is clear which is better",
        epilog='Example: fastnn compare --a "eta=0.5" --b "eta=0.1" --epochs 10',
        description="Train networks in two ways with the same seeds, until it is clear which way "
        "ends with the higher accuracy, or that there is no difference that matters. However soon "
        "it stops, it finds a difference where there is none in at most 5 cases of 100. Network "
        "and data are as for `fastnn train`.",
    )
    # The seed draws the examples held out.
    parser.set_defaults(run=run, seed=0)
    for side in ("a", "b"):
        parser.add_argument(
            f"--{side}",
            type=settings_option,
            required=True,
            metavar="SETTINGS",
            help='what is different here, as "eta=0.5 cost=quadratic sizes=784,100,10": options of '
            "`fastnn train` for network and training, without --, with yes or no for switches",
        )
    parser.add_argument(
        "--smallest",
        type=float,
        default=0.1,
        metavar="POINTS",
        help="the smallest difference that matters, in percentage points (default: 0.1)",
    )
    parser.add_argument(
        "--most-seeds",
        type=int,
        default=200,
        metavar="N",
        help="where to stop, undecided (default: 200)",
    )
    parser.add_argument(
        "--dtype",
        choices=("float64", "float32"),
        default="float64",
        help="numbers (default: float64)",
    )
    parser.add_argument(
        "--results", metavar="FILE", default=argparse.SUPPRESS, help="as for `fastnn sweep`"
    )
    parser.add_argument("--quiet", action="store_true", help="print only the result")
    add_plot_option(parser, "both clouds of curves")
    add_network_options(parser)
    add_training_options(parser, SWEPT)
    add_training_data(parser, with_test_data=False)


def run(options: argparse.Namespace) -> None:
    """Run the command with the options that its parser found."""
    check_written(options, ("plot", "results"), ("data",))
    task = task_with_accuracies(options)
    assert task.evaluation is not None
    arguments = training_arguments(options, SWEPT)
    lmbda = default_lmbda(task, options)
    if lmbda is not None:
        arguments["lmbda"] = lmbda
        if not (options.quiet or ("lmbda" in options.a and "lmbda" in options.b)):
            print(f"lmbda = {lmbda:g} (default: 5 for each 50,000 examples)")
    compared = fastnn.compare(
        task.sizes,
        task.training,
        a=options.a,
        b=options.b,
        evaluation_data=task.evaluation,
        smallest=options.smallest / 100,
        most_seeds=options.most_seeds,
        results=getattr(options, "results", None),
        progress=not options.quiet,
        **{"dtype": options.dtype, **network_arguments(options)},
        **arguments,
    )
    print(_verdict(compared, options.smallest))
    print(_gain(compared.gain))
    for name, rows in (("a", compared.a), ("b", compared.b)):
        final = rows.summary()[0].final_accuracy
        assert final is not None
        print(f"{name}: final accuracy {final.mean:.2%} ({final.low:.2%} to {final.high:.2%})")
    if "plot" in options:
        from fastnn.plots import comparison

        draw(options.plot, partial(comparison, compared))


def _verdict(compared: Comparison, smallest: float) -> str:
    after = f"after {compared.seeds} seeds of each"
    if compared.verdict == "undecided":
        return f"undecided {after}: a larger --most-seeds or --smallest may decide it"
    if compared.verdict == "no difference":
        return f"no difference of {smallest:g} percentage points or more {after}"
    return f"{compared.verdict} {after}"


def _gain(gain: Interval) -> str:
    better, (mean, low, high) = "a", (100 * end for end in gain)
    if mean < 0:
        better, mean, low, high = "b", -mean, -high, -low
    interval = f"95 % interval {low:.2f} to {high:.2f}" if low > -math.inf else "no interval yet"
    return f"on average, {better} was better by {mean:.2f} percentage points, {interval}"
