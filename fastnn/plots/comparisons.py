"""Figures that compare results with each other, and with the book's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from fastnn.common.intervals import mean_interval
from fastnn.plots.style import (
    BOOK,
    LOOKS,
    SIZE,
    array_of,
    axes_or_new,
    entries_of,
    halo,
    label,
    legend,
    look,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_WITH_COUNTS = 20  # classes of a confusion matrix
_BESIDE = 0.18  # how far means stand from the seeds' marks


def accuracy_against_depth(
    depths: npt.ArrayLike,
    accuracies: npt.ArrayLike,
    *,
    published: npt.ArrayLike | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the accuracy of networks against their number of hidden layers.

    Parameters
    ----------
    depths : array_like, shape (depths,)
        Numbers of hidden layers.
    accuracies : array_like, shape (depths, seeds)
        In per cent.
    published : array_like, shape (depths,), optional
        The book's accuracies in per cent.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib Axes
        A point for each seed; with several seeds, also their mean and its 95 % interval.

    Raises
    ------
    TypeError, ValueError
        If the arrays have other shapes, or do not hold finite numbers.
    """
    x = array_of("depths", depths, "(depths,)", dimensions=1)
    values = array_of("accuracies", accuracies, f"({len(x)}, seeds)", dimensions=2)
    if len(values) != len(x):
        raise ValueError(
            f"accuracies must have the shape ({len(x)}, seeds), got shape {values.shape}"
        )
    book = (
        None if published is None else array_of("published", published, "(depths,)", dimensions=1)
    )
    if book is not None and book.shape != x.shape:
        raise ValueError(f"published must have the shape {x.shape} of depths, got {book.shape}")
    ax = axes_or_new(ax)
    color = LOOKS[0].color
    ax.plot(
        np.repeat(x, values.shape[1]),
        values.ravel(),
        color=color,
        marker="_",
        markersize=11,
        markeredgewidth=1.2,
        linestyle="none",
        label="one seed",
    )
    if values.shape[1] > 1:
        _intervals(ax, x + _BESIDE, [mean_interval(seeds) for seeds in values], vertical=True)
    if book is not None:
        ax.plot(x - _BESIDE, book, **BOOK, label="the book")
    ax.set_xticks(x)
    ax.margins(x=0.12, y=0.12)
    label(ax, "number of hidden layers", "accuracy on validation data (%)")
    legend(ax)
    return ax


def dot_plot(
    values_by_name: Mapping[str, npt.ArrayLike],
    quantity: str,
    *,
    accuracies: bool = False,
    ax: Axes | None = None,
) -> Axes:
    """Draw the results of several ways of doing something, one line for each way.

    Parameters
    ----------
    values_by_name : mapping of str to array_like, shape (seeds,)
        The first name comes at the top.
    quantity : str
        The name of the values, with their unit.
    accuracies : bool, optional
        Whether the values are accuracies in per cent, below 100. Their axis then shows 97 and 98
        as far apart as 70 and 80: it is logarithmic in the errors, and says so. Intervals end at 0
        and 100.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib Axes
        A point for each seed; with several seeds, also their mean and its 95 % interval.

    Raises
    ------
    TypeError, ValueError
        If values have another shape, are not finite numbers, or are no `accuracies`.
    """
    ways = {
        name: array_of(f"values_by_name[{name!r}]", values, "(seeds,)", dimensions=1)
        for name, values in entries_of("values_by_name", values_by_name).items()
    }
    for name, values in ways.items():
        if accuracies and not (values.min() >= 0 and values.max() < 100):
            raise ValueError(
                f"values_by_name[{name!r}] must be accuracies from 0 to below 100 %, "
                f"got {values.min():g} to {values.max():g}"
            )
    ax = axes_or_new(ax, (SIZE[0], 1.0 + 0.34 * len(ways)))
    color = LOOKS[0].color
    for place, values in enumerate(ways.values()):
        ax.plot(
            values,
            np.full(len(values), float(place)),
            color=color,
            marker="|",
            markersize=8,
            markeredgewidth=1.2,
            linestyle="none",
            label="one seed" if place == 0 else None,
        )
    ends = list(ways.values())
    if all(len(values) > 1 for values in ways.values()):
        intervals = np.array([mean_interval(values) for values in ways.values()])
        if accuracies:
            intervals = intervals.clip(0, 100)
        ends.append(intervals.ravel())
        _intervals(ax, np.arange(len(ways)) + 1.2 * _BESIDE, intervals, vertical=False)
    ax.set_yticks(range(len(ways)), list(ways))
    ax.set_ylim(len(ways) - 0.4, -0.6)
    ax.margins(x=0.08)
    if accuracies:
        _spread_accuracies(ax, np.concatenate(ends))
        quantity += "\n(logarithmic in the errors)"
    label(ax, quantity, "", grid="x")
    legend(ax, right=True)
    return ax


def _spread_accuracies(ax: Axes, shown: npt.NDArray[np.float64]) -> None:
    """Make the axis logarithmic in the errors, 100 - accuracy, and keep accuracies as labels.

    `shown` is what it must reach, but for an accuracy of 100, which lies infinitely far away.
    """
    ax.set_xscale(
        "function",
        functions=(
            lambda accuracy: -np.log10(np.maximum(100 - np.asarray(accuracy), 1e-6)),
            lambda position: 100 - 10.0 ** -np.asarray(position),
        ),
    )
    errors = np.log10(100 - shown[shown < 100])
    margin = 0.08 * float(np.ptp(errors)) or 0.01
    low, high = (100 - 10.0**end for end in (errors.max() + margin, errors.min() - margin))
    ticks = _accuracy_ticks(float(shown.min()), high)
    ax.set_xticks(ticks, [f"{tick:.6g}" for tick in ticks])
    ax.set_xlim(min(low, ticks[0]), high)
    ax.minorticks_off()


def _accuracy_ticks(smallest: float, high: float) -> list[float]:
    """Return round accuracies, the first at or below the smallest, with room for their labels."""
    for digits in (range(9, 0, -1), (5, 2, 1), (1,)):
        errors = [digit * 10.0**power for power in range(2, -4, -1) for digit in digits]
        first = min(error for error in errors if 100 - error <= smallest)
        ticks = [100 - error for error in errors if error <= first and 100 - error <= high]
        gaps = -np.diff(np.log10(np.subtract(100, ticks)))
        span = np.log10(first / (100 - high))
        wide = span < 2 * np.log10((100 - smallest) / (100 - high))
        if len(ticks) > 1 and wide and (gaps > 0.1 * span).all():
            return ticks
    from matplotlib.ticker import MaxNLocator  # of a narrow range

    places = MaxNLocator(4, steps=[1, 2, 5, 10]).tick_values(smallest, high)
    return [float(place) for place in places if place <= high]


def _intervals(
    ax: Axes, places: npt.NDArray[Any], intervals: npt.ArrayLike, *, vertical: bool
) -> None:
    middle, low, high = np.transpose(intervals)
    x, y = (places, middle) if vertical else (middle, places)
    reach = np.array([middle - low, high - middle])
    ax.errorbar(
        x,
        y,
        yerr=reach if vertical else None,
        xerr=None if vertical else reach,
        color=LOOKS[3].color,
        marker=LOOKS[3].marker,
        markersize=5,
        linestyle="none",
        linewidth=1.6,
        capsize=4,
        zorder=3,
        label="mean, 95 % interval",
    )


def curves(
    values_by_name: Mapping[str, npt.ArrayLike],
    xlabel: str,
    ylabel: str,
    *,
    logarithmic: bool = False,
    ax: Axes | None = None,
) -> Axes:
    """Draw values one after the other, such as those of each step, one curve for each name.

    Parameters
    ----------
    values_by_name : mapping of str to array_like, shape (steps,)
    xlabel, ylabel : str
        What is counted, and the name of the values.
    logarithmic : bool, optional
        Whether the axis of the values is logarithmic.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib Axes
        The first curve lies on top.

    Raises
    ------
    TypeError, ValueError
        If values have another shape, or are not finite numbers.
    """
    runs = {
        name: array_of(f"values_by_name[{name!r}]", values, "(steps,)", dimensions=1)
        for name, values in entries_of("values_by_name", values_by_name).items()
    }
    ax = axes_or_new(ax)
    for place, (name, values) in enumerate(runs.items()):
        ax.plot(
            values,
            color=look(place).color,
            linewidth=2.2 if place == 0 else 0.8,
            path_effects=halo(4) if place == 0 else None,
            zorder=3 if place == 0 else 2,
            label=name,
        )
    if logarithmic:
        ax.set_yscale("log", nonpositive="mask")
    label(ax, xlabel, ylabel)
    legend(ax)
    return ax


def confusion(counts: npt.ArrayLike, labels: Sequence[object], *, ax: Axes | None = None) -> Axes:
    """Draw a confusion matrix: how often each answer was given to examples of each class.

    Parameters
    ----------
    counts : array_like, shape (classes, answers)
        Row by true label, column by answer.
    labels : sequence, length classes
        The classes' names; the first of them are those of the answers.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib Axes
        Each cell is as dark as its share of its row, and has its count if there are at most 20
        classes.

    Raises
    ------
    TypeError, ValueError
        If `counts` has another shape, or does not hold finite numbers.
    """
    values = array_of("counts", counts, "(classes, answers)", dimensions=2)
    if len(labels) != len(values) or values.shape[1] > len(labels):
        raise ValueError(
            f"labels must be one for each of the {len(values)} rows of counts, got {len(labels)}"
        )
    ax = axes_or_new(ax)
    shares = values / np.maximum(values.sum(axis=1, keepdims=True), 1)
    ax.imshow(shares, cmap="Blues", vmin=0.0, vmax=1.0)
    names = [str(each) for each in labels]
    ax.set_xticks(range(values.shape[1]), names[: values.shape[1]], rotation="vertical")
    ax.set_yticks(range(len(values)), names)
    if len(values) <= _MOST_WITH_COUNTS:
        for row, column in np.ndindex(values.shape):
            color = "white" if shares[row, column] > 0.5 else "black"
            text = f"{values[row, column]:g}"
            ax.text(column, row, text, ha="center", va="center", color=color, fontsize="small")
    label(ax, "answer", "class")
    return ax
