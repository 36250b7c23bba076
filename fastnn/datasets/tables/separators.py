"""What parts the cells of a line: a character, or blanks."""

from __future__ import annotations

import csv
import re
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from fastnn.datasets.files.cells import MISSING_NUMBERS, is_number
from fastnn.datasets.files.text_files import MAX_LINE

SPACES = r"\s+"
_SEPARATORS = (",", ";", "\t", "|", SPACES)
_RARE_SEPARATORS = (":", "^", "~", "\x01")  # looked for only where those are not
_SINGLE_QUOTED = re.compile(r"(^|[,;\t|])\s*'[^']*'\s*($|[,;\t|])")
_LOOKED_AT = 1 << 20  # characters; rows of very many columns need not all be looked at
_FEWEST = 5  # lines that are looked at in any case
_MOST = 0.9  # of the rows, for what holds of a table but for its title and a slip or two

Row = tuple[int, list[str]]

# The limit on the length of a cell is one for all of Python's csv readers.
_limit = threading.RLock()  # a line may be parted to tell whether it is a comment, too


def rows_of(lines: Iterable[str], separator: str, quote: str, above: int = 0) -> Iterator[Row]:
    """Yield the last line of each row, and its cells.

    Parameters
    ----------
    lines : iterable of str
    separator, quote : str
    above : int, optional
        How many lines of the file come before these.

    Raises
    ------
    ValueError
        If a cell goes on over lines for more than 16 MiB.
    """
    if separator == SPACES:
        for number, line in enumerate(lines, above + 1):
            yield number, _words(line, quote)
        return
    reader = csv.reader(lines, delimiter=separator, quotechar=quote, skipinitialspace=True)
    while True:
        begin = above + reader.line_num + 1
        try:
            cells = _next_of(reader)
        except csv.Error as problem:
            if "field limit" not in str(problem):
                raise
            raise ValueError(
                f"line {begin} begins a cell of more than {MAX_LINE} characters; is there a "
                "quote without its end?"
            ) from None
        if cells is None:
            return
        yield above + reader.line_num, cells


def _next_of(reader: Any) -> list[str] | None:
    """Return the next row, whose cells may be as long as a line; None after the last."""
    with _limit:
        before = csv.field_size_limit()
        csv.field_size_limit(max(before, MAX_LINE))
        try:
            cells: list[str] | None = next(reader, None)
        finally:
            csv.field_size_limit(before)
    return cells


def numbered_rows(lines: list[tuple[int, str]], separator: str, quote: str) -> list[Row]:
    """Return the rows of numbered lines, each with the number of its first line."""
    rows, done = [], 0
    for read, cells in rows_of((text for _, text in lines), separator, quote):
        rows.append((lines[done][0], cells))
        done = read
    return rows


def cells_of(line: str, separator: str, quote: str) -> list[str]:
    """Return the cells of one line."""
    return next((cells for _, cells in rows_of([line], separator, quote)), [])


def goes_on(line: str, inside: bool, quote: str, separator: str | None = None) -> bool:
    """Say whether a quoted cell goes on in the next line.

    Parameters
    ----------
    line : str
    inside : bool
        Whether the line begins within one.
    quote : str
    separator : str, optional
        What parts the columns; any of those there are where that is not known yet.
    """
    if quote not in line:
        return inside
    if separator == SPACES:
        return False
    if not inside and _plainly_quoted(quote, separator).match(line):
        return False
    whole, begin = _quoted(quote, separator)
    return begin.search(whole.sub(r"\1-", quote + line if inside else line)) is not None


def _signs(separator: str | None) -> list[str]:
    """Return what may part cells that are in quotes."""
    signs = (*_SEPARATORS, *_RARE_SEPARATORS) if separator is None else (separator,)
    return [sign for sign in signs if sign != SPACES]


@lru_cache
def _plainly_quoted(quote: str, separator: str | None) -> re.Pattern[str]:
    """Return what quickly finds a line all of whose quotes are at its cells' edges, in pairs."""
    edge = re.escape("".join(_signs(separator)))
    cell = rf"(?:{quote}[^{quote}]*{quote}|[^{quote}{edge}]*)"
    return re.compile(rf"{cell}(?:[{edge}]{cell})*\s*\Z")


@lru_cache
def _quoted(quote: str, separator: str | None) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return what finds a quoted cell, and what finds the beginning of one."""
    edge = "|".join(map(re.escape, _signs(separator)))
    begin = rf"(^|{edge}) *{quote}"
    whole = rf"{begin}(?:[^{quote}]|{quote}{quote})*{quote}(?!{quote})"
    return re.compile(whole), re.compile(begin)


def _words(line: str, quote: str) -> list[str]:
    """Return what blanks part, without quotes around it."""
    words = re.findall(rf"{quote}(?:[^{quote}])*{quote}|[^ \t\r\n]+", line)
    return [word[1:-1] if word[0] == word[-1] == quote and word[1:] else word for word in words]


def find_quote(lines: list[str]) -> str:
    """Return what stands around cells: single quotes where they do in most lines, else double."""
    single = sum(bool(_SINGLE_QUOTED.search(line)) for line in lines)
    return "'" if 2 * single > len(lines) and not any('"' in line for line in lines) else '"'


def find_separator(lines: list[str], quote: str) -> str:
    """Choose what parts columns: it gives rows of one width, and clean cells."""
    lines = _first(lines)
    for separators in (_SEPARATORS, _RARE_SEPARATORS):
        rows = {each: _rows(lines, each, quote) for each in separators}
        quality = {each: _quality(rows[each], each) for each in separators}
        best = max(separators, key=lambda each: quality[each])
        if quality[best][1] > 1:
            blanks = best not in _RARE_SEPARATORS and best != SPACES
            if blanks and _are_words(rows[SPACES], rows[best], best):
                return SPACES
            return best
    return _SEPARATORS[0]


def unused_separator(lines: list[str]) -> str | None:
    """Return a character that could part columns, but is in no line."""
    signs = (sign for sign in (*_SEPARATORS, *_RARE_SEPARATORS) if sign != SPACES)
    return next((sign for sign in signs if not any(sign in line for line in lines)), None)


def _first(lines: list[str]) -> list[str]:
    """Return the first lines, about as many as tell what parts them."""
    length = 0
    for count, line in enumerate(lines):
        length += len(line)
        if length > _LOOKED_AT and count >= _FEWEST:
            return lines[:count]
    return lines


def _rows(lines: list[str], separator: str, quote: str) -> list[list[str]]:
    return [cells for _, cells in rows_of(lines, separator, quote)]


def most_common_width(rows: list[list[str]]) -> tuple[int, int]:
    """Return the width that most rows have, one of several columns if any has, and their number."""
    widths = Counter(map(len, rows))
    return max(widths.items(), key=lambda item: (item[0] > 1, item[1]))


def _quality(rows: list[list[str]], separator: str) -> tuple[float, int]:
    width, alike = most_common_width(rows)
    if width == 1:
        return 0.0, 0
    cells = [cell.strip() for row in rows if len(row) == width for cell in row]
    clean = sum(is_clean(cell, separator) for cell in cells)
    # Spaces separate words too: they count less.
    share = 0.9 if separator == SPACES else 1.0
    return share * clean / len(cells) * alike / len(rows), width


def is_clean(cell: str, separator: str) -> bool:
    """Say whether a cell holds nothing that could part it, but in a number."""
    others = set(",;\t|") - {separator}
    return not others & set(cell) or is_number(cell) or is_number(cell, ",")


def _are_words(words: list[list[str]], rows: list[list[str]], separator: str) -> bool:
    """Say whether blanks part a table, though a separator gives rows of one width as well.

    The commas are decimal signs then, or tabs stand between a few columns only.

    Parameters
    ----------
    words, rows : list of list of str
        The rows as blanks part them, and as the separator does.
    separator : str
    """
    (width, alike), (wide, _) = most_common_width(words), most_common_width(rows)
    if width < 2 or alike < _MOST * len(words):
        return False
    if separator != "," and width < 2 * wide:  # rather a column of two numbers, such as of places
        return False
    if len(rows[0]) == wide and len(words[0]) != width:  # a header, which the separator parts
        return False
    cells = [cell for row in words if len(row) == width for cell in row]
    if sum(is_clean(cell, SPACES) for cell in cells) < _MOST * len(cells):
        return False
    packed = sum(any(_is_packed(cell, separator) for cell in row) for row in rows)
    return packed >= _MOST * alike - 1  # all but the header


def _is_packed(cell: str, separator: str) -> bool:
    """Say whether a cell seems to hold several: numbers, or after a comma one and a word."""
    found = cell.split()
    if len(found) < 2 or is_number(cell) or is_number(cell, ","):
        return False
    numbers = [is_number(word) or is_number(word, ",") for word in found]
    if separator == "," and numbers[0]:
        return True
    told = [number or word in MISSING_NUMBERS for number, word in zip(numbers, found, strict=True)]
    return sum(numbers) > 1 and all(told) and ":" not in found  # as in 1 : 2
