"""Make the sparse form of full rows of inputs, on all processors at once."""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from fastnn.common.processors import threads_available
from fastnn.common.threads import map_in_threads
from fastnn.datasets.sparse_rows import index_type
from fastnn.kernels.inputs import CODES, LARGEST_GAP
from fastnn.kernels.sparse import SLOTS, pack_bytes, pack_codes, pack_numbers

# This many inputs take about a millisecond; fewer are not worth another thread.
WORTH_A_THREAD = 1_000_000

_ROWS_AT_A_TIME = 1024


class SparseForm(NamedTuple):
    """The arrays of `CodedInputs` or, with values, of `SparseInputs`, both in `kernels.inputs`.

    Entries with a table take a third of the memory of indices and float32. The table is None if
    the inputs are bytes.
    """

    starts: npt.NDArray[np.integer[Any]]
    listed: npt.NDArray[np.unsignedinteger[Any]]
    values: npt.NDArray[Any] | None
    table: npt.NDArray[np.float64] | None


def sparse_form(
    rows: npt.NDArray[Any],
    most: int,
    table: npt.NDArray[np.float32] | None = None,
    most_bytes: int | None = None,
) -> SparseForm | None:
    """List the inputs that are not zero; return None if there are `most` or more of them.

    `rows` are uint8, float32 or float64 of shape (n, inputs), in C order and writeable. A byte
    stands for table[byte]. The form is the same for every number of processors. With `most_bytes`
    its lists take no more memory than that, and none is asked for in vain.
    """
    parts = max(1, min(threads_available(), rows.size // WORTH_A_THREAD, len(rows)))
    shares = np.array_split(rows, parts)
    in_bytes = rows.dtype == np.uint8
    entry = np.dtype(np.uint16).itemsize
    number = np.dtype(index_type(rows.shape[1])).itemsize + rows.itemsize
    for make, size in ((_of_bytes if in_bytes else _with_codes, entry), (_with_numbers, number)):
        if most_bytes is not None:
            most = min(most, most_bytes // size)
            if has_as_many(rows, most):
                return None
        forms = map_in_threads(partial(make, most=most), shares)
        form = _joined(forms, most, rows.shape[1])
        if form is not None:
            break
    if form is not None and form.values is not None and table is not None:
        form = form._replace(values=table[form.values])
    return form


def has_as_many(rows: npt.NDArray[Any], most: int) -> bool:
    """Say whether `most` inputs or more are not zero; look no further than needed."""
    count = 0
    for start in range(0, len(rows), _ROWS_AT_A_TIME):
        if count >= most:
            break
        count += int(np.count_nonzero(rows[start : start + _ROWS_AT_A_TIME]))
    return count >= most


def place_type(largest: int) -> type[np.integer[Any]]:
    """The type of an array of places; short if possible, because kernels jump about in it."""
    return np.int32 if largest < 1 << 31 else np.int64


def _of_bytes(rows: npt.NDArray[np.uint8], most: int) -> SparseForm | None:
    """The form of rows of bytes; None if too many are not zero."""
    starts, entries = _room_for(rows, most, np.uint16)
    count = pack_bytes(rows, starts, entries, np.empty(rows.shape[1], np.int64))
    return None if count < 0 else SparseForm(starts, entries[:count], None, None)


def _with_codes(rows: npt.NDArray[Any], most: int) -> SparseForm | None:
    """The form with a table; None if there are too many inputs or different numbers."""
    starts, entries = _room_for(rows, most, np.uint16)
    bits, table = rows.view(f"i{rows.itemsize}"), np.zeros(CODES)
    columns = np.empty(rows.shape[1], np.int64)
    keys, codes_of_keys = np.zeros(SLOTS, bits.dtype), np.zeros(SLOTS, np.uint8)
    into = (starts, entries, columns, table, keys, codes_of_keys)
    count, known = pack_codes(rows, bits, *into)
    return None if count < 0 else SparseForm(starts, entries[:count], None, table[:known])


def _with_numbers(rows: npt.NDArray[Any], most: int) -> SparseForm | None:
    """The form without a table; None if there are too many inputs."""
    starts, indices = _room_for(rows, most, index_type(rows.shape[1]))
    values = np.empty(len(indices), rows.dtype)
    count = pack_numbers(rows, starts, indices, values)
    return None if count < 0 else SparseForm(starts, indices[:count], values[:count], None)


def _room_for(
    rows: npt.NDArray[Any], most: int, kind: type[np.unsignedinteger[Any]]
) -> tuple[npt.NDArray[np.integer[Any]], npt.NDArray[np.unsignedinteger[Any]]]:
    """Make room for starts and, of type `kind`, for what is listed.

    The room is one row more than needed: memory that nobody writes to costs nothing.
    """
    room = min(rows.size, most) + rows.shape[1]
    return np.zeros(2 * len(rows) + 1, place_type(rows.size)), np.empty(room, kind)


def _joined(forms: list[SparseForm | None], most: int, width: int) -> SparseForm | None:
    """Join the forms of all rows, if their inputs are few enough and one table serves all.

    Entries are joined only if few of them merely bridge gaps; otherwise indices are faster.
    """
    parts = [form for form in forms if form is not None]
    count = sum(len(form.listed) for form in parts)
    if len(parts) < len(forms) or count >= most or _bridged(parts, count, width):
        return None
    ends = np.cumsum([0] + [len(form.listed) for form in parts]).tolist()
    starts = [
        form.starts[:-1].astype(np.int64) + end for form, end in zip(parts, ends, strict=False)
    ]
    listed, table = [form.listed for form in parts], None
    tables = [form.table for form in parts if form.table is not None]
    if len(tables) == 1:
        table = np.zeros(CODES)
        table[: len(tables[0])] = tables[0]
    elif tables:
        # In the order of their first use, in which one processor alone would meet them.
        places: dict[bytes, int] = {}
        for number in np.concatenate(tables):
            places.setdefault(number.tobytes(), len(places))
        if len(places) > CODES:
            return None
        codes = [[places[number.tobytes()] for number in one] for one in tables]
        listed = [_with_other_codes(*pair) for pair in zip(listed, codes, strict=True)]
        table = np.zeros(CODES)
        table[: len(places)] = np.frombuffer(b"".join(places))
    values = [form.values for form in parts if form.values is not None]
    return SparseForm(
        np.concatenate([*starts, ends[-1:]], dtype=place_type(count)),
        np.concatenate(listed),
        np.concatenate(values) if values else None,
        table,
    )


def _bridged(forms: list[SparseForm], count: int, width: int) -> bool:
    """Say whether more than a quarter of all `count` entries only bridge gaps between inputs."""
    rows = sum(len(form.starts) // 2 for form in forms)
    if forms[0].values is not None or rows * (width // LARGEST_GAP) <= count // 4:
        return False  # most data need no count of the bridges
    bridges = sum(int(np.count_nonzero(form.listed % CODES == 0)) for form in forms)
    return bridges > count // 4


def _with_other_codes(
    entries: npt.NDArray[np.unsignedinteger[Any]], codes: list[int]
) -> npt.NDArray[np.unsignedinteger[Any]]:
    """Replace each code in the entries by codes[code]."""
    changes = np.zeros(CODES, entries.dtype)
    changes[: len(codes)] = [new ^ old for old, new in enumerate(codes)]
    changed: npt.NDArray[np.unsignedinteger[Any]] = entries ^ changes[entries & (CODES - 1)]
    return changed
