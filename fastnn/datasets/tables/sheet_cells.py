"""What pandas does not tell of a sheet's cells: which are merged, and formulas without results."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

_READ = 1 << 20  # bytes at once
_LONGEST = 1 << 10  # bytes of what is looked for
_MARK = re.compile(
    rb"<(?:\w+:)?mergeCell\b[^<>]*?"
    rb'\bref="(?P<merged>[A-Z]+)(?P<first>\d+):[A-Z]+(?P<last>\d+)"'
    # The result may also be an empty text, or an error.
    rb'|<(?:\w+:)?c r="(?P<column>[A-Z]+)(?P<row>\d+)"(?![^<>]*\bt="(?:str|e)")[^<>]*>'
    rb"\s*<(?:\w+:)?f\b"
)


class SheetCells(NamedTuple):
    """What cells without a value are, by their columns' places in the table.

    Attributes
    ----------
    merged : dict
        The first value that was taken for several rows, and the first and last of these on the
        sheet, from 1.
    formulas : dict
        The first row on the sheet, from 1, that has a formula without its result.
    """

    merged: dict[int, tuple[object, int, int]]
    formulas: dict[int, int]


def settle_cells(book: Any, sheet: str, raw: Any) -> SheetCells:
    """Give all rows of cells that are merged over rows their value.

    Parameters
    ----------
    book : pandas.ExcelFile
    sheet : str
    raw : DataFrame
        Its rows below a header, by their places on the sheet, which gets the values.
    """
    found = SheetCells({}, {})
    missing = raw.isna().to_numpy()
    if book.engine != "openpyxl" or not missing.any():
        return found
    path = getattr(book.book[sheet], "_worksheet_path", None)
    if path is None:  # in a later openpyxl
        return found
    rows = raw.index.to_numpy() + 1
    places = {_letters(int(column)): place for place, column in enumerate(raw.columns)}
    with book.book._archive.open(path) as stream:
        for mark in _marks(stream):
            place = places.get(mark["merged"] or mark["column"])
            if place is None:
                continue
            first = int(mark["first"] or mark["row"])
            at = int(np.searchsorted(rows, first))
            if at == len(rows) or rows[at] != first:
                continue
            if mark["row"] and missing[at, place]:
                found.formulas.setdefault(place, first)
            elif mark["merged"] and not missing[at, place]:
                end = int(np.searchsorted(rows, int(mark["last"]), side="right"))
                empty = at + np.flatnonzero(missing[at:end, place])
                if len(empty):
                    value = raw.iat[at, place]
                    raw.iloc[empty, place] = value
                    if place not in found.merged or first < found.merged[place][1]:
                        found.merged[place] = value, first, int(mark["last"])
    return found


def _marks(stream: Any) -> Iterator[re.Match[bytes]]:
    """Yield the marks of a sheet's XML, some perhaps twice."""
    kept = b""
    while part := stream.read(_READ):
        yield from _MARK.finditer(kept + part)
        kept = part[-_LONGEST:]


def _letters(column: int) -> bytes:
    """Return what Excel calls a column, from 0."""
    name = b""
    column += 1
    while column:
        column, letter = divmod(column - 1, 26)
        name = bytes([65 + letter]) + name
    return name
