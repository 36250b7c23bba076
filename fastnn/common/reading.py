"""Read arrays from IDX and npz files that may come from anywhere.

Nothing in them is executed. Each header is checked against the size of the file before memory is
set aside. Whatever is wrong raises one ``ValueError`` that names the path.
"""

from __future__ import annotations

import gzip
import io
import json
import math
import os
import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib.npyio import NpzFile
from numpy.typing import NDArray

from fastnn.common.archives import Archive
from fastnn.common.checks import describe, printable, shortened

NPZ_START = b"PK\x03\x04"
_IDX_TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_GZIP_START = b"\x1f\x8b"

_MAX_DEFLATE_RATIO = 1032  # deflate cannot expand further: 258 bytes from two bits
_MAX_RATIO = 20  # a large file may unpack to this many times its size
MAX_UNPACKED_BYTES = 1 << 30  # a small file may unpack to this: twice MNIST in float64
_MAX_TEXT_BYTES = 1 << 26  # and to this where it is text, which takes longer to go through
_MAX_MEMBERS = 1 << 14  # arrays in an npz: those of a checkpoint of 4,000 layers
_MAX_HEADER_BYTES = 10_000  # what NumPy reads of a header
_MAX_DIGITS = 4300  # of an integer in JSON: the bound of later Pythons than 3.10
_LONGEST_REASON = 300  # characters of what is wrong with a file


@contextmanager
def reading(path: Path, kind: str) -> Iterator[None]:
    """Turn any error that a damaged file causes into one ValueError that names the file."""
    try:
        yield
    except Exception as error:
        # The system's own errors on opening (no permission) are clear and name the file, and for a
        # library that is missing no file can do anything.
        named = isinstance(error, OSError) and error.filename is not None
        if named or isinstance(error, ImportError):
            raise
        reason = shortened(str(error).strip(), _LONGEST_REASON) or type(error).__name__
        raise ValueError(f"path: cannot read {printable(path)} as {kind}: {reason}") from error


def start_of(path: Path) -> bytes:
    """Return the first four bytes of a file, unpacked if it is gzipped: they tell its kind."""
    with path.open("rb") as stream:
        start = stream.read(4)
    if not start.startswith(_GZIP_START):
        return start
    with reading(path, "gzip file"), gzip.open(path) as unpacked:
        return unpacked.read(4)


def is_gzipped(path: Path) -> bool:
    """Say whether a file is gzipped, whatever its name."""
    with path.open("rb") as stream:
        return stream.read(2) == _GZIP_START


def gunzip(path: Path, limit: int) -> io.BytesIO:
    """Unpack a gzip file into memory; give up as soon as it exceeds `limit` bytes."""
    unpacked = io.BytesIO()
    with gzip.open(path) as stream:
        while chunk := stream.read(1 << 20):
            unpacked.write(chunk)
            if unpacked.tell() > limit:
                raise ValueError(f"it unpacks to more than {limit} bytes")
    unpacked.seek(0)
    return unpacked


def unpacked_limit(path: Path, small: int) -> int:
    """Return how many bytes a file may unpack to: `small` or 20 times its size, if more."""
    return max(small, _MAX_RATIO * path.stat().st_size)


def is_idx(start: bytes) -> bool:
    """Say whether a file that begins with these bytes is an IDX file, of any type of numbers."""
    return len(start) >= 4 and start[:2] == b"\0\0" and start[2] in _IDX_TYPES and 0 < start[3] < 9


def read_idx(path: Path, ndim: int | None = None, any_type: bool = False) -> NDArray[Any]:
    """Read an IDX file, plain or gzipped.

    A gzipped file may unpack to 1 GiB, or to 20 times its size if that is more.

    Parameters
    ----------
    path : Path
    ndim : int, optional
        How many dimensions it must have; any number by default.
    any_type : bool, optional
        Whether its numbers may be others than unsigned bytes.

    Returns
    -------
    ndarray of uint8, or of the file's type, shape (n,) or (n, values)
        Read-only. Further dimensions, such as rows and columns of images, are laid flat.

    Raises
    ------
    OSError
        If the file cannot be opened.
    ValueError
        If it is not an IDX file, or is damaged.
    """
    zipped = is_gzipped(path)
    with reading(path, "IDX file"), (gzip.open if zipped else open)(path, "rb") as stream:
        shape, dtype = _idx_shape(stream, ndim, any_type)
        promised, stored = math.prod(shape) * dtype.itemsize, path.stat().st_size
        # Check before reading: read(n) sets n bytes aside.
        if promised > stored * (_MAX_DEFLATE_RATIO if zipped else 1):
            raise ValueError(
                f"its header promises {promised} bytes {shape}, more than {stored} bytes can hold"
            )
        limit = unpacked_limit(path, MAX_UNPACKED_BYTES)
        if promised > limit:
            raise ValueError(f"its header promises {promised} bytes {shape}, more than {limit}")
        data = stream.read(promised + 1)
        if len(data) != promised:
            found = "more" if len(data) > promised else f"{len(data)}"
            raise ValueError(f"its header promises {promised} bytes {shape}, found {found}")
        flat = (shape[0], math.prod(shape[1:])) if len(shape) > 1 else shape
        return np.frombuffer(data, dtype).reshape(flat)


def _idx_shape(
    stream: io.BufferedIOBase, ndim: int | None, any_type: bool
) -> tuple[tuple[int, ...], np.dtype[Any]]:
    start = stream.read(4)
    kind = start[2] if len(start) == 4 and any_type and start[2] in _IDX_TYPES else 0x08
    expected = bytes([0, 0, kind]) + (b"" if ndim is None else bytes([ndim]))
    dimensions = start[3] if len(start) == 4 else 0
    sizes = stream.read(4 * dimensions)
    if not start.startswith(expected) or not dimensions or len(sizes) != 4 * dimensions:
        raise ValueError(
            f"its header is {(start + sizes)[:16]!r}; expected {expected!r} and "
            f"{'as many sizes as the next byte says' if ndim is None else f'{ndim} sizes'}"
        )
    return struct.unpack(f">{dimensions}I", sizes), np.dtype(_IDX_TYPES[kind])


@contextmanager
def open_npz(path: Path) -> Iterator[NpzFile]:
    """Open an npz file as a mapping that reads an array when it is asked for.

    Pickled objects are refused. All arrays together may fill 1 GiB, or 20 times the file's size if
    that is more; each array of text may fill 64 MiB, or 20 times the file's size.

    Raises
    ------
    OSError
        If the file cannot be opened.
    ValueError
        If it is not an npz file, or is damaged. Errors raised in the ``with`` block become one.
    """
    # Opened here, because np.load leaves a damaged file open.
    with path.open("rb") as raw, reading(path, "npz"):
        _check_members(
            raw, unpacked_limit(path, MAX_UNPACKED_BYTES), unpacked_limit(path, _MAX_TEXT_BYTES)
        )
        raw.seek(0)
        with np.load(raw, allow_pickle=False) as file:
            yield file


def _check_members(raw: IO[bytes], limit: int, most_text: int) -> None:
    """Raise ValueError if a header promises more than the file can hold or may unpack to."""
    size = os.fstat(raw.fileno()).st_size
    with Archive(raw) as archive:
        members = archive.infolist()
        if len(members) > _MAX_MEMBERS:
            raise ValueError(f"it holds {len(members)} files, more than {_MAX_MEMBERS}")
        unpacked = sum(member.file_size for member in members)
        if unpacked > limit:
            raise ValueError(f"it unpacks to {unpacked} bytes, more than {limit}")
        for member in members:
            ratios = {zipfile.ZIP_STORED: 1, zipfile.ZIP_DEFLATED: _MAX_DEFLATE_RATIO}
            if member.compress_type not in ratios:
                raise ValueError(f"{member.filename} is packed in a way that NumPy does not write")
            if member.file_size > ratios[member.compress_type] * min(member.compress_size, size):
                raise ValueError(
                    f"{member.filename} promises {member.file_size} bytes, "
                    f"more than {member.compress_size} packed bytes can hold"
                )
            with archive.open(member) as stream:
                _check_array(stream, member, most_text)


def _check_array(stream: IO[bytes], member: zipfile.ZipInfo, most_text: int) -> None:
    """Check that an array is as long as its header says, and that its items have bytes."""
    shape, dtype, header_bytes = _array_header(stream, member.filename)
    promised, held = math.prod(shape) * dtype.itemsize, member.file_size - header_bytes
    if dtype.itemsize == 0:  # any number of them would fit into any file
        raise ValueError(f"{member.filename} has items of no bytes, of the type {dtype}")
    if not dtype.hasobject and promised != held:
        raise ValueError(
            f"{member.filename} promises {promised} bytes {shape} of {dtype}, found {held}"
        )
    if dtype.kind in "SU" and promised > most_text:
        raise ValueError(
            f"{member.filename} promises {promised} bytes of text, more than {most_text}"
        )


def _array_header(stream: IO[bytes], name: str) -> tuple[tuple[int, ...], np.dtype[Any], int]:
    """Read the header of an array; return its shape, its type, and how long the header is."""
    start = stream.read(8)
    if not start.startswith(np.lib.format.MAGIC_PREFIX):
        raise ValueError(f"{name} is no array")  # np.load would give its bytes
    version = tuple(start[6:8])
    readers = {
        (1, 0): ("<H", np.lib.format.read_array_header_1_0),
        (2, 0): ("<I", np.lib.format.read_array_header_2_0),
    }
    if version not in readers:
        raise ValueError(f"{name} is in version {version} of NumPy's format")
    layout, read = readers[version]
    stored_length = stream.read(struct.calcsize(layout))
    [length] = struct.unpack(layout, stored_length)
    if length > _MAX_HEADER_BYTES:  # NumPy would read all of it before it looked
        raise ValueError(f"{name} has a header of {length} bytes, more than {_MAX_HEADER_BYTES}")
    shape, _, dtype = read(io.BytesIO(stored_length + stream.read(length)))
    return shape, dtype, len(start) + len(stored_length) + length


def plain_values(name: str, array: NDArray[Any], most: int) -> Any:
    """Return a number or a text of an npz, or a list of at most `most` of them.

    Raises ValueError if it is a longer list, or one in several dimensions: as Python's objects they
    would take much more memory than in the file.
    """
    if array.ndim > 1 or array.size > most:
        raise ValueError(f"{name} must be at most {most} values, got {describe(array)}")
    return array.tolist()


def parse_json(text: str | bytes) -> Any:
    """Parse JSON that may come from anywhere.

    Raises ValueError if it is none, is nested too deeply or has an integer of too many digits.
    """
    try:
        return json.loads(text, parse_int=_integer)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _integer(digits: str) -> int:
    if len(digits) > _MAX_DIGITS:
        raise ValueError(f"it has an integer of {len(digits)} digits")
    return int(digits)
