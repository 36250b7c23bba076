"""Which sign a table has before decimals, a point or a comma."""

from __future__ import annotations

import re
from collections.abc import Iterable

from fastnn.datasets.files.cells import written_number

_UNIT = r"[-+−\u2013()$€£¥₹%\s]*"
_POWER = r"([eEdD][-+]?\d+)?"
_BLANKS = "' \u2019\u00a0\u202f\u2009"  # between groups of digits, with either sign
_DECIMAL_POINT = re.compile(rf"{_UNIT}(\d[\d,{_BLANKS}]*\.?\d*|\.\d+){_POWER}{_UNIT}$")
_DECIMAL_COMMA = re.compile(rf"{_UNIT}(\d[\d.{_BLANKS}]*)?,\d+{_POWER}{_UNIT}$")
_GROUPED = re.compile(rf"{_UNIT}[1-9]\d{{0,2}}(,\d{{3}})+{_UNIT}$")  # 1,234: which comma is it?
_LAKHS = re.compile(rf"{_UNIT}[1-9]\d?(,\d\d)+,\d{{3}}{_UNIT}$")  # 1,17,000, as in India
_POINTED = re.compile(rf"{_UNIT}[1-9]\d{{0,2}}\.\d{{3}}{_UNIT}$")  # 1.234: which point is it?
# Two of the same sign part groups of digits: the other one is before decimals.
_COMMA_GROUPS = re.compile(rf"{_UNIT}[1-9]\d{{0,2}}(,\d{{3}}){{2,}}{_UNIT}$")
_POINT_GROUPS = re.compile(rf"{_UNIT}[1-9]\d{{0,2}}(\.\d{{3}}){{2,}}{_UNIT}$")

OTHER = {".": ",", ",": "."}


def find_decimal(cells: Iterable[str], separator: str) -> tuple[str | None, str | None]:
    """Return the sign before decimals in most cells that have one, "." or ",".

    Parameters
    ----------
    cells : iterable of str
    separator : str
        What parts the columns: with a comma for both, decimals are in quotes.

    Returns
    -------
    sign : str or None
        None if no cell has one.
    doubtful : str or None
        A cell such as 1,234, if nothing but such cells speaks for the comma: it might part groups
        of digits. So might the point of 1.234 between semicolons.
    """
    commas = points = lakhs = 0
    grouped: str | None = None
    pointed: list[str] = []
    for cell in cells:
        if "," in cell:
            if _GROUPED.match(cell):
                grouped = grouped or cell.strip()
                points += bool(_COMMA_GROUPS.match(cell))
            else:
                commas += bool(_DECIMAL_COMMA.match(cell))
                lakhs += bool(_LAKHS.match(cell))
        if "." in cell:
            commas += bool(_POINT_GROUPS.match(cell))
            points += bool(_DECIMAL_POINT.match(cell))
            if _POINTED.match(cell):
                pointed.append(cell.strip())
    if not commas and not points:
        if lakhs:
            return ".", None
        return (",", grouped) if grouped and separator != "," else (None, None)
    if separator == ";" and points == len(pointed) > commas:
        return ".", pointed[0]
    return ("," if commas > points else "."), None


def has_groups(cells: Iterable[str], decimal: str) -> bool:
    """Say whether groups of digits are parted by the sign that is before decimals elsewhere."""
    other = (cell for cell in cells if OTHER[decimal] in cell)
    return any(written_number(cell, decimal) is not None for cell in other)


def told_of_sign(cell: str, decimal: str) -> str:
    """Say how a cell is read whose comma or point may be before decimals, or part digits."""
    sign = "," if "," in cell else "."
    name = "commas" if sign == "," else "points"
    if sign == decimal:
        number, other = cell.replace(",", "."), cell.replace(sign, "")
        return f"{name} are taken for decimal signs: {cell} is read as {number}, not {other}"
    number = cell.replace(sign, "")
    return f"{name} are taken for signs between groups of digits: {cell} is read as {number}"
