"""Examples for a trained network: the columns of a file brought to its inputs, in blocks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastnn.common.checks import describe, printable
from fastnn.common.reading import reading
from fastnn.datasets.opening import Opened, examples_of_arrays
from fastnn.datasets.sparse_rows import is_sparse
from fastnn.datasets.tables.columns import Columns, unknown_cells
from fastnn.datasets.tables.frames import Frames, ReadingOptions
from fastnn.datasets.tables.later_columns import roles_of
from fastnn.datasets.tables.roles import Roles, all_roles, label_place
from fastnn.datasets.tables.spellings import places_of
from fastnn.datasets.tables.table import Table, Texts, table_blocks
from fastnn.datasets.tables.targets import label_array, measured_labels, text_array, told_numbers

_ROWS = 1 << 15

_LARGE = 50  # few networks without scaling have larger inputs
_LARGEST_BYTE = 255


class Block(NamedTuple):
    """Some examples.

    Attributes
    ----------
    inputs : ndarray or SciPy sparse matrix, shape (n, inputs)
    labels : ndarray, shape (n,), or None
        int64, float64 or text; None if the file has none.
    labelled : ndarray of bool, shape (n,)
        Which of them have a label; text labels of the others are empty.
    """

    inputs: Any
    labels: NDArray[Any] | None
    labelled: NDArray[np.bool_]


class FileForNetwork:
    """A file whose examples a network is to answer.

    Parameters
    ----------
    opened : Opened
        Where that has a part to train on and one to test with, the latter is taken.
    columns : Columns or None
        What the network knows of its table.
    inputs : int
        How many it has.
    label : str or int, optional
        The column of labels, where it is not that of training.
    options : ReadingOptions, optional
    classes : sequence, optional
        The network's labels. If they are text, those of the file are taken as text, too.
    scaled : bool, optional
        Whether it standardises its inputs, so that large ones are nothing special.
    measured : bool, optional
        Whether it estimates numbers, which `columns` may know, too.

    Attributes
    ----------
    name : str
        What to call it in messages.
    notes, warnings : list of str
        What a user should know, complete when all blocks are read.
    has_labels : bool
    """

    def __init__(
        self,
        opened: Opened,
        columns: Columns | None,
        inputs: int,
        label: str | int | None = None,
        options: ReadingOptions | None = None,
        classes: Sequence[Any] = (),
        scaled: bool = False,
        measured: bool = False,
    ) -> None:
        self._classes = classes if classes and isinstance(classes[0], str) else ()
        self._are_truths = list(classes) == [0, 1]
        self._measured = measured or (columns is not None and columns.task == "regression")
        opened = opened.to_answer()
        self.name = opened.name
        self._opened, self._columns, self._inputs = opened, columns, inputs
        self._seen: Counter[str] = Counter()
        self._unlabelled, self._comparable = 0, True
        self._notes: tuple[str, ...] = ()
        self._warnings: list[str] = []
        self._scaled = scaled
        self._frames: Frames | None = None
        if not opened.is_table:
            if label is not None:
                raise ValueError(f"label_column is for tables; {printable(opened.name)} is not one")
            return
        with reading(Path(opened.name), "table"):
            self._frames, self._roles = self._open(options or ReadingOptions(), label)

    def _open(self, given: ReadingOptions, label: str | int | None) -> tuple[Frames, Roles]:
        """Open the table as the one of training was, or else by what it looks like."""
        columns = self._columns
        options = given if columns is None else columns.reading(given)
        try:
            frames = self._opened.frames(options)
            return frames, self._find_roles(frames, label)
        except ValueError:
            if options.encoding == given.encoding:
                raise
        frames = self._opened.frames(options._replace(encoding=None))
        return frames, self._find_roles(frames, label)

    @property
    def has_labels(self) -> bool:
        """Whether the file has a column of labels; for arrays that is known once they are read."""
        return self._frames is None or self._roles.label is not None

    @property
    def notes(self) -> list[str]:
        """What a user should know of how the file was understood."""
        notes = list(self._notes if self._frames is None else self._frames.notes)
        notes += self.unknown
        if self._unlabelled:
            notes.append(
                f"{self._unlabelled} row{'s' if self._unlabelled > 1 else ''} without a label left "
                "out"
            )
        return notes

    @property
    def unknown(self) -> list[str]:
        """How many cells the training data had nothing like; the notes have that, too."""
        return unknown_cells(self._seen)

    @property
    def warnings(self) -> list[str]:
        """What may be understood in a wrong way."""
        return list(self._warnings if self._frames is None else self._frames.warnings)

    def blocks(self) -> Iterator[Block]:
        """Yield the examples in the order of the file.

        There is one for each row of the file. Raises ValueError if something in the file is not
        what the network can take.
        """
        if self._frames is None:
            yield from self._blocks_of_arrays()
            return
        with reading(Path(self._opened.name), "table"):
            found = False
            for table in table_blocks(self._frames, self._roles):
                if len(table):
                    found = True
                    yield self._block(table, must_compare=False)
            if not found:
                raise ValueError("it holds no examples")

    def labelled_blocks(self, drop_missing: bool) -> Iterator[Block]:
        """Yield the examples to compare with their labels; rows that hold nothing are left out.

        `drop_missing` leaves out all rows without a label. Raises ValueError as `blocks` does, and
        if a label is missing otherwise.
        """
        if self._frames is None:
            blocks = self._blocks_of_arrays()
            yield from (block for block in blocks if block.labels is not None)
            return
        place = self._roles.label
        if place is None:
            return
        with reading(Path(self._opened.name), "table"):
            for table in table_blocks(self._frames, self._roles):
                told = self._label_texts(table).codes >= 0
                left = told if drop_missing else told | ~table.empty()
                if not told[left].all():
                    row = int(table.rows[np.flatnonzero(left & ~told)[0]])
                    where, cell = self._frames.cell(row, place)
                    raise ValueError(
                        f"{where}, {self._frames.column(place)}: expected a label to compare "
                        f"with, got {describe(cell)}"
                    )
                self._unlabelled += int(np.count_nonzero(~left))
                if left.any():
                    yield self._block(
                        table if left.all() else table.take(np.flatnonzero(left)), must_compare=True
                    )

    def _blocks_of_arrays(self) -> Iterator[Block]:
        from_zero = None if self._columns is None else self._columns.from_zero
        arrays = self._opened.arrays(self._inputs, self._measured, from_zero, to_answer=True)
        if not self._scaled:
            self._warnings = _told_of_large(arrays.inputs)
        self._notes = arrays.notes
        if arrays.inputs.shape[1] != self._inputs:
            raise ValueError(
                f"path: {printable(self._opened.name)} must have {self._inputs} inputs per "
                f"example, got {arrays.inputs.shape[1]}"
            )
        examples = examples_of_arrays(arrays, "regression" if self._measured else None)
        for start in range(0, arrays.inputs.shape[0], _ROWS):
            part = slice(start, start + _ROWS)
            labels = None if examples.labels is None else examples.labels[part]
            inputs = examples.inputs[part]
            yield Block(inputs, labels, np.full(inputs.shape[0], labels is not None))

    def _find_roles(self, frames: Frames, label: str | int | None) -> Roles:
        if self._columns is not None:
            return roles_of(self._columns, frames, label)
        place = label_place(frames, label, self._inputs)
        got = frames.width - (place is not None)
        if got != self._inputs:
            raise ValueError(f"it must have {self._inputs} inputs per example, got {got}")
        roles = all_roles(frames, place)
        return roles._replace(numbers=[at for at in range(frames.width) if at != place])

    def _label_texts(self, table: Table) -> Texts:
        return told_numbers(table.labels()) if self._measured else table.labels()

    def _block(self, table: Table, must_compare: bool) -> Block:
        if self._columns is not None:
            inputs = self._columns.encode(table, self._seen, np.float64)
        else:
            inputs = np.column_stack([table.numbers[place] for place in table.inputs])
            missing = np.isnan(inputs)
            if missing.any():
                row, column = np.argwhere(missing)[0].tolist()
                place = table.inputs[column]
                where, _ = table.frames.cell(int(table.rows[row]), place)
                raise ValueError(f"{where}, {table.frames.column(place)}: expected a finite number")
        if self._roles.label is None or not self._comparable:
            return Block(inputs, None, np.zeros(len(table), bool))
        texts = self._label_texts(table)
        labelled = texts.codes >= 0
        if not labelled.any():
            return Block(inputs, None, labelled)
        told = texts._replace(codes=texts.codes[labelled])
        if self._columns is not None and self._measured:
            try:
                values: NDArray[Any] = measured_labels(table, texts, self._columns.unit)
            except ValueError as problem:
                if must_compare:
                    raise
                self._comparable = False
                table.frames.warnings.append(f"{problem}: the labels are left out from there on")
                return Block(inputs, None, np.zeros(len(table), bool))
        elif self._classes:
            places = places_of(told.values, self._classes, typed=not table.frames.is_text)
            pairs = zip(places, told.values, strict=True)
            named = [text if place < 0 else self._classes[place] for place, text in pairs]
            values = text_array(told._replace(values=named))
        else:
            values = label_array(told, table.frames.decimal)
            if self._are_truths and values.dtype.kind == "U":
                places = places_of(told.values, ["0", "1"], typed=False)
                if min(places) >= 0:
                    values = np.array(places, np.int64)[told.codes]
        if labelled.all():
            return Block(inputs, values, labelled)
        labels = np.zeros(len(table), values.dtype)
        labels[labelled] = values
        return Block(inputs, labels, labelled)


def _told_of_large(inputs: Any) -> list[str]:
    """Warn of numbers that look like bytes, but are none, so that they are not divided."""
    if is_sparse(inputs):
        return []
    largest = inputs.max()
    if not _LARGE < largest <= _LARGEST_BYTE or inputs.min() < 0 or (inputs[:_ROWS] % 1).any():
        return []
    return [
        f"inputs are whole numbers up to {largest:g}, and taken as they are: only bytes (uint8) "
        "are divided by 256"
    ]
