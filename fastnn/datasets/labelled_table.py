"""A table with labels: hold a part out, learn from the rest, make examples of both."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastnn.common.checks import counted, shortened
from fastnn.datasets.examples import Examples
from fastnn.datasets.labels import as_labels, distinct
from fastnn.datasets.splitting import split_rows
from fastnn.datasets.tables.columns import Columns
from fastnn.datasets.tables.learnt_columns import learn_columns
from fastnn.datasets.tables.table import Table
from fastnn.datasets.tables.targets import Targets
from fastnn.datasets.tables.useless_columns import odd_columns

_SHOWN = 8


@dataclass(frozen=True)
class LabelledTable:
    """A table as it was read, and what its labels are.

    Attributes
    ----------
    table : Table
    targets : Targets
        `targets.task` is "classification" or "regression", `targets.values` are the labels.
    classes : list of int or of str
        Each label once, sorted, also those of rows that are not in this part.
    drop_missing : bool
        Whether rows without a label were left out.
    """

    table: Table
    targets: Targets
    classes: list[Any]
    drop_missing: bool = False

    @classmethod
    def of(cls, table: Table, targets: Targets, drop_missing: bool = False) -> LabelledTable:
        """Put a table and its labels together."""
        if targets.task == "classification":
            targets = targets._replace(values=as_labels("labels", targets.values))
            return cls(table, targets, distinct(targets.values), drop_missing)
        return cls(table, targets, [], drop_missing)

    def split(
        self, fraction: float, seed: int | None = None
    ) -> tuple[LabelledTable, LabelledTable]:
        """Hold out a part of the rows, drawn at random; each class has its share of both parts.

        Parameters
        ----------
        fraction : float
            The share to hold out, between 0 and 1; at least one row stays on either side.
        seed : int, optional
            The same seed draws the same rows. NumPy's global generator is not used.

        Returns
        -------
        training, held_out : LabelledTable
            Both know all classes.

        Raises
        ------
        TypeError, ValueError
            If `fraction` or `seed` is not as above, or there are fewer than two rows.
        """
        labels = self.targets.values if self.classes else None
        training, held_out = split_rows(len(self.table), fraction, seed, labels)
        return self._part(training), self._part(held_out)

    def learn(self) -> Columns:
        """Learn how the columns become inputs; call it for the rows to train on only.

        Returns
        -------
        Columns

        Raises
        ------
        ValueError
            If a category has too many values, or nothing is left to learn from.
        """
        numbers = None if self.classes else self.targets.values
        learnt = learn_columns(self.table, numbers, self.targets.task, self.drop_missing)
        return learnt if self.classes else learnt._replace(unit=self.targets.unit)

    def examples(self, columns: Columns) -> Examples:
        """Make examples of the rows, with what was learnt from the rows to train on.

        Parameters
        ----------
        columns : Columns
            What `learn` returned for the rows to train on.

        Returns
        -------
        examples : Examples
        """
        return Examples(
            columns.encode(self.table),
            self.targets.values,
            self.classes,
            columns,
            self.table.weights(),
        )

    def _part(self, rows: NDArray[np.integer[Any]]) -> LabelledTable:
        targets = self.targets._replace(values=self.targets.values[rows])
        return replace(self, table=self.table.take(rows), targets=targets)

    def describe(self) -> list[str]:
        """Say in a few lines what the table holds, what was guessed, and what looks wrong."""
        table = self.table
        numbers = [place for place in table.inputs if place in table.numbers]
        categories = len(table.inputs) - len(numbers)
        kinds = [
            counted(count, what)
            for count, what in ((len(numbers), "number"), (categories, "category"))
            if count
        ]
        if self.classes:
            shown = ", ".join(shortened(each, 30) for each in self.classes[:_SHOWN])
            more = ", ..." if len(self.classes) > _SHOWN else ""
            told = f"{counted(len(self.classes), 'class')}: {shown}{more}"
        else:
            values = self.targets.values
            told = f"targets from {values.min():g} to {values.max():g}"
        lines = [
            f"{counted(len(table), 'example')}, {counted(len(table.inputs), 'input')} "
            f"({', '.join(kinds)}), {told}"
        ]
        notes = [*table.frames.notes, *self.targets.notes]
        if table.dropped:
            notes.append(f"{counted(table.dropped, 'row')} without a label left out")
        lines += [f"Note: {note}" for note in notes]
        return lines + [f"Warning: {warning}" for warning in self.warnings]

    @property
    def warnings(self) -> list[str]:
        """What looks wrong."""
        table = self.table
        return [*table.frames.warnings, *self.targets.warnings, *odd_columns(table)]
