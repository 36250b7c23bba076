"""The file that a sweep writes its results to, and goes on from after an interruption."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from fastnn.common.checks import describe, printable
from fastnn.common.reading import parse_json
from fastnn.common.writing import check_writable, checked_path
from fastnn.datasets.digests import example_digests
from fastnn.model.history import History
from fastnn.sweeps.sharing import Data
from fastnn.sweeps.table import Row

_FORMAT = "fastnn sweep 1"


class ResultsFile:
    """JSON lines: one about the sweep, then one for each network that was trained.

    The first line holds the settings outside the grid and digests of the data; these must stay the
    same. Seeds and values of the grid may be added from one call to the next. Networks that failed
    are not in the file, so that they are tried again.

    Parameters
    ----------
    filename : str or path-like
        A new file, or one that an earlier call has written.
    settings : mapping
        All settings outside the grid.
    varied : sequence of str
        The names of those in the grid.
    data : Data
        What is trained on and evaluated with.

    Raises
    ------
    TypeError, ValueError
        If the file is of another sweep, or none; if a setting has no name to know it by.
    OSError
        If it cannot be read or written.
    """

    def __init__(
        self,
        filename: str | os.PathLike[str],
        settings: Mapping[str, Any],
        varied: list[str],
        data: Data,
    ) -> None:
        self._path = checked_path(filename)
        self._header = _line(
            {
                "format": _FORMAT,
                "settings": {name: _plain(name, value) for name, value in settings.items()},
                "grid": varied,
                "data": {name: _digest(dataset) for name, dataset in data.named()},
            }
        )
        check_writable(self._path)
        self._rows: dict[str, Row] = {}
        self._whole = 0  # how many bytes of the file are whole lines
        if self._path.exists():
            self._read(self._path.read_bytes())

    def row(self, settings: dict[str, Any], seed: int) -> Row | None:
        """Return the row of a network; None if it is not in the file."""
        stored = self._rows.get(_key(_plain_settings(settings), seed))
        return None if stored is None else stored._replace(settings=settings)

    def add(self, row: Row) -> None:
        """Write a row, and return when it is on the disk."""
        assert row.history is not None
        line = _line(
            {
                "settings": _plain_settings(row.settings),
                "seed": row.seed,
                "final_accuracy": row.final_accuracy,
                "best_accuracy": row.best_accuracy,
                "seconds": row.seconds,
                "history": row.history.to_dict(),
            }
        )
        content = line if self._whole else self._header + line
        with open(self._path, "ab") as file:
            file.truncate(self._whole)  # removes a line that was cut short
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        self._whole += len(content)

    def _read(self, content: bytes) -> None:
        self._whole = content.rfind(b"\n") + 1
        lines = content[: self._whole].splitlines(keepends=True)
        # The file has no whole line if the first one was cut short.
        if lines[:1] != [self._header] and not (not lines and self._header.startswith(content)):
            raise ValueError(
                f"results: {printable(self._path)} is not of this sweep; expected a new file, or "
                "one of the same data and the same settings outside the grid"
            )
        for number, line in enumerate(lines[1:], start=2):
            try:
                stored = parse_json(line)
                row = Row(
                    stored["settings"],
                    int(stored["seed"]),
                    History.from_dict(stored["history"]),
                    stored["final_accuracy"],
                    stored["best_accuracy"],
                    float(stored["seconds"]),
                )
            except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as problem:
                raise ValueError(
                    f"results: line {number} of {printable(self._path)} is damaged: "
                    f"{describe(problem)}"
                ) from None
            self._rows[_key(row.settings, row.seed)] = row


def _line(content: dict[str, Any]) -> bytes:
    return json.dumps(content).encode() + b"\n"


def _key(plain_settings: dict[str, Any], seed: int) -> str:
    return json.dumps([plain_settings, seed], sort_keys=True)


def _plain_settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _plain(f"grid[{name!r}]", value) for name, value in settings.items()}


def _plain(name: str, value: Any) -> Any:
    """Return a setting for JSON: classes and functions by name, named tuples with their type's.

    Raises ValueError for a function without a name, such as a lambda: another would look the same.
    """
    if isinstance(value, np.dtype) or (isinstance(value, type) and issubclass(value, np.generic)):
        return np.dtype(value).name
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, (list, tuple)):
        entries = [_plain(name, entry) for entry in value]
        return entries if type(value) in (list, tuple) else [type(value).__name__, *entries]
    if isinstance(value, (bool, int, float, str, type(None))):
        return value
    if not hasattr(value, "__qualname__") or "<" in value.__qualname__:
        raise ValueError(
            f"{name} must be something with a name of its own where results are kept, as a "
            f"function of a module is; got {describe(value)}"
        )
    return f"{value.__module__}.{value.__qualname__}"


def _digest(dataset: Any) -> str:
    """Return a digest of the examples in their order."""
    digests = example_digests(dataset)[dataset.order]
    return hashlib.blake2b(digests.tobytes(), digest_size=16).hexdigest()
