"""Compare fastnn's MLPClassifier with scikit-learn's, on scikit-learn's digits and on MNIST.

Run as ``python -m benchmarks.estimators``; ``--help`` lists the options. Both train in turn, with
the same parameters and the same seed. The table shows milliseconds an epoch, accuracy on examples
that were held out, and how far apart the loss curves are.
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

# Equal seeds give equal curves up to rounding errors, which grow over thousands of steps.
TOLERANCE = 1e-6

# Seconds between two turns. The threads of a linear algebra library spin for a tenth of a second
# when their work is done, and would take a core from the other program.
PAUSE = 0.3


@dataclass
class Problem:
    """A data set to learn: the examples to train on, those held out, and for how long to train."""

    name: str
    X: npt.NDArray[np.float64]
    y: npt.NDArray[np.int64]
    X_test: npt.NDArray[np.float64]
    y_test: npt.NDArray[np.int64]
    epochs: int  # enough to learn something


@dataclass
class Comparison:
    """What scikit-learn and fastnn, in this order, reached with one setting."""

    data: str
    solver: str
    mini_batch_size: int
    accuracies: list[float] = field(default_factory=list)
    seconds: tuple[list[float], list[float]] = field(default_factory=lambda: ([], []))
    apart: float = 0.0  # relative distance of the loss curves

    @property
    def ratio(self) -> float:
        """How many times faster fastnn is: the median over the turns of the ratio in each turn."""
        theirs, ours = (np.array(seconds) for seconds in self.seconds)
        return float(np.median(theirs / ours))


def mnist(count: int | None) -> Problem:
    """MNIST: the first `count` training images (all by default), and the test images."""
    from fastnn import mnist_loader

    (X, y), _, (X_test, y_test) = mnist_loader.load_data()
    return Problem("MNIST", X[:count].astype(float), y[:count], X_test.astype(float), y_test, 5)


def digits(count: int | None) -> Problem:
    """scikit-learn's 1797 small digits. A quarter of them is held out."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    X, y = load_digits(return_X_y=True)
    X, X_test, y, y_test = train_test_split(X / 16, y, random_state=0)
    return Problem("load_digits", X[:count], y[:count], X_test, y_test, 50)


def compare(problem: Problem, solver: str, mini_batch_size: int, repeats: int) -> Comparison:
    """Train both programs in turn; the first turn is not timed."""
    from sklearn import neural_network

    from fastnn import estimator

    line = Comparison(problem.name, solver, mini_batch_size)
    parameters: dict[str, Any] = {
        **{"hidden_layer_sizes": (HIDDEN,), "solver": solver, "batch_size": mini_batch_size},
        **{"max_iter": problem.epochs, "n_iter_no_change": problem.epochs, "random_state": 1},
        "learning_rate_init": 0.02 if solver == "sgd" else 0.001,
    }
    curves = []
    for turn in range(repeats + 1):
        for place, module in enumerate((neural_network, estimator)):
            classifier = module.MLPClassifier(**parameters)
            time.sleep(PAUSE)
            started = time.perf_counter()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # that training has not converged yet
                classifier.fit(problem.X, problem.y)
            seconds = time.perf_counter() - started
            if turn > 0:
                line.seconds[place].append(seconds / classifier.n_iter_)
            else:
                curves.append(np.array(classifier.loss_curve_))
                line.accuracies.append(classifier.score(problem.X_test, problem.y_test))
    line.apart = float(np.max(np.abs(curves[1] / curves[0] - 1)))
    return line


def report(lines: Sequence[Comparison]) -> list[str]:
    """The table, as lines of text."""
    rows = [
        f"{'data':13}{'solver':8}{'batch':>6}{'scikit-learn ms':>17}{'fastnn ms':>11}{'ratio':>7}"
        f"{'accuracies %':>16}{'loss apart':>12}"
    ]
    for line in lines:
        theirs, ours = (float(np.median(seconds)) * 1e3 for seconds in line.seconds)
        accuracies = " ".join(f"{accuracy:.2%}"[:-1] for accuracy in line.accuracies)
        rows.append(
            f"{line.data:13}{line.solver:8}{line.mini_batch_size:6}{theirs:17.1f}{ours:11.1f}"
            f"{line.ratio:7.1f}{accuracies:>16}{line.apart:12.1e}"
            + ("" if line.apart <= TOLERANCE else "  DOES NOT AGREE")
        )
    return rows


def main(argv: Sequence[str] | None = None) -> int:
    """Compare, print, and return 1 if loss curves differ by more than rounding."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.estimators", description=__doc__)
    parser.add_argument("--epochs", type=int, help="of each training (50 on digits, 5 on MNIST)")
    parser.add_argument("--repeats", type=int, default=5, help="timed turns (5)")
    parser.add_argument("--examples", type=int, help="train on the first EXAMPLES (all)")
    parser.add_argument("--threads", type=int, default=cores(), help="for each program (all)")
    arguments = parser.parse_args(argv)
    limit_threads(arguments.threads)  # before the libraries are loaded
    problems = [digits(arguments.examples), mnist(arguments.examples)]
    if arguments.epochs is not None:
        problems = [replace(problem, epochs=arguments.epochs) for problem in problems]
    lines = [
        compare(problem, solver, mini_batch_size, arguments.repeats)
        for problem in problems
        for solver in SOLVERS
        for mini_batch_size in MINI_BATCHES
    ]
    print(*report(lines), sep="\n")
    return 0 if all(line.apart <= TOLERANCE for line in lines) else 1


if __name__ == "__main__":
    raise SystemExit(main())
