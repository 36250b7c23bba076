"""Race fastnn against JAX once for each option of training.

Run as ``python -m benchmarks.options``; ``--help`` lists what the command takes.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from benchmarks.support.arguments import DTYPES, layer_sizes
from benchmarks.support.machine import describe_machine, describe_versions
from benchmarks.support.threads import cores, limit_threads

if TYPE_CHECKING:
    from benchmarks.support.race import Entry

# How the training differs from network2's, as fields of `programs.protocol.Task`.
OPTIONS: dict[str, dict[str, Any]] = {
    "plain": {},
    "momentum": {"momentum": 0.9},
    "adam": {"optimizer": "adam"},
    "softmax": {"cost": "log-likelihood"},
    "relu": {"activation": "relu"},
    "tanh": {"activation": "tanh"},
}


def main(argv: Sequence[str] | None = None) -> int:
    """Race, print, and return 1 if the two disagree about any option."""
    arguments = _parser().parse_args(argv)
    limit_threads(arguments.threads)
    # Imported only now, because libraries read their number of threads when they are loaded.
    from benchmarks.programs import PROGRAMS
    from benchmarks.support.race import is_installed, make_tasks, run_race

    present = [
        program for program in (PROGRAMS["fastnn"], PROGRAMS["jax"]) if is_installed(program)
    ]
    print(*_head(arguments), sep="\n", flush=True)
    agree = True
    for name, changes in OPTIONS.items():
        tasks = make_tasks(
            arguments.sizes,
            DTYPES,
            arguments.mini_batch_size,
            arguments.threads,
            arguments.examples,
            **changes,
        )
        entries = run_race(present, tasks, arguments.repeats)
        print(*rows(name, entries), sep="\n", flush=True)
        agree = agree and all(entry.agrees for entry in entries if not entry.failure)
    print("", *_foot(), "", *describe_machine(), describe_versions(present), sep="\n")
    return 0 if agree else 1


def rows(name: str, entries: Sequence[Entry]) -> list[str]:
    """The lines about one option, one for each dtype."""
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


def _head(arguments: argparse.Namespace) -> list[str]:
    return [
        f"One epoch of network {arguments.sizes} in mini-batches of {arguments.mini_batch_size}: "
        f"median, shortest and longest of {arguments.repeats}.",
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
        "Both start from the same weights and take the examples in the same orders. 'apart' is the "
        "distance from fastnn float64.",
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
        help=f"for fastnn; default: all {cores()}, which JAX always takes",
    )
    parser.add_argument("--examples", type=int, help="use the first EXAMPLES of 50,000")
    return parser


if __name__ == "__main__":
    sys.exit(main())
