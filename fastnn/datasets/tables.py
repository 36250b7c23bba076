"""Read tables of examples from CSV files: inputs are numbers, a column may name the class."""

from __future__ import annotations

import csv
import io
import math
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastnn.common.checks import describe
from fastnn.common.reading import MAX_UNPACKED_BYTES, gunzip, is_gzipped, reading, unpacked_limit
from fastnn.datasets.labels import Labels, as_labels

_DELIMITERS = ",;\t"
_MAX_TEXT_BYTES = 1 << 26  # what a small gzipped table may unpack to
_MAX_LINE = 1 << 24  # characters, of a million inputs or so
_MAX_LABEL = 200  # characters; NumPy gives all texts of an array the length of the longest


class _Columns(NamedTuple):
    width: int
    label: int | None  # place of the label; None if there is none
    names: list[str] | None  # the header, if there is one

    def describe(self, place: int) -> str:
        """Name a column in an error message, counted from 1 as spreadsheets do."""
        name = f" ({self.names[place]})" if self.names else ""
        return f"column {place + 1}{name}"


def read_csv(
    path: Path, label_column: str | int | None = None, inputs: int | None = None
) -> tuple[NDArray[np.float64], Labels | None]:
    """Read examples, one per row, from a CSV file in UTF-8, plain or gzipped.

    The first line shows what separates columns: comma, semicolon or tab. It is a header if any cell
    besides the label is not a number.

    Parameters
    ----------
    path : Path
    label_column : str or int, optional
        The column of labels: its name in the header, or its index, negative from the end. By
        default the last one.
    inputs : int, optional
        How many inputs an example has, if that is known. A table with exactly that many columns
        has no labels, unless `label_column` is given.

    Returns
    -------
    inputs : ndarray of float64, shape (n, inputs)
    labels : ndarray of int64 or text, shape (n,), or None
        Whole numbers if all labels are, else text.

    Raises
    ------
    OSError
        If the file cannot be opened.
    ValueError
        If a value is missing or not a finite number, rows differ in length, there are no examples,
        labels are numbers but not whole, or the file is not UTF-8 text. The message names file,
        line and column.
    """
    with reading(path, "CSV table"), _open_text(path) as text:
        first_line = text.readline(_MAX_LINE)
        text.seek(0)
        delimiter = max(_DELIMITERS, key=first_line.count)
        return _read_rows(
            csv.reader(_lines(text), delimiter=delimiter, strict=True), label_column, inputs
        )


def _open_text(path: Path) -> io.TextIOWrapper:
    if is_gzipped(path):
        unpacked: Any = gunzip(path, unpacked_limit(path, _MAX_TEXT_BYTES))
    else:
        unpacked = path.open("rb")
    return io.TextIOWrapper(unpacked, "utf-8-sig", newline="")


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    """Yield the lines of a table; raise ValueError if one is too long to be of a table."""
    while line := text.readline(_MAX_LINE):
        if len(line) == _MAX_LINE and not line.endswith(("\n", "\r")):
            raise ValueError(f"it has a line of more than {_MAX_LINE} characters")
        yield line


def _read_rows(
    reader: Any, label_column: str | int | None, inputs: int | None
) -> tuple[NDArray[np.float64], Labels | None]:
    columns = None
    values, lines = array("d"), array("q")
    names: list[str] = []
    for row in reader:
        if not row:
            continue
        if columns is None:
            columns = _columns(row, label_column, inputs)
            if columns.names:
                continue
        if len(row) != columns.width:
            raise ValueError(
                f"line {reader.line_num} has {len(row)} columns, those before have {columns.width}"
            )
        lines.append(reader.line_num)
        if columns.label is not None:
            names.append(row.pop(columns.label).strip())
        try:
            values.extend(map(float, row))
            readable = "_" not in "".join(row)  # float would skip it
        except ValueError:
            readable = False
        if not readable:
            raise ValueError(_first_bad_number(row, columns, reader.line_num))
    if columns is None or not lines:
        raise ValueError("it holds no examples")
    rows = np.frombuffer(values, np.float64).reshape(len(lines), -1)
    finite = np.isfinite(rows)
    if not finite.all():
        bad = int(np.argmin(finite.all(axis=1)))
        raise ValueError(_first_bad_number(rows[bad].tolist(), columns, lines[bad]))
    if columns.label is None:
        return rows, None
    return rows, _labels(names, lines, columns.describe(columns.label))


def _columns(first: list[str], label_column: str | int | None, inputs: int | None) -> _Columns:
    """Work out the columns from the first row and from what the caller said."""
    width, names = len(first), [name.strip() for name in first]
    if label_column in names:
        return _with_inputs(_Columns(width, names.index(str(label_column)), names))
    if label_column is None:
        label = None if width == inputs else width - 1
    else:
        try:
            place = int(label_column)
        except ValueError:
            raise ValueError(
                f"no column is called {describe(label_column)}; the first line has "
                f"{', '.join(names[:8])}"
            ) from None
        if not -width <= place < width:
            raise ValueError(f"there is no column {place}: the first line has {width} columns")
        label = place % width
    header = any(_is_text(cell) for place, cell in enumerate(names) if place != label)
    return _with_inputs(_Columns(width, label, names if header else None))


def _with_inputs(columns: _Columns) -> _Columns:
    if columns.width == 1 and columns.label is not None:
        raise ValueError("its only column holds the labels; expected inputs as well")
    return columns


def _is_number(cell: Any) -> bool:
    try:
        return math.isfinite(float(cell)) and "_" not in str(cell)
    except ValueError:
        return False


def _is_text(cell: str) -> bool:
    """Say whether a cell can name a column: a missing or infinite value cannot."""
    try:
        float(cell)
    except ValueError:
        return bool(cell)
    return False


def _first_bad_number(cells: list[Any], columns: _Columns, line: int) -> str:
    """Say where a row, without its label, holds anything but a finite number."""
    places = [place for place in range(columns.width) if place != columns.label]
    place, cell = next(
        (place, cell) for place, cell in zip(places, cells, strict=True) if not _is_number(cell)
    )
    shown = repr(cell if len(str(cell)) <= 40 else f"{cell[:37]}...")
    return f"line {line}, {columns.describe(place)}: expected a finite number, got {shown}"


def _labels(names: list[str], lines: array[int], column: str) -> Labels:
    if all(map(_is_number, names)):
        values = np.array([float(name) for name in names])
        fractions = np.flatnonzero(values != np.trunc(values))
        if fractions.size:
            place = int(fractions[0])
            raise ValueError(
                f"line {lines[place]}, {column}: labels name classes and must be whole numbers or "
                f"text, got {describe(names[place])}"
            )
        if np.abs(values).max() < 2.0**53:
            return values.astype(np.int64)
    for line, name in zip(lines, names, strict=True):
        if not name or len(name) > _MAX_LABEL or not name.isprintable():
            raise ValueError(f"line {line}, {column}: expected a label, got {describe(name)}")
    longest = max(map(len, names))
    if 4 * longest * len(names) > MAX_UNPACKED_BYTES:
        raise ValueError(
            f"{column}: {len(names)} labels of up to {longest} characters take more than "
            f"{MAX_UNPACKED_BYTES} bytes"
        )
    return as_labels("labels", np.array(names))
