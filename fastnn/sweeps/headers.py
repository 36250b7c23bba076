"""The first line of a file of results: which sweep it is of, and how another one differs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from fastnn.common.checks import describe, shortened
from fastnn.datasets.digests import example_digests
from fastnn.sweeps.grid import with_defaults
from fastnn.sweeps.settings import is_code_of_earlier_version, plain_settings
from fastnn.sweeps.sharing import SweepData

_FORMAT = "fastnn sweep 1"
_NAMED = 5  # settings that differ, which a message names


def header_of(settings: Mapping[str, Any], varied: list[str], data: SweepData) -> dict[str, Any]:
    """Return what the first line says.

    Parameters
    ----------
    settings : mapping
        All settings outside the grid.
    varied : list of str
        The names of those in the grid.
    data : SweepData
        What is trained on and evaluated with.
    """
    return {
        "format": _FORMAT,
        "settings": plain_settings(settings),
        "grid": sorted(varied),
        "data": {name: _digest(dataset) for name, dataset in data.named()},
    }


def differences_between(theirs: dict[str, Any], ours: dict[str, Any]) -> str:
    """Say what differs between the first line of a file and that of this sweep."""
    if theirs.get("format") != ours["format"]:
        return f"its format is {describe(theirs.get('format'))}, not {ours['format']!r}"
    found = []
    grid, theirs = theirs.get("grid"), in_form(theirs)
    varied = theirs["grid"] if isinstance(grid, list) else []
    if theirs["grid"] != ours["grid"]:
        found.append(f"the grid has {describe(ours['grid'])}, there {describe(grid)}")
    for part, difference in (
        ("settings", "{name} is {ours}, there {theirs}"),
        ("data", "{name} is other data than there"),
    ):
        before = theirs.get(part)
        before = before if isinstance(before, dict) else {}
        for name in dict.fromkeys((*ours[part], *before)):
            mine, other = ours[part].get(name), before.get(name)
            if name in varied or name in ours["grid"] or (mine == other and name in ours[part]):
                continue
            if part == "settings" and name not in ours[part]:
                theirs_only = f"{shortened(name)} is {describe(other)} there"
                found.append(f"{theirs_only}, which is no setting of this version")
                continue
            if part == "settings" and is_code_of_earlier_version(other):
                found.append(
                    f"{shortened(name)} is {describe(other)} there, written by an earlier version: "
                    "whether it is the same code cannot be told"
                )
                continue
            found.append(
                difference.format(name=shortened(name), ours=describe(mine), theirs=describe(other))
            )
    found += [f"it has {shortened(name)}" for name in theirs if name not in ours]
    more = f", and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    return ", ".join(found[:_NAMED]) + more


def in_form(about: dict[str, Any]) -> dict[str, Any]:
    """Return a first line in the form in which equal sweeps are equal, whoever has written it.

    What it lacks of the settings that there are by now has its default: that is how an earlier
    version trained.
    """
    formed = _with_sorted_grid(about)
    settings, grid, data = about.get("settings"), about.get("grid"), about.get("data")
    if isinstance(settings, dict) and isinstance(grid, list) and isinstance(data, dict):
        usual = with_defaults({}, "evaluation_data" in data)
        given = {name: value for name, value in usual.items() if name not in map(str, grid)}
        with suppress(RecursionError, ValueError):  # from what no version has written
            formed["settings"] = plain_settings({**given, **settings})
    return formed


def _with_sorted_grid(about: dict[str, Any]) -> dict[str, Any]:
    about = {name: value for name, value in about.items() if value is not None}
    grid = about.get("grid")
    return {**about, "grid": sorted(map(str, grid)) if isinstance(grid, list) else grid}


def name_of_sweep(about: dict[str, Any]) -> str:
    """Return a short name of a sweep, made from its first line as it is in the file."""
    content = json.dumps(_with_sorted_grid(about), sort_keys=True).encode()
    return hashlib.blake2b(content, digest_size=8).hexdigest()


def _digest(dataset: Any) -> str:
    """Return a digest of the examples in their order."""
    digests = example_digests(dataset)[dataset.order]
    return hashlib.blake2b(digests.tobytes(), digest_size=16).hexdigest()
