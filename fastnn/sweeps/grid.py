"""From a grid of settings to networks and options, all checked."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from fastnn.common.checks import describe
from fastnn.datasets.dataset import check_fits
from fastnn.model.architecture import Architecture
from fastnn.model.costs import kernel_cost
from fastnn.model.description import architecture_of
from fastnn.network2 import Network
from fastnn.sweeps.sharing import Data
from fastnn.training.options import DEFAULTS, OPTIONS, SWEPT, Options, check_monitors, check_options
from fastnn.training.overrides import refuse_overridden

_OF_NETWORK = ("sizes", "cost", "dtype", "activation", "output", "initializer")
_DEFAULTS = {
    **{
        name: parameter.default
        for name, parameter in inspect.signature(Network).parameters.items()
        if name in _OF_NETWORK and parameter.default is not parameter.empty
    },
    **{name: value for name, value in DEFAULTS.items() if name in SWEPT},
}
_FIXED = {
    name: option.in_sweeps.value for name, option in OPTIONS.items() if option.in_sweeps is not None
}


class Point(NamedTuple):
    """A point of the grid."""

    varied: dict[str, Any]  # the settings that the grid gives it
    settings: dict[str, Any]  # all settings by name, with those of the grid
    network: dict[str, Any]  # the arguments of `Network`
    options: Options  # and those of `SGD`


def points_of(
    settings: Mapping[str, Any], grid: Mapping[str, Iterable[Any]] | None, data: Data
) -> list[Point]:
    """Make all points of a grid, the last of its settings varying first.

    Parameters
    ----------
    settings : mapping
        Arguments of `Network` and `SGD`, by name; None stands for one that was not given.
    grid : mapping of str to sequence, or None
        Values to be tried. They take the place of a setting of the same name.
    data : Data
        What the networks have to fit.

    Raises
    ------
    TypeError, ValueError
        If a setting is unknown, missing or wrong at any point.
    """
    varied = _checked_grid(grid)
    unknown = [name for name in (*settings, *varied) if name not in (*_OF_NETWORK, *SWEPT)]
    if unknown:
        raise TypeError(
            f"{unknown[0]} is no setting of a sweep; expected arguments of Network or SGD, and of "
            "SGD those that say how to train and what to monitor"
        )
    given = {name: value for name, value in settings.items() if value is not None}
    defaults = {**_DEFAULTS, "monitor_evaluation_accuracy": data.evaluation is not None}
    points = []
    for values in itertools.product(*varied.values()):
        here = dict(zip(varied, values, strict=True))
        try:
            points.append(_point(here, {**defaults, **given, **here}, data))
        except (TypeError, ValueError) as problem:
            if not here:
                raise
            raise type(problem)(f"grid at {describe(here)}: {problem}") from None
    return points


def _checked_grid(grid: Any) -> dict[str, list[Any]]:
    if grid is not None and not isinstance(grid, Mapping):
        raise TypeError(f"grid must be a dict of lists, got {describe(grid)}")
    checked = {}
    for name, values in (grid or {}).items():
        if isinstance(values, str) or not isinstance(values, (Sequence, np.ndarray)):
            raise TypeError(f"grid[{name!r}] must be a list of values, got {describe(values)}")
        entries = values.tolist() if isinstance(values, np.ndarray) else list(values)
        if not entries or any(entry in entries[:i] for i, entry in enumerate(entries)):
            raise ValueError(
                f"grid[{name!r}] must hold different values, one at least, got {describe(values)}"
            )
        checked[name] = entries
    return checked


def _point(varied: dict[str, Any], settings: dict[str, Any], data: Data) -> Point:
    for name in SWEPT:
        if name not in settings:
            raise ValueError(f"{name} must be given, or be in the grid")
    of_network = {name: settings[name] for name in _OF_NETWORK}
    # Drawn from a generator of its own: the global ones stay as they are.
    network = Network(**of_network, generator=np.random.RandomState(0))
    refuse_overridden(network, "train_many makes networks of fastnn's own, without")
    architecture = architecture_of(network)
    options = check_options(
        {**_FIXED, **{name: settings[name] for name in SWEPT}},
        hidden_layers=len(architecture.sizes) - 2,
        has_evaluation_data=data.evaluation is not None,
    )
    check_monitors(options, architecture)
    for name, dataset in data.named():
        check_fits(name, dataset, architecture.sizes)
    _compile_own(architecture)
    return Point(varied, settings, of_network, options)


def _compile_own(architecture: Architecture) -> None:
    """Compile a user's cost now, so that one warning is given where it cannot be compiled."""
    kernel_cost(architecture.cost, architecture.dtype)
