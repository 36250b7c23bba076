"""Comment lines of a text table, and rows that only look like them."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable
from functools import partial
from typing import IO, NamedTuple

from fastnn.datasets.files.cells import ERRORS, is_number
from fastnn.datasets.tables.separators import (
    cells_of,
    find_quote,
    find_separator,
    goes_on,
    most_common_width,
)

_MARKS = ("#", "%", "//")
_LONGEST_PREAMBLE = 20  # lines that are comments though they are most of what is looked at
_END = "\x1a"  # what DOS ends a text with

Lines = list[tuple[int, str]]


class Comments(NamedTuple):
    """Which lines of a text are no rows.

    Attributes
    ----------
    mark : str
        What comments begin with, "" if there are none.
    columns : (int, str, str) or None
        The table's width, what parts its columns, and what stands around cells, where a line that
        begins with the mark but has all columns is a row: its first column holds text.
    """

    mark: str = ""
    columns: tuple[int, str, str] | None = None

    def hide(self, line: str) -> bool:
        """Say whether a line is no row."""
        if line.rstrip() == _END:
            return True
        return bool(self.mark) and is_comment(line, self.mark) and not self._is_row(line)

    def _is_row(self, line: str) -> bool:
        return self.columns is not None and _has_columns(line, self.mark, *self.columns)


def is_comment(line: str, mark: str) -> bool:
    """Say whether a line is a comment; one that begins with an error of Excel's is none."""
    text = line.lstrip()
    return text.startswith(mark) and not text.startswith(ERRORS)


def _has_columns(line: str, mark: str, width: int, separator: str, quote: str) -> bool:
    """Say whether a line has the columns of a table, the first of which begins with a mark.

    A blank after the mark makes it a comment in any case.
    """
    after = line.lstrip()[len(mark) :]
    if after[:1].isspace():
        return False
    if goes_on(line, False, quote, separator):  # the other columns are in the lines below
        return True
    return len(cells_of(line.strip(), separator, quote)) == width


def _found(lines: Lines, hide: Callable[[str], bool], quote: str) -> set[int]:
    """Return the numbers of the lines that are to be hidden: none of them within quotes."""
    found, inside = set(), False
    for number, line in lines:
        if not inside and hide(line):
            found.add(number)
        else:
            inside = goes_on(line, inside, quote)
    return found


def find_comments(lines: Lines) -> Comments:
    """Find out which of the first lines of a file are comments.

    Raises ValueError if all are.
    """
    if all(line.rstrip() == _END for _, line in lines):
        return Comments()
    texts = [line for _, line in lines if line.rstrip() != _END]
    quote = find_quote(texts)
    for mark in _MARKS:
        marked = _found(lines, partial(is_comment, mark=mark), quote)
        count = len(marked)
        if all(re.match(rf"\s*{mark}+(\s|$)", line) for line in texts):
            raise ValueError(f"it holds no examples, only lines that begin with {mark}")
        if count:
            plain = [line for number, line in lines if number not in marked]
            columns = _columns_of_rows([line for line in plain if line.rstrip() != _END])
            if columns is not None or count <= max(
                len(texts) // 2, min(len(texts) - 1, _LONGEST_PREAMBLE)
            ):
                return Comments(mark, columns)
    return Comments()


def _columns_of_rows(plain: list[str]) -> tuple[int, str, str] | None:
    """Return what a line with a mark has to have to be a row; None if all are comments.

    `plain` are the lines without one.
    """
    if not plain:
        return None
    quote = find_quote(plain)
    separator = find_separator(plain, quote)
    rows = [cells_of(line, separator, quote) for line in plain]
    width = most_common_width(rows)[0]
    first = [row[0] for row in rows if len(row) == width]
    first = first[1:] or first  # without a header
    if width < 2 or 2 * sum(map(is_number, first)) > len(first):
        return None  # such a line is a row that somebody has taken out
    return width, separator, quote


def without_comments(lines: Lines, comments: Comments, notes: list[str]) -> tuple[Lines, Lines]:
    """Return the lines that are rows, and those that are comments."""
    quote = find_quote([text for _, text in lines])
    hidden = _found(lines, comments.hide, quote)
    kept = [entry for entry in lines if entry[0] not in hidden]
    if comments.columns is not None and _begins_with_names(kept, comments):
        del kept[0]
    start = kept[0][0] if kept else 0
    found = [entry for entry in lines if comments.mark and is_comment(entry[1], comments.mark)]
    inside = [number for number, _ in found if number > start and number in hidden]
    if inside:
        notes.append(
            f"lines that begin with {comments.mark} are left out, such as line {inside[0]}"
        )
    rows = {number for number, _ in kept}
    return kept, [(number, text.strip(" \r\n")) for number, text in found if number not in rows]


def _begins_with_names(kept: Lines, comments: Comments) -> bool:
    """Say whether the first line is one of names after a mark, and the table begins below it."""
    marked = [is_comment(text, comments.mark) for _, text in kept[:2]]
    if marked != [True, False] or comments.columns is None:
        return False
    cells = cells_of(kept[0][1].strip(), *comments.columns[1:])
    return not any(is_number(cell) or is_number(cell, ",") for cell in cells)


class UncommentedText(io.TextIOBase):
    """A text stream in which comment lines are empty, so that the others keep their number.

    Parameters
    ----------
    stream : text stream
        Open; it is read from where it is.
    hide : callable
        Says of a line whether it is a comment.
    separator, quote : str
        What parts columns, and stands around cells: no line within a cell is a comment.
    """

    def __init__(
        self, stream: IO[str], hide: Callable[[str], bool], separator: str, quote: str
    ) -> None:
        self._stream, self._hide, self._rest = stream, hide, ""
        self._separator, self._quote, self._inside = separator, quote, False

    def readable(self) -> bool:
        """Say that it can be read from."""
        return True

    def close(self) -> None:
        """Close the stream below, too."""
        self._stream.close()
        super().close()

    # pandas passes None, which the class above does not name.
    def readline(self, size: int | None = -1) -> str:  # type: ignore[override]
        """Return the next line."""
        line = self._stream.readline()
        if not self._inside and self._hide(line):
            return line[len(line.rstrip("\r\n")) :]
        if self._quote in line:
            self._inside = goes_on(line, self._inside, self._quote, self._separator)
        return line

    def read(self, size: int | None = -1) -> str:
        """Return text of about this many characters."""
        wanted = sys.maxsize if size is None or size < 0 else size
        pieces, length = [self._rest], len(self._rest)
        while length < wanted and (line := self.readline()):
            pieces.append(line)
            length += len(line)
        text = "".join(pieces)
        self._rest = text[wanted:]
        return text[:wanted]
