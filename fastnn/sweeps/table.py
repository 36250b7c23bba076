"""The table that a sweep returns: a row for each network, and means over the seeds."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, overload

from fastnn.common.checks import describe
from fastnn.common.html import table
from fastnn.common.intervals import Interval, proportion_interval
from fastnn.common.libraries import check_libraries
from fastnn.model.history import History
from fastnn.sweeps.differences import Difference, differences
from fastnn.sweeps.settings import groups
from fastnn.sweeps.wording import (
    gain_in_words,
    in_a_row,
    in_words,
    named,
    setting_in_words,
    told_apart,
)

if TYPE_CHECKING:
    import pandas

    from fastnn.network2 import Network


class Row(NamedTuple):
    """The result of one network.

    Attributes
    ----------
    settings : dict
        The value of each setting of the grid.
    seed : int
    history : History or None
        As `SGD` returns it; None where training failed.
    final_accuracy, best_accuracy : float or None
        Part of the evaluation data that is right, from 0 to 1, after the last and after the best
        epoch; None where it was not monitored.
    seconds : float
        From drawing the weights to the end of training.
    error : str or None
        Why there is no result.
    network : Network or None
        With ``keep_networks=True``.
    """

    settings: dict[str, Any]
    seed: int
    history: History | None = None
    final_accuracy: float | None = None
    best_accuracy: float | None = None
    seconds: float = 0.0
    error: str | None = None
    network: Network | None = None


class Summary(NamedTuple):
    """The networks that differ in nothing but their seed.

    `final_accuracy` and `best_accuracy` are means with 95 % intervals over the networks that were
    trained, from 0 to 1; None where accuracy was not monitored, or none was trained. `gain` is the
    difference from the point with the highest mean final accuracy, paired over seeds; None at that
    point itself, and where there are no two seeds in common.
    """

    settings: dict[str, Any]
    trained: int
    failed: int
    final_accuracy: Interval | None
    best_accuracy: Interval | None
    gain: Difference | None = None

    def __repr__(self) -> str:
        """Say what was measured, in per cent; the attributes have all digits."""
        settings = " ".join(f"{name}={setting_in_words(v)}" for name, v in self.settings.items())
        failed = f", {self.failed} failed" if self.failed else ""
        return (
            f"Summary({settings}: {self.trained} trained{failed}, {in_words(self.final_accuracy)})"
        )


class Sweep(Sequence[Row]):
    """The results of `train_many`: a sequence of rows, with the seeds of each grid point together.

    Rows of several sweeps make one, in any order: ``Sweep([*first, *second])``. A network that is
    in more than one of them counts once.

    Parameters
    ----------
    rows : iterable of Row
    """

    def __init__(self, rows: Iterable[Row]) -> None:
        self._rows = list(rows)

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> Row: ...

    @overload
    def __getitem__(self, index: slice) -> Sweep: ...

    def __getitem__(self, index: Any) -> Any:
        return Sweep(self._rows[index]) if isinstance(index, slice) else self._rows[index]

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows)

    def __repr__(self) -> str:
        failed = f", {len(self.failed)} of them failed" if self.failed else ""
        return f"Sweep({len(self)} networks{failed})"

    def _repr_html_(self) -> str:
        """Show the summary as a table in a notebook."""
        return table(f"Sweep of {len(self)} networks", table_in_words(self))

    @property
    def failed(self) -> list[Row]:
        """The rows that have an error in place of a result."""
        return [row for row in self._rows if row.error is not None]

    def summary(self) -> list[Summary]:
        """Return means over the seeds, with their intervals, for each point of the grid.

        Each is compared with the best, by a p-value that is corrected for all pairs of points, see
        `Difference`.

        Raises
        ------
        ValueError
            If there are rows of the same settings and seed with other results, as where sweeps
            differ in settings that are not in their grids.
        """
        points = self._points()
        summaries = [_summary_of(dict(rows[0].settings), rows) for rows in points]
        finals = [one.final_accuracy for one in summaries]
        means = [-1.0 if final is None else final.mean for final in finals]
        if not means or max(means) < 0.0:
            return summaries
        best = means.index(max(means))
        accuracies = [
            {row.seed: row.final_accuracy for row in rows if row.final_accuracy is not None}
            for rows in points
        ]
        gains = differences(accuracies, best)
        return [one._replace(gain=gains.get(place)) for place, one in enumerate(summaries)]

    def _points(self) -> list[list[Row]]:
        """Return the rows of each point of the grid."""
        together = groups(row.settings for row in self._rows)
        return [
            list(different_networks(self._rows[place] for place in places)) for places in together
        ]

    def to_pandas(self) -> pandas.DataFrame:
        """Return the rows as a pandas DataFrame, each setting of the grid in a column of its own.

        Values that cannot be grouped by, such as lists of sizes, are text, as "784,30,10"; None is
        a missing value, which ``groupby(..., dropna=False)`` keeps, and so is a setting that the
        grid of a row's sweep does not have. Classes, functions and number types are their names,
        numbered where different ones share one. With
        ``monitor_layer_speeds``, `speed_1`, `speed_2` and so on are the speeds of the layers after
        the inputs before the last epoch; all epochs are in `history`.

        Raises
        ------
        ImportError
            If pandas is not installed.
        """
        check_libraries("to_pandas", ["pandas"], "pandas")
        import pandas

        columns: dict[str, list[Any]] = {
            name: told_apart([row.settings.get(name) for row in self._rows], _groupable)
            for name in names_of(row.settings for row in self._rows)
        }
        for name in Row._fields[1:]:
            columns[name] = [getattr(row, name) for row in self._rows]
        speeds = [row.history.layer_speeds if row.history else [] for row in self._rows]
        for layer in range(max((len(epochs[-1]) for epochs in speeds if epochs), default=0)):
            columns[f"speed_{layer + 1}"] = [
                float(epochs[-1][layer]) if epochs and layer < len(epochs[-1]) else math.nan
                for epochs in speeds
            ]
        return pandas.DataFrame(columns)


def table_in_words(
    sweep: Sweep,
    head: Callable[[str], str] = str,
    cell: Callable[[Any], str] = setting_in_words,
) -> list[list[str]]:
    """Return the summary of a sweep as the rows of a table, of which the first are the heads.

    A dash stands for a setting that a point does not have.

    Parameters
    ----------
    sweep : Sweep
    head, cell : callable, optional
        What say the name of a setting, and its value.
    """
    summaries = sweep.summary()

    def column(name: str) -> list[str]:
        there = [place for place, one in enumerate(summaries) if name in one.settings]
        said = told_apart([summaries[place].settings[name] for place in there], cell)
        by_place = dict(zip(there, said, strict=True))
        return [by_place.get(place, "-") for place in range(len(summaries))]

    names = names_of(one.settings for one in summaries)
    columns = {head(name): column(name) for name in names}
    heads = [*columns, "networks", "final accuracy", "best accuracy", "from the best"]
    rows = [
        [
            *(column[place] for column in columns.values()),
            f"{one.trained}" + (f", {one.failed} failed" if one.failed else ""),
            in_words(one.final_accuracy),
            in_words(one.best_accuracy),
            gain_in_words(one.gain),
        ]
        for place, one in enumerate(summaries)
    ]
    return [heads, *rows]


def names_of(settings: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the names of all settings that there are, in the order in which they come first."""
    return list(dict.fromkeys(name for one in settings for name in one))


def different_networks(rows: Iterable[Row]) -> Iterable[Row]:
    """Return the rows of one point of a grid, one for each seed.

    Raises
    ------
    ValueError
        If two of a seed have other results.
    """
    kept: dict[int, Row] = {}
    for row in rows:
        known = kept.setdefault(row.seed, row)
        if known.final_accuracy is None and (row.final_accuracy is not None or known.error):
            kept[row.seed] = row
        elif row.error is None and _result(row) != _result(known):
            at = describe(row.settings)
            raise ValueError(
                f"rows of seed {row.seed} at {at} must have one result, got {_result(known)} and "
                f"{_result(row)}: where sweeps differ in more, put that into their grids, too"
            )
    return kept.values()


def _result(row: Row) -> tuple[float | None, float | None, int]:
    """Return the final and the best accuracy, and how many epochs there were."""
    epochs = 0 if row.history is None else len(row.history.epoch_seconds)
    return row.final_accuracy, row.best_accuracy, epochs


def accuracies_of(history: History, n_evaluation: int) -> tuple[float | None, float | None]:
    """Return the final and the best accuracy of a history; None where it was not monitored."""
    final = history.final_evaluation_accuracy
    if final is None:
        return None, None
    return final / n_evaluation, max(history.evaluation_accuracy) / n_evaluation


def _summary_of(settings: dict[str, Any], rows: list[Row]) -> Summary:
    trained = [row for row in rows if row.error is None]
    final, best = (
        proportion_interval(figures) if figures else None
        for figures in (
            [row.final_accuracy for row in trained if row.final_accuracy is not None],
            [row.best_accuracy for row in trained if row.best_accuracy is not None],
        )
    )
    return Summary(settings, len(trained), len(rows) - len(trained), final, best)


def _groupable(value: Any) -> Any:
    """Return a number or a text as it is, and anything else in words."""
    if isinstance(value, (set, frozenset)):
        value = sorted(value)
    if isinstance(value, (list, tuple, range)):
        return in_a_row(value, [str(_groupable(entry)) for entry in value])
    return value if isinstance(value, (bool, int, float, str, type(None))) else named(value)
