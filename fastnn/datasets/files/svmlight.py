"""Sparse rows as svmlight writes them: a label, and places with their numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from fastnn.common.checks import describe
from fastnn.common.libraries import check_libraries
from fastnn.datasets.files.array_files import StoredExamples
from fastnn.datasets.files.cells import is_number
from fastnn.datasets.files.text_files import Source, TextFile

_LONGEST_PLACE = 20  # digits
_LARGEST_PLACE = 2**31 - 1  # of scikit-learn


def read_svmlight(
    source: Source, inputs: int | None = None, from_zero: bool | None = None
) -> StoredExamples:
    """Read rows of ``label place:number ...``, which stay sparse.

    Parameters
    ----------
    source : Source
    inputs : int, optional
        How many there are; by default as many as occur.
    from_zero : bool, optional
        Whether places count from 0; by default they do if a 0 occurs.

    Raises
    ------
    ImportError
        Without scikit-learn.
    ValueError
        If a row is not like that, or names a place beyond the inputs.
    """
    check_libraries("reading svmlight files", ["sklearn"], "sklearn")
    from sklearn.datasets import load_svmlight_file

    TextFile(source)  # is it text?
    ranked = _check_labels(source)
    try:
        with source.open() as stream:
            rows, labels = load_svmlight_file(stream, zero_based=True)
    except (OverflowError, ValueError) as problem:
        raise ValueError(_problem(source) or str(problem)) from None
    notes: tuple[str, ...] = ()
    if from_zero is None:
        from_zero = not rows.indices.all()
        if not from_zero:
            notes = ("no place is 0, so that 1 is taken for the first input",)
    elif not from_zero and not rows.indices.all():
        row = int(np.searchsorted(rows.indptr, np.argmin(rows.indices), side="right"))
        raise ValueError(f"example {row} has a number at place 0, expected places from 1")
    rows = _placed(rows, inputs, 0 if from_zero else 1)
    if not rows.shape[0] or not rows.shape[1]:
        raise ValueError("it holds no examples")
    finite = np.isfinite(rows.data)
    if not finite.all():
        place = int(np.searchsorted(rows.indptr, np.argmin(finite), side="right"))
        raise ValueError(f"line {place}: expected finite numbers")
    if np.isfinite(labels).all() and (labels == np.trunc(labels)).all():
        labels = labels.astype(np.int64)
    if ranked:
        notes = (*notes, "what qid: puts together is not used: each row is an example of its own")
    return StoredExamples(rows, labels, None, notes, from_zero)


def _placed(rows: Any, inputs: int | None, first: int) -> Any:
    """Return a matrix whose column 0 is the input of the place `first`."""
    found = rows.shape[1] - first
    if inputs is not None and found > inputs:
        row = int(np.searchsorted(rows.indptr, np.argmax(rows.indices), side="right"))
        raise ValueError(
            f"example {row} has a number at place {rows.shape[1] - 1}, expected {inputs} inputs, "
            f"from place {first} to {inputs - 1 + first}"
        )
    shape = rows.shape[0], found if inputs is None else inputs
    return type(rows)((rows.data, rows.indices - first, rows.indptr), shape=shape)


def _check_labels(source: Source) -> bool:
    """Say whether examples have a qid: beside their label.

    Raises ValueError, with the line, if one has several labels.
    """
    ranked = False
    with source.open() as stream:
        for number, line in enumerate(stream, 1):
            if b"," in (label := line[: line.find(b" ")]) and not label.startswith(b"#"):
                raise ValueError(
                    f"line {number}: expected one label, got {describe(label.decode('latin-1'))}"
                )
            ranked = ranked or b" qid:" in line.partition(b"#")[0]
    return ranked


def _problem(source: Source) -> str | None:
    """Say, with the line, what is wrong in rows that scikit-learn refuses."""
    with source.open() as stream:
        for number, line in enumerate(stream, 1):
            label, *pairs = line.partition(b"#")[0].decode("latin-1").split() or ["0"]
            if not is_number(label):
                return (
                    f"line {number}: expected a number for the label, got {describe(label)}; "
                    "number the classes"
                )
            last = -1
            for pair in pairs:
                place, _, value = pair.partition(":")
                if place == "qid":
                    continue
                if not (place.isdecimal() and len(place) < _LONGEST_PLACE and is_number(value)):
                    return f"line {number}: expected place:number, got {describe(pair)}"
                if int(place) <= last:
                    return f"line {number}: expected a place above {last}, got {describe(pair)}"
                last = int(place)
                if last > _LARGEST_PLACE:
                    return (
                        f"line {number}: expected a place of at most {_LARGEST_PLACE}, got "
                        f"{describe(pair)}"
                    )
    return None
