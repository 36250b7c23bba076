"""Files that a command writes must be no files that it reads, nor each other."""

from __future__ import annotations

import argparse
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import suppress

from fastnn.common.checks import printable


def check_written(options: argparse.Namespace, written: Sequence[str], read: Sequence[str]) -> None:
    """Raise ValueError if a file would be replaced that the same command reads or writes.

    Parameters
    ----------
    options : Namespace
    written, read : sequence of str
        Names of options that are files to write, and files or folders to read.
    """
    taken = {path: name for name in read for path in _files(options, name)}
    taken |= {path: name for name in read for path in _standard_input(options, name)}
    for name in written:
        for path in _files(options, name):
            if path in taken:
                raise ValueError(
                    f"{_flag(name)} {printable(getattr(options, name))} is the file of "
                    f"{_flag(taken[path])}, which would be replaced; expected another name"
                )
            taken[path] = name


def _files(options: argparse.Namespace, name: str) -> Iterator[tuple[int, int] | str]:
    """Yield what tells the files of an option from others, also where links lead to them."""
    given = getattr(options, name, [])
    for path in given if isinstance(given, list) else [given]:
        inside = os.listdir(path) if path and os.path.isdir(path) else [""]
        for each in inside:
            # As whoever writes it does: a folder that is not there may come before "..".
            file = os.path.realpath(os.path.join(path, each) if each else path)
            if os.path.isfile(file):
                found = os.stat(file)
                yield found.st_dev, found.st_ino
            elif not os.path.exists(file):  # a pipe or a device is not replaced
                yield file


def _standard_input(options: argparse.Namespace, name: str) -> Iterator[tuple[int, int]]:
    """Yield what tells the file that standard input comes from, if an option is `-`."""
    given = getattr(options, name, [])
    if "-" in (given if isinstance(given, list) else [given]):
        with suppress(OSError):  # it may be closed
            found = os.fstat(0)
            if stat.S_ISREG(found.st_mode):
                yield found.st_dev, found.st_ino


def _flag(name: str) -> str:
    positional = {"network": "NETWORK", "data": "the data"}
    return positional.get(name, f"--{name.replace('_', '-')}")
