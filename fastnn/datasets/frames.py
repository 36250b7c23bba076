"""Tables as blocks of pandas' rows: delimited text, Parquet, Excel, ARFF, or a DataFrame."""

from __future__ import annotations

import itertools
import re
import warnings as python_warnings
from collections.abc import Collection, Generator, Iterator
from contextlib import closing
from typing import Any, NamedTuple

import numpy as np

from fastnn.common.checks import check_mapped, describe, printable, shortened
from fastnn.datasets.layout import (
    MISSING,
    MISSING_NUMBERS,
    SPACES,
    find_layout,
    is_number,
)
from fastnn.datasets.text_files import Source, TextFile

_CELLS = 1 << 20  # of a block
_SAMPLE = 200  # rows that are looked at
_MOSTLY = 0.9  # a column with more numbers than this share, but not only, has a mistake
_CODE = re.compile(r"0\d+$")
_NO_END = re.compile(r"EOF inside string starting at row (\d+)")
_TOO_MANY = re.compile(r"Expected (\d+) fields in line (\d+), saw (\d+)")


class ReadingOptions(NamedTuple):
    """What a user says of a table's file.

    Attributes
    ----------
    encoding : str, optional
    header : bool, optional
        Whether the first row is one; found out by default.
    known : collection of str, optional
        Names of columns that are to be expected.
    """

    encoding: str | None = None
    header: bool | None = None
    known: Collection[str] = ()


class Frames:
    """A table that is read in blocks, more than once if need be.

    Attributes
    ----------
    names : list of str, or None
        The columns' names.
    width : int
    notes, warnings : list of str
        What a user should know of how the file was understood.
    """

    names: list[str] | None
    width: int
    notes: list[str]
    warnings: list[str]
    decimal: str = "."

    def column(self, place: int) -> str:
        """Name a column in a message, counted from 1 as spreadsheets do."""
        name = self.names[place] if self.names else ""
        return f"column {place + 1}" + (f" ({shortened(name)})" if name else "")

    def first(self) -> Any:
        """Return the first block as pandas reads it, its columns called by their places."""
        raise NotImplementedError

    def blocks(self, text: Collection[int]) -> Iterator[Any]:
        """Yield all blocks; columns of `text` are text, others as pandas reads them."""
        raise NotImplementedError

    def cell(self, row: int, place: int) -> tuple[str, str]:
        """Return where a row is, such as "line 7", and what the file has in one of its cells."""
        raise NotImplementedError

    def looks_like_code(self, place: int) -> bool:
        """Say whether a column's numbers are names, such as 007."""
        return False


def pandas_module(what: str) -> Any:
    """Import pandas, or raise an ImportError that says how to install it."""
    try:
        import pandas
    except ImportError:
        raise ImportError(
            f"{what} needs pandas: python -m pip install 'fastnn-jit[tables]'"
        ) from None
    return pandas


class TextFrames(Frames):
    """A table in a text file.

    Raises
    ------
    ImportError
        If pandas is not installed.
    ValueError
        If the file is no text, or no table.
    """

    def __init__(self, source: Source, options: ReadingOptions) -> None:
        self._pandas = pandas_module("reading a table")
        self._file = TextFile(source, options.encoding)
        self._layout = layout = find_layout(self._file, options.header, options.known)
        self.names, self.width, self.decimal = layout.names, layout.width, layout.decimal
        self.notes, self.warnings = list(layout.notes), list(layout.warnings)
        if self._file.guessed:
            self.notes.append("it is not UTF-8, and read as cp1252; --encoding names another")
        self._rows = max(1, min(_CELLS // self.width, 1 << 16))
        sample = list(itertools.islice(layout.rows(self._file), _SAMPLE))
        self._sample = [cells for _, cells in sample]
        for line, cells in sample[:1]:  # pandas would cut off what the first row has more
            if len(cells) > layout.fields:
                raise ValueError(f"line {line} has {len(cells)} columns, others have {self.width}")

    def first(self) -> Any:
        """Return the first block, see `Frames`."""
        with closing(self._read(())) as blocks:
            return next(blocks, None)

    def blocks(self, text: Collection[int]) -> Iterator[Any]:
        """Yield all blocks, see `Frames`."""
        done = 0
        for block in self._read(text):
            self._check_lengths(block, done)
            done += len(block)
            yield block

    def cell(self, row: int, place: int) -> tuple[str, str]:
        """Return where a row is and one of its cells, see `Frames`."""
        line, cells = next(itertools.islice(self._layout.rows(self._file), row, None))
        return f"line {line}", cells[place] if place < len(cells) else ""

    def looks_like_code(self, place: int) -> bool:
        """Say whether numbers are names, see `Frames`."""
        cells = [cells[place].strip() for cells in self._sample if place < len(cells)]
        told = [cell for cell in cells if cell not in MISSING_NUMBERS]
        return any(map(_CODE.match, told)) and len({len(cell) for cell in told}) == 1

    def _read(self, text: Collection[int]) -> Generator[Any, None, None]:
        """Yield blocks of rows, from the first."""
        layout = self._layout
        missing = {
            at: sorted(MISSING if at in text else MISSING_NUMBERS) for at in range(layout.fields)
        }
        with layout.open(self._file) as stream, python_warnings.catch_warnings():
            python_warnings.simplefilter("ignore")
            try:
                reader = self._pandas.read_csv(
                    stream,
                    sep=layout.separator,
                    header=None,
                    names=list(range(layout.fields)),
                    index_col=False,
                    dtype=dict.fromkeys(text, str),
                    na_values=missing,
                    keep_default_na=False,
                    decimal=layout.decimal,
                    skipinitialspace=layout.separator != SPACES,
                    float_precision="round_trip",
                    low_memory=False,
                    chunksize=self._rows,
                )
                with reader:
                    for block in reader:
                        yield block.iloc[:, : layout.width]
            except self._pandas.errors.EmptyDataError:
                raise ValueError("it holds no examples") from None
            except self._pandas.errors.ParserError as problem:
                raise ValueError(self._explained(str(problem))) from None

    def _explained(self, problem: str) -> str:
        """Say what pandas says of a file that it cannot take apart, with the file's own lines."""
        if found := _TOO_MANY.search(problem):
            wanted, line, got = map(int, found.groups())
            line += self._layout.skipped
            return f"line {line} has {got} columns, those before have {wanted}"
        if found := _NO_END.search(problem):
            return f"a quote has no end; it begins in row {int(found[1]) + 1} of the examples"
        return problem.removeprefix("Error tokenizing data. C error: ")

    def _check_lengths(self, block: Any, done: int) -> None:
        """Raise ValueError if a row is too short, which pandas fills up."""
        suspects = np.flatnonzero(block[self.width - 1].isna().to_numpy())
        if not len(suspects):
            return
        wanted = set((suspects + done).tolist())
        last = max(wanted)
        for row, (line, cells) in enumerate(self._layout.rows(self._file)):
            if row > last:
                return
            if row in wanted and len(cells) < self.width:
                raise ValueError(
                    f"line {line} has {len(cells)} columns, those before have {self.width}"
                )


class WholeFrames(Frames):
    """A table that pandas holds in memory: a user's own, or one of a file that it reads whole."""

    def __init__(self, frame: Any) -> None:
        self._pandas = pandas_module("a table")
        check_mapped("its columns", frame)
        self.names = [str(name) for name in frame.columns]
        if not isinstance(frame.index, self._pandas.RangeIndex) and frame.index.name is not None:
            self.names = [str(frame.index.name), *self.names]
            frame = frame.reset_index()
        self.width = frame.shape[1]
        self.notes, self.warnings = [], []
        if 0 in frame.shape:
            raise ValueError(f"it holds no examples: its shape is {frame.shape}")
        if len(set(self.names)) < len(self.names):
            raise ValueError("two of its columns have the same name")
        frame = frame.set_axis(range(self.width), axis=1)
        self._frame = frame

    def first(self) -> Any:
        """Return the first block, see `Frames`."""
        rows = max(1, min(_CELLS // self.width, 1 << 16))
        return self._frame.iloc[:rows]

    def blocks(self, text: Collection[int]) -> Iterator[Any]:
        """Yield all blocks, see `Frames`."""
        rows = max(1, min(_CELLS // self.width, 1 << 16))
        for start in range(0, len(self._frame), rows):
            block = self._frame.iloc[start : start + rows].copy()
            for place in text:
                block[place] = self._as_text(block[place])
            yield block

    def cell(self, row: int, place: int) -> tuple[str, str]:
        """Return where a row is and one of its cells, see `Frames`."""
        return f"row {row + 1}", str(self._frame.iloc[row, place])

    def _as_text(self, column: Any) -> Any:
        missing = column.isna()
        return column.astype(object).map(str).where(~missing, None)


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
                frame = pandas.read_parquet(stream)
        elif kind == "excel":
            frame = _excel(pandas, source, options.header)
        else:
            frame = _arff(pandas, source, options.encoding)
    except ImportError as problem:
        raise ImportError(
            f"{printable(source.name)} needs another package to be read: python -m pip install "
            f"'fastnn-jit[tables]' ({shortened(problem)})"
        ) from None
    return WholeFrames(frame)


def _excel(pandas: Any, source: Source, header: bool | None) -> Any:
    with python_warnings.catch_warnings():
        python_warnings.simplefilter("ignore")
        frame = pandas.read_excel(source.path, header=None if header is False else 0)
    unnamed = {
        name: "" for name in frame.columns if isinstance(name, str) and name.startswith("Unnamed: ")
    }
    frame = frame.rename(columns=unnamed) if len(unnamed) == 1 else frame
    return frame.dropna(how="all").dropna(how="all", axis=1).reset_index(drop=True)


def _arff(pandas: Any, source: Source, encoding: str | None) -> Any:
    from scipy.io import arff

    source.unpack()
    with TextFile(source, encoding).open() as stream:
        try:
            rows, _ = arff.loadarff(stream)
        except NotImplementedError as problem:
            raise ValueError(f"{problem}; turn such attributes into nominal ones") from None
        except (StopIteration, arff.ArffError) as problem:
            raise ValueError(f"it is no ARFF file that can be read: {problem}") from None
    frame = pandas.DataFrame(rows)
    for name in frame.columns:
        if frame[name].dtype == object:
            texts = frame[name].map(lambda cell: cell.decode() if isinstance(cell, bytes) else cell)
            frame[name] = texts.where(texts != "?", None)
    return frame


def text_columns(frames: Frames, text: Collection[int], numbers: Collection[int]) -> set[int]:
    """Find the columns that hold text, from the first block.

    Parameters
    ----------
    frames : Frames
    text, numbers : collection of int
        Columns that are to be text or numbers in any case.

    Raises
    ------
    ValueError
        If there are no rows, or a column has a little text among its numbers.
    """
    first = frames.first()
    if first is None or not len(first):
        raise ValueError("it holds no examples")
    found = set(text)
    for place in range(frames.width):
        if place in found or place in numbers:
            continue
        column = first[place]
        if column.dtype.kind in "iuf" and not hasattr(column.dtype, "categories"):
            if frames.looks_like_code(place):
                found.add(place)
                frames.notes.append(f"{frames.column(place)} has codes such as 007: kept as text")
            continue
        if column.dtype.kind == "O" or str(column.dtype).startswith(("str", "string")):
            check_mostly_numbers(frames, place, column)
        found.add(place)
    return found


def check_mostly_numbers(frames: Frames, place: int, column: Any, done: int = 0) -> None:
    """Raise ValueError at the first text of a column that has hardly any; `done` rows came before.

    Raises
    ------
    ValueError
        With line and column.
    """
    told = column[~column.isna()]
    counts = told.astype(str).value_counts()
    numeric = sum(count for cell, count in counts.items() if is_number(cell, ","))
    if not counts.sum() * _MOSTLY < numeric + done < counts.sum() + done:
        return
    bad = next(
        row for row, cell in enumerate(column.tolist())
        if isinstance(cell, str) and cell and not is_number(cell, ",")
    )  # fmt: skip
    raise ValueError(bad_number(frames, done + bad, place))


def bad_number(frames: Frames, row: int, place: int) -> str:
    """Say where a table has anything but a finite number."""
    where, cell = frames.cell(row, place)
    return (
        f"{where}, {frames.column(place)}: expected a finite number, got {describe(cell)}; "
        "mend it, or name the column in --categories or --ignore-columns"
    )
