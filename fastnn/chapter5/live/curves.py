"""Curves against epochs, of this run and of one that is held, and the look of all figures."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from bokeh.models import ColumnDataSource, HoverTool, Range1d
from bokeh.plotting import figure

from fastnn.plots.style import INK, PAPER


class Curve(NamedTuple):
    """One line of a figure."""

    name: str
    color: str
    x: Any
    y: Any


class Curves:
    """A figure of curves against epochs: those of this run, and dashed those of the held one."""

    def __init__(self, name: str, y_label: str, *, log: bool = False) -> None:
        self._log = log
        self.figure = plain_figure(
            name,
            x_range=Range1d(0, 1),
            y_range=Range1d(0.1, 1),
            y_axis_type="log" if log else "linear",
        )
        self.figure.xaxis.axis_label, self.figure.yaxis.axis_label = "epoch", y_label
        self._now, self._held = (ColumnDataSource(_columns([])) for _ in range(2))
        for source, dash, width in ((self._held, "dashed", 1.5), (self._now, "solid", 2.2)):
            lines = self.figure.multi_line(
                xs="xs",
                ys="ys",
                line_color="color",
                line_width=width,
                line_dash=dash,
                source=source,
            )
            self.figure.add_tools(
                HoverTool(
                    renderers=[lines],
                    tooltips=[("", "@name"), ("epoch", "$data_x{0}"), ("", "$data_y{0.0000}")],
                    visible=False,
                )
            )
        self._curves: list[Curve] = []
        self._held_curves: list[Curve] = []

    def draw(self, curves: list[Curve], epochs: int) -> None:
        """Draw the curves of this run, which may have so many epochs."""
        self._curves = curves
        self._now.data = _columns(curves)
        self._fit(epochs)

    def hold(self, curves: list[Curve], epochs: int) -> None:
        """Draw the curves of the run to compare with; none to forget it."""
        self._held_curves = curves
        self._held.data = _columns(curves)
        self._fit(epochs)

    def _fit(self, epochs: int) -> None:
        both = [*self._curves, *self._held_curves]
        if not both:
            return
        self.figure.x_range.end = max(epochs, *(curve.x[-1] for curve in both))
        values = np.concatenate([np.asarray(curve.y, np.float64) for curve in both])
        values = values[np.isfinite(values)]
        if self._log:
            values = np.log10(values[values > 0])
        if not values.size:
            return
        low, high = float(values.min()), float(values.max())
        margin = 0.06 * (high - low) or 0.1 * abs(high) or 1.0
        low, high = low - margin, high + margin
        self.figure.y_range.start = 10.0**low if self._log else low
        self.figure.y_range.end = 10.0**high if self._log else high


def plain_figure(name: str, **options: Any) -> Any:
    """Make a figure in the style of all figures of fastnn, without tools to stumble over."""
    made = figure(
        name=name, tools="", toolbar_location=None, height=290, sizing_mode="stretch_width",
        background_fill_color=PAPER, border_fill_color=PAPER, outline_line_color=None,
        min_border_right=12, **options,
    )  # fmt: skip
    made.axis.axis_label_text_font_style = "normal"
    for axis in made.axis:
        axis.axis_label_text_font_size = axis.major_label_text_font_size = "12.5px"
        axis.axis_label_text_color = axis.major_label_text_color = INK
    made.grid.grid_line_alpha = 0.4
    return made


def _columns(curves: list[Curve]) -> dict[str, list[Any]]:
    return {
        "xs": [np.asarray(curve.x, np.float64) for curve in curves],
        "ys": [np.asarray(curve.y, np.float64) for curve in curves],
        "color": [curve.color for curve in curves],
        "name": [curve.name for curve in curves],
    }
