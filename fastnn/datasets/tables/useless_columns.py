"""What nothing can be learnt from: names, ids, dates, columns that hold nothing, totals."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from fastnn.common.checks import describe, shortened
from fastnn.datasets.tables.dates import kind_of_dates, packed_dates
from fastnn.datasets.tables.roles import MOST_NOTES
from fastnn.datasets.tables.spellings import differ_slightly, told_of_pairs
from fastnn.datasets.tables.table import Table

_FEW = 20
_MANY = 100  # values of a category, which may be names
_HOURS = 24  # of a day; as many times may well be kinds of something
_TOTALS = ("total", "totals", "grand total", "sum", "average", "mean")
_LAST = 3  # rows, among which totals are
_SENTINELS = (-9, -99, -200, -999, -9999, -99999)


def without_useless(table: Table) -> Table:
    """Leave out what nothing can be learnt from, with a warning, unless the user names it.

    Raises ValueError if no column is left.
    """
    reasons = {}
    for place in table.inputs:
        if place not in table.roles.categories and (reason := _reason(table, place)):
            reasons[place] = f"{table.frames.column(place)} {reason}"
    _note_times(table, reasons)
    if not reasons:
        return table
    if len(reasons) == len(table.inputs):
        shown = "; ".join(list(reasons.values())[:3]) + ("; ..." if len(reasons) > 3 else "")
        raise ValueError(
            f"no column is left to learn from: {shown}; categories= takes columns as they are"
        )
    names = table.frames.names
    for place, reason in reasons.items():
        takes = f"; categories=[{shortened(table.name(place))!r}] takes it"
        if not reason.endswith(_NOTHING):
            table.frames.warnings.append(f"{reason}: left out{takes}")
        elif names is None or names[place]:  # else what a separator at the edge of lines leaves
            table.frames.warnings.append(f"{reason}: left out")
    return table.without(list(reasons))


def warn_of_totals(table: Table, index: Mapping[int, Any]) -> None:
    """Warn if one of the last rows says in its only such cell that it sums up the others.

    `index` has the first cells of each column that names the rows, which the table left out.
    """
    last = table.rows[-_LAST:].tolist()
    for place, cells in index.items():
        for row in last:
            if row < len(cells) and _sums_up(str(cells.iloc[row])):
                _tell_total(table, row, place)
                return
    for place in table.inputs:
        if place not in table.texts:
            continue
        codes, values = table.texts[place]
        for at, row in enumerate(last, len(codes) - len(last)):
            text = "" if codes[at] < 0 else values[codes[at]]
            if _sums_up(text) and np.count_nonzero(codes == codes[at]) == 1:
                _tell_total(table, row, place)
                return


def warn_of_second_header(table: Table) -> None:
    """Warn if nothing in the first row of a table of text occurs again, as nothing in a header."""
    label = table.roles.label
    assert label is not None
    used = [label, *table.inputs]
    if table.frames.names is None or table.rows[0] or len(table) <= _FEW or len(used) < 2:
        return
    for place in used:
        if place not in table.texts:
            return
        codes = table.texts[place].codes
        if codes[0] < 0 or np.count_nonzero(codes == codes[0]) > 1:
            return
    where, cell = table.frames.cell(0, used[-1])
    table.frames.warnings.append(
        f"{where} has nothing that occurs again, such as {describe(cell)}: take it out if it has "
        "units or goes on with the header"
    )


def _sums_up(cell: str) -> bool:
    return cell.strip().rstrip(" :").lower() in _TOTALS


def _tell_total(table: Table, row: int, place: int) -> None:
    where, cell = table.frames.cell(row, place)
    table.frames.warnings.append(
        f"{where} has {describe(cell)} in {table.frames.column(place)}: if it sums up other rows, "
        "take it out of the table"
    )


def _note_times(table: Table, reasons: Collection[int]) -> None:
    """Say of times that are few, as the hours of a day are, or months, that they are no numbers."""
    for place in table.inputs:
        if place in reasons or place in table.roles.categories or place not in table.texts:
            continue
        present = table.texts[place].present()
        what = kind_of_dates(present) if 1 < len(present) <= _HOURS else None
        if what is not None:
            table.frames.notes.append(
                f"{table.frames.column(place)} has {len(present)} different values that look like "
                f"{what}, such as {shortened(present[0], 30)}: each is taken for a kind of its "
                f"own; ignore_columns=[{shortened(table.name(place))!r}] leaves it out"
            )


_NOTHING = "holds nothing"


def _told(table: Table, place: int) -> int:
    """Count the rows in which a column has something."""
    if place in table.numbers:
        return int(np.count_nonzero(~np.isnan(table.numbers[place])))
    return int(np.count_nonzero(table.texts[place].codes >= 0))


def _reason(table: Table, place: int) -> str | None:
    """Say why a column is of no use; None if it is not."""
    names = table.frames.names
    if names and not names[place]:
        count = _told(table, place)
        if 0 < count < MOST_NOTES * len(table):
            rows = "1 row" if count == 1 else f"{count} rows"
            return f"has no name, and something in {rows} of {len(table)}, as notes are"
    if place in table.numbers:
        return _NOTHING if np.isnan(table.numbers[place]).all() else None
    text = table.texts[place]
    present = text.present()
    if not present:
        return _NOTHING
    what = kind_of_dates(present)
    if what == "dates" or (what and len(present) > _HOURS):
        return f"has {what}, such as {shortened(present[0], 30)}"
    if len(present) > max(_FEW, _told(table, place) // 2):
        return "has another text in most rows, as names have"
    return None


def odd_columns(table: Table) -> list[str]:
    """Say which inputs look like ids, names or dates, never change, or have -999 where missing."""
    found = []
    constant = []
    for place in table.inputs:
        column = table.frames.column(place)
        if place in table.texts:
            codes = table.texts[place].codes
            if codes.min() == codes.max():
                constant.append(column)
            else:
                found += _told_of_kinds(table, place)
            continue
        if place in table.frames.rounded:
            found.append(
                f"{column} has whole numbers such as {shortened(table.frames.rounded[place], 30)}, "
                "of which 15 digits are kept: if they are ids, leave it out with "
                f"ignore_columns=[{shortened(table.name(place))!r}]"
            )
            continue
        values = table.numbers[place]
        missing = np.isnan(values)
        told = values[~missing] if missing.any() else values
        if not len(told) or (told.min() == told.max() and len(told) == len(values)):
            constant.append(column)
        elif date := packed_dates(table.frames.name(place), told):
            years = "20181231 and 20190101 are 8870" if date > 10**6 else "201812 and 201901 are 89"
            found.append(
                f"{column} has whole numbers that look like dates, such as {date}, and is taken "
                f"for numbers, in which {years} apart: ignore_columns="
                f"[{shortened(table.name(place))!r}] leaves it out"
            )
        elif len(values) > _FEW and is_id(values):
            found.append(
                f"{column} has another whole number in each row: if it is an id, leave it out with "
                f"ignore_columns=[{shortened(table.name(place))!r}]"
            )
        elif (count := _sentinels(told)) > 1:
            found.append(
                f"{column} is {told.min():g} in {count} rows and never below 0 in others: if that "
                "stands for missing numbers, leave those cells empty"
            )
    if constant:
        shown = ", ".join(constant[:4]) + (", ..." if len(constant) > 4 else "")
        many = f"{len(constant)} inputs never change"
        found.append(f"{many if len(constant) > 1 else '1 input never changes'}: {shown}")
    return found


def _told_of_kinds(table: Table, place: int) -> list[str]:
    """Say of a category if its values differ slightly, or are very many."""
    column, present, found = table.frames.column(place), table.texts[place].present(), []
    for what, pairs in differ_slightly(present).items():
        found.append(
            f"{column} has {told_of_pairs(pairs, describe)}, which differ in {what} "
            "only: each is taken for a kind of its own"
        )
    if len(present) >= _MANY and place not in table.roles.categories:
        found.append(
            f"{column} has {len(present)} different values, each of which becomes an input, such "
            f"as {describe(present[0])}: if they are names, leave it out with ignore_columns="
            f"[{shortened(table.name(place))!r}]"
        )
    return found


def is_id(values: npt.NDArray[Any]) -> bool:
    """Say whether numbers are whole, and other ones in each row."""
    if not (values == np.trunc(values)).all():  # also where one is missing
        return False
    return len(np.unique(values)) == len(values)


def _sentinels(told: npt.NDArray[Any]) -> int:
    """Count the rows of a number such as -999, where all other numbers are at least 0."""
    least = told.min()
    if least not in _SENTINELS:
        return 0
    others = told[told != least]
    return int(len(told) - len(others)) if len(others) and others.min() >= 0 else 0
