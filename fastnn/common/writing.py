"""Write files whole or not at all."""

from __future__ import annotations

import os
import secrets
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fastnn.common.checks import describe


def write_whole(filename: str | os.PathLike[str], content: bytes) -> None:
    """Write `content` to a temporary file beside `filename`, then give it that name in one step.

    Links are followed. An existing file keeps its permissions. Anything but a regular file, such as
    a pipe, is written to directly.
    """
    path = Path(os.path.realpath(checked_path(filename)))
    if path.exists() and not path.is_file():
        path.write_bytes(content)
        return
    temporary = path.with_name(f".fastnn-{secrets.token_hex(8)}")
    with _naming(filename):
        try:
            with open(temporary, "xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            if path.exists():
                os.chmod(temporary, stat.S_IMODE(path.stat().st_mode))
            os.replace(temporary, path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


def check_writable(filename: str | os.PathLike[str]) -> None:
    """Raise OSError now if `write_whole` could not write there later."""
    path = Path(os.path.realpath(checked_path(filename)))
    with _naming(filename):
        tempfile.TemporaryFile(dir=path.parent).close()


@contextmanager
def _naming(filename: str | os.PathLike[str]) -> Iterator[None]:
    """Make an OSError name the file that was asked for, not the temporary one beside it."""
    try:
        yield
    except OSError as problem:
        raise OSError(problem.errno, problem.strerror, os.fspath(filename)) from None


def checked_path(filename: Any) -> Path:
    """Return `filename` as a Path, if it is a string or a path."""
    if not isinstance(filename, (str, os.PathLike)):
        raise TypeError(f"filename must be a string or a path, got {describe(filename)}")
    return Path(filename)
