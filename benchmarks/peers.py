"""The same training in fastnn and in other programs, side by side, and the kernels' share of peak.

Run as ``python -m benchmarks.peers``; ``--help`` lists the options.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from benchmarks.threads import cores, limit_threads

if TYPE_CHECKING:
    from benchmarks.programs.protocol import Program
    from benchmarks.race import Entry

DTYPES = ("float64", "float32")


def main(arguments: Sequence[str] | None = None) -> int:
    """Race, print, and return 1 if the programs have not come to the same."""
    parser = _parser()
    options = parser.parse_args(arguments)
    limit_threads(options.threads)
    # Only now: libraries read their number of threads as they are loaded.
    from benchmarks import roofline
    from benchmarks.programs import PROGRAMS
    from benchmarks.race import is_installed, make_tasks, run_race

    unknown = [name for name in options.programs or () if name not in PROGRAMS]
    if unknown:
        parser.error(f"unknown programs {unknown}; known: {', '.join(PROGRAMS)}")
    wanted = [PROGRAMS[name] for name in options.programs or PROGRAMS]
    dtypes = [options.dtype] if options.dtype else DTYPES
    present = [program for program in wanted if is_installed(program)]
    missing = [program.name for program in wanted if program not in present]
    tasks = make_tasks(
        options.sizes, dtypes, options.mini_batch_size, options.threads, options.examples
    )
    entries = run_race(present, tasks, options.repeats)
    print(*report(entries, missing), sep="\n")
    print()
    print(*_about(present), sep="\n")
    for dtype in dtypes:
        print()
        print(*roofline.report(options.sizes, dtype, options.mini_batch_size), sep="\n")
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
        spread = f"{min(entry.seconds) * 1e3:.1f} - {max(entry.seconds) * 1e3:.1f}"
        cells = ""
        for dtype in ratios:
            # A program that knows but one dtype is what either of fastnn's stands in for.
            fits = dtype == entry.dtype or len(entry.program.dtypes) == 1
            ratio = f"{entry.median / fastnn[dtype]:.2f}" if fits else "-"
            cells += f"{ratio:>17}"
        lines.append(
            f"{entry.name:14}{entry.dtype:9}{entry.median * 1e3:11.1f}{spread:>20}"
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
        f"eta {task.eta}, lmbda {task.lmbda}, cross-entropy, shuffle included; the same initial "
        "weights and the same orders.",
        "After a warm-up epoch the programs took turns; 'first +ms' is what that took above the "
        "median: compiling,",
        "loading kept kernels, filling caches. '/fastnn' is the median over fastnn's.",
    ]


def _verdict(entries: Sequence[Entry]) -> list[str]:
    from benchmarks.race import TOLERANCES

    apart = [entry for entry in entries if not entry.failure and not entry.agrees]
    allowed = ", ".join(f"{dtype} {value:g}" for dtype, value in TOLERANCES.items())
    verdict = "All agree" if not apart else f"{len(apart)} DO NOT AGREE"
    return [
        f"{verdict} with {entries[0].name} {entries[0].dtype}: loss on the training data, and "
        "parameters relative to the",
        f"largest, are less apart than: {allowed}.",
    ]


def _about(programs: Sequence[type[Program]]) -> list[str]:
    import fastnn
    from benchmarks.machine import describe_machine, version

    libraries = sorted({"numpy", "numba", "llvmlite"} | {program.library for program in programs})
    versions = [f"fastnn {fastnn.__version__}", *(f"{name} {version(name)}" for name in libraries)]
    return [*describe_machine(), "Versions: " + ", ".join(versions)]


def _names(text: str) -> list[str]:
    return text.split(",")


def _sizes(text: str) -> list[int]:
    return [int(size) for size in text.split(",")]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("--sizes", type=_sizes, default=[784, 30, 10], help="784,30,10")
    parser.add_argument("--mini-batch-size", type=int, default=10)
    parser.add_argument("--dtype", choices=DTYPES, help="default: both")
    parser.add_argument("--repeats", type=int, default=5, help="timed epochs of each program")
    parser.add_argument("--programs", type=_names, help="numpy,fastnn,jax; default: all")
    parser.add_argument(
        "--threads",
        type=int,
        default=1,
        help=f"of each program but JAX, which takes all {cores()}; default: 1",
    )
    parser.add_argument("--examples", type=int, help="the first so many of 50,000")
    return parser


if __name__ == "__main__":
    sys.exit(main())
