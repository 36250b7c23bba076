"""How the columns of a table become inputs: learnt on training rows, kept with the network."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from fastnn.common.checks import describe, shortened
from fastnn.datasets.tables.expected import Expected
from fastnn.datasets.tables.frames import ReadingOptions
from fastnn.datasets.tables.spellings import places_of
from fastnn.datasets.tables.table import Table
from fastnn.scaling import Scaling


class Column(NamedTuple):
    """A column that inputs are made of.

    Attributes
    ----------
    name : str
        Its name; its number from 0 where the table had no header.
    place : int
        Where it was in the table.
    values : tuple of str, or None
        The categories, an input for each; None for numbers.
    fill : float
        What stands for a missing number: the mean of the others.
    indicator : bool
        Whether one more input says that the cell is missing.
    unit : str, optional
        Of numbers, "" for none; None where that is not known.
    flag : bool
        Whether all of its numbers are 0 and 1, so that True and False mean the same.
    """

    name: str
    place: int
    values: tuple[str, ...] | None = None
    fill: float = 0.0
    indicator: bool = False
    unit: str | None = None
    flag: bool = False

    @property
    def width(self) -> int:
        """How many inputs it becomes."""
        return (1 if self.values is None else len(self.values)) + self.indicator


class Columns(NamedTuple):
    """What was learnt of a table's columns, and what else `predict` has to know of the table.

    Attributes
    ----------
    inputs : tuple of Column
    named : bool
        Whether the table had a header: its columns are found by name then, else by place.
    width : int
        How many columns it had.
    label, weight : str
        The column of labels, and that of weights; empty if there was none.
    ignored : tuple of str
    task : str
        "classification" or "regression".
    mean, deviation : float
        Of a regression's targets: outputs are in units of `deviation`, from `mean`.
    drop_missing : bool
        Whether rows without a label were left out.
    encoding : str
        Of the table's text, as the user named it; empty where it was found out.
    header : bool, optional
        Whether the table has one, as the user said; None where that was found out.
    separator, decimal : str
        What separated columns and decimals; empty where the table was no text.
    label_place : int, optional
        Where the labels were; None where that is not known.
    from_zero : bool, optional
        Whether the places in svmlight's rows count from 0, or from 1; None if that is not known.
    grouped : bool
        Whether a sign parted groups of digits.
    unit : str, optional
        Of a regression's targets, "" for none; None where that is not known.
    """

    inputs: tuple[Column, ...]
    named: bool
    width: int
    label: str
    weight: str = ""
    ignored: tuple[str, ...] = ()
    task: str = "classification"
    mean: float = 0.0
    deviation: float = 1.0
    drop_missing: bool = False
    encoding: str = ""
    header: bool | None = None
    separator: str = ""
    decimal: str = ""
    label_place: int | None = None
    from_zero: bool | None = None
    grouped: bool = False
    unit: str | None = None

    @property
    def total(self) -> int:
        """How many inputs the columns become."""
        return sum(column.width for column in self.inputs)

    def names(self) -> list[str]:
        """Return a name for each input: of its column, and after ``=`` of its category."""
        found = []
        for column in self.inputs:
            values = [column.name]
            if column.values is not None:
                values = [f"{column.name}={value}" for value in column.values]
            found += values + [f"{column.name} is missing"] * column.indicator
        return found

    def reading(self, given: ReadingOptions) -> ReadingOptions:
        """Return how to read another table of the same form: as given, else as in training."""
        values = (column.values or () for column in self.inputs)
        return ReadingOptions(
            given.encoding or self.encoding or None,
            self.header if given.header is None else given.header,
            Expected(
                tuple(column.name for column in self.inputs) if self.named else (),
                self.others() if self.named else (),
                frozenset(itertools.chain.from_iterable(values)),
                frozenset((self.width, self.width - 1, len(self.inputs))),
                self.separator,
                self.decimal,
                self.grouped,
            ),
        )

    def others(self) -> tuple[str, ...]:
        """Return the names of what is no input."""
        return tuple(name for name in (self.label, self.weight, *self.ignored) if name)

    def matched(self, table: Table) -> dict[int, int]:
        """Return the place in a table of each column, by its place in the one of training."""
        names = table.frames.names
        if self.named and names is not None:
            found = {table.name(at): at for at in range(table.frames.width)}
            return {column.place: found[column.name] for column in self.inputs}
        own = sorted(column.place for column in self.inputs)
        return dict(zip(own, table.inputs, strict=True))

    def encode(
        self,
        table: Table,
        seen: Counter[str] | None = None,
        dtype: Any = None,
    ) -> npt.NDArray[Any]:
        """Make the inputs of a table's rows, before they are standardised.

        Parameters
        ----------
        table : Table
            With the columns' roles; see `fastnn.datasets.tables.later_columns`.
        seen : Counter, optional
            Counts cells that the training rows had nothing like, by column.
        dtype : optional
            Of the inputs; float32 by default if none of its numbers is in float64, else float64.

        Returns
        -------
        ndarray, shape (n, total)
        """
        at = self.matched(table)
        if dtype is None:
            places = [at[column.place] for column in self.inputs if column.values is None]
            double = any(table.numbers[place].dtype == np.float64 for place in places)
            dtype = np.float64 if double or not places else np.float32
        encoded = np.zeros((len(table), self.total), dtype)
        start = 0
        for column in self.inputs:
            place = at[column.place]
            part = encoded[:, start : start + column.width]
            if column.values is None:
                values = table.numbers[place]
                missing = np.isnan(values)
                part[:, 0] = values
                part[missing, 0] = column.fill
                unknown = 0 if column.indicator else int(np.count_nonzero(missing))
            else:
                codes, texts = table.texts[place]
                found = places_of(texts, column.values, typed=not table.frames.is_text)
                inputs = np.array([*found, -2], np.int64)[codes]
                rows = np.flatnonzero(inputs >= 0)
                part[rows, inputs[rows]] = 1.0
                missing = inputs == -2
                unknown = int(np.count_nonzero(inputs == -1))
                unknown += 0 if column.indicator else int(np.count_nonzero(missing))
            if column.indicator:
                part[missing, -1] = 1.0
            if unknown and seen is not None:
                seen[column.name] += unknown
            start += column.width
        return encoded

    def scaling(self, inputs: npt.NDArray[Any]) -> Scaling:
        """Find the scaling of training inputs: numbers are standardised, categories are not.

        Parameters
        ----------
        inputs : ndarray, shape (n, total)
            What `encode` made of the rows to train on.

        Returns
        -------
        Scaling
        """
        numbers = np.concatenate(
            [[column.values is None] + [False] * (column.width - 1) for column in self.inputs]
        ).astype(bool)
        mean, deviation = np.zeros(self.total), np.ones(self.total)
        if numbers.any():
            found = Scaling.of(inputs if numbers.all() else inputs[:, numbers])
            mean[numbers], deviation[numbers] = found
        return Scaling(mean, deviation)

    def targets(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Standardise a regression's targets.

        Parameters
        ----------
        values : ndarray of float64
            Targets in their units.

        Returns
        -------
        ndarray of float64
            Shaped like `values`; those of the rows to train on have mean 0 and deviation 1.
        """
        return (values - self.mean) / self.deviation

    def estimates(self, outputs: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
        """Bring a regression's outputs back to the targets' units.

        Parameters
        ----------
        outputs : ndarray
            Standardised, as `targets` returns them.

        Returns
        -------
        ndarray of float64
            Shaped like `outputs`.
        """
        estimated: npt.NDArray[np.float64] = outputs.astype(np.float64) * self.deviation + self.mean
        return estimated


def unknown_cells(seen: Mapping[str, int]) -> list[str]:
    """Say how many cells the training rows had nothing like, as `Columns.encode` counts them."""
    return [
        f"{shortened(name)}: {count} cell{'s are' if count > 1 else ' is'} of a kind that the "
        "training data lack"
        for name, count in seen.items()
    ]


def check_columns(name: str, columns: object, inputs: int) -> Columns:
    """Check that columns make as many inputs as a network has."""
    if not isinstance(columns, Columns):
        raise TypeError(f"{name} must be Columns or None, got {describe(columns)}")
    if columns.total != inputs:
        raise ValueError(
            f"{name} must be for the network's {inputs} inputs, got columns for {columns.total}"
        )
    return columns
