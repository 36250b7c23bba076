"""Dates, months, quarters and times of day, as programs and people write them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_WEEKDAY = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?[.,]?\s+"
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_YEAR = r"(?:1[5-9]|2[01])\d\d"
_ANY_YEAR = r"(?:\d{4}|'?\d{2})"
_MONTH_NUMBER = r"(?:0?[1-9]|1[0-2])"
_GAP = r"(?:\s*[-/.,]\s*|\s+)"
_CLOCK = r"\d{1,2}:\d{2}"
_DATES = (
    r"(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2}))",
    rf"{_DAY}{_GAP}?{_MONTH}{_GAP}?{_ANY_YEAR}",  # 01 January 2000, 01-Jan-00, 01Jan2000
    rf"{_MONTH}{_GAP}?{_DAY}{_GAP}{_ANY_YEAR}",  # Jan 1, 2000
    rf"\d{{4}}{_GAP}?{_MONTH}{_GAP}?{_DAY}",
    rf"{_MONTH}\s+{_DAY}\s+{_CLOCK}.*\s{_YEAR}",  # of C and Twitter, behind a day of the week
)
_DATE = re.compile(
    rf"(?:(?:{_WEEKDAY})?(?:{'|'.join(_DATES)})(?:(?:,?\s+|T){_CLOCK}.*)?"
    r"|\d{8}T(?:\d{4}|\d{6})(?:[.,]\d+)?Z?)$",
    re.IGNORECASE,
)
_MONTHS = re.compile(
    rf"(?:{_MONTH}{_GAP}{_ANY_YEAR}|{_MONTH}{_YEAR}|{_YEAR}{_GAP}?{_MONTH}"  # Jan-90
    rf"|{_YEAR}[-/.]{_MONTH_NUMBER}|{_MONTH_NUMBER}[-/.]{_YEAR}|{_YEAR}\s?M{_MONTH_NUMBER}"
    rf"|{_YEAR}[-/: ]?Q[1-4]|(?:Q[1-4]|[1-4]Q)[-/ ]?(?:{_YEAR}|'\d\d))$",
    re.IGNORECASE,
)
_SEASON = re.compile(r"(\d{4})[-/](\d\d)$")
_TIME = re.compile(r"\d{1,2}:[0-5]\d(?::[0-5]\d(?:[.,]\d+)?)?(?:\s*[ap]\.?m\.?)?$", re.IGNORECASE)
_POINTED = re.compile(r"([01]?\d|2[0-3])\.([0-5]\d)\.[0-5]\d$")


# Words in the names of columns, which part at capitals, too: no candidate is a date.
_WORD_OF_DATES = re.compile(
    r"(?:(?:birth|start|end)?date|day|month|time)s?|datetime|timestamp|dob|yyyymm(?:dd)?",
    re.IGNORECASE,
)
_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_CHANCE = 20  # different numbers, which are not all dates by chance
_NEARLY = 0.9  # others may stand for what is missing, or have been rounded to float32


def packed_dates(name: str, values: npt.NDArray[Any]) -> int | None:
    """Return one of a column's numbers if they look like dates such as 20180131 or 201801.

    Parameters
    ----------
    name : str
        Of the column: where that speaks of dates, a few different numbers are enough.
    values : ndarray
        Its numbers, none of them missing.
    """
    for day_digits in (100, 1):
        first, last = _FIRST_YEAR * 100 * day_digits, (_LAST_YEAR + 1) * 100 * day_digits
        near = values[(values >= first) & (values < last)]
        if not len(near) or len(near) < _NEARLY * len(values) or (near != np.trunc(near)).any():
            continue
        found, counts = np.unique(near.astype(np.int64), return_counts=True)
        valid = _are_dates(found, has_days=day_digits > 1)
        enough = 2 if _speaks_of_dates(name) else _CHANCE
        if valid.sum() >= enough and counts[valid].sum() >= _NEARLY * len(values):
            return int(found[valid][0])
    return None


def _speaks_of_dates(name: str) -> bool:
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return any(map(_WORD_OF_DATES.fullmatch, re.findall(r"[A-Za-z]+", parted)))


def _are_dates(numbers: npt.NDArray[np.int64], has_days: bool) -> npt.NDArray[np.bool_]:
    """Say of each number whether it is a day such as 20180131, or a month such as 201801."""
    months, days = np.divmod(numbers, 100) if has_days else (numbers, np.ones_like(numbers))
    year, month = np.divmod(months, 100)
    valid = (month >= 1) & (month <= 12) & (days >= 1)
    since = ((year - 1970) * 12 + month - 1).astype("M8[M]")
    lengths = ((since + 1).astype("M8[D]") - since.astype("M8[D]")).astype(np.int64)
    result: npt.NDArray[np.bool_] = valid & (days <= lengths)
    return result


def kind_of_dates(cells: Sequence[str]) -> str | None:
    """Return "dates", "months" or "times" if all cells of a column look like such, else None.

    Months, of a year each, may be quarters as well. Times are those of a day, or durations; points
    part them, too, in 18.30.00, which no date is.
    """
    if all(map(_TIME.match, cells)) or _are_pointed_times(cells):
        return "times"
    if all(map(_DATE.match, cells)):
        return "dates"
    are_months = all(_DATE.match(cell) or _MONTHS.match(cell) for cell in cells)
    return "months" if are_months and not all(map(_is_season, cells)) else None


def _are_pointed_times(cells: Sequence[str]) -> bool:
    """Say whether all cells are such as 18.30.00, and some neither day.month nor month.day."""
    found = list(map(_POINTED.match, cells))
    pairs = [(int(at[1]), int(at[2])) for at in found if at]
    day_first = all(0 < day < 32 and 0 < month < 13 for day, month in pairs)
    month_first = all(0 < month < 13 and 0 < day < 32 for month, day in pairs)
    return len(pairs) == len(cells) and not day_first and not month_first


def _is_season(cell: str) -> bool:
    """Say whether two years follow each other, as in 2009-10, which may be a month, too."""
    found = _SEASON.match(cell)
    return found is not None and (int(found[1]) + 1) % 100 == int(found[2])
