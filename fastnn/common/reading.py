"""Read arrays from IDX and npz files that may come from anywhere.

Nothing in them is executed. Each header is checked against the size of the file before memory is
set aside. Whatever is wrong raises one ``ValueError`` that names the path.
"""

from __future__ import annotations

import gzip
import io
import math
import os
import struct
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

NPZ_START = b"PK\x03\x04"
IDX_START = b"\x00\x00\x08"  # 8: unsigned bytes; the fourth byte is the number of dimensions
_GZIP_START = b"\x1f\x8b"

_MAX_DEFLATE_RATIO = 1032  # deflate cannot expand further: 258 bytes from two bits
_MAX_RATIO = 20  # a large file may unpack to this many times its size
MAX_UNPACKED_BYTES = 1 << 30  # a small file may unpack to this: twice MNIST in float64


@contextmanager
def reading(path: Path, kind: str) -> Iterator[None]:
    """Turn any error that a damaged file causes into one ValueError that names the file."""
    try:
        yield
    except Exception as error:
        # The system's own errors on opening (no permission) are clear and name the file.
        if isinstance(error, OSError) and error.filename is not None:
            raise
        reason = str(error) or type(error).__name__
        raise ValueError(f"path: cannot read {path} as {kind}: {reason}") from error


def start_of(path: Path, length: int = 4) -> bytes:
    """Return the first bytes of a file, unpacked if it is gzipped: they tell its kind."""
    with path.open("rb") as stream:
        start = stream.read(length)
    if not start.startswith(_GZIP_START):
        return start
    with reading(path, "gzip file"), gzip.open(path) as unpacked:
        return unpacked.read(length)


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


def read_idx(path: Path, ndim: int | None = None) -> NDArray[np.uint8]:
    """Read an IDX file of unsigned bytes, plain or gzipped.

    A gzipped file may unpack to 1 GiB, or to 20 times its size if that is more.

    Parameters
    ----------
    path : Path
    ndim : int, optional
        How many dimensions it must have; any number by default.

    Returns
    -------
    ndarray of uint8, shape (n,) or (n, values)
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
        shape = _idx_shape(stream, ndim)
        promised, stored = math.prod(shape), path.stat().st_size
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
        return np.frombuffer(data, np.uint8).reshape(flat)


def _idx_shape(stream: io.BufferedIOBase, ndim: int | None) -> tuple[int, ...]:
    start = stream.read(4)
    expected = IDX_START + (b"" if ndim is None else bytes([ndim]))
    dimensions = start[3] if len(start) == 4 else 0
    sizes = stream.read(4 * dimensions)
    if not start.startswith(expected) or not dimensions or len(sizes) != 4 * dimensions:
        raise ValueError(
            f"its header is {(start + sizes)[:16]!r}; expected {expected!r} and "
            f"{'as many sizes as the next byte says' if ndim is None else f'{ndim} sizes'}"
        )
    return struct.unpack(f">{dimensions}I", sizes)


@contextmanager
def open_npz(path: Path) -> Iterator[Mapping[str, NDArray[Any]]]:
    """Open an npz file as a mapping that reads an array when it is asked for.

    Pickled objects are refused. All arrays together may fill 1 GiB, or 20 times the file's size if
    that is more.

    Raises
    ------
    OSError
        If the file cannot be opened.
    ValueError
        If it is not an npz file, or is damaged. Errors raised in the ``with`` block become one.
    """
    # Opened here, because np.load leaves a damaged file open.
    with path.open("rb") as raw, reading(path, "npz"):
        _check_members(raw, unpacked_limit(path, MAX_UNPACKED_BYTES))
        raw.seek(0)
        with np.load(raw, allow_pickle=False) as file:
            yield file


def _check_members(raw: IO[bytes], limit: int) -> None:
    """Raise ValueError if a header promises more than the file can hold or may unpack to."""
    size = os.fstat(raw.fileno()).st_size
    with zipfile.ZipFile(raw) as archive:
        members = archive.infolist()
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
                _check_array_header(stream, member)


def _check_array_header(stream: IO[bytes], member: zipfile.ZipInfo) -> None:
    start = stream.read(8)
    if not start.startswith(np.lib.format.MAGIC_PREFIX):
        raise ValueError(f"{member.filename} is no array")  # np.load would give its bytes
    version = tuple(start[6:8])
    readers = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }
    if version not in readers:
        raise ValueError(f"{member.filename} is in version {version} of NumPy's format")
    shape, _, dtype = readers[version](stream)
    promised, held = math.prod(shape) * dtype.itemsize, member.file_size - stream.tell()
    if not dtype.hasobject and promised != held:
        raise ValueError(
            f"{member.filename} promises {promised} bytes {shape} of {dtype}, found {held}"
        )
