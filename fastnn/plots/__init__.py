"""Figures of networks and of their training, after those of the book's chapter 5.

Each function draws on ``ax`` if it is given, or else on a new figure, and returns the matplotlib
Axes. ``pip install 'fastnn-jit[plot]'`` installs matplotlib.

From the bottom up:

- `style`: the look that all figures share.
- `layers`: what differs from layer to layer.
- `diagrams`: networks as the book draws them.
- `functions`: the sigmoid, and the factors of a gradient.
- `comparisons`: results beside each other, and beside the book's.
- `circuits`: logic circuits, and how many gates they need.
- `training`: how training went.
- `pictures`: examples and weights as small images.
- `sweeps`: many networks.
- `rendering`: files of figures.
- `motion`: files of figures that move.
"""

from fastnn.plots.circuits import circuit, gates_against_bits
from fastnn.plots.comparisons import (
    accuracy_against_depth,
    confusion,
    curves,
    dot_plot,
)
from fastnn.plots.diagrams import chain, gradient_bars, gradient_bars_of
from fastnn.plots.functions import (
    activation_curve,
    factor_histogram,
    factor_map,
    interval_width,
)
from fastnn.plots.layers import (
    layer_speeds,
    norms_against_depth,
    saturation,
    speed_ratios,
    speeds_by_layer,
)
from fastnn.plots.motion import animate
from fastnn.plots.pictures import images, mistakes, weights
from fastnn.plots.rendering import Picture, render
from fastnn.plots.sweeps import comparison, sweep
from fastnn.plots.training import history

__all__ = [
    "Picture",
    "accuracy_against_depth",
    "activation_curve",
    "animate",
    "chain",
    "circuit",
    "comparison",
    "confusion",
    "curves",
    "dot_plot",
    "factor_histogram",
    "factor_map",
    "gates_against_bits",
    "gradient_bars",
    "gradient_bars_of",
    "history",
    "images",
    "interval_width",
    "layer_speeds",
    "mistakes",
    "norms_against_depth",
    "render",
    "saturation",
    "speed_ratios",
    "speeds_by_layer",
    "sweep",
    "weights",
]
