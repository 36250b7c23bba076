"""The look that all figures share: colours, lines, markers and axes; and a check of their input."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from fastnn.common.checks import describe, numbers
from fastnn.common.libraries import check_libraries

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

# The colours of text and lines, and of the background. The report replaces them by the page's own,
# so that figures follow a dark page. Nothing else may be drawn in these two colours.
INK = "#1b1c1d"
PAPER = "#fefefe"

SIZE = (3.9, 2.9)  # inches: the width of a phone, so that text keeps its size there


_SHORT = 15  # letters of the longest name of which two fit beside each other


class Look(NamedTuple):
    """How to draw one curve so that it differs from the others."""

    color: str
    linestyle: Any
    marker: str


# After Okabe and Ito's colours, which differ for every kind of colour vision. Each has a contrast
# of 3:1 at least with both the light page and the dark one. Line styles and markers differ, too,
# for print in black.
LOOKS = (
    Look("#0072b2", "-", "o"),
    Look("#b87700", (0, (6, 2)), "s"),
    Look("#009e73", (0, (6, 2, 1.5, 2)), "^"),
    Look("#d55e00", (0, (1.5, 1.5)), "D"),
    Look("#c25086", (0, (6, 2, 1.5, 2, 1.5, 2)), "v"),
    Look("#7f63c4", (0, (3, 1.5)), "P"),
)
BOOK: dict[str, Any] = {
    "color": INK,
    "marker": "x",
    "markersize": 7,
    "markeredgewidth": 1.6,
    "linestyle": "none",
    "zorder": 4,
}


def look(place: int) -> Look:
    """The look of curve number `place`; the seventh looks like the first."""
    return LOOKS[place % len(LOOKS)]


def axes_or_new(ax: Axes | None, size: tuple[float, float] = SIZE) -> Axes:
    """Return `ax`, or the axes of a new pyplot figure, which `pyplot.show` shows."""
    if ax is not None:
        return ax
    check_libraries("a figure", ["matplotlib"], "plot")
    from matplotlib import pyplot

    return new_axes(pyplot.figure(figsize=size, layout="constrained"))


def new_axes(figure: Figure) -> Axes:
    """Add axes to a figure, in the style of all figures of fastnn."""
    ax = figure.add_subplot()
    figure.set_facecolor(PAPER)
    ax.set_facecolor(PAPER)
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_color(INK)
    ax.tick_params(which="both", colors=INK, labelsize=9.5)
    ax.set_axisbelow(True)
    return ax


def label(ax: Axes, x: str, y: str, *, grid: Literal["both", "x", "y"] | None = "y") -> None:
    """Label the axes, and draw faint grid lines."""
    ax.set_xlabel(x, color=INK, fontsize=10)
    ax.set_ylabel(y, color=INK, fontsize=10)
    if grid:
        ax.grid(axis=grid, color=INK, alpha=0.12, linewidth=0.8)


def legend(ax: Axes, *, right: bool = False) -> None:
    """Name the curves above the axes, where no curve is in the way.

    It begins at the left end of the axes, or ends at their right one, where long labels of an axis
    leave more room. Names that are too long to stand side by side stand below each other.
    """
    _, names = ax.get_legend_handles_labels()
    ax.legend(
        frameon=False,
        fontsize=9,
        labelcolor=INK,
        handlelength=2.2,
        columnspacing=1.0,
        loc="lower right" if right else "lower left",
        bbox_to_anchor=(1.0 if right else 0.0, 1.0),
        borderaxespad=0.2,
        ncols=1 if max(map(len, names), default=0) > _SHORT else 2,
    )


def note(ax: Axes, text: str, xy: tuple[float, float], offset: tuple[float, float]) -> None:
    """Write a remark beside a point, `offset` points away from it."""
    ax.annotate(
        text,
        xy,
        xytext=offset,
        textcoords="offset points",
        color=INK,
        fontsize=9,
        ha="left" if offset[0] >= 0 else "right",
        va="center",
    )


def plain_numbers(axis: Axis) -> None:
    """Label a logarithmic axis of a decade or two with 1, 2 and 5, not with powers of ten."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


def halo(width: float) -> list[Any]:
    """Effects that set a line apart from the thin ones below it."""
    from matplotlib.patheffects import withStroke

    return [withStroke(linewidth=width, foreground=PAPER)]


def beside(n: int, width: float) -> npt.NDArray[np.float64]:
    """Offsets that put `n` points side by side, centred on zero and `width` wide in all."""
    places = (np.arange(n, dtype=np.float64) - (n - 1) / 2) * (width / max(n, 1))
    return places.astype(np.float64)


def entries_of(name: str, entries: Any) -> dict[Any, Any]:
    """Return what is to be drawn by its name, one thing at least."""
    if not isinstance(entries, Mapping):
        raise TypeError(f"{name} must be a mapping, got {describe(entries)}")
    if not entries:
        raise ValueError(f"{name} must have one entry at least, got none")
    return dict(entries)


def array_of(
    name: str, values: npt.ArrayLike, shape: str, *, dimensions: int
) -> npt.NDArray[np.float64]:
    """Return `values` as a finite array; `shape` is the one that errors ask for."""
    array = np.asarray(numbers(name, values, shape), dtype=np.float64)
    if array.ndim != dimensions or not array.size:
        raise ValueError(f"{name} must be an array of shape {shape}, got shape {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must hold only finite numbers, got some that are not")
    return array
