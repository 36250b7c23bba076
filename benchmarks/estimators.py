"""fastnn's MLPClassifier and scikit-learn's, side by side, on the digits of either program.

Run as ``python -m benchmarks.estimators``; ``--help`` lists the options. Both train with the same
parameters and the same seed, in turn; the table has seconds an epoch, accuracy on examples that
were not trained on, and how far apart the loss curves are.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.support.threads import cores, limit_threads

MINI_BATCHES = (10, 200)
SOLVERS = ("sgd", "adam")
HIDDEN = 30

# Equal seeds give equal curves but for rounding, which thousands of steps enlarge.
TOLERANCE = 1e-6

# Seconds between two turns: threads of a linear algebra library go on for a tenth of a second,
# waiting busily for more, and would take a core from the other program.
PAUSE = 0.3


@dataclass
class Examples:
    """What is trained on, and what is held out."""

    name: str
    X: npt.NDArray[np.float64]
    y: npt.NDArray[np.int64]
    X_test: npt.NDArray[np.float64]
    y_test: npt.NDArray[np.int64]
    epochs: int  # that it takes to learn something


@dataclass
class Line:
    """One setting: what scikit-learn and fastnn, in this order, came to."""

    examples: str
    solver: str
    mini_batch_size: int
    accuracies: list[float] = field(default_factory=list)
    seconds: tuple[list[float], list[float]] = field(default_factory=lambda: ([], []))
    apart: float = 0.0  # the loss curves, relative

    @property
    def ratio(self) -> float:
        """How many times faster fastnn is: the median of the turns, each against its own."""
        theirs, ours = (np.array(seconds) for seconds in self.seconds)
        return float(np.median(theirs / ours))


def mnist(count: int | None) -> Examples:
    """MNIST's training data, or its first examples, and its test data."""
    from fastnn import mnist_loader

    (X, y), _, (X_test, y_test) = mnist_loader.load_data()
    return Examples("MNIST", X[:count].astype(float), y[:count], X_test.astype(float), y_test, 5)


def digits(count: int | None) -> Examples:
    """scikit-learn's 1797 small digits, a quarter of them held out."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    X, y = load_digits(return_X_y=True)
    X, X_test, y, y_test = train_test_split(X / 16, y, random_state=0)
    return Examples("load_digits", X[:count], y[:count], X_test, y_test, 50)


def compare(examples: Examples, solver: str, size: int, repeats: int) -> Line:
    """Train both in turn, after a turn that is not timed."""
    from sklearn import neural_network

    from fastnn import estimator

    line = Line(examples.name, solver, size)
    parameters: dict[str, Any] = {
        **{"hidden_layer_sizes": (HIDDEN,), "solver": solver, "batch_size": size},
        **{"max_iter": examples.epochs, "n_iter_no_change": examples.epochs, "random_state": 1},
        "learning_rate_init": 0.02 if solver == "sgd" else 0.001,
    }
    curves = []
    for turn in range(repeats + 1):
        for place, module in enumerate((neural_network, estimator)):
            classifier = module.MLPClassifier(**parameters)
            time.sleep(PAUSE)
            started = time.perf_counter()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # so few epochs do not converge
                classifier.fit(examples.X, examples.y)
            seconds = time.perf_counter() - started
            if turn > 0:
                line.seconds[place].append(seconds / classifier.n_iter_)
            else:
                curves.append(np.array(classifier.loss_curve_))
                line.accuracies.append(classifier.score(examples.X_test, examples.y_test))
    line.apart = float(np.max(np.abs(curves[1] / curves[0] - 1)))
    return line


def report(lines: Sequence[Line]) -> list[str]:
    """The table, as lines of text."""
    rows = [
        f"{'data':13}{'solver':8}{'batch':>6}{'scikit-learn ms':>17}{'fastnn ms':>11}{'ratio':>7}"
        f"{'accuracies %':>16}{'loss apart':>12}"
    ]
    for line in lines:
        theirs, ours = (float(np.median(seconds)) * 1e3 for seconds in line.seconds)
        accuracies = " ".join(f"{accuracy:.2%}"[:-1] for accuracy in line.accuracies)
        rows.append(
            f"{line.examples:13}{line.solver:8}{line.mini_batch_size:6}{theirs:17.1f}{ours:11.1f}"
            f"{line.ratio:7.1f}{accuracies:>16}{line.apart:12.1e}"
            + ("" if line.apart <= TOLERANCE else "  DOES NOT AGREE")
        )
    return rows


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare, print, and return 1 if the loss curves have parted."""
    parser = argparse.ArgumentParser(prog="benchmarks.estimators", description=__doc__)
    parser.add_argument("--epochs", type=int, help="of every training (50 on digits, 5 on MNIST)")
    parser.add_argument("--repeats", type=int, default=5, help="timed turns (5)")
    parser.add_argument("--examples", type=int, help="train on the first so many (all)")
    parser.add_argument("--threads", type=int, default=cores(), help="that both may use (all)")
    options = parser.parse_args(arguments)
    limit_threads(options.threads)  # before the libraries are loaded
    data = [digits(options.examples), mnist(options.examples)]
    if options.epochs is not None:
        data = [replace(examples, epochs=options.epochs) for examples in data]
    lines = [
        compare(examples, solver, size, options.repeats)
        for examples in data
        for solver in SOLVERS
        for size in MINI_BATCHES
    ]
    print(*report(lines), sep="\n")
    return 0 if all(line.apart <= TOLERANCE for line in lines) else 1


if __name__ == "__main__":
    raise SystemExit(main())
