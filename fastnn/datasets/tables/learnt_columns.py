"""Learn on training rows how the columns of a table become inputs."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from fastnn.common.checks import shortened
from fastnn.datasets.tables.columns import Column, Columns
from fastnn.datasets.tables.table import Table

_MOST_VALUES = 10_000  # of a category
_LONGEST = 200  # characters of a category; NumPy gives all texts of an array the longest length


def learn_columns(
    table: Table,
    targets: npt.NDArray[Any] | None = None,
    task: str = "classification",
    drop_missing: bool = False,
) -> Columns:
    """Learn from training rows how a table's columns become inputs.

    Parameters
    ----------
    table : Table
        Training rows only.
    targets : ndarray of float64, optional
        Those of a regression, whose mean and deviation are learnt.
    task : str, optional
    drop_missing : bool, optional
        Whether rows without a label were left out.

    Raises
    ------
    ValueError
        If a category has too many values, or nothing is left to learn from.
    """
    frames, learnt = table.frames, []
    for place in table.inputs:
        name = table.name(place)
        if place in table.numbers:
            values = table.numbers[place]
            missing = np.isnan(values)
            told = values[~missing] if missing.any() else values
            fill = float(told.mean(dtype=np.float64)) if len(told) else 0.0
            unit = frames.written.get(place, "")
            flag = bool(len(told)) and bool(((told == 0) | (told == 1)).all())
            learnt.append(Column(name, place, None, fill, bool(missing.any()), unit, flag))
            continue
        texts = table.texts[place]
        present = texts.present()
        if len(present) > _MOST_VALUES or any(len(text) > _LONGEST for text in present):
            raise ValueError(
                f"{frames.column(place)} has {len(present)} categories of up to "
                f"{max(map(len, present))} characters, too many or too long; ignore_columns="
                f"[{shortened(name)!r}] leaves it out"
            )
        learnt.append(Column(name, place, tuple(present), 0.0, bool((texts.codes < 0).any())))
    if not sum(column.width for column in learnt):
        raise ValueError(
            "no column is left to learn from: all but the labels are left out"
            if table.roles.ignored
            else "its only column holds the labels; expected inputs as well"
        )
    mean, deviation = 0.0, 1.0
    if targets is not None:
        mean = float(targets.mean())
        deviation = float(targets.std()) or 1.0
    roles = table.roles
    return Columns(
        tuple(learnt),
        frames.names is not None,
        frames.width,
        "" if roles.label is None else table.name(roles.label),
        "" if roles.weight is None else table.name(roles.weight),
        tuple(table.name(place) for place in roles.ignored),
        task,
        mean,
        deviation,
        drop_missing,
        frames.options.encoding or "",
        frames.options.header,
        frames.separator,
        frames.decimal if frames.is_text else "",
        roles.label,
        grouped=frames.grouped,
    )
