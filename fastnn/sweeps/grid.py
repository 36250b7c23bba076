"""From a grid of settings to networks and options, all checked."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from fastnn.common.checks import describe
from fastnn.datasets.fitting import check_fits
from fastnn.model.architecture import Architecture
from fastnn.model.costs import check_cost, kernel_cost
from fastnn.model.description import architecture_of
from fastnn.network2 import Network
from fastnn.sweeps.code_in_settings import Known, checked_code
from fastnn.sweeps.settings import checked_settings, groups
from fastnn.sweeps.sharing import SweepData
from fastnn.training.checked_options import check_monitors, check_options
from fastnn.training.options import DEFAULTS, OPTIONS, SWEPT, Options
from fastnn.training.overrides import check_overrides, refuse_overridden

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
_NAMES = {*_OF_NETWORK, *SWEPT}
_WITHOUT = "train_many makes networks of fastnn's own, without"
# As they are before a script can put others in their place.
_OWN = {
    name: getattr(Network, name)
    for name in ("SGD", "default_weight_initializer", "large_weight_initializer")
}
Grid = Mapping[str, Sequence[Any]] | Sequence[Mapping[str, Any]]


class Point(NamedTuple):
    """A point of the grid."""

    varied: dict[str, Any]  # the settings that the grid gives it
    settings: dict[str, Any]  # all settings by name, with those of the grid
    network: dict[str, Any]  # the arguments of `Network`
    options: Options  # and those of `SGD`
    code: dict[str, str]  # digests of what code among them does, by the setting


def points_of(settings: Mapping[str, Any], grid: Grid | None, data: SweepData) -> list[Point]:
    """Make all points of a grid, the last of its settings varying first.

    Parameters
    ----------
    settings : mapping
        Arguments of `Network` and `SGD`, by name; None stands for one that was not given.
    grid : mapping of str to sequence, sequence of mappings, or None
        Values to be tried, in all combinations, or the points themselves. These take the place of a
        setting of the same name, which may be for those without it.
    data : SweepData
        What the networks have to fit.

    Raises
    ------
    TypeError, ValueError
        If a setting is unknown, missing, wrong at any point, or given and used at none.
    """
    defaults = with_defaults(settings, data.evaluation is not None)
    check_names(settings)
    _check_used(settings, grid)
    combinations = _combinations(grid, defaults)
    points = []
    known = Known()
    for here in combinations:
        try:
            points.append(_point(here, {**defaults, **here}, data, known))
        except (TypeError, ValueError) as problem:
            if not here:
                raise
            named = {name: here[name] for name in varying(combinations)} or here
            raise type(problem)(f"grid at {describe(named)}: {problem}") from None
    return points


def _check_used(settings: Mapping[str, Any], grid: Grid | None) -> None:
    """Raise ValueError if a setting is given for nothing, as the grid has it at every point.

    One that is the default may not have been given, and sizes have to be.
    """
    for name in grid if isinstance(grid, Mapping) else ():
        given = settings.get(name)
        if name == "sizes" or given is None:
            continue
        both = [checked_settings({name: value}) for value in (given, _DEFAULTS.get(name))]
        if len(groups(both)) == 2:
            raise ValueError(
                f"{name} must be left out, as grid[{name!r}] has it at every point, got "
                f"{describe(given)}"
            )


def with_defaults(settings: Mapping[str, Any], has_evaluation_data: bool) -> dict[str, Any]:
    """Return the settings that are given, and the defaults of those that are not and have one."""
    given = {name: value for name, value in settings.items() if value is not None}
    return {**_DEFAULTS, "monitor_evaluation_accuracy": has_evaluation_data, **given}


def varying(points: Sequence[dict[str, Any]]) -> list[str]:
    """Return the names of what is not the same at all points."""
    names = points[0] if points else {}
    return [name for name in names if len(groups({name: here[name]} for here in points)) > 1]


def check_names(names: Iterable[str]) -> None:
    """Raise TypeError if there is a name of no setting."""
    for name in names:
        if name not in _NAMES:
            raise TypeError(
                f"{name} is no setting of a sweep; expected arguments of Network or SGD, and of "
                "SGD those that say how to train and what to monitor"
            )


def _combinations(grid: Any, defaults: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the settings that the grid gives each point, checked but for what they are worth."""
    if grid is None:
        return [{}]
    if isinstance(grid, Mapping):
        check_names(grid)
        cost = None if "cost" in grid else defaults["cost"]
        values = [_values_of(name, entries, cost) for name, entries in grid.items()]
        return [dict(zip(grid, chosen, strict=True)) for chosen in itertools.product(*values)]
    if not isinstance(grid, (list, tuple)) or not all(isinstance(here, Mapping) for here in grid):
        raise TypeError(f"grid must be a dict of lists, or a list of dicts, got {describe(grid)}")
    names = dict.fromkeys(name for here in grid for name in here)
    check_names(names)
    for place, here in enumerate(grid):
        for name in names:
            if name not in here and name not in defaults:
                raise ValueError(
                    f"grid[{place}] must have {name}, which others have and no argument gives"
                )
    given = [{**defaults, **here} for here in grid]
    points = [without_arrays({name: here.get(name) for name in names}) for here in given]
    _check_different("grid", grid, [checked_settings(here, defaults["cost"]) for here in points])
    return points


def _values_of(setting: str, values: Any, cost: Any) -> list[Any]:
    """Return different values of a setting as a list, and arrays among them as lists."""
    name = f"grid[{setting!r}]"
    if getattr(values, "ndim", 0) == 1 and hasattr(values, "tolist"):  # a Series of pandas, say
        values = values.tolist()
    if (
        isinstance(values, str)
        or not isinstance(values, (Sequence, np.ndarray))
        or (isinstance(values, np.ndarray) and not values.ndim)
    ):
        raise TypeError(f"{name} must be a list of values, got {describe(values)}")
    entries = [without_arrays(value) for value in values]
    _check_different(name, values, [checked_settings({setting: one}, cost) for one in entries])
    return entries


def _check_different(name: str, values: Any, checked: list[dict[str, Any]]) -> None:
    if not checked or len(groups(checked)) < len(checked):
        raise ValueError(f"{name} must hold different values, one at least, got {describe(values)}")


def without_arrays(value: Any) -> Any:
    """Return a value with lists and numbers of Python in place of NumPy's."""
    if isinstance(value, dict):
        return {name: without_arrays(entry) for name, entry in value.items()}
    return value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value


def _point(
    varied: dict[str, Any],
    settings: dict[str, Any],
    data: SweepData,
    known: Known,
) -> Point:
    for name in ("sizes", *SWEPT):
        if name not in settings:
            raise ValueError(f"{name} must be given, or be in the grid")
    of_network = {name: settings[name] for name in _OF_NETWORK}
    _check_untouched(settings["initializer"])
    # Drawn from a generator of its own: the global ones stay as they are.
    network = Network(**of_network, generator=np.random.RandomState(0))
    refuse_overridden(network, _WITHOUT)
    architecture = architecture_of(network)
    options = check_options(
        {**_FIXED, **{name: settings[name] for name in SWEPT}},
        hidden_layers=len(architecture.sizes) - 2,
        has_evaluation_data=data.evaluation is not None,
    )
    check_monitors(options, architecture)
    check_overrides(network, options, threads=None, checkpoint=None, sample_weight=None)
    for name, dataset in data.named():
        check_fits(name, dataset, architecture.sizes)
    code = checked_code({**of_network, "schedule": options.schedule}, known)
    _compile_own(architecture)
    return Point(varied, settings, of_network, options, code)


def _check_untouched(initializer: Any) -> None:
    """Raise ValueError if a script has put something in the place of what a sweep does not call."""
    called = "SGD", f"{initializer}_weight_initializer"
    for name, own in _OWN.items():
        if name in called and getattr(Network, name) is not own:
            raise ValueError(f"{_WITHOUT} what is overridden here: Network.{name}")


def _compile_own(architecture: Architecture) -> None:
    """Compile a user's cost now, so that one warning is given where it cannot be compiled."""
    kernel_cost(check_cost(architecture.cost, "delta", "fn"), architecture.dtype)
