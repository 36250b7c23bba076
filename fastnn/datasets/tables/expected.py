"""What a later table is expected to be like: as the one that a network was trained on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from fastnn.datasets.files.cells import written_number
from fastnn.datasets.tables.decimals import OTHER
from fastnn.datasets.tables.separators import SPACES, is_clean, unused_separator

CLASS_NAMES = ("label", "labels", "class", "classes")  # by habit, and that each is a class
LABEL_NAMES = ("label", "labels", "class", "target", "y")
NAMELESS = "Unnamed: "  # and its place is what pandas calls a column without a name
# In quotes, before another cell, as R writes it.
_ROW_NAME = re.compile(r"""\s*(["'])[^"']*\1[,;|\s]\s*\S""")


class Expected(NamedTuple):
    """What is known of a table before it is read; by default nothing.

    Attributes
    ----------
    names : tuple of str
        Those of the inputs, in their order in training.
    others : tuple of str
        Those of labels, weights, and columns that were ignored.
    values : frozenset of str
        The categories of all columns.
    widths : frozenset of int
        How many columns it may have.
    separator, decimal : str
        What separated columns and decimals in training; empty where that was no text.
    grouped : bool
        Whether a sign parted groups of digits in training.
    """

    names: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    values: frozenset[str] = frozenset()
    widths: frozenset[int] = frozenset()
    separator: str = ""
    decimal: str = ""
    grouped: bool = False

    @property
    def nameless(self) -> bool:
        """Whether a table of training is known, and had no header."""
        return bool(self.widths) and not self.names

    def shared(self, names: Iterable[str]) -> set[str]:
        """Return the names that are known."""
        return set(names) & {*self.names, *self.others}


def expected_separator(
    lines: list[str], guessed: str, split: Callable[[str, str], list[str]], expected: Expected
) -> str:
    """Return what separates columns: what did in training, where the lines may be read so.

    Parameters
    ----------
    lines : list of str
        The first lines of the table.
    guessed : str
        What separates them by their looks.
    split : callable
        Makes cells of a line and a separator.
    expected : Expected
    """
    alone = lines[0].strip().strip("\"'") in expected.names
    if alone and not all(map(_ROW_NAME.match, lines[1:])):  # the header of a table of one column
        return _occurring_nowhere(lines, expected.separator)
    kept = expected.separator
    if kept in ("", SPACES, guessed):  # blanks also stand in and around cells of other tables
        return guessed
    header = [cell.strip() for cell in split(lines[0], kept)]
    if len(header) > 1 and expected.shared(header):
        return kept
    rows = [[cell.strip() for cell in split(line, kept)] for line in lines]
    widths = {len(row) for row in rows}
    if len(widths) > 1 or not widths <= expected.widths:
        return guessed
    if widths == {1}:
        # What parts a single column by its looks may be what stands inside of its cells.
        return kept if guessed in (expected.decimal, SPACES) else guessed
    clean = all(is_clean(cell, kept) for row in rows for cell in row)
    return kept if clean else guessed


def _occurring_nowhere(lines: list[str], kept: str) -> str:
    """Return what separates nothing in these lines, if it can be what did in training."""
    if kept not in ("", SPACES) and not any(kept in line for line in lines):
        return kept
    return unused_separator(lines) or ","


def expected_decimal(
    cells: list[str], separator: str, expected: Expected
) -> tuple[str | None, str | None]:
    """Return the decimal sign of a table: that of training, unless the table decides otherwise.

    Cells decide that can be read with one sign only. One such as 1,050 or 1.050 does not: the sign
    in it may be what parts groups of digits.

    Parameters
    ----------
    cells : list of str
    separator : str
        What parts columns: a comma or a semicolon that did not in training is a sign of other
        habits.
    expected : Expected

    Returns
    -------
    sign : str or None
        None if some cells decide for one sign, and some for the other, or if nothing does.
    doubtful : str or None
        A cell whose sign is taken for one between groups of digits, which training had not.
    """
    usual = expected.decimal
    others = [cell for cell in cells if OTHER[usual] in cell]
    if not others:
        return usual, None
    told = set()
    for cell in cells:
        if "," in cell or "." in cell:
            signs = [sign for sign in ".," if written_number(cell, sign) is not None]
            if len(signs) == 1:
                told.add(signs[0])
    if told:
        return (told.pop() if len(told) == 1 else None), None
    grouped = [cell for cell in others if written_number(cell, usual) is not None]
    if grouped and separator != expected.separator and separator in (",", ";"):
        return None, None
    return usual, grouped[0].strip() if grouped and not expected.grouped else None
