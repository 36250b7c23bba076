"""Figures of the sigmoid, and of the factor |w sigma'(z)| that each layer puts into a gradient."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from fastnn.common.checks import describe
from fastnn.model.activations import sigmoid, sigmoid_prime
from fastnn.plots.style import INK, LOOKS, PAPER, array_of, axes_or_new, label, legend, note

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_FACTOR = "|w σ′(wa + b)|"
_WIDEST = 10.0  # factors on a linear axis, where bars are 1/40 wide
_MOST_BARS = 100  # on a logarithmic one


def activation_curve(name: str = "sigmoid", *, ax: Axes | None = None) -> Axes:
    """Draw an activation and its slope.

    Parameters
    ----------
    name : {"sigmoid", "tanh", "relu"}, optional
        The sigmoid's greatest slope, 1/4 at z = 0, is marked.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    ValueError
        If `name` is none of these.
    """
    z = np.linspace(-6, 6, 481)
    curves = {
        "sigmoid": (sigmoid(z), sigmoid_prime(z), "σ(z)", "σ′(z)"),
        "tanh": (np.tanh(z), 1 - np.tanh(z) ** 2, "tanh z", "tanh′ z"),
        "relu": (np.maximum(z, 0), (z > 0).astype(np.float64), "max(0, z)", "its slope"),
    }
    if name not in curves:
        raise ValueError(f"name must be one of {', '.join(curves)}, got {describe(name)}")
    values, slopes, of_values, of_slopes = curves[name]
    ax = axes_or_new(ax)
    for curve, text, (color, linestyle, _) in (
        (values, of_values, LOOKS[0]),
        (slopes, of_slopes, LOOKS[3]),
    ):
        ax.plot(z, curve, color=color, linestyle=linestyle, linewidth=2, label=text)
    if name == "sigmoid":
        ax.plot([0], [0.25], color=LOOKS[3].color, marker="o", markersize=5)
        note(ax, "1/4 at z = 0", (0, 0.25), (10, 6))
    label(ax, "weighted input z", "value")
    legend(ax)
    return ax


def factor_map(*, ax: Axes | None = None) -> Axes:
    """Draw for which inputs a weight lets the gradient grow, |w sigma'(wa + b)| >= 1.

    Parameters
    ----------
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib Axes
        The factor over |w| and over the distance of the input a from -b/w, where z = 0. A line
        shows where the factor is 1, another one where the interval of inputs is widest.
    """
    w = np.linspace(0.0, 30.0, 301)
    distance = np.linspace(-0.4, 0.4, 241)
    factor = w * sigmoid_prime(w * distance[:, None])
    ax = axes_or_new(ax)
    mesh = ax.pcolormesh(w, distance, factor, cmap="cividis", shading="gouraud", rasterized=True)
    ax.contour(w, distance, factor, levels=[1.0], colors=["white"], linewidths=1.8)
    inside = w[w >= 4]
    half = np.array([_half_width(weight) for weight in inside])
    widest = int(np.argmax(half))
    ax.plot(
        [inside[widest]] * 2,
        [-half[widest], half[widest]],
        color="white",
        linewidth=1.2,
        linestyle=LOOKS[3].linestyle,
    )
    ax.text(
        inside[widest] + 0.5,
        0,
        f"widest: {2 * half[widest]:.2f}\nat |w| = {inside[widest]:.1f}",
        color="white",
        fontsize=9,
        va="center",
    )
    ax.text(29.3, 0.27, f"{_FACTOR} < 1", color="white", fontsize=9, ha="right")
    ax.text(29.3, 0.015, "≥ 1", color="black", fontsize=9, ha="right", va="center")
    colorbar = ax.figure.colorbar(mesh, ax=ax, pad=0.02)
    colorbar.set_label(_FACTOR, color=INK, fontsize=10)
    colorbar.ax.tick_params(colors=INK, labelsize=9.5)
    colorbar.outline.set_visible(False)
    label(ax, "size of the weight, |w|", "input from the middle, a + b/w", grid=None)
    return ax


def _half_width(weight: float) -> float:
    """Return how far the input may lie from -b/w: the d with w sigma'(w d) = 1, for w >= 4."""
    root = np.sqrt(1 - 4 / weight)
    return float(np.log((1 + root) / (1 - root)) / weight)


def interval_width(
    weights: npt.ArrayLike,
    widths: npt.ArrayLike,
    *,
    numeric: npt.ArrayLike | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the width of the interval of inputs with ``|w sigma'(wa + b)| >= 1``, by weight.

    Parameters
    ----------
    weights : array_like, shape (weights,)
        Sizes |w|.
    widths : array_like, shape (weights,)
        Widths by the closed form.
    numeric : array_like, shape (weights,), optional
        Widths found numerically, drawn as points.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib Axes
        The widest interval is marked.

    Raises
    ------
    TypeError, ValueError
        If the arrays differ in shape, or do not hold finite numbers.
    """
    x = array_of("weights", weights, "(weights,)", dimensions=1)
    curves = {"widths": array_of("widths", widths, f"({len(x)},)", dimensions=1)}
    if numeric is not None:
        curves["numeric"] = array_of("numeric", numeric, f"({len(x)},)", dimensions=1)
    for name, curve in curves.items():
        if curve.shape != x.shape:
            raise ValueError(f"{name} must have the shape {x.shape} of weights, got {curve.shape}")
    ax = axes_or_new(ax)
    width = curves["widths"]
    ax.plot(x, width, color=LOOKS[0].color, linewidth=2, label="closed form")
    if "numeric" in curves:
        every = slice(None, None, max(1, len(x) // 20))
        ax.plot(
            x[every],
            curves["numeric"][every],
            color=LOOKS[3].color,
            marker=LOOKS[3].marker,
            markersize=4,
            linestyle="none",
            label="numeric",
        )
    top = int(np.argmax(width))
    ax.plot([x[top]], [width[top]], color=INK, marker="o", markersize=5, zorder=4)
    note(ax, f"{width[top]:.2f} at |w| = {x[top]:.1f}", (x[top], width[top]), (10, 8))
    ax.set_ylim(0, 1.15 * width[top])
    label(ax, "size of the weight, |w|", "width of the interval of inputs a")
    legend(ax)
    return ax


def factor_histogram(factors: npt.ArrayLike, *, ax: Axes | None = None) -> Axes:
    """Draw a histogram of the factors |w sigma'(z)|, with the chapter's bound of 1/4.

    Parameters
    ----------
    factors : array_like, shape (factors,)
        Values of |w sigma'(z)|, at least 0.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib Axes
        The legend says which share of the factors lies below 1/4. The axis is logarithmic if some
        factors are above 10.

    Raises
    ------
    TypeError, ValueError
        If `factors` has another shape, or holds numbers below 0 or not finite.
    """
    values = array_of("factors", factors, "(factors,)", dimensions=1)
    if values.min() < 0:
        raise ValueError(f"factors must not be below 0, got {values.min():g}")
    ax = axes_or_new(ax)
    top = max(0.5, float(np.quantile(values, 0.999)))
    if top <= _WIDEST:
        edges = np.linspace(0, 0.25 * np.ceil(top / 0.25), 1 + 10 * int(np.ceil(top / 0.25)))
    else:
        edges = _growing(float(np.quantile(values[values > 0], 0.001)), top)
        ax.set_xscale("log")
    counts, _ = np.histogram(values, edges)
    share = 100 * counts / values.size
    small = edges[1:] <= 0.25 + 1e-9
    for which, (color, _, _), hatch, text in (
        (small, LOOKS[0], None, "below 1/4"),
        (~small, LOOKS[3], "////", "1/4 or more"),
    ):
        part = np.mean(values < 0.25) if hatch is None else np.mean(values >= 0.25)
        ax.bar(
            edges[:-1][which],
            share[which],
            width=np.diff(edges)[which],
            align="edge",
            facecolor=color,
            edgecolor=PAPER,
            linewidth=0.5,
            hatch=hatch,
            label=f"{100 * part:.1f} % {text}",
        )
    ax.axvline(0.25, color=INK, linewidth=1, linestyle=LOOKS[1].linestyle)
    label(ax, "|w σ′(z)|", "share of the factors (%)")
    legend(ax)
    return ax


def _growing(low: float, high: float) -> npt.NDArray[np.float64]:
    """Return edges of equal ratios from below `low` to above `high`; 1/4 is one of them."""
    first, last = (10 * np.log10(end / 0.25) for end in (min(low, 0.1), high))
    step = np.ceil((last - first) / _MOST_BARS)
    places = np.arange(np.floor(first / step), np.ceil(last / step) + 1)
    edges: npt.NDArray[np.float64] = 0.25 * 10 ** (step * places / 10)
    return edges
