"""Networks drawn as in the book, with the gradients that flow back through them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from fastnn.common.checks import integer, real
from fastnn.common.numerals import subscript, superscript, written
from fastnn.gradients import average_gradient
from fastnn.plots.style import INK, LOOKS, PAPER, SIZE, array_of, axes_or_new

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from fastnn.network2 import Network

_RADIUS = 12  # of a neuron in a chain, points
_LONGEST = 0.62  # length of the longest bar; layers are 1 apart
_BESIDE = 0.09  # where a bar begins, right of the middle of its neuron
_BAR: dict[str, Any] = {
    "color": LOOKS[3].color,
    "linewidth": 5,
    "solid_capstyle": "butt",
    "zorder": 4,
}


def gradient_bars(
    net: Network,
    data: Iterable[tuple[Any, Any]],
    *,
    neurons: int = 6,
    scale: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw a network's hidden layers, with a bar on each neuron that shows how fast it learns.

    Parameters
    ----------
    net : Network
    data : Dataset or iterable of (x, y)
        Examples; the gradient is averaged over them.
    neurons : int, optional
        How many neurons of each layer to draw, from the top.
    scale : float, optional
        The |dC/db| of a bar of full length; by default, the largest one drawn. Give several
        diagrams the same scale to compare them.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    TypeError, ValueError
        If `net` has no hidden layer, its `data` do not fit it, `neurons` is not a positive
        integer, or `scale` is shorter than a bar.
    """
    nabla_b, _ = average_gradient(net, data)
    return gradient_bars_of(nabla_b, neurons=neurons, scale=scale, ax=ax)


def gradient_bars_of(
    nabla_b: Sequence[npt.ArrayLike],
    *,
    neurons: int = 6,
    scale: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the diagram of `gradient_bars` from gradients that are already known.

    Parameters
    ----------
    nabla_b : list of array_like, shape (neurons of the layer, 1)
        The averaged dC/db, one array for each layer after the inputs. The output layer comes last
        and is not drawn, as in the book.
    neurons : int, optional
        How many neurons of each layer to draw, from the top.
    scale : float, optional
        The |dC/db| of a bar of full length; by default, the largest one drawn. Give several
        diagrams the same scale to compare them.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib Axes
        The length of a bar is |dC/db|; the figure states the scale.

    Raises
    ------
    TypeError, ValueError
        If `nabla_b` has other arrays, `neurons` is not a positive integer, or `scale` is shorter
        than a bar.
    """
    neurons = integer("neurons", neurons, smallest=1)
    rates = rates_of(nabla_b)
    shown = [layer[:neurons] for layer in rates]
    rows = max(len(layer) for layer in shown)
    length = _LONGEST / _full_length(scale, float(max(layer.max() for layer in shown)))
    ax = axes_or_new(ax)
    for place, layer in enumerate(shown):
        if place:
            _connect(ax, len(shown[place - 1]), len(layer), place)
        for row, rate in enumerate(layer):
            _neuron(ax, place, -row, points=11)
            start = place + _BESIDE
            ax.plot([start, start + rate * length], [-row, -row], **_BAR)
        _text(ax, place, 1.3, f"Hidden layer {place + 1}", size=9.5)
        speed = written(float(f"{np.linalg.norm(rates[place]):.2g}"))
        _text(ax, place, 0.75, f"‖δ{superscript(place + 1)}‖ = {speed}", size=9)
        if len(layer) < len(rates[place]):
            _text(ax, place, -rows + 0.1, "⋮", size=12)
    _scale_bar(ax, -rows - 0.75, length)
    ax.set_xlim(-0.45, len(shown) - 1 + _BESIDE + _LONGEST + 0.05)
    ax.set_ylim(-rows - 1.0, 1.6)
    ax.axis("off")
    return ax


def rates_of(nabla_b: Sequence[npt.ArrayLike]) -> list[npt.NDArray[np.float64]]:
    """Return |dC/db| of every neuron in each hidden layer, shape (neurons,)."""
    rates = [
        np.abs(array_of(f"nabla_b[{layer}]", nabla, "(neurons, 1)", dimensions=2)).ravel()
        for layer, nabla in enumerate(nabla_b)
    ]
    if len(rates) < 2:
        raise ValueError(
            "nabla_b must have an array for at least one hidden layer and the outputs, "
            f"got {len(rates)}"
        )
    return rates[:-1]


def _full_length(scale: float | None, longest: float) -> float:
    """Return the |dC/db| of a bar of full length."""
    if scale is None:
        return max(longest, float(np.finfo(float).tiny))
    scale = real("scale", scale)
    if not longest <= scale or not 0 < scale < np.inf:
        raise ValueError(
            f"scale must not be shorter than the longest bar, {longest:g}, got {scale}"
        )
    return scale


def chain(
    slopes: npt.ArrayLike, weights: npt.ArrayLike, cost_slope: float, *, ax: Axes | None = None
) -> Axes:
    """Draw a network of one neuron per layer, with each factor of dC/db1 at its source.

    Parameters
    ----------
    slopes : array_like, shape (layers,)
        sigma'(z) of each neuron; the output comes last.
    weights : array_like, shape (layers - 1,)
        The weights between the neurons: w2, w3, ...
    cost_slope : float
        dC/da of the output.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib Axes
        Slopes stand above their neurons, weights below their arrows. The product, the book's
        equation 122, stands below.

    Raises
    ------
    TypeError, ValueError
        If the arrays have other shapes, or do not hold finite numbers.
    """
    at_neurons = array_of("slopes", slopes, "(layers,)", dimensions=1)
    layers = len(at_neurons)
    between = _between(weights, layers)
    ax = axes_or_new(ax, (SIZE[0], 2.1))
    for layer, slope in enumerate(at_neurons):
        x = layer
        _arrow(ax, x, x + 1)
        _neuron(ax, x, 0, points=2 * _RADIUS)
        _text(ax, x, 0, f"b{subscript(layer + 1)}", size=10)
        _text(ax, x, 0.95, f"σ′(z{subscript(layer + 1)})", size=9.5)
        _text(ax, x, 1.5, written(slope), size=9)
        if layer < layers - 1:
            _text(ax, x + 0.5, -0.6, f"w{subscript(layer + 2)}", size=9.5)
            _text(ax, x + 0.5, -1.15, written(between[layer]), size=9)
    end = layers
    _text(ax, end, 0, "C", size=10)
    _text(ax, end, 0.95, f"∂C/∂a{subscript(layers)}", size=9.5)
    _text(ax, end, 1.5, written(cost_slope), size=9)
    product = float(np.prod(at_neurons) * np.prod(between) * cost_slope)
    _text(ax, end / 2, -2.0, f"∂C/∂b₁ = {written(product)}", size=10)
    ax.set_xlim(-0.35, end + 0.35)
    ax.set_ylim(-2.4, 1.9)
    ax.axis("off")
    return ax


def _between(weights: npt.ArrayLike, layers: int) -> npt.NDArray[np.float64]:
    """Check the weights of a chain, one fewer than its neurons; there may be none."""
    array = np.asarray(weights, dtype=np.float64)
    if array.shape != (layers - 1,) or not np.isfinite(array).all():
        raise ValueError(f"weights must be finite and of shape ({layers - 1},), got {array.shape}")
    return array


def _neuron(ax: Axes, x: float, y: float, points: float) -> None:
    """Draw a circle, `points` wide, that stays round whatever the shape of the figure."""
    ax.plot(
        [x],
        [y],
        linestyle="none",
        marker="o",
        markersize=points,
        markerfacecolor=PAPER,
        markeredgecolor=INK,
        markeredgewidth=1.1,
        zorder=3,
    )


def _connect(ax: Axes, before: int, after: int, x: float) -> None:
    """Draw the weights between two layers; the right one is at `x`."""
    for left in range(before):
        for right in range(after):
            ax.plot([x - 1, x], [-left, -right], color=INK, alpha=0.6, linewidth=0.4, zorder=1)


def _arrow(ax: Axes, start: float, end: float) -> None:
    ax.annotate(
        "",
        (end, 0),
        xytext=(start, 0),
        arrowprops={"arrowstyle": "-|>", "color": INK, "shrinkA": _RADIUS, "shrinkB": _RADIUS},
    )


def _text(ax: Axes, x: float, y: float, text: str, size: float) -> None:
    ax.text(x, y, text, color=INK, fontsize=size, ha="center", va="center")


def _scale_bar(ax: Axes, y: float, scale: float) -> None:
    """Draw a bar whose length is a round number, and write the number beside it."""
    longest = _LONGEST / scale
    power = 10.0 ** np.floor(np.log10(longest))
    length = max(step * power for step in (1, 2, 5) if step * power <= longest)
    ax.plot([0, length * scale], [y, y], **_BAR)
    ax.text(
        length * scale + 0.05,
        y,
        f"|∂C/∂b| = {written(length)}",
        color=INK,
        fontsize=9,
        va="center",
    )
