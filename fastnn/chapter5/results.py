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

from fastnn.chapter5 import report
from fastnn.chapter5.experiment import Experiment, Mapper, Measurement
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
    """Run one experiment; if `quick`, with its settings for a smoke test."""
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
    """Write `results.json`: published and measured numbers, by the name of the experiment.

    Parameters
    ----------
    folder : path
        It must exist.
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
        If the file cannot be written; nothing half-written is left.
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
    """List the versions of fastnn, which is given, and of what it runs on."""
    return {
        "fastnn": own,
        "numpy": np.__version__,
        "numba": numba.__version__,
        "python": platform.python_version(),
    }


def section(finished: Finished) -> report.Section:
    """Turn an experiment into a section of the report."""
    experiment = finished.experiment
    finding, *paragraphs = experiment.findings(finished.result)
    return report.Section(
        name=finished.name,
        title=experiment.title,
        question=experiment.question,
        finding=finding,
        paragraphs=paragraphs,
        figures=experiment.figures(finished.result),
        comparisons=[
            report.Comparison(
                measurement.quantity,
                measurement.published,
                *summary(measurement),
                len(measurement.values),
                *single_runs(measurement),
            )
            for measurement in experiment.measurements(finished.result)
        ],
        code=experiment.code,
    )


def summary(measurement: Measurement) -> Interval:
    """Sum the values up in one number with its 95 % interval.

    The ends are NaN if there is no interval.
    """
    if measurement.summary == "largest":
        return Interval(float(measurement.values.max()), math.nan, math.nan)
    if measurement.summary == "geometric mean":
        return Interval(*(math.exp(end) for end in mean_interval(np.log(measurement.values))))
    return mean_interval(measurement.values)


def single_runs(measurement: Measurement) -> tuple[float, float] | tuple[None, None]:
    """Return the ends between which 95 of 100 single runs would lie; None if no spread is known."""
    if measurement.summary == "largest" or len(measurement.values) == 1:
        return None, None
    if measurement.summary == "geometric mean":
        _, low, high = single_run_interval(np.log(measurement.values))
        return math.exp(low), math.exp(high)
    _, low, high = single_run_interval(measurement.values)
    return low, high


def _described(finished: Finished) -> dict[str, Any]:
    experiment = finished.experiment
    return {
        "title": experiment.title,
        "question": experiment.question,
        "settings": finished.settings,
        "findings": experiment.findings(finished.result),
        "quantities": [
            _described_measurement(measurement)
            for measurement in experiment.measurements(finished.result)
        ],
    }


def _described_measurement(measurement: Measurement) -> dict[str, Any]:
    middle, low, high = (None if math.isnan(end) else end for end in summary(measurement))
    single_low, single_high = single_runs(measurement)
    return {
        "quantity": measurement.quantity,
        "published": measurement.published,
        "measured": {
            measurement.summary: middle,
            "low": low,
            "high": high,
            "single_run_low": single_low,
            "single_run_high": single_high,
        },
        "per_seed": [float(value) for value in measurement.values],
    }
