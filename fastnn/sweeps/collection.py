"""Collect the results of a sweep's networks."""

from __future__ import annotations

from concurrent.futures import Future

from fastnn.common.checks import describe
from fastnn.sweeps.grid import Point
from fastnn.sweeps.results import ResultsFile
from fastnn.sweeps.table import Row, Sweep
from fastnn.sweeps.worker import Outcome
from fastnn.training.progress import SweepProgress


class Collection:
    """The rows of a sweep, each written and shown as it comes in.

    Parameters
    ----------
    networks : list of (Point, int)
        Point of the grid and seed of every network.
    n_evaluation : int
        How many examples accuracies are counted on.
    file : ResultsFile or None
        Where rows are written to. `rows` starts with those that are in it already.

    Attributes
    ----------
    rows : dict of int to Row
        By their places in the table.
    lost : int
        How many networks an executor returned no result for.
    shown : SweepProgress or None
        What shows each row that comes in.
    """

    def __init__(
        self, networks: list[tuple[Point, int]], n_evaluation: int, file: ResultsFile | None
    ) -> None:
        self._networks = networks
        self._n_evaluation = n_evaluation
        self._file = file
        self.rows: dict[int, Row] = {}
        self.lost = 0
        self.shown: SweepProgress | None = None
        if file is not None:
            for place, (point, seed) in enumerate(networks):
                row = file.row(point.varied, seed)
                if row is not None:
                    self.rows[place] = row

    def sweep(self) -> Sweep:
        """Return the table of the rows that there are."""
        return Sweep(self.rows[place] for place in sorted(self.rows))

    def collect(self, place: int, future: Future[Outcome]) -> None:
        """Take in the result of a network; doing so again, after an interrupt, is safe."""
        try:
            outcome = future.result()
        except Exception as problem:  # each executor raises errors of its own
            reason = f"{type(problem).__name__}: {problem}".splitlines()[0]
            outcome = Outcome(0.0, error=f"lost by the executor: {reason}")
            self.lost += 1
        point, seed = self._networks[place]
        row = _row(point, seed, outcome, self._n_evaluation)
        if self._file is not None and row.error is None:
            self._file.add(row)
        self.rows[place] = row
        if self.shown is not None:
            self.shown.show(_name(row), _result(row))


def _row(point: Point, seed: int, outcome: Outcome, n_evaluation: int) -> Row:
    history = outcome.history
    final = best = None
    if history is not None and history.evaluation_accuracy:
        # Early stopping ends with the network of the best epoch.
        last = -1 if history.best_epoch is None else history.best_epoch
        final = history.evaluation_accuracy[last] / n_evaluation
        best = max(history.evaluation_accuracy) / n_evaluation
    return Row(
        point.varied, seed, history, final, best, outcome.seconds, outcome.error, outcome.network
    )


def _name(row: Row) -> str:
    settings = [f"{name}={describe(value)}" for name, value in row.settings.items()]
    return ", ".join([*settings, f"seed {row.seed}"])


def _result(row: Row) -> str:
    if row.error is not None:
        return row.error
    accuracy = "" if row.final_accuracy is None else f"accuracy {row.final_accuracy:.2%}, "
    return f"{accuracy}{row.seconds:.1f} s"
