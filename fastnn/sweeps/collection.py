"""Collect the results of a sweep's networks."""

from __future__ import annotations

from collections.abc import Collection as AnyCollection
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from itertools import islice
from typing import Any

from fastnn.common.checks import describe
from fastnn.sweeps.grid import Point, varying
from fastnn.sweeps.progress import SweepProgress
from fastnn.sweeps.results import ResultsFile
from fastnn.sweeps.table import Row, Sweep, accuracies_of
from fastnn.sweeps.worker import Outcome

# A disk that is full or away; a file that somebody has replaced.
_OF_FILE = OSError, ValueError


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
        self._varying = varying(list({id(point): point.varied for point, _ in networks}.values()))
        self._keys: list[str] = []
        self._plain: list[dict[str, Any]] = []  # the settings as the file has them
        self._unwritten: list[int] = []  # places of rows that are not in the file
        if file is not None:
            plain = {id(point): file.plain(point.varied) for point, _ in networks}
            self._plain = [plain[id(point)] for point, _ in networks]
            self._keys = [file.key(plain[id(point)], seed) for point, seed in networks]
            if len(set(self._keys)) < len(networks):
                raise ValueError(
                    "grid holds values that a file of results cannot tell apart, such as two "
                    "functions of one name"
                )
            for place, (point, _) in enumerate(networks):
                row = file.row(self._keys[place])
                if row is not None:
                    self.rows[place] = row._replace(settings=dict(point.varied))

    def sweep(self) -> Sweep:
        """Return the table of the rows that there are."""
        return Sweep(self.rows[place] for place in sorted(self.rows))

    def kept(self) -> AbstractContextManager[None]:
        """Keep what this call has claimed for as long as the block runs."""
        return nullcontext() if self._file is None else self._file.kept()

    def claim(self, places: AnyCollection[int], most: int) -> tuple[list[int], list[int]]:
        """Return up to `most` places of networks that this call is to train.

        Return also the places of those passed over that others have written to the file by now;
        their rows are taken in.
        """
        if self._file is None:
            return list(islice(places, most)), []
        looked_at: dict[str, int] = {}

        def keys() -> Iterator[str]:
            for place in places:
                looked_at[self._keys[place]] = place
                yield self._keys[place]

        try:
            claimed, found = self._file.claim(keys(), most)
        except _OF_FILE:  # others may train the same, and what is trained here is kept
            return list(islice(places, most)), []
        for place in (looked_at[key] for key in found):
            row = self._file.row(self._keys[place])
            assert row is not None
            self._take(place, row._replace(settings=dict(self._networks[place][0].varied)))
        return [looked_at[key] for key in claimed], [looked_at[key] for key in found]

    def collect(self, place: int, outcome: Outcome) -> None:
        """Take in the result of a network."""
        point, seed = self._networks[place]
        row = _row(point, seed, outcome, self._n_evaluation)
        if self._file is not None:
            if row.error is not None:
                self._file.give_back(self._keys[place])
            elif self._problem_with_writing(place, row) is not None:
                self._unwritten.append(place)
        self._take(place, row)

    def write_rest(self) -> None:
        """Write the rows that could not be written when they came.

        Raises
        ------
        OSError, ValueError
            If that is not possible now either.
        """
        while self._unwritten:
            problem = self._problem_with_writing(self._unwritten[0], self.rows[self._unwritten[0]])
            if problem is not None:
                assert self._file is not None
                raise self._file.problem_with(problem, len(self._unwritten)) from problem
            del self._unwritten[0]

    def _problem_with_writing(self, place: int, row: Row) -> Exception | None:
        assert self._file is not None
        try:
            self._file.add(row, self._plain[place])
        except _OF_FILE as problem:
            return problem
        return None

    def lose(self, place: int, reason: str) -> None:
        """Take in that the executor has no result for a network, and why."""
        self.lost += 1
        self.collect(place, Outcome(0.0, error=f"lost by the executor: {reason}"))

    def _take(self, place: int, row: Row) -> None:
        self.rows[place] = row
        if self.shown is not None:
            self.shown.show(_name(row, self._varying), _result(row))


def _row(point: Point, seed: int, outcome: Outcome, n_evaluation: int) -> Row:
    history = outcome.history
    final, best = None, None
    if history is not None:
        final, best = accuracies_of(history, n_evaluation)
    settings = dict(point.varied)  # those of other rows stay as they are if it is changed
    return Row(
        settings, seed, history, final, best, outcome.seconds, outcome.error, outcome.network
    )


def _name(row: Row, varying: list[str]) -> str:
    settings = [f"{name}={describe(row.settings[name])}" for name in varying]
    return ", ".join([*settings, f"seed {row.seed}"])


def _result(row: Row) -> str:
    if row.error is not None:
        return row.error
    accuracy = "" if row.final_accuracy is None else f"accuracy {row.final_accuracy:.2%}, "
    return f"{accuracy}{row.seconds:.1f} s"
