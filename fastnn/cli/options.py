"""Options that say what the network is and how it is trained, of all commands that train."""

from __future__ import annotations

import argparse
from typing import Any

from fastnn import optimisers
from fastnn.common.checks import layer_sizes
from fastnn.model.activations import HIDDEN, OUTPUT
from fastnn.model.costs import COSTS
from fastnn.model.initialisers import INITIALISERS
from fastnn.schedules import Halving

# What `--cost` calls the costs.
_COST_OPTIONS = {
    "cross-entropy": "CrossEntropyCost",
    "quadratic": "QuadraticCost",
    "log-likelihood": "LogLikelihoodCost",
}


def add_network_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say what the network is."""
    group = parser.add_argument_group("the network")
    group.add_argument("--cost", choices=_COST_OPTIONS, default="cross-entropy", help="cost")
    group.add_argument(
        "--activation",
        type=lambda text: text.split(",") if "," in text else text,
        default="sigmoid",
        metavar="NAME[,NAME...]",
        help=f"of the hidden layers ({', '.join(HIDDEN)}): one for all, or one each",
    )
    group.add_argument(
        "--output",
        choices=OUTPUT,
        default=argparse.SUPPRESS,
        help="of the output layer (default: softmax with log-likelihood, else sigmoid)",
    )
    group.add_argument(
        "--initializer", choices=INITIALISERS, default="default", help="how weights are drawn"
    )


def add_training_options(
    parser: argparse.ArgumentParser, threads_help: str = "threads (default: all that pay)"
) -> None:
    """Add the options that say how it is trained."""
    group = parser.add_argument_group("the training")
    group.add_argument(
        "--optimizer", choices=optimisers.NAMES, default="sgd", help="rule for a step"
    )
    group.add_argument("--momentum", type=float, default=0.0, help="momentum of sgd")
    group.add_argument("--nesterov", action="store_true", help="momentum that looks ahead")
    group.add_argument("--l1", type=float, default=0.0, help="L1 regularisation")
    group.add_argument(
        "--dropout",
        type=lambda text: [float(part) for part in text.split(",")] if "," in text else float(text),
        default=0.0,
        metavar="RATE[,RATE...]",
        help="part of the hidden neurons left out in training: one for all layers, or one each",
    )
    group.add_argument(
        "--no-shuffle", action="store_true", help="take the examples as they come, every epoch"
    )
    group.add_argument(
        "--halve-after",
        type=int,
        metavar="N",
        default=argparse.SUPPRESS,
        help="halve the learning rate when accuracy has not improved for N epochs, and stop at "
        "1/128 of it",
    )
    group.add_argument(
        "--early-stopping",
        type=int,
        metavar="N",
        default=argparse.SUPPRESS,
        help="stop when accuracy has not improved for N epochs, with the best epoch's network",
    )
    group.add_argument(
        "--on-divergence",
        choices=("raise", "continue"),
        default="raise",
        help="stop with an error when weights or costs stop being finite, or go on",
    )
    group.add_argument("--threads", type=int, default=argparse.SUPPRESS, help=threads_help)


def add_checkpoint_options(parser: argparse.ArgumentParser) -> None:
    """Add the options for runs that may be interrupted."""
    group = parser.add_argument_group("interrupted runs").add_mutually_exclusive_group()
    group.add_argument(
        "--checkpoint",
        metavar="FILE",
        default=argparse.SUPPRESS,
        help="write the state of training to this npz file after every epoch",
    )
    group.add_argument(
        "--resume",
        metavar="FILE",
        default=argparse.SUPPRESS,
        help="go on from such a file on the same data: it knows network and training, and of the "
        "options above only --epochs (in all), --save, --quiet and --progress count",
    )


def sizes_option(text: str) -> list[int]:
    """Read layer sizes such as 784,30,10."""
    try:
        return layer_sizes([int(part) for part in text.split(",")])
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"expected two or more positive integers such as 784,30,10, got {text!r}"
        ) from None


def network_arguments(options: argparse.Namespace) -> dict[str, Any]:
    """The options of the network as `Network` takes them."""
    return {
        "cost": COSTS[_COST_OPTIONS[options.cost]],
        "activation": options.activation,
        "output": getattr(options, "output", None),
        "initializer": options.initializer,
    }


def training_arguments(options: argparse.Namespace) -> dict[str, Any]:
    """The options of training as `SGD` takes them."""
    halving = Halving(options.halve_after) if "halve_after" in options else None
    return {
        "optimizer": options.optimizer,
        "momentum": options.momentum,
        "nesterov": options.nesterov,
        "l1": options.l1,
        "dropout": options.dropout,
        "shuffle": not options.no_shuffle,
        "schedule": halving,
        "early_stopping_n": getattr(options, "early_stopping", None),
        "on_divergence": options.on_divergence,
        "threads": getattr(options, "threads", None),
        "checkpoint": getattr(options, "checkpoint", None),
    }
