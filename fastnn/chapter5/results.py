"""Run experiments and hand on what they found: to `results.json` and to the report page."""

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

from fastnn.chapter5 import report
from fastnn.chapter5.experiment import Experiment, Mapper, Row
from fastnn.common.intervals import Interval, mean_interval, single_run_interval
from fastnn.common.writing import write_whole


@dataclass(frozen=True)
class Finished:
    """An experiment that has run."""

    name: str
    experiment: Experiment
    settings: dict[str, Any]  # in the form that JSON knows
    result: Any


def run_experiment(
    name: str,
    experiment: Experiment,
    seeds: Sequence[int],
    *,
    quick: bool,
    dtype: npt.DTypeLike,
    mapper: Mapper,
) -> Finished:
    """Run one experiment, with its settings for a smoke test if `quick`."""
    settings = dict(experiment.quick) if quick else {}
    offered = {"dtype": np.dtype(dtype), "mapper": mapper}
    result = experiment.run(
        seeds, **settings, **{setting: offered[setting] for setting in experiment.takes}
    )
    described = {"seeds": list(seeds), **settings}
    if "dtype" in experiment.takes:
        described["dtype"] = np.dtype(dtype).name
    return Finished(name, experiment, described, result)


def write_results(
    folder: str | os.PathLike[str], experiments: Sequence[Finished], versions: Mapping[str, str]
) -> Path:
    """Write `results.json`: what was published and measured, by the names of the experiments.

    Parameters
    ----------
    folder : path
        It must be there.
    experiments : sequence of Finished
    versions : mapping of str to str
        See `versions`.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    OSError
        If it cannot be written; nothing is then left of it.
    """
    content = {
        "versions": dict(versions),
        "experiments": {finished.name: _described(finished) for finished in experiments},
    }
    path = Path(folder) / "results.json"
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
    write_whole(path, f"{text}\n".encode())
    return path


def versions(own: str) -> dict[str, str]:
    """The versions of what was used, fastnn's given."""
    return {
        "fastnn": own,
        "numpy": np.__version__,
        "numba": numba.__version__,
        "python": platform.python_version(),
    }


def section(finished: Finished) -> report.Section:
    """An experiment as a section of the report."""
    experiment = finished.experiment
    finding, *paragraphs = experiment.findings(finished.result)
    return report.Section(
        name=finished.name,
        title=experiment.title,
        question=experiment.question,
        finding=finding,
        paragraphs=paragraphs,
        figures=experiment.figures(finished.result),
        rows=[
            report.Row(
                row.quantity, row.published, *summary(row), len(row.values), *single_runs(row)
            )
            for row in experiment.rows(finished.result)
        ],
        code=experiment.code,
    )


def summary(row: Row) -> Interval:
    """A row's values in one number, and the ends of its 95 % interval; NaN where it has none."""
    if row.summary == "largest":
        return Interval(float(row.values.max()), math.nan, math.nan)
    if row.summary == "geometric mean":
        return Interval(*(math.exp(end) for end in mean_interval(np.log(row.values))))
    return mean_interval(row.values)


def single_runs(row: Row) -> tuple[float, float] | tuple[None, None]:
    """Between which ends a single run would lie, 95 times in 100; None where nothing says so."""
    if row.summary == "largest" or len(row.values) == 1:
        return None, None
    if row.summary == "geometric mean":
        _, low, high = single_run_interval(np.log(row.values))
        return math.exp(low), math.exp(high)
    _, low, high = single_run_interval(row.values)
    return low, high


def _described(finished: Finished) -> dict[str, Any]:
    experiment = finished.experiment
    return {
        "title": experiment.title,
        "question": experiment.question,
        "settings": finished.settings,
        "findings": experiment.findings(finished.result),
        "quantities": [_row(row) for row in experiment.rows(finished.result)],
    }


def _row(row: Row) -> dict[str, Any]:
    middle, low, high = (None if math.isnan(end) else end for end in summary(row))
    single_low, single_high = single_runs(row)
    return {
        "quantity": row.quantity,
        "published": row.published,
        "measured": {
            row.summary: middle,
            "low": low,
            "high": high,
            "single_run_low": single_low,
            "single_run_high": single_high,
        },
        "per_seed": [float(value) for value in row.values],
    }
