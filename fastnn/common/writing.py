"""Write files whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import stat
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from fastnn.common.checks import describe

# How long to wait for a file that another program holds open, which only Windows minds.
_WAITS = (0.01, 0.02, 0.04, 0.08, 0.15, 0.2) if os.name == "nt" else ()
_LEFT_OVER = 3600.0  # seconds after which nobody is still writing a temporary file
_LONGEST_STEM = 100  # characters of a name that another one is made from


def write_whole(filename: str | os.PathLike[str], content: bytes) -> None:
    """Write `content` to a file, as `writing_whole` does."""
    with writing_whole(filename) as file:
        file.write(content)


@contextmanager
def writing_whole(filename: str | os.PathLike[str]) -> Iterator[IO[bytes]]:
    """Write to a temporary file beside `filename`, then give it that name in one step.

    Links are followed. An existing file keeps its permissions, and the temporary file never has
    wider ones. Anything but a regular file, such as a pipe, is written to directly.

    Raises
    ------
    TypeError, ValueError
        If `filename` is no name of a file.
    OSError
        If it cannot be written, or is read-only. What is there stays as it is.
    """
    path = checked_path(filename)
    with naming(filename):
        path = Path(os.path.realpath(path))
        mode = _mode_to_write(path)
        if mode is not None and not stat.S_ISREG(mode):
            with path.open("wb") as file:
                yield file
            return
        temporary = _temporary(path)
        try:
            with _filling(temporary, mode) as file:
                yield file
            _replace(temporary, path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


def write_together(contents: Mapping[Path, bytes]) -> None:
    """Write several files, or none of them if there is no room for all.

    No file gets its name before the contents of all are on the disk; then the first one does first.
    Links, permissions and errors are as with `writing_whole`.
    """
    written: dict[Path, Path] = {}  # temporary files, and whose content they have
    try:
        for filename, content in contents.items():
            with naming(filename):
                path = Path(os.path.realpath(checked_path(filename)))
                mode = _mode_to_write(path)
                if mode is not None and not stat.S_ISREG(mode):
                    write_whole(path, content)
                    continue
                temporary = _temporary(path)
                written[temporary] = path
                with _filling(temporary, mode) as file:
                    file.write(content)
        for temporary, path in written.items():
            with naming(path):
                _replace(temporary, path)
    except BaseException:
        for temporary in written:
            temporary.unlink(missing_ok=True)
        raise


def check_writable(filename: str | os.PathLike[str], name: str = "filename") -> None:
    """Raise now what `write_whole` would raise later, as far as can be seen.

    What a process that was killed has left of the file is removed if it is an hour old.

    `name` is that of the argument, for errors.
    """
    path = checked_path(filename, name)
    with naming(filename):
        path = Path(os.path.realpath(path))
        mode = _mode_to_write(path)
        if mode is None or stat.S_ISREG(mode):
            tempfile.TemporaryFile(dir=path.parent).close()
            _remove_leftovers(path)


def names_beside(filename: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield names for what could not be written to `filename`, made from it and still free.

    First comes one in the same folder, then one in the current folder, then one in the folder of
    temporary files. The ending stays the same.
    """
    path = Path(filename)
    stem = path.stem[:_LONGEST_STEM] or "fastnn"
    name = f"{stem}-{secrets.token_hex(4)}{path.suffix[:_LONGEST_STEM]}"
    yield path.parent / name
    yield Path(name)
    with suppress(OSError):  # there may be no such folder
        yield Path(tempfile.gettempdir(), name)


def _beside(path: Path) -> str:
    """Return how the names of temporary files for this one begin."""
    return f".fastnn-{hashlib.blake2b(os.fsencode(path.name), digest_size=4).hexdigest()}-"


def _temporary(path: Path) -> Path:
    return path.with_name(f"{_beside(path)}{secrets.token_hex(8)}")


@contextmanager
def _filling(temporary: Path, mode: int | None) -> Iterator[IO[bytes]]:
    """Open a new file; left without an error, it is on the disk and has the permissions `mode`."""
    with open(temporary, "xb", opener=_opener(mode)) as file:
        yield file
        file.flush()
        os.fsync(file.fileno())
    if mode is not None:
        os.chmod(temporary, stat.S_IMODE(mode))


def _remove_leftovers(path: Path) -> None:
    now = time.time()
    with suppress(OSError), os.scandir(path.parent) as entries:
        for entry in entries:
            if entry.name.startswith(_beside(path)) and now - entry.stat().st_mtime > _LEFT_OVER:
                os.unlink(entry)


def _mode_to_write(path: Path) -> int | None:
    """Return the mode of what is there; None if nothing is. Raise OSError if it is not for writing.

    A file that nobody may write to is refused even where the system would let root do so.
    """
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if stat.S_ISREG(mode):
        if not mode & 0o222:
            raise PermissionError(errno.EACCES, f"{os.strerror(errno.EACCES)}, it is read-only")
        os.close(os.open(path, os.O_WRONLY))  # raises what the system has against it
    return mode


def _replace(temporary: Path, path: Path) -> None:
    """Give the temporary file its name; wait a little while another program holds the old one."""
    for seconds in _WAITS:
        try:
            os.replace(temporary, path)
        except PermissionError:
            time.sleep(seconds)
        else:
            return
    os.replace(temporary, path)


def _opener(mode: int | None) -> Any:
    """Return what `open` calls to make a file that has at most the permissions of `mode`."""
    permissions = 0o666 if mode is None else mode & 0o666
    return lambda name, flags: os.open(name, flags, permissions)


@contextmanager
def naming(filename: str | os.PathLike[str]) -> Iterator[None]:
    """Make an OSError name the file that was asked for, not the temporary one beside it."""
    try:
        yield
    except OSError as problem:
        raise OSError(problem.errno, problem.strerror, os.fspath(filename)) from None


def checked_path(filename: Any, name: str = "filename") -> Path:
    """Return `filename` as a Path, if it is a string or a path that can name a file.

    Raises TypeError or ValueError, with the `name` of the argument, if it is not.
    """
    if not isinstance(filename, (str, os.PathLike)):
        raise TypeError(f"{name} must be a string or a path, got {describe(filename)}")
    text = os.fsdecode(filename)
    if not text or "\0" in text:
        raise ValueError(f"{name} must be the name of a file, got {describe(filename)}")
    return Path(text)
