"""Text files as people have them: packed or plain, in any usual encoding, with comment lines."""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import lzma
import os
import re
import shutil
import sys
import tempfile
import weakref
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import IO, Any

from fastnn.common.checks import printable
from fastnn.common.reading import NPZ_START, unpacked_limit

_MAX_TEXT_BYTES = 1 << 26  # what a small packed table may unpack to
MAX_LINE = 1 << 24  # bytes, of a million inputs or so
_PIECE = 1 << 20
_MARKS = (  # what a file begins with, the longer first
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_PACKED: dict[bytes, Any] = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ\x00": lzma.open,
}
# What lies beside data in folders and archives.
_NO_DATA = re.compile(
    r"^(readme|licen[cs]e|copying|citation|changelog|sample_?submission)"
    r"|\.(md|rst|names|info|json|ya?ml|html?|pdf|py|ipynb|r|png|jpe?g|gif|svg|sh|toml|log)$"
)


def is_no_data(name: str) -> bool:
    """Say whether a file is called as what lies beside data, such as a README."""
    return bool(_NO_DATA.search(name.lower()))


class Source:
    """A file to read from, perhaps several times; what is no regular file is copied for that.

    Attributes
    ----------
    name : str
        What to call it in messages.
    path : Path
        Where its bytes are, packed as they came.
    limit : int or None
        How many bytes it may unpack to, if it is packed.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.name, self.path = os.fspath(path), Path(path)
        self.limit: int | None = None
        self._unpacked: Callable[[], Any] | None = None
        if os.fspath(path) == "-":
            self.name = "standard input"
            self._copy(sys.stdin.buffer)
        elif self.path.exists() and not self.path.is_file() and not self.path.is_dir():
            with self.path.open("rb") as pipe:  # it can be read once only
                self._copy(pipe)

    def _copy(self, stream: IO[bytes]) -> None:
        """Keep what a stream holds in a file as long as this object is there."""
        copy = tempfile.NamedTemporaryFile()  # noqa: SIM115 - as long as this object
        weakref.finalize(self, copy.close)
        shutil.copyfileobj(stream, copy, _PIECE)
        copy.flush()
        self.path = Path(copy.name)

    def unpack(self) -> None:
        """Have `open` unpack the file, if it is packed with gzip, bzip2, xz or zip.

        Raises ValueError if it is a zip file of several files.
        """
        start = start_of_packed(self.path)
        opener = next((open_ for mark, open_ in _PACKED.items() if start.startswith(mark)), None)
        if start.startswith(NPZ_START):
            with zipfile.ZipFile(self.path) as archive:
                self._unpacked = partial(_open_member, self.path, _only(archive))
        elif opener is not None:
            self._unpacked = partial(opener, self.path, "rb")
        if self._unpacked is not None:
            self.limit = unpacked_limit(self.path, _MAX_TEXT_BYTES)

    def open(self) -> IO[bytes]:
        """Open what the file holds from its beginning."""
        stream: IO[bytes] = self.path.open("rb") if self._unpacked is None else self._unpacked()
        return stream


def _open_member(path: Path, name: str) -> IO[bytes]:
    with zipfile.ZipFile(path) as archive:  # its file stays open as long as the member is
        return archive.open(name)


def start_of_packed(path: Path) -> bytes:
    """Return the first bytes of a file as they are."""
    with path.open("rb") as stream:
        return stream.read(32)


def is_packed(start: bytes) -> bool:
    """Say of what begins so whether it is packed with gzip, bzip2, xz or zip."""
    return start.startswith((*_PACKED, NPZ_START))


def _is_beside(name: str) -> bool:
    """Say whether what an archive holds is a folder, or what macOS puts beside files."""
    return name.endswith(("/", "/.DS_Store")) or name.startswith(("__MACOSX", ".DS_Store"))


def _only(archive: zipfile.ZipFile) -> str:
    names = [name for name in archive.namelist() if not _is_beside(name)]
    # Hidden files and folders come after all others.
    names = [name for name in names if not re.search(r"(^|/)\.[^./]", name)] or names
    if len(names) > 1:
        names = [name for name in names if not is_no_data(name.rpartition("/")[2])] or names
    if not names:
        raise ValueError("the zip file holds no files")
    if len(names) != 1:
        raise ValueError(
            f"the zip file holds {len(names)} files, {', '.join(map(printable, names[:4]))}: "
            "unpack it, and name the one to read"
        )
    return names[0]


def _codec_name(encoding: str) -> str:
    """Return Python's name of an encoding of text.

    Raises ValueError if there is none.
    """
    try:
        codec = codecs.lookup(encoding)
    except LookupError:
        raise ValueError(f"encoding must be one that Python knows, got {encoding}") from None
    # Others, such as rot13, turn text into text, or bytes into bytes.
    if not getattr(codec, "_is_text_encoding", True):
        raise ValueError(f"encoding must be one of text, got {encoding}")
    return codec.name


class TextFile:
    """The text of a source, whose encoding is found by reading it once.

    Attributes
    ----------
    encoding : str
    guessed : bool
        Whether it is cp1252 only because it is no UTF-8.
    garbled : bool
        Whether it holds bytes that mean nothing in cp1252, so that it is something else.
    ends_as_dos : bool
        Whether a Ctrl-Z ends it, as DOS wrote texts.

    Raises
    ------
    ValueError
        If it is no text, not in the encoding that the user names, has a line of 16 MiB, or unpacks
        to more than 64 MiB and 20 times its size.
    """

    def __init__(self, source: Source, encoding: str | None = None) -> None:
        self.source = source
        with source.open() as stream:
            start = stream.read(1 << 12)
        marked = next((name for mark, name in _MARKS if start.startswith(mark)), None)
        self.guessed = self.garbled = self.ends_as_dos = False
        if encoding is not None:
            name = _codec_name(encoding)
            # A codec that knows of no mark would take it for a part of the first cell.
            if marked is not None and (marked == "utf-8-sig" or name.startswith(marked)):
                self.encoding = marked
            else:
                self.encoding = encoding
            self._check()
            return
        self.encoding = marked or _without_mark(start)
        try:
            self._check()
        except UnicodeDecodeError:
            if self.encoding != "utf-8":
                raise
            self.encoding, self.guessed = "cp1252", True
            self._check()
            self._refuse_zeros()

    def open(self) -> io.TextIOWrapper:
        """Open the text from its beginning."""
        errors = "replace" if self.guessed else "strict"  # five bytes mean nothing in cp1252
        return io.TextIOWrapper(
            self.source.open(),
            self.encoding,
            errors,
            newline="",
        )

    def _check(self) -> None:
        """Raise an error if something cannot be decoded, or a line has no end."""
        decoder = codecs.getincrementaldecoder(self.encoding)(
            "replace" if self.guessed else "strict"
        )
        length = total = lines = 0
        limit = self.source.limit
        with self.source.open() as stream:
            while piece := stream.read(_PIECE):
                total += len(piece)
                if limit is not None and total > limit:
                    raise ValueError(f"it unpacks to more than {limit} bytes; unpack it yourself")
                text = decoder.decode(piece)
                first = max(text.find("\n"), text.find("\r"))
                length += len(text) if first < 0 else first
                if length > MAX_LINE:
                    raise ValueError(f"it has a line of more than {MAX_LINE} characters")
                if first >= 0:
                    length = len(text) - 1 - max(text.rfind("\n"), text.rfind("\r"))
                if "\0" in text:
                    line = lines + text[: text.index("\0")].count("\n") + 1
                    raise ValueError(f"it is no text: line {line} holds bytes of 0")
                lines += text.count("\n")
                self.ends_as_dos = (text.rstrip("\r\n") or text).endswith("\x1a")
                self.garbled = self.garbled or (self.guessed and "\ufffd" in text)
        decoder.decode(b"", final=True)

    def _refuse_zeros(self) -> None:
        with self.source.open() as stream:
            start = stream.read(_PIECE)
        odd = sum(byte < 32 and byte not in b"\t\n\r\f\x1a" for byte in start[:4096])
        if odd > len(start[:4096]) // 50:
            raise ValueError("it is no text that can be read as a table")


def _without_mark(start: bytes) -> str:
    """Guess the encoding of a file without a byte-order mark: every other byte of UTF-16 is 0."""
    even, odd = start[0::2], start[1::2]
    if odd and odd.count(0) > 0.7 * len(odd):
        return "utf-16-le"
    if even and even.count(0) > 0.7 * len(even):
        return "utf-16-be"
    return "utf-8"
