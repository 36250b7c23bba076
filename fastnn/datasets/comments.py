"""Comment lines of a text table, and rows that only look like them."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable
from typing import IO, NamedTuple

from fastnn.datasets.cells import ERRORS, is_number
from fastnn.datasets.separators import cells_of, find_quote, find_separator, most_common_width

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
    return not after[:1].isspace() and len(cells_of(line.strip(), separator, quote)) == width


def find_comments(lines: Lines) -> Comments:
    """Find out which of the first lines of a file are comments.

    Raises ValueError if all are.
    """
    if all(line.rstrip() == _END for _, line in lines):
        return Comments()
    texts = [line for _, line in lines if line.rstrip() != _END]
    for mark in _MARKS:
        count = sum(is_comment(line, mark) for line in texts)
        if all(re.match(rf"\s*{mark}+(\s|$)", line) for line in texts):
            raise ValueError(f"it holds no examples, only lines that begin with {mark}")
        if count:
            columns = _columns_of_rows(lines, texts, mark)
            if columns is not None or count <= max(
                len(texts) // 2, min(len(texts) - 1, _LONGEST_PREAMBLE)
            ):
                return Comments(mark, columns)
    return Comments()


def _columns_of_rows(lines: Lines, texts: list[str], mark: str) -> tuple[int, str, str] | None:
    """Return what a line with the mark has to have to be a row; None if all are comments."""
    plain = [line for line in texts if not is_comment(line, mark)]
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


def without_comments(
    lines: Lines, comments: Comments, notes: list[str]
) -> tuple[Lines, str | None]:
    """Return the lines that are rows, and the text of the last comment above them, if any."""
    kept = [entry for entry in lines if not comments.hide(entry[1])]
    if comments.columns is not None and _begins_with_names(kept, comments):
        del kept[0]
    start = kept[0][0] if kept else 0
    found = [entry for entry in lines if comments.mark and is_comment(entry[1], comments.mark)]
    before = [text for number, text in found if number < start]
    inside = [number for number, text in found if number > start and comments.hide(text)]
    if inside:
        notes.append(
            f"lines that begin with {comments.mark} are left out, such as line {inside[0]}"
        )
    return kept, before[-1].lstrip().removeprefix(comments.mark) if before else None


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
    """

    def __init__(self, stream: IO[str], hide: Callable[[str], bool]) -> None:
        self._stream, self._hide, self._rest = stream, hide, ""

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
        if self._hide(line):
            return line[len(line.rstrip("\r\n")) :]
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
