"""Render figures to SVG and PNG without pyplot or a display, to the same bits every time."""

from __future__ import annotations

import io
import threading
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from fastnn.common.libraries import check_libraries
from fastnn.plots.style import SIZE, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_PIXELS_AN_INCH = 200
# With these settings a saved figure has the same ids every time, and its text stays text, which can
# be searched and copied. They hold for the whole process, so only one figure is saved at a time.
_SETTINGS: dict[Any, Any] = {"svg.hashsalt": "fastnn", "svg.fonttype": "none"}
_SAVING = threading.Lock()


class Drawing(Protocol):
    """A function of `fastnn.plots` that has all its arguments but the axes to draw on."""

    def __call__(self, *, ax: Axes) -> Axes:
        """Draw on `ax` and return it."""


class Picture(NamedTuple):
    """A figure in both formats."""

    svg: bytes
    png: bytes


def render(draw: Drawing, size: tuple[float, float] = SIZE) -> Picture:
    """Draw a figure and return it as SVG and PNG.

    Parameters
    ----------
    draw : callable
        Called once with ``ax=``; for example ``functools.partial(plots.layer_speeds, history)``.
    size : tuple of float, optional
        Width and height in inches.

    Returns
    -------
    Picture
        ``svg`` and ``png``, without a date, so that the same drawing gives the same bits.
    """
    check_libraries("a figure", ["matplotlib"], "plot")
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, layout="constrained")
    FigureCanvasAgg(figure)
    draw(ax=new_axes(figure))
    svg, png = io.BytesIO(), io.BytesIO()
    with _SAVING, matplotlib.rc_context(_SETTINGS):
        figure.savefig(
            svg, format="svg", metadata={"Date": None, "Creator": None}, dpi=_PIXELS_AN_INCH
        )
        figure.savefig(png, format="png", metadata={"Software": None}, dpi=_PIXELS_AN_INCH)
    return Picture(svg.getvalue(), png.getvalue())
