"""Which lines above a table are titles, and which are examples or a header with one filled cell."""

from __future__ import annotations

from fastnn.common.checks import shortened
from fastnn.datasets.files.cells import is_number
from fastnn.datasets.tables.decimals import find_decimal
from fastnn.datasets.tables.expected import Expected
from fastnn.datasets.tables.headers import are_numbers, is_header
from fastnn.datasets.tables.separators import SPACES, Row


def drop_titles(
    table: list[Row],
    width: int,
    separator: str,
    header: bool | None,
    expected: Expected,
    notes: list[str],
) -> None:
    """Take titles and empty rows above a table away, and tell of the titles."""
    while len(table) > 1 and width > 1:
        number, cells = table[0]
        told = [cell.strip() for cell in cells if cell.strip()]
        rows = [cells for _, cells in table]
        if len(told) > 1:
            if len(cells) >= width - 1 or not _is_preamble(rows, width, separator, expected):
                return
        elif len(cells) == width - 1 and expected.shared(told):
            return  # R's header, without the rows' names
        elif len(cells) >= width and not stands_above(rows, width, separator, header, expected):
            return
        del table[0]
        if told:
            title = (" " if separator == SPACES else ", ").join(told)
            notes.append(f"line {number} is left out: {shortened(repr(title))} is no row")


def stands_above(
    rows: list[list[str]], width: int, separator: str, header: bool | None, expected: Expected
) -> bool:
    """Say whether the first of rows, which has one filled cell at most, stands above the table.

    Else it is a header that lacks names, or an example that lacks values: each has its answer.
    """
    cell, at = next(((cell, at) for at, cell in enumerate(rows[0]) if cell.strip()), ("", 0))
    if cell and width > 2 and not (is_number(cell) or is_number(cell, ",")):
        column = [row[at] for row in rows[1:] if at < len(row)]
        if cell.strip() in expected.values:
            return False
        if cell.strip() in map(str.strip, column):
            return _has_header(rows[1:], separator, expected)
        without = expected.nameless or header is False
        return not without or are_numbers(column, _decimal(rows, separator, expected))
    if header and (width > 2 or not cell):
        return True
    fewest = 1 if width == 2 else 2  # others are of the same kind
    below = [row for row in rows[1:] if sum(bool(cell.strip()) for cell in row) >= fewest]
    return _has_header(below, separator, expected)


def _is_preamble(rows: list[list[str]], width: int, separator: str, expected: Expected) -> bool:
    """Say whether the first of rows, which is too short, stands above a table with a header."""
    at = next(at for at, row in enumerate(rows) if len(row) >= width)
    body = rows[at + 1 :]
    if any(len(row) != width for row in rows[at:]):
        return False
    decimal = _decimal(rows, separator, expected)
    # A header above nothing but text may be one of its rows.
    numbers = any(are_numbers([row[place] for row in body], decimal) for place in range(width))
    return numbers and _has_header(rows[at:], separator, expected)


def _has_header(rows: list[list[str]], separator: str, expected: Expected) -> bool:
    """Say whether the first of rows is a header."""
    decimal = _decimal(rows, separator, expected)
    return len(rows) > 1 and is_header(rows[0], rows[1:], decimal, expected, [])


def _decimal(rows: list[list[str]], separator: str, expected: Expected) -> str:
    """Return the decimal sign of rows, as far as it can be told before titles are taken away."""
    told = find_decimal((cell for row in rows[1:] for cell in row), separator)[0]
    return told or expected.decimal or "."
