"""How a text table is laid out: what separates columns, decimals, comments, and the header."""

from __future__ import annotations

import csv
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import partial
from typing import IO, Any, NamedTuple

from fastnn.common.checks import shortened
from fastnn.datasets.cells import is_number
from fastnn.datasets.expected import (
    SPACES,
    Expected,
    expected_decimal,
    expected_separator,
)
from fastnn.datasets.headers import all_text, different_names, is_header
from fastnn.datasets.text_files import COMMENTS, TextFile, UncommentedText, is_comment

_SEPARATORS = (",", ";", "\t", "|", SPACES)
_RARE_SEPARATORS = (":", "^", "~", "\x01")  # looked for only where those are not
_SAMPLE = 200  # rows that are looked at
_LONGEST_PREAMBLE = 20  # lines before the table
_UNIT = r"[-+−()$€£¥₹%\s]*"
_POWER = r"([eEdD][-+]?\d+)?"
_DECIMAL_POINT = re.compile(rf"{_UNIT}(\d[\d,' ]*\.?\d*|\.\d+){_POWER}{_UNIT}$")
_DECIMAL_COMMA = re.compile(rf"{_UNIT}(\d[\d.' ]*)?,\d+{_POWER}{_UNIT}$")
_GROUPED = re.compile(rf"{_UNIT}[1-9]\d{{0,2}}(,\d{{3}})+{_UNIT}$")  # 1,234: which comma is it?
_NOTHING = Expected()
_RULE = re.compile(r"\s*:?-{2,}:?\s*$")  # of Markdown, below a header
_SINGLE_QUOTED = re.compile(r"(^|[,;\t|])\s*'[^']*'\s*($|[,;\t|])")


class Layout(NamedTuple):
    """What a table looks like.

    Attributes
    ----------
    separator : str
        One character, or `SPACES`.
    decimal : str
        "." or ",".
    quote : str
        What stands around cells that hold a separator.
    comment : str or None
        What comment lines begin with, where there are any.
    skipped : int
        Lines before the first row of examples.
    names : list of str, or None
        The header.
    width : int
        Columns; one that only ends lines with a separator does not count.
    fields : int
        Columns with that one.
    notes, warnings : list of str
        What a user should know of how the file was understood.
    """

    separator: str
    decimal: str
    quote: str
    comment: str | None
    skipped: int
    names: list[str] | None
    width: int
    fields: int
    notes: list[str]
    warnings: list[str]

    def open(self, file: TextFile) -> IO[str]:
        """Open the table at its first row of examples."""
        stream: IO[str] = file.open()
        for _ in range(self.skipped):
            stream.readline()
        if self.comment is not None:
            # A stream of text that behaves as IO[str], but does not derive from it.
            return UncommentedText(stream, self.comment)  # type: ignore[return-value]
        return stream

    def rows(self, file: TextFile) -> Iterator[tuple[int, list[str]]]:
        """Yield the line and the cells of each row of examples, as the file has them."""
        with self.open(file) as stream:
            lines = iter(stream.readline, "")
            if self.separator == SPACES:
                for number, line in enumerate(lines, self.skipped + 1):
                    if line.strip():
                        yield number, _words(line, self.quote)
                return
            reader = _reader(lines, self.separator, self.quote)
            for row in reader:
                if len(row) > 1 or "".join(row).strip():
                    yield self.skipped + reader.line_num, row


def find_layout(
    file: TextFile, header: bool | None = None, expected: Expected = _NOTHING
) -> Layout:
    """Find out how a table is laid out, from its first 200 rows.

    Parameters
    ----------
    file : TextFile
    header : bool, optional
        Whether the first row is a header; by default that is found out.
    expected : Expected, optional
        What is known of the table.

    Raises
    ------
    ValueError
        If there is no table.
    """
    lines = _first_lines(file)
    notes: list[str] = []
    warnings: list[str] = []
    comment = _comment_mark([text for _, text in lines])
    commented = None
    if comment is not None:
        lines, commented = _without_comments(lines, comment, notes)
    if not lines:
        raise ValueError("it holds no examples")
    quote = _quote([text for _, text in lines])
    separator = None
    if match := re.match(r"sep=(.)\s*$", lines[0][1]):
        separator, lines = match[1], lines[1:]
    if separator is None:
        texts = [text for _, text in lines]
        guessed = _separator(texts, quote)
        separator = expected_separator(texts, guessed, partial(_split, quote=quote), expected)
    table = _cells(lines, separator, quote)
    widths = Counter(len(cells) for _, cells in table)
    width = max(widths, key=lambda each: (each > 1, widths[each]))  # of equals the first
    _drop_titles(table, width, notes)
    if len(table) > 1 and all(_RULE.match(cell) or not cell.strip() for cell in table[1][1]):
        del table[1]
    names, first = None, table[0][1]
    examples = [cells for _, cells in table[1:] or table]
    decimal = None
    if expected.decimal:
        decimal = expected_decimal([cell for row in examples for cell in row], expected.decimal)
    decimal = decimal or _decimal(examples, separator, warnings)
    shorter = len(first) == width - 1 and not _ends_empty([cells for _, cells in table], width)
    if shorter and header is not False and all_text(first, decimal):
        first = ["", *first]  # as R writes it: row names have no name
    body = [cells for _, cells in table[1:]]
    if header is None:
        header = is_header(first, body, decimal, expected, warnings)
    at = table[0][0] - 1
    if header:
        at = (body and table[1][0] - 1) or table[0][0]
        names = [cell.strip() for cell in first]
    elif commented is not None:
        cells = _split(commented.strip(), separator, quote)
        if len(cells) == width > 1 and all_text(cells, decimal):
            names = [cell.strip() for cell in cells]
            notes.append("the comment line above the table is its header")
    if not body and header:
        raise ValueError("it holds no examples, only a header")
    fields = max(
        len(cells)
        for _, cells in table
        if len(cells) <= width or not any(cell.strip() for cell in cells[width:])
    )
    empty = _ends_empty([cells for _, cells in (table[1:] if header else table)], width)
    if empty and (names is None or len(names) < width or not names[-1]):
        width -= 1
        names = None if names is None else names[:width]
    if names is not None and len(names) != width:
        raise ValueError(
            f"line {table[0][0]} has {len(names)} columns, those after it have {width}"
        )
    return Layout(
        separator, decimal, quote, comment, at,
        None if names is None else different_names(names, notes),
        width, fields, notes, warnings,
    )  # fmt: skip


def _first_lines(file: TextFile) -> list[tuple[int, str]]:
    """Return the first lines that are not empty, with their numbers."""
    with file.open() as stream:
        found = ((number, line) for number, line in enumerate(stream, 1) if line.strip())
        return list(itertools.islice(found, _SAMPLE + _LONGEST_PREAMBLE))


def _comment_mark(lines: list[str]) -> str | None:
    """Return what some lines, but not most of them, begin with."""
    for mark in COMMENTS:
        count = sum(is_comment(line, mark) for line in lines)
        if lines and all(re.match(rf"\s*{mark}+(\s|$)", line) for line in lines):
            raise ValueError(f"it holds no examples, only lines that begin with {mark}")
        if 0 < count <= max(len(lines) // 2, min(len(lines) - 1, _LONGEST_PREAMBLE)):
            return mark
    return None


def _without_comments(
    lines: list[tuple[int, str]], mark: str, notes: list[str]
) -> tuple[list[tuple[int, str]], str | None]:
    """Return the lines that are no comments, and the text of the last comment above them."""
    kept = [entry for entry in lines if not is_comment(entry[1], mark)]
    start = kept[0][0] if kept else 0
    before = [text for number, text in lines if number < start]
    inside = [number for number, text in lines if number > start and is_comment(text, mark)]
    if inside:
        notes.append(f"lines that begin with {mark} are left out, such as line {inside[0]}")
    return kept, before[-1].lstrip().removeprefix(mark) if before else None


def _drop_titles(table: list[tuple[int, list[str]]], width: int, notes: list[str]) -> None:
    """Take titles and empty rows above a table away."""
    while len(table) > 1 and width > 1:
        number, cells = table[0]
        told = [cell.strip() for cell in cells if cell.strip()]
        if len(cells) > 1 and (len(told) > 1 or width == 2):
            return
        del table[0]
        if told:
            notes.append(f"line {number} is left out: {shortened(repr(told[0]))} is no row")


def _quote(lines: list[str]) -> str:
    """Return what stands around cells: single quotes where they do in most lines, else double."""
    single = sum(bool(_SINGLE_QUOTED.search(line)) for line in lines)
    return "'" if 2 * single > len(lines) and not any('"' in line for line in lines) else '"'


def _reader(lines: Iterable[str], separator: str, quote: str) -> Any:
    return csv.reader(lines, delimiter=separator, quotechar=quote, skipinitialspace=True)


def _words(line: str, quote: str) -> list[str]:
    """Return what blanks part, without quotes around it."""
    words = re.findall(rf"{quote}(?:[^{quote}])*{quote}|[^ \t\r\n]+", line)
    return [word[1:-1] if word[0] == word[-1] == quote and word[1:] else word for word in words]


def _split(line: str, separator: str, quote: str) -> list[str]:
    if separator == SPACES:
        return _words(line, quote)
    return next(_reader([line], separator, quote), [])


def _cells(lines: list[tuple[int, str]], separator: str, quote: str) -> list[tuple[int, list[str]]]:
    if separator == SPACES:
        return [(number, _words(text, quote)) for number, text in lines]
    reader = _reader((text for _, text in lines), separator, quote)
    rows, done = [], 0
    for cells in reader:
        rows.append((lines[done][0], cells))
        done = reader.line_num
    return rows


def _separator(lines: list[str], quote: str) -> str:
    """Choose what separates columns: it gives rows of one width, and clean cells."""
    for separators in (_SEPARATORS, _RARE_SEPARATORS):
        quality = {each: _quality(lines, each, quote) for each in separators}
        best = max(separators, key=lambda each: quality[each])
        if quality[best][1] > 1:
            return best
    return _SEPARATORS[0]


def _quality(lines: list[str], separator: str, quote: str) -> tuple[float, int]:
    rows = [cells for _, cells in _cells(list(enumerate(lines)), separator, quote)]
    widths = Counter(len(cells) for cells in rows)
    width, alike = max(widths.items(), key=lambda item: (item[0] > 1, item[1]))
    if width == 1:
        return 0.0, 0
    others = set(",;\t|") - {separator}
    cells = [cell.strip() for row in rows if len(row) == width for cell in row]
    clean = sum(not others & set(cell) or is_number(cell) or is_number(cell, ",") for cell in cells)
    # Spaces separate words too: they count less.
    share = 0.9 if separator == SPACES else 1.0
    return share * clean / len(cells) * alike / len(rows), width


def _decimal(rows: list[list[str]], separator: str, warnings: list[str]) -> str:
    """Return what separates decimals; commas between groups of three digits are none."""
    cells = [cell for row in rows for cell in row]
    # With a comma for both, decimals are in quotes.
    grouped = [cell.strip() for cell in cells if _GROUPED.match(cell)]
    commas = sum(bool(_DECIMAL_COMMA.match(cell)) for cell in cells) - sum(
        bool(_DECIMAL_COMMA.match(cell)) for cell in grouped
    )
    points = sum("." in cell and bool(_DECIMAL_POINT.match(cell)) for cell in cells)
    if grouped and not commas and not points and separator != ",":
        number = grouped[0].replace(",", ".")
        warnings.append(f"commas are taken for decimal signs: {grouped[0]} is read as {number}")
        return ","
    return "," if commas > points else "."


def _ends_empty(rows: list[list[str]], width: int) -> bool:
    """Say whether every line ends with a separator."""
    return width > 1 and all(len(row) < width or not row[width - 1].strip() for row in rows)
