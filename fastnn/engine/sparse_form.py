"""The sparse form of full rows of inputs, made by all processors together."""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from fastnn.common.threads import map_in_threads, threads_available
from fastnn.datasets.sparse_rows import index_type
from fastnn.kernels.inputs import CODES, LARGEST_GAP
from fastnn.kernels.sparse import SLOTS, pack_bytes, pack_codes, pack_numbers

# So many inputs take about a millisecond; for fewer no thread is begun.
WORTH_A_THREAD = 1_000_000


class SparseForm(NamedTuple):
    """What `kernels.inputs` calls by these names, in `CodedInputs` or, with values, `SparseInputs`.

    Entries with a table take a third of the memory of indices and float32. The table is None where
    the inputs are bytes themselves.
    """

    starts: npt.NDArray[np.integer[Any]]
    listed: npt.NDArray[np.unsignedinteger[Any]]
    values: npt.NDArray[Any] | None
    table: npt.NDArray[np.float64] | None


def sparse_form(
    rows: npt.NDArray[Any], most: int, table: npt.NDArray[np.float32] | None = None
) -> SparseForm | None:
    """List the inputs that are not zero, or return None if there are `most` of them or more.

    `rows` are uint8, float32 or float64 of shape (n, inputs), in C order and writeable; bytes stand
    for table[byte]. The form is the same for every number of processors.
    """
    parts = max(1, min(threads_available(), rows.size // WORTH_A_THREAD, len(rows)))
    shares = np.array_split(rows, parts)
    in_bytes = rows.dtype == np.uint8
    for make in (_of_bytes if in_bytes else _with_codes, _with_numbers):
        forms = map_in_threads(partial(make, most=most), shares)
        form = _joined(forms, most, rows.shape[1])
        if form is not None:
            break
    if form is not None and form.values is not None and table is not None:
        form = form._replace(values=table[form.values])
    return form


def place_type(largest: int) -> type[np.integer[Any]]:
    """Short numbers where they suffice: kernels jump about in an array of places."""
    return np.int32 if largest < 1 << 31 else np.int64


def _of_bytes(rows: npt.NDArray[np.uint8], most: int) -> SparseForm | None:
    """The form of rows of bytes; None if they have too many."""
    starts, entries = _room_for(rows, most, np.uint16)
    count = pack_bytes(rows, starts, entries, np.empty(rows.shape[1], np.int64))
    return None if count < 0 else SparseForm(starts, entries[:count], None, None)


def _with_codes(rows: npt.NDArray[Any], most: int) -> SparseForm | None:
    """The form of these rows with a table; None if they have too many numbers."""
    starts, entries = _room_for(rows, most, np.uint16)
    bits, table = rows.view(f"i{rows.itemsize}"), np.zeros(CODES)
    columns = np.empty(rows.shape[1], np.int64)
    keys, codes_of_keys = np.zeros(SLOTS, bits.dtype), np.zeros(SLOTS, np.uint8)
    into = (starts, entries, columns, table, keys, codes_of_keys)
    count, known = pack_codes(rows, bits, *into)
    return None if count < 0 else SparseForm(starts, entries[:count], None, table[:known])


def _with_numbers(rows: npt.NDArray[Any], most: int) -> SparseForm | None:
    """The form of these rows without a table; None if they have too many numbers."""
    starts, indices = _room_for(rows, most, index_type(rows.shape[1]))
    values = np.empty(len(indices), rows.dtype)
    count = pack_numbers(rows, starts, indices, values)
    return None if count < 0 else SparseForm(starts, indices[:count], values[:count], None)


def _room_for(
    rows: npt.NDArray[Any], most: int, kind: type[np.unsignedinteger[Any]]
) -> tuple[npt.NDArray[np.integer[Any]], npt.NDArray[np.unsignedinteger[Any]]]:
    """Starts to write to and, of this kind, what is listed.

    A row more than there may be: what is not written to takes no memory.
    """
    room = min(rows.size, most) + rows.shape[1]
    return np.zeros(2 * len(rows) + 1, place_type(rows.size)), np.empty(room, kind)


def _joined(forms: list[SparseForm | None], most: int, width: int) -> SparseForm | None:
    """One form of all rows, if their inputs are few enough and one table serves all.

    And, of entries, if few of them only bridge gaps: else indices take less time.
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
    if tables:
        # In the order of their first use, as one processor alone would meet them.
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
    """Whether more than a quarter of entries, `count` in all, only bridge gaps between inputs."""
    rows = sum(len(form.starts) // 2 for form in forms)
    if forms[0].values is not None or rows * (width // LARGEST_GAP) <= count // 4:
        return False  # which most data need not be looked through to know
    bridges = sum(int(np.count_nonzero(form.listed % CODES == 0)) for form in forms)
    return bridges > count // 4


def _with_other_codes(
    entries: npt.NDArray[np.unsignedinteger[Any]], codes: list[int]
) -> npt.NDArray[np.unsignedinteger[Any]]:
    """The entries with codes[code] for code."""
    changes = np.zeros(CODES, entries.dtype)
    changes[: len(codes)] = [new ^ old for old, new in enumerate(codes)]
    changed: npt.NDArray[np.unsignedinteger[Any]] = entries ^ changes[entries & (CODES - 1)]
    return changed
