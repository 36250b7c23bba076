"""Race fastnn against other programs, and compare its kernels with the peak of the core.

Run as ``python -m benchmarks.peers``; ``--help`` lists the options.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from benchmarks.support.arguments import DTYPES, layer_sizes
from benchmarks.support.machine import describe_machine, describe_versions
from benchmarks.support.threads import cores, limit_threads

if TYPE_CHECKING:
    from benchmarks.support.race import Entry


def main(argv: Sequence[str] | None = None) -> int:
    """Race, print, and return 1 if the programs disagree."""
    parser = _parser()
    arguments = parser.parse_args(argv)
    limit_threads(arguments.threads)
    # Imported only now, because libraries read their number of threads when they are loaded.
    from benchmarks import roofline
    from benchmarks.programs import PROGRAMS
    from benchmarks.support.race import is_installed, make_tasks, run_race

    unknown = [name for name in arguments.programs or () if name not in PROGRAMS]
    if unknown:
        parser.error(f"unknown programs {unknown}; known: {', '.join(PROGRAMS)}")
    if arguments.optimizer == "adam" and arguments.momentum != 0.0:
        parser.error("--momentum is for --optimizer sgd only")
    wanted = [PROGRAMS[name] for name in arguments.programs or PROGRAMS]
    dtypes = [arguments.dtype] if arguments.dtype else DTYPES
    present = [program for program in wanted if is_installed(program)]
    missing = [program.name for program in wanted if program not in present]
    tasks = make_tasks(
        arguments.sizes,
        dtypes,
        arguments.mini_batch_size,
        arguments.threads,
        arguments.examples,
        activation=arguments.activation,
        cost=arguments.cost,
        optimizer=arguments.optimizer,
        momentum=arguments.momentum,
    )
    entries = run_race(present, tasks, arguments.repeats)
    print(*report(entries, missing), sep="\n")
    print()
    print(*describe_machine(), describe_versions(present), sep="\n")
    for dtype in dtypes:
        print()
        print(*roofline.report(arguments.sizes, dtype, arguments.mini_batch_size), sep="\n")
    return 0 if all(entry.agrees for entry in entries if not entry.failure) else 1


def report(entries: Sequence[Entry], missing: Sequence[str] = ()) -> list[str]:
    """The table, as lines of text."""
    fastnn = {e.dtype: e.median for e in entries if e.name == "fastnn" and not e.failure}
    ratios = list(fastnn)
    heads = [f"/fastnn {dtype}" for dtype in ratios]
    lines = [
        *_what_was_trained(entries),
        "",
        f"{'program':14}{'dtype':9}{'median ms':>11}{'min - max ms':>20}{'first +ms':>11}"
        + "".join(f"{head:>17}" for head in heads)
        + f"{'threads':>9}{'loss':>12}{'loss apart':>12}{'weights apart':>15}",
    ]
    for entry in sorted(entries, key=lambda entry: bool(entry.failure)):
        if entry.failure:
            lines.append(f"{entry.name:14}{entry.dtype:9} left out: {entry.failure}")
            continue
        cells = ""
        for dtype in ratios:
            # A program with a single dtype is compared with fastnn in both.
            fits = dtype == entry.dtype or len(entry.program.dtypes) == 1
            ratio = f"{entry.median / fastnn[dtype]:.2f}" if fits else "-"
            cells += f"{ratio:>17}"
        lines.append(
            f"{entry.name:14}{entry.dtype:9}{entry.median * 1e3:11.1f}{entry.spread:>20}"
            f"{max(0.0, entry.first - entry.median) * 1e3:11.0f}{cells}{entry.program.threads():9}"
            f"{entry.loss:12.8f}{entry.loss_apart:12.1e}{entry.weights_apart:15.1e}"
            + ("" if entry.agrees else "  DOES NOT AGREE")
        )
    lines += [f"{name:14}not installed" for name in missing]
    return [*lines, "", *_verdict(entries)]


def _what_was_trained(entries: Sequence[Entry]) -> list[str]:
    task = entries[0].task
    return [
        f"One epoch of {len(task.data):,} examples of MNIST, network {task.sizes}, mini-batches of "
        f"{task.mini_batch_size},",
        f"eta {task.eta:g}, lmbda {task.lmbda:g}, {task.cost}, shuffle included"
        + "".join(f", {name} {value}" for name, value in task.options.items() if name != "cost")
        + ";",
        "the same initial weights and the same orders.",
        "After a warm-up epoch the programs took turns. 'first +ms' is how much longer the warm-up "
        "took than the",
        "median: compiling, loading kept kernels, filling caches. '/fastnn' is the median over "
        "fastnn's.",
    ]


def _verdict(entries: Sequence[Entry]) -> list[str]:
    from benchmarks.support.race import tolerances

    running = [entry for entry in entries if not entry.failure]
    if not running:
        return ["None of the programs can do this."]
    apart = [entry for entry in running if not entry.agrees]
    limits = tolerances(running[0].task).items()
    allowed = ", ".join(f"{dtype} {limit:g}" for dtype, limit in limits)
    verdict = "All agree" if not apart else f"{len(apart)} DO NOT AGREE"
    return [
        f"{verdict} with {running[0].name} {running[0].dtype}. Tolerances of the loss on the "
        "training data and, relative to the",
        f"largest, of weights and biases: {allowed}.",
    ]


def _names(text: str) -> list[str]:
    return text.split(",")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("--sizes", type=layer_sizes, default=[784, 30, 10], help="784,30,10")
    parser.add_argument("--mini-batch-size", type=int, default=10)
    parser.add_argument("--dtype", choices=DTYPES, help="default: both")
    parser.add_argument("--repeats", type=int, default=5, help="timed epochs of each program")
    parser.add_argument("--programs", type=_names, help="numpy,fastnn,jax; default: all")
    parser.add_argument(
        "--threads",
        type=int,
        default=1,
        help=f"for each program but JAX, which takes all {cores()}; default: 1",
    )
    parser.add_argument("--examples", type=int, help="use the first EXAMPLES of 50,000")
    parser.add_argument("--activation", choices=("sigmoid", "tanh", "relu"), default="sigmoid")
    parser.add_argument(
        "--cost", choices=("cross-entropy", "log-likelihood"), default="cross-entropy"
    )
    parser.add_argument("--optimizer", choices=("sgd", "adam"), default="sgd")
    parser.add_argument("--momentum", type=float, default=0.0)
    return parser


if __name__ == "__main__":
    sys.exit(main())
