"""Every option of training in fastnn and in JAX, side by side.

Run as ``python -m benchmarks.options``; ``--help`` lists the options of the command.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from benchmarks.peers import DTYPES, about, layer_sizes
from benchmarks.support.threads import cores, limit_threads

if TYPE_CHECKING:
    from benchmarks.support.race import Entry

# What differs from network2's training: fields of `programs.protocol.Task`.
OPTIONS: dict[str, dict[str, Any]] = {
    "plain": {},
    "momentum": {"momentum": 0.9},
    "adam": {"optimizer": "adam"},
    "softmax": {"cost": "log-likelihood"},
    "relu": {"activation": "relu"},
    "tanh": {"activation": "tanh"},
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Race, print, and return 1 if the two have not come to the same somewhere."""
    options = _parser().parse_args(arguments)
    limit_threads(options.threads)
    # Only now: libraries read their number of threads as they are loaded.
    from benchmarks.programs import PROGRAMS
    from benchmarks.support.race import is_installed, make_tasks, run_race

    present = [
        program for program in (PROGRAMS["fastnn"], PROGRAMS["jax"]) if is_installed(program)
    ]
    print(*_head(options), sep="\n", flush=True)
    agree = True
    for name, changes in OPTIONS.items():
        tasks = make_tasks(
            options.sizes,
            DTYPES,
            options.mini_batch_size,
            options.threads,
            options.examples,
            **changes,
        )
        entries = run_race(present, tasks, options.repeats)
        print(*rows(name, entries), sep="\n", flush=True)
        agree = agree and all(entry.agrees for entry in entries if not entry.failure)
    print("", *_foot(), "", *about(present), sep="\n")
    return 0 if agree else 1


def rows(name: str, entries: Sequence[Entry]) -> list[str]:
    """The table's lines about one option: one for each dtype."""
    lines = []
    for dtype in DTYPES:
        by_program = {entry.name: entry for entry in entries if entry.dtype == dtype}
        mine, theirs = by_program["fastnn"], by_program.get("jax")
        line = f"{name:10}{dtype:9}{mine.median * 1e3:11.1f}{mine.spread:>18}"
        if theirs is None:
            line += "  jax is not installed"
        elif theirs.failure:
            line += f"  jax left out: {theirs.failure}"
        else:
            line += (
                f"{theirs.median * 1e3:11.1f}{theirs.spread:>18}{theirs.median / mine.median:13.2f}"
                f"{theirs.loss_apart:12.1e}{theirs.weights_apart:15.1e}"
                + ("" if mine.agrees and theirs.agrees else "  DOES NOT AGREE")
            )
        lines.append(line)
    return lines


def _head(options: argparse.Namespace) -> list[str]:
    return [
        f"An epoch of network {options.sizes} in mini-batches of {options.mini_batch_size}: "
        f"median, and shortest and longest of {options.repeats}.",
        "",
        f"{'option':10}{'dtype':9}{'fastnn ms':>11}{'min - max':>18}{'jax ms':>11}{'min - max':>18}"
        f"{'jax/fastnn':>13}{'loss apart':>12}{'weights apart':>15}",
    ]


def _foot() -> list[str]:
    changed = (
        " ".join([f"{name}:", *(f"{field} {value}" for field, value in changes.items())])
        for name, changes in OPTIONS.items()
        if changes
    )
    return [
        f"Plain is network2's training; {', '.join(changed)}.",
        "Both have the same initial weights and orders; loss and weights are apart from those of "
        "fastnn float64.",
    ]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.options", description=__doc__)
    parser.add_argument("--sizes", type=layer_sizes, default=[784, 30, 10], help="784,30,10")
    parser.add_argument("--mini-batch-size", type=int, default=10)
    parser.add_argument("--repeats", type=int, default=5, help="timed epochs of each program")
    parser.add_argument(
        "--threads",
        type=int,
        default=cores(),
        help=f"that fastnn may use; JAX takes all {cores()}, which is the default here too",
    )
    parser.add_argument("--examples", type=int, help="the first so many of 50,000")
    return parser


if __name__ == "__main__":
    sys.exit(main())
