"""Tables of examples: each column in an array, as numbers or as text."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from fastnn.common.checks import describe
from fastnn.datasets.files.cells import MISSING
from fastnn.datasets.labels import can_be_shown
from fastnn.datasets.tables.column_kinds import check_labels, number_array, text_columns
from fastnn.datasets.tables.frames import Frames
from fastnn.datasets.tables.roles import Place, Roles

_MOST_IN_FLOAT64 = 1 << 22  # numbers; a larger table is kept in float32
_MOST_ROUNDED = 1e-3  # of a column's deviation, by float32
_MAX_LABEL = 200  # characters; NumPy gives all texts of an array the length of the longest
_SHOWN = 4  # lines that a message names


class Texts(NamedTuple):
    """A column of text: `codes` (n,) are places in `values`, -1 where a cell is missing."""

    codes: npt.NDArray[np.int32]
    values: list[str]

    def present(self) -> list[str]:
        """Return the values that occur, sorted."""
        return sorted(self.values[code] for code in np.unique(self.codes).tolist() if code >= 0)


class _Taken(Mapping[Place, Any]):
    """Some rows of columns, taken when a column is asked for: they are never all there twice."""

    def __init__(self, columns: Mapping[Place, Any], take: Callable[[Any], Any]) -> None:
        self._columns, self._take = columns, take

    def __getitem__(self, place: Place) -> Any:
        return self._take(self._columns[place])

    def __iter__(self) -> Iterator[Place]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)


class Table:
    """The columns of a table, or of some of its rows.

    Attributes
    ----------
    frames : Frames
        What it was read from.
    roles : Roles
    numbers : mapping of int to ndarray, shape (n,)
        Columns of numbers by their places, in float64, or for a large table in float32 or small
        integers where that will do; nan where a cell is missing.
    texts : mapping of int to Texts
    rows : ndarray of int64, shape (n,)
        The row of the file that each one was.
    dropped : int
        Rows without a label that were left out.
    """

    def __init__(
        self,
        frames: Frames,
        roles: Roles,
        numbers: Mapping[Place, npt.NDArray[Any]],
        texts: Mapping[Place, Texts],
        rows: npt.NDArray[np.int64],
        dropped: int = 0,
    ) -> None:
        self.frames, self.roles = frames, roles
        self.numbers, self.texts = numbers, texts
        self.rows, self.dropped = rows, dropped

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def inputs(self) -> list[Place]:
        """The columns that are neither label nor weight nor ignored."""
        kept = (*self.numbers, *self.texts)
        return sorted(place for place in kept if place not in (self.roles.label, self.roles.weight))

    def name(self, place: Place) -> str:
        """Return a column's name, or its number from 0 if the table has no header."""
        return self.frames.name(place)

    def take(self, rows: npt.NDArray[np.integer[Any]]) -> Table:
        """Return some of the rows."""
        return Table(
            self.frames,
            self.roles,
            _Taken(self.numbers, lambda column: column[rows]),
            _Taken(self.texts, lambda text: Texts(text.codes[rows], text.values)),
            self.rows[rows],
            self.dropped,
        )

    def without(self, places: Collection[Place]) -> Table:
        """Return the table without some columns, which are then ignored."""
        roles = self.roles._replace(ignored=[*self.roles.ignored, *places])
        numbers = {place: column for place, column in self.numbers.items() if place not in places}
        texts = {place: column for place, column in self.texts.items() if place not in places}
        return Table(self.frames, roles, numbers, texts, self.rows, self.dropped)

    def with_texts(self, place: Place, texts: Texts) -> Table:
        """Return the table with another column of text in a place."""
        columns = {**self.texts, place: texts}
        return Table(self.frames, self.roles, self.numbers, columns, self.rows, self.dropped)

    def empty(self) -> npt.NDArray[np.bool_]:
        """Say of each row whether it has nothing in any column that is not ignored."""
        lacks = np.ones(len(self), bool)
        for column in self.numbers.values():
            lacks &= np.isnan(column)
        for codes, _ in self.texts.values():
            lacks &= codes < 0
        return lacks

    def labels(self) -> Texts:
        """Return the labels as text.

        Raises ValueError if there are none, or one cannot be shown.
        """
        if self.roles.label is None:
            raise ValueError("the table has no labels to train with")
        labels = self.texts[self.roles.label]
        for text in labels.values:
            if len(text) > _MAX_LABEL or not can_be_shown(text):
                row = int(self.rows[np.argmax(labels.codes == labels.values.index(text))])
                where, _ = self.frames.cell(row, self.roles.label)
                column = self.frames.column(self.roles.label)
                what = f"of at most {_MAX_LABEL} characters"
                if len(text) <= _MAX_LABEL:
                    what = "in one line, without signs that cannot be seen"
                raise ValueError(
                    f"{where}, {column}: expected a label {what}, got {describe(text)}"
                )
        return labels

    def with_labels(self, drop_missing: bool) -> Table:
        """Return the rows that have a label.

        Raises ValueError, with lines, if some have none and they are not to be dropped.
        """
        assert self.roles.label is not None
        lacks = self.texts[self.roles.label].codes < 0
        count = int(np.count_nonzero(lacks))
        if count == len(self):
            column = self.frames.column(self.roles.label)
            why = next((told for told in self.frames.warnings if told.startswith(column)), "")
            advice = f": {why}" if why else "; label_column= names another"
            raise ValueError(f"{column} holds no labels{advice}")
        if count and not drop_missing:
            cells = [
                self.frames.cell(int(row), self.roles.label) for row in self.rows[lacks][:_SHOWN]
            ]
            lines = ", ".join(f"{where} ({describe(cell)})" for where, cell in cells)
            words = [cell for _, cell in cells if self.frames.is_text and cell.isalpha()]
            advice = f"; rename {describe(words[0])} if it is a class" if words else ""
            if 2 * count > len(self):
                advice += "; label_column= names another column"
            raise ValueError(
                f"{self.frames.column(self.roles.label)}: {count} label"
                f"{'s are' if count > 1 else ' is'} missing, in {lines}"
                f"{', ...' if count > _SHOWN else ''}; drop_missing=True leaves such rows out"
                f"{advice}"
            )
        if not count:
            return self
        kept = self.take(np.flatnonzero(~lacks))
        kept.dropped = count
        return kept

    def weights(self) -> npt.NDArray[np.float64] | None:
        """Return the examples' weights, if a column has them.

        Raises ValueError, with the line, if one is missing or negative.
        """
        if self.roles.weight is None:
            return None
        weights = self.numbers[self.roles.weight].astype(np.float64)
        wrong = ~(weights >= 0)
        if wrong.any():
            where, cell = self.frames.cell(int(self.rows[np.argmax(wrong)]), self.roles.weight)
            raise ValueError(
                f"{where}, {self.frames.column(self.roles.weight)}: a weight must be a number "
                f"of at least 0, got {describe(cell)}"
            )
        return weights


def read_table(frames: Frames, roles: Roles, drop_empty: bool = True) -> Table:
    """Read a whole table; one of more than 4 million numbers is kept in float32 where that will do.

    Parameters
    ----------
    frames : Frames
    roles : Roles
    drop_empty : bool, optional
        Leave out rows that have nothing in any column, with a note of how many. Where each row is
        to have an answer, they have to stay.

    Raises
    ------
    ValueError
        If it has no rows, a row has too few or too many cells, or a column has text or infinite
        values among its numbers. The message names line and column.
    """
    numbers: dict[Place, list[npt.NDArray[Any]]] = {}
    texts: dict[Place, _TextParts] = {}
    rows: list[npt.NDArray[np.int64]] = []
    count, large, dropped = 0, False, 0
    for part in table_blocks(frames, roles):
        if drop_empty and (empty := part.empty()).any():
            dropped += int(np.count_nonzero(empty))
            part = part.take(np.flatnonzero(~empty))
        count += len(part) * len(part.numbers)
        if count > _MOST_IN_FLOAT64 and not large:
            large = True
            for columns in numbers.values():
                columns[:] = map(_compact, columns)
        rows.append(part.rows)
        for place, column in part.numbers.items():
            numbers.setdefault(place, []).append(_compact(column) if large else column)
        for place, text in part.texts.items():
            texts.setdefault(place, _TextParts()).add(text)
    if not sum(map(len, rows)):
        raise ValueError("it holds no examples")
    if dropped:
        frames.notes.append(
            f"{dropped} row{'s are' if dropped > 1 else ' is'} left out, with nothing in any "
            "column that is used"
        )
    joined: dict[Place, npt.NDArray[Any]] = {}
    for place in list(numbers):  # one after the other, so that no more than one is there twice
        column = np.concatenate(numbers.pop(place))
        # What is not exact beside a block's numbers may be so beside those of all blocks.
        joined[place] = _compact(column) if large and column.dtype == np.float64 else column
    return Table(
        frames,
        roles,
        joined,
        {place: parts.joined() for place, parts in texts.items()},
        np.concatenate(rows),
    )


def _compact(column: npt.NDArray[np.float64]) -> npt.NDArray[Any]:
    """Return numbers in float32 or in small integers, where nothing is lost by that.

    What float32 rounds is lost where numbers lie close together and far from zero, as times do.
    """
    for dtype in (np.int8, np.int16):
        with np.errstate(invalid="ignore"):  # what does not fit is found by the comparison
            small = column.astype(dtype)
        if (small == column).all():
            return small
    with np.errstate(over="ignore"):
        single = column.astype(np.float32)
    told = ~np.isnan(column)
    rounded = np.abs(single - column).max(initial=0.0, where=told)
    small = np.isfinite(rounded) and rounded <= _MOST_ROUNDED * column.std(where=told)
    return single if small or not rounded else column


def table_blocks(frames: Frames, roles: Roles) -> Iterator[Table]:
    """Yield a table block by block, with all rows.

    Raises ValueError as `read_table` does.
    """
    named = (roles.label, roles.weight)
    forced = {*roles.categories, *([] if roles.label is None else [roles.label])}
    numbers = {*roles.numbers, *([] if roles.weight is None else [roles.weight])}
    if roles.label is not None and not frames.is_text:
        check_labels(frames, roles.label)
    text = text_columns(frames, forced | set(roles.ignored), numbers, roles.units)
    done = 0
    for block in frames.blocks(text | set(frames.written)):
        columns: dict[Place, npt.NDArray[Any]] = {}
        texts: dict[Place, Texts] = {}
        for place in range(frames.width):
            if place in roles.ignored and place not in named:
                continue
            if place in text:
                texts[place] = _texts(block[place])
            else:
                known, flags = place in numbers, place in roles.flags or place == roles.weight
                columns[place] = number_array(frames, place, block[place], done, known, flags)
        rows = np.arange(done, done + len(block))
        done += len(block)
        yield Table(frames, roles, columns, texts, rows)


def _texts(column: Any) -> Texts:
    """Return a block's texts without blanks around them; some stand for missing cells."""
    import pandas

    codes, values = pandas.factorize(column)
    parts = _TextParts()
    parts.add(Texts(codes.astype(np.int32), [str(value) for value in values]))
    return parts.joined()


class _TextParts:
    """A column of text that comes in parts, each with values of its own."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}
        self._codes: list[npt.NDArray[np.int32]] = []

    def add(self, part: Texts) -> None:
        """Put a part at the end."""
        # A no-break space is a blank that somebody has typed or pasted.
        stripped = [value.replace("\u00a0", " ").strip() for value in part.values]
        places = [
            -1 if value in MISSING else self._places.setdefault(value, len(self._places))
            for value in stripped
        ]
        self._codes.append(np.array([*places, -1], np.int32)[part.codes])

    def joined(self) -> Texts:
        """Return the whole column."""
        return Texts(np.concatenate(self._codes), list(self._places))
