"""How the columns of a table become inputs: learnt on training rows, kept with the network."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from fastnn.common.checks import describe, shortened
from fastnn.datasets.expected import Expected
from fastnn.datasets.frames import Frames, ReadingOptions
from fastnn.datasets.roles import Roles, find_column
from fastnn.datasets.spellings import places_of
from fastnn.datasets.tables import Table
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
    """

    name: str
    place: int
    values: tuple[str, ...] | None = None
    fill: float = 0.0
    indicator: bool = False
    unit: str | None = None

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
    from_zero : bool
        Whether the places in svmlight's rows count from 0.
    grouped : bool
        Whether a sign parted groups of digits.
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
    from_zero: bool = False
    grouped: bool = False

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
                self._others() if self.named else (),
                frozenset(itertools.chain.from_iterable(values)),
                frozenset((self.width, self.width - 1, len(self.inputs))),
                self.separator,
                self.decimal,
                self.grouped,
            ),
        )

    def _others(self) -> tuple[str, ...]:
        """Return the names of what is no input."""
        return tuple(name for name in (self.label, self.weight, *self.ignored) if name)

    def roles(self, frames: Frames, label: str | int | None, weights: bool = False) -> Roles:
        """Find the columns in another table, by name, or by place where the first had no names.

        `label` is the column of labels if it is called otherwise than in the first table.

        Raises
        ------
        ValueError
            If one of them is missing; the message names it.
        """
        by_name = self.named and frames.names is not None
        if by_name:
            return self._roles_by_name(frames, label, weights)
        places = {column.place: column.place for column in self.inputs}
        own = int(self.label) if self.label.isdigit() and not self.named else None
        given = None if label is None else find_column(frames, "label_column", label)
        if frames.width == self.width:
            own = self._label_place() if given is None else given
        elif frames.width == self.width - 1 and given is None and self._unused():
            places, own = self._without_one(), None
        elif frames.width == len(self.inputs) + (given is not None):
            rest = [at for at in range(frames.width) if at != given]
            places = dict(zip(sorted(places), rest, strict=True))
            own = given
        else:
            raise ValueError(
                f"the network was trained on a table of {self.width} columns, "
                f"{len(self.inputs)} of them inputs; got {frames.width} columns"
                + (" and no header to find them by" if self.named else "")
            )
        return self._made(places, own, None, frames)

    def _label_place(self) -> int | None:
        if self.label_place is not None:
            return self.label_place
        if not self.named and self.label:
            return int(self.label)
        left = self._unused()
        return left[0] if len(left) == 1 else None

    def _unused(self) -> list[int]:
        """Return the places of the columns that are no inputs."""
        used = {column.place for column in self.inputs}
        return [at for at in range(self.width) if at not in used]

    def _without_one(self) -> dict[int, int]:
        """Return the places of the inputs in a table that lacks one of the other columns.

        Raises ValueError if they depend on which one that is.
        """
        unused = self._unused()
        places = [
            {column.place: column.place - (column.place > gone) for column in self.inputs}
            for gone in unused
        ]
        if any(each != places[0] for each in places):
            shown = " or ".join(f"column {gone + 1}" for gone in unused[:5])
            raise ValueError(
                f"it has {self.width - 1} columns without names, one fewer than in training: is "
                f"{shown} not there? Expected a header, all {self.width} columns, or the "
                f"{len(self.inputs)} inputs alone"
            )
        return places[0]

    def _roles_by_name(self, frames: Frames, label: str | int | None, weights: bool) -> Roles:
        assert frames.names is not None
        found = {frames.name(at): at for at in range(frames.width)}
        missing = [column.name for column in self.inputs if column.name not in found]
        if missing:
            known = {*(column.name for column in self.inputs), *self._others()}
            there = [name for name in found if name not in known]
            guessed = frames.is_text and frames.options.header is None and len(there) == len(found)
            raise ValueError(
                f"it has no column {_listed(missing)}{_there(there)}, which the network was "
                f"trained with{'; header=False if line 1 is an example' if guessed else ''}"
            )
        own = found.get(self.label)
        if label is not None:
            own = find_column(frames, "label_column", label)
            if frames.name(own) in {column.name for column in self.inputs}:
                raise ValueError(
                    f"label_column: {frames.column(own)} is an input of the network; its labels "
                    f"were in {shortened(self.label)}"
                )
        places = {column.place: found[column.name] for column in self.inputs}
        weight = found.get(self.weight) if weights and self.weight else None
        return self._made(places, own, weight, frames)

    def _made(
        self, places: Mapping[int, int], label: int | None, weight: int | None, frames: Frames
    ) -> Roles:
        used = {*places.values(), label, weight}
        extra = [at for at in range(frames.width) if at not in used]
        known = {*self.ignored, self.weight}
        unknown = [at for at in extra if not frames.names or frames.name(at) not in known]
        if self.named and unknown and frames.names:
            shown = ", ".join(shortened(frames.name(at)) for at in unknown[:5])
            many = f"{len(unknown)} columns that the network does not know are"
            one = "1 column that the network does not know is"
            frames.notes.append(
                f"{one if len(unknown) == 1 else many} left out: {shown}"
                f"{', ...' if len(unknown) > 5 else ''}"
            )
        return Roles(
            label,
            weight,
            extra,
            [places[column.place] for column in self.inputs if column.values is not None],
            [places[column.place] for column in self.inputs if column.values is None],
            {
                places[column.place]: column.unit
                for column in self.inputs
                if column.unit is not None
            },
        )

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
            With the columns' roles; see `roles`.
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
        """Find the scaling of training inputs: numbers are standardised, categories are not."""
        numbers = np.concatenate(
            [[column.values is None] + [False] * (column.width - 1) for column in self.inputs]
        ).astype(bool)
        mean, deviation = np.zeros(self.total), np.ones(self.total)
        if numbers.any():
            found = Scaling.of(inputs if numbers.all() else inputs[:, numbers])
            mean[numbers], deviation[numbers] = found
        return Scaling(mean, deviation)

    def targets(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Standardise a regression's targets."""
        return (values - self.mean) / self.deviation

    def estimates(self, outputs: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
        """Bring a regression's outputs back to the targets' units."""
        estimated: npt.NDArray[np.float64] = outputs.astype(np.float64) * self.deviation + self.mean
        return estimated


def unknown_cells(seen: Mapping[str, int]) -> list[str]:
    """Say how many cells the training rows had nothing like, as `Columns.encode` counts them."""
    return [
        f"{shortened(name)}: {count} cell{'s are' if count > 1 else ' is'} of a kind that the "
        "training data lack"
        for name, count in seen.items()
    ]


def _listed(names: list[str]) -> str:
    return ", ".join(shortened(name, 30) for name in names[:4]) + (", ..." if names[4:] else "")


def _there(names: list[str]) -> str:
    """Say which other columns a table has: one of them may be what was meant."""
    if not names:
        return ""
    return f" (there {'are' if len(names) > 1 else 'is'} {_listed(names)})"


def check_columns(name: str, columns: object, inputs: int) -> Columns:
    """Check that columns make as many inputs as a network has."""
    if not isinstance(columns, Columns):
        raise TypeError(f"{name} must be Columns or None, got {describe(columns)}")
    if columns.total != inputs:
        raise ValueError(
            f"{name} must be for the network's {inputs} inputs, got columns for {columns.total}"
        )
    return columns
