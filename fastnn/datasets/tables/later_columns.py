"""Find in a later table the columns that a network was trained on."""

from __future__ import annotations

from collections.abc import Mapping

from fastnn.common.checks import counted, shortened
from fastnn.datasets.tables.columns import Columns
from fastnn.datasets.tables.frames import Frames
from fastnn.datasets.tables.roles import Roles, find_column, note_labels_among_inputs


def roles_of(columns: Columns, frames: Frames, label: str | int | None) -> Roles:
    """Find the columns in another table, by name, or by place where the first had no names.

    Parameters
    ----------
    columns : Columns
        What was learnt of the first table.
    frames : Frames
        The other one.
    label : str, int or None
        The column of labels, if it is called otherwise than in the first table.

    Returns
    -------
    Roles

    Raises
    ------
    ValueError
        If one of them is missing; the message names it.
    """
    if columns.named and frames.names is not None:
        return _roles_by_name(columns, frames, label)
    places = {column.place: column.place for column in columns.inputs}
    given = None if label is None else find_column(frames, "label_column", label)
    if frames.width == columns.width:
        own = _label_place(columns) if given is None else given
    elif frames.width == columns.width - 1 and given is None and _unused(columns):
        places, own = _without_one(columns), None
    elif frames.width == len(columns.inputs) + (given is not None):
        rest = [at for at in range(frames.width) if at != given]
        places = dict(zip(sorted(places), rest, strict=True))
        own = given
    else:
        raise ValueError(
            f"the network was trained on a table of {columns.width} columns, "
            f"{len(columns.inputs)} of them inputs; got {counted(frames.width, 'column')}"
            + (" and no header to find them by" if columns.named else "")
        )
    why = "the network knows its columns by their places"
    note_labels_among_inputs(frames, sorted(places.values()), why)
    return _made(columns, places, own, frames)


def _label_place(columns: Columns) -> int | None:
    if columns.label_place is not None:
        return columns.label_place
    if not columns.named and columns.label:
        return int(columns.label)
    left = _unused(columns)
    return left[0] if len(left) == 1 else None


def _unused(columns: Columns) -> list[int]:
    """Return the places of the columns that are no inputs."""
    used = {column.place for column in columns.inputs}
    return [at for at in range(columns.width) if at not in used]


def _without_one(columns: Columns) -> dict[int, int]:
    """Return the places of the inputs in a table that lacks one of the other columns.

    Raises ValueError if they depend on which one that is.
    """
    unused = _unused(columns)
    places = [
        {column.place: column.place - (column.place > gone) for column in columns.inputs}
        for gone in unused
    ]
    if any(each != places[0] for each in places):
        shown = " or ".join(f"column {gone + 1}" for gone in unused[:5])
        raise ValueError(
            f"it has {columns.width - 1} columns without names, one fewer than in training: is "
            f"{shown} not there? Expected a header, all {columns.width} columns, or the "
            f"{len(columns.inputs)} inputs alone"
        )
    return places[0]


def _roles_by_name(columns: Columns, frames: Frames, label: str | int | None) -> Roles:
    assert frames.names is not None
    found = {frames.name(at): at for at in range(frames.width)}
    missing = [column.name for column in columns.inputs if column.name not in found]
    if missing:
        known = {*(column.name for column in columns.inputs), *columns.others()}
        there = [name for name in found if name not in known]
        guessed = frames.is_text and frames.options.header is None and len(there) == len(found)
        raise ValueError(
            f"it has no column {_listed(missing)}{_there(there)}, which the network was "
            f"trained with{'; header=False if line 1 is an example' if guessed else ''}"
        )
    own = found.get(columns.label)
    if label is not None:
        own = find_column(frames, "label_column", label)
        if frames.name(own) in {column.name for column in columns.inputs}:
            raise ValueError(
                f"label_column: {frames.column(own)} is an input of the network; its labels "
                f"were in {shortened(columns.label)}"
            )
    places = {column.place: found[column.name] for column in columns.inputs}
    return _made(columns, places, own, frames)


def _made(
    columns: Columns,
    places: Mapping[int, int],
    label: int | None,
    frames: Frames,
) -> Roles:
    used = {*places.values(), label}
    extra = [at for at in range(frames.width) if at not in used]
    known = {*columns.ignored, columns.weight}
    unknown = [at for at in extra if not frames.names or frames.name(at) not in known]
    if columns.named and unknown and frames.names:
        shown = ", ".join(shortened(frames.name(at)) for at in unknown[:5])
        many = f"{len(unknown)} columns that the network does not know are"
        one = "1 column that the network does not know is"
        frames.notes.append(
            f"{one if len(unknown) == 1 else many} left out: {shown}"
            f"{', ...' if len(unknown) > 5 else ''}"
        )
    return Roles(
        label,
        None,
        extra,
        [places[column.place] for column in columns.inputs if column.values is not None],
        [places[column.place] for column in columns.inputs if column.values is None],
        {places[column.place]: column.unit for column in columns.inputs if column.unit is not None},
        [places[column.place] for column in columns.inputs if column.flag],
    )


def _listed(names: list[str]) -> str:
    return ", ".join(shortened(name, 30) for name in names[:4]) + (", ..." if names[4:] else "")


def _there(names: list[str]) -> str:
    """Say which other columns a table has: one of them may be what was meant."""
    if not names:
        return ""
    return f" (there {'are' if len(names) > 1 else 'is'} {_listed(names)})"
