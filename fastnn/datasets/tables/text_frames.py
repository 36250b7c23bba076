"""Tables in text files, read in blocks; what their first rows do not tell is noticed below."""

from __future__ import annotations

import itertools
import re
import warnings as python_warnings
from collections.abc import Collection, Generator, Iterable, Iterator
from contextlib import closing
from typing import Any

import numpy as np

from fastnn.common.checks import counted, shortened
from fastnn.datasets.files.cells import MISSING, MISSING_NUMBERS, is_number
from fastnn.datasets.files.text_files import Source, TextFile
from fastnn.datasets.tables.decimals import find_decimal, has_groups, told_of_sign
from fastnn.datasets.tables.frames import CELLS, Frames, ReadingOptions, pandas_module
from fastnn.datasets.tables.headers import row_of_header
from fastnn.datasets.tables.layout import find_layout
from fastnn.datasets.tables.separators import SPACES

_SAMPLE = 200  # rows that are looked at
_MOSTLY = 0.9  # of the values of a column, where they are to be numbers
_CODE = re.compile(r"0\d+$")
_NO_END = re.compile(r"EOF inside string starting at row (\d+)")
_TOO_MANY = re.compile(r"Expected (\d+) fields in line (\d+), saw (\d+)")


class TextFrames(Frames):
    """A table in a text file.

    Raises
    ------
    ImportError
        If pandas is not installed.
    ValueError
        If the file is no text, or no table.
    """

    is_text = True

    def __init__(self, source: Source, options: ReadingOptions) -> None:
        self._pandas = pandas_module("reading a table")
        self._file = TextFile(source, options.encoding)
        self.options, self.encoding = options, self._file.encoding
        self.written, self.rounded = {}, {}
        self._layout = layout = find_layout(self._file, options.header, options.expected)
        self.names, self.width, self.separator = layout.names, layout.width, layout.separator
        self.decimal, self._doubtful = layout.decimal, layout.doubtful
        self.notes, self.warnings = list(layout.notes), list(layout.warnings)
        if self._file.garbled:
            self.warnings.append(
                "it is neither UTF-8 nor cp1252, so that characters are lost; encoding= says "
                "what it is, such as shift-jis or gb18030"
            )
        elif self._file.guessed:
            self.notes.append("it is not UTF-8, and read as cp1252; encoding= names another")
        self._rows = max(1, min(CELLS // self.width, 1 << 16))
        sample = list(itertools.islice(layout.rows(self._file), _SAMPLE))
        self._sample = [cells for _, cells in sample]
        for line, cells in sample[:1]:  # pandas would cut off what the first row has more
            short = len(cells) < self.width and len(sample) == 1
            if short or len(cells) > layout.fields:
                raise ValueError(
                    f"line {line} has {counted(len(cells), 'column')}, others have {self.width}"
                    + self._of_blanks()
                )
        self._watched: dict[int, int] = {}  # how long numbers are that may turn out to be codes
        self._first = None if layout.decimal_seen else self._settle_decimal()
        if self._doubtful is not None:
            self.warnings.append(told_of_sign(self._doubtful, self.decimal))
        self.grouped = has_groups(itertools.chain.from_iterable(self._sample), self.decimal)

    def first(self) -> Any:
        """Return the first block, see `Frames`."""
        kept, self._first = self._first, None  # it may be large, and is asked for once as a rule
        return self._read_first(()) if kept is None else kept

    def blocks(self, text: Collection[int]) -> Iterator[Any]:
        """Yield all blocks, see `Frames`."""
        done = 0
        for block in self._read(text):
            self._check_lengths(block, done)
            own = block.iloc[:, : self.width]
            self._check_codes(own, done)
            self._refuse_header(own, done)
            done += len(block)
            yield own

    def cell(self, row: int, place: int) -> tuple[str, str]:
        """Return where a row is and one of its cells, see `Frames`."""
        line, cells = next(itertools.islice(self._layout.rows(self._file), row, None))
        return f"line {line}", cells[place] if place < len(cells) else ""

    def looks_like_code(self, place: int, column: Any) -> bool:
        """Say whether numbers are names, see `Frames`."""
        told = _told(cells[place] for cells in self._sample if place < len(cells))
        if len(set(map(len, told))) != 1:
            return False
        if any(map(_CODE.match, told)):
            return True
        length = len(told[0])
        if length < 2 or not all(map(str.isdecimal, told)):
            return False
        row = _first_below(column, 10 ** (length - 1))
        if row is None:
            self._watched[place] = length
        if row is None or not self._is_code(row, place, length):
            return False
        # The first zeros in front are below the sample.
        return set(map(len, _told(self._read_first((place,))[place].dropna()))) == {length}

    def _is_code(self, row: int, place: int, length: int) -> bool:
        _, cell = self.cell(row, place)
        return bool(_CODE.match(cell.strip())) and len(cell.strip()) == length

    def _check_codes(self, block: Any, done: int) -> None:
        """Raise ValueError if zeros in front, which numbers lose, begin below the first block."""
        for place, length in list(self._watched.items()) if done else ():
            row = _first_below(block[place], 10 ** (length - 1))
            if row is not None and self._is_code(done + row, place, length):
                where, cell = self.cell(done + row, place)
                raise ValueError(
                    f"{where}, {self.column(place)}: expected a number, as those before, got the "
                    f"code {shortened(cell, 30)}; name the column in categories= or "
                    "ignore_columns="
                )
            if row is not None:  # numbers of any length
                del self._watched[place]

    def _refuse_header(self, block: Any, done: int) -> None:
        """Raise ValueError if the header comes again, as in a file made of several."""
        again = None if self._layout.header is None else row_of_header(block, self._layout.header)
        if again is not None:
            where, _ = self.cell(done + again, 0)
            raise ValueError(f"{where} is the header once more, expected an example; take it out")

    def _settle_decimal(self) -> Any:
        """Return the first block, read by the sign before decimals that comes below the sample."""
        first = self._read_first(())
        if first is None:
            return None
        cells: list[str] = []
        for place in range(self.width):
            if not _are_numbers(first[place]):
                told = [str(cell) for cell in first[place].dropna().unique()]
                if sum(is_number(cell) or is_number(cell, ",") for cell in told) > _MOSTLY * len(
                    told
                ):
                    cells += told
        sign, doubtful = find_decimal(cells, self._layout.separator)
        if sign is None or any(
            _has_fractions(first[place]) for place in range(self.width) if sign != self.decimal
        ):
            return first
        self._doubtful = doubtful
        if sign == self.decimal:
            return first
        self.decimal = sign
        return self._read_first(())

    def _read_first(self, text: Collection[int]) -> Any:
        with closing(self._read(text)) as blocks:
            first = next(blocks, None)
        return None if first is None else first.iloc[:, : self.width]

    def _read(self, text: Collection[int]) -> Generator[Any, None, None]:
        """Yield blocks of rows, from the first."""
        layout = self._layout
        missing: Any = sorted(MISSING_NUMBERS)
        if text:  # pandas takes its time for very many columns
            missing = {
                at: sorted(MISSING if at in text and at not in self.written else MISSING_NUMBERS)
                for at in range(layout.fields)
            }
        with layout.open(self._file) as stream:
            try:
                with python_warnings.catch_warnings():
                    # A later pandas says that it need not be told; an earlier one rounds without.
                    python_warnings.filterwarnings("ignore", "The 'float_precision' argument")
                    reader = self._pandas.read_csv(
                        stream,
                        sep=layout.separator,
                        header=None,
                        names=list(range(layout.fields)),
                        index_col=False,
                        dtype=dict.fromkeys(text, str),
                        na_values=missing,
                        keep_default_na=False,
                        decimal=self.decimal,
                        quotechar=layout.quote,
                        skipinitialspace=layout.separator != SPACES,
                        float_precision="round_trip",
                        low_memory=False,
                        chunksize=self._rows,
                    )
                with reader:
                    yield from reader
            except self._pandas.errors.EmptyDataError:
                raise ValueError("it holds no examples") from None
            except self._pandas.errors.ParserError as problem:
                raise ValueError(self._explained(str(problem))) from None

    def _explained(self, problem: str) -> str:
        """Say what pandas says of a file that it cannot take apart, with the file's own lines."""
        if found := _TOO_MANY.search(problem):
            wanted, line, got = map(int, found.groups())
            line += self._layout.skipped
            told = f"line {line} has {counted(got, 'column')}, those before have {wanted}"
            return told + self._of_blanks()
        if found := _NO_END.search(problem):
            return f"a quote has no end; it begins in row {int(found[1]) + 1} of the examples"
        return problem.removeprefix("Error tokenizing data. C error: ")

    def _check_lengths(self, block: Any, done: int) -> None:
        """Raise ValueError if a row is too short, which pandas fills up, or too long."""
        short = block[self.width - 1].isna().to_numpy()
        long = block.iloc[:, self.width :].notna().to_numpy().any(axis=1)
        suspects = np.flatnonzero(short | long)
        if not len(suspects):
            return
        wanted = set((suspects + done).tolist())
        last = max(wanted)
        for row, (line, cells) in enumerate(self._layout.rows(self._file)):
            if row > last:
                return
            if row in wanted and (
                len(cells) < self.width or any(map(str.strip, cells[self.width :]))
            ):
                told = f"line {line} has {counted(len(cells), 'column')}"
                if not row:
                    told += f", those after it have {self.width}"
                    told += "; take it out if it stands above the table"
                else:
                    told += f", those before have {self.width}"
                raise ValueError(told + self._of_blanks())

    def _of_blanks(self) -> str:
        """Return what to do where lines differ in length, as blanks in cells may be the reason."""
        if self.separator != SPACES:
            return ""
        return "; blanks part them: if cells hold blanks, save the table with commas, as CSV"


def _told(cells: Iterable[str]) -> list[str]:
    """Return the cells that are not missing, without blanks around them."""
    return [cell for cell in map(str.strip, cells) if cell not in MISSING_NUMBERS]


def _are_numbers(column: Any) -> bool:
    """Say whether pandas reads a column as numbers."""
    return column.dtype.kind in "iuf" and not hasattr(column.dtype, "categories")


def _has_fractions(column: Any) -> bool:
    if column.dtype.kind != "f":
        return False
    values = column.to_numpy()
    return bool((np.trunc(values) != values)[np.isfinite(values)].any())


def _first_below(column: Any, bound: int) -> int | None:
    """Return the first row of a column of numbers that is below a bound, if one is."""
    if not _are_numbers(column):
        return None
    below = column.to_numpy(dtype=np.float64, na_value=np.nan) < bound
    return int(np.argmax(below)) if below.any() else None
