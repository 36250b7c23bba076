"""Which columns of a table hold numbers, and which text."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from fastnn.common.checks import describe, shortened
from fastnn.datasets.files.cells import (
    MISSING_NUMBERS,
    is_number,
    is_plain,
    is_rounded,
    written_number,
    written_unit,
)
from fastnn.datasets.tables.frames import Frames, tell_once
from fastnn.datasets.tables.nearly_numbers import warn_of_near_numbers
from fastnn.datasets.tables.units import another_unit, check_units

_EXACT = 2.0**53  # below which all whole numbers are float64's
_LOOKED_AT = 20  # cells above it
_MEND = "; mend it, or name the column in categories= or ignore_columns="
_MOSTLY = 0.9  # a column with more numbers than this share, but not only, has a mistake


def text_columns(
    frames: Frames,
    text: Collection[int],
    numbers: Collection[int],
    units: Mapping[int, str] = MappingProxyType({}),
) -> set[int]:
    """Find the columns that hold text, from the first block.

    Those whose numbers are written for people are no text; `frames.written` gets their units.

    Parameters
    ----------
    frames : Frames
    text, numbers : collection of int
        Columns that are to be text or numbers in any case.
    units : mapping of int to str, optional
        In which units numbers are to be.

    Raises
    ------
    ValueError
        If there are no rows, a column has a little text among its numbers, several or other units,
        or something else than numbers and text.
    """
    first = frames.first()
    if first is None or not len(first):
        raise ValueError("it holds no examples")
    found = set(text)
    for place in range(frames.width):
        if place in text:
            continue
        column = first[place]
        if column.dtype.kind in "iuf" and not hasattr(column.dtype, "categories"):
            if place not in numbers and frames.looks_like_code(place, column):
                found.add(place)
                values = column.to_numpy(np.float64)
                # The least has zeros in front.
                least = int(np.nanargmin(np.where(values >= 0, values, np.nan)))
                code = shortened(frames.cell(least, place)[1].strip(), 30)
                tell_once(
                    frames.notes, f"{frames.column(place)} has codes such as {code}: kept as text"
                )
            continue
        if not frames.is_text:
            _check_cells(frames, place, column)
            if hasattr(column.dtype, "categories") and place not in numbers:
                found.add(place)
                continue
        if column.dtype.kind == "O" or str(column.dtype).startswith(("str", "string")):
            if _are_written(frames, place, column):
                continue
            if place not in numbers:
                check_mostly_numbers(frames, place, column)
                warn_of_near_numbers(frames, place, column)
        if place not in numbers:
            found.add(place)
    check_units(frames, first, units)
    _note_written(frames, first, set(frames.written) - {*text, *numbers})
    return found


def _check_cells(frames: Frames, place: int, column: Any) -> None:
    """Raise ValueError if a cell is neither a number nor text, as those of Parquet may be."""
    kind = {"c": "complex numbers", "m": "durations"}.get(column.dtype.kind)
    if str(column.dtype).startswith("period"):
        kind = "periods"
    if kind is None and column.dtype.kind == "O":
        kind = next(filter(None, map(_other_kind, column)), None)
    if kind is not None:
        name = repr(shortened(frames.name(place)))
        raise ValueError(
            f"{frames.column(place)} has {kind} in a cell, expected numbers or text; "
            f"ignore_columns=[{name}] leaves it out, categories=[{name}] takes each for a kind"
        )


def check_labels(frames: Frames, place: int) -> None:
    """Raise ValueError if labels that come in Python's types are bytes, whose text is not known."""
    column = frames.first()[place]
    if column.dtype.kind == "O" and any(isinstance(cell, bytes) for cell in column):
        raise ValueError(
            f"{frames.column(place)} has bytes in a cell, expected labels of text or whole "
            "numbers; in pandas, .str.decode('utf-8') makes text of them"
        )


def _other_kind(cell: object) -> str | None:
    """Name what a cell holds that is neither a number nor text."""
    if isinstance(cell, (list, tuple, dict, set, np.ndarray)):
        return "several values"
    if isinstance(cell, bytes):
        return "bytes"
    if isinstance(cell, (complex, np.complexfloating)):
        return "complex numbers"
    if type(cell).__name__ == "Period":  # pandas', which need not be installed
        return "periods"
    return "durations" if isinstance(cell, (datetime.timedelta, np.timedelta64)) else None


def _are_written(frames: Frames, place: int, column: Any) -> bool:
    """Say whether all cells are numbers as people write them; if so, keep their unit."""
    if place in frames.written:  # the table is read once more
        return True
    cells = column[~column.isna()].unique()
    told = [str(cell) for cell in cells if str(cell).strip() not in MISSING_NUMBERS]
    # Digits that a sheet or a frame has as text are no numbers.
    texts = {cell for cell in cells if isinstance(cell, str)}.intersection(told)
    of_digits = not frames.is_text and all(cell.strip().isdecimal() for cell in told)
    if not told or (of_digits and texts):
        return False
    unit = written_unit(told, frames.decimal)
    if unit is None:
        return False
    frames.written[place] = unit
    return True


def _note_written(frames: Frames, first: Any, places: Collection[int]) -> None:
    """Say how numbers that are written for people were understood, by an example."""
    examples = (
        read_otherwise(frames, place, map(str, first[place].dropna())) for place in sorted(places)
    )
    found = [example for example in examples if example is not None]
    if found:
        more = f", and so on in {len(found) - 1} more" if len(found) > 1 else ""
        frames.notes.append(found[0] + more)


def read_otherwise(frames: Frames, place: int, cells: Iterable[str]) -> str | None:
    """Say how the first of a column's numbers that is written for people is read, if there is one.

    What is no number at all, as a word for a missing one, is passed over.
    """
    parsed = ((cell, written_number(cell, frames.decimal)) for cell in cells if not is_plain(cell))
    cell, number = next(((cell, found) for cell, found in parsed if found), ("", None))
    if number is None:
        return None
    return f"{frames.column(place)}: {shortened(cell, 30)} is read as {number[0]:.12g}"


def number_array(
    frames: Frames, place: int, column: Any, done: int, known: bool = False, flags: bool = False
) -> npt.NDArray[np.float64]:
    """Return a block's numbers, nan where they are missing; `done` rows came before.

    `known` says that the column is one of numbers in any case, so that no option takes its text,
    and `flags` that True and False are 1 and 0, if it holds nothing else. Raises ValueError, with
    line and column, where there is anything but a finite number.
    """
    if column.dtype.kind in ("iufb" if flags else "iuf"):
        values: npt.NDArray[np.float64] = column.to_numpy(dtype=np.float64, na_value=np.nan)
        infinite = np.isinf(values)
        if infinite.any():
            raise ValueError(bad_number(frames, done + int(np.argmax(infinite)), place, known))
        if not done:
            large = np.flatnonzero(np.abs(values) > _EXACT)[:_LOOKED_AT].tolist()
            _keep_rounded(frames, place, (frames.cell(row, place)[1] for row in large))
        return values
    codes, cells = column.factorize()
    if not done:
        _keep_rounded(frames, place, map(str, cells))
    truths = _truths([str(cell).strip() for cell in cells]) if flags else None
    if place not in frames.written and truths is None:
        check_mostly_numbers(frames, place, column, done, known)
    unit = frames.written.get(place, "")
    if place not in frames.written and not done and len(cells):
        _, unit = written_number(str(cells[0]), frames.decimal) or (0.0, "")
    read = truths or (_number(cell, frames.decimal, unit) for cell in cells)
    found = np.array([*read, np.nan])
    wrong = np.flatnonzero(np.isinf(found))
    if len(wrong):
        row = done + int(np.argmax(codes == wrong[0]))
        if written_number(str(cells[wrong[0]]), frames.decimal) is None:
            raise ValueError(bad_number(frames, row, place, known))
        raise ValueError(another_unit(frames, row, place, unit) + ("" if known else _MEND))
    numbers: npt.NDArray[np.float64] = found[codes]
    return numbers


def _keep_rounded(frames: Frames, place: int, cells: Iterable[str]) -> None:
    """Keep the first of a column's cells that float64 rounds, if there is one."""
    found = next(filter(is_rounded, cells), None)
    if found is not None:
        frames.rounded[place] = found.strip()


def _truths(cells: list[str]) -> list[float] | None:
    """Return 1 for True, 0 for False and nan for what is missing; None if there is more or less."""
    known = {"true": 1.0, "false": 0.0}
    told = [cell for cell in cells if cell not in MISSING_NUMBERS]
    if not told or any(cell.lower() not in known for cell in told):
        return None
    return [known.get(cell.lower(), np.nan) for cell in cells]


def _number(cell: object, decimal: str, wanted: str) -> float:
    """Return what a cell says; nan if it is missing, infinity if it is no number."""
    if isinstance(cell, (bool, np.bool_)):
        return np.inf
    if str(cell).strip() in MISSING_NUMBERS:
        return np.nan
    number, unit = written_number(str(cell), decimal) or (np.inf, "")
    return number if unit == wanted or not number else np.inf


def check_mostly_numbers(
    frames: Frames, place: int, column: Any, done: int = 0, known: bool = False
) -> None:
    """Raise ValueError at the first text of a column that has hardly any; `done` rows came before.

    Raises
    ------
    ValueError
        With line and column.
    """
    counts = column[~column.isna()].astype(str).value_counts()
    told = {cell: count for cell, count in counts.items() if cell.strip() not in MISSING_NUMBERS}
    bad = {cell for cell in told if written_number(cell, frames.decimal) is None}
    total = sum(told.values()) + done
    numeric = total - sum(told[cell] for cell in bad)
    if bad and total * _MOSTLY < numeric:
        row = next(row for row, cell in enumerate(column.tolist()) if str(cell) in bad)
        raise ValueError(bad_number(frames, done + row, place, known))


def bad_number(frames: Frames, row: int, place: int, known: bool = False) -> str:
    """Say where a table has anything but a finite number."""
    where, cell = frames.cell(row, place)
    advice = "" if known else _MEND
    if not row and frames.names and not is_number(cell):
        advice += "; take this row out if it has units or goes on with the header"
    if not row and frames.is_text and not frames.names:
        advice += "; header=True if it is a name"
    return (
        f"{where}, {frames.column(place)}: expected a finite number, got {describe(cell)}{advice}"
    )
