"""Warn of columns of text that may be meant as numbers: with units, signs, or a few words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from fastnn.common.checks import describe
from fastnn.datasets.files.cells import MISSING_NUMBERS, written_number
from fastnn.datasets.tables.decimals import OTHER
from fastnn.datasets.tables.frames import Frames, tell_once

_SIGN = r"[$¢£¥฿\u20a0-\u20cf]"
_MEASURE = re.compile(
    rf"[<>~]?\s*[-+]?(?:\s?(?P<money>[a-z]{{0,2}}{_SIGN}|rs\.?\s|(?:usd|eur|gbp|chf|jpy)\b)\s*[-+]?)?"
    r"(?P<number>\d[\d.,]*)(?!(?:st|nd|rd|th)\b)"
    rf"(?P<gap>\s*)(?P<letters>[^\W\d_][^\d,;]{{0,15}}|°\s*[CFKNSEW]?|{_SIGN})?$",
    re.IGNORECASE,
)
_SCALES = frozenset("kmb")  # thousands, millions, billions
_MOST_UNITS = 2  # that need not be known, such as year and years; more are streets or names
# Units that stand beside others in one column; letters alone may be seats, classes or sexes.
_KNOWN = frozenset(
    re.findall(
        r"\S+",
        "kg mg lb lbs oz km cm mm mi ft inch inches yd ml cl gal kb mb gb tb hz khz mhz ghz kw mw "
        "kwh mah sec secs min mins hr hrs hour hours day days week weeks month months year years "
        "yr yrs mph kph kmh km/h cc hp bhp rpm",
    )
)
_KNOWN_BESIDE = frozenset("gmlhs")  # which are units beside known ones: g beside kg
_MOST_KINDS = 10  # that are numbers, but no measured ones, beside a word
_MOSTLY = 0.9  # of the cells have a unit where no more differ: else they may be bands
_ERROR = re.compile(r"±|\+/-")  # between a number and how far it may be off
_BEFORE, _BEHIND = "<>~≤≥≈* ", "-*†‡§ "  # a minus may be behind, as SAP writes it


def warn_of_near_numbers(frames: Frames, place: int, column: Any) -> None:
    """Warn if a column of text may be one of numbers.

    Its cells have the other sign before decimals, a word stands among numbers, or there are units
    or signs beside them.

    Parameters
    ----------
    frames : Frames
        Its `warnings` get a line.
    place : int
    column : Series
        The column's first block.
    """
    cells = [str(cell).strip() for cell in column[~column.isna()]]
    told = [cell for cell in cells if cell not in MISSING_NUMBERS]
    known = {cell: written_number(cell, frames.decimal) is not None for cell in set(told)}
    bad = {cell for cell, number in known.items() if not number}
    if not bad:  # another type than numbers, or several units, say that they are none
        return
    mend = "each of its values is taken for a kind of its own; mend it if they are numbers"
    if all(written_number(cell, OTHER[frames.decimal]) is not None for cell in bad):
        why = f"while others have {frames.decimal!r} before decimals"
    elif 2 * sum(known[cell] for cell in told) > len(told) or (
        len(bad) == 1 and len(known) > _MOST_KINDS  # one word, which may stand for what is missing
    ):
        why = "among numbers"
    elif signed := _signed(told, known, frames.decimal):
        bad = signed
        why, mend = "where signs beside the number make it text", "mend it if they are numbers"
    else:
        _warn_of_units(frames, place, told)
        return
    row = next(row for row, cell in enumerate(column.tolist()) if str(cell).strip() in bad)
    where, cell = frames.cell(row, place)
    tell_once(
        frames.warnings,
        f"{frames.column(place)} has {describe(cell)} in {where}, {why}: {mend}",
    )


def _signed(told: Sequence[str], known: dict[str, bool], decimal: str) -> set[str]:
    """Return the cells with signs beside a number, if most have that or are one, and many differ.

    A few such as 3- may be grades, and so are minuses beside plusses.
    """
    if any(cell.endswith("+") for cell in known):
        return set()
    signed = {
        cell
        for cell, number in known.items()
        if not number
        and all(
            written_number(part, decimal) is not None
            for part in _ERROR.split(cell.lstrip(_BEFORE).rstrip(_BEHIND))
        )
    }
    numeric = [cell for cell in told if known[cell] or cell in signed]
    many = 2 * len(numeric) > len(told) and len(set(numeric)) > _MOST_KINDS
    return signed if many else set()


def _warn_of_units(frames: Frames, place: int, told: Sequence[str]) -> None:
    """Warn if most cells are a number with a unit, the same few again and again, as 36 km."""
    found = {cell: _MEASURE.match(cell) for cell in set(told)}
    units: dict[str, str] = {}  # and the first cell with each
    numeric = 0
    for cell in told:
        if match := found[cell]:
            numeric += 1
            units.setdefault(_unit(match), cell)
    matches = [match for match in found.values() if match and _unit(match)]
    measured = len([cell for cell in told if (match := found[cell]) and _unit(match)])
    share = 0.5 if len(matches) > _MOST_KINDS else _MOSTLY
    if not (
        (numeric > share * len(told) and _are_known(matches))
        or (measured >= _MOSTLY * len(told) and _are_units(matches))
    ):
        return
    what = "signs" if any(map(_has_sign, matches)) else "letters"
    advice = f"take the {what} away if these are a unit"
    if len(units) > 1:
        advice = "write plain numbers, all in one unit, if these are units"
    examples = " and ".join(map(describe, list(units.values())[:2]))
    tell_once(
        frames.warnings,
        f"{frames.column(place)} is text, with numbers and {what} such as {examples}: {advice}",
    )


def _unit(match: re.Match[str]) -> str:
    return ((match["money"] or "") + (match["letters"] or "")).lower()


def _has_sign(match: re.Match[str]) -> bool:
    """Say whether a number has the sign of a currency, before or behind it."""
    return bool(match["money"] or re.match(_SIGN, match["letters"] or ""))


def _are_known(matches: Sequence[re.Match[str]]) -> bool:
    """Say whether all that is beside numbers are units, scales or currencies that are known."""
    if all(map(_has_sign, matches)):
        return _are_several(matches)
    units = {_unit(match) for match in matches}
    if units <= _SCALES:
        return "k" in units and len(units) > 1
    known = units & _KNOWN | {unit for unit in units if unit.startswith("°")}
    return bool(known) and units <= known | _KNOWN_BESIDE and _are_several(matches)


def _are_units(matches: Sequence[re.Match[str]]) -> bool:
    """Say whether what is beside numbers may be one unit or two, and no code or address."""
    units = {_unit(match) for match in matches}
    if len(units) > _MOST_UNITS or not _are_several(matches):
        return False
    if all(not match["gap"] and len(match["number"]) == 1 for match in matches):  # 2WD, 3D
        return False
    # Seats, such as 12A and 12C.
    letters = any(not match["gap"] and len(_unit(match)) == 1 for match in matches)
    return len(units) == 1 or not letters


def _are_several(matches: Sequence[re.Match[str]]) -> bool:
    """Say whether different numbers have the same unit."""
    numbers: dict[str, set[str]] = {}
    for match in matches:
        numbers.setdefault(_unit(match), set()).add(match["number"])
    return any(len(each) > 1 for each in numbers.values())
