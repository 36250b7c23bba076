"""Which sign a table has before decimals, a point or a comma."""

from __future__ import annotations

import re
from collections.abc import Iterable

_UNIT = r"[-+−()$€£¥₹%\s]*"
_POWER = r"([eEdD][-+]?\d+)?"
_DECIMAL_POINT = re.compile(rf"{_UNIT}(\d[\d,' ]*\.?\d*|\.\d+){_POWER}{_UNIT}$")
_DECIMAL_COMMA = re.compile(rf"{_UNIT}(\d[\d.' ]*)?,\d+{_POWER}{_UNIT}$")
_GROUPED = re.compile(rf"{_UNIT}[1-9]\d{{0,2}}(,\d{{3}})+{_UNIT}$")  # 1,234: which comma is it?
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
        of digits.
    """
    commas = points = 0
    grouped: str | None = None
    for cell in cells:
        if "," in cell:
            if _GROUPED.match(cell):
                grouped = grouped or cell.strip()
                points += bool(_COMMA_GROUPS.match(cell))
            else:
                commas += bool(_DECIMAL_COMMA.match(cell))
        if "." in cell:
            commas += bool(_POINT_GROUPS.match(cell))
            points += bool(_DECIMAL_POINT.match(cell))
    if grouped and not commas and not points and separator != ",":
        return ",", grouped
    if not commas and not points:
        return None, None
    return ("," if commas > points else "."), None
