"""What was learnt of columns, as arrays of an npz: no pickle."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from fastnn.datasets.tables.columns import Column, Columns
from fastnn.datasets.tables.separators import SPACES

_PREFIX = "columns_"
_UNKNOWN = "?"  # no unit is called so
_HEADER = {None: "", True: "yes", False: "no"}


def columns_entries(columns: Columns | None) -> dict[str, Any]:
    """Give what was learnt names in an npz; `columns_in` finds it again."""
    if columns is None:
        return {}
    own = columns.inputs
    texts = [value for column in own for value in column.values or ()]
    return {
        f"{_PREFIX}names": np.array([column.name for column in own], np.str_),
        f"{_PREFIX}places": np.array([column.place for column in own], np.int64),
        f"{_PREFIX}counts": np.array(
            [-1 if column.values is None else len(column.values) for column in own], np.int64
        ),
        f"{_PREFIX}values": np.array(texts, np.str_) if texts else np.array([], "U1"),
        f"{_PREFIX}fill": np.array([column.fill for column in own]),
        f"{_PREFIX}indicator": np.array([column.indicator for column in own]),
        f"{_PREFIX}flags": np.array([column.flag for column in own]),
        f"{_PREFIX}units": np.array(
            [_UNKNOWN if column.unit is None else column.unit for column in own], np.str_
        ),
        f"{_PREFIX}table": np.array([columns.width, columns.named, columns.drop_missing]),
        f"{_PREFIX}label": np.array(-1 if columns.label_place is None else columns.label_place),
        f"{_PREFIX}from_zero": np.array(
            -1 if columns.from_zero is None else int(columns.from_zero)
        ),
        f"{_PREFIX}grouped": np.array(columns.grouped),
        f"{_PREFIX}task": np.array([columns.task, columns.label, columns.weight]),
        f"{_PREFIX}ignored": np.array(columns.ignored or [], "U1" if not columns.ignored else None),
        f"{_PREFIX}target": np.array([columns.mean, columns.deviation]),
        f"{_PREFIX}unit": np.array(_UNKNOWN if columns.unit is None else columns.unit),
        f"{_PREFIX}reading": np.array(
            [columns.encoding, _HEADER[columns.header], columns.separator, columns.decimal], np.str_
        ),
    }


def _first_place(told: npt.NDArray[Any] | None) -> bool | None:
    """Return whether places count from 0; files of before have a False that may mean anything."""
    if told is None or told.dtype.kind not in "bi" or told.size != 1:
        return None
    place = told.item()
    return None if place is False or place < 0 else bool(place)


def columns_in(file: Mapping[str, npt.NDArray[Any]]) -> Columns | None:
    """Find what was learnt of columns in an npz, if it has any.

    Raises ValueError if its parts do not fit each other.
    """
    if f"{_PREFIX}names" not in file:
        return None
    part = {
        name.removeprefix(_PREFIX): np.asarray(file[name])
        for name in file
        if name.startswith(_PREFIX)
    }
    counts, names = part["counts"], part["names"]
    part.setdefault("units", np.full(names.shape, _UNKNOWN))  # older files have none
    part.setdefault("flags", np.zeros(names.shape, bool))
    of_each = ("names", "places", "counts", "fill", "indicator", "units", "flags")
    lengths = {part[name].shape for name in of_each}
    total = int(np.maximum(counts, 0).sum()) if counts.dtype.kind == "i" else -1
    if (
        len(lengths) != 1
        or names.ndim != 1
        or part["values"].ndim != 1
        or total != part["values"].size
        or not np.isfinite(part["fill"]).all()
        or not np.isfinite(part["target"]).all()
    ):
        raise ValueError("what it says of columns does not fit together")
    values = iter(part["values"].tolist())
    inputs = tuple(
        Column(
            str(name),
            int(place),
            None if count < 0 else tuple(str(next(values)) for _ in range(count)),
            float(fill),
            bool(indicator),
            None if unit == _UNKNOWN else str(unit),
            bool(flag),
        )
        for name, place, count, fill, indicator, unit, flag in zip(
            *(part[key].tolist() for key in of_each), strict=True
        )
    )
    unit = str(part.get("unit", _UNKNOWN))
    width, named, drop_missing = part["table"].tolist()
    task, label, weight = part["task"].tolist()
    mean, deviation = part["target"].tolist()
    place = int(part.get("label", np.array(-1)))  # older files do not say where labels were
    # Nor do they say how the table was read, or not what separated its cells.
    told = part["reading"].tolist() if "reading" in part else ["", ""]
    encoding, header, separator, decimal = [*told, "", ""] if len(told) == 2 else told
    if decimal not in ("", ".", ",") or not (len(separator) < 2 or separator == SPACES):
        raise ValueError("what it says of columns does not fit together")
    return Columns(
        inputs, bool(named), int(width), label, weight, tuple(part["ignored"].tolist()),
        task, mean, deviation, bool(drop_missing), str(encoding),
        {text: value for value, text in _HEADER.items()}.get(header), str(separator), str(decimal),
        place if 0 <= place < int(width) else None, _first_place(part.get("from_zero")),
        bool(part.get("grouped", False)), None if unit == _UNKNOWN else unit,
    )  # fmt: skip
