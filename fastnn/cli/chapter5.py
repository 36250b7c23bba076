"""`fastnn chapter5`: run the chapter's experiments and write a report."""

from __future__ import annotations

import argparse
import datetime
import platform
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import fastnn
from fastnn.chapter5 import EXPERIMENTS, Experiment
from fastnn.chapter5.report import write_report
from fastnn.chapter5.results import (
    RESULTS,
    Finished,
    results_file,
    run_experiment,
    section,
    settings_of,
    versions,
)
from fastnn.chapter5.workers import mapper_of, watched
from fastnn.cli.earlier_report import prepare_folder
from fastnn.cli.wording import nearest
from fastnn.common.checks import integer_within, printable
from fastnn.common.libraries import check_libraries
from fastnn.common.processors import threads_available

_TITLE = "Why are deep neural networks hard to train?"
_QUICK_SEEDS = 2
_MOST = 1_000_000  # seeds; a list of many more does not fit the memory
_QUICK = (
    "This is a quick run: it shows that the program works and proves nothing. It has little "
    "data and few epochs, so no claim but those of mathematics is judged."
)


def add_parser(commands: Any) -> None:
    """Add the command to the program's subparsers."""
    parser = commands.add_parser(
        "chapter5",
        help="run the experiments of the book's chapter 5 and write a report",
        epilog="Example: fastnn chapter5 vanishing exploding --quick --out quick",
        description="Run the experiments of the book's chapter 5 over several seeds and write "
        "report.html, results.json and the figures: the book's figures beside what was "
        f"measured. Experiments: {', '.join(EXPERIMENTS)}.",
    )
    parser.set_defaults(run=run)
    parser.add_argument(
        "names",
        nargs="*",
        type=_name,
        metavar="NAME",
        help="an experiment (default: all of them)",
    )
    parser.add_argument(
        "--out",
        type=_folder,
        default="report",
        metavar="DIR",
        help="where to write (default: report)",
    )
    parser.add_argument(
        "--seeds",
        type=_positive,
        metavar="N",
        help=f"runs of each experiment, seeded 0 to N - 1 (default: {_default_seeds()})",
    )
    parser.add_argument(
        "--quick",
        action="store_true",
        help="a short run: two seeds by default, little data, few epochs",
    )
    parser.add_argument(
        "--dtype",
        choices=("float64", "float32"),
        default="float64",
        help="numbers of the networks on MNIST (default: float64)",
    )
    parser.add_argument(
        "--jobs",
        type=_positive,
        default=threads_available(),
        metavar="N",
        help="processes that share the seeds; results do not depend on it "
        "(default: all processors)",
    )


def run(options: argparse.Namespace) -> None:
    """Run the command with the options that its parser found."""
    check_libraries("a report", ["matplotlib", "jinja2"], "report")
    out = options.out
    names = [name for name in EXPERIMENTS if name in options.names or not options.names]
    planned = {
        name: settings_of(
            EXPERIMENTS[name], _seeds(options, name), quick=options.quick, dtype=options.dtype
        )
        for name in names
    }
    prepare_folder(out, planned, quick=options.quick)
    started = time.perf_counter()
    finished = _run_experiments(options, names)
    used = versions(fastnn.__version__)
    today = datetime.date.today()
    page = write_report(
        out,
        [section(experiment) for experiment in finished],
        title=_TITLE,
        notice=_QUICK if options.quick else "",
        facts={
            **_on_mnist(planned),
            "Run": "quick, with little data and few epochs" if options.quick else "full",
            "Date": f"{today.day} {today:%B %Y}",
            "Machine": f"{platform.machine()}, {threads_available()} processors, "
            f"{platform.system()}",
            **used,
        },
        others={RESULTS: results_file(finished, used)},
    )
    written = " and ".join(map(printable, (page, out / RESULTS)))
    print(f"{written}, in {time.perf_counter() - started:.0f} s")


def _on_mnist(planned: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Say on what networks learnt, and in which numbers, if any did; the others take no dtype."""
    for settings in planned.values():
        if "dtype" in settings:
            return {
                "Numbers": f"{settings['dtype']}, of the networks on MNIST",
                "Data": "MNIST: 50,000 training and 10,000 validation images of 28 × 28 pixels",
            }
    return {}


def _run_experiments(options: argparse.Namespace, names: list[str]) -> list[Finished]:
    finished = []
    with mapper_of(options.jobs) as mapper:
        for name in names:
            started = time.perf_counter()
            finished.append(
                run_experiment(
                    name,
                    EXPERIMENTS[name],
                    _seeds(options, name),
                    quick=options.quick,
                    dtype=options.dtype,
                    mapper=watched(mapper, name),
                )
            )
            print(f"{name}: {time.perf_counter() - started:.1f} s", flush=True)
    return finished


def _seeds(options: argparse.Namespace, name: str) -> range:
    default = EXPERIMENTS[name].default_seeds
    return range(options.seeds or (min(default, _QUICK_SEEDS) if options.quick else default))


def _default_seeds() -> str:
    """Say how many seeds an experiment has by default, and name those that differ."""
    usual = Experiment.default_seeds
    others = (
        f"{name} {experiment.default_seeds}"
        for name, experiment in EXPERIMENTS.items()
        if experiment.default_seeds != usual
    )
    return ", ".join((str(usual), *others))


def _name(text: str) -> str:
    if text not in EXPERIMENTS:
        raise argparse.ArgumentTypeError(
            f"expected one of {', '.join(EXPERIMENTS)}, got {text!r}{nearest(text, EXPERIMENTS)}"
        )
    return text


def _folder(text: str) -> Path:
    if not text or "\0" in text:
        raise argparse.ArgumentTypeError(f"expected the name of a folder, got {text!r}")
    return Path(text)


def _positive(text: str) -> int:
    try:
        return integer_within("it", int(text), 1, _MOST)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"expected an integer from 1 to {_MOST:,}, got {text!r}"
        ) from None
