"""Figures of many networks: accuracy against a setting, and the curves of two ways to train."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from fastnn.common.checks import describe
from fastnn.common.intervals import proportion_interval
from fastnn.plots.style import axes_or_new, label, legend, look
from fastnn.sweeps.settings import groups
from fastnn.sweeps.table import different_networks, names_of
from fastnn.sweeps.wording import told_apart

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from fastnn.sweeps.comparison import Comparison
    from fastnn.sweeps.table import Row

# Accuracies of a curve by the value along the axis, the seed and the settings averaged over.
_Measured = dict[Any, dict[int, dict[tuple[str, int], Any]]]

_NAMED = 2  # settings that were left out, which a legend names
_DECADE = 10.0  # from which ratio on positive values stand on a logarithmic axis


def sweep(
    table: Iterable[Row],
    *,
    x: str | None = None,
    hue: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the mean accuracy of a sweep's networks, with its interval, against a setting.

    Parameters
    ----------
    table : Sweep
        What `train_many` returns.
    x : str, optional
        The setting along the axis: by default the first one of the grid.
    hue : str, optional
        A setting with a curve for each of its values. Settings that are neither are averaged over,
        seed by seed; values of them that failed somewhere along a curve are left out all along it,
        as the legend then says.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib Axes
        Final accuracies in per cent: the mean over the seeds and its 95 % interval.

    Raises
    ------
    ValueError
        If the sweep has no such setting, or no accuracy; or as for `Sweep.summary`.
    """
    rows = list(table)
    if all(row.final_accuracy is None for row in rows):
        raise ValueError("table must have networks with an accuracy, got none")
    x = _setting_along(rows, x, hue)
    accuracies = {name: _averaged(curve) for name, curve in _curves_of(rows, x, hue).items()}
    ax = axes_or_new(ax)
    values = list(dict.fromkeys(value for curve, _ in accuracies.values() for value in curve))
    numeric = not any(isinstance(value, str) for value in values)
    if numeric:
        values.sort()
        if values[0] > 0 and values[-1] / values[0] >= _DECADE:
            ax.set_xscale("log")
    for place, (name, (curve, note)) in enumerate(accuracies.items()):
        color, linestyle, marker = look(place)
        there = [value for value in values if value in curve]
        means = [proportion_interval(curve[value]) for value in there]
        reach = [
            [100 * (one.mean - one.low) for one in means],
            [100 * (one.high - one.mean) for one in means],
        ]
        ax.errorbar(
            there if numeric else [values.index(value) for value in there],
            [100 * one.mean for one in means],
            yerr=np.nan_to_num(reach),
            color=color,
            linestyle=linestyle if numeric else "none",
            marker=marker,
            markersize=5,
            linewidth=1.6,
            capsize=4,
            label=("mean, 95 % interval" if hue is None else f"{hue} {name}") + note,
        )
    if not numeric:
        ax.set_xticks(range(len(values)), [str(value) for value in values])
    ax.margins(x=0.08, y=0.12)
    label(ax, x, "final accuracy (%)")
    legend(ax)
    return ax


def _setting_along(rows: list[Row], x: str | None, hue: str | None) -> str:
    """Return the setting along the axis; raise ValueError unless all rows have it, and `hue`."""
    settings = names_of(row.settings for row in rows)
    common = [setting for setting in settings if all(setting in row.settings for row in rows)]
    if x is None:
        if not common:
            raise ValueError("table must be of a sweep with a grid, got one without")
        x = common[0]
    for name, setting in (("x", x), ("hue", hue)):
        if setting is not None and setting not in common:
            which = "and not all rows have it" if setting in settings else "which no row has"
            raise ValueError(f"{name} must be one of {common}, got {describe(setting)}, {which}")
    return x


def _curves_of(rows: list[Row], x: str, hue: str | None) -> dict[Any, _Measured]:
    """Return the accuracies of each curve, by the value of `hue` as it is shown, or None."""
    rows = [
        row
        for places in groups(row.settings for row in rows)
        for row in different_networks(rows[place] for place in places)
        if row.final_accuracy is not None
    ]
    xs = told_apart([row.settings[x] for row in rows], _shown)
    hues = [None] * len(rows)
    if hue is not None:
        hues = told_apart([row.settings[hue] for row in rows], _shown)
    others = [
        {name: value for name, value in row.settings.items() if name not in (x, hue)}
        for row in rows
    ]
    measured: dict[Any, _Measured] = {}
    for number, places in enumerate(groups(others)):
        shown = ", ".join(f"{name}={_shown(value)}" for name, value in others[places[0]].items())
        for place in places:
            row = rows[place]
            seeds = measured.setdefault(hues[place], {}).setdefault(xs[place], {})
            seeds.setdefault(row.seed, {})[shown, number] = row.final_accuracy
    return measured


def _averaged(curve: _Measured) -> tuple[dict[Any, list[float]], str]:
    """Average a curve over the other settings, at each of its values and for each seed.

    The same of them count everywhere, or the curve would show which have failed. Return also what
    the legend has to say of that.
    """
    there = [{one for seed in seeds.values() for one in seed} for seeds in curve.values()]
    everywhere, anywhere = set.intersection(*there), set.union(*there)
    means = {
        value: [
            float(np.mean([seed[one] for one in everywhere]))
            for seed in seeds.values()
            if everywhere and everywhere <= seed.keys()
        ]
        for value, seeds in curve.items()
    }
    if not all(means.values()):  # as in a list of points, whose settings differ anyway
        means = {
            value: [float(np.mean(list(seed.values()))) for seed in seeds.values()]
            for value, seeds in curve.items()
        }
        return means, ", of different settings"
    left_out = [shown for shown, _ in sorted(anywhere - everywhere)]
    more = f" and {len(left_out) - _NAMED} more" if len(left_out) > _NAMED else ""
    note = f", without {'; '.join(left_out[:_NAMED])}{more}" if left_out else ""
    return means, note


def comparison(compared: Comparison, *, ax: Axes | None = None) -> Axes:
    """Draw the accuracies of both sides of a comparison after each epoch, a curve for each seed.

    Parameters
    ----------
    compared : Comparison
        What `fastnn.compare` returns.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib Axes
        Thin curves of seeds and, over the epochs that all of a side have, thick ones of their mean.
    """
    ax = axes_or_new(ax)
    for place, (name, rows) in enumerate((("a", compared.a), ("b", compared.b))):
        color, linestyle, _ = look(3 * place)
        settings = ", ".join(
            f"{setting}={_shown(value)}"
            for setting, value in rows[0].settings.items()
            if _typed(compared.a[0].settings[setting]) != _typed(compared.b[0].settings[setting])
        )
        curves = [
            100 * np.array(row.history.evaluation_accuracy) / compared.examples
            for row in rows
            if row.history is not None
        ]
        for curve in curves:
            ax.plot(curve, color=color, linewidth=0.7, alpha=0.25)
        shared = min(map(len, curves))
        mean = np.mean([curve[:shared] for curve in curves], axis=0)
        ax.plot(
            mean, color=color, linestyle=linestyle, linewidth=2.2,
            label=f"{name}: {settings or 'the same'}, mean of {len(curves)}",
        )  # fmt: skip
    label(ax, "epoch", "accuracy (%)")
    legend(ax)
    return ax


def _typed(value: Any) -> Any:
    return type(value), value  # named tuples are equal whatever their types


def _shown(value: Any) -> Any:
    """Return a number as it is, and anything else as a short text."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    if type(value) in (list, tuple):
        return ",".join(str(_shown(entry)) for entry in value)
    return str(getattr(value, "__name__", value))
