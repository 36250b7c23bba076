"""Whether the first row of a table names its columns, and what they are then called."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from fastnn.common.checks import shortened
from fastnn.datasets.files.cells import MISSING_NUMBERS, is_number, written_number
from fastnn.datasets.tables.expected import LABEL_NAMES, NAMELESS, Expected

_SELDOM = 5  # a row in so many, at most, is a header that comes again
_FEWEST_ROWS = 5  # below which numbers in the first row are data in any case
_YEARS = 1500, 2100
_SOME, _MANY = 100, 1000  # possible rows, of which one in order is seldom, or is a header
_COUNTS = "line 1 counts the columns, and is taken for a header; header=False if it is data"


def is_text(cell: str, decimal: str) -> bool:
    """Say whether a cell holds neither a number nor what stands for a missing one."""
    return cell.strip() not in MISSING_NUMBERS and not is_number(cell, decimal)


def all_text(cells: list[str], decimal: str) -> bool:
    """Say whether there are cells, and all hold text."""
    return bool(cells) and all(is_text(cell, decimal) for cell in cells)


def is_header(
    first: list[str],
    body: list[list[str]],
    decimal: str,
    expected: Expected,
    warnings: list[str],
) -> bool:
    """Say whether the first row names columns: text above numbers, or what nothing repeats."""
    names = [cell.strip() for cell in first]
    if expected.names:
        known = expected.shared(names)
        if any(not is_number(name) for name in known):
            return True
        wanted = [name for name in expected.names if not name.startswith(NAMELESS)]
        if known and wanted:
            return _numbers_name(names, wanted, body, expected, warnings)
    if expected.values.intersection(names):
        return False
    if not body:
        return all_text(first, decimal)
    again = [row for row in body if [cell.strip() for cell in row] == names]
    if _SELDOM * len(again) <= len(body):  # the header of another file, of several in one
        body = [row for row in body if row not in again] or body
    columns = [[row[at] for row in body if at < len(row)] for at in range(len(first))]
    texts = [at for at, name in enumerate(names) if name and is_text(name, decimal)]
    repeated = [at for at in texts if names[at] in map(str.strip, columns[at])]
    # A name such as inf, of inflation, reads as a number.
    figures = [name for name in names if not (len(texts) > 1 and name.isalpha())]
    has_numbers = any(name and is_number(name, decimal) for name in figures)
    ordered = _ordered_numbers(names, body, decimal)
    above = next((at for at in texts if are_numbers(columns[at], decimal)), None)
    if above is not None:
        if 2 * len(repeated) > len(texts):
            return False
        if has_numbers and (repeated or expected.nameless):
            return _are_data(ordered, warnings)
        if _counts_columns(names, columns):
            warnings.append(_COUNTS)
            return True
        if ordered and ordered.only:
            return _are_names(ordered, warnings)
        if has_numbers and not (
            _name_labels(names, texts, columns, decimal) or _are_apart(names, columns, decimal)
        ):
            return _are_data(ordered, warnings)
        if has_numbers or repeated or expected.nameless:
            why = (
                "though the network was trained on a table without one"
                if expected.nameless
                else "though it also has numbers, or a cell that its column repeats"
            )
            warnings.append(
                f"line 1 has text above numbers ({shortened(names[above], 30)} in column "
                f"{above + 1}), and is taken for a header, {why}; header=False if it is data"
            )
        return True
    if has_numbers:
        if expected.nameless:
            return _are_data(ordered, warnings)
        if len(body) >= _FEWEST_ROWS and not repeated:
            if _counts_columns(names, columns):
                warnings.append(_COUNTS)
                return True
            label = next((at for at in texts if names[at].lower() in LABEL_NAMES), None)
            if label is not None:
                warnings.append(
                    f"line 1 has {names[label]} in column {label + 1}, as labels are called, and "
                    "is taken for a header; header=False if it is data"
                )
                return True
            if ordered and ordered.only:
                return _are_names(ordered, warnings)
        if len(body) >= _FEWEST_ROWS and _stands_apart(names, columns, decimal):
            warnings.append(
                "line 1 has numbers far from those below it, and a text that no other row has: it "
                "is taken for a header; header=False if it is data"
            )
            return True
        return _are_data(ordered, warnings)
    if not all_text([name for name in names if name], decimal):
        return False
    if 2 * len(repeated) == len(texts):
        warnings.append(
            "line 1 is text, half of which its columns repeat, and is taken for data; header=True "
            "if it is a header"
        )
    if 2 * len(repeated) >= len(texts):
        return False
    warnings.append(
        "line 1 is text, as the lines after it are, and is taken for a header; header=False if "
        "it is data"
    )
    return True


def _numbers_name(
    names: list[str],
    wanted: list[str],
    body: list[list[str]],
    expected: Expected,
    warnings: list[str],
) -> bool:
    """Say whether the first row names columns whose names are numbers, as those of pandas may be.

    It does if it has all of them in their order; any other row may well be data.
    """
    if [name for name in names if name in expected.names] == wanted:
        if all(cell.strip().isdecimal() for row in body for cell in row):
            warnings.append(
                "line 1 has the numbers that are the names of the columns, and is taken for a "
                "header; header=False if it is data"
            )
        return True
    warnings.append(
        "line 1 has numbers that are names of columns, but not all of them in their order, and is "
        "taken for data; header=True if it is a header"
    )
    return False


class _Ordered(NamedTuple):
    """Numbers in order, as years are: the first two, and whether they can be no example."""

    shown: str
    only: bool


def _ordered_numbers(names: list[str], body: list[list[str]], decimal: str) -> _Ordered | None:
    """Return the whole numbers of a row that are in order, if few examples can be so.

    They are all of its numbers, and side by side. Numbers that are small, or hardly change from
    one column to the next, may be in order by chance, and so may two, unless they are far from
    those below.
    """
    places = [at for at, name in enumerate(names) if is_number(name)]
    found = [int(names[at]) for at in places if names[at].lstrip("-").isdecimal()]
    if len(found) < max(2, len(places)) or places[-1] - places[0] >= len(places):
        return None
    if not _are_in_order(np.array([found], np.float64))[0]:
        return None
    rows = [
        [written_number(row[at], decimal) if at < len(row) else None for at in places]
        for row in body
    ]
    values = np.array([[math.nan if each is None else each[0] for each in row] for row in rows])
    even = len(set(np.diff(found))) == 1
    others = int(np.count_nonzero(_are_in_order(values) if even else _go_one_way(values)))
    # How many rows there may be that begin with the same two numbers.
    possible = 1.0
    for bends, column in zip(np.diff(values, 2, axis=1).T, values.T[2:], strict=True):
        told = _told(bends) if len(_told(bends)) else _told(column)
        if len(told):
            possible *= np.ptp(told) + 1 if (told == np.trunc(told)).all() else _MANY
    columns = zip(found, map(_told, values.T), strict=True)
    far = all(not len(told) or np.abs(told - own).min() > np.ptp(told) for own, told in columns)
    if far and len(body) >= _FEWEST_ROWS:
        others, possible = 0, _MANY
    if possible < _SOME or (even and _SELDOM * others > len(body)):
        return None
    return _Ordered(f"{found[0]}, {found[1]}, ...", possible >= _MANY and not others)


def _told(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return values[~np.isnan(values)]


def _are_in_order(values: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Say of rows of numbers whether they rise or fall: three or more at one step, or years."""
    steps = np.diff(values, axis=1)
    even = np.isclose(steps, steps[:, :1], rtol=1e-9, atol=0).all(axis=1)
    years = ((values >= _YEARS[0]) & (values <= _YEARS[1])).all(axis=1)
    known = years | even if values.shape[1] > 2 else years
    return np.logical_and(_go_one_way(values), known)


def _go_one_way(values: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Say of rows of numbers whether they rise, or fall, all the way."""
    steps = np.diff(values, axis=1)
    one_way: npt.NDArray[np.bool_] = np.all(steps * np.sign(steps[:, :1]) > 0, axis=1)
    return one_way


def _are_names(ordered: _Ordered, warnings: list[str]) -> bool:
    """Say that numbers in order are names."""
    warnings.append(
        f"line 1 has numbers in order ({ordered.shown}), as no other row has, and is taken for a "
        "header; header=False if it is data"
    )
    return True


def _are_data(ordered: _Ordered | None, warnings: list[str]) -> bool:
    """Say that the numbers of a row are data, though those in order may be names."""
    if ordered:
        warnings.append(
            f"line 1 has numbers in order ({ordered.shown}), as years are, and is taken for data; "
            "header=True if it is a header"
        )
    return False


def _counts_columns(names: list[str], columns: list[list[str]]) -> bool:
    """Say whether the numbers among names count the columns, as pandas does."""
    counts = [(at, name) for at, name in enumerate(names) if is_number(name)]
    # The index of pandas has no name and no number, or once it was read again, one of its own.
    nameless = [not name or name.startswith(NAMELESS) for name in names]
    if nameless == [True, False] and names[1] == "0":  # a Series, whose index has no gap
        return all(cell.strip() for cell in columns[0])
    # A name of its own, as that of labels, may stand before columns that count from 0.
    others = nameless.index(False) if nameless[0] else 0 if is_number(names[0]) else 1
    starts = {-others, 0, 1}
    return len(counts) > 1 and any(
        all(name == str(at + start) for at, name in counts) for start in starts
    )


def are_numbers(column: list[str], decimal: str) -> bool:
    """Say whether most cells of a column are numbers."""
    told = [cell for cell in column if cell.strip() not in MISSING_NUMBERS]
    return sum(is_number(cell, decimal) for cell in told) > len(told) / 2


def is_like_others(first: list[str], body: list[list[str]], decimal: str) -> bool:
    """Say whether a row's numbers lie near those of its columns, and its texts come again."""
    for at, cell in enumerate(map(str.strip, first)):
        column = [row[at].strip() for row in body if at < len(row)]
        numbers = [each[0] for other in column if (each := written_number(other, decimal))]
        own = written_number(cell, decimal)
        if own is None and cell not in MISSING_NUMBERS and cell not in column:
            return False
        near = own is None or (numbers and abs(own[0] - np.median(numbers)) <= np.ptp(numbers))
        if not near:
            return False
    return True


def _name_labels(
    names: list[str], texts: list[int], columns: list[list[str]], decimal: str
) -> bool:
    """Say whether the texts of a row with numbers are names, of labels among others.

    A single text above the numbers of an input may as well be a slip.
    """
    above = [at for at in texts if are_numbers(columns[at], decimal)]
    if len(above) > 1 or any(names[at].lower() in LABEL_NAMES for at in texts):
        return True
    numbers = [each[0] for name in names if (each := written_number(name, decimal))]
    if len(numbers) == 1 and not numbers[0].is_integer():  # measured, and not what a column is
        return False
    return len(texts) > len(above) or above == [len(names) - 1]


def _are_apart(names: list[str], columns: list[list[str]], decimal: str) -> bool:
    """Say whether the numbers of a row are none of their columns', as years are; one is whole."""
    own = [written_number(name, decimal) for name in names]
    found = [(number[0], column) for number, column in zip(own, columns, strict=True) if number]
    for number, column in found:
        values = [each[0] for cell in column if (each := written_number(cell, decimal))]
        if values and min(values) <= number <= max(values):
            return False
    return len(found) > 1 or (len(found) == 1 and found[0][0].is_integer())


def _stands_apart(names: list[str], columns: list[list[str]], decimal: str) -> bool:
    """Say whether a row is none of the others: its numbers such as years, its texts only there."""
    numbers = texts = 0
    for name, column in zip(names, columns, strict=True):
        told = [cell.strip() for cell in column if cell.strip() not in MISSING_NUMBERS]
        values = [
            value for value, _ in filter(None, (written_number(cell, decimal) for cell in told))
        ]
        own = written_number(name, decimal)
        if own is None:
            texts += 1
            if name in told or 2 * len(set(told)) > len(told):
                return False
        elif len(values) < len(told) or not values or min(values) <= own[0] <= max(values):
            return False
        else:
            numbers += 1
    return numbers > 1 and texts > 0


def row_of_header(block: Any, header: list[str]) -> int | None:
    """Return the row of one of pandas' blocks that says what the header does; None if none does.

    Only where all columns are text can there be one.
    """
    named = [at for at, name in enumerate(header) if name]
    if any(block[at].dtype.kind in "iufb" for at in named):
        return None
    same = np.full(len(block), bool(named))
    for at, name in enumerate(header):
        again = block[at] == name if name else block[at].isna()
        same &= again.to_numpy(bool)
        if not same.any():
            return None
    return int(np.argmax(same)) if same.any() else None


def different_names(names: list[str], notes: list[str]) -> list[str]:
    """Give names that occur twice a number."""
    seen: Counter[str] = Counter()
    used: set[str] = set()
    given = set(names)
    different: list[str] = []
    for name in names:
        own = name
        while name and (own in used or (own != name and own in given)):
            seen[name] += 1
            own = f"{name}.{seen[name]}"
        if own != name:
            notes.append(f"two columns are called {shortened(name)}; one is now {shortened(own)}")
        different.append(own)
        used.add(own)
    return different
