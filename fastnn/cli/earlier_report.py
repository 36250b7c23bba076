"""What a report may replace: an earlier one that it is worth no less than, and no other file."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from fastnn.chapter5.report import is_report
from fastnn.chapter5.results import RESULTS, Stored, read_results
from fastnn.common.checks import printable
from fastnn.common.writing import check_writable

_ELSE = "name another folder"


def prepare_folder(out: Path, planned: Mapping[str, Mapping[str, Any]], *, quick: bool) -> None:
    """Make the folder of a report, if the report can be written there and destroys nothing.

    Parameters
    ----------
    out : Path
    planned : mapping
        The settings of each experiment that is to run, by its name.
    quick : bool
        Whether they run quickly.

    Raises
    ------
    ValueError
        If a file is in the way that is not fastnn's own or cannot be written, or the report that
        is there has what this one would lack.
    """
    folder = out / "figures"
    there = next(path for path in (folder, *folder.parents) if os.path.lexists(path))
    if not there.is_dir():
        raise ValueError(
            f"--out must be a folder, or the name of a new one, got {printable(out)}: "
            f"{printable(there)} is no folder"
        )
    results = out / RESULTS
    stored = read_results(out) if results.is_file() else None
    if stored is None and results.is_file():
        raise _foreign(out, results)
    page = out / "report.html"
    if page.is_file() and not is_report(page):
        raise _foreign(out, page)
    drawn = list(_figures(out, planned))
    if drawn and not page.exists():
        raise _foreign(out, drawn[0])
    if stored is not None:
        _check_keeps(stored, planned, quick, f"--out {printable(out)}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path in (page, results, folder / "new.svg", *drawn):
            check_writable(path)
    except OSError as problem:
        raise ValueError(f"--out: {problem}") from None


def _figures(out: Path, planned: Iterable[str]) -> Iterator[Path]:
    """Yield what may be figures of these experiments, with whose names theirs begin."""
    for path in sorted(out.glob("figures/*")):
        if path.suffix in (".svg", ".png") and path.name.startswith(tuple(planned)):
            yield path


def _foreign(out: Path, path: Path) -> ValueError:
    return ValueError(
        f"--out {printable(out)} holds {printable(path.relative_to(out))}, which fastnn chapter5 "
        f"did not write and may replace: {_ELSE}, or move that file"
    )


def _check_keeps(
    stored: Stored, planned: Mapping[str, Mapping[str, Any]], quick: bool, where: str
) -> None:
    """Raise ValueError if the stored report has anything that the planned one would lack."""
    dropped = [name for name in stored.settings if name not in planned]
    if dropped:
        raise ValueError(
            f"{where} holds a report with {', '.join(map(printable, dropped))}, which this run "
            f"would drop: {_ELSE}, or run all experiments"
        )
    if stored.quick and not quick:
        return  # which proves nothing, with however many seeds
    if quick and not stored.quick:
        raise ValueError(f"{where} holds a full report, which --quick would replace: {_ELSE}")
    for name, before in stored.settings.items():
        now = planned[name]
        if not set(before["seeds"]) <= set(now["seeds"]):
            seeds = max(before["seeds"]) + 1
            raise ValueError(
                f"{where} holds {name} with {len(before['seeds'])} seeds, this run has "
                f"{len(now['seeds'])}: {_ELSE}, or give --seeds {seeds} or more"
            )
        if before.get("dtype") != now.get("dtype"):
            raise ValueError(
                f"{where} holds {name} in {before.get('dtype')}, this run is in "
                f"{now.get('dtype')}: {_ELSE}, or give --dtype {before.get('dtype')}"
            )
