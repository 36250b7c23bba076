"""Networks drawn as the book draws them, with what flows back through them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from fastnn.checks import integer
from fastnn.gradients import average_gradient
from fastnn.plots.style import INK, LOOKS, PAPER, array_of, axes_or_new

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from fastnn.network2 import Network

_RADIUS = 0.2  # of a neuron, where neighbours lie 1 apart
_GAP = 3.2  # from layer to layer
_LONGEST = 2.1  # bar


def gradient_bars(
    net: Network,
    data: Iterable[tuple[Any, Any]],
    *,
    neurons: int = 6,
    ax: Axes | None = None,
) -> Axes:
    """Draw a network's hidden layers with a bar on each neuron for the rate at which it learns.

    Parameters
    ----------
    net : Network
    data : Dataset or iterable of (x, y)
        Examples; the gradient is averaged over them.
    neurons : int, optional
        How many of each layer are drawn, from the top.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    TypeError, ValueError
        If `net` has no hidden layer, `data` are no examples for it, or `neurons` is no positive
        integer.
    """
    nabla_b, _ = average_gradient(net, data)
    return gradient_bars_of(nabla_b, neurons=neurons, ax=ax)


def gradient_bars_of(
    nabla_b: Sequence[npt.ArrayLike], *, neurons: int = 6, ax: Axes | None = None
) -> Axes:
    """Draw the diagram of `gradient_bars` from gradients that are known already.

    Parameters
    ----------
    nabla_b : list of array_like, shape (neurons of the layer, 1)
        The averaged dC/db, one array for each layer after the inputs; the output layer, the last
        one, is not drawn, as in the book.
    neurons : int, optional
        How many of each layer are drawn, from the top.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib Axes
        The length of a bar is |dC/db|, to the scale that the figure states.

    Raises
    ------
    TypeError, ValueError
        If `nabla_b` are no such arrays, or `neurons` is no positive integer.
    """
    neurons = integer("neurons", neurons, smallest=1)
    rates = [
        np.abs(array_of(f"nabla_b[{layer}]", nabla, "(neurons, 1)", dimensions=2)).ravel()
        for layer, nabla in enumerate(nabla_b)
    ][:-1]
    if not rates:
        raise ValueError("nabla_b must be of one hidden layer or more and the outputs")
    shown = [layer[:neurons] for layer in rates]
    rows = max(len(layer) for layer in shown)
    ax = axes_or_new(ax, (0.6 + 1.9 * len(shown), 0.9 + 0.42 * rows))
    scale = _LONGEST / max(float(max(layer.max() for layer in shown)), np.finfo(float).tiny)
    for place, layer in enumerate(shown):
        x = place * _GAP
        if place:
            _connect(ax, len(shown[place - 1]), len(layer), x)
        for row, rate in enumerate(layer):
            _neuron(ax, x, -row)
            ax.barh(
                -row,
                rate * scale,
                left=x,
                height=0.22,
                color=LOOKS[3].color,
                zorder=4,
            )
        _text(ax, x, 1.25, f"Hidden layer {place + 1}", size=10)
        speed = float(np.linalg.norm(rates[place]))
        _text(ax, x, 0.75, f"‖δ{_superscript(place + 1)}‖ = {speed:.2g}", size=9)
        if len(layer) < len(rates[place]):
            _text(ax, x, -rows + 0.05, "⋮", size=12)
    _scale_bar(ax, -rows - 0.75, scale)
    ax.set_xlim(-0.9, (len(shown) - 1) * _GAP + _LONGEST + 0.5)
    ax.set_ylim(-rows - 1.1, 1.75)
    ax.set_aspect("equal")
    ax.axis("off")
    return ax


def chain(
    slopes: npt.ArrayLike, weights: npt.ArrayLike, cost_slope: float, *, ax: Axes | None = None
) -> Axes:
    """Draw a network of one neuron per layer, each factor of dC/db1 above what it comes from.

    Parameters
    ----------
    slopes : array_like, shape (layers,)
        sigma'(z) of the neurons, outputs last.
    weights : array_like, shape (layers - 1,)
        Those between the neurons: w2, w3, ...
    cost_slope : float
        dC/da of the output.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib Axes
        With the product below: the book's equation 122.

    Raises
    ------
    TypeError, ValueError
        If the arrays are no finite numbers of these shapes.
    """
    at_neurons = array_of("slopes", slopes, "(layers,)", dimensions=1)
    layers = len(at_neurons)
    between = numbers_between(weights, layers)
    ax = axes_or_new(ax, (1.1 + 1.2 * layers, 1.5))
    gap = 2.6
    for layer, slope in enumerate(at_neurons):
        x = layer * gap
        _neuron(ax, x, 0.0, radius=0.42)
        _text(ax, x, 0, f"$b_{layer + 1}$", size=10)
        _text(ax, x, 0.95, f"$\\sigma'(z_{layer + 1})$", size=9.5)
        _text(ax, x, 1.5, f"{slope:.3g}", size=9)
        _arrow(ax, x + 0.42, x + gap - (0.42 if layer < layers - 1 else 0.35))
        if layer < layers - 1:
            _text(ax, x + gap / 2, 0.95, f"$w_{layer + 2}$", size=9.5)
            _text(ax, x + gap / 2, 1.5, f"{between[layer]:.3g}", size=9)
    end = layers * gap
    _text(ax, end, 0, "$C$", size=10)
    _text(ax, end, 0.95, f"$\\partial C/\\partial a_{layers}$", size=9.5)
    _text(ax, end, 1.5, f"{cost_slope:.3g}", size=9)
    product = float(np.prod(at_neurons) * np.prod(between) * cost_slope)
    _text(ax, end / 2, -1.1, f"$\\partial C/\\partial b_1$ = {product:.3g}", size=10)
    ax.set_xlim(-0.8, end + 0.9)
    ax.set_ylim(-1.5, 1.9)
    ax.set_aspect("equal")
    ax.axis("off")
    return ax


def numbers_between(weights: npt.ArrayLike, layers: int) -> npt.NDArray[np.float64]:
    """Check the weights of a chain: one fewer than it has neurons, which may be none."""
    array = np.asarray(weights, dtype=np.float64)
    if array.shape != (layers - 1,) or not np.isfinite(array).all():
        raise ValueError(f"weights must be finite and of shape ({layers - 1},), got {array.shape}")
    return array


def _neuron(ax: Axes, x: float, y: float, radius: float = _RADIUS) -> None:
    from matplotlib.patches import Circle

    ax.add_patch(
        Circle((x, y), radius, facecolor=PAPER, edgecolor=INK, linewidth=1.1, zorder=3)
    )


def _connect(ax: Axes, before: int, after: int, x: float) -> None:
    """Draw the weights between two layers, the right one at `x`."""
    for left in range(before):
        for right in range(after):
            ax.plot(
                [x - _GAP, x], [-left, -right], color=INK, alpha=0.25, linewidth=0.5, zorder=1
            )


def _arrow(ax: Axes, start: float, end: float) -> None:
    ax.annotate(
        "",
        (end, 0),
        xytext=(start, 0),
        arrowprops={"arrowstyle": "-|>", "color": INK, "linewidth": 1, "shrinkA": 0, "shrinkB": 0},
    )


def _text(ax: Axes, x: float, y: float, text: str, size: float) -> None:
    ax.text(x, y, text, color=INK, fontsize=size, ha="center", va="center")


def _scale_bar(ax: Axes, y: float, scale: float) -> None:
    """Draw a bar of a round length, and say which."""
    longest = _LONGEST / scale
    power = 10.0 ** np.floor(np.log10(longest))
    length = max(step * power for step in (1, 2, 5) if step * power <= longest)
    ax.barh(y, length * scale, left=0, height=0.22, color=LOOKS[3].color)
    ax.text(
        length * scale + 0.15,
        y,
        f"|∂C/∂b| = {length:g}",
        color=INK,
        fontsize=9,
        va="center",
    )


def _superscript(number: int) -> str:
    return str(number).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
