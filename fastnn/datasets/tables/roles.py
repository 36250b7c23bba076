"""What the columns of a table are for: as a user says, or as it looks where nobody does."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import combinations
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from fastnn.common.checks import counted, describe, shortened
from fastnn.datasets.tables.expected import LABEL_NAMES
from fastnn.datasets.tables.frames import Frames

_FEWEST_PIXELS = 16
_MOST_CLASSES = 100
MOST_NOTES = 0.1  # of the rows, where a column without a name has a note

Place = int
Name = str | int


class Roles(NamedTuple):
    """What the columns of a table are for; places from 0.

    Attributes
    ----------
    label, weight : int or None
        The column of labels, and that of the examples' weights.
    ignored, categories, numbers : collection of int
        Columns to leave out, to take as text, and that have to be numbers.
    units : mapping of int to str
        The units of numbers, where they are known.
    flags : collection of int
        Columns of numbers in which True and False are 1 and 0.
    """

    label: Place | None = None
    weight: Place | None = None
    ignored: Collection[Place] = ()
    categories: Collection[Place] = ()
    numbers: Collection[Place] = ()
    units: Mapping[Place, str] = MappingProxyType({})
    flags: Collection[Place] = ()


def find_column(frames: Frames, option: str, column: Name) -> Place:
    """Return the place of a column that a user names, or counts from 0 or, negative, from the end.

    `option` is for errors.
    """
    names = [frames.name(place) for place in range(frames.width)] if frames.names else []
    if column in names:
        return names.index(str(column))
    try:
        place = int(column)
    except ValueError:
        shown = ", ".join(map(shortened, names[:8])) if names else "no names: it has no header"
        more = ", ..." if len(names) > 8 else ""
        raise ValueError(
            f"{option}: no column is called {describe(column)}; the first line has {shown}{more}"
        ) from None
    if not -frames.width <= place < frames.width:
        raise ValueError(
            f"{option}: there is no column {place}: the first line has "
            f"{counted(frames.width, 'column')}"
        )
    return place % frames.width


def all_roles(
    frames: Frames,
    label: Name | None,
    weight: Name | None = None,
    ignored: Sequence[Name] = (),
    categories: Sequence[Name] = (),
) -> Roles:
    """Turn the columns that a user names into places.

    Raises ValueError if one is not there, or has two roles.
    """
    roles = Roles(
        None if label is None else find_column(frames, "label_column", label),
        None if weight is None else find_column(frames, "weight_column", weight),
        [find_column(frames, "ignore_columns", column) for column in ignored],
        [find_column(frames, "categories", column) for column in categories],
    )
    given = {"label": [roles.label], "weight": [roles.weight], "ignored": roles.ignored}
    for (one, places), (other, others) in combinations(given.items(), 2):
        for place in places:
            if place is not None and place in others:
                raise ValueError(f"{frames.column(place)} cannot be {one} and {other} at once")
    return roles


def label_place(frames: Frames, label_column: str | int | None, inputs: int | None) -> int | None:
    """Return the column of labels: the one that is named, or else the one that looks like it.

    That is the only one called label, class, target or y; the first one before nothing but pixels;
    else the last one, but for those without a name that are empty or have notes in a few rows.
    There is none in a table of just `inputs` columns, with a note if one is called so.

    Raises ValueError if the column that is named is not there.
    """
    if label_column is not None:
        return find_column(frames, "label_column", label_column)
    if frames.width == inputs:
        note_labels_among_inputs(
            frames, range(inputs), "the table has as many columns as the network has inputs"
        )
        return None
    names = [name.lower() for name in frames.names or []]
    called = [at for at, name in enumerate(names) if name in LABEL_NAMES]
    last = frames.width - 1 if inputs else _last_used(frames)
    if len(called) == 1 and called[0] != last:
        told = f"the labels are {frames.column(called[0])}, for its name"
        if names[max(called[0] - 1, 0) : called[0] + 1] == ["x", "y"]:
            frames.warnings.append(
                f"{told}, though x beside it may be another coordinate; label_column= decides"
            )
        else:
            frames.notes.append(told)
        return called[0]
    if len(called) > 1:
        several = " and ".join(frames.column(at) for at in called[:3])
        frames.notes.append(
            f"{several} are called as labels are: they are those of {frames.column(last)}, the "
            "last; label_column= decides"
        )
    if not called and _first_before_pixels(frames):
        frames.notes.append(
            f"the labels are {frames.column(0)}: the others look like pixels; label_column= decides"
        )
        return 0
    if last < frames.width - 1:
        frames.notes.append(
            f"the labels are {frames.column(last)}: those behind it have no name and next to "
            "nothing in their cells; label_column= decides"
        )
    return last


def note_labels_among_inputs(frames: Frames, inputs: Collection[int], why: str) -> None:
    """Note each input that is called as labels are, and why it is one."""
    for place in inputs:
        if frames.names and frames.names[place].lower() in LABEL_NAMES:
            frames.notes.append(
                f"{frames.column(place)} is called as labels are, but taken for an input, as "
                f"{why}: take it out of the table if it holds labels"
            )


def _last_used(frames: Frames) -> int:
    """Return the last column that has a name, or is not as good as empty.

    Few cells without a name are notes, unless one comes again, as labels do.
    """
    names = frames.names
    if not names or names[-1]:
        return frames.width - 1
    first = frames.first()
    for place in reversed(range(frames.width)) if first is not None else ():
        told = first[place].dropna()
        few = len(told) < MOST_NOTES * len(first)
        if names[place] or not few or told.nunique() < len(told):
            return place
    return frames.width - 1


def _first_before_pixels(frames: Frames) -> bool:
    """Say whether the first column numbers classes, and the others are bytes, as MNIST's tables."""
    first = frames.first()
    if first is None or frames.width <= _FEWEST_PIXELS:
        return False
    values = _whole_numbers(first)
    if values is None or values[:, 1:].max() <= _MOST_CLASSES or values[:, 1:].max() > 255:
        return False
    return _numbers_classes(values[:, 0]) and not _numbers_classes(values[:, -1])


def _whole_numbers(block: Any) -> npt.NDArray[np.int64] | None:
    if any(dtype.kind not in "iu" for dtype in block.dtypes):
        return None
    values: npt.NDArray[np.int64] = block.to_numpy(np.int64)
    return values if values.min() >= 0 else None


def _numbers_classes(column: npt.NDArray[np.int64]) -> bool:
    found = np.unique(column)
    return 2 <= len(found) <= _MOST_CLASSES and found[-1] - found[0] == len(found) - 1


def index_places(frames: Frames, kept: tuple[int | None, ...]) -> list[int]:
    """Return the first columns if they have no names and only name the rows; note that in `frames`.

    Their cells are then whole numbers or texts, in any order, and different in each row. Whole
    numbers may also count from the same one again, as where tables were put together.
    """
    names = frames.names or []
    count = 0
    while (
        count < len(names) - 2 and count not in kept and names[count] in ("", f"Unnamed: {count}")
    ):
        count += 1
    first = frames.first() if count else None
    if first is None or any(first[at].dtype.kind == "f" for at in range(count)):
        return []
    for places in (list(range(count)), [0]):
        if not first[places].duplicated().any() or (count == 1 and _counts_again(first[0])):
            for at in places:
                name = shortened(names[at]) or "without a name"
                frames.notes.append(f"column {at + 1} ({name}) is an index, left out")
            return places
    frames.warnings.append(
        f"column 1 ({shortened(names[0]) or 'without a name'}) is taken for an input; if it is an "
        f"index, leave it out with ignore_columns=[{shortened(frames.name(0))!r}]"
    )
    return []


def _counts_again(column: Any) -> bool:
    """Say whether whole numbers count up by one, and now and then from the first one again."""
    if column.dtype.kind not in "iu":
        return False
    values = column.to_numpy(np.int64)
    return bool(((np.diff(values) == 1) | (values[1:] == values[0])).all())
