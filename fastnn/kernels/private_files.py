"""Files that a program keeps for its next run, and that nobody else may have changed."""

from __future__ import annotations

import contextlib
import glob
import hashlib
import os
import pickle
import stat
import uuid
from pathlib import Path
from typing import Any

_DIGEST_BYTES = hashlib.sha256().digest_size


class PrivateFiles:
    """Objects on disk, each in a file of its own that is named by a digest of what it is.

    A file is there whole or not at all. It begins with a digest of the rest, so that one that was
    damaged later is not taken. Several processes may load and save the same at once.

    Parameters
    ----------
    folder : Path
        Where the files are. It is made so that nobody else can write into it.
    name : str
        What the names of the files begin with.
    stamp : str
        A digest of what all of them are made from. Files with another one are stale.
    ending : str
        What the names of the files end with.
    most : int, optional
        How many are kept. The oldest make room for others.
    """

    def __init__(
        self, folder: Path, name: str, stamp: str, ending: str, most: int | None = None
    ) -> None:
        self.folder = folder
        self._name, self._stamp, self._ending, self._most = name, stamp[:8], ending, most

    def load(self, digest: str) -> Any:
        """Return what was saved under a digest; None if there is nothing that may be taken."""
        with contextlib.suppress(Exception):  # loading may raise anything
            path = self._path(digest)
            if is_safe(path):
                content = memoryview(path.read_bytes())
                body = content[_DIGEST_BYTES:]
                if hashlib.sha256(body).digest() == content[:_DIGEST_BYTES]:
                    return pickle.loads(body)
        return None

    def save(self, digest: str, kept: Any) -> None:
        """Keep an object under a digest, if that can be done, and remove stale files."""
        with contextlib.suppress(Exception):  # the disk may be full or read-only
            body = pickle.dumps(kept, protocol=5)
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            self.folder.mkdir(0o755, exist_ok=True)
            self._remove_stale()
            path = self._path(digest)
            beside = path.with_name(f"{path.name}.{uuid.uuid4().hex}")
            try:
                beside.touch(0o600, exist_ok=False)
                beside.write_bytes(hashlib.sha256(body).digest() + body)
                os.replace(beside, path)
            finally:
                beside.unlink(missing_ok=True)
            self._remove_oldest()

    def _path(self, digest: str) -> Path:
        return self.folder / f"{self._name}-{self._stamp}-{digest}.{self._ending}"

    def _remove_stale(self) -> None:
        """Remove files of this name with another stamp.

        A process that has loaded one does without the file.
        """
        for path in self.folder.glob(f"{glob.escape(self._name)}-*"):
            if not path.name.startswith(f"{self._name}-{self._stamp}-"):
                with contextlib.suppress(OSError):  # another process may remove it, too
                    path.unlink()

    def _remove_oldest(self) -> None:
        if self._most is not None:
            found = list(self.folder.glob(f"{glob.escape(self._name)}-*.{self._ending}"))
            for path in sorted(found, key=os.path.getmtime)[: -self._most]:
                path.unlink(missing_ok=True)


def is_safe(path: Path) -> bool:
    """Say whether only this user and the administrator can write a file, and into its folder."""
    if not hasattr(os, "geteuid"):
        return path.is_file()
    return all(_is_ours(os.stat(entry)) for entry in (path, path.parent))


def _is_ours(entry: os.stat_result) -> bool:
    shared = stat.S_IWOTH | (0 if _is_private(entry) else stat.S_IWGRP)
    return entry.st_uid in (0, os.geteuid()) and not entry.st_mode & shared


def _is_private(entry: os.stat_result) -> bool:
    """Say whether the group of a file is the one that some systems make for each user alone."""
    import grp
    import pwd

    try:
        return grp.getgrgid(entry.st_gid).gr_name == pwd.getpwuid(entry.st_uid).pw_name
    except KeyError:
        return False
