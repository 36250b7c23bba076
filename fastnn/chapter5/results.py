"""Run experiments, and turn their results into `results.json` and sections of the report."""

from __future__ import annotations

import json
import math
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from fastnn.chapter5.experiment import Experiment, Mapper
from fastnn.chapter5.page import Row, Section
from fastnn.common.checks import check_seeds, flag

RESULTS = "results.json"
"""The file's name in the folder of a report."""


@dataclass(frozen=True)
class Finished:
    """An experiment that has run."""

    name: str
    experiment: Experiment
    settings: dict[str, Any]  # in the form that JSON knows
    result: Any
    conclusive: bool = True  # whether the settings are the chapter's


@dataclass(frozen=True)
class Stored:
    """What `results.json` says of the run that wrote it."""

    quick: bool
    settings: dict[str, dict[str, Any]]  # by the name of the experiment


def run_experiment(
    name: str,
    experiment: Experiment,
    seeds: Sequence[int],
    *,
    quick: bool,
    dtype: npt.DTypeLike,
    mapper: Mapper,
) -> Finished:
    """Run one experiment; if `quick`, with its settings for a smoke test."""
    settings = dict(experiment.quick) if quick else {}
    offered = {"dtype": np.dtype(dtype), "mapper": mapper}
    result = experiment.run(
        seeds, **settings, **{setting: offered[setting] for setting in experiment.takes}
    )
    described = settings_of(experiment, seeds, quick=quick, dtype=dtype)
    return Finished(name, experiment, described, result, conclusive=not quick)


def settings_of(
    experiment: Experiment, seeds: Sequence[int], *, quick: bool, dtype: npt.DTypeLike
) -> dict[str, Any]:
    """Return the settings with which `run_experiment` runs, in the form that JSON knows."""
    settings = {"seeds": check_seeds(seeds), **(experiment.quick if quick else {})}
    if "dtype" in experiment.takes:
        settings["dtype"] = np.dtype(dtype).name
    return settings


def results_file(experiments: Sequence[Finished], versions: Mapping[str, str]) -> bytes:
    """Return the content of `RESULTS`: published and measured numbers, by the experiment's name.

    Parameters
    ----------
    experiments : sequence of Finished
    versions : mapping of str to str
        See `versions`.
    """
    content = {
        "versions": dict(versions),
        "quick": not all(finished.conclusive for finished in experiments),
        "experiments": {finished.name: _described(finished) for finished in experiments},
    }
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
    return f"{text}\n".encode()


def versions(own: str) -> dict[str, str]:
    """List the versions of fastnn, which is given, and of what it runs on."""
    return {
        "fastnn": own,
        "numpy": np.__version__,
        "numba": numba.__version__,
        "python": platform.python_version(),
    }


def section(finished: Finished) -> Section:
    """Turn an experiment into a section of the report."""
    experiment = finished.experiment
    finding, *paragraphs = experiment.findings(finished.result)
    return Section(
        name=finished.name,
        title=experiment.title,
        question=experiment.question,
        finding=finding,
        paragraphs=paragraphs,
        figures=experiment.figures(finished.result),
        rows=_rows(finished),
        code=experiment.code,
        setup=experiment.setup + _departures(finished),
        motion=experiment.motion(finished.result) if experiment.motion else None,
    )


def _departures(finished: Finished) -> str:
    """Say with which settings an experiment ran quickly in place of those that it tells of."""
    changed = [
        f"{name} = {value:,}"
        for name, value in finished.settings.items()
        if not finished.conclusive and name in finished.experiment.quick
    ]
    return f" This quick run has {' and '.join(changed)} instead." if changed else ""


def _rows(finished: Finished) -> list[Row]:
    return [
        Row(
            one.quantity,
            one.summary,
            one.claim,
            conclusive=finished.conclusive,
            possible=one.possible,
        )
        for one in finished.experiment.measurements(finished.result)
    ]


def read_results(folder: str | os.PathLike[str]) -> Stored | None:
    """Return what a folder's `results.json` says of the run; None if that is not fastnn's own."""
    try:
        content = json.loads((Path(folder) / RESULTS).read_text(encoding="utf-8"))
        content["versions"]["fastnn"]
        settings = {name: one["settings"] for name, one in content["experiments"].items()}
        for one in settings.values():
            check_seeds(one["seeds"])
        # Earlier versions tell a quick run only by the settings that a full one has not.
        quick = any(set(one) - {"seeds", "dtype"} for one in settings.values())
        return Stored(flag("quick", content.get("quick", quick)), settings)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def _described(finished: Finished) -> dict[str, Any]:
    experiment = finished.experiment
    return {
        "title": experiment.title,
        "question": experiment.question,
        "settings": finished.settings,
        "findings": experiment.findings(finished.result),
        "quantities": [_described_row(row) for row in _rows(finished)],
    }


def _described_row(row: Row) -> dict[str, Any]:
    summary, claim = row.summary, row.claim
    low, high, single_low, single_high = (
        None if math.isnan(end) else end for end in (*row.ends, *row.single_ends)
    )
    return {
        "quantity": row.quantity,
        "published": claim.says if claim else None,
        "where": claim.where if claim else None,
        "rule": claim.rule.text if claim else None,
        "verdict": row.verdict,
        "measured": {
            summary.average: summary.middle,
            "low": low,
            "high": high,
            "single_run_low": single_low,
            "single_run_high": single_high,
        },
        "per_seed": [float(value) for value in summary.values],
    }
