"""How a text table is laid out: what separates columns, decimals, comments, and the header."""

from __future__ import annotations

import csv
import itertools
import re
from collections import Counter
from collections.abc import Collection, Iterator
from typing import IO, NamedTuple

from fastnn.common.checks import shortened
from fastnn.datasets.text_files import COMMENTS, TextFile, UncommentedText

SPACES = r"\s+"
_SEPARATORS = (",", ";", "\t", "|", SPACES)
_SAMPLE = 200  # rows that are looked at
_FEWEST_ROWS = 5  # below which numbers in the first row are data in any case
_LONGEST_PREAMBLE = 20  # lines before the table
_DECIMAL_POINT = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$")
_DECIMAL_COMMA = re.compile(r"[-+]?\d*,\d+([eE][-+]?\d+)?$")

# What stands for a value that is not there. A dash is a class in some tables, so only in a column
# of numbers is it one of them.
MISSING = frozenset(("", "?", "NA", "N/A", "n/a", "NaN", "nan", "null", "NULL", "<NA>", "#N/A"))
MISSING_NUMBERS = MISSING | {"-", "--", ".", "None", "none", "na", "-nan", "#NA", "#VALUE!"}


class Layout(NamedTuple):
    """What a table looks like.

    Attributes
    ----------
    separator : str
        One character, or `SPACES`.
    decimal : str
        "." or ",".
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
                        yield number, line.split()
                return
            reader = csv.reader(lines, delimiter=self.separator, skipinitialspace=True)
            for row in reader:
                if len(row) > 1 or "".join(row).strip():
                    yield self.skipped + reader.line_num, row


def find_layout(file: TextFile, header: bool | None = None, known: Collection[str] = ()) -> Layout:
    """Find out how a table is laid out, from its first 200 rows.

    Parameters
    ----------
    file : TextFile
    header : bool, optional
        Whether the first row is a header; by default that is found out.
    known : collection of str, optional
        Names of columns to be expected: a first row that has one of them is a header.

    Raises
    ------
    ValueError
        If there is no table.
    """
    lines = _first_lines(file)
    notes: list[str] = []
    comment = _comment_mark([text for _, text in lines])
    commented = None
    if comment is not None:
        kept = [entry for entry in lines if not entry[1].lstrip().startswith(comment)]
        before = [text for number, text in lines if not kept or number < kept[0][0]]
        commented = before[-1].lstrip().removeprefix(comment) if before else None
        lines = kept
    if not lines:
        raise ValueError("it holds no examples")
    separator = None
    if match := re.match(r"sep=(.)\s*$", lines[0][1]):
        separator, lines = match[1], lines[1:]
    separator = separator or _separator([text for _, text in lines])
    table = _cells(lines, separator)
    widths = Counter(len(cells) for _, cells in table)
    width = max(widths, key=lambda each: (each > 1, widths[each]))  # of equals the first
    while len(table) > 1 and len(table[0][1]) == 1 < width:  # a title above the table
        number, cells = table.pop(0)
        notes.append(f"line {number} is left out: {shortened(repr(','.join(cells)))} is no row")
    names, first = None, table[0][1]
    decimal = _decimal([cells for _, cells in table[1:] or table])
    shorter = len(first) == width - 1 and not _ends_empty([cells for _, cells in table], width)
    if shorter and header is not False and _all_text(first, decimal):
        first = ["", *first]  # as R writes it: row names have no name
    body = [cells for _, cells in table[1:]]
    warnings: list[str] = []
    if header is None:
        header = _is_header(first, body, decimal, known, warnings)
    at = table[0][0] - 1
    if header:
        at = (body and table[1][0] - 1) or table[0][0]
        names = [cell.strip() for cell in first]
    elif commented is not None:
        cells = _split(commented.strip(), separator)
        if len(cells) == width > 1 and _all_text(cells, decimal):
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
        separator, decimal, comment, at, None if names is None else _different(names, notes),
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
        count = sum(line.lstrip().startswith(mark) for line in lines)
        if 0 < count <= max(len(lines) // 2, min(len(lines) - 1, _LONGEST_PREAMBLE)):
            return mark
    return None


def _split(line: str, separator: str) -> list[str]:
    if separator == SPACES:
        return line.split()
    return next(csv.reader([line], delimiter=separator, skipinitialspace=True), [])


def _cells(lines: list[tuple[int, str]], separator: str) -> list[tuple[int, list[str]]]:
    if separator == SPACES:
        return [(number, text.split()) for number, text in lines]
    reader = csv.reader((text for _, text in lines), delimiter=separator, skipinitialspace=True)
    rows, done = [], 0
    for cells in reader:
        rows.append((lines[done][0], cells))
        done = reader.line_num
    return rows


def _separator(lines: list[str]) -> str:
    """Choose what separates columns: it gives rows of one width, and clean cells."""
    return max(_SEPARATORS, key=lambda each: _quality(lines, each))


def _quality(lines: list[str], separator: str) -> tuple[float, int]:
    rows = [cells for _, cells in _cells(list(enumerate(lines)), separator)]
    widths = Counter(len(cells) for cells in rows)
    width, alike = max(widths.items(), key=lambda item: (item[0] > 1, item[1]))
    if width == 1:
        return 0.0, 0
    others = set(",;\t|") - {separator}
    cells = [cell.strip() for row in rows if len(row) == width for cell in row]
    clean = sum(
        bool(_DECIMAL_POINT.match(cell) or _DECIMAL_COMMA.match(cell) or not others & set(cell))
        for cell in cells
    )
    # Spaces separate words too: they count less.
    share = 0.9 if separator == SPACES else 1.0
    return share * clean / len(cells) * alike / len(rows), width


def _decimal(rows: list[list[str]]) -> str:
    """Return what separates decimals."""
    cells = [cell.strip() for row in rows for cell in row]
    # With a comma for both, decimals are in quotes.
    commas = sum(bool(_DECIMAL_COMMA.match(cell)) for cell in cells)
    points = sum("." in cell and bool(_DECIMAL_POINT.match(cell)) for cell in cells)
    return "," if commas > points else "."


def is_number(cell: str, decimal: str = ".") -> bool:
    """Say whether a cell holds a number, perhaps an infinite one."""
    text = cell.strip()
    if decimal != ".":
        text = text.replace(decimal, ".")
    try:
        float(text)
    except ValueError:
        return False
    return "_" not in text


def _is_text(cell: str, decimal: str) -> bool:
    return cell.strip() not in MISSING_NUMBERS and not is_number(cell, decimal)


def _all_text(cells: list[str], decimal: str) -> bool:
    return bool(cells) and all(_is_text(cell, decimal) for cell in cells)


def _is_header(
    first: list[str],
    body: list[list[str]],
    decimal: str,
    known: Collection[str],
    warnings: list[str],
) -> bool:
    """Say whether the first row names columns: text above numbers, or what nothing repeats."""
    names = [cell.strip() for cell in first]
    if known:
        return bool(set(names) & set(known))
    if not body:
        return _all_text(first, decimal)
    columns = [[row[at] for row in body if at < len(row)] for at in range(len(first))]
    for name, column in zip(first, columns, strict=True):
        told = [cell for cell in column if cell.strip() not in MISSING_NUMBERS]
        numbers = sum(is_number(cell, decimal) for cell in told)
        if told and numbers > len(told) / 2 and _is_text(name, decimal):
            return True
    if any(name and is_number(name, decimal) for name in names):
        if len(body) >= _FEWEST_ROWS and _counts_columns(names):
            warnings.append(
                "line 1 counts the columns, and is taken for a header; --no-header if it is data"
            )
            return True
        return False
    if not _all_text([name for name in names if name], decimal) or len(set(names)) < len(names):
        return False
    repeated = sum(
        name in (cell.strip() for cell in column)
        for name, column in zip(names, columns, strict=True)
    )
    if repeated:
        return False
    warnings.append(
        "line 1 is text, as the lines after it are, and is taken for a header; --no-header if it "
        "is data"
    )
    return True


def _counts_columns(names: list[str]) -> bool:
    """Say whether the numbers among names count the columns, as pandas does."""
    counts = [(at, name) for at, name in enumerate(names) if is_number(name)]
    return len(counts) > 1 and any(
        all(name == str(at + start) for at, name in counts) for start in (0, 1)
    )


def _ends_empty(rows: list[list[str]], width: int) -> bool:
    """Say whether every line ends with a separator."""
    return width > 1 and all(len(row) < width or not row[width - 1].strip() for row in rows)


def _different(names: list[str], notes: list[str]) -> list[str]:
    """Give names that occur twice a number."""
    seen: Counter[str] = Counter()
    different = []
    for name in names:
        seen[name] += 1
        own = name if seen[name] == 1 or not name else f"{name}.{seen[name] - 1}"
        if own != name:
            notes.append(f"two columns are called {shortened(name)}; one is now {shortened(own)}")
        different.append(own)
    return different
