"""Tables that pandas holds in memory: Parquet, Excel, ARFF, or a DataFrame of a user's own."""

from __future__ import annotations

import decimal
import itertools
import math
import numbers
import warnings as python_warnings
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from fastnn.common.checks import check_mapped, describe, printable, shortened
from fastnn.datasets.files.cells import MISSING, MISSING_NUMBERS, is_plain, written_number
from fastnn.datasets.files.text_files import Source
from fastnn.datasets.tables.arff import read_arff
from fastnn.datasets.tables.decimals import find_decimal
from fastnn.datasets.tables.frames import CELLS, Frames, ReadingOptions, pandas_module
from fastnn.datasets.tables.headers import different_names, is_header
from fastnn.datasets.tables.sheet_cells import settle_cells
from fastnn.datasets.tables.text_frames import TextFrames
from fastnn.datasets.tables.titles import stands_above

_LOOKED_AT = 200  # rows of a sheet, to find its header


class WholeFrames(Frames):
    """A table that pandas holds in memory: a user's own, or one of a file that it reads whole.

    Parameters
    ----------
    frame : DataFrame
    lines : sequence of int, optional
        The row of a sheet, from 1, that each row was.
    """

    def __init__(self, frame: Any, lines: Sequence[int] | None = None) -> None:
        self._pandas = pandas_module("a table")
        check_mapped("its columns", frame)
        self.names = [str(name) for name in frame.columns]
        if not isinstance(frame.index, self._pandas.RangeIndex) and frame.index.name is not None:
            name = str(frame.index.name)
            if name in self.names:
                raise ValueError(
                    f"its index is called {shortened(name)}, as one of its columns is; "
                    "reset_index(drop=True) leaves the index out"
                )
            self.names = [name, *self.names]
            frame = frame.reset_index()
        self.width = frame.shape[1]
        self.notes, self.warnings = [], []
        self.options, self._lines = ReadingOptions(), lines
        self.written, self.rounded = {}, {}
        if 0 in frame.shape:
            raise ValueError(f"it holds no examples: its shape is {frame.shape}")
        again = [name for name, columns in Counter(filter(None, self.names)).items() if columns > 1]
        if again:
            raise ValueError(f"two of its columns are called {shortened(again[0])!r}")
        frame = frame.set_axis(range(self.width), axis=1)
        cells: dict[int, Any] = {}  # what stands in columns of Python's numbers, as it is
        for place, dtype in enumerate(frame.dtypes):
            if str(dtype) == "object" and (column := _in_their_type(frame[place])) is not None:
                cells[place] = frame[place]
                frame.isetitem(place, column)
        self._frame, self._cells = frame, cells

    def first(self) -> Any:
        """Return the first block, see `Frames`."""
        rows = max(1, min(CELLS // self.width, 1 << 16))
        return self._frame.iloc[:rows]

    def blocks(self, text: Collection[int]) -> Iterator[Any]:
        """Yield all blocks, see `Frames`."""
        rows = max(1, min(CELLS // self.width, 1 << 16))
        for start in range(0, len(self._frame), rows):
            block = self._frame.iloc[start : start + rows].copy()
            for place in text:
                cells = self._cells.get(place, self._frame[place])
                block[place] = self._as_text(cells.iloc[start : start + rows])
            yield block

    def cell(self, row: int, place: int) -> tuple[str, str]:
        """Return where a row is and one of its cells, see `Frames`."""
        line = row + 1 if self._lines is None else self._lines[row]
        return f"row {line}", str(self._cells.get(place, self._frame[place]).iloc[row])

    def _as_text(self, column: Any) -> Any:
        missing = column.isna()
        return column.astype(object).map(str).where(~missing, None)


def _in_their_type(column: Any) -> Any:
    """Return a column of Python's numbers in a type of numbers; None if it has other cells."""
    told = column[~column.isna()]
    if not len(told) or not all(map(_is_number, told)):
        return None
    if len(told) == len(column):
        column = column.infer_objects()
    if column.dtype.kind in "iuf":
        return column
    try:
        return column.where(~column.isna(), math.nan).map(float)
    except OverflowError:  # such as 10**400
        return None


def _is_number(cell: object) -> bool:
    """Say whether Python knows a cell as a real number."""
    return isinstance(cell, (numbers.Real, decimal.Decimal)) and not isinstance(cell, bool)


def frames_of_file(source: Source, kind: str, options: ReadingOptions) -> Frames:
    """Open the table of a file: `kind` is "text", "parquet", "excel" or "arff".

    Raises
    ------
    ImportError
        If what reads it is not installed.
    ValueError
        If it cannot be read.
    """
    if kind == "text":
        source.unpack()
        return TextFrames(source, options)
    pandas = pandas_module("reading a table")
    try:
        if kind == "parquet":
            with source.path.open("rb") as stream:
                frames = WholeFrames(pandas.read_parquet(stream))
        elif kind == "excel":
            frames = _excel(pandas, source, options)
        else:
            frames = WholeFrames(read_arff(pandas, source, options.encoding))
    except ImportError as problem:
        raise ImportError(
            f"{printable(source.name)} needs another package to be read: python -m pip install "
            f"'fastnn-jit[tables]' ({shortened(problem)})"
        ) from None
    frames.options = options
    return frames


def _excel(pandas: Any, source: Source, options: ReadingOptions) -> WholeFrames:
    """Read the first sheet that holds a table, wherever on it the table begins."""
    with python_warnings.catch_warnings(), pandas.ExcelFile(source.path) as book:
        # What it cannot show of styles and of rules for input does not change the values.
        python_warnings.filterwarnings("ignore", module="openpyxl")
        for sheet in book.sheet_names:
            raw = pandas.read_excel(book, sheet_name=sheet, header=None, dtype=object)
            raw = raw.dropna(how="all").dropna(how="all", axis=1)
            if raw.shape[0] > 1 and raw.shape[1] > 1:
                break
        else:
            raise ValueError(f"no sheet holds a table of two rows and columns: {book.sheet_names}")
        return _sheet(pandas, book, sheet, raw, options)


def _sheet(pandas: Any, book: Any, sheet: str, raw: Any, options: ReadingOptions) -> WholeFrames:
    """Make a table of the cells of a sheet that holds one."""
    names = book.sheet_names
    notes: list[str] = []
    warnings: list[str] = []
    if len(names) > 1:
        others = ", ".join(shortened(name, 30) for name in names if name != sheet)
        notes.append(f"the sheet {shortened(sheet, 30)} is read; others are {others}")
    while len(raw) > 1 and raw.iloc[0].count() == 1:  # a title above
        rows = _first_rows(pandas, raw)
        if not stands_above(rows, raw.shape[1], ";", options.header, options.expected):
            break
        title = raw.iloc[0].dropna().iloc[0]
        notes.append(f"row {raw.index[0] + 1} is left out: {describe(str(title))} is no row")
        raw = raw.iloc[1:].dropna(how="all", axis=1)
    rows = _first_rows(pandas, raw)
    header = options.header
    if header is None:
        sign, _ = find_decimal((cell for row in rows[1:] for cell in row), ";")
        if _are_texts_above_numbers(raw) and not options.expected.widths:
            header = True
            warnings.append(
                "line 1 has numbers as text above numbers, and is taken for a header; header=False "
                "if it is data"
            )
        else:
            header = is_header(rows[0], rows[1:], sign or ".", options.expected, warnings)
    if header:
        raw = raw.iloc[1:]
        if not len(raw):
            raise ValueError("it holds no examples, only a header")
    raw = raw.copy()  # pandas warns of what is written into a part
    cells = settle_cells(book, sheet, raw)
    between = int(raw.index[-1] - raw.index[0]) + 1 - len(raw)
    if between:
        notes.append(f"{between} empty row{'s' if between > 1 else ''} of the sheet left out")
    frame = raw.reset_index(drop=True)
    stored = _numbers_from_text(frame, options.expected.values)
    frame = frame.infer_objects()
    if header:
        frame.columns = different_names([name.strip() for name in rows[0]], notes)
    frames = WholeFrames(frame, [row + 1 for row in raw.index])
    if not header:
        frames.names = None
    frames.notes += notes
    frames.notes += [
        f"{frames.column(place)} has numbers stored as text: {shortened(cell, 30)} is read as "
        f"{number:.12g}"
        for place, (cell, number) in stored.items()
    ]
    frames.notes += [
        f"{frames.column(place)}: what merged cells hold is taken for each of their rows, as "
        f"{describe(str(value))} for rows {first} to {last}"
        for place, (value, first, last) in cells.merged.items()
    ]
    frames.warnings += [
        f"{frames.column(place)} has formulas without their results, as in row {row}: open and "
        "save the file in Excel"
        for place, row in cells.formulas.items()
    ]
    frames.warnings += [warning.replace("line 1", "the first row") for warning in warnings]
    return frames


def _first_rows(pandas: Any, raw: Any) -> list[list[str]]:
    """Return the texts of a sheet's first rows."""
    return [
        ["" if pandas.isna(cell) else str(cell) for cell in row]
        for row in itertools.islice(raw.itertuples(index=False), _LOOKED_AT)
    ]


def _are_texts_above_numbers(raw: Any) -> bool:
    """Say whether the first row of a sheet is text, numbers among it, above nothing but numbers.

    A sheet knows one from the other: years as text are names.
    """
    first = raw.iloc[0].tolist()
    if not all(isinstance(cell, str) for cell in first if cell == cell):
        return False
    numbers = 0
    for at, name in enumerate(first):
        below = [cell for cell in raw.iloc[1:, at].tolist() if cell == cell]
        if name in below:
            return False
        if isinstance(name, str) and written_number(name):
            if not below or any(isinstance(cell, bool) or not _is_real(cell) for cell in below):
                return False
            numbers += 1
    return numbers > 0


def _numbers_from_text(frame: Any, kinds: frozenset[str]) -> dict[int, tuple[str, float]]:
    """Turn the texts of a sheet's columns of numbers into numbers, as its user means them.

    A column stays text where all that is written otherwise than by programs is among `kinds`, the
    categories of a network.

    Returns the first text of each such column, and its number.
    """
    found = {}
    for place in range(frame.shape[1]):
        cells = frame.iloc[:, place].tolist()
        texts = {cell: cell.strip() for cell in cells if isinstance(cell, str)}
        told = [text for text in texts.values() if text not in MISSING_NUMBERS]
        others = (cell for cell in cells if not isinstance(cell, str))
        if not told or any(isinstance(cell, bool) or not _is_real(cell) for cell in others):
            continue
        own = {text for text in texts.values() if text not in MISSING and not is_plain(text)}
        if own and kinds.issuperset(own):
            continue
        sign = find_decimal(told, ";")[0] or "."
        numbers = {text: written_number(text, sign) for text in told}
        if not all(number is not None and not number[1] for number in numbers.values()):
            continue
        values = {text: _plain(number[0]) for text, number in numbers.items() if number is not None}
        frame.isetitem(
            place,
            [
                values.get(texts[cell], math.nan) if isinstance(cell, str) else cell
                for cell in cells
            ],
        )
        found[place] = told[0], values[told[0]]
    return found


def _plain(number: float) -> float:
    """Return a number as a sheet has it, whole ones as int."""
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def _is_real(cell: object) -> bool:
    """Say whether a cell is a number, or empty."""
    return cell is None or isinstance(cell, (int, float))
