"""Tables as blocks of pandas' rows, wherever they come from."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

from fastnn.common.checks import shortened
from fastnn.common.libraries import check_libraries
from fastnn.datasets.tables.expected import NAMELESS, Expected

CELLS = 1 << 20  # of a block


class ReadingOptions(NamedTuple):
    """What a user says of a table's file.

    Attributes
    ----------
    encoding : str, optional
        Of its text; found out by default.
    header : bool, optional
        Whether the first row is one; found out by default.
    expected : Expected, optional
        What a network knows of it.
    """

    encoding: str | None = None
    header: bool | None = None
    expected: Expected = Expected()


class Frames:
    """A table that is read in blocks, more than once if need be.

    Attributes
    ----------
    names : list of str, or None
        The columns' names.
    width : int
    notes, warnings : list of str
        What a user should know of how the file was understood.
    options : ReadingOptions
        What the user said of it.
    encoding, separator, decimal : str
        Of a text, else empty, empty and ".".
    written : dict
        The unit of columns whose numbers are written for people, by the columns' places; see
        `fastnn.datasets.files.cells`.
    rounded : dict
        A whole number of each column that has some beyond float64's precision.
    is_text : bool
        Whether it is a text file, where nothing but its looks tells a number from a text.
    grouped : bool
        Whether a sign, that of the decimals elsewhere, parts groups of digits.
    """

    names: list[str] | None
    width: int
    notes: list[str]
    warnings: list[str]
    options: ReadingOptions
    encoding: str = ""
    separator: str = ""
    decimal: str = "."
    written: dict[int, str]
    rounded: dict[int, str]
    is_text: bool = False
    grouped: bool = False

    def name(self, place: int) -> str:
        """Return a column's name, or its number from 0 if the table has no header.

        A column without a name is called as pandas does, which is no name of another.
        """
        if not self.names:
            return str(place)
        if self.names[place]:
            return self.names[place]
        name = f"{NAMELESS}{place}"
        while name in self.names:
            name += ".1"
        return name

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

    def looks_like_code(self, place: int, column: Any) -> bool:
        """Say whether a column's numbers are names, such as 007; `column` is its first block."""
        return False


def tell_once(told: list[str], line: str) -> None:
    """Add a line to what is told, but only once, as a table may be read again."""
    if line not in told:
        told.append(line)


def pandas_module(what: str) -> Any:
    """Import pandas, or raise an ImportError that says how to install it."""
    check_libraries(what, ["pandas"], "tables")
    import pandas

    return pandas
