"""How a text table is laid out: what separates columns, decimals, comments, and the header."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import IO, NamedTuple

from fastnn.common.checks import counted
from fastnn.datasets.files.cells import is_number
from fastnn.datasets.files.text_files import TextFile
from fastnn.datasets.tables.comments import (
    Comments,
    UncommentedText,
    find_comments,
    without_comments,
)
from fastnn.datasets.tables.decimals import find_decimal
from fastnn.datasets.tables.expected import (
    NAMELESS,
    Expected,
    expected_decimal,
    expected_separator,
)
from fastnn.datasets.tables.headers import all_text, different_names, is_header, is_like_others
from fastnn.datasets.tables.separators import (
    SPACES,
    Row,
    cells_of,
    find_quote,
    find_separator,
    most_common_width,
    numbered_rows,
    rows_of,
)
from fastnn.datasets.tables.titles import drop_titles

_SAMPLE = 200  # rows that are looked at
_LONGEST_PREAMBLE = 20  # lines before the table
_NOTHING = Expected()
_RULE = re.compile(r"\s*:?-{2,}:?\s*$")  # of Markdown, below a header


class Layout(NamedTuple):
    """What a table looks like.

    Attributes
    ----------
    separator : str
        One character, or `SPACES`.
    decimal : str
        "." or ",".
    decimal_seen : bool
        Whether cells of the sample have it, or the table of training had.
    doubtful : str or None
        A cell whose comma or point may part groups of digits, or be before decimals.
    quote : str
        What stands around cells that hold a separator.
    comments : Comments
        Which lines are no rows.
    skipped : int
        Lines before the first row of examples.
    header, names : list of str, or None
        The header, as the file has it and with names that are different.
    width : int
        Columns; one that only ends lines with a separator does not count.
    fields : int
        Columns with that one.
    notes, warnings : list of str
        What a user should know of how the file was understood.
    """

    separator: str
    decimal: str
    decimal_seen: bool
    doubtful: str | None
    quote: str
    comments: Comments
    skipped: int
    header: list[str] | None
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
        if self.comments.mark or file.ends_as_dos:
            # A stream of text that behaves as IO[str], but does not derive from it.
            return UncommentedText(  # type: ignore[return-value]
                stream, self.comments.hide, self.separator, self.quote
            )
        return stream

    def rows(self, file: TextFile) -> Iterator[Row]:
        """Yield the line and the cells of each row of examples, as the file has them."""
        with self.open(file) as stream:
            lines = iter(stream.readline, "")
            for line, cells in rows_of(lines, self.separator, self.quote, self.skipped):
                if len(cells) > 1 or "".join(cells).strip():
                    yield line, cells


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
    comments = find_comments(lines)
    lines, commented = without_comments(lines, comments, notes)
    if not lines:
        raise ValueError("it holds no examples")
    quote = find_quote([text for _, text in lines])
    if match := re.match(r"sep=(.)\s*$", lines[0][1]):
        separator, lines = match[1], lines[1:]
    else:
        texts = [text for _, text in lines]
        guessed = find_separator(texts, quote)
        separator = expected_separator(texts, guessed, partial(cells_of, quote=quote), expected)
    _warn_of_backslashes(lines, separator, quote, warnings)
    table = numbered_rows(lines, separator, quote)
    width, _ = most_common_width([cells for _, cells in table])
    drop_titles(table, width, separator, header, expected, notes)
    second = [cell for cell in table[1][1] if cell.strip()] if len(table) > 1 else []
    if second and all(map(_RULE.match, second)):
        del table[1]
    names, first = None, table[0][1]
    values = [cell for _, cells in table[1:] or table for cell in cells]
    decimal, decimal_seen, doubtful = _decimal_of(values, separator, expected)
    shorter = len(first) == width - 1 and not _ends_empty([cells for _, cells in table], width)
    shifted = shorter and header is not False and all_text(first, decimal)
    if shifted:
        first = ["", *first]  # as R writes it: row names have no name
    elif len(first) == width + 1 and not first[-1].strip():  # a separator that no row ends with
        first = first[:width]
    body = [cells for _, cells in table[1:]]
    part, blanks = partial(cells_of, separator=separator, quote=quote), separator == SPACES
    comment_lines = [line for number, line in commented if number < table[0][0]]
    above = None
    if comment_lines:
        above = _names_in_comment(comment_lines[-1], comments.mark, part, table, width, blanks)
    if header is None:
        header = is_header(first, body, decimal, expected, warnings)
    elif (
        header
        and above is not None
        and is_like_others(first, body, decimal)
        and not is_header(first, body, decimal, expected, [])
    ):
        header = False  # the comment may be the header which the user means
        warnings.append(
            f"line {table[0][0]} is like the lines after it, so the comment above the table is "
            "taken for its header; take the comment out if the line is"
        )
    at = table[0][0] - 1
    if header:
        at = (body and table[1][0] - 1) or table[0][0]
        names = [cell.strip() for cell in first]
        if shifted and not _are_row_names([row[0] for row in body], decimal, expected):
            warnings.append(
                f"line {table[0][0]} has {counted(width - 1, 'name')} for {width} columns: "
                f"they are taken for those of columns 2 to {width}; if another column lacks its "
                "name, mend the line"
            )
    elif above is not None:
        names = above
        notes.append("the comment line above the table is its header")
    if not body and header:
        raise ValueError("it holds no examples, only a header")
    rows = [cells for _, cells in (table[1:] if header else table)]
    fields = _most_fields(rows, width, line=table[1 if header else 0][0])
    if _ends_empty(rows, width) and (names is None or len(names) < width or not names[-1]):
        width -= 1
        names = None if names is None else names[:width]
    if names is not None and len(names) != width:
        raise ValueError(
            f"line {table[0][0]} has {counted(len(names), 'column')}, those after it have {width}; "
            "take it out if it stands above the table, or give each column a name"
        )
    return Layout(
        separator=separator,
        decimal=decimal,
        decimal_seen=decimal_seen,
        doubtful=doubtful,
        quote=quote,
        comments=comments,
        skipped=at,
        header=names,
        names=None if names is None else different_names(names, notes),
        width=width,
        fields=fields,
        notes=notes,
        warnings=warnings,
    )


def _first_lines(file: TextFile) -> list[tuple[int, str]]:
    """Return the first lines that are not empty, with their numbers."""
    with file.open() as stream:
        found = ((number, line) for number, line in enumerate(stream, 1) if line.strip())
        return list(itertools.islice(found, _SAMPLE + _LONGEST_PREAMBLE))


def _warn_of_backslashes(
    lines: list[tuple[int, str]], separator: str, quote: str, warnings: list[str]
) -> None:
    """Warn of the first quote that a backslash is to keep within its cell, as it does not."""
    sign, escaped = re.escape(separator), "\\" + quote
    # What follows does not double the quote, nor end the cell.
    inside = re.compile(rf"(?:^|{sign}) *{quote}[^{quote}]*\\{quote}(?!{quote}|\s*(?:{sign}|$))")
    for number, text in lines:
        if separator != SPACES and escaped in text and inside.search(text):
            warnings.append(
                f"line {number} has {escaped} within quotes, which ends what is quoted: write "
                f"{quote * 2} for a quote in a cell"
            )
            return


def _decimal_of(
    values: list[str], separator: str, expected: Expected
) -> tuple[str, bool, str | None]:
    """Return `decimal`, `decimal_seen` and `doubtful` of a `Layout`."""
    if expected.decimal:
        sign, doubtful = expected_decimal(values, separator, expected)
        if sign is not None:
            return sign, True, doubtful
    sign, doubtful = find_decimal(values, separator)
    return sign or ".", sign is not None and doubtful is None, doubtful


def _most_fields(rows: list[list[str]], width: int, line: int) -> int:
    """Return the most columns that a row has, besides rows with cells behind the table's width.

    Raise ValueError if all have some; `line` is where the first of them is.
    """
    fitting = [
        len(cells)
        for cells in rows
        if len(cells) <= width or not any(cell.strip() for cell in cells[width:])
    ]
    if not fitting:
        raise ValueError(
            f"line {line} has {counted(len(rows[0]), 'column')}, expected {width}; is it a table?"
        )
    return max(fitting)


def _names_in_comment(
    line: str,
    mark: str,
    part: Callable[[str], list[str]],
    table: list[Row],
    width: int,
    blanks: bool,
) -> list[str] | None:
    """Return the names of the columns in a comment line above a table; None if it has none.

    Where a separator comes next to the mark, the mark is the first name. Such a line may also show
    an example.
    """
    whole = [cell.strip() for cell in part(line)]
    marked = not blanks and len(whole) == width and whole[0] == mark
    names = whole if marked else [cell.strip() for cell in part(line.removeprefix(mark).lstrip())]
    rows = [cells for _, cells in table]
    told = names[:-1] if _ends_empty([names, *rows], width) else names
    if not len(names) == width > 1 or not (marked or all_text(told, ".")):
        return None
    return names if not marked or is_header(names, rows, ".", _NOTHING, []) else None


def _are_row_names(cells: list[str], decimal: str, expected: Expected) -> bool:
    """Say whether a first column without a name may be R's names of the rows, or is as in training.

    In training `roles.index_places` asks whether they are different, of the whole table.
    """
    if expected.shared([NAMELESS + "0"]):
        return True
    if expected.names and len(set(cells)) < len(cells):
        return False
    return all(cell.strip().lstrip("+-").isdecimal() for cell in cells if is_number(cell, decimal))


def _ends_empty(rows: list[list[str]], width: int) -> bool:
    """Say whether every line ends with a separator."""
    return width > 1 and all(len(row) < width or not row[width - 1].strip() for row in rows)
