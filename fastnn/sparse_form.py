"""The sparse form of full rows of inputs, made by all processors together."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from fastnn.kernels.sparse import pack_bytes, pack_non_zeros
from fastnn.sparse_rows import index_type
from fastnn.teams import threads_available

# So many inputs take about a millisecond; for fewer no thread is begun.
WORTH_A_THREAD = 1_000_000

# How many numbers a byte can stand for.
_CODES = 256


class SparseForm(NamedTuple):
    """What `kernels.inputs.SparseInputs` calls by these names.

    Without a table the values are the numbers themselves. With one they are bytes, which take a
    quarter of the memory of float32, and come from there the sooner.
    """

    starts: npt.NDArray[np.integer[Any]]
    indices: npt.NDArray[np.unsignedinteger[Any]]
    values: npt.NDArray[Any]
    table: npt.NDArray[np.float64] | None


def sparse_form(rows: npt.NDArray[Any], most: int) -> SparseForm | None:
    """List the inputs that are not zero, or return None if there are `most` of them or more.

    `rows` are uint8, float32 or float64 of shape (n, inputs), in C order and writeable. The form is
    the same for every number of processors.
    """
    parts = max(1, min(threads_available(), rows.size // WORTH_A_THREAD, len(rows)))
    shares = np.array_split(rows, parts)
    with ThreadPoolExecutor(parts) as pool:
        if rows.dtype != np.uint8:
            forms = list(pool.map(_with_bytes, shares, [most] * parts))
            joined = _joined(forms, most)
            if joined is not None:
                return joined
        forms = list(pool.map(_with_numbers, shares, [most] * parts))
    return _joined(forms, most)


def place_type(largest: int) -> type[np.integer[Any]]:
    """Short numbers where they suffice: kernels jump about in an array of places."""
    return np.int32 if largest < 1 << 31 else np.int64


def _with_bytes(rows: npt.NDArray[Any], most: int) -> SparseForm | None:
    """The form of these rows with a table; None if they have too many numbers."""
    starts, indices, room = _room_for(rows, most)
    values, table = np.empty(room, np.uint8), np.zeros(_CODES)
    bits = rows.view(f"i{rows.itemsize}")
    count, known = pack_bytes(rows, bits, starts, indices, values, table)
    return None if count < 0 else SparseForm(starts, indices[:count], values[:count], table[:known])


def _with_numbers(rows: npt.NDArray[Any], most: int) -> SparseForm | None:
    """The form of these rows without a table; None if they have too many numbers."""
    starts, indices, room = _room_for(rows, most)
    values = np.empty(room, rows.dtype)
    count = pack_non_zeros(rows, starts, indices, values)
    return None if count < 0 else SparseForm(starts, indices[:count], values[:count], None)


def _room_for(rows: npt.NDArray[Any], most: int) -> tuple[npt.NDArray[Any], npt.NDArray[Any], int]:
    """Starts and indices to write to, and for how many inputs that is room.

    A row more than there may be: what is not written to takes no memory.
    """
    room = min(rows.size, most) + rows.shape[1]
    starts = np.zeros(2 * len(rows) + 1, place_type(rows.size))
    return starts, np.empty(room, index_type(rows.shape[1])), room


def _joined(forms: list[SparseForm | None], most: int) -> SparseForm | None:
    """One form of all rows, if their inputs are few enough and, in bytes, one table serves all."""
    parts = [form for form in forms if form is not None]
    count = sum(len(form.indices) for form in parts)
    if len(parts) < len(forms) or count >= most:
        return None
    ends = np.cumsum([0] + [len(form.indices) for form in parts]).tolist()
    starts = [form.starts[:-1] + end for form, end in zip(parts, ends, strict=False)]
    values, table = [form.values for form in parts], parts[0].table
    if table is not None:
        tables = [form.table for form in parts if form.table is not None]
        # In the order of their first use, as one processor alone would meet them.
        places: dict[bytes, int] = {}
        for number in np.concatenate(tables):
            places.setdefault(number.tobytes(), len(places))
        if len(places) > _CODES:
            return None
        codes = [bytes(places[number.tobytes()] for number in one) for one in tables]
        values = [_translated(*pair) for pair in zip(values, codes, strict=True)]
        table = np.zeros(_CODES)
        table[: len(places)] = np.frombuffer(b"".join(places))
    return SparseForm(
        np.concatenate([*starts, ends[-1:]], dtype=place_type(count)),
        np.concatenate([form.indices for form in parts]),
        np.concatenate(values),
        table,
    )


def _translated(values: npt.NDArray[np.uint8], codes: bytes) -> npt.NDArray[np.uint8]:
    """The bytes that `codes`, a byte for each of the first ones, says instead of these."""
    return np.frombuffer(values.tobytes().translate(codes.ljust(_CODES, b"\0")), np.uint8)
