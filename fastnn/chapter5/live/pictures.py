"""Pictures of a network: the book's bars, its first weights, and what it makes of a digit."""

from __future__ import annotations

from typing import Any

import numpy as np
from bokeh.models import (
    ColorBar,
    ColumnDataSource,
    FixedTicker,
    HoverTool,
    LinearColorMapper,
    Range1d,
)

from fastnn.chapter5.live.curves import plain_figure
from fastnn.chapter5.live.digits import SIDE, Answer
from fastnn.chapter5.live.runs import Frame
from fastnn.plots.style import INK, PAPER

# One for each hidden layer, from the inputs to the outputs; each stands out from the paper.
LAYER_COLORS = (
    *("#1b2a6b", "#0067b1", "#00848f", "#1f8a3b"),
    *("#7a7d00", "#b86500", "#d1344b", "#8a2d8f"),
)
_OUTPUT_COLOR = "#5f6368"

_NEURONS = 6  # of a hidden layer are shown, as in the book
_IMAGES_IN_A_ROW, _IMAGE_ROWS = 3, 5
_MOST = 1e38  # of what is sent as float32
_BLUE, _RED = (33, 102, 172), (178, 24, 43)
_TINTS = np.linspace(-1.0, 1.0, 65)
_DIVERGING = [  # from blue over white to red
    "#" + "".join(f"{round(255 + abs(t) * (c - 255)):02x}" for c in (_BLUE if t < 0 else _RED))
    for t in _TINTS
]
_INKS = [f"#{v:02x}{v:02x}{v:02x}" for v in range(255, 15, -6)]
_CELLS = ("x", "y", "width", "shade", "value", "name")


class Bars:
    """The picture of the book: |dC/db| of each neuron as a bar beside it."""

    def __init__(self) -> None:
        self.figure = plain_figure("bars", x_range=Range1d(0.6, 5.9), y_range=Range1d(-0.08, 1.08))
        self._bars, self._circles, self._edges = (ColumnDataSource() for _ in range(3))
        self._bars.data = {name: [] for name in ("left", "right", "y", "color", "value", "name")}
        self._circles.data = {"x": [], "y": [], "color": []}
        self._edges.data = {"xs": [], "ys": []}
        self.figure.multi_line(
            xs="xs", ys="ys", line_color=INK, line_alpha=0.12, source=self._edges
        )
        bars = self.figure.hbar(
            left="left", right="right", y="y", height=0.05, color="color", source=self._bars
        )
        self.figure.scatter(
            x="x", y="y", size=13, line_color="color", line_width=2, fill_color=PAPER,
            source=self._circles,
        )  # fmt: skip
        self.figure.add_tools(
            HoverTool(
                renderers=[bars], tooltips=[("", "@name"), ("|∂C/∂b|", "@value")], visible=False
            )
        )
        self.figure.xaxis.ticker = FixedTicker(ticks=[])
        self.figure.yaxis.visible = False
        self.figure.grid.visible = False
        self._layers: list[int] = []

    def draw(self, frame: Frame) -> None:
        """Draw the bars of the network as it is now, all on one scale."""
        sizes = [min(len(nabla_b), _NEURONS) for nabla_b in frame.gradient[:-1]]
        sizes.append(len(frame.gradient[-1]))
        colors = [*LAYER_COLORS[: len(sizes) - 1], _OUTPUT_COLOR]
        heights = [np.linspace(1, 0, size) if size > 1 else np.array([0.5]) for size in sizes]
        names = [f"hidden layer {i + 1}" for i in range(len(sizes) - 1)] + ["output layer"]
        if sizes != self._layers:
            self._draw_network(sizes, heights, colors)
        values = [np.abs(g[:size, 0]) for g, size in zip(frame.gradient, sizes, strict=True)]
        largest = max(float(np.max(v)) for v in values)
        left = np.concatenate([np.full(size, i + 1.0) for i, size in enumerate(sizes)])
        value = np.concatenate(values)
        self._bars.data = {
            "left": left,
            "right": left + 0.72 * value / (largest or 1.0),
            "y": np.concatenate(heights),
            "color": [
                color for color, size in zip(colors, sizes, strict=True) for _ in range(size)
            ],
            "value": value,
            "name": [
                f"{name}, neuron {k + 1}"
                for name, size in zip(names, sizes, strict=True)
                for k in range(size)
            ],
        }
        self.figure.xaxis.axis_label = f"hidden layer; the longest bar is {largest:.2g}"

    def _draw_network(self, sizes: list[int], heights: list[Any], colors: list[str]) -> None:
        """Draw circles and lines, which stay as they are while sizes do."""
        self._layers = sizes
        layers = range(len(sizes))
        self._circles.data = {
            "x": [i + 1 for i in layers for _ in range(sizes[i])],
            "y": np.concatenate(heights),
            "color": [colors[i] for i in layers for _ in range(sizes[i])],
        }
        lines = [(i, a, b) for i in layers[:-1] for a in heights[i] for b in heights[i + 1]]
        self._edges.data = {
            "xs": [[i + 1, i + 2] for i, _, _ in lines],
            "ys": [[a, b] for _, a, b in lines],
        }
        self.figure.x_range.end = len(sizes) + 0.95
        words = {**{i + 1: f"{i + 1}" for i in layers[:-1]}, len(sizes): "out"}
        _set_ticks(self.figure.xaxis, words)


class Weights:
    """Weights of the first hidden layer before training and now, each neuron's as an image."""

    def __init__(self) -> None:
        step = SIDE + 2
        self._shape = height, width = _IMAGE_ROWS * step - 2, _IMAGES_IN_A_ROW * step - 2
        places = {"before training": 0, "now": width + 8}
        self.figure = plain_figure(
            "weights",
            x_range=Range1d(0, places["now"] + width),
            y_range=Range1d(0, height),
        )
        self.figure.yaxis.visible = self.figure.grid.visible = False
        axis = self.figure.xaxis
        axis.ticker = FixedTicker(ticks=[left + width / 2 for left in places.values()])
        axis.major_label_overrides = dict(zip(axis.ticker.ticks, places, strict=True))
        axis.axis_line_color = axis.major_tick_line_color = None
        self._colors = LinearColorMapper(palette=_DIVERGING, low=-1, high=1, nan_color=PAPER)
        blank = np.full(self._shape, np.nan, np.float32)
        self._before, self._now = (ColumnDataSource({"image": [blank]}) for _ in places)
        for left, source in zip(places.values(), (self._before, self._now), strict=True):
            self.figure.image(
                "image", x=left, y=0, dw=width, dh=height, color_mapper=self._colors, source=source
            )
        self.figure.add_layout(
            ColorBar(color_mapper=self._colors, width=8, padding=4, margin=0), "right"
        )
        self._run: int | None = None

    def draw(self, frame: Frame) -> None:
        """Draw the weights as they are now, on a scale that holds all of them."""
        shown = slice(_IMAGES_IN_A_ROW * _IMAGE_ROWS)
        before, now = frame.initial_weights[shown], frame.network.weights[0][shown]
        largest = max(float(np.max(np.abs(weights))) for weights in (before, now)) or 1.0
        if not 0.7 < largest / self._colors.high <= 1.0:  # a scale that seldom changes
            self._colors.low, self._colors.high = -1.1 * largest, 1.1 * largest
        if frame.number != self._run:
            self._run = frame.number
            self._before.data = {"image": [self._sheet(before)]}
        self._now.data = {"image": [self._sheet(now)]}

    def _sheet(self, weights: Any) -> Any:
        """Return the images of neurons as one, the first row of them at its end."""
        sheet, step = np.full(self._shape, np.nan, np.float32), SIDE + 2
        for place, neuron in enumerate(weights):
            row, column = divmod(place, _IMAGES_IN_A_ROW)
            image = sheet[row * step :, column * step :]
            image[:SIDE, :SIDE] = np.clip(neuron, -_MOST, _MOST).reshape(SIDE, SIDE)
        return sheet[::-1].copy()


class Answers:
    """The activations of each layer for one image, a row of cells for each layer."""

    def __init__(self) -> None:
        self.figure = plain_figure("answers", x_range=Range1d(0, 1))
        self.figure.y_range = Range1d(0, 2)
        self.figure.grid.visible = False
        self.figure.axis.visible = False
        empty: dict[str, list[Any]] = {name: [] for name in _CELLS}
        self._cells = ColumnDataSource(empty)
        self._digits = ColumnDataSource({"x": [], "y": [], "text": [], "color": []})
        colors = LinearColorMapper(palette=_INKS, low=0.0, high=1.0)
        cells = self.figure.rect(
            x="x", y="y", width="width", height=0.8, line_color=INK, line_alpha=0.3,
            fill_color={"field": "shade", "transform": colors}, source=self._cells,
        )  # fmt: skip
        self.figure.text(
            x="x", y="y", text="text", text_color="color", text_align="center",
            text_baseline="middle", text_font_size="14px", source=self._digits,
        )  # fmt: skip
        self.figure.add_tools(
            HoverTool(renderers=[cells], tooltips=[("", "@name"), ("a", "@value")], visible=False)
        )
        self.figure.yaxis.ticker = FixedTicker(ticks=[])
        self._is_empty = True

    def draw(self, answer: Answer | None) -> None:
        """Draw the activations, those of a layer from its smallest to its largest."""
        if answer is None and self._is_empty:
            return
        self._is_empty = answer is None
        cells: dict[str, list[Any]] = {name: [] for name in _CELLS}
        digits: dict[str, list[Any]] = {"x": [], "y": [], "text": [], "color": []}
        layers = [] if answer is None else answer.layers
        for place, activations in enumerate(layers):
            y, n = len(layers) - place, len(activations)
            name = "output" if y == 1 else f"layer {place + 1}"
            bounded = activations.min() >= 0.0 and activations.max() <= 1.0
            low, high = (0.0, 1.0) if bounded else (activations.min(), activations.max())
            shades = (activations - low) / ((high - low) or 1.0)
            cells["x"] += [(k + 0.5) / n for k in range(n)]
            cells["y"] += [y] * n
            cells["width"] += [0.94 / n] * n
            cells["shade"] += shades.tolist()
            cells["value"] += activations.tolist()
            cells["name"] += [f"{name}, neuron {k + 1}" for k in range(n)]
            if y == 1:
                digits["x"] = [(k + 0.5) / n for k in range(n)]
                digits["y"] = [1] * n
                digits["text"] = [str(k) for k in range(n)]
                digits["color"] = [PAPER if shade > 0.5 else INK for shade in shades]
        self._cells.data, self._digits.data = cells, digits
        count = max(len(layers), 1)
        self.figure.y_range.end = count + 0.6
        self.figure.y_range.start = 0.4
        self.figure.yaxis.visible = bool(layers)
        words = {1: "out", **{count - place: f"{place + 1}" for place in range(count - 1)}}
        _set_ticks(self.figure.yaxis, words)


def _set_ticks(axes: Any, words: dict[int, str]) -> None:
    """Put words at places of a figure's axis, and nothing elsewhere.

    The axis remembers its earlier words: Bokeh 3.10 complains of any that was taken from it.
    """
    [axis] = axes
    axis.ticker.ticks = list(words)
    axis.major_label_overrides = {**axis.major_label_overrides, **words}
