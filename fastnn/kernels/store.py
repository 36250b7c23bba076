"""The store of the package: kernels that were compiled where the package was made.

Most of the time that a kernel takes to compile goes into what is the same on every machine: typing,
lowering, and the passes of LLVM. The store keeps the result, LLVM's bitcode, of which code for the
CPU at hand is made in a tenth of the time. `fastnn compile` writes it, before a wheel is built or
where the package is installed.

A file of the store is a zip archive: `stamp.json` says what it was made from, `index.json` where
each kernel lies, and the other members have a few variants of a kernel function each.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import io
import itertools
import json
import pickle
import sys
import zipfile
from pathlib import Path
from typing import Any

from .numba_parts import has_avx512, machine
from .private_files import is_safe

FOLDER = Path(__file__).with_name("stored")

# A kernel as `numba_parts` takes it apart, pickled, by the function's name and its types.
Collected = dict[tuple[str, str], bytes]

# For each kernel function and digest of types: the member of the archive, and where in it.
_Index = dict[str, dict[str, tuple[str, int, int]]]

# How many kernels a member has: much of them is the same, but all must be read to read one.
_TOGETHER = 4


class Store:
    """The kernels that came with the package.

    Parameters
    ----------
    stamp : str or None
        A digest of the sources of the kernels. If they are unknown, nothing is found.
    folder : Path, optional
        Where the files are.
    """

    def __init__(self, stamp: str | None, folder: Path = FOLDER) -> None:
        self._sources, self._folder = stamp, folder
        self._collected: Collected | None = None
        self._open = functools.cache(self._open_anew)

    def find(self, name: str, types: str) -> Any:
        """Return what was collected for this kernel and these types of arguments, or None."""
        index = self._open()
        place = index.get(name, {}).get(_digest(types))
        if place is None:
            return None
        member, begin, end = place
        with zipfile.ZipFile(self.path) as archive:
            return pickle.loads(archive.read(member)[begin:end])

    @property
    def path(self) -> Path:
        """The file for this version of Python, and for a CPU like this one."""
        kind = "wide" if has_avx512() else "narrow"
        return self._folder / f"{sys.implementation.cache_tag}-{kind}.zip"

    def is_there(self) -> bool:
        """Say whether there now is a file that may be used."""
        return bool(self._open_anew())

    def stamp(self) -> dict[str, str | None]:
        """Say all that a file of the store must have been made with to be of use here."""
        versions = {name: importlib.metadata.version(name) for name in ("numba", "llvmlite")}
        numpy = ".".join(importlib.metadata.version("numpy").split(".")[:2])
        return {
            **versions,
            "numpy": numpy,
            "python": str(sys.implementation.cache_tag),
            "sources": self._sources,
            "triple": machine()[0],
        }

    def _open_anew(self) -> _Index:
        """Return the index; empty if there is no file that may be used."""
        try:
            if self._sources is None or not is_safe(self.path):
                return {}
            with zipfile.ZipFile(self.path) as archive:
                if json.loads(archive.read("stamp.json")) != self.stamp():
                    return {}
                index: _Index = json.loads(archive.read("index.json"))
                return index
        except Exception:  # a damaged file may raise anything
            return {}

    # Making one -----------------------------------------------------------------------------------

    @property
    def collects(self) -> bool:
        """Whether `collect` is to be called for every kernel that is compiled."""
        return self._collected is not None

    def begin(self) -> Collected:
        """Collect what is compiled from now on, and find nothing; return where it is collected."""
        self._open = dict  # type: ignore[assignment]  # an empty store, which has no file
        self._collected = {}
        return self._collected

    def collect(self, name: str, types: str, kernel: Any) -> None:
        """Take in a kernel that was compiled."""
        assert self._collected is not None
        self._collected[name, types] = pickle.dumps(kernel, protocol=5)

    def archive(self, collected: Collected) -> bytes:
        """Return the content of a file of the store with these kernels."""
        index: _Index = {}
        members: dict[str, bytes] = {}
        for name, own in itertools.groupby(sorted(collected), key=lambda key: key[0]):
            for number, key in enumerate(own):
                member = f"{name}-{number // _TOGETHER}"
                before = members.get(member, b"")
                members[member] = before + collected[key]
                place = (member, len(before), len(members[member]))
                index.setdefault(name, {})[_digest(key[1])] = place
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w", zipfile.ZIP_LZMA) as file:
            _add(file, "stamp.json", json.dumps(self.stamp()).encode())
            _add(file, "index.json", json.dumps(index).encode())
            for member, kernels in members.items():
                _add(file, member, kernels)
        return content.getvalue()


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    """Add a member whose date is always the same, so that equal content gives equal files."""
    archive.writestr(zipfile.ZipInfo(name), content, compress_type=zipfile.ZIP_LZMA)


def _digest(types: str) -> str:
    return hashlib.sha256(types.encode()).hexdigest()[:32]
