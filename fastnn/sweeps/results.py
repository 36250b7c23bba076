"""The file that a sweep writes its results to, goes on from, and shares with other processes."""

from __future__ import annotations

import json
import math
import os
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from fastnn.common.checks import describe, printable
from fastnn.common.reading import parse_json
from fastnn.common.writing import check_writable, checked_path
from fastnn.model.history import History
from fastnn.sweeps.claims import Claims
from fastnn.sweeps.headers import differences_between, header_of, in_form, name_of_sweep
from fastnn.sweeps.settings import plain_settings
from fastnn.sweeps.sharing import SweepData
from fastnn.sweeps.table import Row, accuracies_of

_NAMED = 5  # damaged lines that a message names
_COMPRESSED = (".gz", ".bz2", ".xz", ".lzma", ".zst", ".zip")
_OF_GZIP = b"\x1f\x8b"


class ResultsFile:
    """JSON lines: one about the sweep, then one for each network that was trained.

    The first line holds the settings outside the grid and digests of the data; these must stay the
    same. Seeds and values of the grid may be added from one call to the next. Networks that failed
    are not in the file, so that they are tried again. Any number of processes may share the file:
    one at a time reads or writes, and each claims the networks that it is about to train.

    Parameters
    ----------
    filename : str or path-like
        A new file, or one that an earlier call has written.
    settings : mapping
        All settings outside the grid.
    varied : sequence of str
        The names of those in the grid.
    data : SweepData
        What is trained on and evaluated with.
    stopped : SimpleQueue, optional
        Once something is in it, the file is not waited for where another process holds its lock.

    Raises
    ------
    ImportError
        If filelock is not installed.
    TypeError, ValueError
        If the file is of another sweep, or none; if a setting has no name to know it by.
    OSError
        If it cannot be read or written.

    Warns
    -----
    RuntimeWarning
        If lines are damaged, or of another sweep: their networks are trained again.
    """

    def __init__(
        self,
        filename: str | os.PathLike[str],
        settings: Mapping[str, Any],
        varied: list[str],
        data: SweepData,
        stopped: SimpleQueue[None] | None = None,
    ) -> None:
        path = checked_path(filename, "results")
        if path.suffix.lower() in _COMPRESSED:
            raise ValueError(
                f"results must name a file of plain text, without {path.suffix}, got "
                f"{describe(path.name)}: rows are added to it one by one, so it is not compressed"
            )
        self._path = Path(os.path.realpath(path))
        self._about = header_of(settings, varied, data)
        self._n_evaluation = len(data.evaluation or ())
        self._header = _line(self._about)
        self._sweep = name_of_sweep(self._about)
        self._names = {self._sweep}  # and others, by which rows of an earlier version go
        check_writable(filename, "results")
        if self._path.exists() and not self._path.is_file():  # but a device, or a pipe
            raise ValueError(f"results must name a regular file, got {describe(filename)}")
        self._claims = Claims(self._path, stopped)
        self._rows: dict[str, Row] = {}
        self._begin()
        self._damaged: dict[int, str] = {}
        with self._claims.locked():
            self._read()

    def _begin(self) -> None:
        """Take the file for one of which nothing has been read."""
        self._position = 0  # how many bytes have been read; they are whole lines
        self._start = b""  # and the first of these, by which the file is known again
        self._lines = 0  # and how many lines these are
        self._unended = False  # the last of them has no line break
        self._known = False  # whether anything in the file says that it is of this sweep

    def plain(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Return the settings of a network as JSON has them: of this call, or of any file."""
        return plain_settings(settings, self._about["settings"].get("cost"), "grid[{!r}]")

    def key(self, settings: Mapping[str, Any], seed: int) -> str:
        """Return what a network is known by in the file and among claims, by its plain settings."""
        return json.dumps([settings, seed], sort_keys=True)

    def row(self, key: str) -> Row | None:
        """Return the row of a network; None if it was not in the file when it was last read."""
        return self._rows.get(key)

    def kept(self) -> AbstractContextManager[None]:
        """Keep claims alive while the block runs, and give them back then."""
        return self._claims.kept()

    def claim(self, keys: Iterable[str], most: int) -> tuple[list[str], list[str]]:
        """Read what others have added, then claim networks that have no row and no trainer.

        Return the keys of those that are claimed, and of those passed over that have a row.
        """
        found = []

        def without_row() -> Iterator[str]:
            for key in keys:
                if key in self._rows:
                    found.append(key)
                else:
                    yield key

        with self._claims.locked():
            self._read()
            return self._claims.take(without_row(), most), found

    def add(self, row: Row, settings: Mapping[str, Any]) -> None:
        """Write a row, unless another process has, and return when it is on the disk.

        Its settings are those of `plain` before training: code may do something else since.
        """
        assert row.history is not None
        key = self.key(settings, row.seed)
        line = _line(
            {
                "settings": settings,
                "seed": row.seed,
                "final_accuracy": row.final_accuracy,
                "best_accuracy": row.best_accuracy,
                "seconds": row.seconds,
                "history": _without_nan(row.history.to_dict()),
                "sweep": self._sweep,
            }
        )
        with self._claims.locked():
            self._read()
            if key not in self._rows:
                self._append(line)
                self._rows[key] = row
        self.give_back(key)

    def give_back(self, key: str) -> None:
        """Claim a network no longer."""
        self._claims.give_back(key)

    def problem_with(self, problem: Exception, rows: int) -> Exception:
        """Return what to raise, after training, where rows could not be written."""
        hint = (
            f"{rows} rows that were trained are not in the file, but in .sweep of this error. Once "
            "it can be written, the same call trains only what is missing there"
        )
        if isinstance(problem, OSError):
            return OSError(problem.errno, f"{problem.strerror}; {hint}", str(self._path))
        return ValueError(f"{problem}; {hint}")

    def warn_of_damage(self, stacklevel: int) -> None:
        """Warn of the lines that could not be used, once for each."""
        if not self._damaged:
            return
        some = list(self._damaged.items())[:_NAMED]
        named = "; ".join(f"line {number} is {reason}" for number, reason in some)
        more = f"; and {len(self._damaged) - _NAMED} more" if len(self._damaged) > _NAMED else ""
        self._damaged.clear()
        warnings.warn(
            f"results: of {printable(self._path)}, {named}{more}. It stays there, and its network "
            "is trained again",
            RuntimeWarning,
            stacklevel=stacklevel + 1,
        )

    def _append(self, line: bytes) -> None:
        content = line if self._known else self._header + line
        with open(self._path, "ab") as file:
            file.truncate(self._position)  # removes a line that was cut short
            if self._unended:
                file.write(b"\n")
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            self._position = file.tell()
        self._start = self._start or _first_line(content)
        self._lines += content.count(b"\n")
        self._known, self._unended = True, False

    def _read(self) -> None:
        """Take in the lines that were added since the last time."""
        try:
            with open(self._path, "rb") as file:
                shortened = os.fstat(file.fileno()).st_size < self._position
                if shortened or file.read(len(self._start)) != self._start:  # it was written anew
                    self._begin()
                file.seek(self._position)
                content = file.read()
        except FileNotFoundError:
            self._begin()
            return
        if self._unended and content.startswith((b"\n", b"\r\n")):
            self._position += content.index(b"\n") + 1
            content = content[content.index(b"\n") + 1 :]
            self._unended = False
        *lines, tail = content.split(b"\n")
        if tail and _parsed(tail) is not None:  # an editor has removed the last line break
            lines.append(tail)
            self._unended, tail = True, b""
        for line in lines:
            self._lines += 1
            self._take_in(line)
        self._position += len(content) - len(tail)
        self._start = self._start or _first_line(content[: self._position])
        rows = self._lines and self._rows  # rows may be left from before the file was emptied
        of_others = self._damaged or rows or not self._header.startswith(tail)
        if not self._known and of_others:
            why = _why_no_lines(self._start or content)
            raise ValueError(f"results: {printable(self._path)} is {_NOT_OF_THIS}{why}{_EXPECTED}")

    def _take_in(self, line: bytes) -> None:
        if not line.strip():
            return
        content = _parsed(line)
        if content is not None and content.get("format") is not None:
            if in_form(content) == self._about:
                self._known = True
                self._names.add(name_of_sweep(content))
            elif self._known:
                self._damaged[self._lines] = "of another sweep"
            else:
                raise ValueError(
                    f"results: {printable(self._path)} is {_NOT_OF_THIS}: "
                    f"{differences_between(content, self._about)}{_EXPECTED}"
                )
            return
        try:
            if content is None:
                raise ValueError("it is no object of JSON")
            row = _row_of(content, self._n_evaluation)
            key = self.key(self.plain(row.settings), row.seed)
        except _OF_DAMAGE as problem:
            self._damaged[self._lines] = f"damaged ({describe(problem)})"
            return
        if content.get("sweep", self._sweep) not in self._names:
            self._damaged[self._lines] = "of another sweep"
            return
        self._known = self._known or "sweep" in content
        self._rows.setdefault(key, row)


_NOT_OF_THIS = "not of this sweep"
# What reading a damaged line may raise.
_OF_DAMAGE = AttributeError, LookupError, OverflowError, RecursionError, TypeError, ValueError
_EXPECTED = "; expected a new file, or one of the same data and the same settings outside the grid"


def _why_no_lines(start: bytes) -> str:
    """Say what a file is that begins in this way, if that is no line of JSON."""
    if start.startswith(_OF_GZIP):
        return ": it is gzipped, unpack it first"
    if start.lstrip().startswith(b"["):
        return ": it is an array of JSON, and rows are lines with an object each"
    encoding = json.detect_encoding(start)  # Windows PowerShell's > writes UTF-16
    if not encoding.startswith("utf-8") and start.decode(encoding, "replace").startswith("{"):
        return f": it is in {encoding.upper()}, write it as UTF-8"
    return ""


def _parsed(line: bytes) -> dict[str, Any] | None:
    """Return the object that a line of JSON holds; None if it holds something else."""
    try:
        content = parse_json(line.strip().decode("utf-8-sig"))  # with the mark of Windows' editors
    except ValueError:
        return None
    return content if isinstance(content, dict) else None


def _first_line(content: bytes) -> bytes:
    return content.partition(b"\n")[0]


def _row_of(content: dict[str, Any], n_evaluation: int) -> Row:
    """Return the row of a line. Raise one of `_OF_DAMAGE` if it cannot be one of this sweep."""
    history, seed = History.from_dict(content["history"]), int(content["seed"])
    if seed != content["seed"]:
        raise ValueError(f"its seed is {describe(content['seed'])}")
    if not all(0 <= count <= n_evaluation for count in history.evaluation_accuracy):
        raise ValueError(f"it counts others than 0 to {n_evaluation} examples as right")
    accuracies = accuracies_of(history, n_evaluation)
    if accuracies != (content["final_accuracy"], content["best_accuracy"]):
        raise ValueError("its accuracies are not those of its history")
    final, best = accuracies
    return Row(dict(content["settings"]), seed, history, final, best, float(content["seconds"]))


def _line(content: dict[str, Any]) -> bytes:
    return json.dumps(content, allow_nan=False).encode() + b"\n"


def _without_nan(value: Any) -> Any:
    """Return the same lists and numbers; those that JSON has no form for as text float() takes."""
    if isinstance(value, dict):
        return {name: _without_nan(entry) for name, entry in value.items()}
    if isinstance(value, list):
        return [_without_nan(entry) for entry in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value
