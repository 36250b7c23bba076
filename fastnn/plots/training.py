"""Figures of how training went, from what `SGD` returns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from fastnn.common.checks import describe, integer
from fastnn.common.intervals import student_t
from fastnn.model.history import History
from fastnn.plots.style import axes_or_new, label, legend, look

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SETS = ("training", "evaluation")


def history(
    runs: History | Sequence[History],
    what: str | None = None,
    *,
    n_training: int | None = None,
    n_evaluation: int | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw accuracy or cost, on training and evaluation data, epoch by epoch.

    Parameters
    ----------
    runs : History or sequence of History
        What `SGD` returned, once or for several seeds.
    what : str, optional
        "accuracy" or "cost"; by default the first of them that was monitored.
    n_training, n_evaluation : int, optional
        How many examples there are. Accuracies are per cent where this is known of all that is
        drawn, and else numbers of examples.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib Axes
        With several runs: their mean, and a band for its 95 % interval. Runs that ended early
        count as long as they last.

    Raises
    ------
    TypeError, ValueError
        If `runs` are no histories or have not monitored what is to be drawn, or if `n_training` and
        `n_evaluation` do not go with it.
    """
    histories = _histories(runs)
    if what is None:
        what = "accuracy" if any(_figures(h, "accuracy") for h in histories) else "cost"
    if what not in ("accuracy", "cost"):
        raise ValueError(f'what must be "accuracy" or "cost", got {describe(what)}')
    if not any(_figures(each, what) for each in histories):
        raise ValueError(
            f"runs must have monitored the {what}: train with monitor_training_{what}=True or "
            f"monitor_evaluation_{what}=True"
        )
    curves = {of: _curves(histories, f"{of}_{what}") for of in _SETS}
    sizes = {}
    if what == "accuracy":
        given = {"training": n_training, "evaluation": n_evaluation}
        sizes = _sizes({of: arrays for of, arrays in curves.items() if arrays}, given)
    ax = axes_or_new(ax)
    for place, (of, arrays) in enumerate(curves.items()):
        if arrays:
            scale, limit = (100 / sizes[of], 100.0) if sizes else (1.0, np.inf)
            _draw(ax, [scale * array for array in arrays], place, f"{of} data", limit)
    label(ax, "epoch", "accuracy, %" if sizes else "right answers" if what == "accuracy" else what)
    legend(ax)
    return ax


def _histories(runs: Any) -> list[History]:
    entries = [runs] if isinstance(runs, History) else runs
    if not isinstance(entries, (list, tuple)) or not entries:
        raise TypeError(f"runs must be what SGD returned, or a list of that, got {describe(runs)}")
    for place, entry in enumerate(entries):
        if not isinstance(entry, History):
            raise TypeError(f"runs[{place}] must be what SGD returned, got {describe(entry)}")
    return list(entries)


def _figures(run: History, what: str) -> bool:
    return any(getattr(run, f"{of}_{what}") for of in _SETS)


def _curves(histories: list[History], name: str) -> list[npt.NDArray[np.float64]]:
    curves = [getattr(each, name) for each in histories]
    return [np.array(curve, float) for curve in curves if curve]


def _sizes(
    curves: dict[str, list[npt.NDArray[np.float64]]], given: dict[str, int | None]
) -> dict[str, int]:
    """Return how many examples each of the sets to draw has; none if no number is given.

    Per cent and numbers of examples do not go on one axis.
    """
    unknown = [f"n_{of}" for of in curves if given[of] is None]
    if len(unknown) == len(curves):
        return {}
    if unknown:
        raise ValueError(
            f"{unknown[0]} must be given, too: the runs have monitored the accuracy on training "
            "and evaluation data, which are drawn on one axis"
        )
    sizes = {of: integer(f"n_{of}", given[of], smallest=1) for of in curves}
    for of, size in sizes.items():
        most = max(curve.max() for curve in curves[of])
        if most > size:
            raise ValueError(
                f"n_{of} must be the number of examples, got {size}: a run has {most:.0f} right "
                "answers"
            )
    return sizes


def _draw(
    ax: Axes, curves: list[npt.NDArray[np.float64]], place: int, name: str, limit: float
) -> None:
    """Draw the mean of the curves at each epoch, and its interval where two or more go on.

    No figure can be below 0 or above `limit`, so the interval does not go there either.
    """
    color, linestyle, _ = look(place)
    longest = max(len(curve) for curve in curves)
    values = np.full((len(curves), longest), np.nan)
    for row, curve in zip(values, curves, strict=True):
        row[: len(curve)] = np.where(np.isfinite(curve), curve, np.nan)
    counts = np.isfinite(values).sum(axis=0)
    epochs = np.flatnonzero(counts)
    means = np.nanmean(values[:, epochs], axis=0)
    several = epochs[counts[epochs] > 1]
    if several.size:
        spread = np.nanstd(values[:, several], axis=0, ddof=1) / np.sqrt(counts[several])
        quantiles = np.array([student_t(count - 1) for count in counts[several].tolist()])
        middle = np.nanmean(values[:, several], axis=0)
        low, high = middle - quantiles * spread, middle + quantiles * spread
        low, high = np.clip(low, 0.0, limit), np.clip(high, 0.0, limit)
        ax.fill_between(several, low, high, color=color, alpha=0.2, linewidth=0)
    ax.plot(epochs, means, color=color, linestyle=linestyle, linewidth=1.8, label=name)
