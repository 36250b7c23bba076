"""What a cell of a table says: a number, as programs or people write it, or that it is missing."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from functools import lru_cache

ERRORS = ("#N/A", "#NA", "#VALUE!", "#DIV/0!", "#REF!", "#NAME?", "#NUM!", "#NULL!")  # Excel's
# What stands for a value that is not there. A dash is a class in some tables, so only in a column
# of numbers is it one of them.
MISSING = frozenset(
    ("", "?", "NA", "N/A", "n/a", "NaN", "nan", "null", "NULL", "<NA>", "#N/A", "\\N")
)
MISSING_NUMBERS = MISSING.union(
    ("-", "--", "---", "\u2013", "\u2014", ".", "None", "none", "nil", "Null", "-nan"),
    ("na", "n.a.", "N.A.", "missing", "Missing", "unknown", "Unknown"),
    ("n/d", "N/D", "no data", "No data", "No Data"),
    ("..", ":"),  # of the World Bank and of Eurostat
    ("1.#IND", "-1.#IND", "1.#QNAN", "-1.#QNAN"),  # as Windows writes nan
    ERRORS,
)

_UNIT = r"%|‰|[$€£¥₹]|(?:USD|EUR|GBP|CHF|JPY)\b"
_GROUPS = {
    ".": ",'\u2019 ",
    ",": ".'\u2019 ",
}  # what may part groups of three digits, by the decimal sign
_CODE = re.compile(r"0\d")  # 007 is a name
_BLANKS = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " ", "−": "-", "\u2013": "-"})


@lru_cache
def _pattern(decimal: str) -> re.Pattern[str]:
    point = re.escape(decimal)
    group = f"[{re.escape(_GROUPS[decimal])}]"
    lakhs = "" if decimal == "," else r"[1-9]\d?(?:,\d\d)+,\d{3}|"  # 1,17,000, as in India
    groups = rf"[1-9]\d{{0,2}}(?P<group>{group})\d{{3}}(?:(?P=group)\d{{3}})*"
    digits = rf"(?P<whole>{lakhs}{groups}|\d*)"
    return re.compile(
        rf"(?P<open>\()?\s*(?P<sign>[-+])?\s*(?P<before>{_UNIT})?\s*(?P<inner>[-+])?"
        rf"{digits}(?:{point}(?P<fraction>\d*))?(?:[eEdD](?P<exponent>[-+]?\d{{1,4}}))?"
        rf"\s*(?P<after>{_UNIT})?\s*(?P<close>\))?$"
    )


def written_number(cell: str, decimal: str = ".") -> tuple[float, str] | None:
    """Return what a cell says, and in which unit; None if it is no finite number.

    Parameters
    ----------
    cell : str
        Such as ``1,234.50``, ``$5.10``, ``12 %``, ``(3.2)`` for what an accountant takes away, or
        ``1.0D-3``. A percentage stays what is written: 12.
    decimal : str, optional
        The decimal sign, "." or ",".
    """
    found = _pattern(decimal).match(cell.translate(_BLANKS).strip())
    if found is None or bool(found["open"]) != bool(found["close"]):
        return None
    whole, fraction = found["whole"], found["fraction"] or ""
    signs = [sign for sign in (found["sign"], found["inner"], found["open"]) if sign]
    units = [unit for unit in (found["before"], found["after"]) if unit]
    if not (whole or fraction) or len(signs) > 1 or len(units) > 1 or _CODE.match(whole):
        return None
    whole = whole.replace(found["group"] or ",", "")
    number = float(f"{whole or 0}.{fraction or 0}e{found['exponent'] or 0}")
    if not math.isfinite(number):
        return None
    return -number if signs and signs[0] in "-(" else number, units[0] if units else ""


def written_unit(cells: Iterable[str], decimal: str = ".") -> str | None:
    """Return the one unit of all cells, "" for none; None if one is no number, or has another.

    Only a zero may lack the unit of the others.
    """
    units = set()
    for cell in cells:
        found = written_number(cell, decimal)
        if found is None:
            return None
        number, unit = found
        if unit or number:
            units.add(unit)
    if len(units) > 1:
        return None
    return units.pop() if units else ""


def is_rounded(cell: str) -> bool:
    """Say whether a cell is a whole number that is none of float64's."""
    digits = cell.strip().lstrip("+-")
    exact = not 15 < len(digits) < 300 or not digits.isdecimal()
    return not exact and int(float(digits)) != int(digits)


def is_number(cell: str, decimal: str = ".") -> bool:
    """Say whether a cell holds a number, perhaps an infinite one."""
    text = cell.strip()
    try:
        float(text if decimal == "." else text.replace(decimal, "."))
    except ValueError:
        return written_number(text, decimal) is not None
    return "_" not in text


def is_plain(cell: str) -> bool:
    """Say whether a cell is a number as programs write it, with a decimal point."""
    try:
        float(cell)
    except ValueError:
        return False
    return True
