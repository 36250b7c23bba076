"""Units of numbers: one in a column, and the same at predict as in training."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fastnn.common.checks import describe, shortened
from fastnn.datasets.files.cells import MISSING_NUMBERS, written_number
from fastnn.datasets.tables.frames import Frames

_SHARES = ("%", "‰")  # without it, a share is another number as a rule


def refuse_mixed_units(
    frames: Frames,
    place: int,
    cells: Sequence[object],
    rows: Sequence[int],
    advice: str = "",
    wanted: str | None = None,
) -> None:
    """Raise ValueError, with the line, if nothing but numbers in a column have several units.

    Parameters
    ----------
    frames : Frames
    place : int
    cells : sequence
        Some cells of the column.
    rows : sequence of int
        The row of each.
    advice : str, optional
        What else than mending it can be done, if anything.
    wanted : str, optional
        The unit of training: if some cells have it, the others are wrong, however many.
    """
    told = {str(cell).strip() for cell in cells} - MISSING_NUMBERS
    if any(written_number(cell, frames.decimal) is None for cell in told):
        return
    units = [_unit_of(cell, frames.decimal) for cell in cells]
    counts = Counter(unit for unit in units if unit is not None)
    if len(counts) < 2:
        return
    usual = counts.most_common(1)[0][0]
    if wanted is not None and wanted in counts:
        usual = wanted
    row = next(row for row, unit in zip(rows, units, strict=True) if unit not in (None, usual))
    mend = "; mend it" + (f", or {advice}" if advice else "")
    raise ValueError(another_unit(frames, row, place, usual) + mend)


def another_unit(frames: Frames, row: int, place: int, unit: str) -> str:
    """Say where a cell has another unit than those in other lines, `unit`."""
    where, cell = frames.cell(row, place)
    return (
        f"{where}, {frames.column(place)}: expected {_numbers_in(unit)}, as in other lines, got "
        f"{describe(cell)}"
    )


def check_units(frames: Frames, first: Any, wanted: Mapping[int, str]) -> None:
    """Compare the units of a table with those of training; warn where they may well be the same.

    Parameters
    ----------
    frames : Frames
        Its `written` has the units; a warning goes to its `warnings`.
    first : DataFrame
        Its first block.
    wanted : mapping of int to str
        The unit of each column of numbers in training, "" for none.

    Raises
    ------
    ValueError
        If a unit is another one, or one that training did not have, or if there are several.
    """
    for place, unit in wanted.items():
        told = first[place].dropna()
        if len(told):
            if place not in frames.written and told.dtype.kind not in "iufb":
                refuse_mixed_units(frames, place, told.tolist(), told.index.tolist(), wanted=unit)
            check_unit(frames, place, told.items(), frames.written.get(place, ""), unit)


def check_unit(
    frames: Frames, place: int, cells: Iterable[tuple[int, object]], own: str, unit: str
) -> None:
    """Compare the unit `own` of one column with that of training; see `check_units`.

    `cells` are some of the column with their rows, one at least.
    """
    if own == unit:
        return
    cells = list(cells)
    # A zero may stand before the cells that have the unit.
    rows = (row for row, cell in cells if _unit_of(cell, frames.decimal) == own)
    where, cell = frames.cell(int(next(rows, cells[0][0])), place)
    if own and (unit or own in _SHARES):
        raise ValueError(
            f"{where}, {frames.column(place)}: expected {_numbers_in(unit)}, as in training, "
            f"got {describe(cell)}"
        )
    line, example = "", ""
    if unit in _SHARES:
        line = f"{frames.column(place)} has no unit, where training had {unit}"
        example = f": {shortened(cell.strip(), 30)} is taken for as many {unit}"
    elif own:
        line = f"{frames.column(place)} is in {own}, where training had no unit"
    # A table may be read again, and comes in parts.
    if line and not any(told.startswith(line) for told in frames.warnings):
        frames.warnings.append(line + example)


def _unit_of(cell: object, decimal: str) -> str | None:
    """Return the unit of a cell; None for one that may lack it, as a zero and what is missing."""
    text = str(cell).strip()
    found = None if text in MISSING_NUMBERS else written_number(text, decimal)
    return None if found is None or not (found[0] or found[1]) else found[1]


def _numbers_in(unit: str) -> str:
    return f"a number in {unit}" if unit else "a number without a unit"
