"""What is to be learnt from labels: classes, or numbers."""

from __future__ import annotations

import math
import re
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastnn.common.checks import describe, shortened
from fastnn.common.reading import MAX_UNPACKED_BYTES
from fastnn.datasets.files.cells import (
    MISSING_NUMBERS,
    is_number,
    is_rounded,
    written_number,
    written_unit,
)
from fastnn.datasets.labels import Labels
from fastnn.datasets.tables.column_kinds import read_otherwise
from fastnn.datasets.tables.expected import CLASS_NAMES, LABEL_NAMES
from fastnn.datasets.tables.spellings import differ_slightly, told_of_pairs
from fastnn.datasets.tables.table import Table, Texts
from fastnn.datasets.tables.units import check_unit, refuse_mixed_units
from fastnn.datasets.tables.useless_columns import is_id

TASKS = ("classification", "regression")
_PADDED = re.compile(r"[-+]?0\d")
_SELDOM = 0.1  # of the labels; words that are as rare among numbers are slips
_FEW = 20  # classes that are nothing special
_FEWEST_INPUTS = 3  # of a table of numbers

LARGEST_TARGET = 1e150
"""Numbers to estimate are smaller, so that squares of differences can be added up."""


class Targets(NamedTuple):
    """The labels of a table.

    Attributes
    ----------
    task : str
        "classification" or "regression".
    values : ndarray, shape (n,)
        Labels, int64 or text; for regression the numbers, float64.
    warnings : list of str
        What looks wrong.
    notes : list of str
        What was guessed.
    unit : str
        Of numbers, "" for none.
    """

    task: str
    values: NDArray[Any]
    warnings: list[str]
    notes: list[str]
    unit: str = ""


def label_array(
    texts: Texts, decimal: str = ".", measured: bool = False
) -> Labels | NDArray[np.float64]:
    """Return labels as whole numbers (int64) if all are, as float64 if all are numbers, or as text.

    Text that only looks like numbers, as 007 does, stays text. So do numbers as people write them,
    such as $1,200, unless they are `measured`.
    """
    parsed = [_as_number(value, decimal) for value in texts.values]
    if measured and written_unit(texts.present(), decimal) is not None:
        parsed = [(written_number(value, decimal) or (None,))[0] for value in texts.values]
    used = np.unique(texts.codes).tolist()
    if all(parsed[code] is not None for code in used):
        numbers = np.array([0.0 if each is None else each for each in parsed])
        whole = numbers[used] == np.trunc(numbers[used])
        if whole.all() and np.abs(numbers[used]).max(initial=0.0) < 2.0**53:
            return numbers.astype(np.int64)[texts.codes]
        if measured or not whole.all():
            return numbers[texts.codes]
    return text_array(texts)


def text_array(texts: Texts) -> NDArray[np.str_]:
    """Return labels as text.

    Raises ValueError if NumPy would need much memory, as it makes all as long as the longest.
    """
    longest = max(map(len, texts.values), default=1)
    if 4 * longest * len(texts.codes) > MAX_UNPACKED_BYTES:
        raise ValueError(
            f"{len(texts.codes)} labels of up to {longest} characters take more than "
            f"{MAX_UNPACKED_BYTES} bytes"
        )
    array: NDArray[np.str_] = np.array(texts.values, np.str_)[texts.codes]
    return array


def _as_number(text: str, decimal: str) -> float | None:
    if not is_number(text, decimal) or _PADDED.match(text):
        return None
    try:
        number = float(text.replace(decimal, "."))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def told_numbers(texts: Texts) -> Texts:
    """Return measured labels, with all words for a missing number as missing."""
    places = [-1 if text in MISSING_NUMBERS else at for at, text in enumerate(texts.values)]
    return texts._replace(codes=np.array([*places, -1], np.int32)[texts.codes])


def without_missing_targets(table: Table, task: str | None = None) -> Table:
    """Return a table in which a word for a missing number is no label, where labels are measured.

    They are if `task` says so, or if all other labels are numbers, with fractions or very many. A
    dash beside a few whole numbers may be a class.
    """
    place = table.roles.label
    if place is None or task == "classification":
        return table
    texts = table.texts[place]
    told = told_numbers(texts)
    if (told.codes == texts.codes).all() or not (told.codes >= 0).any():
        return table
    values = label_array(told._replace(codes=told.codes[told.codes >= 0]), table.frames.decimal)
    many = len(told.present()) > _many(len(values))
    if task == "regression" or values.dtype.kind == "f" or (values.dtype.kind == "i" and many):
        return table.with_texts(place, told)
    return table


def _many(rows: int) -> int:
    """Return how many classes are no more than usual."""
    return max(_FEW, rows // 10)


def find_targets(
    table: Table, task: str | None = None, named: bool = False, for_classes: bool = False
) -> Targets:
    """Find out what a table's labels are: fractions, or very many numbers, are to be estimated.

    Whole numbers in a column that is called class or label number classes, however many they are,
    unless the user names it.

    Parameters
    ----------
    table : Table
    task : str, optional
    named : bool, optional
        Whether the user says which column they are.
    for_classes : bool, optional
        Whether all whole numbers are classes, as what is to be trained needs classes.

    Raises
    ------
    ValueError
        If `task` does not go with the labels, or there is nothing to learn.
    """
    texts = table.labels()
    place = table.roles.label
    assert place is not None
    column, name = table.frames.column(place), table.name(place).lower()
    classes = values = label_array(texts, table.frames.decimal)
    # 1 and 1.0 are the same number.
    different = len(texts.present() if values.dtype.kind == "U" else np.unique(values))
    many, unit = different > _many(len(values)), ""
    notes: list[str] = []
    called_so = not named and name in CLASS_NAMES
    are_classes = classes.dtype.kind == "i" and (for_classes or called_so)
    if values.dtype.kind == "U" and (task == "regression" or (task is None and many)):
        advice = "" if task else 'task="classification" makes each label a class'
        values, unit = _measured(table, texts, advice)
        if values.dtype.kind != "U":
            notes += filter(None, [read_otherwise(table.frames, place, texts.values)])
    warnings = _slips(table, task)
    hint = None if named or name in LABEL_NAMES else _another_label(table)
    if different < 2:
        raise ValueError(
            f"all labels are {texts.present()[0]!r} in {column}: one "
            f"{'number' if task == 'regression' else 'class'} is nothing to learn"
            + (f"; {hint}" if hint else "; is the label another column? label_column= names it")
        )
    if task == "regression" and values.dtype.kind not in "if":
        words = _words(texts, table.frames.decimal) or texts.present()
        where, cell = _first_cell(table, words)
        raise ValueError(
            f'{where}, {column}: task="regression" needs numbers for labels, got {describe(cell)}'
        )
    if task is None:
        task = "classification"
        if values.dtype.kind == "f" and (values % 1).any():
            task = "regression"
            notes.append(
                f'the labels of {column} have fractions: task="regression" is taken'
                + (f"; {hint}" if hint else "")
            )
        elif values.dtype.kind == "f" or (values.dtype.kind == "i" and many and not are_classes):
            task = "regression"
            notes.append(
                f"the labels of {column} are {different} different whole numbers: "
                'task="regression" is taken; task="classification" makes each a class'
            )
            if hint:
                warnings.append(f"{column} was not named as the label, and {hint}")
    if task == "regression":
        _refuse_large(table, texts, values)
        rounded = next(filter(is_rounded, texts.present()), None)
        if rounded is not None:
            warnings.append(
                f"{column} has whole numbers such as {shortened(rounded, 30)}, of which 15 digits "
                "are kept"
            )
        return Targets(task, values.astype(np.float64), warnings, notes, unit)
    values = text_array(texts) if classes.dtype.kind == "f" else classes
    warnings += _alike(texts)
    if different == len(values):
        warnings.append(f"each of the {different} rows is a class of its own in {column}")
    if many:
        warnings.append(
            f"{different} classes: is the label another column? {hint or 'label_column= names it'}"
            '; task="regression" if they are measured'
        )
    return Targets(task, values, warnings, notes)


def _measured(table: Table, texts: Texts, advice: str = "") -> tuple[NDArray[Any], str]:
    """Return labels as numbers, and their unit; or as text if they are no numbers.

    Raises ValueError, with the line and `advice`, if they have several units.
    """
    decimal = table.frames.decimal
    told = texts._replace(codes=texts.codes[texts.codes >= 0])
    values = label_array(told, decimal)
    if values.dtype.kind != "U":
        return values, ""
    unit = written_unit(told.present(), decimal)
    if unit is None:
        assert table.roles.label is not None
        cells = ["" if code < 0 else texts.values[code] for code in texts.codes.tolist()]
        refuse_mixed_units(table.frames, table.roles.label, cells, table.rows.tolist(), advice)
        return values, ""
    return label_array(told, decimal, measured=True), unit


def measured_labels(table: Table, texts: Texts, unit: str | None) -> NDArray[Any]:
    """Return the numbers of a later table's labels, those that are missing left out.

    Parameters
    ----------
    table : Table
    texts : Texts
        Its labels, as `told_numbers` returns them.
    unit : str or None
        That of training, if it is known.

    Raises
    ------
    ValueError
        If one is no number, or has another unit; the message has its line.
    """
    values, own = _measured(table, texts)
    frames, place = table.frames, table.roles.label
    assert place is not None
    if values.dtype.kind == "U":
        where, cell = _first_cell(table, _words(texts, frames.decimal))
        raise ValueError(
            f"{where}, {frames.column(place)}: expected a finite number to compare with, got "
            f"{describe(cell)}"
        )
    if unit is not None and unit != own and len(values):
        codes, rows = texts.codes.tolist(), table.rows.tolist()
        cells = [(row, texts.values[at]) for row, at in zip(rows, codes, strict=True) if at >= 0]
        check_unit(frames, place, cells, own, unit)
    _refuse_large(table, texts, values)
    return values


def _refuse_large(table: Table, texts: Texts, values: NDArray[Any]) -> None:
    """Raise ValueError, with the line, if a number to estimate is too large to be squared."""
    large = np.abs(values.astype(np.float64)) >= LARGEST_TARGET
    if large.any():
        assert table.roles.label is not None
        code = int(texts.codes[texts.codes >= 0][np.argmax(large)])
        where, cell = _first_cell(table, [texts.values[code]])
        raise ValueError(
            f"{where}, {table.frames.column(table.roles.label)}: expected a number below "
            f"{LARGEST_TARGET:g}, got {describe(cell)}"
        )


def _words(texts: Texts, decimal: str) -> list[str]:
    """Return the labels that are no finite numbers."""
    return [text for text in texts.present() if written_number(text, decimal) is None]


def _first_cell(table: Table, words: list[str]) -> tuple[str, str]:
    """Return where the first of these labels is, and what the file has there."""
    assert table.roles.label is not None
    texts = table.labels()
    codes = [texts.values.index(word) for word in words]
    row = int(table.rows[np.flatnonzero(np.isin(texts.codes, codes))[0]])
    return table.frames.cell(row, table.roles.label)


def _slips(table: Table, task: str | None) -> list[str]:
    """Warn of a word or two among labels that are numbers; there are none if the task is known.

    Raises ValueError, with the line, if the others have fractions or are very many: then they are
    measured, and the words are slips.
    """
    texts, decimal = table.labels(), table.frames.decimal
    words = _words(texts, decimal) if task is None else []
    are_words = np.isin(texts.codes, [texts.values.index(word) for word in words])
    if not words or are_words.mean() > _SELDOM:
        return []
    values = label_array(texts._replace(codes=texts.codes[~are_words]), decimal, measured=True)
    where, cell = _first_cell(table, words)
    assert table.roles.label is not None
    column = table.frames.column(table.roles.label)
    different = len(np.unique(values))
    # A few fractions are steps of a scale, as 0.5, 1.0 and 1.5.
    scale = _many(len(values)) if values.dtype.kind == "i" else min(_FEW, len(values) // 5)
    if different > scale:
        raise ValueError(
            f"{where}, {column}: expected a finite number, as in other lines, got "
            f'{describe(cell)}; mend it, or task="classification" makes each label a class'
        )
    return [
        f"{column} has {describe(cell)} in {where}, among numbers: it is taken for a class of its "
        "own; mend it if it is none"
    ]


def _alike(texts: Texts) -> list[str]:
    """Warn of labels that only differ in capitals or blanks, as those of a slip do."""
    return [
        f"the classes {told_of_pairs(pairs, shortened)} differ in {what} only"
        for what, pairs in differ_slightly(texts.present()).items()
    ]


def _only_text(table: Table) -> int | None:
    """Return the only column of text beside numbers, if no others than ids come before it."""
    texts = [place for place in table.inputs if place in table.texts]
    if len(texts) != 1 or len(table.inputs) < _FEWEST_INPUTS:
        return None
    ids = (is_id(table.numbers[place]) for place in table.inputs if place < texts[0])
    return texts[0] if all(ids) else None


def _another_label(table: Table) -> str | None:
    """Return a hint if another column looks more like labels than the one that is.

    The only one of text may, which `_only_text` finds, the first and the last.
    """
    only = _only_text(table)
    for place in (0 if only is None else only, table.frames.width - 1):
        if place in table.inputs:
            if place in table.texts:
                different = len(table.texts[place].present())
            else:
                found = np.unique(table.numbers[place][~np.isnan(table.numbers[place])])
                different = len(found) if (found == np.trunc(found)).all() else 0
            if 2 <= different <= min(_FEW, len(table) // 2):
                name = shortened(table.name(place))
                return f"label_column={name!r} has {different} different values"
    return None
